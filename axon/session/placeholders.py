"""Arguments placed in a Python expression: `⎕` takes the next value, `⍞` takes it with its unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from axon.errors import ArgErr
from pylib.kinds import Number

__all__ = ["place"]

_TOKEN = re.compile(
    r"""(?P<text>(?:\'{3}(?:\\.|[^\\])*?\'{3}|"{3}(?:\\.|[^\\])*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))"""
    r"|(?P<comment>\#[^\n]*)|(?P<mark>[⎕⍞])",
    re.DOTALL,
)


def place(expr: str, args: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """The expression with names in the place of the marks, and the value of each name.

    Marks inside string literals and comments stay.

    Raises:
        ArgErr: not as many marks as arguments.
    """
    names: dict[str, Any] = {}
    marks = 0

    def put(found: re.Match[str]) -> str:
        nonlocal marks
        mark = found["mark"]
        if mark is None:
            return found[0]
        marks += 1
        if marks > len(args):
            return mark
        name = f"_arg{marks}"
        value = args[marks - 1]
        names[name] = value
        if mark == "⍞" and type(value) is Number:
            return f"__import__('pylib.native').native.Quantity({name}, {value.unit!r})"
        return name

    text = _TOKEN.sub(put, expr)
    if marks != len(args):
        raise ArgErr(f"pyEval: the expression has places for {marks} arguments, got {len(args)}")
    return text, names
