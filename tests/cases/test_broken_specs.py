"""Runs of tests beside mistakes in specs: what is sound is tested, the rest are errors, and JUnit tells of both."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from case_projects import BURST, FILES, case_text, specs_in

from ddguard.cli import run
from ddguard.replay.cases import known_names, sound_cases
from ddguard.replay.running import run_case
from ddguard.replay.variants import Variants

QUIET = "{group: 'tenant:b', never: [Alert]}"
COMPOSITE = "id: {}\ntype: composite\nmessage: ''\nquery: {}\n"


def ending(folder: Path, files: Mapping[str, str], monitor: str = "burst") -> str:
    """How a test of that monitor ends: `passed`, or why it can't be run."""
    test = case_text(QUIET).replace("monitor: burst", f"monitor: {monitor}")
    specs = specs_in(folder, {**files, "a.test.yaml": test})
    assert [finding for finding in specs.findings if finding.severity == "error"]
    (case,) = sound_cases(specs)
    result = run_case(case, known_names(specs), Variants(specs))
    return result.error.replace(f"{folder}/", "") or result.outcome.value


CIRCLE = {
    name: COMPOSITE.format(name, query)
    for name, query in {
        "a": "${monitor:m} && 1", "m": "${monitor:z} && ${monitor:b}", "b": "${monitor:a} && 1",
        "z": "${monitor:m} && 1", "outside": "${monitor:z} && 1",
    }.items()
}  # fmt: skip
UNSOUND = {
    "another-file": ({"x.yaml": "id: x\n"}, "burst", "passed"),
    "another-document": ({"burst.yaml": f"{BURST}---\nid: x\n"}, "burst", "passed"),
    "an-odd-id": ({"x.yaml": "id: [x]\n"}, "burst", "passed"),
    "no-mapping": ({"x.yaml": "- id: x\n"}, "burst", "passed"),
    "a-second-project": ({"sub/ddguard.yaml": "project: other\n"}, "burst", "passed"),
    "a-key": ({"burst.yaml": f"{BURST}prio: 1\n"}, "burst", "burst can't be tested: burst.yaml:9: unknown key 'prio'"),
    "a-key-twice": ({"burst.yaml": f"{BURST}name: x\n"}, "burst", "burst can't be tested: burst.yaml:9: "),
    "the-first-of-two": (
        {"burst.yaml": f"{BURST}prio: 1\n---\nid: x\ntype: composite\nquery: 1 && 2\nmessage: ''\n"},
        "burst",
        "burst can't be tested: burst.yaml:9: unknown key 'prio'",
    ),
    "the-same-id": ({"copy.yaml": BURST}, "burst", "burst can't be tested: copy.yaml:1: the id 'burst' is taken: "),
    "a-file-that-ends-too-early": (
        {"burst.yaml": "id: burst\nquery: [\n"},
        "burst",
        "there is no monitor with the id 'burst'",
    ),
    "a-part": (
        {"burst.yaml": f"{BURST}prio: 1\n", "both.yaml": COMPOSITE.format("both", "${monitor:burst} && 1")},
        "both",
        "both can't be tested: burst.yaml:9: unknown key 'prio'",
    ),
    "a-part-that-is-not-there": (
        {"both.yaml": COMPOSITE.format("both", "${monitor:bust} && 1")},
        "both",
        "both can't be tested: both.yaml:4: there is no monitor with the id 'bust'",
    ),
    **{
        f"circle-{name}": (
            {"circle.yaml": "---\n".join(CIRCLE.values())},
            name,
            f"{name} can't be tested: circle.yaml:",
        )
        for name in CIRCLE
    },
}


@pytest.mark.parametrize(("files", "monitor", "told"), UNSOUND.values(), ids=UNSOUND)
def test_what_is_sound_is_tested(tmp_path: Path, files: Mapping[str, str], monitor: str, told: str) -> None:
    assert ending(tmp_path, files, monitor).startswith(told)


# JUnit


def junit(folder: Path, *more: str) -> list[tuple[str, str, str, str]]:
    """Runs the tests, which fail; file, line, name and outcome (or what was told) of each case in the JUnit file."""
    assert run(["test", "--dir", str(folder), "--junit", str(folder / "out" / "junit.xml"), *more]) == 1
    text = (folder / "out" / "junit.xml").read_text(encoding="utf-8").replace(f"{folder}/", "")
    root = ElementTree.fromstring(text)  # noqa: S314 - our own text
    cases = root.findall("./testsuite/testcase")
    assert root.get("tests") == str(len(cases))
    assert root.get("errors") == str(len(root.findall(".//error")))
    return [
        (str(one.get("file")), str(one.get("line")), str(one.get("name")), one[0].tag if len(one) else "passed")
        for one in cases
    ]


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in {**FILES, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")


def test_junit_tells_of_tests_and_of_mistakes(tmp_path: Path) -> None:
    write(tmp_path, {"a.test.yaml": case_text(QUIET), "b.test.yaml": "tests: []\n", "x.yaml": "id: x\nprio: 1\n"})

    assert junit(tmp_path) == [
        ("b.test.yaml", "1", "tests: expected at least 1 entry", "error"),
        ("x.yaml", "1", "the key query is missing", "error"),
        ("x.yaml", "1", "the key type is missing", "error"),
        ("x.yaml", "2", "unknown key 'prio'", "error"),
        ("a.test.yaml", "2", "a test", "passed"),
    ]


def test_junit_is_written_though_no_test_runs(tmp_path: Path) -> None:
    write(tmp_path, {"b.test.yaml": "tests: []\n"})
    assert junit(tmp_path) == [("b.test.yaml", "1", "tests: expected at least 1 entry", "error")]

    write(tmp_path, {"b.test.yaml": case_text(QUIET)})
    assert junit(tmp_path, "-k", "nobody") == [("ddguard.yaml", "0", "no test matches 'nobody'", "error")]

    (tmp_path / "x.yaml").write_text("id: x\ntype: query alert\nprio: 1\nquery: avg(last_5m):avg:a{*} > 1\n")
    assert junit(tmp_path, "-k", "nobody") == [
        ("x.yaml", "3", "unknown key 'prio'", "error"),
        ("ddguard.yaml", "0", "no test matches 'nobody'", "error"),
    ]
    (tmp_path / "x.yaml").unlink()

    (tmp_path / "b.test.yaml").unlink()
    assert junit(tmp_path) == [("ddguard.yaml", "0", "this project has no tests", "error")]

    (tmp_path / "ddguard.yaml").write_text("project: [shop]\n")
    assert junit(tmp_path) == [("ddguard.yaml", "1", "project: expected a text, not a list", "error")]


def test_one_case_that_means_nothing_leaves_the_others_alone(tmp_path: Path) -> None:
    odd = case_text(QUIET, more='    start: "2026-02-30T00:00:00Z"\n')
    write(tmp_path, {"a.test.yaml": case_text(QUIET), "b.test.yaml": odd})

    assert [outcome for *_, outcome in junit(tmp_path)] == ["passed", "error"]
