"""The abstract syntax tree: nodes that nobody changes, each with its place.

One class per construct of the language; parentheses leave no node. Lists are tuples. `loc` is never
compared, so two trees are equal when they mean the same text.

The classes are written out, not made by `dataclass`: a parse makes a node for every second token, and this
way that takes 0.4 instead of 1.1 us and importing the module 1 instead of 16 ms. Their fields are Final, so
that the type checker refuses to change one.
"""

from __future__ import annotations

from typing import ClassVar, Final

from axon.source import NOWHERE, Loc

Obj = object


class Node:
    """Any piece of a program. `__match_args__` names what a kind of node holds beside its place."""

    __slots__ = ("loc",)
    __match_args__: ClassVar[tuple[str, ...]] = ()
    loc: Loc

    def __init__(self, *, loc: Loc = NOWHERE) -> None:
        self.loc = loc

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        for field in self.__match_args__:
            if getattr(self, field) != getattr(other, field):
                return False
        return True

    def __hash__(self) -> int:
        return hash((type(self), *[_shallow(getattr(self, field)) for field in self.__match_args__]))

    def __repr__(self) -> str:
        parts = ", ".join([f"{field}={getattr(self, field)!r}" for field in self.__match_args__])
        return f"{type(self).__name__}({parts})"

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), [getattr(self, field) for field in self.__match_args__], self.loc)


def _shallow(val: Obj) -> Obj:
    """What stands for a field in a hash: of the nodes below the kind or the number, however deep the tree."""
    return type(val) if isinstance(val, Node) else len(val) if isinstance(val, tuple) else val


def _restore(kind: type[Node], vals: list[Obj], loc: Loc) -> Node:
    """A node from its parts, for `copy` and `pickle`."""
    return kind(*vals, loc=loc)


class Literal(Node):
    """`5kW`, `"text"`, `null`, `@ref` … ; a folded negative number too."""

    __match_args__: ClassVar = ("val",)
    __slots__ = __match_args__
    val: Final[Obj]

    def __init__(self, val: Obj, *, loc: Loc = NOWHERE) -> None:
        self.val = val
        self.loc = loc


class ListExpr(Node):
    """`[a, b]`"""

    __match_args__: ClassVar = ("vals",)
    __slots__ = __match_args__
    vals: Final[tuple[Node, ...]]

    def __init__(self, vals: tuple[Node, ...], *, loc: Loc = NOWHERE) -> None:
        self.vals = vals
        self.loc = loc


class DictExpr(Node):
    """`{a: x, b, -c}`: a bare name has Literal(MARKER), a dashed one Literal(REMOVE)."""

    __match_args__: ClassVar = ("names", "vals")
    __slots__ = __match_args__
    names: Final[tuple[str, ...]]
    vals: Final[tuple[Node, ...]]

    def __init__(self, names: tuple[str, ...], vals: tuple[Node, ...], *, loc: Loc = NOWHERE) -> None:
        self.names = names
        self.vals = vals
        self.loc = loc


class RangeExpr(Node):
    """`a..b`"""

    __match_args__: ClassVar = ("start", "end")
    __slots__ = __match_args__
    start: Final[Node]
    end: Final[Node]

    def __init__(self, start: Node, end: Node, *, loc: Loc = NOWHERE) -> None:
        self.start = start
        self.end = end
        self.loc = loc


class Def(Node):
    """`name: expr`"""

    __match_args__: ClassVar = ("name", "val")
    __slots__ = __match_args__
    name: Final[str]
    val: Final[Node]

    def __init__(self, name: str, val: Node, *, loc: Loc = NOWHERE) -> None:
        self.name = name
        self.val = val
        self.loc = loc


class Var(Node):
    """A bare name."""

    __match_args__: ClassVar = ("name",)
    __slots__ = __match_args__
    name: Final[str]

    def __init__(self, name: str, *, loc: Loc = NOWHERE) -> None:
        self.name = name
        self.loc = loc


class TopName(Node):
    """`lib::name`, `Foo`, `lib::Foo`: `name` is the text as normalised (`lib.sub::name`)."""

    __match_args__: ClassVar = ("name",)
    __slots__ = __match_args__
    name: Final[str]

    def __init__(self, name: str, *, loc: Loc = NOWHERE) -> None:
        self.name = name
        self.loc = loc

    @property
    def is_type(self) -> bool:
        """Whether the simple name starts upper case."""
        return self.name.rpartition("::")[2][:1].isupper()


class Param(Node):
    """A parameter of a lambda; `default` is None when it has none."""

    __match_args__: ClassVar = ("name", "default")
    __slots__ = __match_args__
    name: Final[str]
    default: Final[Node | None]

    def __init__(self, name: str, default: Node | None = None, *, loc: Loc = NOWHERE) -> None:
        self.name = name
        self.default = default
        self.loc = loc


class Func(Node):
    """`(params) => body`"""

    __match_args__: ClassVar = ("params", "body")
    __slots__ = __match_args__
    params: Final[tuple[Param, ...]]
    body: Final[Node]

    def __init__(self, params: tuple[Param, ...], body: Node, *, loc: Loc = NOWHERE) -> None:
        self.params = params
        self.body = body
        self.loc = loc


class Hole(Node):
    """`_` as an argument: only inside PartialCall."""

    __slots__ = ()


class Call(Node):
    """`func(args)`"""

    __match_args__: ClassVar = ("func", "args")
    __slots__ = __match_args__
    func: Final[Node]
    args: Final[tuple[Node, ...]]

    def __init__(self, func: Node, args: tuple[Node, ...], *, loc: Loc = NOWHERE) -> None:
        self.func = func
        self.args = args
        self.loc = loc


class DotCall(Node):
    """`target.name(args)`; `x[i]` is the DotCall of `get`. `args` starts with the target."""

    __match_args__: ClassVar = ("name", "args")
    __slots__ = __match_args__
    name: Final[str]
    args: Final[tuple[Node, ...]]

    def __init__(self, name: str, args: tuple[Node, ...], *, loc: Loc = NOWHERE) -> None:
        self.name = name
        self.args = args
        self.loc = loc


class TrapCall(Node):
    """`target->name`"""

    __match_args__: ClassVar = ("target", "name")
    __slots__ = __match_args__
    target: Final[Node]
    name: Final[str]

    def __init__(self, target: Node, name: str, *, loc: Loc = NOWHERE) -> None:
        self.target = target
        self.name = name
        self.loc = loc


class StaticCall(Node):
    """`Foo(args)` (name is `<init>`) or `Foo.bar(args)`"""

    __match_args__: ClassVar = ("type_name", "name", "args")
    __slots__ = __match_args__
    type_name: Final[TopName]
    name: Final[str]
    args: Final[tuple[Node, ...]]

    def __init__(self, type_name: TopName, name: str, args: tuple[Node, ...], *, loc: Loc = NOWHERE) -> None:
        self.type_name = type_name
        self.name = name
        self.args = args
        self.loc = loc


class PartialCall(Node):
    """Any call with at least one Hole; in the dot form `func` is a Var and `args` starts with the target."""

    __match_args__: ClassVar = ("func", "args", "dot")
    __slots__ = __match_args__
    func: Final[Node]
    args: Final[tuple[Node, ...]]
    dot: Final[bool]

    def __init__(self, func: Node, args: tuple[Node, ...], dot: bool = False, *, loc: Loc = NOWHERE) -> None:
        self.func = func
        self.args = args
        self.dot = dot
        self.loc = loc


class Block(Node):
    """`do a; b end`"""

    __match_args__: ClassVar = ("exprs",)
    __slots__ = __match_args__
    exprs: Final[tuple[Node, ...]]

    def __init__(self, exprs: tuple[Node, ...], *, loc: Loc = NOWHERE) -> None:
        self.exprs = exprs
        self.loc = loc


class If(Node):
    """`if (cond) then else otherwise`; `otherwise` is None when there is no else."""

    __match_args__: ClassVar = ("cond", "then", "otherwise")
    __slots__ = __match_args__
    cond: Final[Node]
    then: Final[Node]
    otherwise: Final[Node | None]

    def __init__(self, cond: Node, then: Node, otherwise: Node | None, *, loc: Loc = NOWHERE) -> None:
        self.cond = cond
        self.then = then
        self.otherwise = otherwise
        self.loc = loc


class Return(Node):
    """`return expr`"""

    __match_args__: ClassVar = ("expr",)
    __slots__ = __match_args__
    expr: Final[Node]

    def __init__(self, expr: Node, *, loc: Loc = NOWHERE) -> None:
        self.expr = expr
        self.loc = loc


class Throw(Node):
    """`throw expr`"""

    __match_args__: ClassVar = ("expr",)
    __slots__ = __match_args__
    expr: Final[Node]

    def __init__(self, expr: Node, *, loc: Loc = NOWHERE) -> None:
        self.expr = expr
        self.loc = loc


class Try(Node):
    """`try body catch (name) handler`; `name` is None without a variable."""

    __match_args__: ClassVar = ("body", "name", "handler")
    __slots__ = __match_args__
    body: Final[Node]
    name: Final[str | None]
    handler: Final[Node]

    def __init__(self, body: Node, name: str | None, handler: Node, *, loc: Loc = NOWHERE) -> None:
        self.body = body
        self.name = name
        self.handler = handler
        self.loc = loc


class Assign(Node):
    """`target = val`; only a Var can be assigned when it runs."""

    __match_args__: ClassVar = ("target", "val")
    __slots__ = __match_args__
    target: Final[Node]
    val: Final[Node]

    def __init__(self, target: Node, val: Node, *, loc: Loc = NOWHERE) -> None:
        self.target = target
        self.val = val
        self.loc = loc


class Logic(Node):
    """`and`, `or`: op is that word."""

    __match_args__: ClassVar = ("op", "lhs", "rhs")
    __slots__ = __match_args__
    op: Final[str]
    lhs: Final[Node]
    rhs: Final[Node]

    def __init__(self, op: str, lhs: Node, rhs: Node, *, loc: Loc = NOWHERE) -> None:
        self.op = op
        self.lhs = lhs
        self.rhs = rhs
        self.loc = loc


class Compare(Node):
    """op is one of `== != < <= > >= <=>`."""

    __match_args__: ClassVar = ("op", "lhs", "rhs")
    __slots__ = __match_args__
    op: Final[str]
    lhs: Final[Node]
    rhs: Final[Node]

    def __init__(self, op: str, lhs: Node, rhs: Node, *, loc: Loc = NOWHERE) -> None:
        self.op = op
        self.lhs = lhs
        self.rhs = rhs
        self.loc = loc


class Arith(Node):
    """op is one of `+ - * /`."""

    __match_args__: ClassVar = ("op", "lhs", "rhs")
    __slots__ = __match_args__
    op: Final[str]
    lhs: Final[Node]
    rhs: Final[Node]

    def __init__(self, op: str, lhs: Node, rhs: Node, *, loc: Loc = NOWHERE) -> None:
        self.op = op
        self.lhs = lhs
        self.rhs = rhs
        self.loc = loc


class Unary(Node):
    """op is `not` or `-`."""

    __match_args__: ClassVar = ("op", "operand")
    __slots__ = __match_args__
    op: Final[str]
    operand: Final[Node]

    def __init__(self, op: str, operand: Node, *, loc: Loc = NOWHERE) -> None:
        self.op = op
        self.operand = operand
        self.loc = loc
