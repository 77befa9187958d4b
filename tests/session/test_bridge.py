"""The two-way bridge, row by row of Py'n'APL's features (spec, sessions 8), on every backend."""

from __future__ import annotations

import gc
import random
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import axon
from axon.errors import (
    ArgErr,
    CancelRequest,
    RemoteError,
    SessionClosed,
    SessionTimeout,
    UnknownNameErr,
    WireError,
)
from axon.runtime.limits import Guard
from axon.session.manager import SessionManager
from axon.session.objects import PyObj
from axon.session.placeholders import place
from axon.session.session import PySession
from pylib.batches import items_of
from pylib.frames import WireFault
from pylib.kinds import MARKER, Number
from tests.session.conftest import wait_until

CLASS = """
class Meter:
    def __init__(self): self.val = 5
    def add(self, a, b=1): return self.val + a + b
    def me(self): return self
    def __repr__(self): return f"Meter {self.val}"
meter = Meter()
"""


@pytest.fixture
def meter(session: PySession) -> PyObj:
    """An object of a class that Axon knows nothing of."""
    found = session.exec(CLASS).eval("meter")
    assert type(found) is PyObj
    return found


# ---- 8.1 start options, 8.2 statements


def test_8_1_options_reach_the_interpreter(manager: SessionManager) -> None:
    options = {"transport": "tcp", "env": {"WORD": "yes"}, "units": True, "interrupts": False}
    session = manager.open(options, keep=True)
    assert session.eval("__import__('os').environ['WORD']") == "yes"
    assert session.eval("x.unit", {"x": Number(5, "kW")}) == "kW"


def test_8_2_statements_run_in_order(session: PySession) -> None:
    session.exec("x = 1; y = x + 1").exec("""
        def f(a):
            return a * y
    """)
    assert session.eval("f(10)") == 20


# ---- 8.3 arguments


@pytest.mark.parametrize(
    ("expr", "args", "text"),
    [
        ("⎕ + ⎕", [1, 2], "_arg1 + _arg2"),
        ("'⎕' + \"⎕\" + '''⎕\n''' + ⎕  # ⎕", [1], "'⎕' + \"⎕\" + '''⎕\n''' + _arg1  # ⎕"),
        (r"'\'⎕' + ⎕", [1], r"'\'⎕' + _arg1"),
        ("1", [], "1"),
        ("⍞", [3], "_arg1"),
    ],
)
def test_8_3_marks_take_arguments(expr: str, args: list[Any], text: str) -> None:
    assert place(expr, args) == (text, {f"_arg{i + 1}": arg for i, arg in enumerate(args)})


@pytest.mark.parametrize(("expr", "args"), [("⎕", []), ("1", [2]), ("⎕ ⎕", [1]), ("'⎕'", [1])])
def test_8_3_marks_and_arguments_are_counted(expr: str, args: list[Any]) -> None:
    with pytest.raises(ArgErr, match="places for"):
        place(expr, args)


def test_8_3_raw_mark_keeps_the_unit(session: PySession) -> None:
    text, names = place("⍞.unit", [Number(5, "kW")])
    assert session.eval(text, names) == "kW"


# ---- 8.4 object references


def test_8_4_attributes_and_methods(meter: PyObj) -> None:
    assert meter.get("val") == 5
    meter.set("val", 7)
    assert meter.call_method("add", [1]) == 9
    assert meter.call_method("add", [1], {"b": 10}) == 18
    assert str(meter) == "Meter 7"
    assert meter.type_name.endswith("Meter")
    with pytest.raises(RemoteError, match="no attribute 'nothing'"):
        meter.get("nothing")


def test_8_4_raw_never_converts(session: PySession, meter: PyObj) -> None:
    raw = meter.get("val", raw=True)
    assert type(raw) is PyObj
    assert str(raw) == "5"
    assert type(session.eval("axon.obj([1, 2])")) is PyObj
    assert session.eval("axon.obj([1, 2])").item(1) == 2


def test_8_4_same_object_same_reference(session: PySession, meter: PyObj) -> None:
    assert meter.call_method("me") is meter
    assert session.eval("[meter, meter]") == [meter, meter]
    assert session.define("other", meter).eval("other is meter") is True
    assert session.eval("Meter()") is not meter


def test_8_4_items_and_iteration(session: PySession) -> None:
    items = session.eval("axon.obj(list(range(2500)))")
    assert list(items) == list(range(2500))
    assert len(items) == 2500
    items.set_item(0, "x")
    assert items.item(0) == "x"


def test_8_4_references_are_released(session: PySession) -> None:
    session.exec(
        "import weakref, gc\nclass A: pass\nkept = weakref.WeakSet()\n"
        "def make():\n    a = A(); kept.add(a); return a"
    )
    objects = [session.eval("make()") for _ in range(20)]
    assert session.eval("len(kept)") == 20
    objects.clear()
    gc.collect()
    session.eval("gc.collect()")
    assert session.eval("len(kept)") == 0


def test_8_4_references_are_counted_on_both_sides(session: PySession) -> None:
    assert session.references == {"objects": 0, "exported": 0, "functions": 0}
    objects = session.exec("class A: pass").eval("[A(), A(), A()]")
    objects.append(session.eval("f", {"f": abs}))
    assert session.references["objects"] == session.references["exported"] == 3
    session.define("g", lambda: 1).eval("1")
    assert session.references["functions"] >= 1
    objects.clear()
    gc.collect()
    assert session.references["exported"] == session.references["objects"] == 0
    session.exec("del g").eval("1")
    session.define("h", abs).eval("h(-1)")
    assert session.references["functions"] <= 2


def test_8_4_tables_and_memory_of_many_references_shrink(session: PySession) -> None:
    """As many at once as make it pay to give memory back, while one of them stays."""
    session.exec(
        "import gc, os\nclass A: pass\ndef make(n): return [A() for _ in range(n)]\n"
        "def size(): return int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE')"
    )
    kept = session.eval("make(1)")
    before = session.eval("size()")
    objects = session.eval("make(150000)")
    held = session.eval("size()")
    assert session.references["exported"] == 150001
    del objects
    gc.collect()
    assert session.references == {"objects": 1, "exported": 1, "functions": 0}
    assert session.eval("size()") - before < (held - before) / 2
    assert session.eval("x is not None", {"x": kept[0]}) is True
    client = session._client
    assert client is not None
    assert sys.getsizeof(client.references.objects.data) < 10_000


def test_8_4_foreign_and_dead_references_are_told(
    manager: SessionManager, session: PySession, meter: PyObj
) -> None:
    other = manager.open(keep=True)
    with pytest.raises(ArgErr, match="belongs to another Python session"):
        other.define("m", meter).eval("m")
    session.close()
    with pytest.raises(SessionClosed, match="has ended"):
        meter.get("val")
    assert "has ended" in str(meter)


def test_8_4_underscore_names_are_not_reached(manager: SessionManager, meter: PyObj) -> None:
    with pytest.raises(UnknownNameErr, match="underscore"):
        meter.axon_trap("__class__")
    free = manager.open({"private": True}, keep=True).exec(CLASS).eval("meter")
    assert type(free.axon_trap("__class__")) is PyObj


# ---- 8.5 functions and modules, 8.6 callbacks


def test_8_5_modules_and_functions(session: PySession) -> None:
    assert session.ask("import", "math").call_method("hypot", [3, 4]) == 5
    function = session.resolve("json.dumps")
    assert function.is_callable
    assert function.call([{"b": 1, "a": None}], {"sort_keys": True}) == '{"b": 1}'
    assert function.call([[1, 2]], {"separators": [",", ":"]}) == "[1,2]"
    assert session.resolve("abs").map([-1, 2, -3]) == [1, 2, 3]
    assert session.resolve("lambda f, x: f(x)").call([lambda x: x + 1, 2]) == 3
    with pytest.raises(RemoteError, match="no_such"):
        session.ask("import", "no_such")


@pytest.mark.parametrize(
    "items",
    [
        list(range(5000)),
        [n / 4 for n in range(5000)],
        [1.0, -0.0, 2.5] * 200,
        [2**53 + 1, -(2**63), 2**63 - 1] * 100,
        [2**80, 1] * 200,
        [1, 2.5] * 200,
        [1] * 2100 + ["a", None, True, [1]] * 10 + [0.5] * 2100,
        ["ä", ""] * 300,
        [True, False] * 300,
        [Number(5, "kW"), 1] * 200,
    ],
)
def test_8_5_map_of_many_items_is_that_of_each(session: PySession, items: list[Any]) -> None:
    """In pieces, each in the form that suits it; neither that nor the number of items is seen."""
    session.exec("def same(x): return x\ndef kind(x): return type(x).__name__")
    same, kind = session.eval("same"), session.eval("kind")
    assert repr(same.map(items)) == repr([same(item) for item in items])
    assert kind.map(items) == [kind(item) for item in items]


def test_8_5_map_that_fails_tells_the_line(session: PySession) -> None:
    session.exec("def f(x):\n    return 1 / (x - 4000)\n")
    with pytest.raises(RemoteError, match="division by zero") as caught:
        session.eval("f").map(range(5000))
    assert "line 2, in f" in caught.value.py_trace
    assert session.eval("f").map([4001]) == [1.0]


@pytest.mark.parametrize("piece", [1, [1], ["q"], ["q", b"123"], ["x", b""], ["", 5], ["d", [1.0]]])
def test_8_5_damaged_pieces_are_refused(piece: Any) -> None:
    with pytest.raises(WireFault, match="damaged"):
        items_of(piece)


@pytest.mark.parametrize(
    ("values", "told"), [("[1] * 200", "fewer"), ("[1] * 400", "more"), ("7", "damaged")]
)
def test_8_5_parts_that_are_not_the_answer_are_refused(session: PySession, values: str, told: str) -> None:
    """Code of the session that speaks for it: its interpreter is ended."""
    session.exec("import pylib.objects").exec(
        f"pylib.objects.services['mapPieces'] = lambda fn, pieces, give: give(['', {values}])"
    )
    with pytest.raises(WireError, match=told):
        session.eval("abs").map([1] * 300)
    assert session.eval("abs").map([-1] * 300) == [1] * 300


@pytest.mark.parametrize("seed", range(20))
def test_8_6_a_cancel_at_any_moment_leaves_the_session_usable(session: PySession, seed: int) -> None:
    """While pieces or calls come, between two of them, in code of ours, or when all is done."""
    session.exec("kept = 5\ndef cb(x): return host(x) if x % 50 == 0 else x")
    function = session.define("host", lambda x: x).eval("cb")
    pid, guard = session.pid, Guard()
    timer = threading.Timer(random.Random(seed).uniform(0, 0.02), guard.cancel, ["test"])
    timer.start()
    try:
        guard.run(function.map, list(range(20_000)))
    except CancelRequest:
        pass
    timer.join()
    assert session.eval("kept") == 5
    assert session.pid == pid


def test_8_5_map_within_map(session: PySession) -> None:
    """Parts go to the innermost; those of the outer one go on."""
    session.exec("def double(x): return 2 * x").define(
        "inner", lambda x: sum(session.eval("double").map([x] * 300)) if x % 5000 == 0 else x
    )
    session.exec("def outer(x): return inner(x) if x % 5000 == 0 else x")
    found = session.eval("outer").map(range(20_000))
    assert found == [600 * x if x % 5000 == 0 else x for x in range(20_000)]


def test_8_6_host_functions_are_callable(session: PySession) -> None:
    calls: list[Any] = []

    def note(*args: Any) -> Any:
        calls.append(args)
        return len(calls)

    assert session.define("note", note).eval("[note(1), note('a', [2])]") == [1, 2]
    assert calls == [(1,), ("a", [2])]
    assert session.eval("note") is note


def test_8_6_both_sides_nest_deep(session: PySession) -> None:
    def down(n: int) -> int:
        return 0 if n == 0 else 1 + session.eval("down(n)", {"n": n - 1})

    assert session.define("down", down).eval("down(30)") == 30


def test_8_6_both_sides_nest_a_hundred_deep(session: PySession) -> None:
    """From a thread with room for the frames of a hundred levels; an error keeps its hundred causes."""
    found: list[Any] = []

    def down(n: int) -> int:
        return 0 if n == 0 else 1 + session.eval("down(n)", {"n": n - 1})

    def fall(n: int) -> int:
        return session.eval("fall(n - 1) if n > 1 else 1 / 0", {"n": n})

    def work() -> None:
        found.append(session.define("down", down).eval("down(100)"))
        try:
            session.define("fall", fall).eval("fall(100)")
        except RemoteError as e:
            found.append(e.err)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(5000)
    try:
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
    finally:
        sys.setrecursionlimit(limit)
    deep, err = found
    assert deep == 100
    for _ in range(100):
        assert err["type"] == "py::AxonError"
        err = err["cause"]
    assert err["type"] == "py::ZeroDivisionError"
    assert session.eval("1") == 1


def test_8_6_session_calls_only_what_it_was_given(session: PySession) -> None:
    with pytest.raises(RemoteError, match=r"may not evaluate Axon; open it with \{callbacks\}"):
        session.eval("axon.eval('1')")
    with pytest.raises(WireError, match="not given"):
        session.eval("axon._caller('fn', 99, [])")
    with pytest.raises(WireError, match="there is not"):
        session.eval("axon._caller('system', 'ls')")
    assert session.eval("1") == 1


@pytest.mark.parametrize("call", ["f(1)", "axon.eval('1')", "axon.fn('upper')", "[axon.obj(f)][0].value(1)"])
def test_8_6_threads_get_an_error_instead_of_a_deadlock(session: PySession, call: str) -> None:
    code = f"""
    import threading
    errors = []
    def work():
        try:
            {call}
        except RuntimeError as e:
            errors.append(str(e))
    t = threading.Thread(target=work)
    t.start()
    t.join()
    """
    session.define("f", lambda x: x).exec(code)
    assert session.eval("errors") == ["only the thread that runs the evaluation may call Axon"]
    assert session.eval("f(2)") == 2


def test_8_6_threads_may_tell_progress_beside_callbacks(session: PySession) -> None:
    """Frames of several threads do not mix, and interrupts still strike afterwards."""
    seen: list[Any] = []
    session.on_progress = seen.append
    session.define("f", lambda x: x).exec("""
    import threading
    def work(i):
        for n in range(100):
            axon.progress([i, n, "x" * n * 100])
    def go():
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        found = [f("y" * n) for n in range(200)]
        for thread in threads:
            thread.join()
        return found
    """)
    assert session.eval("go()") == ["y" * n for n in range(200)]
    assert sorted(seen) == [[i, n, "x" * n * 100] for i in range(4) for n in range(100)]
    with pytest.raises(SessionTimeout, match="variables are kept"):
        session.eval("[0 for _ in iter(int, 1)]", timeout=0.2)


def test_8_6_functions_are_released(session: PySession) -> None:
    for i in range(5):
        session.define("f", lambda x, i=i: x + i).eval("f(1)")
    session.exec("del f").define("g", abs).eval("g(-1)")
    client = session._client
    assert client is not None
    assert len(client.references.functions) <= 2


def test_8_6_echo_reaches_the_caller(session: PySession, printed: list[str]) -> None:
    session.exec("print('a', end='')\naxon.echo('b')").eval("None")
    assert "".join(printed) == "ab\n"


def test_8_6_progress_reaches_the_host(session: PySession) -> None:
    seen: list[Any] = []
    session.on_progress = seen.append
    session.exec("[axon.progress(v) for v in (1, {'done': 50}, 'x' * 10000, bytes(100000))]").eval("None")
    assert seen == [1, {"done": 50}, "x" * 10000, bytes(100000)]


# ---- 8.8 errors, 8.9 interrupts


@pytest.mark.parametrize(
    "body",
    [
        "f(1)",
        "try: f(1)\n    except Exception as e: raise ValueError('mine') from e",
        "try: f(1)\n    except Exception: raise ValueError('mine')",
        "again(1)",
    ],
)
def test_8_8_an_exception_of_the_host_is_the_cause_of_what_comes_back(session: PySession, body: str) -> None:
    """The same object, wherever Axon and Python passed it on."""
    raised = KeyError("mine")

    def fails(x: Any) -> Any:
        raise raised

    session.define("f", fails).define("again", lambda x: session.eval("f(1)"))
    with pytest.raises(RemoteError) as caught:
        session.exec(f"def g():\n    {body}\n").eval("g()")
    found: BaseException | None = caught.value.__cause__
    while isinstance(found, RemoteError):
        found = found.__cause__
    assert found is raised
    with pytest.raises(RemoteError) as caught:
        session.eval("1 / 0")
    assert caught.value.__cause__ is None


def test_8_8_another_exception_of_the_host_is_no_cause(session: PySession) -> None:
    def fails(text: str) -> Any:
        raise KeyError(text)

    session.define("f", fails).exec(
        "def g():\n    try: f('a')\n    except Exception: pass\n    raise ValueError('b')\n"
        "def two():\n    try: f('a')\n    except Exception as e: kept = e\n"
        "    try: f('b')\n    except Exception: pass\n    raise kept\n"
    )
    for call in ("g()", "two()"):
        with pytest.raises(RemoteError) as caught:
            session.eval(call)
        assert caught.value.__cause__ is None
    rt = axon.Runtime()
    with rt:
        rt.define("f", fails)
        with pytest.raises(RemoteError) as caught:
            rt.eval('py().pyDefine("g", x => f(x)).pyEval("g(1)")')
        assert repr(caught.value.__cause__) == "KeyError(1)"


def test_8_8_errors_keep_their_cause_through_the_levels(session: PySession) -> None:
    def fail() -> None:
        raise ArgErr("no such thing")

    session.define("fail", fail).exec("def f():\n    fail()\n")
    with pytest.raises(RemoteError, match="no such thing") as caught:
        session.eval("f()")
    assert caught.value.err["type"] == "py::AxonError"
    assert caught.value.err["cause"]["type"] == "sys::ArgErr"
    assert "line 2, in f" in caught.value.py_trace
    session.exec("try:\n    fail()\nexcept axon.Error as e:\n    kind = e.err['type']\n")
    assert session.eval("kind") == "sys::ArgErr"


def test_8_8_raise_from_and_groups_of_python_reach_axon(session: PySession) -> None:
    session.exec("""
    def chain():
        try:
            try:
                1 / 0
            except ZeroDivisionError as e:
                raise KeyError("middle") from e
        except KeyError as e:
            raise ValueError("outer") from e
    def group():
        raise ExceptionGroup("many", [OSError("a"), KeyError("b")])
    def ring():
        a, b = ValueError("a"), ValueError("b")
        a.__cause__, b.__cause__ = b, a
        raise a
    """)
    with pytest.raises(RemoteError, match="outer") as caught:
        session.eval("chain()")
    assert caught.value.err["cause"] == {
        "type": "py::KeyError",
        "dis": "'middle'",
        "cause": {"type": "py::ZeroDivisionError", "dis": "division by zero"},
    }
    in_order = ["ZeroDivisionError: division", "direct cause", "KeyError: 'middle'", "ValueError: outer"]
    places = [caught.value.py_trace.index(text) for text in in_order]
    assert places == sorted(places)
    with pytest.raises(RemoteError, match="many") as caught:
        session.eval("group()")
    assert caught.value.err["type"] == "py::ExceptionGroup"
    assert caught.value.err["errs"] == [
        {"type": "py::OSError", "dis": "a"},
        {"type": "py::KeyError", "dis": "'b'"},
    ]
    with pytest.raises(RemoteError) as caught:
        session.eval("ring()")
    assert caught.value.err["cause"] == {"type": "py::ValueError", "dis": "b"}


def test_8_8_raise_from_and_groups_of_the_host_reach_python(session: PySession) -> None:
    def chain() -> None:
        try:
            raise KeyError("inner")
        except KeyError as e:
            raise ArgErr("outer") from e

    def group() -> None:
        raise ExceptionGroup("many", [ValueError("a"), ArgErr("b")])

    session.exec("def tags(f):\n    try:\n        f()\n    except axon.Error as e:\n        return e.err\n")
    assert session.define("f", chain).eval("tags(f)['cause']") == {"type": "py::KeyError", "dis": "'inner'"}
    assert session.define("f", group).eval("tags(f)['errs']") == [
        {"type": "py::ValueError", "dis": "a"},
        {"type": "sys::ArgErr", "dis": "b"},
    ]
    for wrap in ("raise RuntimeError('mine') from e", "raise RuntimeError('mine')"):
        session.exec(f"def g():\n    try:\n        f()\n    except axon.Error as e:\n        {wrap}\n")
        with pytest.raises(RemoteError, match="mine") as caught:
            session.eval("g()")
        assert caught.value.err["type"] == "py::RuntimeError"
        assert [one["dis"] for one in caught.value.err["cause"]["errs"]] == ["a", "b"]


def test_8_9_interrupt_unwinds_the_whole_chain(session: PySession) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    session.define("stop", stop).exec(
        "seen = []\ndef f():\n    try:\n        stop()\n    finally:\n        seen.append(1)\n"
    )
    with pytest.raises(KeyboardInterrupt):
        session.eval("f()")
    assert session.eval("seen") == [1]


def test_8_9_time_limit_holds_after_a_callback(session: PySession) -> None:
    session.define("f", lambda: 1).exec("import time\ndef g():\n    f()\n    time.sleep(100)\n")
    with pytest.raises(SessionTimeout, match="variables are kept"):
        session.eval("g()", timeout=0.2)
    assert session.eval("f()") == 1


def test_8_9_time_limit_holds_for_all_levels(session: PySession) -> None:
    """What is nested gets no more time than the whole, and code on the way can't go on."""

    def down(n: int) -> Any:
        return session.eval("down(n)" if n else "[0 for _ in iter(int, 1)]", {"n": n - 1}, timeout=60)

    session.define("down", down).exec(
        "seen = []\ndef f():\n    try:\n        down(2)\n    except Exception:\n        seen.append(1)\n"
        "    finally:\n        seen.append(2)\n"
    )
    with pytest.raises(SessionTimeout, match=r"within 200ms.*variables are kept"):
        session.eval("f()", timeout=0.2)
    assert session.eval("seen") == [2]


def test_8_9_inner_time_limit_leaves_the_outer_one(session: PySession) -> None:
    """Code whose nested evaluation ran out of time goes on, and is interrupted at its own limit."""

    def short() -> str:
        try:
            return str(session.eval("[0 for _ in iter(int, 1)]", timeout=0.2))
        except SessionTimeout:
            return "late"

    session.define("short", short).exec(
        "found = []\ndef f():\n    found.append(short())\n    while 1: pass\n"
    )
    with pytest.raises(SessionTimeout, match=r"within 1sec.*variables are kept"):
        session.eval("f()", timeout=1)
    assert session.eval("found") == ["late"]


def test_8_9_time_limit_holds_in_a_flood_of_callbacks(session: PySession) -> None:
    session.define("f", lambda: 1)
    with pytest.raises(SessionTimeout, match="variables are kept"):
        session.eval("[f() for _ in iter(int, 1)]", timeout=0.2)
    assert session.eval("f()") == 1


def test_8_9_without_interrupts_a_time_limit_ends_the_interpreter(manager: SessionManager) -> None:
    session = manager.open({"interrupts": False}, keep=True)
    with pytest.raises(SessionTimeout, match="no interrupts: its interpreter was ended"):
        session.eval("__import__('time').sleep(100)", timeout=0.1)
    assert session.eval("1") == 1


def test_8_9_interrupt_during_a_callback_waits_for_its_answer(session: PySession) -> None:
    def slow() -> int:
        session.interrupt()
        return 1

    with pytest.raises(RemoteError) as caught:
        session.define("slow", slow).eval("[slow() for _ in range(1000000)]")
    assert caught.value.remote_type == "KeyboardInterrupt"
    assert session.eval("1") == 1


# ---- 8.10 conversion, 8.11 transport and debugging


@pytest.mark.parametrize(
    ("expr", "want"),
    [
        ("(1, {2}, range(2))", [1, [2], [0, 1]]),
        ("__import__('decimal').Decimal('1.5')", 1.5),
        ("__import__('pathlib').PurePosixPath('a/b')", "a/b"),
        ("[[[1, 2], [3, 4]]]", [[[1, 2], [3, 4]]]),
        ("{'a': None, 'b': 1}", {"b": 1}),
    ],
)
def test_8_10_conversions(session: PySession, expr: str, want: Any) -> None:
    assert session.eval(expr) == want


def test_8_10_what_has_no_kind_is_a_reference_or_an_error(session: PySession) -> None:
    assert type(session.eval("1j")) is PyObj
    with pytest.raises(RemoteError, match="keys must be text"):
        session.eval("{1: 2}")


def test_8_11_round_trip(session: PySession) -> None:
    for value in (None, True, 5, 2.5, "ä😀", b"x" * 5000, [1, ["a"]], {"a": {"b": [1]}}):
        assert session.ask("echo", value) == value


# ---- through the language


@pytest.fixture
def rt(tmp_path: Path, backend: str) -> Any:
    """A runtime."""
    with axon.Runtime(io=tmp_path, py_backend=backend) as made:
        yield made


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("py({callbacks}).pyEval(\"axon.eval('1 + 2')\")", 3),
        ("py({callbacks}).pyEval(\"axon.eval('(a, b) => a * b', 3, 4)\")", 12),
        ("py({callbacks}).pyEval(\"axon.fn('upper')('x')\")", "X"),
        ('do f: x => x * 10; py().pyDefine("f", f).pyEval("[f(i) for i in range(3)]") end', [0, 10, 20]),
        ('py().pyImport("math")->hypot(3, 4)', 5),
        ('["b", "a"].map(py().pyFn("len"))', [1, 1]),
        ('py().pyEval("a * 2", {a: 4})', 8),
        ('try py().pyEval("1 / 0") catch (e) e->type', "py::ZeroDivisionError"),
        ('py().pyExec("class A:\\n  def __repr__(s): return \'an A\'").pyEval("A()").toStr', "an A"),
    ],
)
def test_8_5_and_8_6_in_axon(rt: Any, source: str, want: Any) -> None:
    assert rt.eval(source) == want


THREE = """
def outer(back): return back(1)
def middle(back): return back(2)
def inner(): raise ValueError("deep")
"""


def test_8_8_both_traces_are_kept_in_order_through_three_levels(rt: Any) -> None:
    """Python, Axon, Python, Axon, Python: each `cause` is one level further in, with the trace of both."""
    session = rt.session().exec(THREE)
    back = rt.eval(
        """do
             down: (n) => if (n == 1) s.pyEval("middle(f)", {f: back2}) else s.pyEval("inner()")
             (n) => down(n)
           end""".replace("back2", 'n => s.pyEval("inner()")'),
        s=session,
    )
    with pytest.raises(RemoteError, match="deep") as caught:
        session.eval("outer(f)", {"f": back})
    outer = caught.value.err
    middle = outer["cause"]
    inner = middle["cause"]
    assert [one["type"] for one in (outer, middle, inner)] == ["py::AxonError"] * 2 + ["py::ValueError"]
    assert "in outer" in outer["pyTrace"]
    assert "in middle" in middle["pyTrace"]
    assert "  down (" in middle["errTrace"]
    assert "in inner" in inner["pyTrace"]
    assert "cause" not in inner


def test_8_8_python_sees_the_dict_of_catch(rt: Any) -> None:
    session = rt.session().exec(
        "def tags(f):\n    try:\n        f()\n    except axon.Error as e:\n        return e.err\n"
    )
    thrown = rt.fn('() => throw {dis: "no", code: 5, list: [1, {a}], power: 2kW}')
    found = session.eval("tags(f)", {"f": thrown})
    assert found["code"] == 5
    assert found["list"] == [1, {"a": MARKER}]
    assert session.eval("tags(f)['errTrace']", {"f": rt.fn('() => "x".parseNumber')}).endswith("(eval(1))")


def test_8_6_axon_eval_has_no_admin_role_unless_given(rt: Any) -> None:
    with pytest.raises(RemoteError, match="the admin role is needed"):
        rt.eval("py({callbacks}).pyEval(\"axon.eval('tasks()')\")")
    assert rt.eval('py({callbacks: "admin"}).pyEval("axon.eval(\'tasks().size\')")') == 0


def test_8_2_scripts_run_by_their_uri(rt: Any, tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text("x = 6\ndef f(): raise ValueError('in job')\n")
    assert rt.eval('py().pyExec(`io/job.py`).pyEval("x")') == 6
    with pytest.raises(RemoteError, match="in job") as caught:
        rt.eval('py().pyExec(`io/job.py`).pyEval("f()")')
    assert 'File "io/job.py", line 2' in caught.value.py_trace


def test_task_keeps_its_session(rt: Any) -> None:
    task = rt.task('(msg) => py().pyInit(s => s.pyExec("n = 0")).pyExec("n += 1").pyEval("n")')
    assert [task.send(None).result(timeout=10) for _ in range(3)] == [1, 2, 3]


def test_8_6_progress_is_that_of_the_task(rt: Any) -> None:
    task = rt.task('(msg) => py().pyExec("axon.progress(" + msg + ")").pyEval("1")')
    task.send("{'percent': 40}").result(timeout=10)
    assert task.progress == {"percent": 40}
    task.send("41").result(timeout=10)
    assert task.progress == {"val": 41}


def test_one_shot_session_says_nothing_of_variables(rt: Any) -> None:
    with pytest.raises(SessionTimeout, match=r"interrupted$"):
        rt.eval('py({timeout: 50ms}).pyEval("[0 for _ in iter(int, 1)]")')


def test_8_9_cancelled_task_stops_its_python_code(rt: Any, tmp_path: Path) -> None:
    task = rt.task('(msg) => py().pyExec("import time").pyEval(msg)')
    future = task.send("[open('on', 'w').close(), time.sleep(1000)]")
    assert wait_until((tmp_path / "on").exists)
    task.cancel()
    with pytest.raises(axon.AxonError):
        future.result(timeout=10)
    assert task.send("1 + 1").result(timeout=10) == 2
