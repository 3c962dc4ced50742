"""Plans and outcomes as text, Markdown and JSON: the forms that whole runs don't reach."""

import json
from dataclasses import replace

import pytest
from plan_worlds import PRUNE, live, monitor, planned, world
from rich.text import Text

from ddguard.payload import ABSENT, FieldChange
from ddguard.plan import Action, Change, Kind, Outcome, Plan, Result
from ddguard.report.diffs import Detail, Shown, line_diff, shown_fields, value_text
from ddguard.report.layout import Hanging
from ddguard.report.markdown import LONGEST, findings_markdown, plan_markdown
from ddguard.report.outcomes import outcome_text
from ddguard.report.plan_machine import apply_object, field_object
from ddguard.report.plans import changes_question, plan_text
from ddguard.report.terminal import rendered

A = monitor("a")


def changed(before: object, after: object) -> Shown:
    """How one field is shown in an update."""
    change = Change(Action.UPDATE, Kind.MONITOR, "a", "A", (FieldChange(("field",), before, after),), "1")
    (shown,) = shown_fields(change)
    return shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ABSENT, "(none)"),
        (None, "null"),
        ("", '""'),
        (" padded ", '" padded "'),
        ("plain", "plain"),
        ("two\nlines", "two\\nlines"),
        (100.0, "100"),
        (0.5, "0.5"),
        (True, "true"),
        ({"a": [1.0, "x"]}, '{"a": [1, "x"]}'),
        ("\x1b[31m", "\\x1b[31m"),
        ("y" * 400, "y" * 400),
        ("y" * 401, "y" * 400 + "... (401 characters)"),
    ],
)
def test_values_stand_on_one_line(value: object, text: str) -> None:
    assert value_text(value) == text


def test_nothing_is_cut_where_all_is_wanted() -> None:
    assert value_text("y" * 1000, Detail.WHOLE) == "y" * 1000


class TestFields:
    def test_short_values_stand_side_by_side(self) -> None:
        assert changed(1, 2) == Shown("field", "1", "2")

    def test_a_text_that_gets_lines_is_shown_by_lines(self) -> None:
        assert changed(None, "one\ntwo").lines == (("+", "one"), ("+", "two"))
        assert changed("one\ntwo", ABSENT).lines == (("-", "one"), ("-", "two"))
        assert changed(5, "one\ntwo").lines == (("-", "5"), ("+", "one"), ("+", "two"))

    def test_lists_of_texts_show_what_they_lose_and_gain(self) -> None:
        assert changed(["a", "b"], ["c", "b"]).lines == (("-", "a"), ("+", "c"))

    def test_where_only_the_order_differs_it_is_shown(self) -> None:
        assert changed(["a", "b"], ["b", "a"]).lines == (("-", "a"), ("-", "b"), ("+", "b"), ("+", "a"))

    def test_other_lists_are_values(self) -> None:
        assert changed([], ["a"]) == Shown("field", "[]", '["a"]')
        assert changed([1], [2]) == Shown("field", "[1]", "[2]")


class TestLineDiff:
    lines = "\n".join(str(number) for number in range(20))

    def test_far_lines_are_left_out(self) -> None:
        told = list(line_diff(self.lines, self.lines.replace("\n10\n", "\nten\n")))

        assert told == [
            (" ", "..."),
            (" ", "8"),
            (" ", "9"),
            ("-", "10"),
            ("+", "ten"),
            (" ", "11"),
            (" ", "12"),
            (" ", "..."),
        ]

    def test_between_two_places_too(self) -> None:
        told = list(line_diff(self.lines, self.lines.replace("0\n1\n", "zero\n1\n", 1).replace("\n19", "\nnineteen")))

        assert told == [
            ("-", "0"),
            ("+", "zero"),
            (" ", "1"),
            (" ", "2"),
            (" ", "..."),
            (" ", "17"),
            (" ", "18"),
            ("-", "19"),
            ("+", "nineteen"),
        ]


class TestNarrowTerminals:
    def test_signed_lines_wrap_beside_their_sign(self) -> None:
        told = rendered([Hanging(Text("sum:" + "x" * 30), 4, "-")], width=26, color=False)

        assert told == f"    - sum:{'x' * 16}\n      {'x' * 14}\n"

    def test_others_go_on_further_in(self) -> None:
        assert (
            rendered([Hanging(Text("one two three four"), 2)], width=14, color=False) == "  one two\n    three four\n"
        )

    def test_what_fits_is_left_alone(self) -> None:
        assert rendered([Hanging(Text("one two"), 2)], width=80, color=False) == "  one two\n"

    def test_nothing_is_nothing(self) -> None:
        assert rendered([], width=80, color=False) == ""


class TestMarkdown:
    def test_what_does_not_fit_is_counted(self) -> None:
        specs = [monitor(f"m{number}", message="long line\n" * 1000) for number in range(10)]
        text = plan_markdown(planned(specs))

        assert len(text) < LONGEST + 200
        names = "".join(f"\n- Create `m{number}`: M{number}\n" for number in (4, 5, 6, 7, 8, 9))
        last = "\n_The fields of 6 changes don't fit into this comment: `ddguard plan` shows all._"
        assert text.endswith(f"</details>\n{names}{last}")
        assert text.count("```") == 8

    def test_deletes_are_named_whatever_stands_before_them(self) -> None:
        there = world(*(live(monitor(f"old{number}"), number) for number in range(9)))
        specs = [monitor(f"m{number}", message="long line\n" * 1000) for number in range(10)]
        text = plan_markdown(planned(specs, there, replace(PRUNE, max_deletes=9)))

        assert len(text) < LONGEST + 200
        assert [number for number in range(9) if f"Delete `old{number}`" not in text] == []

    def test_of_more_changes_than_a_comment_can_name_the_others_are_counted(self) -> None:
        text = plan_markdown(planned([monitor(f"m{number}") for number in range(3000)]))

        assert len(text) < LONGEST + 200
        assert "more parts don't fit into this comment" in text

    def test_one_part_too_much_is_told_in_the_singular(self) -> None:
        text = plan_markdown(planned([monitor("a", message="long line\n" * 10_000)]))

        assert text == (
            "### ddguard plan for `shop/prod`\n\n**1 to create, 0 unchanged**\n"
            "\n- Create `a`: A\n"
            "\n_The fields of 1 change don't fit into this comment: `ddguard plan` shows all._"
        )

    def test_many_mistakes_are_cut(self) -> None:
        text = findings_markdown("e" * (LONGEST + 1), "60 errors in 1 file")

        assert text.startswith("### ddguard found mistakes: no plan\n\n**60 errors in 1 file**\n\n```\neee")
        assert text.endswith("eee\n...\n```")


class TestOutcomes:
    def told(self, outcome: Outcome) -> str:
        return rendered(outcome_text(outcome), width=200, color=False)

    def change(self, action: Action, kind: Kind = Kind.MONITOR) -> Change:
        return replace(planned([A]).changes[0], action=action, kind=kind, remote_id="7")

    @pytest.mark.parametrize(
        ("outcome", "text"),
        [
            ((Action.CREATE, Result.DONE, "8", ""), "created a (8)\n"),
            ((Action.UPDATE, Result.DONE, "7", ""), "updated a (7)\n"),
            ((Action.REPLACE, Result.DONE, "8", ""), "replaced a (8, was 7)\n"),
            ((Action.DELETE, Result.DONE, "7", ""), "deleted a (7)\n"),
            ((Action.UPDATE, Result.FAILED, "7", "No"), "a.yaml:1: failed to update a: No\n"),
            ((Action.REPLACE, Result.SKIPPED, "7", "interrupted"), "a.yaml:1: skipped replacing a: interrupted\n"),
            ((Action.DELETE, Result.FAILED, "7", "\x1b[2J\n@x"), "a.yaml:1: failed to delete a: \\x1b[2J\\n@x\n"),
        ],
    )
    def test_each_has_its_words(self, outcome: tuple[Action, Result, str, str], text: str) -> None:
        action, result, number, error = outcome

        assert self.told(Outcome(self.change(action), result, number, error)) == text

    def test_a_hint_stands_below(self) -> None:
        outcome = Outcome(self.change(Action.UPDATE, Kind.DOWNTIME), Result.FAILED, "7", "Gone", "plan again")

        assert self.told(outcome) == "a.yaml:1: failed to update downtime a: Gone\n  help: plan again\n"

    def test_a_delete_has_no_place(self) -> None:
        outcome = Outcome(replace(self.change(Action.DELETE), position=None), Result.FAILED, "7", "No")

        assert self.told(outcome) == "failed to delete a: No\n"


class TestJson:
    def test_absent_and_null_are_null(self) -> None:
        assert field_object(FieldChange(("a", 0, "b"), ABSENT, None)) == {
            "path": "a.0.b",
            "before": None,
            "after": None,
        }

    def test_outcomes_come_in_the_order_of_the_plan(self) -> None:
        plan = planned([A, monitor("b")])
        done = [Outcome(change, Result.DONE, change.id) for change in reversed(plan.changes)]

        told = apply_object(plan, done)

        assert [(change["id"], change["remote_id"], change["outcome"]) for change in told["changes"]] == [
            ("a", "a", "done"),
            ("b", "b", "done"),
        ]
        assert json.dumps(told)


@pytest.mark.parametrize(
    ("plan", "question"),
    [
        (planned([A]), "Apply 1 change to shop/prod?"),
        (planned([A, monitor("b")]), "Apply 2 changes to shop/prod?"),
        (
            planned(
                [monitor("a", type="service check", query='"x".over("*").last(2).count_by_status()')], world(live(A, 1))
            ),
            "Apply 1 change to shop/prod (1 object will be deleted)?",
        ),
    ],
)
def test_the_question_tells_how_much_is_at_stake(plan: Plan, question: str) -> None:
    assert changes_question(plan) == question


def test_hostile_ids_and_paths_of_objects_in_datadog_are_harmless() -> None:
    hostile = live(A, 1, options={"\x1b[2J": 1})
    told = rendered(plan_text(planned([A], world(hostile))), width=200, color=False)

    assert "\x1b" not in told
    assert "options.\\x1b[2J: 1 -> (none)" in told
