"""Python sessions: code in another process, by the verbs of hxPy's library.

The work is done by `axon.session`; here are the signatures and the rules of the language. Nothing is started
before the first `pyEval`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr
from axon.lib.registry import Dict, List, Num, Obj, Str, builtin, check_args
from axon.runtime.calls import Fn
from axon.session.options import seconds
from axon.session.session import OWNED, PySession
from pylib.kinds import Uri

if TYPE_CHECKING:
    from axon.runtime.context import Context
    from axon.session.objects import PyObj


@builtin(lib="hx.py", admin=True, direct=True)
def py(cx: Context, opts: Dict | None = None) -> PySession:
    """A Python session.

    In a task it is the task's one session: made by the first call, the same at every later call and message,
    with its variables, until the task ends; later options are ignored. Elsewhere each call makes a session
    that ends with its `pyEval`.

    Options: `backend` (`"process"`, `"docker"`, `"attach"`; default: that of the runtime), `timeout` (per
    `pyEval`, default `5min`), `python` (path of the interpreter), `memory` (such as `"2g"`), `net` (marker:
    the code may use the internet), `units` (marker: numbers keep their unit), `nan` (marker: NaN in data
    frames is not null), `output` (characters shown per `pyEval`), `env` (Dict of Str), `grace` (between
    interrupt and kill, default `2sec`), `callbacks` (marker: the code may use `axon.eval` without the admin
    role; `"admin"`: with it), `attach` (such as `"tcp://127.0.0.1:5000"`) with `key` (the session is a
    running program that called `pylib.attach.attach`), `private` (marker: `->` reaches names with an
    underscore), `interrupts` (`false`: code is never interrupted; a time-out or Ctrl-C ends its interpreter),
    `transport` (`"unix"` or `"tcp"`: how the interpreter of a process calls), `logLevel` (`"DEBUG"`:
    each frame is told in the Python log `axon.session`), and those of hxPy: `image`, `network` (both mean
    Docker), `port`, `maxRetry`.

    `pool` keeps that many interpreters started ahead, for `poolIdle` (default `5min`) at most; each serves
    one session only.

    With the backend `docker` the code runs in a container without network, capabilities or a writable root;
    `io/` is `/io` there. Options: `image` (ours by default, see `axon image build`; any with Python 3.9, or
    one of hxPy), `memory` (default: half of the machine's), `cpus`, `pids` (256), `tmp` (size of `/tmp`),
    `io` (`"rw"`, `"ro"` or `false`), `network` (a Docker network to join; the container is called by its
    address there), `port` (it is published on the loopback and called there), `maxRetry` (seconds of such
    calls).

    With the backend `process` the code is a child process of this user: it can't write outside `io/` and its
    own temporary directory, can't open sockets, trace or signal other processes where the kernel has Landlock
    and seccomp; it can read what the user can read. Its working directory is `io/`, also named by `AXON_IO`.

    Raises:
        ArgErr: an unknown option, or a value that it can't have.

    Examples:
        py().pyDefine("a", 100).pyExec("def twice(x): return x * 2").pyEval("twice(a)")  //=> 200
        py({backend: "moon"})  //! ArgErr "unknown backend"

    Source: hxPy docs, py.
    """
    if not cx.admin:
        cx.require_admin("py")
    if opts is not None and type(opts) is not dict:
        check_args("py", opts)
    task = cx.task
    if task is not None and task.adjuncts is not None:
        known: PySession | None = task.adjuncts.get(OWNED)
        if known is not None and known.user is cx and known.closed is None:
            return known
    options = {**cx.runtime.py_options, **(opts or {})}
    return join(cx.runtime.sessions.open(options, task, echo=cx.echo), cx)


def join(session: PySession, cx: Context) -> PySession:
    """Give a session what it needs of the language: functions for callables, `axon.eval` if it may have
    that."""
    session.user = cx
    session.make_function = lambda obj: _as_function(obj, cx)
    session.on_progress = lambda val: _show_progress(val, cx)
    if session.evaluate is None and session.options.callbacks:
        session.evaluate = _evaluator(cx, session.options.callbacks == "admin")
    return session


def _show_progress(val: Any, cx: Context) -> None:
    """`axon.progress` of session code is the `taskProgress` of the task that it works for."""
    if cx.task is not None:
        cx.task.progress = val if type(val) is dict else {"val": val}


def _as_function(obj: PyObj, cx: Context) -> Fn:
    from axon.lib.pyobjects import PyFn

    return PyFn(obj, cx)


def _evaluator(cx: Context, admin: bool) -> Callable[[str, list[Any] | None], Any]:
    """What `axon.eval` and `axon.fn` of session code do: in a context of its own, with the role it was
    given."""
    own = type(cx)(cx.runtime, admin=admin and cx.admin)

    def evaluate(source: str, args: list[Any] | None) -> Any:
        found: Any = own.lookup_top(source) if source.isidentifier() else None
        found = own.eval_text(source) if found is None else found
        if args is not None and not args:
            return found
        if not isinstance(found, Fn):
            raise ArgErr(f"axon.fn: not a function: {source}")
        return found if args is None else found.call(args)

    return evaluate


@builtin(lib="hx.py", admin=True)
def py_timeout(py: PySession, dur: Num | None) -> PySession:
    """Limit each later `pyEval` of a session; null for no limit.

    When the time is up the Python code is interrupted, and its variables are kept; code that does not stop is
    ended with its interpreter.

    Raises:
        ArgErr: no unit of time.

    Examples:
        py().pyTimeout(10sec).pyEval("1 + 1")            //=> 2
        py().pyTimeout(50ms).pyEval("[0 for _ in iter(int, 1)]")  //! TimeoutErr "no result within 50ms"
        py().pyTimeout(10)                               //! ArgErr "expected a duration"

    Source: hxPy docs, pyTimeout.
    """
    return py.timeout(None if dur is None else seconds("pyTimeout", dur))


@builtin(lib="hx.py", admin=True)
def py_init(py: PySession, fn: Fn) -> PySession:
    """Call `fn` with the session once in the life of its interpreter.

    Skipped when it was done; done again when the interpreter was replaced after a crash or a time-out.

    Examples:
        py().pyInit(s => s.pyExec("x = 40")).pyEval("x + 2")  //=> 42

    Source: hxPy docs, pyInit.
    """
    return py.init(fn.c1)


@builtin(lib="hx.py", admin=True)
def py_define(py: PySession, name: Str, val: Obj | None) -> PySession:
    """Bind a variable of the session, with its next `pyEval`.

    Raises:
        ArgErr: the name is not one of Python.

    Examples:
        py().pyDefine("x", [1, 2, 3]).pyEval("sum(x)")   //=> 6
        py().pyDefine("x", 7kW).pyEval("x + 1")          //=> 8
        py().pyDefine("not a name", 1)                   //! ArgErr "not a name"

    Source: hxPy docs, pyDefine.
    """
    if not name.isidentifier():
        raise ArgErr(f"pyDefine: {name!r} is not a name that Python code can use")
    return py.define(name, val)


@builtin(lib="hx.py", admin=True)
def py_exec(cx: Context, py: PySession, code: Str | Uri) -> PySession:
    """Run Python statements, or the script at a Uri such as `io/job.py`, with the session's next `pyEval`.

    Examples:
        py().pyExec("import math").pyEval("math.hypot(3, 4)")  //=> 5
        py().pyExec("x = ").pyEval("x")                        //! SyntaxError "invalid syntax"

    Source: hxPy docs, pyExec.
    """
    if isinstance(code, Uri):
        return py.exec(cx.io.read_bytes(cx.io.resolve(code)).decode(), code.val)
    return py.exec(code)


@builtin(lib="hx.py", admin=True, direct=True)
def py_eval(cx: Context, py: PySession, expr: Str, args: Dict | List | None = None) -> Obj | None:
    """Send what is buffered, evaluate a Python expression, give its value.

    A Dict of arguments gives names that only this expression sees. A List fills the marks `⎕` of the
    expression from left to right, not inside strings; `⍞` keeps the unit of a number.

    What the code prints goes to the output of the caller. Outside a task the session ends then. An exception
    becomes an error with `type` (such as `py::ValueError`), `dis` (its text) and `pyTrace`.

    Examples:
        py().pyEval("2 ** 10")                           //=> 1024
        py().pyEval("{'a': 1}")                          //=> {a: 1}
        py().pyEval("a + b", {a: 1, b: 2})               //=> 3
        py().pyEval("⎕ - ⎕", [5, 3])                     //=> 2
        py().pyEval("⎕ - ⎕", [5])                        //! ArgErr "places for 2 arguments, got 1"
        py().pyEval("1 / 0")                             //! ZeroDivisionError "division by zero"

    Source: hxPy docs, pyEval.
    """
    if not cx.admin:
        cx.require_admin("pyEval")
    names = None
    if args is not None or type(py) is not PySession or type(expr) is not str:
        check_args("pyEval", py, expr, args)
        names = args if type(args) is dict else None
    if type(args) is list:
        from axon.session.placeholders import place

        expr, names = place(expr, args)
    val: Obj | None = py.eval(expr, names, echo=cx.echo)
    return val
