"""Python objects that stay in their session: attributes, calls, items, modules, functions.

A value that has no Axon kind arrives as a `PyObj`. `obj->name` reads an attribute; one that can be called is
an Axon function. The object lives in its session as long as something here refers to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr
from axon.lib.registry import Dict, List, Obj, Str, bad_arg, builtin
from axon.runtime.calls import Fn, FnParam
from axon.session.objects import PyObj
from axon.session.session import PySession
from axon.streams.sources import of_items
from axon.streams.stream import Stream

if TYPE_CHECKING:
    from axon.runtime.context import Context


class PyFn(Fn):
    """A Python callable as an Axon function of any number of arguments; a Dict as the last one gives
    keywords."""

    __slots__ = ("target",)
    target: PyObj

    def __init__(self, target: PyObj, cx: Context) -> None:
        super().__init__(target.name, lambda *args: _call(target, args), [FnParam("a", None)], cx)
        self.target = target

    def entry(self, given: int) -> Callable[..., Any]:
        """A callable that passes on what it is given."""
        return self.raw

    def bind(self, cx: Context) -> Fn:
        """The same function for another context."""
        return PyFn(self.target, cx)


def _call(target: PyObj, args: tuple[Any, ...]) -> Any:
    if args and type(args[-1]) is dict:
        return target.call(args[:-1], args[-1])
    return target.call(args)


@builtin(lib="hx.py", admin=True)
def py_import(py: PySession, name: Str) -> PyObj:
    """A Python module of a session, by its name with dots.

    Examples:
        py().pyImport("math").pyGet("pi").floor                   //=> 3
        py().pyImport("math")->hypot(3, 4)                        //=> 5
        py().pyImport("no_such_module")                           //! ModuleNotFoundError "no_such_module"
    """
    found: PyObj = py.ask("import", name)
    return found


@builtin(lib="hx.py", admin=True)
def py_fn(cx: Context, py: PySession, target: Str | PyObj) -> Fn:
    """A Python function as an Axon function: a name such as `"math.hypot"`, an expression, or a `PyObj`.

    It takes any number of arguments; a Dict as the last one gives the keywords.

    Raises:
        ArgErr: what was found can't be called.

    Examples:
        do f: py().pyFn("math.hypot"); f(3, 4) end                //=> 5
        [3, 1, 2].map(py().pyFn("str"))                           //=> ["3", "1", "2"]
        do f: py().pyFn("sorted"); f([1, 3, 2], {reverse: true}) end  //=> [3, 2, 1]
        py().pyFn("1 + 1")                                        //! ArgErr "can't be called"
    """
    found = target if isinstance(target, PyObj) else py.resolve(target)
    if type(found) is not PyObj or not found.is_callable:
        raise ArgErr(f"pyFn: {target} can't be called")
    return PyFn(found, cx)


@builtin(lib="hx.py", admin=True)
def py_get(obj: PyObj, key: Obj) -> Obj | None:
    """An attribute by its name (Str), or an item by its position or key (any other value, or a List of one).

    Examples:
        py().pyImport("math").pyGet("e").floor                    //=> 2
        py().pyEval("axon.obj([5, 6])").pyGet(1)                  //=> 6
        py().pyEval("axon.obj({'a': 7})").pyGet(["a"])            //=> 7
        py().pyImport("math").pyGet("nothing")                    //! AttributeError "nothing"
    """
    found: Obj | None = obj.get(key) if type(key) is str else obj.item(_key_of(key))
    return found


def _key_of(key: Obj) -> Obj:
    return key[0] if type(key) is list and len(key) == 1 else key


@builtin(lib="hx.py", admin=True)
def py_set(obj: PyObj, key: Obj, val: Obj | None) -> PyObj:
    """Set an attribute or an item, named as for `pyGet`; the object itself is the result.

    Examples:
        py().pyEval("axon.obj([5, 6])").pySet(0, 9).pyGet(0)      //=> 9
        py().pyImport("types").pyCall("SimpleNamespace").pySet("x", 4).pyGet("x")  //=> 4
    """
    if type(key) is str:
        obj.set(key, val)
    else:
        obj.set_item(_key_of(key), val)
    return obj


@builtin(lib="hx.py", admin=True)
def py_call(obj: PyObj, name: Str | None, args: List | None = None, opts: Dict | None = None) -> Obj | None:
    """Call a method by name, or the object itself when the name is null; `opts` are keyword arguments.

    Examples:
        py().pyImport("math").pyCall("hypot", [6, 8])             //=> 10
        py().pyEval("axon.obj(sorted)").pyCall(null, [[1, 2]], {reverse: true})  //=> [2, 1]
    """
    found: Obj | None = (
        obj.call(args or [], opts) if name is None else obj.call_method(name, args or [], opts)
    )
    return found


@builtin(lib="hx.py", admin=True)
def py_raw(obj: PyObj, name: Str, args: List | None = None, opts: Dict | None = None) -> PyObj:
    """An attribute, or with `args` the result of a method, as a reference, whatever it is.

    Examples:
        py().pyImport("math").pyRaw("pi").toStr                   //=> "3.141592653589793"
        py().pyEval("axon.obj([3, 1])").pyRaw("copy", []).pyCall("pop")  //=> 1
    """
    found: PyObj = obj.get(name, raw=True) if args is None else obj.call_method(name, args, opts, raw=True)
    return found


@builtin(lib="hx.py", admin=True)
def py_iter(obj: PyObj) -> Stream:
    """A stream over what a Python object gives when it is iterated; read in batches, as far as it is wanted.

    Examples:
        py().pyEval("axon.obj(range(1000000))").pyIter.limit(3).collect  //=> [0, 1, 2]
    """
    return of_items(lambda: obj)


@builtin(lib="hx.py", admin=True)
def py_map(vals: List, fn: Fn | PyObj) -> List:
    """A list mapped by a Python function in one round trip: what `map` does, without a call per item.

    Raises:
        ArgErr: not a Python function.

    Examples:
        [1, 2, 3].pyMap(py().pyFn("abs"))                         //=> [1, 2, 3]
        [1].pyMap(x => x)                                         //! ArgErr "expected a Python function"
    """
    target = fn if isinstance(fn, PyObj) else getattr(fn, "target", None)
    if target is None:
        raise bad_arg("pyMap", "expected a Python function, got", fn)
    found: List = target.map(vals)
    return found


@builtin(lib="hx.py", admin=True)
def py_round_trip(py: PySession, val: Obj | None) -> Obj | None:
    """Send a value to Python and back, to see what becomes of it.

    Examples:
        py().pyRoundTrip([1, "a", 2024-01-01, @id])               //=> [1, "a", 2024-01-01, @id]
        py().pyRoundTrip(5kW)                                     //=> 5
    """
    found: Obj | None = py.ask("echo", val)
    return found


@builtin(lib="hx.py", admin=True)
def py_refs(py: PySession) -> Dict:
    """How many references a session has, to see what is not released.

    `objects` of the session are referred to here, `exported` are those that it keeps for that (it learns with
    the next request what was dropped), `functions` were given to it and are still there.

    Examples:
        py().pyRefs                                               //=> {objects: 0, exported: 0, functions: 0}
        do s: py(); x: s.pyEval("axon.obj([1])"); s.pyRefs->exported end  //=> 1
    """
    return py.references
