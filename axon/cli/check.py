"""`axon check` and `axon fmt`: sources are read and judged, or rewritten; nothing is run."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from axon.cli.options import InputError, UsageError
from axon.cli.report import error_page
from axon.cli.run import read_input
from axon.errors import AxonError, AxonSyntaxError
from axon.source import Loc, Source

__all__ = ["check_command", "check_file", "fmt_command"]

#: Tags of Trio records whose text is Axon.
_AXON_TAGS = ("src", "taskExpr")
_SKIPPED = (".git", ".venv", "node_modules", "__pycache__")


def check_command(args: list[str]) -> int:
    """Report the syntax errors of files and directories."""
    paths, flags = _split(args, {"--json"})
    files = list(_files(paths or ["."], (".axon", ".trio")))
    errors = [e for path in files for e in check_file(path)]
    if "--json" in flags:
        print(json.dumps([_as_json(e) for e in errors], ensure_ascii=False, indent=2))
    else:
        for e in errors:
            print(error_page(e), file=sys.stderr)
        good = len(files) - len({e.loc.source.name for e in errors if e.loc.source})
        of = f" of {len(files)}" if errors else ""
        print(f"{good}{of} {'file is' if len(files) == 1 else 'files are'} good")
    return 3 if errors else 0


def check_file(path: str) -> list[AxonError]:
    """The errors of one file: of a script the first, of a Trio file the first of each record."""
    try:
        text = _read(path)
        if path.endswith(".trio"):
            return _check_trio(text, path)
        if "\n---\n" in text:
            return _check_cases(text, path)
        _parse(text, path)
    except AxonError as e:
        return [e]
    return []


def _check_cases(text: str, path: str) -> list[AxonError]:
    """The errors of a file of test cases; a case that expects to fail may be no Axon at all."""
    from axon.cli.cases import split_cases

    out: list[AxonError] = []
    for case in split_cases(text):
        try:
            _parse(case.text, path)
        except AxonSyntaxError as e:
            if not any(how == "!" for _, how, _ in case.expectations()):
                out.append(e)
    return out


def _parse(text: str, name: str) -> None:
    from axon.syntax.parser import parse_program

    parse_program(text, name)


def _check_trio(text: str, path: str) -> list[AxonError]:
    from axon.formats.trio import read_trio

    out: list[AxonError] = []
    for number, rec in enumerate(read_trio(text), 1):
        for tag in _AXON_TAGS:
            source = rec.get(tag)
            if isinstance(source, str):
                try:
                    _parse(source, f"{path} (record {number}, {tag})")
                except AxonSyntaxError as e:
                    out.append(e)
    return out


def _as_json(e: AxonError) -> dict[str, Any]:
    return {
        "file": e.loc.source.name if e.loc.source else None,
        "line": e.loc.line,
        "col": e.loc.col,
        "message": e.message,
        "expected": list(getattr(e, "expected", ())),
        "hint": getattr(e, "hint", ""),
    }


def fmt_command(args: list[str]) -> int:
    """Rewrite sources in standard layout."""
    paths, flags = _split(args, {"--check"})
    if paths == ["-"]:
        return _format_stdin()
    changed = failed = 0
    files = list(_files(paths or ["."], (".axon",)))
    for path in files:
        try:
            text = _read(path)
            new = _format(text, path)
        except AxonError as e:
            print(error_page(e), file=sys.stderr)
            failed += 1
            continue
        if new != text:
            changed += 1
            print(f"{'would rewrite' if '--check' in flags else 'rewrote'} {path}")
            if "--check" not in flags:
                _replace(path, new)
    noun, verb = "file" if len(files) == 1 else "files", "would change" if "--check" in flags else "changed"
    print(f"{len(files)} {noun}, {changed} {verb}" + (f", {failed} with errors" if failed else ""))
    if failed:
        return 3
    return 1 if changed and "--check" in flags else 0


def _format(text: str, name: str) -> str:
    from axon.syntax.format import format_source

    return format_source(text, name)


def _format_stdin() -> int:
    try:
        sys.stdout.write(_format(read_input(sys.stdin.read), "stdin"))
    except AxonError as e:
        print(error_page(e), file=sys.stderr)
        return 3
    return 0


def _replace(path: str, text: str) -> None:
    """Write a file as a whole: a reader sees the old text or the new one. A link stays one."""
    path = os.path.realpath(path)
    temp = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temp, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)
        os.chmod(temp, os.stat(path).st_mode & 0o7777)
        os.replace(temp, path)
    except BaseException:
        if os.path.exists(temp):
            os.unlink(temp)
        raise


def _read(path: str) -> str:
    """The text of a file.

    Raises:
        AxonSyntaxError: it is not UTF-8.
    """
    with open(path, "rb") as f:
        data = f.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        good = data[: e.start].decode("utf-8-sig", "replace")
        source = Source(path, data.decode("utf-8", "replace"))
        loc = Loc(line, e.start - good.rfind("\n"), source=source)
        raise AxonSyntaxError("not UTF-8 text", loc) from e


def _files(paths: list[str], endings: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        if os.path.isdir(path):
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(f for f in folders if f not in _SKIPPED)
                yield from (os.path.join(folder, n) for n in sorted(names) if n.endswith(endings))
        elif os.path.exists(path):
            yield path
        else:
            raise InputError(f"{path}: no such file or directory")


def _split(args: list[str], known: set[str]) -> tuple[list[str], set[str]]:
    flags = {a for a in args if a.startswith("-") and a != "-"}
    unknown = sorted(flags - known)
    if unknown:
        raise UsageError(f"unknown option {unknown[0]}")
    return [a for a in args if a not in flags], flags
