"""Handles: what Datadog reads as a mention, and what stands before and after it once the message is written out."""

import pytest

from ddguard.templates import Handle, handles, read


def found(text: str) -> list[Handle]:
    return list(handles(read(text)))


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("@slack-ops", ["@slack-ops"]),
        ("low @ops@example.com, now", ["@ops@example.com"]),
        ("low@ops@example.com", []),
        ("(@slack-ops)", []),
        ("a\n\t@team-risk\n", ["@team-risk"]),
        ("{{#is_alert}}@slack-a{{/is_alert}}{{#is_warning}}@slack-b{{/is_warning}}", ["@slack-a", "@slack-b"]),
        ("low{{#is_alert}}@slack-a{{/is_alert}}", []),
        ("low {{#is_alert}}{{^is_renotify}}@slack-a{{/is_renotify}}{{/is_alert}}", ["@slack-a"]),
        ("{{host.name}}@slack-a", []),
        ("{{host.name}} @slack-a", ["@slack-a"]),
        ("{{!-- note --}}@slack-a", ["@slack-a"]),
        ("{{{{raw}}}}{{x}}{{{{/raw}}}} @slack-a", ["@slack-a"]),
        ("@slack-{{team.name}} @{{owner.name}}", ["@slack-", "@"]),
        ("one @ sign, @ and @", []),
        ("@!x", []),
        ("{{@title.name}}", []),
    ],
)
def test_mentions(text: str, mentions: list[str]) -> None:
    assert [handle.text for handle in found(text) if handle.is_mention] == mentions


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("@slack-a", ""),
        ("@slack-a now", " "),
        ("@slack-a.", ""),
        ("{{#is_alert}}@slack-a{{/is_alert}}See the runbook", "S"),
        ("{{#is_alert}}@slack-a{{/is_alert}} See the runbook", " "),
        ("{{#is_alert}}@slack-a{{else}}no{{/is_alert}}", ""),
        ("@slack-a{{#is_alert}}low{{/is_alert}}", "l"),
        ("@slack-a{{#is_alert}} low{{/is_alert}}high", "h"),
        ("@slack-a{{#is_alert}}{{/is_alert}}{{!-- c --}}{{value}}", "0"),
        ("{{#is_alert}}{{#is_renotify}}@slack-a{{/is_renotify}}{{/is_alert}}{{value}}", "0"),
        ("@slack-{{team.name}}x", ""),
    ],
)
def test_what_follows(text: str, after: str) -> None:
    assert found(text)[0].after == after


def test_a_handle_knows_its_place_and_its_branches() -> None:
    text = "Hello. {{#is_alert}}a @slack-ops!{{else}}@team-x{{/is_alert}}"
    first, second = found(text)
    assert text[slice(*first.span)] == "@slack-ops"
    assert [(branch.block.name, branch.holds) for branch in first.branches] == [("is_alert", True)]
    assert [(branch.block.name, branch.holds) for branch in second.branches] == [("is_alert", False)]
    assert not first.goes_on
    assert found("@slack-{{team.name}}")[0].goes_on


def test_two_handles_without_a_blank_are_one() -> None:
    assert [handle.text for handle in found("@slack-a@slack-b @ops@example.com")] == [
        "@slack-a@slack-b",
        "@ops@example.com",
    ]
