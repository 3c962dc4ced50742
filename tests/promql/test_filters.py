"""Filters as matchers: what they let through is the same for every series."""

import re
from itertools import product

import pytest

from ddguard.promql import CannotExportError
from ddguard.promql.filters import alternatives, selectors
from ddguard.query import metric_queries, parse
from ddguard.query.nodes import Scope
from ddguard.replay.filters import lets_through

MATCHERS = {
    "*": [""],
    "env:prod": ['{env="prod"}'],
    "ENV:Prod": ['{env="prod"}'],
    "host:web-*": ['{host=~"web-.*"}'],
    "host:*": ['{host!=""}'],
    "!host:*": ['{host=""}'],
    "!device:/dev/loop*": ['{device!~"/dev/loop.*"}'],
    "v:1.2+3": ['{v="1.2+3"}'],
    "v:1.2*": ['{v=~"1\\\\.2.*"}'],
    "a:1,!b:2": ['{a="1",b!="2"}'],
    "region IN (eu, us-*)": ['{region=~"eu|us-.*"}'],
    "region NOT IN (eu, us)": ['{region!~"eu|us"}'],
    "region NOT IN (*)": ['{region=""}'],
    "a:1 OR a:2* OR a:3": ['{a=~"1|2.*|3"}'],
    "a:1 OR b:2": ['{a="1"}', '{b="2"}'],
    "NOT (a:1 AND b:2)": ['{a!="1"}', '{b!="2"}'],
    "NOT (a:1 OR NOT b:2)": ['{a!="1",b="2"}'],
    "a:1 AND (b:2 OR c:3)": ['{a="1",b="2"}', '{a="1",c="3"}'],
    "kube.name:x": ['{kube_name="x"}'],
}


def scope(text: str) -> Scope:
    return metric_queries(parse("query alert", f"avg(last_5m):avg:m{{{text}}} > 1"))[0].scope


@pytest.mark.parametrize("text", MATCHERS)
def test_selectors(text: str) -> None:
    assert selectors("m", scope(text), ()) == tuple(f"m{one}" for one in MATCHERS[text])


def test_groups_need_their_labels_once() -> None:
    assert selectors("m", scope("tenant:a*,!env:x"), ("tenant", "env")) == ('m{tenant=~"a.*",env!="x",env!=""}',)


@pytest.mark.parametrize("text", [text for text in MATCHERS if "kube" not in text])
def test_the_same_series_pass(text: str) -> None:
    """Every combination of some tags, the missing one among them."""
    values = {"a": ["", "1", "2", "23"], "b": ["", "2"], "c": ["", "3"], "region": ["", "eu", "us", "us-1"],
              "host": ["", "web-1", "x"], "env": ["", "prod"], "device": ["", "/dev/loop1"],
              "v": ["", "1.2+3", "1x2"]}  # fmt: skip
    used = [key for key in values if re.search(rf"\b{key}\b", text.lower())]
    for chosen in product(*(values[key] for key in used)):
        labels = dict(zip(used, chosen, strict=True))
        tags = [f"{key}:{value}" for key, value in labels.items() if value]
        assert matched(scope(text), labels) == lets_through(scope(text), tags), labels


def matched(filter_: Scope, labels: dict[str, str]) -> bool:
    def holds(label: str, operator: str, value: str) -> bool:
        here = labels.get(label, "")
        found = here == value if "~" not in operator else re.fullmatch(value, here) is not None
        return found != operator.startswith("!")

    return any(all(holds(one.label, one.operator, one.value) for one in each) for each in alternatives(filter_))


def test_a_filter_that_explodes_is_refused() -> None:
    pairs = " AND ".join(f"(a{number}:1 OR b{number}:1)" for number in range(5))
    with pytest.raises(CannotExportError, match="more than 16 selectors"):
        alternatives(scope(pairs))
    with pytest.raises(CannotExportError, match="more than 16 selectors"):
        alternatives(scope(" OR ".join(f"k{number}:1" for number in range(17))))


def test_a_filter_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(CannotExportError, match="its filter lets nothing through"):
        alternatives(scope("NOT *"))
