"""A metric from a cloud provider is evaluated before it has arrived.

## What
The query reads a metric that Datadog fetches from AWS, Azure or Google Cloud, and `evaluation_delay` is less than 900
seconds.

## Why
Such metrics are fetched every few minutes and arrive late. Without a delay the window is half empty: alerts flap, and
No Data is told. Datadog advises 900 seconds. Where metrics are streamed instead (CloudWatch Metric Streams) less is
enough: `ignore` this then.

## Example
```yaml
id: elb
name: Load balancer errors
type: query alert
query: sum(last_15m):sum:aws.elb.httpcode_elb_5xx{env:prod}.as_count() > 50
message: Too many errors @slack-team
```

## Use instead
```yaml
id: elb
name: Load balancer errors
type: query alert
query: sum(last_15m):sum:aws.elb.httpcode_elb_5xx{env:prod}.as_count() > 50
message: Too many errors @slack-team
options:
  evaluation_delay: 900
```

## Source
https://docs.datadoghq.com/monitors/configuration/ and
https://docs.datadoghq.com/integrations/guide/cloud-metric-delay/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme, found_in_query
from ddguard.findings import Severity
from ddguard.query.nodes import MetricQuery

PREFIXES = ("aws.", "azure.", "gcp.")
FROM_AGENTS = ("azure.iot_edge.",)
"""What begins alike and comes from Datadog's Agent, at once."""

ADVISED = 900
"""Seconds."""


def examine(subject: Subject, _: Surroundings) -> Iterator[Found]:
    """Looks for the first metric of a cloud provider."""
    if (subject.number("evaluation_delay") or 0) >= ADVISED:
        return
    for query in subject.found(MetricQuery):
        if query.metric.startswith(PREFIXES) and not query.metric.startswith(FROM_AGENTS):
            message = f"{query.metric} arrives late from the cloud provider"
            yield found_in_query(query, message, f"options.evaluation_delay: {ADVISED} waits for it")
            return


CHECK = Check("DDG209", "cloud-metric-delay", Severity.INFO, Theme.OPTIONS, __doc__, examine)
