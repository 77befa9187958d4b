"""The abstract syntax tree: frozen nodes, each with its place.

One class per construct of the language; parentheses leave no node. Lists are tuples. `loc` is never
compared, so two trees are equal when they mean the same text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from axon.source import NOWHERE, Loc

Obj = object


@dataclass(frozen=True, slots=True)
class Node:
    """Any piece of a program."""

    loc: Loc = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """`5kW`, `"text"`, `null`, `@ref` … ; a folded negative number too."""

    val: Obj


@dataclass(frozen=True, slots=True)
class ListExpr(Node):
    """`[a, b]`"""

    vals: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class DictExpr(Node):
    """`{a: x, b, -c}`: a bare name has Literal(MARKER), a dashed one Literal(REMOVE)."""

    names: tuple[str, ...]
    vals: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class RangeExpr(Node):
    """`a..b`"""

    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class Def(Node):
    """`name: expr`"""

    name: str
    val: Node


@dataclass(frozen=True, slots=True)
class Var(Node):
    """A bare name."""

    name: str


@dataclass(frozen=True, slots=True)
class TopName(Node):
    """`lib::name`, `Foo`, `lib::Foo`: `name` is the text as normalised (`lib.sub::name`)."""

    name: str

    @property
    def is_type(self) -> bool:
        """Whether the simple name starts upper case."""
        return self.name.rpartition("::")[2][:1].isupper()


@dataclass(frozen=True, slots=True)
class Param(Node):
    """A parameter of a lambda; `default` is None when it has none."""

    name: str
    default: Node | None = None


@dataclass(frozen=True, slots=True)
class Func(Node):
    """`(params) => body`"""

    params: tuple[Param, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Hole(Node):
    """`_` as an argument: only inside PartialCall."""


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`func(args)`"""

    func: Node
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class DotCall(Node):
    """`target.name(args)`; `x[i]` is the DotCall of `get`. `args` starts with the target."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class TrapCall(Node):
    """`target->name`"""

    target: Node
    name: str


@dataclass(frozen=True, slots=True)
class StaticCall(Node):
    """`Foo(args)` (name is `<init>`) or `Foo.bar(args)`"""

    type_name: TopName
    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class PartialCall(Node):
    """Any call with at least one Hole; in the dot form `func` is a Var and `args` starts with the target."""

    func: Node
    args: tuple[Node, ...]
    dot: bool = False


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`do a; b end`"""

    exprs: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if (cond) then else otherwise`; `otherwise` is None when there is no else."""

    cond: Node
    then: Node
    otherwise: Node | None


@dataclass(frozen=True, slots=True)
class Return(Node):
    """`return expr`"""

    expr: Node


@dataclass(frozen=True, slots=True)
class Throw(Node):
    """`throw expr`"""

    expr: Node


@dataclass(frozen=True, slots=True)
class Try(Node):
    """`try body catch (name) handler`; `name` is None without a variable."""

    body: Node
    name: str | None
    handler: Node


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """`target = val`; only a Var can be assigned when it runs."""

    target: Node
    val: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and`, `or`: op is that word."""

    op: str
    lhs: Node
    rhs: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """op is one of `== != < <= >= > <=>`."""

    op: str
    lhs: Node
    rhs: Node


@dataclass(frozen=True, slots=True)
class Arith(Node):
    """op is one of `+ - * /`."""

    op: str
    lhs: Node
    rhs: Node


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """op is `not` or `-`."""

    op: str
    operand: Node
