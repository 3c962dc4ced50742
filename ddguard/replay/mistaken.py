"""Which monitors of a project can't be tested because of mistakes in their specs."""

from bisect import bisect_right
from collections.abc import Mapping

from ddguard.findings import Finding, Severity
from ddguard.model import monitors_referred_to
from ddguard.spec.documents import Document
from ddguard.spec.load import Specs


def mistakes_by_monitor(specs: Specs) -> dict[str, Finding]:
    """The first error of each monitor that has one in its spec, or of one that a composite needs."""
    errors = [finding for finding in specs.findings if finding.severity is Severity.ERROR]
    if not errors:
        return {}
    own: dict[str, Finding] = {}
    for finding in errors:
        for document in _documents_of(finding, specs):
            own.setdefault(_id(document), finding)
    needs = {_id(one): monitors_referred_to(one.value) for one in specs.documents if _is_composite(one)}
    all_needs = {_id(one): monitors_referred_to(one.value) for one in specs.documents if isinstance(one.value, dict)}
    inherited = {name: found for name in needs if (found := _first_in_reach(name, all_needs, own)) is not None}
    return {**inherited, **own}


def _documents_of(finding: Finding, specs: Specs) -> list[Document]:
    """The documents that a finding is about: the one that begins last before it, all where it has no line."""
    documents = [one for one in specs.documents if one.path == finding.position.path]
    if not finding.position.line:
        return documents
    place = bisect_right([one.at().line for one in documents], finding.position.line)
    return documents[max(place - 1, 0) : max(place, 1)]


def _id(document: Document) -> str:
    found = document.value.get("id") if isinstance(document.value, dict) else None
    return found if isinstance(found, str) else ""


def _is_composite(document: Document) -> bool:
    return isinstance(document.value, dict) and document.value.get("type") == "composite"


def _first_in_reach(name: str, needs: Mapping[str, frozenset[str]], own: Mapping[str, Finding]) -> Finding | None:
    """The error of the first monitor that has one among all that are needed, directly or by others."""
    waiting, seen = [name], {name}
    for one in waiting:
        if one in own:
            return own[one]
        more = sorted(needs.get(one, frozenset()) - seen)
        seen.update(more)
        waiting += more
    return None
