"""`ddguard init`."""

import shlex
from pathlib import Path

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say
from ddguard.errors import ExitCode, UsageError
from ddguard.spec.files import PROJECT_FILE

FOUND = (Path(), Path("monitors"))
"""Folders in which a command finds a project by itself."""

FILES = {
    "ddguard.yaml": """\
project: example                       # part of the identity of everything that ddguard creates
default_environment: staging
variables: {error_limit: 10}           # tunable: --var error_limit=20, DDGUARD_VAR_ERROR_LIMIT=20
environments:
  staging: {variables: {error_limit: 50}}
  prod: {}
tags: [team:example]                   # added to every monitor
""",
    "checkout/error-burst.yaml": """\
id: checkout-error-burst
name: "Checkout errors by {{region.name}}"
type: query alert
query: sum(last_5m):sum:checkout.errors{env:${env}} by {region}.as_count() > ${error_limit}
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
  thresholds: {critical: "${error_limit}"}
  on_missing_data: default
  include_tags: true
  notify_audit: false
  require_full_window: false
""",
    "checkout/error-burst.test.yaml": """\
# Sums are of the five values up to the round, one a minute: more than 10 of them alert.
tests:
  - name: a burst alerts once for its region and recovers, the quiet region never alerts
    monitor: checkout-error-burst
    environment: staging
    variables: {error_limit: 10}
    series:
      - {metric: checkout.errors, type: count, tags: [env:staging, region:eu], values: "0x9 5x4 0x20"}
      - {metric: checkout.errors, type: count, tags: [env:staging, region:us], values: "1x34"}
    expect:
      - {at: 11m, group: "region:eu", state: OK, value: 10}
      - {group: "region:eu", transitions: [{at: 12m, to: Alert}, {at: 17m, to: OK}]}
      - {group: "region:eu", notifications: [{at: 12m, kind: alert}, {at: 17m, kind: recovery}]}
      - {group: "region:us", never: [Alert]}

  - name: a region that stops sending counts as 0 and recovers
    monitor: checkout-error-burst
    environment: staging
    variables: {error_limit: 10}
    series:
      - {metric: checkout.errors, type: count, tags: [env:staging, region:eu], values: "5x4 _x20"}
    expect:
      - {group: "region:eu", transitions: [{at: 2m, to: Alert}, {at: 7m, to: OK}]}
""",
}


@click.command("init")
@click.argument("directory_to_make", metavar="[DIR]", required=False)
@common_options("text")
def command(common: Common, directory_to_make: str | None) -> int:
    """Write a small project into DIR (monitors): a monitor, its test and a ddguard.yaml that say what is what.

    Nothing that is there already is overwritten. --dir DIR is another way to write DIR.
    """
    folder = _folder(directory_to_make, common.directory)
    there = [name for name in FILES if (folder / name).exists()]
    if "ddguard.yaml" in there:
        hint = "add specs beside it, or name another folder: ddguard init DIR"
        raise UsageError(f"{folder} holds a project already", hint)
    if there:
        raise UsageError(f"{folder / there[0]} is there already", "name another folder: ddguard init DIR")
    _require_alone(folder)
    for name, text in FILES.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path} can't be written: {error.strerror}") from None
        emit(str(path))
    where = "" if folder in FOUND else f" --dir {shlex.quote(str(folder))}"
    say(f"next: `ddguard validate{where}` and `ddguard test{where} --coverage`", common)
    return ExitCode.DONE


def _require_alone(folder: Path) -> None:
    """Refuses a project around another one, or within one: all files below a `ddguard.yaml` belong to it."""
    below = [path for path in sorted(folder.rglob(PROJECT_FILE)) if not _is_hidden(path.relative_to(folder))]
    above = [parent / PROJECT_FILE for parent in folder.resolve().parents if (parent / PROJECT_FILE).is_file()]
    for other in (*below, *above):
        hint = "projects stand side by side: name another folder, ddguard init DIR"
        raise UsageError(f"{other.parent} holds a project, and one can't hold another", hint)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _folder(named: str | None, option: str | None) -> Path:
    if named is not None and option is not None and Path(named) != Path(option):
        raise UsageError(f"{named} and --dir {option} name two folders", "name one: ddguard init DIR")
    return Path(named or option or "monitors")
