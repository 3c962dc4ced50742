"""What was applied and is imported again is the spec that it came from."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from plan_specs import Spec, projects
from plan_store import Store
from plan_worlds import NOW, STACK, planned

from ddguard.apply import carry_out
from ddguard.model import Downtime
from ddguard.payload import Exported, has_ended, import_specs
from ddguard.plan import Result, Rules
from ddguard.spec.dump import dump_documents
from ddguard.spec.load import load

EXAMPLES = settings(max_examples=60, suppress_health_check=list(HealthCheck))


def written_and_read(documents: str) -> list[Spec]:
    """The specs as they are once they were written to a file and read again."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "ddguard.yaml").write_text(f"project: {STACK.project}\n")
        (Path(folder) / "imported.yaml").write_text(documents, encoding="utf-8")
        specs = load(folder, STACK.environment, {}, {})
        assert [finding for finding in specs.findings if finding.severity == "error"] == []
        return [*specs.monitors, *specs.downtimes]


@EXAMPLES
@given(projects())
def test_importing_what_was_applied_gives_the_specs_back(specs: list[Spec]) -> None:
    store = Store()
    for outcome in carry_out(planned(specs, store.world(), Rules(now=NOW)), store, 1, NOW):
        assert outcome.result is Result.DONE, outcome
    monitors = tuple(live.definition for live in store.world().monitors)
    downtimes = tuple(
        {"id": live.remote_id, "type": "downtime", "attributes": live.attributes} for live in store.world().downtimes
    )

    imported = written_and_read(dump_documents(import_specs(Exported(monitors, downtimes), adopt=True)))

    there = {spec.id: spec for spec in specs if not (isinstance(spec, Downtime) and has_ended(spec, NOW))}
    assert {spec.id for spec in imported} == set(there)
    assert {spec.id: spec.protect for spec in imported} == {spec.id: spec.protect for spec in there.values()}
    assert all(spec.remote_id is None for spec in imported)
    plan = planned(imported, store.world(), Rules(now=NOW, prune=True, max_deletes=1000))
    assert plan.changes == ()
