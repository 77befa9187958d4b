"""Files of test cases written in Axon: how they are cut, and what each case says of itself.

The format is described in `axon.pytest_plugin`, which runs the cases; `axon check` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["Case", "split_cases"]

_MARK = re.compile(r"//(?P<how>=>|!)[ \t]*(?P<rest>[^\n]*)$")
_SWITCH = re.compile(r"^\s*//\s*(?P<name>case|xfail|with):\s*(?P<val>.*?)\s*$")


class Case:
    """One case: its text (padded, so that its lines have the numbers of the file) and its switches."""

    def __init__(self, name: str, text: str, line: int, xfail: str, admin: bool) -> None:
        self.name = name
        self.text = text
        self.line = line
        self.xfail = xfail
        self.admin = admin

    def expectations(self) -> Iterator[tuple[int, str, str]]:
        """Line, `=>` or `!`, and what follows, for each expectation."""
        for number, line in enumerate(self.text.split("\n"), 1):
            m = _MARK.search(line)
            if m is not None:
                yield number, m["how"], m["rest"].strip()

    def until(self, line: int) -> str:
        """The text up to and including a line."""
        return "\n".join(self.text.split("\n")[:line])


def split_cases(text: str) -> list[Case]:
    """The cases of a file; a part without code and expectation is no case."""
    cases: list[Case] = []
    header: dict[str, str] = {}
    start = 0
    lines = text.split("\n")
    for end in [*(i for i, line in enumerate(lines) if line.rstrip() == "---"), len(lines)]:
        part = lines[start:end]
        if start == 0:
            header = _switches(part[: next((i for i, line in enumerate(part) if _is_case(line)), 0)])
        switches = _switches(part)
        code = [i for i, line in enumerate(part) if line.strip() and not _is_comment(line)]
        if code or "case" in switches:
            name = switches.get("case") or (part[code[0]].strip()[:60] if code else "empty")
            both = header | switches
            padded = "\n" * start + "\n".join(part)
            at = start + next(
                (i for i, line in enumerate(part) if _SWITCH.match(line)), code[0] if code else 0
            )
            cases.append(Case(name, padded, at + 1, both.get("xfail", ""), "admin" in both.get("with", "")))
        elif not cases:
            header = header | switches
        start = end + 1
    return cases


def _switches(lines: list[str]) -> dict[str, str]:
    return {m["name"]: m["val"] for m in map(_SWITCH.match, lines) if m}


def _is_case(line: str) -> bool:
    m = _SWITCH.match(line)
    return m is not None and m["name"] == "case"


def _is_comment(line: str) -> bool:
    text = line.strip()
    return text.startswith("//") and not text.startswith(("//=>", "//!"))
