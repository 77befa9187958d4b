"""Constants of a program: literals, and lists and dicts of nothing but literals, each built once."""

from __future__ import annotations

import ast
import datetime as dt
from typing import Any

from axon.compile import pyast as p
from axon.compile.dest import join, list_of
from axon.compile.inline import int_kind
from axon.compile.shapes import shape
from axon.syntax import nodes as n
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Number, Ref, Symbol, Uri

__all__ = ["Constants"]

_KINDS: dict[type, str] = {float: "num", str: "str", bool: "bool", type(None): "null", dt.date: "date"}
_SINGLES: dict[Any, str] = {MARKER: "_MARKER", NA_VALUE: "_NA", REMOVE: "_REMOVE"}
_OTHER = "other"


class Constants:
    """Makes the statements that build a program's constants; equal literals share one."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.body: list[ast.stmt] = []
        self._names: dict[Any, str] = {}

    def kind(self, val: Any) -> str:
        """What the emitter knows of a literal's kind."""
        if type(val) is int:
            return int_kind(val.bit_length())
        if type(val) is Number:
            return f"unit:{val.unit}"
        return _KINDS.get(type(val), _OTHER)

    def static_kind(self, node: n.Node) -> str:
        """What is known of a literal, list or dict that `constant` knows."""
        if isinstance(node, n.DictExpr):
            return shape(zip(node.names, map(self.static_kind, node.vals), strict=True))
        if isinstance(node, n.ListExpr):
            return list_of(join({self.static_kind(v) for v in node.vals}))
        return self.kind(node.val) if isinstance(node, n.Literal) else ""

    def literal(self, val: Any) -> ast.expr:
        """An expression for a literal value."""
        kind = type(val)
        if kind in (int, float, str, bool) or val is None:
            return p.const(val)
        single = _SINGLES.get(val) if kind not in (list, dict) else None
        if single is not None:
            return p.load(single)
        key = (kind, val)
        if key not in self._names:
            self._names[key] = self.add(self.build(val))
        return p.load(self._names[key])

    def add(self, expr: ast.expr) -> str:
        """Keep an expression's value in a module global."""
        name = f"_k{self.tag}{len(self.body)}"
        self.body.append(p.assign(name, expr))
        return name

    def build(self, val: Any) -> ast.expr:
        """An expression that makes a value of a kind Python has no constant for."""
        if type(val) is Number:
            return p.call("_Number", p.const(val.val), p.const(val.unit))
        if type(val) in (Ref, Uri, Symbol):
            return p.call(f"_{type(val).__name__}", p.const(val.val))
        if type(val) is dt.date:
            return p.call("_date", p.const(val.year), p.const(val.month), p.const(val.day))
        if type(val) is dt.time:
            parts = (val.hour, val.minute, val.second, val.microsecond)
            return p.call("_time", *map(p.const, parts))
        from axon.values.times import DateSpan, NanoTime  # costs start-up

        if isinstance(val, NanoTime):
            from axon.values.show import to_str

            return p.call("_parse_time", p.const(to_str(val)))
        if isinstance(val, DateSpan):
            return p.call("_DateSpan", self.literal(val.start), self.literal(val.end), p.const(val.period))
        raise TypeError(f"no constant for {type(val).__name__}")

    def constant(self, node: n.Node) -> ast.expr | None:
        """A shared constant for a list or dict literal made of constants only; None for others."""
        made = self._static(node)
        return p.load(self.add(made)) if made is not None else None

    def _static(self, node: n.Node) -> ast.expr | None:
        if isinstance(node, n.Literal):
            return self.literal(node.val)
        if isinstance(node, n.ListExpr):
            items = [self._static(v) for v in node.vals]
            if any(i is None for i in items):
                return None
            return ast.List([i for i in items if i is not None], p.LOAD)
        if isinstance(node, n.DictExpr):
            if not node.names:
                return p.load("_EMPTY_DICT")
            vals = [self._static(v) for v in node.vals]
            if any(v is None for v in vals):
                return None
            kept = [
                (k, v)
                for k, v in zip(node.names, vals, strict=True)
                if v is not None and not (isinstance(v, ast.Constant) and v.value is None)
            ]
            nulls = {
                k
                for k, v in zip(node.names, vals, strict=True)
                if isinstance(v, ast.Constant) and v.value is None
            }
            if nulls:
                return None
            return ast.Dict([p.const(k) for k, _ in kept], [v for _, v in kept])
        return None
