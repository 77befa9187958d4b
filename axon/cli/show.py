"""`--show`: the stages of a program on its way from text to code."""

from __future__ import annotations

import ast
import dis
from typing import TYPE_CHECKING

from axon.syntax.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from axon.cli.options import Options
    from axon.compile.resolve import Resolved

__all__ = ["show", "tree_lines"]


def show(name: str, text: str, options: Options) -> int:
    """Print one stage of a program: tree, names, python or code."""
    from axon.cli.report import report
    from axon.errors import AxonError
    from axon.syntax.parser import parse_program

    try:
        tree = parse_program(text, name)
        if options.show == "tree":
            print("\n".join(tree_lines(tree)))
        else:
            _show_compiled(name, text, tree, options.show or "")
    except AxonError as e:
        return report(e, trace=options.trace)
    return 0


def _show_compiled(name: str, text: str, tree: Node, stage: str) -> None:
    from axon.compile.emit import emit
    from axon.compile.resolve import resolve
    from axon.lib import find
    from axon.source import Source

    resolved = resolve(tree, find, ["args"])
    if stage == "names":
        for line in _name_lines(resolved):
            print(line)
        return
    made = emit(resolved, find, text)
    if stage == "python":
        print(ast.unparse(ast.fix_missing_locations(made.module)))
        return
    source = Source(name, text)
    dis.dis(compile(made.module, source.name, "exec", dont_inherit=True))


def _name_lines(resolved: Resolved) -> Iterator[str]:
    """Each function with its variables: parameter or local, and whether others can see it (cell)."""
    for scope in [resolved.root, *(s for s in resolved.order if not s.root)]:
        yield f"{scope.name or 'function' if not scope.root else 'program'} #{scope.index}"
        for v in scope.vars.values():
            yield f"  {v.name}: {'parameter' if v.param else 'local'}, {'cell' if v.cell else 'fast'}"


def tree_lines(node: Node, depth: int = 0, label: str = "") -> Iterator[str]:
    """A syntax tree as indented lines: kind, own values, place; children below."""
    own, children = [], []
    for name in node.__match_args__:
        val = getattr(node, name)
        if isinstance(val, Node):
            children.append((name, val))
        elif isinstance(val, tuple) and any(isinstance(v, Node) for v in val):
            children += [(f"{name}[{i}]", v) for i, v in enumerate(val) if isinstance(v, Node)]
        elif val not in (None, (), False):
            own.append(f"{name}={val!r}")
    head = f"{label}: " if label else ""
    place = f"  @{node.loc.line}:{node.loc.col}" if node.loc else ""
    yield "  " * depth + head + " ".join([type(node).__name__, *own]) + place
    for name, child in children:
        yield from tree_lines(child, depth + 1, name)
