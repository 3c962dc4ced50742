"""The adapter to Datadog's API, the only user of datadog-api-client and urllib3.

`settings_from` makes settings of environment variables, `Datadog` is the account behind them.
"""

from ddguard.datadog.client import OVER, Datadog
from ddguard.datadog.creation import Created
from ddguard.datadog.readers import Readers
from ddguard.datadog.settings import SITES, Credentials, Patience, Settings, settings_from
from ddguard.datadog.waiting import Clock

__all__ = [
    "OVER",
    "SITES",
    "Clock",
    "Created",
    "Credentials",
    "Datadog",
    "Patience",
    "Readers",
    "Settings",
    "settings_from",
]
