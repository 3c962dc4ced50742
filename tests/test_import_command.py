"""`ddguard import`: from exported JSON and from Datadog, to stdout and to files."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ddguard.cli import run
from ddguard.datadog import Datadog, Settings, settings_from
from ddguard.errors import UsageError
from ddguard.model import Identity
from ddguard.payload.snoozes import Target, Term, snooze_request
from ddguard.sandbox.server import Sandbox
from ddguard.spec.load import load

MONITOR = {
    "name": "Errors of the shop",
    "type": "query alert",
    "query": "avg(last_5m):sum:shop.errors{*} > 5",
    "message": "Too many.\nLook at it.",
    "tags": ["team:shop"],
    "options": {"thresholds": {"critical": 5, "warning": 3}, "renotify_interval": "0"},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox() as running:
        monkeypatch.setenv("DDGUARD_API_URL", running.url)
        yield running


@pytest.fixture
def datadog(sandbox: Sandbox) -> Iterator[Datadog]:
    with Datadog(settings_from({}, api_url=sandbox.url)) as connected:
        yield connected


def make(datadog: Datadog, **other: Any) -> int:
    definition = {**MONITOR, "options": {"thresholds": {"critical": 5}}, **other}
    return int(datadog.create_monitor(definition, Identity("none/none", "none")).raw["id"])


def documents(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


def test_exported_json_becomes_a_spec_without_a_remote_id(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "export.json").write_text(json.dumps({**MONITOR, "id": 7, "overall_state": "OK", "created_at": 1}))
    assert run(["import", "export.json"]) == 0
    assert capsys.readouterr().out == (
        "id: errors-of-the-shop\n"
        "name: Errors of the shop\n"
        "type: query alert\n"
        "query: avg(last_5m):sum:shop.errors{*} > 5\n"
        "message: |-\n"
        "  Too many.\n"
        "  Look at it.\n"
        "tags:\n"
        "  - team:shop\n"
        "options:\n"
        "  thresholds:\n"
        "    critical: 5\n"
        "    warning: 3\n"
        "  renotify_interval: 0\n"
    )


def test_an_asset_and_a_list_are_read_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "asset.json").write_text(json.dumps({"version": 2, "title": "x", "definition": MONITOR}))
    (folder / "list.json").write_text(json.dumps([MONITOR, {**MONITOR, "name": "Other"}]))
    assert run(["import", "asset.json", "list.json"]) == 0
    found = documents(capsys.readouterr().out)
    assert [one["id"] for one in found] == ["errors-of-the-shop", "errors-of-the-shop-2", "other"]


def test_a_monitor_by_its_number_is_taken_over_in_place(
    folder: Path, datadog: Datadog, capsys: pytest.CaptureFixture[str]
) -> None:
    number = make(datadog)
    (folder / "ddguard.yaml").write_text("project: shop\n")
    assert run(["import", str(number), "--out", "monitors"]) == 0
    assert capsys.readouterr().out == "monitors/errors-of-the-shop.yaml\n"
    assert run(["apply", "--yes", "--quiet"]) == 0
    assert [monitor["id"] for monitor in datadog.monitors()] == [number]
    assert run(["plan", "--detailed-exitcode"]) == 0


def test_a_copy_makes_a_new_monitor(folder: Path, datadog: Datadog) -> None:
    number = make(datadog)
    (folder / "ddguard.yaml").write_text("project: shop\n")
    assert run(["import", str(number), "--copy", "--out", "monitors", "-q"]) == 0
    assert run(["apply", "--yes", "--quiet"]) == 0
    assert len(datadog.monitors()) == 2


def test_composites_refer_to_the_specs_of_their_parts(
    folder: Path, datadog: Datadog, capsys: pytest.CaptureFixture[str]
) -> None:
    one = make(datadog, name="one", tags=["team:a"])
    two = make(datadog, name="two", tags=["team:a"])
    make(datadog, name="both", type="composite", query=f"{one} && {two}", tags=["team:a"], options={})
    make(datadog, name="elsewhere", tags=["team:b"])
    assert run(["import", "--tag", "team:a"]) == 0
    found = {spec["id"]: spec for spec in documents(capsys.readouterr().out)}
    assert set(found) == {"one", "two", "both"}
    assert found["both"]["query"] == "${monitor:one} && ${monitor:two}"


def test_text_that_looks_like_a_reference_stays_text(
    folder: Path, datadog: Datadog, capsys: pytest.CaptureFixture[str]
) -> None:
    make(datadog, name="b")
    make(datadog, name="a", message="write ${monitor:b} or ${monitor:nobody}, $${monitor:b}")
    (folder / "ddguard.yaml").write_text("project: shop\n")
    assert run(["import", "--all", "--out", "monitors", "-q"]) == 0
    assert run(["apply", "--yes", "--quiet"]) == 0
    assert run(["plan", "--detailed-exitcode"]) == 0
    messages = {monitor["name"]: monitor["message"] for monitor in datadog.monitors()}
    assert messages["a"] == "write ${monitor:b} or ${monitor:nobody}, $${monitor:b}"


def test_everything_includes_downtimes(folder: Path, datadog: Datadog, capsys: pytest.CaptureFixture[str]) -> None:
    make(datadog)
    datadog.create_downtime({"scope": "env:prod", "monitor_identifier": {"monitor_tags": ["*"]}, "message": "m"}, "m")
    assert run(["import", "--all"]) == 0
    assert [spec.get("kind", "monitor") for spec in documents(capsys.readouterr().out)] == ["monitor", "downtime"]


@pytest.fixture
def of_another_stack(datadog: Datadog) -> int:
    """The number of a monitor of risk/prod, beside which there are a downtime of risk/prod and a monitor of nobody."""
    make(datadog, name="Nobody's")
    marks = ["ddguard_stack:risk/prod", "ddguard_id:burst"]
    downtime = {
        "scope": "env:prod",
        "monitor_identifier": {"monitor_tags": ["*"]},
        "message": f"night\n{' '.join(marks)}",
    }
    datadog.create_downtime(downtime, "night")
    return make(datadog, name="Burst", tags=["team:risk", *marks])


def test_what_another_stack_owns_is_left_out(
    folder: Path, datadog: Datadog, of_another_stack: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ddguard.yaml").write_text("project: shop\n")
    assert run(["import", "--all", "--out", "monitors"]) == 0
    told = capsys.readouterr()
    assert told.out == "monitors/nobody-s.yaml\n"
    assert told.err == (
        "2 objects were left out: they belong to the stack 'risk/prod' (2), and an apply would make a second one\n"
        "  import it in its own project, with --env; --copy makes specs for second ones\n"
        "1 written to monitors: `ddguard validate` checks them\n"
    )
    assert run(["apply", "--yes", "-q"]) == 0
    assert len(datadog.monitors()) == 2
    assert len(datadog.downtimes()) == 1


@pytest.mark.parametrize("sources", [["--tag", "team:risk"], ["NUMBER"]])
def test_where_another_stack_owns_all_there_is_nothing_to_import(
    sources: list[str], folder: Path, of_another_stack: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", *(source.replace("NUMBER", str(of_another_stack)) for source in sources)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "1 object was left out: it belongs to the stack 'risk/prod' (1)" in told.err
    assert "there is nothing to import" in told.err


def test_a_copy_is_also_made_of_what_another_stack_owns(
    folder: Path, datadog: Datadog, of_another_stack: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", "--all", "--copy"]) == 0
    told = capsys.readouterr()
    assert [spec["id"] for spec in documents(told.out)] == ["nobody-s", "burst", "burst-2"]
    assert "remote_id" not in told.out
    assert told.err == ""


def test_what_the_own_stack_owns_is_imported_and_found_again(
    folder: Path, datadog: Datadog, of_another_stack: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ddguard.yaml").write_text("project: risk\nenvironments: {prod: {}, staging: {}}\n")
    assert run(["import", str(of_another_stack), "--env", "staging"]) == 1
    assert run(["import", str(of_another_stack), "--env", "prod", "--out", "monitors"]) == 0
    assert run(["apply", "--yes", "-q", "--env", "prod"]) == 0
    assert len(datadog.monitors()) == 2


def test_only_the_stacks_that_own_most_are_named(
    folder: Path, datadog: Datadog, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(7):
        stack = f"risk/{'abcde'[max(0, number - 2)]}"
        make(datadog, name=f"m{number}", tags=[f"ddguard_stack:{stack}", f"ddguard_id:m{number}"])
    assert run(["import", "--all"]) == 1
    assert "to the stacks 'risk/a' (3), 'risk/b' (1), 'risk/c' (1), 2 more, and" in capsys.readouterr().err


def snoozed(datadog: Datadog, value: str) -> None:
    target = Target("shop/default", (Term("tenant", (value,)),))
    end = datetime.now(UTC) + timedelta(hours=1)
    datadog.create_downtime(snooze_request(target, end, "noisy", "me"), target.marker)


def test_a_running_snooze_stays_a_snooze(folder: Path, datadog: Datadog, capsys: pytest.CaptureFixture[str]) -> None:
    make(datadog)
    snoozed(datadog, "acme")
    (folder / "ddguard.yaml").write_text("project: shop\n")

    assert run(["import", "--all", "--out", "monitors"]) == 0
    told = capsys.readouterr()
    assert told.out == "monitors/errors-of-the-shop.yaml\n"
    assert "1 snooze was left out: only `ddguard snooze` lists and ends them" in told.err

    assert run(["apply", "--yes", "-q"]) == 0
    capsys.readouterr()
    assert run(["snooze", "list"]) == 0
    assert "tenant:acme" in capsys.readouterr().out
    assert run(["snooze", "end", "tenant", "acme"]) == 0
    assert {one["attributes"]["status"] for one in datadog.downtimes()} == {"canceled"}


def test_an_account_with_nothing_but_snoozes_has_nothing_to_import(
    folder: Path, datadog: Datadog, capsys: pytest.CaptureFixture[str]
) -> None:
    snoozed(datadog, "acme")
    snoozed(datadog, "other")
    assert run(["import", "--all"]) == 1
    told = capsys.readouterr().err
    assert "2 snoozes were left out" in told
    assert "there is nothing to import" in told


def test_nothing_is_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "export.json").write_text(json.dumps(MONITOR))
    assert run(["import", "export.json", "--out", "here"]) == 0
    before = (folder / "here/errors-of-the-shop.yaml").read_text()
    capsys.readouterr()
    assert run(["import", "export.json", "--out", "here"]) == 3
    assert "here/errors-of-the-shop.yaml is there already: nothing was written" in capsys.readouterr().err
    assert (folder / "here/errors-of-the-shop.yaml").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 64, "name files, numbers of monitors, --tag or --all: one of them"),
        (["export.json", "12"], 64, "name files, numbers of monitors, --tag or --all: one of them"),
        (["absent.json"], 64, "absent.json is not a file"),
        (["broken.json"], 1, "broken.json:2:1: this is no JSON"),
        (["other.json"], 1, "other.json: it is neither a monitor nor a downtime"),
        (["deep.json"], 1, "deep.json: "),
        (["12"], 1, "Datadog has no monitor 12"),
        (["--tag", "team:nobody"], 1, "there is nothing to import"),
        (["--all", "--env", "prod"], 64, "there is no ddguard.yaml here"),
        (["export.json", "--out", "export.json"], 64, "export.json can't be written to"),
    ],
)
def test_wrong_input_is_told(
    arguments: list[str], code: int, message: str, folder: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "export.json").write_text(json.dumps(MONITOR))
    (folder / "broken.json").write_text('{"name":\n')
    (folder / "other.json").write_text('{"hello": 1}')
    (folder / "deep.json").write_text("[" * 100_000)
    assert run(["import", *arguments]) == code
    assert message in capsys.readouterr().err


def test_the_site_of_the_project_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = []

    def refuse(settings: Settings) -> None:
        hosts.append(settings.host)
        raise UsageError("no further")

    (folder / "ddguard.yaml").write_text("project: shop\nenvironments: {prod: {site: datadoghq.eu}}\n")
    monkeypatch.setattr("ddguard.cli.import_command.Datadog", refuse)
    monkeypatch.setenv("DD_API_KEY", "a" * 32)
    monkeypatch.setenv("DD_APP_KEY", "b" * 40)
    monkeypatch.delenv("DDGUARD_API_URL", raising=False)
    assert run(["import", "12"]) == 64
    assert hosts == ["api.datadoghq.eu"]


@pytest.mark.parametrize(
    ("project", "arguments", "code", "message"),
    [
        ("project: shop\nenvironments: {a: {site: datadoghq.eu}, b: {}}\n", [], 64, "--env"),
        ("project: shop\nenvironments: {a: {site: datadoghq.eu}}\n", ["--env", "c"], 64, "c"),
        ("project: [shop]\n", [], 1, "ddguard.yaml:1:10"),
    ],
)
def test_a_project_that_does_not_say_where_to_go_ends_an_import_as_it_ends_a_plan(
    project: str,
    arguments: list[str],
    code: int,
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(settings: Settings) -> None:
        raise AssertionError(settings.host)

    (folder / "ddguard.yaml").write_text(project)
    monkeypatch.setattr("ddguard.cli.import_command.Datadog", refuse)
    monkeypatch.setenv("DD_API_KEY", "a" * 32)
    monkeypatch.setenv("DD_APP_KEY", "b" * 40)
    monkeypatch.delenv("DDGUARD_API_URL", raising=False)
    assert run(["import", "12", *arguments]) == code
    told = capsys.readouterr()
    assert message in told.out + told.err
    assert run(["plan", *arguments]) == code


def test_no_spec_is_written_where_a_project_or_a_test_would_stand(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marked = [f"ddguard_stack:shop/default ddguard_id:{id_}".split() for id_ in ("foo.test", "foo.test-monitor")]
    monitors = [
        {**MONITOR, "name": "ddguard"},
        *({**MONITOR, "name": f"foo {place}", "tags": tags} for place, tags in enumerate(marked)),
    ]
    (folder / "export.json").write_text(json.dumps(monitors))
    (folder / "ddguard.yaml").write_text("project: shop\n")
    assert run(["import", "export.json", "--out", "here"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "here/ddguard-monitor.yaml",
        "here/foo.test-monitor-2.yaml",
        "here/foo.test-monitor.yaml",
    ]
    specs = load(str(folder), None, {}, {})
    assert [finding for finding in specs.findings if finding.severity == "error"] == []
    assert {monitor.id for monitor in specs.monitors} == {"ddguard", "foo.test", "foo.test-monitor"}


def test_all_files_are_written_though_nobody_reads_their_names(folder: Path) -> None:
    (folder / "export.json").write_text(json.dumps([{**MONITOR, "name": name} for name in ("one", "two", "three")]))
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        command = [sys.executable, "-m", "ddguard", "import", "export.json", "--out", "here"]
        done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "3 written to here: `ddguard validate` checks them\n")
    assert sorted(path.name for path in (folder / "here").iterdir()) == ["one.yaml", "three.yaml", "two.yaml"]
