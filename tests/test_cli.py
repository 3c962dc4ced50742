"""The command line as a process: streams, signals, help, start-up."""

import gc
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import click
import pytest

from ddguard import __version__
from ddguard.cli import COMMANDS, group, interrupts, main, run
from ddguard.cli.failures import without_secrets
from ddguard.cli.interrupts import gentle_interrupts
from ddguard.errors import ExitCode
from ddguard.sandbox.faults import parse_fault
from ddguard.sandbox.server import Sandbox

SPEC = """\
id: m{0}
type: query alert
query: avg(last_5m):avg:m{0}{{*}} > 1
message: ""
"""


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DD", "DATADOG"))}
    return {**kept, "PYTHONWARNINGS": "error", **more}


def started(arguments: Sequence[str], folder: Path, **more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ddguard", *arguments],
        cwd=folder,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


@contextmanager
def project(folder: Path, monitors: int, *faults: str) -> Iterator[Sandbox]:
    """A project of so many monitors in the folder, and a sandbox to apply it to."""
    (folder / "ddguard.yaml").write_text("project: shop\n")
    (folder / "all.yaml").write_text("---\n".join(SPEC.format(number) for number in range(monitors)))
    with Sandbox(faults=map(parse_fault, faults)) as sandbox:
        yield sandbox


@pytest.fixture
def _looking_for_garbage_again() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_the_module_runs_as_the_command_does(tmp_path: Path) -> None:
    process = started(["--version"], tmp_path)

    assert process.communicate() == (f"ddguard {__version__}\n", "")
    assert process.returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_that_names_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    told = capsys.readouterr().out

    assert told.startswith(f"Usage: ddguard {name} ")
    command = group.commands.get(name) or group.get_command(click.Context(group), name)
    assert command is not None
    options = [
        option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts
    ]
    assert [option for option in options if option not in told] == []
    assert "--dir" in options or isinstance(command, click.Group)


def test_the_help_lists_every_command_without_importing_it() -> None:
    code = (
        "import sys; from ddguard.cli import run; run(['--help']); print([one for one in sys.modules if 'yaml' in one])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert [name for name in COMMANDS if not re.search(rf"^  {name} ", told, re.MULTILINE)] == []
    assert told.endswith("[]\n")


def test_shells_can_complete_commands() -> None:
    context = click.Context(group)

    assert group.list_commands(context) == list(COMMANDS)
    assert group.get_command(context, "nope") is None


def test_without_a_command_the_help_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == ExitCode.USAGE
    told = capsys.readouterr()

    assert told.out == ""
    assert told.err.startswith(
        "Usage: ddguard [OPTIONS] COMMAND [ARGS]...\n\n  Datadog monitors and downtimes as code.\n"
    )


def test_a_reader_that_leaves_ends_the_command_in_silence(tmp_path: Path) -> None:
    process = started(["schema", "monitor"], tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "{\n"
    process.stdout.close()

    assert process.stderr.read() == ""
    assert process.wait() == 0
    process.stderr.close()


def told_to(stdout: int, arguments: Sequence[str], folder: Path, **more: str) -> tuple[int, str]:
    """A command that writes its results there: how it ends, and what it says on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "ddguard", *arguments],
        cwd=folder,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def unread(arguments: Sequence[str], folder: Path, **more: str) -> tuple[int, str]:
    """A command whose reader has left before the first word: how it ends, and what it says on stderr."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return told_to(writing, arguments, folder, **more)
    finally:
        os.close(writing)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["plan", "--help"], ["schema", "monitor"]])
def test_nothing_is_wrong_where_nobody_reads(words: Sequence[str], unbuffered: str, tmp_path: Path) -> None:
    assert unread(words, tmp_path, PYTHONUNBUFFERED=unbuffered) == (ExitCode.DONE, "")


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_findings_that_nobody_reads_are_findings(form: str, tmp_path: Path) -> None:
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    (tmp_path / "a.yaml").write_text("id: a\n")

    assert unread(["validate", "--format", form], tmp_path) == (ExitCode.FINDINGS, "")


def test_a_plan_that_nobody_reads_is_written_and_tells_of_changes(tmp_path: Path) -> None:
    with project(tmp_path, 2) as sandbox:
        arguments = ["plan", "--detailed-exitcode", "--out", "plan.json"]
        code, told = unread(arguments, tmp_path, DDGUARD_API_URL=sandbox.url)
        assert code == ExitCode.CHANGES
        assert told == "The plan is in plan.json: `ddguard apply plan.json` carries out exactly that.\n"

        assert (
            run(["apply", str(tmp_path / "plan.json"), "--yes", "--dir", str(tmp_path), "--api-url", sandbox.url]) == 0
        )
        assert len(sandbox.state.monitors) == 2


def test_a_command_without_an_input_asks_nobody(tmp_path: Path) -> None:
    with project(tmp_path, 1) as sandbox:
        closed = 'exec "$0" -m ddguard apply -q <&-'
        done = subprocess.run(
            ["sh", "-c", closed, sys.executable],
            cwd=tmp_path,
            env=environment(DDGUARD_API_URL=sandbox.url),
            capture_output=True,
            text=True,
            check=False,
        )
        assert sandbox.state.monitors == {}

    assert (done.returncode, done.stderr.splitlines()[-2:]) == (
        ExitCode.USAGE,
        ["ddguard: there is no terminal to ask on", "  give --yes to apply without a question"],
    )


def test_an_error_in_json_that_nobody_reads_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    code, told = unread(["plan", "nothing.yaml", "--format", "json"], tmp_path)

    assert (code, told.splitlines()[0]) == (ExitCode.USAGE, "ddguard: nothing.yaml does not exist")


def test_a_command_does_without_streams(tmp_path: Path) -> None:
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    (tmp_path / "a.yaml").write_text("id: a\n")
    closed = 'exec "$0" -m ddguard validate >&- 2>&-'
    done = subprocess.run(["sh", "-c", closed, sys.executable], cwd=tmp_path, env=environment(), check=False)

    assert done.returncode == ExitCode.FINDINGS


def told_to_a_full_disk(arguments: Sequence[str], folder: Path, **more: str) -> tuple[int, str]:
    with Path("/dev/full").open("w") as full:
        return told_to(full.fileno(), arguments, folder, **more)


needs_a_full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
FULL = (
    "ddguard: the output can't be written: No space left on device\n"
    "  the command came to its end, but what it said is lost\n"
)


@needs_a_full_disk
@pytest.mark.parametrize("more", [[], ["--detailed-exitcode"]])
def test_a_full_disk_is_told(more: Sequence[str], tmp_path: Path) -> None:
    with project(tmp_path, 1) as sandbox:
        assert told_to_a_full_disk(["plan", *more], tmp_path, DDGUARD_API_URL=sandbox.url) == (ExitCode.FINDINGS, FULL)


@needs_a_full_disk
def test_a_full_disk_stops_no_apply(tmp_path: Path) -> None:
    with project(tmp_path, 3) as sandbox:
        arguments = ["apply", "--yes", "--workers", "1"]
        assert told_to_a_full_disk(arguments, tmp_path, DDGUARD_API_URL=sandbox.url) == (ExitCode.FINDINGS, FULL)
        assert len(sandbox.state.monitors) == 3


@needs_a_full_disk
def test_a_full_disk_hides_no_other_exit_code(tmp_path: Path) -> None:
    with project(tmp_path, 2, "500:POST") as sandbox:
        arguments = ["apply", "--yes"]
        assert told_to_a_full_disk(arguments, tmp_path, DDGUARD_API_URL=sandbox.url) == (ExitCode.DATADOG, FULL)


@pytest.mark.parametrize("quiet", [(), ("-q",)], ids=["during the plan", "during the outcomes"])
def test_a_reader_that_leaves_does_not_stop_an_apply(quiet: Sequence[str], tmp_path: Path) -> None:
    with project(tmp_path, 3) as sandbox:
        process = started(["apply", "--yes", *quiet, "--workers", "1"], tmp_path, DDGUARD_API_URL=sandbox.url)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0
        process.stderr.close()

        assert len(sandbox.state.monitors) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_lets_running_calls_end_and_tells_the_rest(tmp_path: Path, number: signal.Signals) -> None:
    with project(tmp_path, 6, "latency=300ms:POST") as sandbox:
        process = started(["apply", "--yes", "-q", "--workers", "2"], tmp_path, DDGUARD_API_URL=sandbox.url)
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(number)
        out, err = process.stdout.read(), process.stderr.read()
        process.stdout.close()
        process.stderr.close()

        assert process.wait(timeout=20) == 130
        lines = [first, *out.splitlines(keepends=True)]
        made = [line for line in lines if line.startswith("created ")]
        skipped = [line for line in lines if re.fullmatch(r"all\.yaml:\d+: skipped creating m\d: interrupted\n", line)]
        assert len(made) == len(sandbox.state.monitors) < 6
        assert len(made) + len(skipped) == 6
        assert lines[-1] == f"shop/default: {len(made)} created, {len(skipped)} skipped\n"
        assert err == interrupts.FIRST.decode()


def test_an_interrupted_apply_tells_what_was_left_in_json_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def pressed(_hurry: Callable[[], None]) -> Iterator[Callable[[], bool]]:
        yield lambda: True

    monkeypatch.setattr("ddguard.cli.apply_command.gentle_interrupts", pressed)
    with project(tmp_path, 2) as sandbox:
        arguments = ["apply", "--yes", "--format", "json", "--dir", str(tmp_path), "--api-url", sandbox.url]

        assert run(arguments) == ExitCode.INTERRUPTED
        assert len(sandbox.state.monitors) == 0

    told = json.loads(capsys.readouterr().out)
    assert [(change["outcome"], change["error"]) for change in told["changes"]] == [("skipped", "interrupted")] * 2


def test_the_second_ctrl_c_leaves_at_once(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    left: list[int] = []
    monkeypatch.setattr(os, "_exit", left.append)
    before = [signal.getsignal(number) for number in interrupts.SIGNALS]

    hurried: list[bool] = []

    with gentle_interrupts(lambda: hurried.append(True)) as stopping:
        assert not stopping()
        signal.raise_signal(signal.SIGINT)
        assert stopping()
        assert (left, hurried) == ([], [True])
        signal.raise_signal(signal.SIGTERM)

    assert left == [130]
    assert [signal.getsignal(number) for number in interrupts.SIGNALS] == before
    assert capfd.readouterr().err.encode() == interrupts.FIRST + interrupts.SECOND


def test_ctrl_c_ends_nothing_where_nobody_reads_what_it_says() -> None:
    kept = os.dup(2)
    reading, writing = os.pipe()
    os.close(reading)
    os.dup2(writing, 2)
    try:
        with gentle_interrupts() as stopping:
            signal.raise_signal(signal.SIGINT)
            assert stopping()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(writing)


def test_interrupts_are_left_alone_outside_of_the_main_thread() -> None:
    from concurrent.futures import ThreadPoolExecutor

    def stopping() -> bool:
        with gentle_interrupts() as asked:
            return asked()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(stopping).result() is False


def test_ctrl_c_outside_of_an_apply_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ddguard.cli.schema_command.for_editors", interrupted)

    assert run(["schema", "monitor"]) == 130
    assert capsys.readouterr().err.endswith("ddguard: interrupted\n")


def test_the_sandbox_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    process = started(["sandbox", "--data", "data.sqlite"], tmp_path)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        plan = started(["plan", "--api-url", url], tmp_path)
        assert plan.communicate(timeout=20) == ("shop/default: nothing to do, 0 unchanged\n", "")
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "serving until Ctrl-C\n")
    assert (tmp_path / "data.sqlite").is_file()


def test_the_sandbox_takes_faults_and_a_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[Sandbox] = []

    def serve(sandbox: Sandbox) -> None:
        served.append(sandbox)
        sandbox.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "serve_forever", serve)

    assert run(["sandbox", "--fault", "503:10%", "--fault", "latency=1s", "--seed", "7", "-q"]) == 0
    assert capsys.readouterr() == (f"{served[0].url}\n", "")
    assert served[0].faults.faults == (parse_fault("503:10%"), parse_fault("latency=1s"))
    assert served[0].faults.seed == 7


@pytest.mark.usefixtures("_looking_for_garbage_again")
def test_what_serves_for_long_looks_for_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = []

    def serve(sandbox: Sandbox) -> None:
        looking.append(gc.isenabled())
        sandbox.close()

    monkeypatch.setattr(Sandbox, "serve_forever", serve)
    with pytest.raises(SystemExit):
        main(["sandbox", "-q"])
    assert looking == [True]


def test_an_unknown_fault_is_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "--fault", "bogus"]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith("ddguard: bogus: there is no fault 'bogus'\n")


@pytest.mark.usefixtures("_looking_for_garbage_again")
def test_the_process_leaves_with_the_exit_code_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["plna"])

    assert left.value.code == ExitCode.USAGE
    assert capsys.readouterr().err.startswith("ddguard: there is no command 'plna'. Did you mean plan?\n")


@pytest.mark.parametrize("kind", ["project", "monitor", "downtime", "test"])
def test_every_schema_is_printed(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_demo_runs_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DD_API_KEY", "the user's own")
    monkeypatch.setenv("DD_SITE", "datadoghq.eu")
    environ = dict(os.environ)

    assert run(["demo"]) == 0

    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.startswith("A local Datadog serves on http://127.0.0.1:")
    assert "\nstreampay/staging: nothing to do, 7 unchanged\n" in told.out
    assert "\nAlert  tenant:acme  since " in told.out
    assert "\ntenant:acme  2h left\n" in told.out
    assert told.out.endswith("Datadog sends nothing because a snooze was ended: look at them now.\n")
    assert "options.thresholds.critical: 100000 -> 500" in told.out
    assert list(tmp_path.iterdir()) == []
    assert dict(os.environ) == environ
    assert Path.cwd() == tmp_path


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("arguments", [["demo"], ["demo", "--no-color"]])
def test_the_demo_is_as_wide_and_as_coloured_as_the_terminal(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    screen = Screen()
    with redirect_stdout(screen):
        assert run(arguments) == 0

    colored = "\x1b[32m" in screen.getvalue()
    assert colored is (arguments == ["demo"])
    plan = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).partition("$ ddguard plan")[2].partition("\n\n")[0]
    assert max(len(line.rstrip()) for line in plan.splitlines()[1:]) == 60


def test_a_demo_that_goes_wrong_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddguard.cli.demo_command._slip", lambda _: None)

    assert run(["demo"]) == ExitCode.BUG
    assert "the demo went wrong: `ddguard plan --detailed-exitcode` ended with exit code 0" in capsys.readouterr().err


def test_an_interrupted_demo_is_no_demo_that_went_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ddguard.cli.plan_command.fit_specs", interrupted)

    assert run(["demo"]) == ExitCode.INTERRUPTED
    told = capsys.readouterr()
    assert told.err == "\nddguard: interrupted\n"
    assert told.out.rstrip().endswith("$ ddguard plan monitors/streampay/stream-creation-burst.yaml")
    assert Path.cwd() == tmp_path


def test_the_commands_of_the_demo_can_be_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == ExitCode.DONE
    lines = capsys.readouterr().out.splitlines()
    (copy,) = [line for line in lines if line.startswith("  cp -r ")]
    subprocess.run(shlex.split(copy), cwd=tmp_path, check=True)
    with Sandbox() as sandbox:
        monkeypatch.setenv("DDGUARD_API_URL", sandbox.url)
        commands = [line.removeprefix("$ ddguard ").split() for line in lines if line.startswith("$ ddguard ")]
        assert [run(command) for command in commands[:4]] == [ExitCode.DONE] * 4


def test_a_terminal_without_unicode_gets_escapes(tmp_path: Path) -> None:
    (tmp_path / "ddguard.yaml").write_text("project: shop\n")
    (tmp_path / "負荷.yaml").write_text("id: a\n", encoding="utf-8")
    process = started(["validate"], tmp_path, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")

    out, err = process.communicate()

    assert (process.returncode, err) == (1, "")
    assert out.startswith("\\u8ca0\\u8377.yaml:1:1: error: ")


def test_a_plan_file_that_is_no_text_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.json").write_bytes(b"\xff\xfe\x00")

    assert run(["apply", str(tmp_path / "plan.json"), "--yes"]) == ExitCode.FINDINGS
    assert "is no plan file: it isn't text" in capsys.readouterr().err


def test_another_api_on_the_same_host_is_another_site(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with project(tmp_path, 1) as sandbox:
        assert run(["plan", "--out", "p.json", "--api-url", sandbox.url]) == 0
        assert run(["apply", "p.json", "--yes", "--api-url", f"{sandbox.url}/eu"]) == 3
        assert f"the plan was made on {sandbox.url}, not on {sandbox.url}/eu" in capsys.readouterr().err
        assert run(["apply", "p.json", "--yes", "--api-url", f"{sandbox.url}/"]) == 0


def test_keys_are_blacked_out_wherever_they_turn_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD_API_KEY", "0123456789abcdef")
    monkeypatch.setenv("DD_APP_KEY", "short")

    assert without_secrets("key 0123456789abcdef, short") == "key ********, short"


def test_start_up_reads_no_heavy_library() -> None:
    heavy = {"rich", "yaml", "jsonschema", "numpy", "datadog_api_client", "werkzeug", "urllib3"}
    code = "import sys, ddguard.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert heavy & set(loaded) == set()


def test_a_sound_project_is_loaded_without_the_full_validator(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path), "-q"]) == ExitCode.DONE
    code = "import sys; from ddguard.spec.load import load; load(sys.argv[1], None, {}, {}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert {"yaml", "ddguard.spec.fastcheck"} <= loaded
    assert not {"jsonschema", "ddguard.spec.mistakes"} & loaded
