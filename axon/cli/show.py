"""`--show`: the stages of a program on its way from text to code."""

from __future__ import annotations

import ast
import dis
from typing import TYPE_CHECKING

from axon.source import Loc, Source
from axon.syntax.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from axon.compile.resolve import Known, Resolved

__all__ = ["show", "tree_lines"]


def show(stage: str, source: Source, known: Known, roots: Iterable[str], tag: str = "") -> None:
    """Print one stage of a program: tree, names, python or code; `known`, `roots`, `tag` as in `emit`.

    Raises:
        AxonSyntaxError: the text is not Axon.
        DepthError: it is nested too deep.
    """
    from axon.errors import DepthError
    from axon.syntax.parser import parse_program

    tree = parse_program(source.text, source.name)
    try:
        if stage == "tree":
            print("\n".join(tree_lines(tree)))
        else:
            _show_compiled(stage, source, tree, known, roots, tag)
    except RecursionError:
        raise DepthError("the program is nested too deep", Loc(1, 1, source=source)) from None


def _show_compiled(
    stage: str, source: Source, tree: Node, known: Known, roots: Iterable[str], tag: str
) -> None:
    from axon.compile.emit import emit
    from axon.compile.resolve import resolve
    from axon.compile.unit import compile_program

    if stage == "code":
        dis.dis(compile_program(tree, source, known, roots, tag=tag, sealed=False).code)
        return
    resolved = resolve(tree, known, roots)
    if stage == "names":
        print("\n".join(_name_lines(resolved)))
    else:
        module = emit(resolved, known, source.text, tag, sealed=False).module
        print(ast.unparse(ast.fix_missing_locations(module)))


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
