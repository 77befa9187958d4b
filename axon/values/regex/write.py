"""Nodes written in the syntax of Python's `re`, which runs them where that is safe (see `cost`)."""

from __future__ import annotations

import re

from axon.values.regex import charset as cs
from axon.values.regex.charset import CharSet
from axon.values.regex.nodes import Alt, Atomic, Backref, Chars, Group, Look, Node, Repeat, Seq

__all__ = ["write", "write_class"]

_ASSERTS = {
    ("start", False): r"\A",
    ("end", False): r"\Z",
    ("last", False): r"(?=(?:\r\n|(?<!\r)\n|[\r\x85\u2028\u2029])?\Z)",
    ("last", True): r"(?=\n?\Z)",
    ("line_start", False): r"(?:\A|(?<=[\n\x85\u2028\u2029])(?!\Z)|(?<=\r)(?!\n|\Z))",
    ("line_start", True): r"(?:\A|(?<=\n)(?!\Z))",
    ("line_end", False): r"(?:(?=[\r\x85\u2028\u2029]|\Z)|(?<!\r)(?=\n))",
    ("line_end", True): r"(?=\n|\Z)",
    ("word", False): r"\b",
    ("inside", False): r"\B",
}
_SAME_EITHER_WAY = frozenset(("start", "end", "word", "inside"))


def write(node: Node) -> str:
    """The pattern of a node; to be compiled with `re.ASCII`."""
    if isinstance(node, Chars):
        return write_class(node.chars)
    if isinstance(node, Seq):
        return "".join([f"(?:{write(n)})" if isinstance(n, Alt) else write(n) for n in node.items])
    if isinstance(node, Alt):
        return "|".join([f"(?:{write(n)})" if isinstance(n, Alt) else write(n) for n in node.options])
    if isinstance(node, Group):
        return f"({write(node.item)})"
    if isinstance(node, Repeat):
        return _atom(node.item) + _counts(node) + ("?" if node.lazy else "")
    if isinstance(node, Atomic):
        return f"(?>{write(node.item)})"
    if isinstance(node, Look):
        return f"(?{'<' if node.behind else ''}{'!' if node.negative else '='}{write(node.item)})"
    if isinstance(node, Backref):
        return f"(?i:(?:\\{node.number}))" if node.fold else f"(?:\\{node.number})"
    return _ASSERTS[(node.kind, node.unix and node.kind not in _SAME_EITHER_WAY)]


def _atom(node: Node) -> str:
    text = write(node)
    return text if isinstance(node, (Chars, Group)) else f"(?:{text})"


def _counts(node: Repeat) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((node.least, node.most))
    if short is not None:
        return short
    return f"{{{node.least},{'' if node.most is None else node.most}}}"


def write_class(chars: CharSet) -> str:
    """One character out of a set."""
    if not chars:
        return r"(?!)"
    if len(chars) == 1 and chars[0][0] == chars[0][1]:
        return re.escape(chr(chars[0][0]))
    if chars == cs.ALL:
        return r"(?s:.)"
    if chars[-1][1] == cs.MAX_CODE:
        return f"[^{_ranges(cs.inverse(chars))}]"
    return f"[{_ranges(chars)}]"


def _ranges(chars: CharSet) -> str:
    return "".join([_code(low) if low == high else f"{_code(low)}-{_code(high)}" for low, high in chars])


def _code(code: int) -> str:
    if code < 0x100:
        return chr(code) if chr(code).isalnum() and code < 0x80 else f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
