"""The results of tests as JUnit XML, which CI systems show."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ddguard.findings import Position
from ddguard.replay.running import CaseResult, Outcome
from ddguard.report.cases import trouble
from ddguard.report.escape import printable, printable_line


@dataclass(frozen=True, slots=True)
class Stop:
    """What is no test and still makes a run fail: a mistake in a file, or that there is nothing to run."""

    kind: str
    position: Position
    message: str
    hint: str = ""


def junit_xml(results: Sequence[CaseResult], stops: Sequence[Stop] = ()) -> str:
    """One suite for each test file, one case for each test, with the same words as on a terminal.

    What else stopped the run, or some tests of it, stands before them as cases with errors, one suite for each file.
    The attributes are those that GitLab and Jenkins know; times are left out, so that equal runs give equal files.
    """
    root = Element("testsuites", _counts(results, len(stops)))
    for path, stopped in groupby(stops, key=lambda stop: stop.position.path):
        listed = list(stopped)
        suite = SubElement(root, "testsuite", {"name": printable_line(path), **_counts((), len(listed))})
        for stop in listed:
            _add_stop(suite, stop)
    for path, group in groupby(results, key=lambda result: result.case.position.path):
        suite_results = list(group)
        suite = SubElement(root, "testsuite", {"name": printable_line(path), **_counts(suite_results)})
        for result in suite_results:
            _add_case(suite, result)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _counts(results: Sequence[CaseResult], stops: int = 0) -> dict[str, str]:
    failures = sum(result.outcome is Outcome.FAILED for result in results)
    errors = sum(result.outcome is Outcome.ERROR for result in results) + stops
    return {"tests": str(len(results) + stops), "failures": str(failures), "errors": str(errors)}


def _add_stop(suite: Element, stop: Stop) -> None:
    path = printable_line(stop.position.path)
    attributes = {"name": printable_line(stop.message), "classname": stop.kind, "file": path}
    case = SubElement(suite, "testcase", {**attributes, "line": str(stop.position.line)})
    place = f"{path}:{stop.position.line}" if stop.position.line else path
    lines = [f"{place}: {printable_line(stop.message)}", *([printable_line(stop.hint)] if stop.hint else [])]
    attributes = {"message": printable_line(stop.message), "type": stop.kind}
    SubElement(case, "error", attributes).text = printable("\n".join(lines))


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
