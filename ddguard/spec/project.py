"""`ddguard.yaml` -> the project, its environment and the values of its variables."""

from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches

from ddguard.errors import UsageError
from ddguard.findings import Finding, Severity
from ddguard.model import (
    EMPTY,
    Environment,
    Json,
    Path,
    Project,
    PrunePolicy,
    Scalar,
    SnoozePolicy,
    Source,
)
from ddguard.spec.documents import Document
from ddguard.spec.durations import parse_duration
from ddguard.spec.mistakes import schema_findings, validator
from ddguard.spec.variables import NAME, OverrideError, environment_overrides, override

ENVIRONMENT_VARIABLE = "env"
ONLY_ENVIRONMENT = "default"
"""The environment of a project that declares none."""


def project_from(document: Document) -> tuple[Project | None, tuple[Finding, ...]]:
    """The project that a document describes; None where its mistakes leave nothing to work with."""
    findings = schema_findings(validator("project"), document.value, document, frozenset())
    if not findings:
        findings = [*_odd_variables(document.value, document), *_odd_snooze(document.value, document)]
    if findings:
        return None, tuple(findings)
    value: Mapping[str, Json] = document.value
    environments = {name: _environment(name, body or {}) for name, body in (value.get("environments") or {}).items()}
    default = value.get("default_environment")
    if default is not None and environments and default not in environments:
        message = f"default_environment: there is no environment {default}"
        hint = _near(default, environments)
        finding = Finding(
            document.at(("default_environment",)), "DDG014", "unknown-environment", Severity.ERROR, message, hint
        )
        return None, (finding,)
    return (
        Project(
            name=value["project"],
            source=document,
            default_environment=default,
            variables=value.get("variables") or {},
            environments=environments,
            tags=tuple(value.get("tags") or ()),
            prune=PrunePolicy(**(value.get("prune") or {})),
            snooze=_snooze(value.get("snooze") or {}),
            private_group_keys_allowed=frozenset(_allowed_keys(value.get("privacy") or {})),
            prometheus_metrics=(value.get("prometheus") or {}).get("metrics") or {},
        ),
        (),
    )


def _environment(name: str, body: Mapping[str, Json]) -> Environment:
    return Environment(name, body.get("site"), body.get("variables") or {})


def _snooze(body: Mapping[str, Json]) -> SnoozePolicy:
    usual = SnoozePolicy()
    return SnoozePolicy(
        keys=tuple(body.get("keys", usual.keys)),
        default=_length(body.get("default"), usual.default),
        max=_length(body.get("max"), usual.max),
        reason_required=body.get("reason", "required") == "required",
    )


def _length(text: str | None, usual: timedelta) -> timedelta:
    return usual if text is None else parse_duration(text)


def _allowed_keys(privacy: Mapping[str, Json]) -> list[str]:
    return list((privacy.get("group_keys") or {}).get("allow") or ())


def _odd_variables(value: Mapping[str, Json], source: Source) -> list[Finding]:
    declared = [(("variables",), value.get("variables") or {})] + [
        (("environments", name, "variables"), (body or {}).get("variables") or {})
        for name, body in (value.get("environments") or {}).items()
    ]
    return [finding for path, variables in declared for finding in variable_findings(variables, source, path)]


def variable_findings(variables: Mapping[str, Scalar], source: Source, path: Path) -> list[Finding]:
    """Variables whose names or values can't work."""
    findings = []
    for name, value in variables.items():
        message = _odd_variable(name, value)
        if message:
            position = source.key_at((*path, name))
            findings.append(Finding(position, "DDG023", "odd-variable", Severity.ERROR, message))
    return findings


def _odd_variable(name: str, value: Scalar) -> str:
    if name == ENVIRONMENT_VARIABLE:
        return "env is always the environment's name: no spec can set it"
    if not NAME.fullmatch(name):
        return f"{name!r} is no variable's name: letters, digits and _, not a digit first"
    if isinstance(value, str) and "${" in value:
        return f"the value of {name} refers to a variable: a variable's value is taken as it is"
    return ""


def _odd_snooze(value: Mapping[str, Json], source: Source) -> list[Finding]:
    snooze = value.get("snooze") or {}
    findings = []
    for key in ("default", "max"):
        try:
            _length(snooze.get(key), timedelta())
        except ValueError as error:
            position = source.at(("snooze", key))
            findings.append(Finding(position, "DDG013", "wrong-value", Severity.ERROR, f"snooze.{key}: {error}"))
    if not findings and _snooze(snooze).default > _snooze(snooze).max:
        message = "snooze.default is longer than snooze.max"
        findings.append(Finding(source.at(("snooze",)), "DDG013", "wrong-value", Severity.ERROR, message))
    return findings


def chosen_environment(project: Project, name: str | None) -> Environment:
    """The environment that a command works in: the one named, the default, or the only one there is."""
    known = project.environments
    wanted = name or project.default_environment or (next(iter(known)) if len(known) == 1 else None)
    if wanted is None and known:
        raise UsageError(
            f"{project.name} has several environments: {', '.join(known)}",
            "name one with --env, or set default_environment in ddguard.yaml",
        )
    if wanted is not None and known and wanted not in known:
        raise UsageError(f"there is no environment {wanted!r} in ddguard.yaml", _near(wanted, known))
    return known.get(wanted or "", Environment(wanted or ONLY_ENVIRONMENT))


def _near(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"


class Variables:
    """The variables of one run, strongest first: command line, process environment, environment, spec, project.

    `strongest`, where given (a test's own), goes before all of them.
    """

    def __init__(
        self,
        project: Project,
        environment: Environment,
        given: Mapping[str, str],
        environ: Mapping[str, str],
        strongest: Mapping[str, Scalar] = EMPTY,
    ) -> None:
        self._project = dict(project.variables)
        self._environment = dict(environment.variables)
        self._name = environment.name
        self._given = dict(given)
        self._environ = dict(environment_overrides(environ))
        self._strongest = dict(strongest)
        if ENVIRONMENT_VARIABLE in given:
            raise UsageError("env is always the environment's name", "choose it with --env")

    def of_spec(self, own: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
        """The values that one spec sees; `own` are those that it declares itself."""
        declared = {**self._project, **own, **self._environment}
        values = dict(declared)
        by_upper = {name.upper(): name for name in declared}
        for key, text in self._environ.items():
            name = by_upper.get(key.upper(), key.lower())
            values[name] = self._override(name, text, declared, f"DDGUARD_VAR_{key}")
        for name, text in self._given.items():
            values[name] = self._override(name, text, declared, f"--var {name}")
        return {**values, **self._strongest, ENVIRONMENT_VARIABLE: self._name}

    def _override(self, name: str, text: str, declared: Mapping[str, Scalar], origin: str) -> Scalar:
        try:
            return override(name, text, declared)
        except OverrideError as error:
            raise UsageError(f"{origin}: {error}") from None

    def unknown(self, used: frozenset[str]) -> tuple[str, ...]:
        """Names given on the command line that no spec of the project declares or uses."""
        return tuple(sorted(set(self._given) - used - set(self._project) - set(self._environment)))
