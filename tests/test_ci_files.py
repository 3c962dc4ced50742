"""The steps of the composite action and of the workflow, run as a job of GitHub runs them: by bash, with its files."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ddguard.model import EMPTY
from ddguard.sandbox.server import Sandbox

REPOSITORY = Path(__file__).parents[1]
ACTION = REPOSITORY / ".github" / "actions" / "ddguard" / "action.yml"
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
MONITOR = """\
id: errors
type: query alert
query: sum(last_5m):sum:errors{env:${env}}.as_count() > 20
message: "Errors: see https://runbooks.example.com/errors @slack-shop"
"""
TESTS = """\
tests:
  - name: errors alert
    monitor: errors
    environment: prod
    series: [{metric: errors, type: count, tags: [env:prod], values: "9x9"}]
    expect: [{at: 9m, group: "*", state: Alert}]
"""
INPUT = re.compile(r"\$\{\{ inputs\.(\w+) }}")


@dataclass
class Job:
    """A job's folder, with the files that its steps write to."""

    folder: Path
    env: dict[str, str]

    def run(self, step: Mapping[str, Any], inputs: Mapping[str, str] = EMPTY) -> "subprocess.CompletedProcess[str]":
        """One step, its inputs filled in."""
        given = {name: INPUT.sub(lambda found: inputs[found[1]], value) for name, value in step.get("env", {}).items()}
        shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        env = {**self.env, **given}
        return subprocess.run(shell, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def written(self, name: str) -> str:
        """What steps wrote to one of the runner's files."""
        return Path(self.env[name]).read_text(encoding="utf-8")


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    """A checked-out repository with a sound project in `shop`, and a local Datadog."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/ddguard.yaml").write_text("project: shop\nenvironments: {prod: {}, staging: {}}\n")
    (tmp_path / "shop/errors.yaml").write_text(MONITOR)
    (tmp_path / "shop/errors.test.yaml").write_text(TESTS)
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
    for file in files.values():
        Path(file).touch()
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    with Sandbox() as sandbox:
        keys = {"DD_API_KEY": "any", "DD_APP_KEY": "any", "DDGUARD_API_URL": sandbox.url}
        yield Job(tmp_path, {"PATH": path, "HOME": str(tmp_path), "RUNNER_TEMP": str(tmp_path), **files, **keys})


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    return found


def inputs(environment: str = "prod") -> dict[str, str]:
    return {"directory": "shop", "environment": environment}


def test_the_action_checks_tests_and_plans_a_sound_project(job: Job) -> None:
    ended = [job.run(step, inputs()) for step in steps()[1:]]

    assert [one.returncode for one in ended] == [0, 0, 0], [one.stderr for one in ended]
    results, plan = (Path(line.partition("=")[2]).read_text() for line in job.written("GITHUB_OUTPUT").splitlines())
    assert 'tests="1"' in results
    assert "1 to create" in plan
    assert job.written("GITHUB_STEP_SUMMARY") == plan


def test_the_action_shows_in_the_summary_why_there_is_no_plan(job: Job) -> None:
    (job.folder / "shop/errors.yaml").write_text(MONITOR.replace("message", "mesage"))

    validated, tested, planned = (job.run(step, inputs()) for step in steps()[1:])

    assert (validated.returncode, tested.returncode, planned.returncode) == (1, 1, 1)
    assert validated.stdout.startswith("::error file=shop/errors.yaml,line=4,")
    assert "did you mean message?" in job.written("GITHUB_STEP_SUMMARY")


def test_without_an_environment_the_action_takes_the_default_one(job: Job) -> None:
    several = job.run(steps()[1], inputs(""))
    assert (several.returncode, "name one with --env" in several.stderr) == (64, True)

    with (job.folder / "shop/ddguard.yaml").open("a") as file:
        file.write("default_environment: prod\n")
    assert [job.run(step, inputs("")).returncode for step in steps()[1:3]] == [0, 0]


def test_every_step_after_the_installation_runs_unless_that_failed() -> None:
    install, _, *others = steps()
    assert install["id"] == "install"
    assert all("!cancelled()" in step["if"] and "steps.install.outcome == 'success'" in step["if"] for step in others)


# The comment on a pull request

GH = """\
#!/bin/sh
echo "$@" >> calls
case "$*" in *--jq*) echo "$COMMENT" ;; esac
"""


def comment_step() -> dict[str, Any]:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/monitors.yml").read_text(encoding="utf-8"))
    found: dict[str, Any] = workflow["jobs"]["plan"]["steps"][-1]
    return found


@pytest.fixture
def commented(job: Job) -> Job:
    """A job with a `gh` that writes down how it is called."""
    (job.folder / "bin").mkdir()
    (job.folder / "bin/gh").write_text(GH)
    (job.folder / "bin/gh").chmod(0o755)
    job.env |= {"NUMBER": "7", "REPOSITORY": "o/r", "LOG": "https://example.com/log", "COMMENT": ""}
    return job


def calls(job: Job) -> list[str]:
    return (job.folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(
    ("comment", "call"),
    [
        ("", "api --silent repos/o/r/issues/7/comments --field body=@plan.md"),
        ("42", "api --silent --method PATCH repos/o/r/issues/comments/42 --field body=@plan.md"),
        ("42\n43", "api --silent --method PATCH repos/o/r/issues/comments/42 --field body=@plan.md"),
    ],
)
def test_a_comment_is_made_once_and_written_over(commented: Job, comment: str, call: str) -> None:
    commented.env["COMMENT"] = comment
    (commented.folder / "plan.md").write_text("### ddguard plan for `shop/prod`\n")

    ended = commented.run({"run": comment_step()["run"]})

    assert (ended.returncode, ended.stderr) == (0, "")
    assert calls(commented)[1:] == [call]
    assert (commented.folder / "plan.md").read_text() == "### ddguard plan for `shop/prod`\n"


@pytest.mark.parametrize("left", [None, ""])
def test_where_there_is_no_plan_the_comment_points_to_the_log(commented: Job, left: str | None) -> None:
    if left is not None:
        (commented.folder / "plan.md").write_text(left)

    assert commented.run({"run": comment_step()["run"]}).returncode == 0
    assert "[the log](https://example.com/log)" in (commented.folder / "plan.md").read_text()


def test_the_comment_is_found_by_how_plans_and_mistakes_begin(commented: Job) -> None:
    plan = "ddguard plan --dir shop --env prod --format markdown"
    assert commented.run({"run": plan}).stdout.startswith("### ddguard ")
    (commented.folder / "shop/errors.yaml").write_text("id: [\n")
    assert commented.run({"run": plan}).stdout.startswith("### ddguard ")
    commented.run({"run": comment_step()["run"]})
    assert 'startswith("### ddguard")' in calls(commented)[0]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.stem)
def test_actions_of_others_are_pinned(path: Path) -> None:
    used = re.findall(r"uses: *(\S+)", path.read_text(encoding="utf-8"))
    assert [one for one in used if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", one)] == []
