"""A scripted server, a clock that only says it slept, and a Datadog that uses both."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from scripted_server import FakeClock, Server, settings_for

from ddguard.datadog import Datadog


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.stopped.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def time() -> FakeClock:
    return FakeClock()


@pytest.fixture
def datadog(server: Server, time: FakeClock) -> Iterator[Datadog]:
    with closing(Datadog(settings_for(server.url), time.clock())) as datadog:
        yield datadog
