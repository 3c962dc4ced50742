"""Notifications carry samples of raw logs or events.

## What
`enable_logs_sample` or `enable_samples` is on.

## Why
Datadog adds up to ten matching logs or events to each notification, as they are: with whatever your services wrote into
them, to everybody whom the alert notifies.

## Example
```yaml
id: refunds
name: Failed refunds
type: log alert
query: logs("service:refunds status:error").index("*").rollup("count").last("5m") > 10
message: Refunds fail, see https://runbooks.example.com/refunds @slack-team
tags: [team:payments]
priority: 3
options:
  enable_logs_sample: true
```

## Use instead
```yaml
id: refunds
name: Failed refunds
type: log alert
query: logs("service:refunds status:error").index("*").rollup("count").last("5m") > 10
message: Refunds fail, see https://runbooks.example.com/refunds @slack-team
tags: [team:payments]
priority: 3
options:
  enable_logs_sample: false
```

## Source
https://docs.datadoghq.com/monitors/guide/monitor_api_options/ and https://docs.datadoghq.com/monitors/types/log/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_at_option
from ddguard.findings import Severity

OPTIONS = ("enable_logs_sample", "enable_samples")


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks at the options that add samples."""
    for option in OPTIONS:
        if subject.options.get(option) is True:
            hint = "link to the logs with {{log.link}}: whoever may see them sees them there"
            yield found_at_option(f"{option} sends raw logs or events to everybody who is notified", hint, option)


CHECK = Check("DDG407", "raw-samples", Severity.WARNING, Theme.PRIVACY, __doc__, examine)
