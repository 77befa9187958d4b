"""Build `axon_fast`: the modules of axon that read and compile programs, compiled to C by mypyc.

They are made from the sources in `../axon`, or from the copy of them that a source distribution holds. Their
files lie in a package of their own, but they keep their names: `axon.fast` tells the import system where they
are, if the list in `axon_fast/__init__.py`, made here, says that they fit.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from pathlib import Path
from zlib import crc32

from setuptools import setup
from setuptools.command.sdist import sdist

#: What takes time when a program is compiled. Left out: what start-up loads, and what is used once.
ROOMS = {
    "axon/syntax": "build lalr newlines nodes scanner",
    "axon/compile": "bound builtins consts dest emit emit_assign emit_calls emit_function filters inline "
    "loops pipes plans pyast resolve shapes",
}
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent if (HERE.parent / "axon/fast.py").exists() else HERE
COMPILED = [f"{room}/{name}.py" for room, names in ROOMS.items() for name in names.split()]


def imported(path: str) -> set[str]:
    """Files of ours that a file imports from: constants and types of them get into what is compiled."""
    tree = ast.parse((ROOT / path).read_bytes())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    files = {f"{module.replace('.', '/')}.py" for module in modules}
    return {file for file in files if (ROOT / file).exists()}


def version() -> str:
    """The version of axon."""
    found = re.search(r'__version__ = "(.+)"', (ROOT / "axon/__init__.py").read_text("utf-8"))
    assert found is not None
    return found[1]


def write_list() -> None:
    """Write down what is compiled, and the checksums of all files that it depends on."""
    modules = [path.removesuffix(".py").replace("/", ".") for path in COMPILED]
    files = sorted({*COMPILED, *(file for path in COMPILED for file in imported(path))})
    sums = {file: crc32((ROOT / file).read_bytes()) for file in files}
    text = '"""Compiled modules of axon. Made by setup.py; `axon.fast` reads it."""\n\n'
    text += f"VERSION = {version()!r}\nMODULES = frozenset({modules!r})\nSOURCES = {sums!r}\n"
    (HERE / "axon_fast").mkdir(exist_ok=True)
    (HERE / "axon_fast/__init__.py").write_text(text, "utf-8")


def extensions() -> list:
    """The compiled modules; `axon_fast/scanner.….so` is `axon.syntax.scanner`."""
    from mypyc.build import mypycify

    options = ["--config-file=", "--strict", "--follow-imports=silent", "--ignore-missing-imports"]
    build = os.path.relpath(HERE / "build", ROOT)
    os.chdir(ROOT)  # tracebacks tell paths from here
    options.append(f"--cache-dir={build}/mypy")
    made = mypycify([*options, *COMPILED], target_dir=build, group_name="axon_fast.native")
    os.chdir(HERE)
    for ext in made:
        ext.name = f"axon_fast.{ext.name.rpartition('.')[2]}"
        ext.sources = [os.path.relpath(ROOT / source) for source in ext.sources]
        ext.depends = [os.path.relpath(ROOT / source) for source in ext.depends]
        ext.include_dirs = [os.path.join(ROOT, folder) for folder in ext.include_dirs]
    return made


class SourceDistribution(sdist):
    """Takes along the sources that are compiled, and all that they need to be understood."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        for room in ("axon", "pylib"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / room, Path(base_dir, room), ignore=ignored, dirs_exist_ok=True)


if __name__ == "__main__":
    write_list()
    # Compiling takes a minute: not where only names and versions are asked for.
    asked = {"egg_info", "dist_info", "sdist"}.isdisjoint(sys.argv)
    setup(
        version=version(),
        packages=["axon_fast"],
        install_requires=[f"axon-haystack=={version()}"],
        ext_modules=extensions() if asked else [],
        cmdclass={"sdist": SourceDistribution},
    )
