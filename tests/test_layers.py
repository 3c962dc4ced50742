"""A layer imports only lower ones, pure layers touch nothing outside, and each library has one owner."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ddguard

PACKAGE = Path(ddguard.__file__).parent

LAYERS = {
    "__main__": 6,
    "cli": 5,
    "apply": 4,
    "datadog": 4,
    "sandbox": 4,
    "history": 4,
    "report": 4,
    "checks": 3,
    "promql": 3,
    "replay": 3,
    "plan": 3,
    "snooze": 3,
    "holds": 3,
    "spec": 2,
    "payload": 2,
    "model": 1,
    "query": 1,
    "templates": 1,
    "rhythm": 1,
    "errors": 0,
    "findings": 0,
}

OWNERS = {
    "click": ("cli",),
    "yaml": ("spec",),
    "jsonschema": ("spec",),
    "numpy": ("replay",),
    "dateutil": ("rhythm",),
    "datadog_api_client": ("datadog",),
    "urllib3": ("datadog",),
    "requests": ("history",),
    "rich": ("report",),
}

IMPURE_ROOMS = {"cli", "apply", "datadog", "history", "sandbox"}
"""May read the clock, start threads or talk to the network; only cli prints, exits and reads the environment."""

READERS = {"spec.files", "spec.schema", "sandbox.server"}
"""May open files, beside cli."""

NETWORK_MODULES = {"socket", "http", "urllib.request", "urllib3", "requests", "ssl"}
CLOCKS = {
    "time.time",
    "time.monotonic",
    "time.sleep",
    "datetime.now",
    "datetime.today",
    "date.today",
    "datetime.utcnow",
}
FILES = {"open", ".open", ".read_text", ".read_bytes", ".write_text", ".write_bytes"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def dotted(path: Path) -> str:
    relative = path.relative_to(PACKAGE).with_suffix("")
    return ".".join(part for part in relative.parts if part != "__init__")


def room(path: Path) -> str:
    return dotted(path).split(".")[0]


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == "ddguard":
                for name in node.names:
                    yield f"ddguard.{name.name}", node.lineno
            else:
                yield node.module, node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield "relative import", node.lineno


def called_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node.lineno
            elif isinstance(node.func, ast.Attribute):
                owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
                yield f"{owner}.{node.func.attr}", node.lineno
                yield f".{node.func.attr}", node.lineno


def each_module(function: object) -> object:
    return pytest.mark.parametrize("path", modules(), ids=dotted)(function)  # type: ignore[operator]


@each_module
def test_imports_go_down_only(path: Path) -> None:
    here = room(path)
    assert here in LAYERS, f"{here} has no layer: give it one in LAYERS"
    for name, line in imports(ast.parse(path.read_text())):
        assert name != "relative import", f"{path}:{line}: imports are absolute"
        parts = name.split(".")
        if parts[0] != "ddguard" or len(parts) == 1 or parts[1] == "__version__":
            continue
        there = parts[1]
        assert there in LAYERS, f"{path}:{line}: {there} has no layer"
        assert there == here or LAYERS[there] < LAYERS[here], f"{path}:{line}: {here} may not import {there}"


@each_module
def test_each_library_has_one_owner(path: Path) -> None:
    for name, line in imports(ast.parse(path.read_text())):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or room(path) in owners, f"{path}:{line}: {name} belongs to {owners}"


@each_module
def test_only_the_command_line_prints_and_exits(path: Path) -> None:
    if room(path) == "cli":
        return
    for name, line in called_names(ast.parse(path.read_text())):
        assert name not in {"print", "input", "sys.exit", "exit"}, f"{path}:{line}: {name} belongs to cli"
        assert name not in {"os.getenv", "environ.get"}, f"{path}:{line}: the environment is read in cli"
    for node in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(node, ast.Attribute) and node.attr == "environ"), f"{path}:{node.lineno}: environment"


@each_module
def test_pure_layers_touch_nothing_outside(path: Path) -> None:
    tree = ast.parse(path.read_text())
    if room(path) in IMPURE_ROOMS:
        return
    for name, line in called_names(tree):
        assert name not in CLOCKS, f"{path}:{line}: {name}: the time is handed in"
        assert name not in FILES or dotted(path) in READERS, f"{path}:{line}: {name}: files are read in {READERS}"
    for name, line in imports(tree):
        assert name not in NETWORK_MODULES, f"{path}:{line}: {name}: the network belongs to the outer layers"
