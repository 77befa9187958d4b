"""The engine: wires the rooms together and offers the public API.

A `Runtime` owns everything that a program can use: names, files, database, Python sessions, tasks. Closing it
ends all that it started. Nothing below imports this module.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock, _local  # `threading` and `weakref` would cost start-up
from _weakref import ref

from axon.compile.compiler import Compiler
from axon.errors import ArgErr, CastErr, EvalError, IOErr
from axon.own import cache_dir, make_state_dir
from axon.runtime.calls import Fn, TopFunction
from axon.runtime.calls import from_python as fn_from_python
from axon.runtime.context import Context
from axon.runtime.limits import SHIELD, Watcher
from axon.source import Source

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from axon.compile.cache import CodeCache
    from axon.compile.roots import Repl
    from axon.compile.unit import Instance, Unit
    from axon.db import Database
    from axon.db.database import Change
    from axon.lib.registry import Builtin
    from axon.runtime.iodir import IoDir
    from axon.session.manager import SessionManager
    from axon.session.session import PySession
    from axon.syntax.nodes import Node
    from axon.tasks.evaluate import Evaluator
    from axon.tasks.journal import Journal
    from axon.tasks.registry import Tasks
    from axon.tasks.task import Task

__all__ = ["Runtime", "parse"]

#: Types of variables that hold no function.
_NO_FUNCTION = frozenset({type(None), bool, int, float, str, bytes})
LIBS = frozenset({"axon", "hx", "hx.math", "hx.io", "hx.task", "hx.py", "hx.docker", "sys", "ph"})


def parse(text: str, name: str = "<axon>") -> Node:
    """The syntax tree of an Axon expression.

    Raises:
        AxonSyntaxError: the text is not Axon.
    """
    from axon.syntax import parser

    return parser.parse(text, name)


class Runtime:
    """A place to run Axon.

    Args:
        io: the project's `io/` directory; by default a private temporary one, made when first used.
        tz: name of the default time zone, such as `New_York`; by default that of the machine.
        locale: language of formatted output.
        py_backend: where sessions run: `process`, `docker`, `attach`; by default `AXON_PY`, or `process`.
        echo: receives program output; by default it goes to standard output.
        admin: whether programs have the admin role (files, sessions, tasks).
        time_limit: seconds that one evaluation, or one message of a task, may take; None for no limit.
        optimize: False compiles every operator to a call (slower; for tests of the compiler).
        py_options: default options of `py()`, overridden by those that a call gives.
        cache: whether compiled code is kept in the user's cache directory (`AXON_CACHE`).
        state: directory of the journal of durable tasks; without it there are none.
        full_sync: whether a durable message is on the disk itself before `taskSend` returns. Without, it
            survives the death of the process, but the last ones may be lost when the machine loses power.
        max_threads: how many tasks work at a time; one that waits or sleeps in a message holds a thread.
        ephemeral_linger: seconds for which `tasks()` shows the tasks of `taskRun` that have finished; at most
            10,000 of them.

    A runtime is a context manager; `close` ends tasks and sessions.
    """

    def __init__(
        self,
        io: str | os.PathLike[str] | None = None,
        *,
        tz: str | None = None,
        locale: str = "en",
        py_backend: str | None = None,
        echo: Callable[[str], object] | None = None,
        admin: bool = True,
        time_limit: float | None = None,
        optimize: bool = True,
        py_options: Mapping[str, Any] | None = None,
        cache: bool = True,
        state: str | os.PathLike[str] | None = None,
        full_sync: bool = False,
        max_threads: int = 50,
        ephemeral_linger: float = 600.0,
    ) -> None:
        if max_threads < 1:
            raise ArgErr(f"Runtime: max_threads must be at least 1, got {max_threads}")
        if ephemeral_linger < 0:
            raise ArgErr(f"Runtime: ephemeral_linger must not be below 0, got {ephemeral_linger}")
        self.tz = tz or _local_zone()
        self.locale = locale
        self.py_backend = py_backend
        self.py_options = dict(py_options or {})
        self.state = os.fspath(state) if state is not None else None
        self.full_sync = full_sync
        self.max_threads = max_threads
        self.ephemeral_linger = ephemeral_linger
        self.admin = admin
        self.time_limit = time_limit
        self.libs = LIBS
        self.watcher = Watcher()
        self.shell = False  # whether `quit` ends the process
        self.show_trace = False
        self._echo = echo
        self._io_path = os.fspath(io) if io is not None else None
        self._io: IoDir | None = None
        self._end_io: Callable[[], object] | None = None  # removes a temporary io directory
        self._db: Database | None = None
        self._sessions: SessionManager | None = None
        self._tasks: Tasks[Evaluator] | None = None
        self._tops: dict[str, TopFunction] = {}
        self._contexts: set[ref[Context]] = set()
        self._local = _local()
        self._lock = RLock()
        self._closed = False  # nothing begins any more but what tasks have in hand
        self._ended = False  # nor that
        self._compiler = Compiler(self.known, _code_cache() if cache else None, optimize=optimize)
        self.compile = self._compiler.compile

    # -- evaluating

    def eval(
        self, source: str, /, *args: Any, raw: bool = True, time_limit: float | None = None, **variables: Any
    ) -> Any:
        """Evaluate one Axon expression.

        Args:
            source: the text. Several statements must stand in `do … end`; `run` takes a whole script.
            args: given, the value must be a function, which is called with them.
            raw: whether the value comes as Axon has it: Numbers with units, Grids, Refs. False makes plain
                Python data of it (`axon.runtime.plain`): numbers, texts, lists, dicts, data frames, arrays.
            time_limit: seconds, instead of the runtime's.
            variables: root variables of the program, by name. None can be named `raw` or `time_limit`, which
                belong to this method; `run` takes any.

        Raises:
            AxonSyntaxError: the text is not Axon.
            CoerceErr: a variable has no Axon value.
            EvalError: the evaluation failed; `.err` is the dict that Axon `catch` would bind.
        """
        val = self._evaluate(source, "eval", variables, program=False, seconds=time_limit)
        if args:
            val = val(*args)
        if raw:
            return val
        from axon.runtime.plain import to_plain

        return to_plain(val)

    async def aeval(
        self, source: str, /, *args: Any, raw: bool = True, time_limit: float | None = None, **variables: Any
    ) -> Any:
        """`eval` in a thread of the event loop's pool, which works on meanwhile; raises as `eval`.

        When the awaiting task is cancelled, so is the evaluation.
        """
        import asyncio

        contexts: list[Context] = []

        def work() -> Any:
            contexts.append(self.thread_context())
            try:
                return self.eval(source, *args, raw=raw, time_limit=time_limit, **variables)
            finally:
                contexts.clear()

        try:
            return await asyncio.get_running_loop().run_in_executor(None, work)
        except asyncio.CancelledError:
            while contexts and not contexts[0].cancel():  # it is still being compiled
                await asyncio.sleep(0.01)
            raise

    def run(self, source: str, name: str = "<axon>", variables: Mapping[str, Any] | None = None) -> Any:
        """Evaluate a script: statements on lines of their own, perhaps after a `#!` line."""
        return self._evaluate(source, name, variables or {}, program=True)

    def run_file(self, path: str | os.PathLike[str], variables: Mapping[str, Any] | None = None) -> Any:
        """Evaluate the script in a file.

        Raises:
            OSError: it can't be read.
        """
        return self.run(_read(path), os.fspath(path), variables)

    def _evaluate(
        self,
        source: str,
        name: str,
        variables: Mapping[str, Any],
        *,
        program: bool,
        seconds: float | None = None,
    ) -> Any:
        from axon.compile.roots import root_space, variable_name
        from axon.runtime.coerce import variable_value

        self._check_open()
        cx = self.thread_context()
        func = "run" if program else "eval"
        vals = {variable_name(k): variable_value(func, k, v, cx) for k, v in variables.items()}
        sealed = all(type(v) in _NO_FUNCTION for v in vals.values())
        space = root_space(vals)
        unit = self.compile(source, name, sorted(variables), program=program, sealed=sealed)
        return cx.run(self.bind(unit, cx, space), seconds=seconds)

    def repl(self) -> Repl:
        """An interactive evaluation: definitions stay from one input to the next."""
        from axon.compile.roots import Repl

        return Repl(self)

    def fn(self, source: str) -> Fn:
        """The function that a text evaluates to; it is a Python callable.

        Raises:
            CastErr: the text gives something else.
        """
        val = self.eval(source)
        if not isinstance(val, Fn):
            raise CastErr(f"fn: expected a function, got {type(val).__name__}")
        return val

    def parse(self, text: str, name: str = "<axon>") -> Node:
        """The syntax tree of an expression."""
        return parse(text, name)

    def bind(self, unit: Unit, cx: Context, space: dict[str, Any] | None = None) -> Instance:
        """An instance of a unit in a context."""
        from axon.compile.unit import Instance

        return Instance(unit, cx, space)

    # -- names

    def known(self, name: str) -> object | None:
        """What the compiler sees of a top-level name: True for a user's function, a `Builtin`, or None."""
        if name in self._tops:
            return True
        return self.find_builtin(name)

    def find_builtin(self, name: str) -> Builtin | None:
        """A library function by name."""
        from axon.lib import find

        return find(name)

    def top_function(self, name: str) -> TopFunction | None:
        """A user's top-level function by name."""
        return self._tops.get(name)

    def top_names(self) -> list[str]:
        """Names of the user's top-level functions, sorted."""
        return sorted(self._tops)

    def define(self, name: str, func: Callable[..., Any] | str) -> None:
        """Make a Python function, or the function that an Axon text gives, a top-level function.

        Programs compiled afterwards use it, also in place of a library function of that name.

        Raises:
            ArgErr: `name` is not an Axon name, or `func` is no function.
        """
        if isinstance(func, str):
            self.define_all({name: func})
            return
        _check_name(name)
        if isinstance(func, Fn) and func.unit is not None:
            self._set_tops([TopFunction(name, unit=func.unit, index=func.index)])
        elif not callable(func):
            raise ArgErr(f"define: {name} must be a function or its text, got a Python {type(func).__name__}")
        else:
            self._set_tops([TopFunction(name, func=func, doc=func.__doc__ or "")])

    def undefine(self, name: str) -> None:
        """Forget a top-level function: who calls it gets an error, and new programs the library's, if any."""
        if self._tops.pop(name, None) is not None:
            self._compiler.tops = tuple(sorted(self._tops))
            for cx in self._live_contexts():
                cx.redefined(name)

    def load(self, path: str | os.PathLike[str]) -> list[str]:
        """Read functions or records from a file; returns the names or ids that it brought.

        A text with a line end or `=>` is no path, but the content of an `.axon` file.
        `.axon` files hold `name: (args) => …` definitions; `.trio` files records, of which those with the
        marker `func` are functions (`name`, `src`) and all others go into the database; `.zinc`, `.json` and
        `.csv` files hold records.

        Raises:
            OSError: it can't be read.
            AxonSyntaxError, ParseErr: its text is bad; then nothing is taken from it.
        """
        file = os.fspath(path)
        if "\n" in file or "=>" in file:
            return self.load_functions(file)
        if file.endswith(".axon"):
            return self.load_functions(_read(file), file)
        from axon.db.load import load_file

        records = load_file(file)
        functions: dict[str, str] = {}
        others = []
        for rec in records:
            if "func" in rec and type(rec.get("src")) is str:
                name = str(rec.get("name") or rec.get("def") or "").removeprefix("func:")
                functions[name] = rec["src"]
            else:
                others.append(rec)
        names = self.define_all(functions, file)
        return names + [ref.val for ref in self.db.add_records(others)]

    def load_functions(self, text: str, name: str = "<axon>") -> list[str]:
        """Take the top-level functions of a text: definitions `name: (args) => …`."""
        return self._define_library(Source(name, text))

    def define_all(self, functions: Mapping[str, str], origin: str = "") -> list[str]:
        """Make functions of Axon texts, by name, top-level functions: all of them, or none.

        Args:
            origin: where the texts are from, such as a file; error messages tell it.

        Raises:
            ArgErr: a name is not an Axon name, or a text no function.
            AxonSyntaxError: a text is bad.
        """
        if not functions:
            return []
        for name in functions:
            _check_name(name)
        prefix = f"{origin}:" if origin else ""
        suffix = "" if origin else ".axon"
        return self._define_library(
            {name: Source(f"{prefix}{name}{suffix}", src) for name, src in functions.items()}
        )

    def _define_library(self, what: Source | dict[str, Source]) -> list[str]:
        """Define the functions of a file, or of texts by name; each is a unit, none a root variable."""
        found = self._compiler.library(what)
        self._set_tops([TopFunction(f.name, unit=f.unit, doc=f.doc) for f in found])
        return [f.name for f in found]

    def _set_tops(self, tops: Sequence[TopFunction]) -> None:
        self._tops.update((top.name, top) for top in tops)
        self._compiler.tops = tuple(sorted(self._tops))
        for cx in self._live_contexts():
            for top in tops:
                cx.redefined(top.name)

    # -- services

    @property
    def io(self) -> IoDir:
        """The project's io directory."""
        with self._lock:
            if self._io is None:
                from axon.runtime.iodir import IoDir

                if self._io_path is None:
                    self._io_path = self._make_io()
                self._io = IoDir(self._io_path)
            return self._io

    def _make_io(self) -> str:
        """A temporary io directory; it ends with the runtime, or with the process."""
        from weakref import finalize

        from axon.scratch import Scratch

        try:
            scratch = Scratch()
        except OSError as e:
            raise IOErr(str(e)) from e
        self._end_io = finalize(self, scratch.close)
        made = os.path.join(scratch.path, "io")
        os.mkdir(made)
        return made

    @property
    def io_path(self) -> str:
        """Where the io directory is."""
        _ = self.io
        assert self._io_path is not None
        return self._io_path

    @property
    def db(self) -> Database:
        """The records."""
        with self._lock:
            if self._db is None:
                from axon.db import Database

                self._db = Database()
                self._db.observe(self._follow)
            return self._db

    def _follow(self, changes: Sequence[Change], user: object) -> None:
        """Let tasks follow a commit."""
        if self._tasks is None and (self._closed or not any(new and "task" in new for _, new in changes)):
            return
        for old, new in changes:
            self.tasks.follow(old, new, user=user)

    @property
    def sessions(self) -> SessionManager:
        """The Python sessions."""
        found = self._sessions
        if found is not None:
            return found
        with self._lock:
            if self._sessions is None:
                if self._ended:
                    self._check_open()
                from axon.session.manager import SessionManager

                self._sessions = SessionManager(
                    io_dir=lambda: str(self.io.root), echo=self.echo, tz=self.tz, backend=self.py_backend
                )
            return self._sessions

    @property
    def tasks(self) -> Tasks[Evaluator]:
        """The tasks."""
        with self._lock:
            if self._tasks is None:
                self._check_open()
                from axon.runtime.coerce import from_python
                from axon.tasks.evaluate import Evaluator
                from axon.tasks.pool import Pool
                from axon.tasks.registry import Tasks

                self._tasks = Tasks(
                    Evaluator(self),
                    now=lambda: self.thread_context().now(),
                    pool=Pool(self.max_threads),
                    linger=self.ephemeral_linger,
                    journal=self._open_journal(),
                    records=lambda: self.db,
                    convert=lambda val: from_python(val, self.thread_context()),
                )
            return self._tasks

    def _open_journal(self) -> Journal | None:
        if self.state is None:
            return None
        from axon.tasks.journal import Journal

        make_state_dir(self.state)
        return Journal(os.path.join(self.state, "journal.db"), full_sync=self.full_sync)

    def session(self, **options: Any) -> PySession:
        """A Python session, as a context manager; options as those of Axon's `py()`."""
        from axon.lib.python import join

        return join(self.sessions.open({**self.py_options, **options}, keep=True), self.thread_context())

    def task(
        self,
        source: str | Fn | Callable[..., Any],
        *,
        name: str | None = None,
        queue_limit: int | None = None,
    ) -> Task:
        """A task that answers messages with an Axon function (its text, an `Fn`, or a Python callable).

        Messages may be whatever `eval` takes as a variable. At most `queue_limit` messages wait, by default a
        million; the next is refused.

        Raises:
            ArgErr: `source` is no function, or `queue_limit` less than 1.
            AxonSyntaxError: its text is bad.
        """
        self._check_open()
        if queue_limit is not None and queue_limit < 1:
            raise ArgErr(f"task: queue_limit must be at least 1, got {queue_limit}")
        run, text = self._task_run(source)
        return self.tasks.make(run, text, dis=name, queue_limit=queue_limit)

    def _task_run(self, source: str | Fn | Callable[..., Any]) -> tuple[Any, str]:
        evaluator = self.tasks.evaluator
        if isinstance(source, str):
            return evaluator.expression(source), source
        if not callable(source):
            raise ArgErr(f"task: expected a function or its text, got a Python {type(source).__name__}")
        from axon.values.show import to_str

        def fn_of(cx: Context) -> Fn:
            return source.bind(cx) if isinstance(source, Fn) else fn_from_python("task", source, cx)

        text = to_str(source) if isinstance(source, Fn) else getattr(source, "__name__", "python")
        return evaluator.calling(fn_of, text), text

    def new_context(self, task: Any = None) -> Context:
        """A fresh context."""
        cx = Context(self, task=task, admin=self.admin)
        contexts = self._contexts
        contexts.add(ref(cx, contexts.discard))  # in C: what is thrown into a callback is lost
        return cx

    def _live_contexts(self) -> list[Context]:
        return [cx for known in list(self._contexts) if (cx := known()) is not None]

    def thread_context(self) -> Context:
        """The context of the calling thread."""
        cx: Context | None = getattr(self._local, "cx", None)
        if cx is None:
            cx = self._local.cx = self.new_context()
        return cx

    def echo(self, text: str) -> None:
        """Write program output."""
        if self._echo is not None:
            self._echo(text)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()

    def cancel(self, reason: str = "cancelled") -> bool:
        """Stop every evaluation in progress, from another thread; False when nothing ran."""
        stopped = [cx.cancel(reason) for cx in self._live_contexts()]
        return any(stopped)

    # -- life

    def _check_open(self) -> None:
        if self._closed:
            raise EvalError("the runtime is closed")

    def close(self, grace: float = 0.0) -> None:
        """End tasks, sessions and what else was started; safe to call twice.

        Messages that tasks work on may end within `grace` seconds.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
        with SHIELD:  # a task that closes ends itself, but not before all else
            if self._tasks is not None:
                self._tasks.close(grace=grace)
            with self._lock:
                self._ended = True
            if self._sessions is not None:
                self._sessions.close_all()
            self.watcher.close()
            if self._end_io is not None:
                self._end_io()

    def __enter__(self) -> Runtime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()


def _read(path: str | os.PathLike[str]) -> str:
    with open(path, encoding="utf-8", newline="") as file:
        try:
            return file.read()
        except UnicodeDecodeError as e:
            from axon.errors import ParseErr

            raise ParseErr(f"{os.fspath(path)}: no UTF-8 text at byte {e.start}") from e


def _check_name(name: str) -> None:
    from axon.values.tags import is_tag_name

    if not is_tag_name(name):
        raise ArgErr(f"define: not a name: {name!r}")


def _code_cache() -> CodeCache | None:
    from axon.compile.cache import CodeCache

    folder = cache_dir()
    return CodeCache(os.path.join(folder, "code")) if folder else None


def _local_zone() -> str:
    """The Haystack name of the machine's time zone; UTC when it can't be told."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if not name:
        try:
            name = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
        except OSError:
            name = ""
    return name.rpartition("/")[2] or "UTC"
