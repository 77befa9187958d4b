"""The database inside a runtime: loading from files, tasks that follow commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from axon.engine import Runtime
from axon.errors import AxonError
from pylib.kinds import Ref

ZINC = 'ver:"3.0"\nid,dis,siteRef,curVal\n@a-long-id "A","A",,5\n@b-long-id "B","B",@a-long-id,6\n'


@pytest.fixture
def io(tmp_path: Path) -> Path:
    (tmp_path / "recs.zinc").write_text(ZINC, "utf-8")
    (tmp_path / "recs.trio").write_text("dis: C\n---\ndis: D\n", "utf-8")
    return tmp_path


def test_load_reads_below_io_and_says_so(io: Path) -> None:
    out: list[str] = []
    with Runtime(io, echo=out.append) as rt:
        assert rt.eval("load(`io/recs.zinc`)") is None
        assert "".join(out) == "LOAD: loading io/recs.zinc\nLOAD: loaded 2 recs\n"
        assert rt.eval("readById(@b-long-id)->siteRef.refDis") == "A"
        assert rt.eval('readById(@b-long-id).has("curVal")') is False
        rt.eval("load(`io/recs.trio`)")
        assert rt.eval('readAll(dis, {sort}).colToList("dis")') == ["A", "B", "C", "D"]


def test_loading_twice_fails_and_changes_nothing(io: Path) -> None:
    with Runtime(io, echo=lambda text: None) as rt:
        rt.eval("load(`io/recs.zinc`)")
        with pytest.raises(AxonError, match="already exists"):
            rt.eval("load(`io/recs.zinc`)")
        assert rt.eval("readCount(id)") == 2
        rt.eval("load(`io/recs.zinc`, {shortIds})")
        assert rt.eval("readById(@1)->siteRef.refDis") == "A"


@pytest.mark.parametrize(
    "src",
    ["load(`io/none.zinc`)", "load(`../recs.zinc`)", "load(`/etc/passwd.csv`)", "load(`http://x/a.zinc`)"],
)
def test_load_stays_in_io(io: Path, src: str) -> None:
    with Runtime(io, echo=lambda text: None) as rt, pytest.raises(AxonError):
        rt.eval(src)


def test_a_runtime_loads_any_file(io: Path) -> None:
    with Runtime() as rt:
        assert rt.load(io / "recs.zinc") == ["a-long-id", "b-long-id"]
        assert rt.db.get(Ref("b-long-id")) is not None


def test_tasks_follow_commits() -> None:
    with Runtime() as rt:
        rt.run("""
            commit(diff(null, {id:@t, task, taskExpr:"msg => msg * 2"}, {add}))
            projSync()
        """)
        assert rt.eval("taskSend(@t, 4).futureGet") == 8
        rt.run("""
            commit(diff(readById(@t), {taskExpr:"msg => msg * 3"}))
            projSync()
        """)
        assert rt.eval("taskSend(@t, 4).futureGet") == 12
        rt.run("commit(diff(readById(@t), null, {remove}))\nprojSync(5sec)")
        with pytest.raises(AxonError):
            rt.eval("taskSend(@t, 4)")
