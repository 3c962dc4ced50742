"""A project's folder -> everything in it: project, stack, monitors, downtimes, test documents, and all findings."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ddguard.errors import InputError, UsageError
from ddguard.findings import Finding, Position, Severity, has_errors
from ddguard.model import Downtime, Environment, Monitor, Project, Stack
from ddguard.spec.build import Built, build, own_variables
from ddguard.spec.documents import Document, read_documents
from ddguard.spec.fastcheck import schema_findings
from ddguard.spec.files import (
    PROJECT_FILE,
    ReadFile,
    find_project,
    is_test,
    named_files,
    read_project_file,
    read_spec_files,
)
from ddguard.spec.project import Variables, chosen_environment, project_from, undeclared
from ddguard.spec.references import reference_findings
from ddguard.spec.wording import did_you_mean, quoted


@dataclass(frozen=True, slots=True)
class Specs:
    """One project in one environment. `texts` holds each file's text by the path that findings show.

    `all_ids` are the ids of all specs, `documents` what they were built from, with the variables that were `given` on
    the command line and in the process environment. `narrowed` tells that the user named files: only what stands in
    them is in here then.
    """

    directory: Path
    project: Project
    environment: Environment
    stack: Stack
    monitors: tuple[Monitor, ...]
    downtimes: tuple[Downtime, ...]
    tests: tuple[Document, ...]
    findings: tuple[Finding, ...]
    texts: Mapping[str, str]
    all_ids: frozenset[str]
    documents: tuple[Document, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    from_process: Mapping[str, str] = field(default_factory=dict)
    narrowed: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of all files read, the project's own first."""
        return tuple(self.texts)

    def narrow(self, names: Sequence[str]) -> "Specs":
        """Only what stands in the files (or below the folders) that the user names; everything if there are none."""
        if not names:
            return self
        chosen = named_files(names, self.files)
        return replace(
            self,
            monitors=tuple(monitor for monitor in self.monitors if monitor.source.at().path in chosen),
            downtimes=tuple(downtime for downtime in self.downtimes if downtime.source.at().path in chosen),
            tests=tuple(document for document in self.tests if document.path in chosen),
            findings=tuple(finding for finding in self.findings if finding.position.path in chosen),
            texts={path: text for path, text in self.texts.items() if path in chosen},
            narrowed=True,
        )


class BrokenProjectError(InputError):
    """`ddguard.yaml` itself has mistakes: nothing else can be read. Carries its findings and its text."""

    def __init__(self, findings: tuple[Finding, ...], texts: Mapping[str, str]) -> None:
        super().__init__("ddguard.yaml has mistakes")
        self.findings = findings
        self.texts = texts


def load(
    directory: str | None,
    environment: str | None,
    given: Mapping[str, str],
    environ: Mapping[str, str],
) -> Specs:
    """Reads the project in `directory` (or where one is usually found) as it is in one environment.

    `given` are the variables of the command line, `environ` is the process environment.
    """
    bare = load_project(directory, environment)
    variables = Variables(bare.project, bare.environment, given, environ)
    files = tuple(read_spec_files(bare.directory))
    documents, findings = _documents(files)
    all_read = not any(finding.code in UNREADABLE for finding in findings)
    tests = tuple(document for document in documents if is_test(document.path))
    others = tuple(document for document in documents if not is_test(document.path))
    _require_use(given, bare.project, others, files)
    built = [build(document, bare.project, variables) for document in others]
    findings += [finding for document in tests for finding in _test_findings(document)]
    findings += [finding for one in built for finding in one.findings]
    all_known = all_read and all(one.id is not None for one in built)
    findings += [*_duplicate_ids(built), *reference_findings(built, all_known=all_known)]
    return replace(
        bare,
        monitors=tuple(one.spec for one in built if isinstance(one.spec, Monitor)),
        downtimes=tuple(one.spec for one in built if isinstance(one.spec, Downtime)),
        tests=tests,
        findings=tuple(sorted(findings, key=lambda finding: finding.order)),
        texts={**bare.texts, **{file.path: file.text or "" for file in files}},
        all_ids=frozenset(one.id for one in built if one.id is not None),
        documents=others,
        given=given,
        from_process=environ,
        narrowed=False,
    )


def load_project(directory: str | None, environment: str | None) -> Specs:
    """The project alone, in one environment: `ddguard.yaml` is read and no spec."""
    folder = find_project(directory)
    file = read_project_file(folder)
    project = _project(file)
    chosen = chosen_environment(project, environment)
    return Specs(
        directory=folder,
        project=project,
        environment=chosen,
        stack=Stack(project.name, chosen.name),
        monitors=(),
        downtimes=(),
        tests=(),
        findings=(),
        texts={file.path: file.text or ""},
        all_ids=frozenset(),
        narrowed=True,
    )


def _project(file: ReadFile) -> Project:
    text = file.text or ""
    documents, findings = read_documents(file.path, text) if file.finding is None else ((), (file.finding,))
    project = None
    if len(documents) == 1:
        project, mistakes = project_from(documents[0])
        findings += mistakes
    elif documents or not has_errors(findings):
        findings = (*(one for one in findings if one.severity is Severity.ERROR), _not_one_document(file, documents))
    if project is None or has_errors(findings):
        raise BrokenProjectError(tuple(sorted(findings, key=lambda finding: finding.order)), {file.path: text})
    return project


def _not_one_document(file: ReadFile, documents: Sequence[Document]) -> Finding:
    if not documents:
        message, hint = "the file describes no project", "at least `project: NAME`"
        return Finding(Position(file.path, 1, 1), "DDG009", "no-spec", Severity.ERROR, message, hint)
    message = f"expected one document, and this is the second of {len(documents)}"
    hint = "ddguard.yaml describes one project; specs stand in files of their own"
    return Finding(documents[1].at(), "DDG009", "no-spec", Severity.ERROR, message, hint)


UNREADABLE = frozenset({"DDG001", "DDG006", "DDG007", "DDG008"})
"""The codes of findings behind which specs may hide."""


def _documents(files: Iterable[ReadFile]) -> tuple[list[Document], list[Finding]]:
    documents: list[Document] = []
    findings: list[Finding] = []
    for file in files:
        if file.finding is not None:
            findings.append(file.finding)
        elif Path(file.path).name == PROJECT_FILE:
            findings.append(_second_project(file))
        else:
            found, wrong = read_documents(file.path, file.text or "")
            documents += found
            findings += wrong
    return documents, findings


def _second_project(file: ReadFile) -> Finding:
    message = "a second ddguard.yaml below the first: one project can't hold another"
    hint = "move it beside the other project, or rename it"
    return Finding(Position(file.path, 1, 1), "DDG018", "second-project", Severity.ERROR, message, hint)


def _require_use(
    given: Mapping[str, str], project: Project, documents: Sequence[Document], files: Sequence[ReadFile]
) -> None:
    """Refuses variables of the command line that nothing declares and nothing names: they would do nothing."""
    own = [own_variables(document) for document in documents] if given else []
    for name in undeclared(given, project, own):
        named = re.compile(rf"\$\{{\s*{re.escape(name)}\s*}}")
        if not any(named.search(file.text or "") for file in files):
            known = {**project.variables, **{key: None for one in own for key in one}}
            hint = did_you_mean(name, list(known)) or "declare it under `variables`, or name it in a spec"
            raise UsageError(f"--var {name}: no variable of that name is declared or used", hint)


def _test_findings(document: Document) -> list[Finding]:
    return document.untold(schema_findings("test", document.value, document, frozenset()))


def _duplicate_ids(built: Sequence[Built]) -> list[Finding]:
    first: dict[str, Built] = {}
    findings = []
    for one in built:
        if one.id is None:
            continue
        earlier = first.setdefault(one.id, one)
        if earlier is not one:
            place = earlier.document.at(("id",))
            message = f"the id {quoted(one.id)} is taken: {place.path}:{place.line} has it already"
            hint = "an id is unique in the project, over monitors and downtimes"
            position = one.document.at(("id",))
            findings.append(Finding(position, "DDG017", "duplicate-id", Severity.ERROR, message, hint))
    return findings
