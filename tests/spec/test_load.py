"""A project's folder: what is read, what is told of files that can't be, and what narrowing leaves."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ddguard.cli import run
from ddguard.errors import InputError, UsageError
from ddguard.spec import files
from ddguard.spec.durations import duration_text, parse_duration
from ddguard.spec.files import read_text
from ddguard.spec.load import BrokenProjectError, Specs, load, load_project

MONITOR = "id: {id}\ntype: query alert\nquery: avg(last_5m):avg:m{{*}} > 5\n"
DOWNTIME = "kind: downtime\nid: {id}\nscope: '*'\nmonitor_identifier: {{monitor: {monitor}}}\n"
TESTS = "tests:\n  - {name: x, monitor: a, series: [], expect: [{group: '*', never: [Alert], absent: ok}]}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    return tmp_path


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def told(specs: Specs) -> list[str]:
    return [f"{one.position.path}:{one.position.line} {one.code} {one.message}" for one in specs.findings]


def loaded(**given: str) -> Specs:
    return load(None, None, given, {})


# What is read


def test_everything_below_the_project_is_read_in_a_stable_order(folder: Path) -> None:
    write(folder, "b/two.yml", MONITOR.format(id="b2"))
    write(folder, "b/one.yaml", MONITOR.format(id="b1") + "---\n" + MONITOR.format(id="b0"))
    write(folder, "a.yaml", DOWNTIME.format(id="d", monitor="b1"))
    write(folder, "a.test.yaml", TESTS)
    write(folder, "folder.yaml/inside.yaml", MONITOR.format(id="inside"))
    write(folder, ".hidden/x.yaml", "nonsense")
    write(folder, "b/.hidden.yaml", "nonsense")
    write(folder, "notes.txt", "nonsense")

    specs = loaded()

    assert told(specs) == []
    assert [one.id for one in specs.monitors] == ["b1", "b0", "b2", "inside"]
    assert [(one.id, one.monitor) for one in specs.downtimes] == [("d", "b1")]
    assert [one.path for one in specs.tests] == ["a.test.yaml"]
    assert specs.files == (
        "ddguard.yaml", "a.test.yaml", "a.yaml", "b/one.yaml", "b/two.yml", "folder.yaml/inside.yaml",
    )  # fmt: skip
    assert specs.all_ids == {"b0", "b1", "b2", "d", "inside"}
    assert (specs.stack.name, specs.narrowed) == ("shop/default", False)


def test_the_project_is_looked_for_here_and_in_monitors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as missing:
        loaded()
    assert missing.value.message == "there is no ddguard.yaml here or in ./monitors"
    write(tmp_path, "monitors/ddguard.yaml", "project: inner\n")
    assert loaded().project.name == "inner"
    write(tmp_path, "ddguard.yaml", "project: outer\n")
    write(tmp_path, "other/ddguard.yaml", "project: other\n")
    assert load("other", None, {}, {}).project.name == "other"
    shutil.rmtree(tmp_path / "monitors")
    shutil.rmtree(tmp_path / "other")
    assert loaded().project.name == "outer"
    assert load_project(None, None).narrowed is True


@pytest.mark.parametrize("name", ["nowhere", "x" * 5000, "a\0b", "ddguard.yaml"])
def test_a_folder_without_a_project_is_told(folder: Path, name: str) -> None:
    with pytest.raises(UsageError) as missing:
        load(name, None, {}, {})
    assert missing.value.message == f"there is no ddguard.yaml in {name}"


def test_a_project_file_that_is_a_folder_or_leads_nowhere_is_none(folder: Path) -> None:
    (folder / "a" / "ddguard.yaml").mkdir(parents=True)
    (folder / "b").mkdir()
    (folder / "b" / "ddguard.yaml").symlink_to("nowhere")
    for name in ("a", "b"):
        with pytest.raises(UsageError, match=f"there is no ddguard.yaml in {name}"):
            load(name, None, {}, {})


# Files that can't be read


def test_links_lead_to_files_and_not_in_circles(folder: Path) -> None:
    write(folder, "real.yaml", MONITOR.format(id="real"))
    (folder / "sub").mkdir()
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "link.yaml").symlink_to("real.yaml")
    (folder / "lost.yaml").symlink_to("nowhere")
    (folder / "loop.yaml").symlink_to("loop.yaml")

    specs = loaded()

    assert told(specs) == [
        "loop.yaml:1 DDG008 the file can't be read: Too many levels of symbolic links",
        "lost.yaml:1 DDG008 the file can't be read: No such file or directory",
        "real.yaml:1 DDG017 the id 'real' is taken: link.yaml:1 has it already",
    ]
    assert specs.findings[1].hint == "the link leads nowhere"


def test_what_is_no_regular_file_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    (folder / "device.yaml").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
        specs = loaded()
    reason = "DDG008 the file can't be read: it is no regular file"
    assert told(specs) == [f"{name}.yaml:1 {reason}" for name in ("device", "pipe", "socket")]


def test_huge_files_are_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1_000_000)
    write(folder, "a.yaml", "# " + "x" * 1_000_000)
    assert told(loaded()) == ["a.yaml:1 DDG006 the file is larger than 1 MB"]


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A project as a user sees it who isn't root."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    (place / "ddguard.yaml").write_text("project: shop\n")
    is_root = os.geteuid() == 0
    try:
        yield place
    finally:
        if is_root:
            os.seteuid(0)
        for path in place.rglob("*"):
            path.chmod(0o700)
        shutil.rmtree(place)


def drop_rights() -> None:
    if os.geteuid() == 0:
        os.seteuid(65534)


def test_files_and_folders_without_permission_are_told(as_nobody: Path) -> None:
    write(as_nobody, "a.yaml", MONITOR.format(id="a"))
    write(as_nobody, "closed/b.yaml", MONITOR.format(id="b"))
    (as_nobody / "a.yaml").chmod(0)
    (as_nobody / "closed").chmod(0)
    drop_rights()
    specs = load(str(as_nobody), None, {}, {})
    assert told(specs) == [
        f"{as_nobody}/a.yaml:1 DDG008 the file can't be read: Permission denied",
        f"{as_nobody}/closed:1 DDG008 the folder can't be listed: Permission denied",
    ]


def test_a_project_behind_a_closed_door_is_none(as_nobody: Path) -> None:
    write(as_nobody, "inner/ddguard.yaml", "project: x\n")
    (as_nobody / "inner").chmod(0)
    drop_rights()
    with pytest.raises(UsageError, match=r"^there is no ddguard\.yaml in "):
        load(str(as_nobody / "inner"), None, {}, {})


def test_a_project_file_that_can_not_be_read_is_told(folder: Path) -> None:
    (folder / "ddguard.yaml").write_bytes(b"project: \xff\n")
    with pytest.raises(BrokenProjectError) as broken:
        loaded()
    (finding,) = broken.value.findings
    assert (finding.code, finding.position.line, finding.position.column) == ("DDG007", 1, 10)


def test_names_that_are_not_utf_8_are_told_without_a_traceback(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(os.fsdecode(b"\xff.yaml")).write_text("- a\n")
    for form in ("text", "json"):
        assert run(["validate", "--format", form]) == 1
        output = capsys.readouterr()
        assert "\\udcff.yaml" in output.out
        assert output.err == ""


def test_what_may_hide_behind_an_unreadable_file_is_not_called_missing(folder: Path) -> None:
    write(folder, "d.yaml", DOWNTIME.format(id="d", monitor="elsewhere"))
    assert told(loaded()) == ["d.yaml:4 DDG030 there is no monitor with the id 'elsewhere'"]
    write(folder, "broken.yaml", "id: [\n")
    assert [one.code for one in loaded().findings] == ["DDG001"]


def test_a_file_that_the_user_names_is_read_or_told(folder: Path) -> None:
    write(folder, "a.txt", "text\n")
    assert read_text("a.txt") == "text\n"
    (folder / "bad.txt").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"^bad.txt: the file isn't UTF-8: byte 0xff can't be read$"):
        read_text("bad.txt")
    with pytest.raises(UsageError, match=r"^nowhere is not a file$"):
        read_text("nowhere")


# Narrowing


def test_narrowing_leaves_what_stands_in_the_files_and_folders_named(folder: Path) -> None:
    write(folder, "a.yaml", MONITOR.format(id="a") + "mesage: x\n")
    write(folder, "sub/b.yaml", MONITOR.format(id="b"))
    write(folder, "sub/d.yaml", DOWNTIME.format(id="d", monitor="b"))
    write(folder, "sub/b.test.yaml", TESTS)
    specs = loaded()

    assert specs.narrow(()) is specs
    below = specs.narrow(["sub"])
    assert ([one.id for one in below.monitors], [one.id for one in below.downtimes]) == (["b"], ["d"])
    assert ([one.path for one in below.tests], below.findings) == (["sub/b.test.yaml"], ())
    assert (below.narrowed, below.files) == (True, ("sub/b.test.yaml", "sub/b.yaml", "sub/d.yaml"))
    named = specs.narrow([str(folder / "sub" / "d.yaml"), "./a.yaml"])
    assert ([one.id for one in named.downtimes], len(named.findings)) == (["d"], 1)
    assert named.all_ids == {"a", "b", "d"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.yaml", "nowhere.yaml does not exist"),
        ("notes.txt", "notes.txt is no spec of this project"),
        ("loop.yaml", "loop.yaml is no spec of this project"),
    ],
)
def test_a_name_that_means_no_spec_is_told(folder: Path, name: str, message: str) -> None:
    specs = loaded()
    write(folder, "notes.txt", "")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(UsageError) as refused:
        specs.narrow([name])
    assert refused.value.message == message


# Variables of the command line


def test_a_variable_that_nothing_declares_or_names_is_refused(folder: Path) -> None:
    write(folder, "ddguard.yaml", "project: shop\nvariables: {limit: 1}\n")
    write(folder, "a.yaml", MONITOR.format(id="a") + "variables: {own: 1}\nname: ${used} ${ spaced }\n")

    specs = loaded(limit="2", own="3", used="x", spaced="y")
    assert (told(specs), specs.monitors[0].name) == ([], "x y")
    with pytest.raises(UsageError) as refused:
        loaded(used="x", spaced="y", limt="2")
    assert refused.value.message == "--var limt: no variable of that name is declared or used"
    assert refused.value.hint == "did you mean limit?"


# Circles


def test_circles_are_told_once_at_their_first_member_and_long_chains_are_none(folder: Path) -> None:
    composite = "id: {}\ntype: composite\nquery: {}\n"
    chain = [composite.format(f"c{n}", f"${{monitor:c{n + 1}}} && 1") for n in range(2000)]
    circle = [composite.format(f"r{n}", f"${{monitor:r{(n + 1) % 3}}} && 1") for n in range(3)]
    leads_in = composite.format("a-lead", "${monitor:r1} && 1")
    write(folder, "a.yaml", "---\n".join([leads_in, *chain, composite.format("c2000", "1 && 2"), *circle]))
    (finding,) = loaded().findings
    assert finding.message == "a circle of references: r0 -> r1 -> r2 -> r0"


# Lengths of time


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("1d", 86400), ("2w", 1209600), ("0s", 0)]
)
def test_lengths_of_time(text: str, seconds: int) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "5", "h", "1.5h", "-1h", "1 h", "1H", "٣h", "1h\n", f"{9**20}s"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a length of time such as 90s, 30m, 2h or 1d, not "):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36501d", "99999999999w", "999999999999999999m"])
def test_more_than_a_century_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text} is longer than a century$"):
        parse_duration(text)


@pytest.mark.parametrize(("length", "told"), [("99999999999w", 1), ("5215w", 1), ("5214w", 0), ("2h", 0)])
def test_a_recurrence_longer_than_a_century_is_told_at_its_place(folder: Path, length: str, told: int) -> None:
    write(
        folder,
        "night.yaml",
        "id: night\nkind: downtime\nscope: '*'\nmonitor_identifier: {monitor_tags: ['*']}\nvariables: {long: "
        f"{length}}}\nschedule:\n  recurrences:\n    - rrule: FREQ=DAILY\n      duration: ${{long}}\n",
    )
    found = [(one.code, one.position.line, one.position.column, one.message) for one in loaded().findings]
    message = f"schedule.recurrences[0].duration: {length} is longer than a century"
    assert found == [("DDG013", 9, 17, message)] * told


@pytest.mark.parametrize("text", ["0s", "59s", "1h30m", "1d", "8d1s"])
def test_lengths_are_written_as_they_are_read(text: str) -> None:
    assert duration_text(parse_duration(text)) == text
