"""Findings as SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from urllib.parse import quote

from ddguard import __version__
from ddguard.checks import RULES, Rule, file_rules
from ddguard.findings import Finding, Severity
from ddguard.model import Json
from ddguard.report.private import line_of, quotable_lines

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""The folder that paths are relative to: the one that the user stands in, or the repository that a job checked out."""
LEVELS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
FINGERPRINT = "ddguard/v1"
ABSOLUTE = re.compile(r"/|[A-Za-z]:/")


def sarif(findings: Sequence[Finding], texts: Mapping[str, str]) -> str:
    """One SARIF log. `texts` are the files' contents by path: columns are counted in UTF-16 code units of them.

    Fingerprints stay the same when lines move and files are read in another order.
    """
    rules = _rules(findings)
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    prints = _fingerprints(findings, texts)
    lines = {path: [line.rstrip("\r") for line in text.split("\n")] for path, text in texts.items()}
    results = [
        _result(finding, places[finding.code], print_, line_of(finding, lines))
        for finding, print_ in zip(findings, prints, strict=True)
    ]
    run = {
        "tool": {"driver": {"name": "ddguard", "version": __version__, "semanticVersion": __version__, "rules": rules}},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {
            ROOT: {"description": {"text": "The repository of a GitHub job, else the folder where ddguard ran."}}
        },
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rules(findings: Iterable[Finding]) -> list[dict[str, Json]]:
    """Every check, and of what can be wrong with files themselves that which was found, by code."""
    found = {finding.code for finding in findings}
    rules = [*RULES, *(rule for rule in file_rules() if rule.code in found)]
    return [_rule(rule) for rule in sorted(rules, key=lambda rule: rule.code)]


def _rule(rule: Rule) -> dict[str, Json]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": " ".join(rule.sections["What"].split())},
        "help": {"text": rule.page.strip(), "markdown": rule.page.strip()},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.theme.value]},
    }


def _result(finding: Finding, rule: int, fingerprint: str, line: str) -> dict[str, Json]:
    position = finding.position
    place: dict[str, Json] = {"artifactLocation": _artifact(position.path)}
    if position.line:
        place["region"] = {
            "startLine": position.line,
            "startColumn": _column(line, position.column),
            "endLine": position.line,
            "endColumn": _column(line, position.column + position.width),
        }
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": "\n".join(filter(None, (finding.message, finding.hint)))},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }


def _artifact(path: str) -> dict[str, str]:
    """A relative path below the root, an absolute one as a whole address."""
    plain = path.replace("\\", "/")
    if not ABSOLUTE.match(plain):
        return {"uri": quote(plain, safe="/", errors="surrogateescape"), "uriBaseId": ROOT}
    absolute = plain if plain.startswith("/") else f"/{plain}"
    return {"uri": "file://" + quote(absolute, safe="/:", errors="surrogateescape")}


def _column(line: str, column: int) -> int:
    """A column that counts characters (from 1) as one that counts UTF-16 code units."""
    return column + sum(ord(character) > 0xFFFF for character in line[: column - 1])


def _fingerprints(findings: Sequence[Finding], texts: Mapping[str, str]) -> list[str]:
    """For each finding a hash of its code, its file, the text of its line (what is private blotted out) and its column.

    Findings that are alike in all that are numbered in the order in which they stand.
    """
    lines = quotable_lines(findings, texts)
    seen = Counter[str]()
    prints = []
    for finding in findings:
        line = line_of(finding, lines)
        indent = len(line) - len(line.lstrip())
        key = json.dumps([finding.code, finding.position.path, line.strip(), finding.position.column - indent])
        seen[key] += 1
        prints.append(sha256(f"{key} {seen[key]}".encode()).hexdigest()[:32])
    return prints
