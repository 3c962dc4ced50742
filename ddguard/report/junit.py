"""The results of tests as JUnit XML, which CI systems show."""

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ddguard.replay.cases import CaseResult, Outcome
from ddguard.report.escape import printable


def junit_xml(results: Sequence[CaseResult]) -> str:
    """One suite for each test file, one case for each test."""
    root = Element("testsuites", _counts(results))
    for path, group in groupby(results, key=lambda result: result.case.position.path):
        suite_results = list(group)
        suite = SubElement(root, "testsuite", {"name": printable(path), **_counts(suite_results)})
        for result in suite_results:
            _add_case(suite, result)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _counts(results: Sequence[CaseResult]) -> dict[str, str]:
    failures = sum(result.outcome is Outcome.FAILED for result in results)
    errors = sum(result.outcome is Outcome.ERROR for result in results)
    return {"tests": str(len(results)), "failures": str(failures), "errors": str(errors)}


def _add_case(suite: Element, result: CaseResult) -> None:
    position = result.case.position
    attributes = {
        "name": printable(result.case.name),
        "classname": printable(result.case.monitor),
        "file": printable(position.path),
        "line": str(position.line),
    }
    case = SubElement(suite, "testcase", attributes)
    if result.outcome is Outcome.FAILED:
        told = "\n".join(
            f"line {one.position.line} {one.group or ''}: expected {one.expected}; actual {one.actual}"
            for one in result.mismatches
        )
        SubElement(case, "failure", {"message": printable(told.split("\n")[0])}).text = printable(told)
    elif result.outcome is Outcome.ERROR:
        SubElement(case, "error", {"message": printable(result.error)}).text = printable(result.error)
