"""A project's folder -> everything in it: project, stack, monitors, downtimes, test documents, and all findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ddguard.errors import InputError
from ddguard.findings import Finding, Position, Severity, has_errors
from ddguard.model import Downtime, Environment, Monitor, Project, Stack
from ddguard.spec.build import Built, build
from ddguard.spec.documents import Document, read_documents
from ddguard.spec.files import ReadFile, find_project, named_files, read_project_file, read_spec_files
from ddguard.spec.mistakes import schema_findings, validator
from ddguard.spec.project import Variables, chosen_environment, project_from
from ddguard.spec.references import reference_findings


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
    folder = find_project(directory)
    project_file = read_project_file(folder)
    project = _project(project_file)
    chosen = chosen_environment(project, environment)
    variables = Variables(project, chosen, given, environ)
    files = [project_file, *read_spec_files(folder)]
    documents, findings = _documents(files[1:])
    tests = tuple(document for document in documents if _is_test(document))
    built = [build(document, project, variables) for document in documents if not _is_test(document)]
    findings += [finding for document in tests for finding in _test_findings(document)]
    findings += [finding for one in built for finding in one.findings]
    findings += _duplicate_ids(built)
    specs = [one.spec for one in built if one.spec is not None]
    known = {one.id for one in built if one.id is not None}
    whole = not any(file.text is None for file in files) and not any(one.code == "DDG001" for one in findings)
    findings += reference_findings(built, all_read=whole)
    return Specs(
        directory=folder,
        project=project,
        environment=chosen,
        stack=Stack(project.name, chosen.name),
        monitors=tuple(spec for spec in specs if isinstance(spec, Monitor)),
        downtimes=tuple(spec for spec in specs if isinstance(spec, Downtime)),
        tests=tests,
        findings=tuple(sorted(findings, key=lambda finding: finding.order)),
        texts={file.path: file.text or "" for file in files},
        all_ids=frozenset(known),
        documents=tuple(one for one in documents if not _is_test(one)),
        given=given,
        from_process=environ,
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
    if file.text is None:
        raise BrokenProjectError((file.finding,) if file.finding else (), {file.path: ""})
    documents, findings = read_documents(file.path, file.text)
    if has_errors(findings) or len(documents) != 1:
        found = findings or (_not_one_document(file.path, documents),)
        raise BrokenProjectError(found, {file.path: file.text})
    project, findings = project_from(documents[0])
    if project is None:
        raise BrokenProjectError(findings, {file.path: file.text})
    return project


def _not_one_document(path: str, documents: Sequence[Document]) -> Finding:
    message = f"expected exactly one document, not {len(documents)}"
    return Finding(documents[-1].at(), "DDG009", "no-spec", Severity.ERROR, message, f"{path} describes one project")


def _documents(files: Iterable[ReadFile]) -> tuple[list[Document], list[Finding]]:
    documents: list[Document] = []
    findings: list[Finding] = []
    for file in files:
        if file.text is None:
            findings += [file.finding] if file.finding else []
            continue
        if Path(file.path).name == "ddguard.yaml":
            findings.append(_second_project(file))
            continue
        found, wrong = read_documents(file.path, file.text)
        documents += found
        findings += wrong
    return documents, findings


def _second_project(file: ReadFile) -> Finding:
    message = "a second ddguard.yaml below the first: one project can't hold another"
    hint = "move it beside the other project, or rename it"
    return Finding(Position(file.path, 1, 1), "DDG018", "second-project", Severity.ERROR, message, hint)


def _is_test(document: Document) -> bool:
    return ReadFile(document.path, "").is_test


def _test_findings(document: Document) -> list[Finding]:
    return schema_findings(validator("test"), document.value, document, frozenset())


def _duplicate_ids(built: Sequence[Built]) -> list[Finding]:
    first: dict[str, Built] = {}
    findings = []
    for one in built:
        if one.id is None:
            continue
        earlier = first.setdefault(one.id, one)
        if earlier is not one:
            place = earlier.document.at(("id",))
            message = f"the id {one.id!r} is taken: {place.path}:{place.line} has it already"
            hint = "an id is unique in the project, over monitors and downtimes"
            position = one.document.at(("id",))
            findings.append(Finding(position, "DDG017", "duplicate-id", Severity.ERROR, message, hint))
    return findings
