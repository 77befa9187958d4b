"""Library functions: functions as values, evaluating text, source and syntax trees."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from axon.errors import AxonSyntaxError, Err, EvalError, ParseErr
from axon.lib.registry import Bool, Builtin, Dict, FilterArg, List, Obj, Str, bad_arg, builtin
from axon.runtime.calls import REQUIRED, Dynamic, Fn, Scope
from axon.values.filter import Filter
from axon.values.filter import parse_filter as read_filter
from axon.values.numbers import to_int
from pylib.grid import Grid
from pylib.kinds import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from axon.runtime.context import Context
    from axon.syntax.nodes import Node

# -- calling ---------------------------------------------------------------------------------------------


def _resolve(cx: Context, func: Str | Fn) -> Fn:
    """The function that a name or a value stands for.

    Raises:
        EvalError: Unknown symbol.
    """
    if isinstance(func, Fn):
        return func
    found = cx.lookup_top(func)
    if found is None:
        raise EvalError(f"Unknown symbol '{func}'")
    return found


@builtin()
def call(cx: Context, func: Str | Fn, args: List | None = None) -> Obj:
    """Call a function with a list of arguments; null stands for none.

    A name, also a qualified one, means a top-level function, never a local variable.

    Raises:
        EvalErr: no top-level function of that name, or too few arguments for it.

    Examples:
        call("abs", [-5])                     //=> 5
        call(max, [1, 2])                     //=> 2
        call(() => 7)                         //=> 7
        call("nosuch")                        //! EvalErr "Unknown symbol 'nosuch'"
    """
    return _resolve(cx, func).call(args or [])


@builtin()
def call_by_name(cx: Context, func: Str | Fn, args: Dict) -> Obj:
    """Call a function with arguments by the names of its parameters.

    A missing one is passed as null; missing ones at the end that have a default are left off.

    Raises:
        EvalErr: no top-level function of that name.

    Examples:
        callByName("clamp", {val: 5, min: 7, max: 9})         //=> 7
        callByName((a, b: 2) => [a, b], {a: 1})               //=> [1, 2]
        callByName((a, b: 2, c: 3) => [a, b, c], {a:1, c:9})  //=> [1, null, 9]
    """
    fn = _resolve(cx, func)
    params = list(fn.params)
    while params and params[-1].name not in args and params[-1].default is not REQUIRED:
        params.pop()
    return fn.call([args.get(p.name) for p in params])


# -- reflection ------------------------------------------------------------------------------------------


@builtin()
def func(cx: Context, name: Str | Fn, checked: Bool = True) -> Dict | None:
    """What is known of a function: `name`, `qname`, `doc`, `admin` and so on.

    Raises:
        EvalErr: no top-level function of that name, and `checked` is true.

    Examples:
        func("axon::abs")->name       //=> "abs"
        func(sum)->foldOn             //=> "Number"
        func("nosuch", false)         //=> null
        func("nosuch")                //! EvalErr "Unknown symbol 'nosuch'"
    """
    found = name if isinstance(name, Fn) else cx.lookup_top(name)
    if found is None:
        if checked:
            raise EvalError(f"Unknown symbol '{name}'")
        return None
    if found.builtin is not None:
        return _builtin_meta(found.builtin)
    return _top_meta(cx, _top_name(cx, found) or found.name)


def _builtin_meta(b: Builtin) -> dict[str, Any]:
    doc = f"{b.summary}\n\n{b.details}" if b.details else b.summary
    meta: dict[str, Any] = {"name": b.name, "qname": f"{b.lib}::{b.name}", "sig": b.signature, "doc": doc}
    flags = {"admin": b.admin, "nodoc": b.hidden, "deprecated": b.deprecated}
    meta |= {name: MARKER for name, on in flags.items() if on}
    if b.fold_on:
        meta["foldOn"] = b.fold_on
    return meta


def _top_meta(cx: Context, name: str) -> dict[str, Any]:
    """A function of the user: its library is the project."""
    top = cx.runtime.top_function(name)
    doc = top.doc if top is not None else ""
    return {"name": name, "qname": f"proj::{name}", **({"doc": doc} if doc else {})}


def _top_name(cx: Context, fn: Fn) -> str | None:
    """The name under which the user defined a function; None for one that is not top-level."""
    for name in cx.runtime.top_names():
        top = cx.runtime.top_function(name)
        if top.unit is None:
            if fn.unit is None and fn.name == name:
                return str(name)
        elif top.unit is fn.unit and top.index == fn.index:
            return str(name)
    return None


@builtin()
def funcs(cx: Context, filter: FilterArg | None = None) -> Grid:
    """All visible functions, one row each, with `name` and `qname` first.

    The argument is read as a filter on the rows; hidden functions are left out.

    Examples:
        funcs(name == "abs").size             //=> 1
        funcs().size > 100                    //=> true
        funcs(foldOn).colToList("name").contains("sum")   //=> true
    """
    rows = list(_visible(cx))
    if filter is not None:
        assert isinstance(filter, Filter)
        rows = filter.select(rows, cx.db_resolve)
    return Grid.from_rows(rows) if rows else Grid.from_columns(["name", "qname"], [[], []])


def _visible(cx: Context) -> Iterator[dict[str, Any]]:
    from axon.lib import load_all
    from axon.lib.registry import table

    load_all()
    tops = set(cx.runtime.top_names())
    known = table()
    for name in sorted({*tops, *known}):
        if name in tops:
            yield _top_meta(cx, name)
        elif not known[name].hidden:
            yield _builtin_meta(known[name])


@builtin()
def cur_func(cx: Context) -> Dict:
    """What is known of the top-level function in which the call stands.

    Raises:
        Err: it stands in none.

    Examples:
        curFunc()                     //! Err "No top-level func active"
    """
    tops = {}
    for name in cx.runtime.top_names():
        unit = cx.runtime.top_function(name).unit
        if unit is not None:
            tops[id(unit)] = name
    for frame in _frames():
        name = tops.get(id(frame.f_globals.get("_unit")))
        if name is not None:
            return _top_meta(cx, name)
    raise Err("No top-level func active")


@builtin(hidden=True)
def params(fn: Fn) -> Grid:
    """The parameters of a function, one row each: `name` and, where it has one, `def`, the default.

    Examples:
        params(abs).colToList("name")             //=> ["val"]
        params((a, b: 2) => a).colToList("def")   //=> [null, 2]
    """
    own = fn.builtin is None
    defaults = [_default(fn, i) if own else None for i in range(len(fn.params))]
    return Grid.from_columns(["name", "def"], [[p.name for p in fn.params], defaults])


def _default(fn: Fn, index: int) -> object:
    """The default of a parameter; the source of one that is evaluated at each call."""
    default = fn.params[index].default
    if default is REQUIRED:
        return None
    if type(default) is not Dynamic:
        return default
    node = fn.node
    expr = node.params[index].default if node is not None else None
    if expr is None or _is_constant(expr):
        return default.code(Scope(None, fn.cx))
    from axon.syntax.printer import to_source

    return to_source(expr)


def _is_constant(expr: Node) -> bool:
    from axon.syntax import nodes

    if isinstance(expr, (nodes.ListExpr, nodes.DictExpr)):
        return all(map(_is_constant, expr.vals))
    return isinstance(expr, nodes.Literal)


# -- evaluating ------------------------------------------------------------------------------------------


@builtin(name="eval")
def eval_(cx: Context, expr: Str) -> Obj:
    """Evaluate one Axon expression; local variables of the caller are not visible to it.

    Raises:
        SyntaxErr: the text is not an expression.

    Examples:
        eval("1 + 2 * 3")             //=> 7
        eval("do a: 1; a + 1 end")    //=> 2
        eval("1 +")                   //! SyntaxErr
    """
    return cx.eval_text(expr)


@builtin()
def eval_to_func(cx: Context, expr: Str) -> Fn:
    """Evaluate one Axon expression that gives a function; a name is enough.

    Raises:
        SyntaxErr: the text is not an expression.
        EvalErr: it gives something else.

    Examples:
        evalToFunc("x => x + 1").call([4])    //=> 5
        evalToFunc("max").call([1, 2])        //=> 2
        evalToFunc("5")                       //! EvalErr "does not eval to func"
    """
    val = cx.eval_text(expr)
    if isinstance(val, Fn):
        return val
    from axon.values.show import summary

    raise EvalError(f"Target does not eval to func: {summary(val)}")


@builtin(hidden=True)
def eval_or_read_all(cx: Context, expr: Str) -> Obj:
    """Read all records that match when the text is a filter, else evaluate it.

    Examples:
        evalOrReadAll("1 + 2")                //=> 3
        evalOrReadAll("nosuchTag").size       //=> 0
    """
    try:
        filter = read_filter(expr)
    except ParseErr:
        return cx.eval_text(expr)
    return cx.builtin_value("readAll").c1(filter)


@builtin(admin=True)
def echo(cx: Context, x: Obj) -> Str:
    """Print the text form of a value, and return that text.

    Examples:
        echo(5kW)                     //=> "5kW"
    """
    from axon.values.show import to_str

    text = to_str(x)
    cx.echo(text + "\n")
    return text


@builtin(admin=True, hidden=True)
def dump(cx: Context, x: Obj) -> Obj:
    """Print a form of a value for debugging, and return the value.

    Examples:
        dump(5)                       //=> 5
    """
    cx.echo(f"{type(x).__name__} {x!r}\n")
    return x


@builtin(hidden=True)
def noop() -> Str:
    """Do nothing.

    Examples:
        noop()                        //=> "noop"
    """
    return "noop"


def _frames() -> Iterator[FrameType]:
    """The frames of running Axon code, newest first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if "_unit" in frame.f_globals:
            yield frame
        frame = frame.f_back


@builtin(admin=True, hidden=True)
def trace(opts: Dict | None = None) -> Str:
    """The Axon functions that are running as text, one line each, newest first.

    Option `maxDepth` limits the lines.

    Examples:
        trace().isStr                             //=> true
        trace({maxDepth: 0})                      //=> ""
    """
    return "\n".join(f"  {name} ({file}({line}))" for name, file, line in _trace(opts))


@builtin(admin=True, hidden=True)
def trace_to_grid(opts: Dict | None = None) -> Grid:
    """The Axon functions that are running as a grid: `name`, `file`, `line`, newest first.

    Option `maxDepth` limits the rows.

    Examples:
        traceToGrid().colNames                    //=> ["name", "file", "line"]
    """
    columns = [list(c) for c in zip(*_trace(opts), strict=True)] or [[], [], []]
    return Grid.from_columns(["name", "file", "line"], columns)


def _trace(opts: dict[str, Any] | None) -> list[tuple[str, str, int]]:
    limit = (opts or {}).get("maxDepth")
    names = [
        (f.f_code.co_name, f.f_code.co_filename, f.f_lineno) for f in _frames() if f.f_code.co_name[:1] != "<"
    ]
    return names[: max(to_int(limit), 0)] if isinstance(limit, (int, float)) else names


# -- source and syntax trees -----------------------------------------------------------------------------


@builtin(pure=True)
def to_axon_code(val: Obj) -> Str:
    """Axon source that evaluates back to the value.

    What has no source, such as a range or a function, is written as `xstr("TypeName", "text")`.

    Raises:
        UnsupportedErr: a grid.

    Examples:
        toAxonCode({a, b:[1, "x"]})           //=> "{a, b:[1, \\"x\\"]}"
        toAxonCode(nan())                     //=> "nan()"
        eval(toAxonCode(@a))                  //=> @a
        toAxonCode([{a}].toGrid)              //! UnsupportedErr "grid"
    """
    from axon.values.show import to_code

    return to_code(val)


@builtin()
def parse_ast(cx: Context, src: Str) -> Dict:
    """The syntax tree of an expression as dicts, each with its `type`.

    Raises:
        SyntaxErr: the text is not an expression.

    Examples:
        parseAst("a + 1")->type               //=> "add"
        parseAst("a + 1")->rhs->val           //=> 1
        parseAst("1 +")                       //! SyntaxErr
    """
    from axon.syntax.astdict import ast_dict

    return ast_dict(cx.parse(src))


@builtin(hidden=True)
def check_syntax(cx: Context, src: Str) -> Grid:
    """Check the text of a top-level function, `(params) => body`.

    Without error the grid is empty. Else its meta has `err` and `dis`, and its row the `line` and the message
    `dis`.

    Examples:
        checkSyntax("(x) => x").isEmpty               //=> true
        checkSyntax("(x) => x +").first->line         //=> 1
        checkSyntax("5").meta.has("err")              //=> true
    """
    try:
        tree = cx.parse(src)
    except AxonSyntaxError as e:
        return _syntax_error(e.loc.line if e.loc else 1, e.message)
    if not _is_function(tree, src):
        return _syntax_error(1, "Expecting a function: (params) => body")
    return Grid.from_columns(["line", "dis"], [[], []])


def _syntax_error(line: int, message: str) -> Grid:
    return Grid.from_columns(["line", "dis"], [[line], [message]], {"err": MARKER, "dis": "Syntax errors"})


_BEFORE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*\(", re.DOTALL)


def _is_function(tree: Node, src: str) -> bool:
    from axon.syntax.nodes import Func

    return isinstance(tree, Func) and _BEFORE.match(src) is not None


# -- help ------------------------------------------------------------------------------------------------


@builtin()
def help(cx: Context, func: Obj = None) -> Obj:
    """Print what a function does; without argument how to go on.

    Takes the function itself or its name.

    Raises:
        ArgErr: it is not a top-level function.

    Examples:
        help(abs)                             //=> null
        help(x => x)                          //! ArgErr "top level"
    """
    if func is None:
        cx.echo("help(name) tells about a function, helpAll() lists all of them.\n")
        return None
    fn = cx.lookup_top(func) if type(func) is str else func
    if not isinstance(fn, Fn):
        raise bad_arg("help", "Not a top level function:", func)
    if fn.builtin is not None:
        cx.echo(_help_text(fn.builtin))
        return None
    name = _top_name(cx, fn)
    if name is None:
        raise bad_arg("help", "Not a top level function:", func)
    doc = cx.runtime.top_function(name).doc
    cx.echo(f"{name}({', '.join(p.name for p in fn.params)})\n{doc}\n")
    return None


def _help_text(b: Builtin) -> str:
    parts = [b.signature, "", b.summary]
    if b.details:
        parts += ["", b.details]
    if b.examples:
        width = max(len(e.src) for e in b.examples)
        parts += ["", *(f"  {e.src:{width}}  → {e.want or 'raises ' + e.error}" for e in b.examples)]
    return "\n".join(parts) + "\n"


@builtin()
def help_all(cx: Context) -> Obj:
    """Print a line about each function: its name and what it does.

    Examples:
        helpAll()                             //=> null
    """
    for meta in _visible(cx):
        summary, _, _ = meta.get("doc", "").partition("\n")
        cx.echo(f"{meta['name']:24} {summary}\n")
    return None
