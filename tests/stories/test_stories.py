"""Whole runs, one a file beside this one; `story.py` says how they are written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from stage import Stage
from story import Section, read_story, write_story

STORIES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path, str], None]
) -> None:
    words, sections = read_story(path.read_text(encoding="utf-8"))
    stage = Stage(tmp_path, monkeypatch)
    try:
        played = stage.play(sections)
    finally:
        stage.close()
    golden(path, write_story(words, played))


def test_a_story_is_written_as_it_is_read() -> None:
    text = "Words.\nMore words.\n\n=== file a.yaml\nid: a\n\nname: b\n\n=== run ddguard plan\n\n=== exit 3\n"

    words, sections = read_story(text)

    assert words == "Words.\nMore words.\n"
    assert sections == [
        Section("file", "a.yaml", "id: a\n\nname: b\n"),
        Section("run", "ddguard plan"),
        Section("exit", "3"),
    ]
    assert write_story(words, sections) == text


def test_every_command_and_every_exit_code_has_a_story() -> None:
    told = {path.stem: read_story(path.read_text(encoding="utf-8"))[1] for path in STORIES}
    sections = [section for story in told.values() for section in story]
    commands = {section.rest.split()[1] for section in sections if section.word == "run" and " " in section.rest}
    codes = {int(section.rest) for section in sections if section.word == "exit"}

    assert commands >= {"validate", "plan", "apply", "schema"}
    assert codes == {1, 2, 3, 4, 5, 64, 70, 130}
    assert [name for name, story in told.items() if Section("exit", "70") in story] == ["bug"]
