"""The Python API as the design shows it: what runs in a program of one's own."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

import axon

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def rt(tmp_path: Path) -> Iterator[axon.Runtime]:
    (tmp_path / "io").mkdir()
    with axon.Runtime(io=tmp_path / "io", tz="New_York", locale="en") as runtime:
        yield runtime


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def test_eval_with_variables(rt: axon.Runtime) -> None:
    assert rt.eval("[1, 2, 3].map x => x * 2") == [2, 4, 6]
    assert rt.eval("a + b", a=1, b=axon.Number(2, "kW")) == axon.Number(3, "kW")
    assert rt.eval("(w, h) => w * h", 3, 4) == 12


def test_a_variable_may_have_the_name_of_a_parameter(rt: axon.Runtime) -> None:
    assert rt.eval("source + self + name", source=1, self=2, name=3) == 6
    assert asyncio.run(rt.aeval("source + self", source=1, self=2)) == 3
    assert rt.run("raw + time_limit", variables={"raw": 1, "time_limit": 2}) == 3


def test_variables_do_not_stay(rt: axon.Runtime) -> None:
    rt.eval("a", a=1)
    with pytest.raises(axon.EvalError, match="Unknown symbol 'a'"):
        rt.eval("a")


def test_function_is_a_callable(rt: axon.Runtime) -> None:
    area = rt.fn("(w, h: 2) => w * h")
    assert area(3, 4) == 12
    assert area(3) == 6
    assert sorted([3, 1, 2], key=rt.fn("x => -x")) == [3, 2, 1]
    with pytest.raises(axon.EvalError, match="Invalid number of args 0"):
        area()
    with pytest.raises(axon.AxonError, match="expected a function"):
        rt.fn("1 + 1")


def test_function_from_another_thread(rt: axon.Runtime) -> None:
    area = rt.fn("(w, h) => w * h")
    out: list[Any] = []
    threads = [threading.Thread(target=lambda n=n: out.append(area(n, 2))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(out) == [0, 2, 4, 6]


def test_load_of_functions(rt: axon.Runtime, tmp_path: Path) -> None:
    (tmp_path / "funcs.axon").write_text("// doubled\ntwice: (x) => x * 2\n\nfour: () => twice(2)\n")
    assert rt.load(tmp_path / "funcs.axon") == ["twice", "four"]
    assert rt.eval("four() + twice(3)") == 10
    assert rt.load("thrice: (x) => x * 3\n") == ["thrice"]
    assert rt.eval("thrice(2)") == 6


def test_load_of_records(rt: axon.Runtime, tmp_path: Path) -> None:
    (tmp_path / "proj.trio").write_text(
        'name: half\nfunc\nsrc:\n  (x) => x / 2\n---\nid: @s "Site"\nsite\ndis: "Site"\narea: 100m²\n'
    )
    assert rt.load(tmp_path / "proj.trio") == ["half", "s"]
    assert rt.eval("half(readById(@s)->area)") == axon.Number(50, "m²")


def test_load_of_bad_text_takes_nothing(rt: axon.Runtime, tmp_path: Path) -> None:
    (tmp_path / "bad.axon").write_text("good: (x) => x\nbad: (x) =>\n")
    with pytest.raises(axon.AxonSyntaxError):
        rt.load(tmp_path / "bad.axon")
    with pytest.raises(axon.EvalError, match="Unknown symbol 'good'"):
        rt.eval("good(1)")
    with pytest.raises(FileNotFoundError):
        rt.load(tmp_path / "none.axon")


def test_python_function_becomes_an_axon_function(rt: axon.Runtime) -> None:
    rt.define("twice", lambda x: x * 2)
    rt.define("joined", lambda *parts: "-".join(parts))
    rt.define("plus", lambda a, b=10: a + b)
    rt.define("squared", "(x) => x * x")
    assert rt.eval("[1, 2].map(twice)") == [2, 4]
    assert rt.eval('joined("a", "b", "c")') == "a-b-c"
    assert rt.eval("[plus(1), plus(1, 2), 5.squared]") == [11, 3, 25]
    for bad in (6.28, None):
        with pytest.raises(axon.AxonError, match="must be a function"):
            rt.define("pi2", cast(Any, bad))
    with pytest.raises(axon.AxonError, match="not a name"):
        rt.define("No name", lambda: 1)


def test_python_callable_where_axon_takes_a_function(rt: axon.Runtime) -> None:
    assert rt.eval("[1, 2, 3].map(f)", f=lambda x: x + 1) == [2, 3, 4]
    assert rt.eval("[3, 1, 2].sort(f)", f=lambda a, b: b - a) == [3, 2, 1]


def test_session_from_python(rt: axon.Runtime) -> None:
    grid = rt.eval("[{x: 1, y: 2kW}, {x: 2, y: 3kW}].toGrid")
    with rt.session(backend="process") as py:
        py.define("grid", grid)
        py.exec("df = grid.to_dataframe()")
        assert py.eval("int(df.x.sum())") == 3
        assert rt.eval('g.colToList("y")', g=py.eval("df")) == [axon.Number(2, "kW"), axon.Number(3, "kW")]
        with pytest.raises(axon.AxonError, match="division by zero"):
            py.eval("1 / 0")
        assert py.eval("len(df)") == 2
        pid = py.eval("__import__('os').getpid()")
    assert not is_running(pid)
    with pytest.raises(axon.AxonError, match="session is closed"):
        py.eval("1")


def test_task_from_python(rt: axon.Runtime) -> None:
    task = rt.task('(msg) => py().pyInit(p => p.pyExec("n = 0")).pyExec("n += 1").pyEval("n")')
    assert [task.send({"v": 3}).result(timeout=20) for _ in range(3)] == [1, 2, 3]
    task.cancel()
    assert task.send({}).result(timeout=20) == 4


def test_cancel_stops_the_message_in_hand(rt: axon.Runtime) -> None:
    started = threading.Event()
    rt.define("started", lambda: started.set())
    task = rt.task("(msg) => do started(); (1..1000000000000).each(x => x) end")
    future = task.send({})
    assert started.wait(20)
    task.cancel()
    with pytest.raises(axon.AxonError, match="cancel"):
        future.result(timeout=20)


def test_futures_can_be_awaited(rt: axon.Runtime) -> None:
    async def main() -> list[Any]:
        task = rt.task("(msg) => msg->v * 2")
        first = await task.send({"v": 1})
        more = await asyncio.gather(*(task.send({"v": v}) for v in (2, 3)))
        with pytest.raises(axon.AxonError, match="no"):
            await rt.task('(msg) => throw "no"').send({})
        return [first, *more]

    assert asyncio.run(main()) == [2, 4, 6]


def test_parse_gives_a_tree(rt: axon.Runtime) -> None:
    tree = axon.parse("1 + x")
    assert repr(tree) == "Arith(op='+', lhs=Literal(val=1), rhs=Var(name='x'))"
    with pytest.raises(axon.AxonSyntaxError) as info:
        axon.parse("1 +")
    assert info.value.expected == ("an expression",)


def test_json_both_ways(rt: axon.Runtime) -> None:
    val = rt.eval("{a: 5kW, b: [1, null], c: 2024-01-01, d: @x, e: marker(), g: [{v: 1}].toGrid}")
    data = axon.to_json(val)
    assert data["a"] == {"_kind": "number", "val": 5, "unit": "kW"}
    assert rt.eval("equals(a, b)", a=axon.from_json(data), b=val)


def test_close_ends_everything(tmp_path: Path) -> None:
    with axon.Runtime(io=tmp_path) as rt:
        session = rt.session()
        pids = [session.eval("__import__('os').getpid()")]
        task = rt.task("(msg) => py().pyEval(\"__import__('os').getpid()\")")
        pids.append(task.send({}).result(timeout=20))
        waiting = rt.task("(msg) => py().pyEval(\"__import__('time').sleep(100)\")").send({})
        assert all(is_running(pid) for pid in pids)
    assert not any(is_running(pid) for pid in pids)
    with pytest.raises(axon.AxonError):
        waiting.result(timeout=20)
    for use in (lambda: rt.eval("1"), lambda: session.eval("1"), lambda: task.send({}).result(timeout=20)):
        with pytest.raises(axon.AxonError):
            use()
    rt.close()


def test_output_goes_where_the_caller_says(tmp_path: Path) -> None:
    out: list[str] = []
    with axon.Runtime(io=tmp_path, echo=out.append) as rt:
        rt.eval('do echo("a"); py().pyExec("print(\'b\')").pyEval("1") end')
    assert "".join(out) == "a\nb\n"


def test_role_without_admin(tmp_path: Path) -> None:
    with axon.Runtime(io=tmp_path, admin=False) as rt:
        assert rt.eval("1 + 1") == 2
        for src in ("py()", "ioReadStr(`io/a`)", "taskRun(1)", "tasks()"):
            with pytest.raises(axon.AxonError, match="admin role is needed"):
                rt.eval(src)
    assert os.listdir(tmp_path) == []
