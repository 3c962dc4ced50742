"""`ddguard init`."""

from pathlib import Path

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say
from ddguard.errors import ExitCode, UsageError

FILES = {
    "ddguard.yaml": """\
project: example                       # part of the identity of everything that ddguard creates
default_environment: staging
variables: {errors_per_minute: 10}     # tunable: --var errors_per_minute=20, DDGUARD_VAR_ERRORS_PER_MINUTE=20
environments:
  staging: {variables: {errors_per_minute: 50}}
  prod: {}
tags: [team:example]                   # added to every monitor
""",
    "checkout/error-burst.yaml": """\
id: checkout-error-burst
name: "Checkout errors by {{region.name}}"
type: query alert
query: sum(last_5m):sum:checkout.errors{env:${env}} by {region}.as_count() > ${errors_per_minute}
message: |
  {{#is_alert}}
  {{value}} checkouts failed within five minutes in {{region.name}}; {{threshold}} are allowed.
  Runbook: https://runbooks.example.com/checkout#error-burst
  @slack-example
  {{/is_alert}}
  {{#is_recovery}}
  Checkouts work again in {{region.name}}. @slack-example
  {{/is_recovery}}
tags: [service:checkout]
priority: 2
options:
  thresholds: {critical: "${errors_per_minute}"}
  on_missing_data: default
  include_tags: true
  notify_audit: false
  require_full_window: false
""",
    "checkout/error-burst.test.yaml": """\
tests:
  - name: a burst alerts once for its region and recovers, the quiet region never alerts
    monitor: checkout-error-burst
    variables: {errors_per_minute: 10}
    series:
      - {metric: checkout.errors, type: count, tags: [env:staging, region:eu], values: "0x9 5x4 0x20"}
      - {metric: checkout.errors, type: count, tags: [env:staging, region:us], values: "1x34"}
    expect:
      - {group: "region:eu", transitions: [{at: 12m, to: Alert}, {at: 17m, to: OK}]}
      - {group: "region:us", never: [Alert]}
""",
}


@click.command("init")
@click.argument("directory_to_make", metavar="[DIR]", default="monitors")
@common_options("text")
def command(common: Common, directory_to_make: str) -> int:
    """Write a small project into DIR (monitors): a monitor, its test and a ddguard.yaml that say what is what.

    Nothing that is there already is overwritten.
    """
    folder = Path(directory_to_make)
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise UsageError(f"{folder / there[0]} is there already", "name another folder")
    for name, text in FILES.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path} can't be written: {error.strerror}") from None
        emit(str(path))
    say(f"next: `ddguard validate --dir {folder}` and `ddguard test --dir {folder}`", common)
    return ExitCode.DONE
