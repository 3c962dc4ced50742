"""Variables: which one is the strongest, what type it has, and what is wrong with those that can't be filled in."""

import itertools
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ddguard.errors import ExitCode, UsageError
from ddguard.model import Environment, Project, Scalar, references_in
from ddguard.payload.references import as_sent
from ddguard.spec.documents import read_documents
from ddguard.spec.project import Variables, chosen_environment, project_from
from ddguard.spec.shifts import unshifted
from ddguard.spec.variables import OverrideError, VariableMistakeError, as_text, fill_text, override, shift_of
from ddguard.spec.wording import quoted

PROJECT = """\
project: shop
default_environment: staging
variables: {limit: 1, name: project, ratio: 0.5, loud: false, open: null}
environments:
  staging: {variables: {limit: 3}}
  prod:
"""


def project(text: str = PROJECT) -> Project:
    documents, findings = read_documents("ddguard.yaml", text)
    found, mistakes = project_from(documents[0])
    assert found is not None, (findings, mistakes)
    return found


def values(
    own: dict[str, Scalar] | None = None,
    environ: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
    strongest: dict[str, Scalar] | None = None,
    environment: str = "staging",
) -> dict[str, Scalar]:
    home = project()
    variables = Variables(home, home.environments[environment], given or {}, environ or {}, strongest or {})
    return dict(variables.of_spec(own or {}))


def test_the_order_of_strength() -> None:
    own: dict[str, Scalar] = {"limit": 2}
    assert values(environment="prod")["limit"] == 1
    assert values(own, environment="prod")["limit"] == 2
    assert values(own)["limit"] == 3
    assert values(own, {"DDGUARD_VAR_LIMIT": "4"})["limit"] == 4
    assert values(own, {"DDGUARD_VAR_LIMIT": "4"}, {"limit": "5"})["limit"] == 5
    assert values(own, {"DDGUARD_VAR_LIMIT": "4"}, {"limit": "5"}, {"limit": 6})["limit"] == 6


def test_env_is_always_the_environment_s_name() -> None:
    assert values(strongest={"env": "other"})["env"] == "staging"
    assert values(environment="prod")["env"] == "prod"


@pytest.mark.parametrize(("given", "environ"), [({"env": "x"}, {}), ({}, {"DDGUARD_VAR_ENV": "x"})])
def test_no_variable_can_set_env(given: dict[str, str], environ: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        values(None, environ, given)
    assert refused.value.message == "env is always the environment's name: no variable can set it"
    assert refused.value.hint == "choose it with --env"


def test_the_process_environment_means_names_in_any_case() -> None:
    found = values({"Limit": 1, "other": "x"}, {"DDGUARD_VAR_LIMIT": "7", "DDGUARD_VAR_NEW": "8", "DDGUARD_VAR_": "9"})
    assert (found["limit"], found["Limit"], found["new"], found["other"]) == (7, 7, 8, "x")
    assert "" not in found


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("limit", "7", 7),
        ("limit", "7.5", 7.5),
        ("limit", "0x10", 16),
        ("ratio", "1", 1),
        ("name", "7", "7"),
        ("name", "", ""),
        ("loud", "true", True),
        ("open", "7", 7),
        ("open", "x", "x"),
        ("open", "null", "null"),
        ("fresh", "true", True),
        ("fresh", "", ""),
        ("fresh", "1e999", "1e999"),
    ],
)
def test_an_override_takes_the_type_of_what_is_declared(name: str, text: str, value: Scalar) -> None:
    found = override(name, text, project().variables)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("limit", "many", "the variable limit takes a number, not 'many'"),
        ("limit", "", "the variable limit takes a number, not ''"),
        ("limit", "true", "the variable limit takes a number, not 'true'"),
        ("limit", "1e999", "the variable limit takes a number, not '1e999'"),
        ("loud", "yes", "the variable loud takes true or false, not 'yes'"),
        ("loud", "1", "the variable loud takes true or false, not '1'"),
        ("name", "a ${b}", "the variable name refers to a variable: a value is taken as it is"),
    ],
)
def test_an_override_that_does_not_fit_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(OverrideError, match=f"^{re.escape(message)}$"):
        override(name, text, project().variables)


def test_an_override_that_is_refused_names_its_origin() -> None:
    with pytest.raises(UsageError) as by_option:
        values(None, {}, {"limit": "many"})
    with pytest.raises(UsageError) as by_process:
        values(None, {"DDGUARD_VAR_LIMIT": "many"})
    assert by_option.value.message == "--var limit: the variable limit takes a number, not 'many'"
    assert by_process.value.message == "DDGUARD_VAR_LIMIT: the variable limit takes a number, not 'many'"
    assert by_process.value.exit_code is ExitCode.USAGE


KNOWN: dict[str, Scalar] = {
    "n": 5,
    "f": 0.5,
    "whole": 2.0,
    "t": "text",
    "b": True,
    "env": "prod",
    "none": None,
    "e": "",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${n}", 5),
        ("${ n }", 5),
        ("${f}", 0.5),
        ("${whole}", 2.0),
        ("${b}", True),
        ("${t}", "text"),
        ("${e}", ""),
        (" ${n}", " 5"),
        ("${n}${n}", "55"),
        ("> ${n} ${f} ${whole} ${b} ${t}${e}", "> 5 0.5 2 true text"),
        ("$$", "$"),
        ("$${n}", "${n}"),
        ("$$$${n}", "$${n}"),
        ("$$${n}", "$5"),
        ("cost: $5, $n and {n}", "cost: $5, $n and {n}"),
        ("$", "$"),
        ("${monitor:a-b.c}", "${monitor:a-b.c}"),
        ("${monitor:a} && ${n}", "${monitor:a} && 5"),
        ("$${monitor:a}", "$${monitor:a}"),
        ("$$ $$$${monitor:a} $$$${n}", "$ $$$${monitor:a} $${n}"),
        ("$${monitor:A b} $${monitor:", "${monitor:A b} ${monitor:"),
    ],
)
def test_texts_are_filled(text: str, value: Scalar) -> None:
    found, _ = fill_text(text, KNOWN)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "check", "message", "hint", "offset", "width"),
    [
        (
            "a ${x}",
            "undefined-variable",
            "the variable x isn't defined",
            "declare it under `variables`; write $$ for a dollar sign",
            2,
            4,
        ),
        ("${enw}", "undefined-variable", "the variable enw isn't defined", "did you mean ${env}?", 0, 6),
        (
            "a ${n",
            "broken-variable",
            "a variable begins here and is never closed",
            "close it with }, or write $$ for a dollar sign",
            2,
            3,
        ),
        (
            "${a{n}",
            "broken-variable",
            "a variable begins here and is never closed",
            "close it with }, or write $$ for a dollar sign",
            0,
            3,
        ),
        (
            "${monitor:a",
            "broken-variable",
            "a variable begins here and is never closed",
            "close it with }, or write $$ for a dollar sign",
            0,
            11,
        ),
        (
            "${a b}",
            "broken-variable",
            "'a b' is no variable's name",
            "a name has letters, digits and _; write $$ for a dollar sign",
            0,
            6,
        ),
        (
            "${none}",
            "variable-without-value",
            "the variable none has no value",
            "give it one: --var none=..., or the environment variable DDGUARD_VAR_NONE",
            0,
            7,
        ),
        (
            "${monitor:}",
            "broken-variable",
            "'' is no monitor's id",
            "an id has lower-case letters, digits, _, . and -, and no blanks around it",
            0,
            11,
        ),
    ],
)
def test_mistakes_say_what_and_where(text: str, check: str, message: str, hint: str, offset: int, width: int) -> None:
    with pytest.raises(VariableMistakeError) as mistaken:
        fill_text(text, KNOWN)
    found = mistaken.value
    assert (found.check, str(found), found.hint, found.offset, found.width) == (check, message, hint, offset, width)


PARTS = st.lists(st.sampled_from(["a", "bc ", "${n}", "${t}", "${e}", "$$", "${monitor:m}", "\n", "界"]), max_size=8)


def test_a_row_of_dollar_signs_comes_from_one_place() -> None:
    filled, shift = fill_text("a$$$$b$$${monitor:m}", KNOWN)
    assert filled == "a$$b$$${monitor:m}"
    assert [(shift.start(at), shift.end(at + 1)) for at in (0, 1, 2, 3, 4, 6)] == [
        *((0, 1), (1, 5), (1, 5), (5, 6), (6, 8), (8, 20)),
    ]


PRICES: dict[str, Scalar] = {"price": "5$", "dollars": "$$", "brace": "{monitor:m}", "open": "{mon"}


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("${price}${monitor:m}", "5$12"),
        ("${dollars}${monitor:m}", "$$12"),
        ("${price}${dollars}$$${monitor:m}", "5$$$$12"),
        ("${price}$${monitor:m}", "5$${monitor:m}"),
        ("${price}{monitor:m}", "5${monitor:m}"),
        ("${price}${brace}", "5${monitor:m}"),
        ("${price}${open}itor:m}", "5${monitor:m}"),
        ("$$${brace} ${brace}", "${monitor:m} {monitor:m}"),
        ("${price} ${monitor:m}", "5$ 12"),
        ("${price}${monitor:m}${price}", "5$125$"),
    ],
)
def test_the_dollar_signs_of_a_value_are_text(text: str, sent: str) -> None:
    assert as_sent(fill_text(text, PRICES)[0], {"m": 12}) == sent


def test_a_reference_after_a_dollar_sign_is_found_at_its_place() -> None:
    filled, shift = fill_text("${price}${monitor:m}", PRICES)
    (reference,) = references_in(str(filled))
    assert (shift.start(reference.start), shift.end(reference.end)) == (8, 20)


PIECES = {
    "${price}": "5$",
    "${dollars}": "$$",
    "$$": "$",
    "${brace}": "{monitor:m}",
    "{monitor:m}": "{monitor:m}",
    "a": "a",
}


@given(parts=st.lists(st.sampled_from([*PIECES, "${monitor:m}"]), max_size=8))
def test_what_is_sent_is_what_each_part_stands_for(parts: list[str]) -> None:
    assert (
        as_sent(fill_text("".join(parts) + "|", PRICES)[0], {"m": 12})
        == "".join(PIECES.get(part, "12") for part in [*parts]) + "|"
    )


def dollars_meet(parts: list[str]) -> bool:
    """Whether a dollar sign stands before another one in what is filled in: such a row comes from one place."""
    filled = [part for part in parts if part != "${e}"]
    return not {("$$", "$$"), ("$$", "${monitor:m}")}.isdisjoint(itertools.pairwise(filled))


@given(parts=PARTS.filter(lambda parts: not dollars_meet(parts)))
@example(parts=["$$", "a", "${e}", "${monitor:m}"])
def test_offsets_lead_back_to_where_each_character_came_from(parts: list[str]) -> None:
    text = "".join(parts)
    filled, shift = fill_text(text + "|", KNOWN)
    expected = []
    position = 0
    for part in [*parts, "|"]:
        value = as_text(fill_text(part, KNOWN)[0])
        copied = value == part and not part.startswith("$")
        expected += [
            (position + at, position + at + 1) if copied else (position, position + len(part))
            for at in range(len(value))
        ]
        position += len(part)
    assert [(shift.start(at), shift.end(at + 1)) for at in range(len(str(filled)))] == expected


def test_beyond_the_end_and_without_variables_offsets_stay_in_step() -> None:
    shift = shift_of("${t}x", KNOWN)
    assert [shift.start(at) for at in (4, 5, 6)] == [4, 5, 6]
    assert (unshifted("x").start(3), unshifted("x").end(3)) == (3, 3)
    assert shift_of("a${x}b", KNOWN).start(1) == 5


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (0.1, "0.1"), (2.0, "2"), (1e15, "1000000000000000.0"), (True, "true"), (False, "false")],
)
def test_values_inside_texts(value: Scalar, text: str) -> None:
    assert as_text(value) == text


# Environments


@pytest.mark.parametrize(
    ("text", "name", "chosen"),
    [
        (PROJECT, None, "staging"),
        (PROJECT, "prod", "prod"),
        ("project: a\n", None, "default"),
        ("project: a\n", "any", "any"),
        ("project: a\ndefault_environment: qa\n", None, "qa"),
        ("project: a\nenvironments: {only: {}}\n", None, "only"),
    ],
)
def test_the_environment_that_is_chosen(text: str, name: str | None, chosen: str) -> None:
    assert chosen_environment(project(text), name).name == chosen


SEVERAL = "project: a\nenvironments: {staging: {}, prod: {}}\n"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            None,
            "a has several environments: staging, prod",
            "name one with --env, or set default_environment in ddguard.yaml",
        ),
        ("", "--env names no environment", "is the variable empty that it comes from?"),
        ("prd", "there is no environment 'prd' in ddguard.yaml", "did you mean prod?"),
        ("x", "there is no environment 'x' in ddguard.yaml", "there are: staging, prod"),
    ],
)
def test_an_environment_that_can_not_be_chosen(name: str | None, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        chosen_environment(project(SEVERAL), name)
    assert (refused.value.message, refused.value.hint) == (message, hint)


@pytest.mark.parametrize("name", ["prod eu", "PrÖd", "Prod", "prod/x", "-x", "prod,x", "1prod", "prod\n", "p" * 81])
def test_an_environment_that_no_project_declares_has_a_name_that_one_could_declare(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        chosen_environment(project("project: a\n"), name)
    assert refused.value.message == f"{quoted(name)} can't be the name of an environment"
    assert refused.value.hint.startswith("a name here starts with a lower-case letter and goes on with lower-case")
    assert refused.value.hint.endswith("`-`, 80 characters at most")


def test_a_project_with_everything() -> None:
    text = PROJECT + (
        "tags: [team:risk]\nprune: {max_share: 0.5}\nsnooze: {default: 30m, reason: optional}\n"
        "privacy: {group_keys: {allow: [tenant]}}\nprometheus: {metrics: {a.b: c}}\n"
    )
    found: Any = project(text)
    assert (found.tags, found.prune.max_share, found.prune.min_objects) == (("team:risk",), 0.5, 10)
    assert (found.snooze.default.total_seconds(), found.snooze.reason_required) == (1800, False)
    assert found.private_group_keys_allowed == {"tenant"}
    assert found.prometheus_metrics == {"a.b": "c"}
    assert found.environments["prod"] == Environment("prod")
