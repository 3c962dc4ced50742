import pytest

from ddguard.errors import UsageError
from ddguard.replay.settings import ASSUMPTIONS, BY_NAME, Settings, parse_assumptions


def test_each_assumption_has_a_name_of_its_own_and_a_default() -> None:
    assert len(BY_NAME) == len(ASSUMPTIONS)
    assert all(assumption.default == assumption.choices[0] for assumption in ASSUMPTIONS)


def test_the_default_holds_until_another_choice_is_made() -> None:
    assert Settings().choice("as-count-path") == "arithmetic"
    assert Settings(assume={"as-count-path": "division"}).choice("as-count-path") == "division"


def test_assumptions_are_written_as_name_equals_value() -> None:
    assert parse_assumptions(["no-data-timeframe=1", " integral = change "]) == {
        "no-data-timeframe": "1",
        "integral": "change",
    }


def test_an_unknown_assumption_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="there is no assumption 'luck'") as stop:
        parse_assumptions(["luck=good"])
    assert stop.value.hint.startswith("known: as-count-path, default-zero-empty, ")


def test_an_unknown_choice_lists_the_choices() -> None:
    with pytest.raises(UsageError, match="the assumption integral has no choice ''") as stop:
        parse_assumptions(["integral"])
    assert stop.value.hint == "choices: value, change"
