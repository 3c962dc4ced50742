"""Names in `allow`: each stands for itself in a filter, or is refused."""

import json

import pytest

from tests.oncall.desk import Desk
from tests.oncall.hostile import HOSTILE, SCOPED

SPEC = """\
id: burst
name: Burst
type: query alert
query: sum(last_1h):sum:a{{env:prod}} by {{tenant}}.as_count() > 1
message: ""
options: {{thresholds: {{critical: 1}}}}
allow: [{{tag: {}, reason: "load test, RISK-12", expires: 2027-01-31}}]
"""
A_VARIABLE = "${env}"
NO_TAGS = [
    name
    for name in [*HOSTILE, "a" * 194]
    if name != A_VARIABLE and (not 0 < len(name) < 194 or set(name) & set(" \t\n\r,;(){}[]<>\"'`\\|&?!*"))
]
ODD_TAGS = ["acme\\", "a\\,env:prod", "a?", "[acme", "a]", "a|b", "a&b", "<a>", "`a`"]


@pytest.mark.parametrize("name", [*NO_TAGS, *ODD_TAGS])
def test_a_name_that_is_no_plain_tag_reaches_no_filter(desk: Desk, name: str) -> None:
    desk.write(specs=SPEC.format(json.dumps(f"tenant:{name}")))
    said = desk.do("validate")
    assert (said.code, "allow[0].tag" in said.out) == (1, True)
    assert not [one for one in said.out + said.err if one != "\n" and not one.isprintable()]


@pytest.mark.parametrize("name", SCOPED)
def test_a_plain_name_is_left_out_by_itself(desk: Desk, name: str) -> None:
    desk.write(specs=SPEC.format(json.dumps(f"tenant:{name}")))
    assert f"{{env:prod,!tenant:{name}}} by {{tenant}}" in desk.do("plan").out
