"""The monitor is grouped by more facets than its type takes.

## What
Monitors of logs, events, RUM, traces, databases and CI are grouped by up to four facets. A metric monitor has no such
limit.

## Why
Datadog takes no fifth facet. With four, it looks at the five biggest values of each: groups beyond these never alert.

## Example
```yaml
id: errors
name: Errors
type: log alert
query: logs("status:error").index("main").rollup("count").by("env,service,version,host,@http.url").last("5m") > 10
message: Too many errors of {{service.name}} @slack-team
```

## Use instead
```yaml
id: errors
name: Errors
type: log alert
query: logs("status:error").index("main").rollup("count").by("env,service").last("5m") > 10
message: Too many errors of {{service.name}} @slack-team
```

## Source
https://docs.datadoghq.com/monitors/types/log/, https://docs.datadoghq.com/monitors/types/event/,
https://docs.datadoghq.com/monitors/types/real_user_monitoring/, https://docs.datadoghq.com/monitors/types/apm/,
https://docs.datadoghq.com/monitors/types/database_monitoring/ and https://docs.datadoghq.com/monitors/types/ci/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.checks.groups import keys_of
from ddguard.findings import Severity
from ddguard.query.nodes import EventMonitor

TYPES = frozenset(
    {"ci-pipelines alert", "ci-tests alert", "database-monitoring alert", "event-v2 alert", "log alert", "rum alert"}
    | {"trace-analytics alert"}
)
MOST = 4


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Counts the facets of `.by(...)`."""
    if subject.monitor.type not in TYPES or not isinstance(subject.query, EventMonitor):
        return
    keys = keys_of(subject.query, subject.options) or ()
    if len(keys) > MOST:
        message = f"grouped by {len(keys)} facets: Datadog takes up to {MOST}"
        yield found_in_query(subject.calls("by")[-1], message, "leave those out that the message doesn't name")


CHECK = Check("DDG133", "many-groups", Severity.WARNING, Theme.QUERY, __doc__, examine)
