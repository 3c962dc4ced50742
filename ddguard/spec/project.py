"""`ddguard.yaml` -> the project, its environment and the values of its variables."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches

from ddguard.errors import UsageError
from ddguard.findings import Finding, Severity
from ddguard.model import (
    EMPTY,
    HOLD_TAG,
    RESERVED_TAG_KEYS,
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
from ddguard.spec.fastcheck import compiled, schema_findings
from ddguard.spec.schema import load
from ddguard.spec.variables import NAME, OverrideError, environment_overrides, override
from ddguard.spec.wording import described, quoted

ENVIRONMENT_VARIABLE = "env"
OWN_TAG_KEYS = frozenset({*RESERVED_TAG_KEYS, HOLD_TAG.partition(":")[0]})
ONLY_ENVIRONMENT = "default"
"""The environment of a project that declares none, where --env doesn't name another."""


def project_from(document: Document) -> tuple[Project | None, tuple[Finding, ...]]:
    """The project that a document describes; None where it has mistakes."""
    if not isinstance(document.value, dict):
        message = f"expected a project, a mapping (key: value), not {described(document.value)}"
        hint = "at least `project: NAME`, with a blank after the colon"
        return None, (Finding(document.at(), "DDG009", "no-spec", Severity.ERROR, message, hint),)
    findings = document.untold(schema_findings("project", document.value, document, frozenset()))
    told = {finding.position for finding in findings}
    others = (*_odd_variables(document), *_odd_snooze(document), *_unknown_default(document), *_own_keys(document))
    findings += [finding for finding in others if finding.position not in told]
    return (None if findings else _project(document)), tuple(findings)


def _project(document: Document) -> Project:
    value: Mapping[str, Json] = document.value
    environments = value.get("environments") or {}
    return Project(
        name=value["project"],
        source=document,
        default_environment=value.get("default_environment"),
        variables=value.get("variables") or {},
        environments={name: _environment(name, body or {}) for name, body in environments.items()},
        tags=tuple(value.get("tags") or ()),
        ignored_tag_keys=frozenset(value.get("ignore_tag_keys") or ()),
        prune=PrunePolicy(**(value.get("prune") or {})),
        snooze=_snooze(value.get("snooze") or {}),
        private_group_keys_allowed=frozenset(_allowed_keys(value.get("privacy") or {})),
        prometheus_metrics=(value.get("prometheus") or {}).get("metrics") or {},
    )


def _unknown_default(document: Document) -> Iterator[Finding]:
    default = document.value.get("default_environment")
    environments = _mapping_in(document.value, "environments")
    if isinstance(default, str) and environments and default not in environments:
        message = f"default_environment: there is no environment {quoted(default)}"
        position = document.at(("default_environment",))
        hint = _near(default, environments)
        yield Finding(position, "DDG014", "unknown-environment", Severity.ERROR, message, hint)


def _own_keys(document: Document) -> Iterator[Finding]:
    """A finding for each key that can't be left to others: ddguard finds its own monitors by it."""
    keys = document.value.get("ignore_tag_keys")
    for place, key in enumerate(keys if isinstance(keys, list) else ()):
        if key in OWN_TAG_KEYS:
            message = f"the tag key {key} is ddguard's own: no other system may set it"
            position = document.at(("ignore_tag_keys", place))
            yield Finding(position, "DDG016", "reserved-tag", Severity.ERROR, message, "remove the key")


def _mapping_in(value: Json, key: str) -> Mapping[str, Json]:
    """The mapping under a key; an empty one where there is none."""
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


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


def _odd_variables(document: Document) -> Iterator[Finding]:
    yield from variable_findings(_mapping_in(document.value, "variables"), document, ("variables",))
    for name, body in _mapping_in(document.value, "environments").items():
        yield from variable_findings(_mapping_in(body, "variables"), document, ("environments", name, "variables"))


def variable_findings(variables: Mapping[str, Json], source: Source, path: Path) -> list[Finding]:
    """Variables whose names or values can't work; what is no scalar is left to the schema."""
    findings = []
    for name, value in variables.items():
        message = _odd_variable(name, value)
        if message:
            position = source.key_at((*path, name))
            findings.append(Finding(position, "DDG023", "odd-variable", Severity.ERROR, message))
    return findings


def _odd_variable(name: str, value: Json) -> str:
    if name == ENVIRONMENT_VARIABLE:
        return "env is always the environment's name: no spec can set it"
    if not NAME.fullmatch(name):
        return f"{quoted(name)} is no variable's name: letters, digits and _, not a digit first"
    if isinstance(value, str) and "${" in value:
        return f"the value of {name} refers to a variable: a variable's value is taken as it is"
    return ""


def _odd_snooze(document: Document) -> Iterator[Finding]:
    snooze = _mapping_in(document.value, "snooze")
    lengths = {}
    for key in ("default", "max"):
        text = snooze.get(key)
        try:
            lengths[key] = parse_duration(text) if isinstance(text, str) else getattr(SnoozePolicy(), key)
        except ValueError as error:
            message = f"snooze.{key}: {error}"
            yield Finding(document.at(("snooze", key)), "DDG013", "wrong-value", Severity.ERROR, message)
    if len(lengths) == 2 and lengths["default"] > lengths["max"]:
        message = (
            f"snooze.default, {snooze.get('default', '1h')}, is longer than snooze.max, {snooze.get('max', '24h')}"
        )
        yield Finding(document.at(("snooze",)), "DDG013", "wrong-value", Severity.ERROR, message)


def chosen_environment(project: Project, name: str | None) -> Environment:
    """The environment that a command works in: the one named, the default, or the only one there is."""
    if name == "":
        raise UsageError("--env names no environment", "is the variable empty that it comes from?")
    known = project.environments
    wanted = name or project.default_environment or (next(iter(known)) if len(known) == 1 else None)
    if wanted is None and known:
        raise UsageError(
            f"{project.name} has several environments: {', '.join(known)}",
            "name one with --env, or set default_environment in ddguard.yaml",
        )
    if wanted is not None and known and wanted not in known:
        raise UsageError(f"there is no environment {quoted(wanted)} in ddguard.yaml", _near(wanted, known))
    return known.get(wanted or "") or _undeclared_environment(wanted or ONLY_ENVIRONMENT)


def _undeclared_environment(name: str) -> Environment:
    """The environment of a project that declares none. Its name, part of a stack's, has the form of declared ones."""
    definitions = load("project")["$defs"]
    form = definitions["name"]
    if not compiled(form, definitions)(name):
        hint = f"{form['patternErrorMessage']}, {form['maxLength']} characters at most"
        raise UsageError(f"{quoted(name)} can't be the name of an environment", hint)
    return Environment(name)


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
        self._project = project.variables
        self._environment = environment.variables
        self._name = environment.name
        self._given = given
        self._environ = {name.upper(): text for name, text in environment_overrides(environ)}
        self._strongest = strongest
        if ENVIRONMENT_VARIABLE in given or ENVIRONMENT_VARIABLE.upper() in self._environ:
            raise UsageError("env is always the environment's name: no variable can set it", "choose it with --env")

    def of_spec(self, own: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
        """The values that one spec sees; `own` are those that it declares itself."""
        declared = {**self._project, **own, **self._environment}
        values = dict(declared)
        for key, text in self._environ.items():
            for name in [name for name in declared if name.upper() == key] or [key.lower()]:
                values[name] = self._override(name, text, declared, f"DDGUARD_VAR_{key}")
        for name, text in self._given.items():
            values[name] = self._override(name, text, declared, f"--var {name}")
        return {**values, **self._strongest, ENVIRONMENT_VARIABLE: self._name}

    def _override(self, name: str, text: str, declared: Mapping[str, Scalar], origin: str) -> Scalar:
        try:
            return override(name, text, declared)
        except OverrideError as error:
            raise UsageError(f"{origin}: {error}") from None


def undeclared(given: Mapping[str, str], project: Project, own: Iterable[Mapping[str, Scalar]]) -> list[str]:
    """Those variables of the command line that neither the project nor an environment or a spec of it declares."""
    declared = [project.variables, *(one.variables for one in project.environments.values()), *own]
    return [name for name in given if not any(name in variables for variables in declared)]
