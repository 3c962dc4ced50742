"""The results of tests as JUnit XML, which CI systems show."""

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ddguard.replay.running import CaseResult, Outcome
from ddguard.report.cases import trouble
from ddguard.report.escape import printable, printable_line


def junit_xml(results: Sequence[CaseResult]) -> str:
    """One suite for each test file, one case for each test, with the same words as on a terminal.

    The attributes are those that GitLab and Jenkins know; times are left out, so that equal runs give equal files.
    """
    root = Element("testsuites", _counts(results))
    for path, group in groupby(results, key=lambda result: result.case.position.path):
        suite_results = list(group)
        suite = SubElement(root, "testsuite", {"name": printable_line(path), **_counts(suite_results)})
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
        "name": printable_line(result.case.name),
        "classname": printable_line(result.case.monitor),
        "file": printable_line(position.path),
        "line": str(position.line),
    }
    case = SubElement(suite, "testcase", attributes)
    lines = [line.plain.rstrip() for line in trouble(result)]
    if result.outcome is Outcome.FAILED:
        first = result.mismatches[0]
        told = f"expected {first.expected}, actual {first.actual}"
        attributes = {"message": printable_line(told), "type": "mismatch"}
        SubElement(case, "failure", attributes).text = printable("\n".join(lines))
    elif result.outcome is Outcome.ERROR:
        attributes = {"message": printable_line(result.error), "type": "unfit"}
        SubElement(case, "error", attributes).text = printable("\n".join(lines))
