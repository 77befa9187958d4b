"""The rules of the house, as far as code can check them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Floor of each room; a file imports from lower floors and from its own room.
FLOORS = {
    "pylib": 0,
    "axon.fast": 1,
    "axon.source": 1,
    "axon.errors": 2,
    "axon.own": 3,
    "axon.values": 3,
    "axon.formats": 4,
    "axon.syntax": 4,
    "axon.runtime": 5,
    "axon.compile": 6,
    "axon.streams": 6,
    "axon.tasks": 6,
    "axon.session": 6,
    "axon.db": 6,
    "axon.lib": 7,
    "axon.engine": 8,
    "axon.cli": 9,
    "axon.pytest_plugin": 10,
    "axon.__main__": 10,
    "axon": 10,
}
#: Where a third-party package may be imported.
THIRD_PARTY = {
    "lark": ("axon/syntax/",),
    "docker": ("axon/session/backends/docker_engine",),
    "hszinc": ("axon/formats/hszinc_bridge",),
    "rich": ("axon/cli/",),
    "prompt_toolkit": ("axon/cli/",),
    "pygments": ("axon/cli/",),
    "pytest": ("axon/pytest_plugin",),
}
SOURCES = sorted([*ROOT.glob("axon/**/*.py"), *ROOT.glob("pylib/**/*.py")])


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    parts = module.split(".")
    two = ".".join(parts[:2])
    return two if two in FLOORS else parts[0]


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def type_only_lines(tree: ast.AST) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_go_to_lower_floors(path: Path) -> None:
    module = name_of(path)
    room = room_of(module)
    wrong = []
    tree = ast.parse(path.read_text("utf-8"))
    for line, found in imports(tree):
        if found.split(".")[0] not in ("axon", "pylib"):
            continue
        other = room_of(found)
        if other in (room, "axon") or line in type_only_lines(tree):
            continue
        if FLOORS[other] >= FLOORS[room]:
            wrong.append(
                f"line {line}: {room} (floor {FLOORS[room]}) imports {other} (floor {FLOORS[other]})"
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_third_party_packages_keep_to_their_rooms(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    for line, found in imports(ast.parse(path.read_text("utf-8"))):
        allowed = THIRD_PARTY.get(found.split(".")[0])
        if allowed is not None:
            assert where.startswith(allowed), f"{where}:{line} imports {found}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_each_file_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    if not tree.body:
        return
    assert ast.get_docstring(tree), "no module docstring"
    assert len(tree.body) == 1 or "from __future__ import annotations" in text


def test_no_leftovers() -> None:
    words = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X:", "raise Not" + "ImplementedError"]))
    for path in [*SOURCES, *ROOT.glob("tests/**/*.py"), *ROOT.glob("samples/**/*.axon")]:
        found = words.search(path.read_text("utf-8"))
        assert found is None, f"{path.relative_to(ROOT)}: {found}"


def test_the_sandbox_library_never_imports_the_host() -> None:
    for path in ROOT.glob("pylib/**/*.py"):
        for line, found in imports(ast.parse(path.read_text("utf-8"))):
            assert not found.startswith("axon"), f"{path.name}:{line}"


def test_import_is_light() -> None:
    code = "import sys, axon; axon.Runtime; print(sorted(m for m in HEAVY if m in sys.modules))"
    heavy = "('numpy', 'docker', 'hszinc', 'pandas', 'lark', 'rich', 'pyarrow', 'prompt_toolkit', 'asyncio')"
    done = subprocess.run(
        [sys.executable, "-c", code.replace("HEAVY", heavy)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]"


def test_made_files_are_fresh() -> None:
    from axon.cli.docs import functions_markdown, index_source

    lib = ROOT / "axon" / "lib"
    assert (lib / "index.py").read_text("utf-8") == index_source(), "run: make docs"
    assert (lib / "FUNCTIONS.md").read_text("utf-8") == functions_markdown(), "run: make docs"
