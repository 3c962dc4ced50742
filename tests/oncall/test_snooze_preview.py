"""What is shown and asked before a snooze, and what comes of each answer."""

import pytest

from tests.oncall.desk import PROJECT, Desk, Said

CLOSED = ""
"""Nothing is typed: the input ends, as with Ctrl-D."""


def wish(desk: Desk, *options: str, answer: str) -> Said:
    return desk.do("snooze", "tenant", "acme", "--reason", "still on", "--by", "bob", *options, answer=answer)


@pytest.fixture
def snoozed(desk: Desk) -> str:
    """The number of a snooze of acme that lasts for two hours."""
    desk.set_group("burst", "tenant:acme", "Alert")
    return str(desk.snooze("acme", "--for", "2h").json["downtime_id"])


def test_a_preview_says_that_the_snooze_is_extended_and_so_does_the_question(desk: Desk, snoozed: str) -> None:
    said = wish(desk, "--for", "3h", answer="y\n")
    before, after = "Mon 05 Jan 2026 06:00 CET (05:00 UTC)", "Mon 05 Jan 2026 07:00 CET (06:00 UTC)"
    assert f"  snoozed already: until {before} by alice (load test): it is extended  ({snoozed})\n" in said.out
    assert f"Extend the snooze of tenant:acme in streampay/prod until {after}? [y/N]" in said.err
    assert f"Extended: tenant:acme until {after}" in said.out


def test_nobody_is_asked_about_a_snooze_that_lasts_longer_anyway(desk: Desk, snoozed: str) -> None:
    before = len(desk.sandbox.requests)
    said = wish(desk, "--for", "1h", answer=CLOSED)
    assert f"by alice (load test): it stays as it is  ({snoozed})\n" in said.out
    assert "Unchanged: tenant:acme is snoozed by alice until Mon 05 Jan 2026 06:00 CET" in said.out
    assert (said.code, said.err) == (0, "")
    assert {one.method for one in desk.asked_since(before)} == {"GET"}


@pytest.mark.usefixtures("snoozed")
def test_what_ended_while_the_question_stood_is_made_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def agree(*_: object, **__: object) -> bool:
        assert desk.do("snooze", "end", "tenant", "acme").code == 0
        return True

    monkeypatch.setattr("click.confirm", agree)
    assert "Snoozed: tenant:acme" in wish(desk, "--for", "3h", answer=CLOSED).out
    assert len(desk.live()) == 1


def test_an_answer_that_comes_after_the_end_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def agree_late(*_: object, **__: object) -> bool:
        desk.pass_time(hours=2)
        return True

    monkeypatch.setattr("click.confirm", agree_late)
    said = wish(desk, "--for", "2h", answer=CLOSED)
    assert (said.code, desk.live()) == (3, [])
    assert said.err == ("ddguard: the end of the snooze is past by now\n  nothing was changed; run the command again\n")


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (CLOSED, 130, "\nddguard: interrupted\n  nothing was changed\n"),
        ("n\n", 3, "ddguard: not snoozed: the answer was no\n  nothing was changed\n"),
        ("\n", 3, "ddguard: not snoozed: the answer was no\n  nothing was changed\n"),
        ("ja\nq\nno\n", 3, "ddguard: not snoozed: the answer was no\n  nothing was changed\n"),
    ],
)
def test_who_does_not_agree_changes_nothing_and_is_told_so(desk: Desk, answer: str, code: int, told: str) -> None:
    said = wish(desk, answer=answer)
    assert (said.code, desk.live()) == (code, [])
    assert said.err.endswith(told)


def test_where_nothing_would_fall_silent_the_other_environments_are_named(desk: Desk) -> None:
    desk.write(ddguard="project: streampay\nenvironments: {prod: {}, staging: {}, qa: {}}\n")
    said = desk.do("snooze", "tenant", "acme", "--env", "staging", "--reason", "x", "--yes")
    assert said.code == 3
    assert "no monitor of streampay/staging is grouped by tenant" in said.err
    assert (
        "  is another environment meant (--env prod or --env qa)? --force makes the downtime all the same\n" in said.err
    )
    desk.write(ddguard=PROJECT.replace("prod", "other"))
    said = desk.do("snooze", "tenant", "acme", "--reason", "x", "--yes")
    assert (said.code, "environment" in said.err) == (3, False)


@pytest.mark.parametrize("command", [("holds",), ("snooze", "list"), ("snooze", "end", "tenant", "acme")])
def test_what_is_not_found_in_the_default_environment_may_be_elsewhere(desk: Desk, command: tuple[str, ...]) -> None:
    desk.write(ddguard="project: streampay\ndefault_environment: staging\nenvironments: {prod: {}, staging: {}}\n")
    told = "this was staging, the default environment; elsewhere: --env prod\n"
    assert (desk.do(*command).err, desk.do(*command, "-q").err) == (told, "")
    assert desk.do(*command, "--env", "staging").err == ""
    desk.set_group("burst", "tenant:acme", "Alert")
    desk.snooze("acme", "--env", "prod")
    desk.write(ddguard="project: streampay\ndefault_environment: prod\nenvironments: {prod: {}, staging: {}}\n")
    assert desk.do(*command).err == ""


def test_a_tenant_with_many_alerting_groups_leaves_the_rest_on_the_screen(desk: Desk) -> None:
    for host in range(22):
        desk.set_group("burst", f"tenant:acme,host:h{host:02}", "Warn" if host else "Alert")
    lines = desk.do("snooze", "tenant", "acme", "--reason", "x", "--dry-run").out.splitlines()
    start = lines.index("  alerting now: 22 groups")
    shown = lines[start + 1 : start + 23]
    assert [line.split()[1] for line in shown[:-2]] == [f"tenant:acme,host:h{host:02}" for host in range(20)]
    assert shown[-2:] == [
        "    and 2 more: --format json has them all",
        "  until   Mon 05 Jan 2026 05:00 CET (04:00 UTC)",
    ]
    assert len(desk.snooze("acme", "--dry-run").json["alerting_groups"]) == 22
