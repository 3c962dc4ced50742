"""What the benchmarks of plan and apply share: many specs on disk, and a sandbox in a process of its own."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from ddguard.model import Stack
from ddguard.payload import monitor_request
from ddguard.sandbox.calls import Request
from ddguard.sandbox.faults import Fault
from ddguard.sandbox.server import Sandbox
from ddguard.sandbox.state import State
from ddguard.sandbox.store import answer
from ddguard.spec.load import Specs, load

SPEC = """\
id: service-{number:05}-errors
name: "[service-{number:05}] Errors by {{{{tenant.name}}}}"
type: query alert
query: sum(last_5m):sum:service_{number:05}.errors{{env:prod}} by {{tenant}}.as_count() > {limit}
message: |
  {{{{#is_alert}}}}
  {{{{value}}}} requests of the tenant {{{{tenant.name}}}} failed within five minutes; {{{{threshold}}}} are allowed.
  Runbook: https://runbooks.example.com/service-{number:05}#errors
  @slack-service-{number:05}
  {{{{/is_alert}}}}
tags: [service:service-{number:05}, team:benchmark, tier:2]
priority: 3
options:
  thresholds: {{critical: {limit}, warning: {warning}}}
  on_missing_data: default
  notify_audit: false
  include_tags: true
  renotify_interval: 60
  renotify_statuses: [alert, no data]
"""


def write_project(folder: Path, count: int) -> None:
    """A project of so many monitors, one a file."""
    (folder / "ddguard.yaml").write_text("project: benchmark\n")
    for number in range(count):
        limit = 10 + number % 90
        text = SPEC.format(number=number, limit=limit, warning=limit / 2)
        (folder / f"service-{number:05}.yaml").write_text(text)


def loaded(folder: Path) -> Specs:
    """The project in that folder."""
    return load(str(folder), None, {}, {})


def filled(specs: Specs) -> State:
    """A sandbox's state after an apply of all the specs."""
    state = State()
    now = datetime.now(UTC)
    monitors = {}
    for place, monitor in enumerate(specs.monitors):
        wanted = monitor_request(monitor, Stack(specs.stack.project, specs.stack.environment), {}, now.date())
        body = answer(state, Request("POST", "/api/v1/monitor", body=wanted, now=now)).changes[0].value
        number = state.next_monitor_id + place
        monitors[number] = {**body, "id": number}
    return replace(state, monitors=monitors, settings={"monitors_made": len(monitors)})


@contextmanager
def sandbox(folder: Path, latency: float, *, is_filled: bool) -> Iterator[str]:
    """The URL of a sandbox that answers `latency` seconds later than it could."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(there, folder, latency, is_filled), daemon=True
    )
    server.start()
    try:
        yield here.recv()
    finally:
        server.terminate()
        server.join()


def _serve(there: Connection, folder: Path, latency: float, is_filled: bool) -> None:
    faults = [Fault("latency", timedelta(seconds=latency))] if latency else []
    server = Sandbox(faults=faults)
    if is_filled:
        server.state = filled(loaded(folder))
    there.send(server.url)
    server.serve_forever()
