"""`axon docs`: the function library as text, from the registry; also writes what is made from it.

FUNCTIONS.md is the reference in one file, index.py tells which module holds a function, so that a run
imports only what it uses. Both are made here and nowhere else.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from axon.cli.options import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from axon.lib.registry import Builtin

__all__ = ["builtin_text", "docs_command", "functions_markdown", "index_source", "overview", "show_docs"]

_LIBRARY = Path(__file__).resolve().parent.parent / "lib"


def docs_command(args: list[str]) -> int:
    """Show or write the documentation of the library."""
    if args[:1] == ["--write"]:
        return _write()
    if args[:1] == ["--check"]:
        return _check()
    if args[:1] == ["--search"]:
        return _search(" ".join(args[1:]))
    if args and args[0].startswith("-"):
        raise UsageError(f"unknown option {args[0]}")
    if args:
        return show_docs(args)
    print(overview())
    return 0


def builtin_text(b: Builtin) -> str:
    """Signature, documentation and examples of a function, as shown on a terminal."""
    lines = [b.signature, "", f"  {b.summary}"]
    if b.details:
        lines += ["", *(f"  {line}".rstrip() for line in b.details.split("\n"))]
    if b.examples:
        lines += ["", "  Examples:"]
        lines += [f"    {e.src}   {_result(e.want, e.error)}" for e in b.examples]
    notes = [f"library {b.lib}"]
    notes += ["admin only"] if b.admin else []
    notes += ["deprecated"] if b.deprecated else []
    return "\n".join([*lines, "", f"  ({', '.join(notes)})"])


def _result(want: str, error: str) -> str:
    return f"→ {want}" if not error else f"→ fails: {error}"


def _all() -> dict[str, list[Builtin]]:
    """All functions that are shown, by domain in the order of the library."""
    from axon.lib import DOMAINS, load_all
    from axon.lib.registry import table

    load_all()
    out: dict[str, list[Builtin]] = {domain: [] for domain in DOMAINS}
    for b in table().values():
        if not b.hidden:
            out.setdefault(b.domain, []).append(b)
    return {domain: found for domain, found in out.items() if found}


def overview() -> str:
    """Names and summaries of all functions, by domain."""
    lines = []
    for domain, found in _all().items():
        lines.append(f"{domain} ({len(found)})")
        width = max(len(b.name) for b in found)
        lines += [f"  {b.name:{width}}  {b.summary}" for b in found]
        lines.append("")
    return "\n".join(lines).rstrip()


def show_docs(names: Iterable[str], others: Iterable[str] = ()) -> int:
    """Print what library functions do, and give the exit code; a misspelt name may mean one of `others`."""
    from axon.cli.report import suggest
    from axon.lib import find

    code = 0
    for n, name in enumerate(names):
        b = find(name)
        if n:
            print()
        if b is None:
            close = suggest(name, others)
            print(f"no function {name}" + (f", did you mean {close}?" if close else ""), file=sys.stderr)
            code = 1
        else:
            print(builtin_text(b))
    return code


def _search(word: str) -> int:
    wanted = word.lower()
    if not wanted:
        raise UsageError("docs --search wants a word")
    hits = [
        b
        for found in _all().values()
        for b in found
        if wanted in b.name.lower() or wanted in f"{b.summary} {b.details}".lower()
    ]
    hits.sort(key=lambda b: (wanted not in b.name.lower(), b.name))
    for b in hits:
        print(f"{b.name:24}  {b.summary}")
    if not hits:
        print(f"nothing about {word}", file=sys.stderr)
    return 0 if hits else 1


# What is written


def functions_markdown() -> str:
    """The text of FUNCTIONS.md."""
    everything = _all()
    count = sum(len(found) for found in everything.values())
    lines = [
        "# Functions",
        "",
        f"{count} functions, made from the registry by `axon docs --write`. The type of a parameter ends in",
        "`?` where null may be given; after `=` stands its default. **admin**: needs the admin role.",
        "",
        "Contents: " + " · ".join(f"[{domain}](#{domain})" for domain in everything),
    ]
    for domain, found in everything.items():
        intro = importlib.import_module(f"axon.lib.{domain}").__doc__ or ""
        lines += ["", f"## {domain}", "", intro.strip().split("\n\n")[0].replace("\n", " ")]
        for b in found:
            lines += ["", *_entry(b)]
    left_out = _left_out()
    if left_out:
        lines += ["", "## Left out", "", left_out.strip()]
    return "\n".join(lines) + "\n"


def _entry(b: Builtin) -> list[str]:
    flags = [" **admin**"] if b.admin else []
    flags += [" *deprecated*"] if b.deprecated else []
    lines = [f"### `{b.signature}`{''.join(flags)}", "", b.summary]
    if b.details:
        lines += ["", b.details]
    if b.examples:
        width = min(60, max(len(e.src) for e in b.examples))
        lines += ["", "```axon"]
        lines += [f"{e.src:{width}}  //{'! ' + e.error if e.error else '=> ' + e.want}" for e in b.examples]
        lines.append("```")
    return lines


def _left_out() -> str:
    """The page on functions of the reference that are left out on purpose, if there is one."""
    page = _LIBRARY / "LEFT_OUT.md"
    return page.read_text("utf-8") if page.is_file() else ""


def index_source() -> str:
    """The text of index.py."""
    from axon.lib import load_all
    from axon.lib.registry import table

    load_all()
    entries = sorted((b.name, b.domain) for b in table().values())
    body = "".join(f'    "{name}": "{domain}",\n' for name, domain in entries)
    return (
        '"""Which module holds which function; written by `axon docs --write`."""\n\n'
        "from __future__ import annotations\n\n"
        f"INDEX: dict[str, str] = {{\n{body}}}\n"
    )


def _made() -> dict[Path, str]:
    return {_LIBRARY / "FUNCTIONS.md": functions_markdown(), _LIBRARY / "index.py": index_source()}


def _write() -> int:
    for path, text in _made().items():
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote {path.name}")
    return 0


def _check() -> int:
    stale = [p.name for p, text in _made().items() if not p.is_file() or p.read_text("utf-8") != text]
    for name in stale:
        print(f"{name} is out of date: run axon docs --write", file=sys.stderr)
    return 1 if stale else 0
