"""Where PromQL can say the same, promtool agrees round by round, on series without and with gaps.

Rounds stand half a minute after the points, so that it doesn't matter which ends of a window belong to it.
"""

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from helpers import every_minute, replay, series

PROMTOOL = shutil.which("promtool")
MINUTES = 60
PAIRS = {
    "sum(last_5m):sum:m{*} by {g}.as_count() > 0": "sum by (g) (sum_over_time(m[5m]))",
    "sum(last_5m):sum:m{*}.as_count() > 0": "sum(sum_over_time(m[5m]))",
    "max(last_10m):max:m{*} by {g}.fill(null) > 0": "max by (g) (max_over_time(m[10m]))",
    "min(last_10m):min:m{*} by {g}.fill(null) > 0": "min by (g) (min_over_time(m[10m]))",
    "avg(last_5m):avg:m{*} by {g,h} > 0": "sum_over_time(m[5m]) / count_over_time(m[5m])",
    "max(last_5m):sum:m{h:1} by {g} - 3 > 0": 'max by (g) (max_over_time(m{h="1"}[5m])) - 3',
}


def sources(share_of_gaps: float) -> dict[tuple[str, str], list[float | None]]:
    """Whole numbers for three groups with two sources each; each begins with a value, so that groups exist."""
    chance = random.Random(7)  # noqa: S311 - made-up data
    return {
        (group, host): [
            None if minute and chance.random() < share_of_gaps else float(chance.randint(-9, 99))
            for minute in range(MINUTES)
        ]
        for group in "abc"
        for host in "12"
    }


def expected_samples(query: str, data: dict[tuple[str, str], list[float | None]]) -> list[dict[str, Any]]:
    kind = "count" if "as_count" in query else "gauge"
    parts = series(*(every_minute("m", values, kind, f"g:{g} h:{h}") for (g, h), values in data.items()))
    found = replay(query, parts, 60 * (MINUTES - 1), {"new_group_delay": 0, "new_host_delay": 0}, offset=30, bucket=60)
    tests = []
    for index in range(1, MINUTES):
        samples = []
        for group in found.groups:
            value = group.value_in(index)
            labels = "" if group.group == "*" else ", ".join(f'{k}="{v}"' for k, v in pairs(group.group))
            if value is not None:
                samples.append({"labels": f"{{{labels}}}", "value": value})
        tests.append({"expr": PAIRS[query], "eval_time": f"{index}m30s", "exp_samples": samples})
    return tests


def pairs(group: str) -> list[tuple[str, str]]:
    return [(key, value) for key, _, value in (part.partition(":") for part in group.split(","))]


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian package prometheus)")
@pytest.mark.parametrize("share_of_gaps", [0.0, 0.6])
def test_promtool_agrees(share_of_gaps: float, tmp_path: Path) -> None:
    data = sources(share_of_gaps)
    rows = [
        {"series": f'm{{g="{g}",h="{h}"}}', "values": " ".join("_" if v is None else f"{v:g}" for v in values)}
        for (g, h), values in data.items()
    ]
    tests = [test for query in PAIRS for test in expected_samples(query, data)]
    assert sum(len(test["exp_samples"]) for test in tests) > 500
    (tmp_path / "rules.yml").write_text("groups: []\n")
    story = {"rule_files": ["rules.yml"], "evaluation_interval": "1m",
             "tests": [{"interval": "1m", "input_series": rows, "promql_expr_test": tests}]}  # fmt: skip
    (tmp_path / "test.yml").write_text(json.dumps(story))
    done = subprocess.run(
        [str(PROMTOOL), "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
