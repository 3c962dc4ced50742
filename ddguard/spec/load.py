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
from ddguard.spec.places import Places
from ddguard.spec.project import ONLY_ENVIRONMENT, Variables, chosen_environment, project_from, undeclared
from ddguard.spec.references import reference_findings
from ddguard.spec.wording import did_you_mean, quoted


@dataclass(frozen=True, slots=True)
class Specs:
    """One project in one environment. `texts` holds each file's text by the path that findings show.

    `all_ids` are the ids of all specs, `documents` what they were built from, with the variables that were `given` on
    the command line and in the process environment. `sketches` are the texts of monitors with mistakes. `narrowed`
    tells that the user named files: only what stands in them is in here then.
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
    sketches: tuple[Monitor, ...] = ()
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
            sketches=tuple(monitor for monitor in self.sketches if monitor.source.at().path in chosen),
            tests=tuple(document for document in self.tests if document.path in chosen),
            findings=tuple(finding for finding in self.findings if finding.position.path in chosen),
            texts={path: text for path, text in self.texts.items() if path in chosen},
            narrowed=True,
        )


class BrokenProjectError(InputError):
    """`ddguard.yaml` itself has mistakes, so nobody knows what the specs mean. Carries its findings and its text.

    Where specs were to be read, what is wrong with them by themselves comes after that, with their texts.
    """

    def __init__(self, findings: tuple[Finding, ...], texts: Mapping[str, str]) -> None:
        super().__init__("ddguard.yaml has mistakes")
        self.findings = findings
        self.texts = texts

    def narrow(self, names: Sequence[str]) -> "BrokenProjectError":
        """Of the specs only what stands in the files that the user names; everything if there are none."""
        if not names:
            return self
        project, *_ = self.texts
        chosen = named_files(names, tuple(self.texts)) | {project}
        return BrokenProjectError(
            tuple(finding for finding in self.findings if finding.position.path in chosen),
            {path: text for path, text in self.texts.items() if path in chosen},
        )


@dataclass(frozen=True, slots=True)
class _Contents:
    """The files of a project but its own: their documents, and what is wrong with them as YAML."""

    files: tuple[ReadFile, ...]
    specs: tuple[Document, ...]
    tests: tuple[Document, ...]
    findings: tuple[Finding, ...]

    @property
    def texts(self) -> Mapping[str, str]:
        """Each file's text by the path that findings show."""
        return {file.path: file.text or "" for file in self.files}

    def findings_with(self, built: Sequence[Built]) -> list[Finding]:
        """All that is wrong with them, by place; `built` is what the specs came to."""
        all_read = not any(finding.code in UNREADABLE for finding in self.findings)
        all_known = all_read and all(one.id is not None for one in built)
        findings = [
            *self.findings,
            *(finding for document in self.tests for finding in _test_findings(document)),
            *(finding for one in built for finding in one.findings),
            *_duplicate_ids(built),
            *reference_findings(built, all_known=all_known),
        ]
        return sorted(findings, key=lambda finding: finding.order)


def load(
    directory: str | None,
    environment: str | None,
    given: Mapping[str, str],
    environ: Mapping[str, str],
) -> Specs:
    """Reads the project in `directory` (or where one is usually found) as it is in one environment.

    `given` are the variables of the command line, `environ` is the process environment.
    """
    try:
        bare = load_project(directory, environment)
    except BrokenProjectError as broken:
        raise _with_specs(broken, _contents(find_project(directory))) from None
    contents = _contents(bare.directory)
    variables = Variables(bare.project, bare.environment, given, environ)
    _require_use(given, bare.project, contents)
    built = [build(document, bare.project, variables) for document in contents.specs]
    return replace(
        bare,
        monitors=tuple(one.spec for one in built if isinstance(one.spec, Monitor)),
        downtimes=tuple(one.spec for one in built if isinstance(one.spec, Downtime)),
        tests=contents.tests,
        findings=tuple(contents.findings_with(built)),
        texts={**bare.texts, **contents.texts},
        all_ids=frozenset(one.id for one in built if one.id is not None),
        documents=contents.specs,
        given=given,
        from_process=environ,
        sketches=tuple(one.sketch for one in built if one.sketch),
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

DECLARED_ELSEWHERE = frozenset({"DDG020", "DDG022"})
"""The codes of findings about variables that `ddguard.yaml` may declare."""


def _with_specs(broken: BrokenProjectError, contents: _Contents) -> BrokenProjectError:
    """The same error with what is wrong with the specs, whatever the project says."""
    path, text = next(iter(broken.texts.items()))
    project = Project("", Document(path, text, None, Places(text, 0, 0, 0, 0)))
    variables = Variables(project, Environment(ONLY_ENVIRONMENT), {}, {})
    built = [build(document, project, variables) for document in contents.specs]
    found = [finding for finding in contents.findings_with(built) if finding.code not in DECLARED_ELSEWHERE]
    return BrokenProjectError((*broken.findings, *found), {**broken.texts, **contents.texts})


def _contents(folder: Path) -> _Contents:
    files = tuple(read_spec_files(folder))
    documents, findings = _documents(files)
    return _Contents(
        files,
        specs=tuple(document for document in documents if not is_test(document.path)),
        tests=tuple(document for document in documents if is_test(document.path)),
        findings=tuple(findings),
    )


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


def _require_use(given: Mapping[str, str], project: Project, contents: _Contents) -> None:
    """Refuses variables of the command line that nothing declares and nothing names: they would do nothing."""
    own = [own_variables(document) for document in contents.specs] if given else []
    for name in undeclared(given, project, own):
        named = re.compile(rf"\$\{{\s*{re.escape(name)}\s*}}")
        if not any(named.search(text) for text in contents.texts.values()):
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
