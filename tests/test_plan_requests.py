"""How much a plan asks of Datadog."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ddguard.apply import carry_out
from ddguard.cli.remote import plan_for
from ddguard.datadog import Datadog, settings_from
from ddguard.sandbox.server import Sandbox
from ddguard.spec.load import load

NOW = datetime(2026, 1, 5, tzinfo=UTC)
SPEC = "id: {}\nname: {}\ntype: query alert\nquery: avg(last_5m):avg:a{{*}} > 1\nmessage: ''\n"
ALWAYS = ["/api/v1/monitor", "/api/v1/monitor/search", "/api/v2/downtime"]


@pytest.mark.parametrize(("prune", "asked"), [(False, []), (True, ["/api/v1/monitor/can_delete"])])
def test_only_a_plan_that_deletes_asks_what_may_be_deleted(tmp_path: Path, *, prune: bool, asked: list[str]) -> None:
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    (tmp_path / "a.yaml").write_text(SPEC.format("a", "A"))
    (tmp_path / "b.yaml").write_text(SPEC.format("b", "B"))
    with Sandbox() as sandbox, Datadog(settings_from({}, api_url=sandbox.url)) as datadog:
        before = plan_for(load(str(tmp_path), None, {}, {}), datadog, NOW, prune=False, max_deletes=None)
        list(carry_out(before, datadog, 1, NOW))
        (tmp_path / "b.yaml").unlink()
        seen = len(sandbox.requests)
        plan_for(load(str(tmp_path), None, {}, {}), datadog, NOW, prune=prune, max_deletes=None)

        assert sorted(request.path for request in sandbox.requests[seen:]) == sorted([*ALWAYS, *asked])
