"""The database: commits, indexes, display names, observers, loading."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from axon.db import Database, Diff, committable, make_diff
from axon.db.load import file_type, load_file, short_ids
from axon.errors import (
    ArgErr,
    CancelRequest,
    CommitErr,
    ConcurrentChangeErr,
    DiffErr,
    InvalidRecIdErr,
    InvalidTagNameErr,
    InvalidTagValErr,
    ParseErr,
    UnknownNameErr,
    UnknownRecErr,
)
from axon.values.filter import Filter, parse_filter
from axon.values.ranges import Range
from axon.values.times import DateSpan
from pylib.grid import Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Number, Ref, Uri

Rec = dict[str, Any]


def add(**tags: Any) -> Diff:
    if "id" in tags:
        tags["id"] = Ref(tags["id"])
    return make_diff(None, tags, ["add"])


@pytest.fixture
def db() -> Database:
    db = Database()
    db.commit(
        [
            add(id="s1", dis="Alpha", site=MARKER, area=Number(100, "ft²")),
            add(id="s2", dis="Beta", site=MARKER, area=Number(300, "ft²")),
            add(id="e1", dis="Pump", equip=MARKER, siteRef=Ref("s2")),
        ]
    )
    return db


def find(db: Database, text: str, **opts: Any) -> list[str]:
    return sorted(r["id"].val for r in db.read_all(parse_filter(text), **opts))


def get(db: Database, id_: str) -> Rec:
    rec = db.read_by_id(Ref(id_))
    assert rec is not None
    return rec


def change(db: Database, id_: str, *flags: str, **tags: Any) -> Rec | None:
    return db.commit([make_diff(get(db, id_), tags, flags)])[0]


# -- reading -----------------------------------------------------------------------------------------------


def test_reads_by_id_and_filter(db: Database) -> None:
    assert get(db, "e1")["dis"] == "Pump"
    assert db.read_by_id(Ref("zz"), False) is None
    assert db.read_by_id(None, False) is None
    with pytest.raises(UnknownRecErr):
        db.read_by_id(Ref("zz"))
    assert find(db, "site") == ["s1", "s2"]
    assert find(db, "site and area > 200ft²") == ["s2"]
    assert find(db, "siteRef->area == 300ft²") == ["e1"]
    assert find(db, "siteRef == @s2 and equip") == ["e1"]
    assert find(db, 'dis == "Alpha"') == ["s1"]
    assert db.count(parse_filter("site or equip")) == 3
    assert db.read(parse_filter("nosuch")) is None
    assert len(db.read_all(parse_filter("id"), 2)) == 2
    assert db.read_all(parse_filter("id"), 0) == []
    assert db.read_all(parse_filter("id"), -1) == []
    assert len(db) == 3


def test_what_was_read_stays_as_it_was(db: Database) -> None:
    before = get(db, "s1")
    copy = dict(before)
    change(db, "s1", dis="New", area=REMOVE)
    assert before == copy
    assert "area" not in get(db, "s1")


# -- diffs -------------------------------------------------------------------------------------------------

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
ORIG = {"id": Ref("x"), "mod": NOW}


@pytest.mark.parametrize(
    ("orig", "changes", "flags", "error"),
    [
        (None, {"a": MARKER}, (), DiffErr),
        ({"id": Ref("x")}, {}, (), UnknownNameErr),
        ({"mod": NOW}, {}, (), UnknownNameErr),
        ({"id": "x", "mod": NOW}, {}, (), DiffErr),
        (ORIG, {}, ("add",), ArgErr),
        (ORIG, None, ("remove", "transient"), DiffErr),
        (ORIG, {"id": Ref("y")}, (), DiffErr),
        (ORIG, {"mod": NOW}, (), DiffErr),
        (ORIG, {"hisSize": 1}, (), DiffErr),
        (ORIG, {"curVal": 1}, (), DiffErr),
        (ORIG, {"dis": "x"}, ("transient",), DiffErr),
        (ORIG, {"trash": MARKER}, ("transient",), DiffErr),
        (ORIG, {"projMeta": MARKER}, (), DiffErr),
        (ORIG, {"a b": 1}, (), InvalidTagNameErr),
        (ORIG, {"A": 1}, (), InvalidTagNameErr),
        (ORIG, {"a" * 61: 1}, (), InvalidTagNameErr),
        (ORIG, {"a": NA_VALUE}, (), InvalidTagValErr),
        (ORIG, {"a": [1, NA_VALUE]}, (), InvalidTagValErr),
        (ORIG, {"a": {"b": Range(1, 2)}}, (), InvalidTagValErr),
        (ORIG, {"a": DateSpan(dt.date(2024, 1, 1), dt.date(2024, 1, 2))}, (), InvalidTagValErr),
        (ORIG, {"a": Grid.from_rows([{"v": NA_VALUE}])}, (), InvalidTagValErr),
        (ORIG, {"a": len}, (), InvalidTagValErr),
        (ORIG, {"a": b"buf"}, (), InvalidTagValErr),
        (ORIG, {"a": "x" * 32768}, (), InvalidTagValErr),
        (ORIG, {"a": Uri("x" * 1001)}, (), InvalidTagValErr),
        (ORIG, {"name": "a b"}, (), InvalidTagValErr),
        (ORIG, {"name": 5}, (), InvalidTagValErr),
        (None, {"id": Ref("a:b")}, ("add",), InvalidRecIdErr),
        (None, {"id": Ref("a" * 61)}, ("add",), InvalidRecIdErr),
        (None, {"id": Ref("X.y")}, ("add",), InvalidRecIdErr),
        (None, {"id": "s"}, ("add",), InvalidRecIdErr),
        (None, {"curVal": 1}, ("add",), DiffErr),
        (None, {"mod": NOW}, ("add",), DiffErr),
    ],
)
def test_bad_diffs_are_refused_at_once(
    orig: Rec | None, changes: Rec | None, flags: tuple[str, ...], error: type
) -> None:
    with pytest.raises(error):
        make_diff(orig, changes, flags)


def test_good_values_pass() -> None:
    deep = {
        "a": [1, {"b": "x" * 32767}, None],
        "g": Grid.from_rows([{"v": 1}, {}]),
        "n": None,
        "t": dt.time(6),
    }
    assert set(make_diff(ORIG, deep).changes) == {"a", "g", "t"}
    assert make_diff(None, {"a": REMOVE, "b": 1}, ["add", "remove", "transient"]).changes == {"b": 1}


# -- commits -----------------------------------------------------------------------------------------------


def test_changes_set_and_remove_tags_and_move_mod(db: Database) -> None:
    old = get(db, "s1")
    new = change(db, "s1", area=Number(120, "ft²"), dis=REMOVE, gone=REMOVE, note="n")
    assert new is not None
    assert new["area"] == Number(120, "ft²")
    assert "dis" not in new
    assert new["mod"] > old["mod"]
    assert list(new) == ["id", "site", "area", "note", "mod"]
    assert get(db, "s1") == new


def test_one_commit_gives_one_mod(db: Database) -> None:
    a, b = db.commit([make_diff(get(db, "s1"), {"x": 1}), make_diff(get(db, "s2"), {"x": 1})])
    assert a is not None
    assert b is not None
    assert a["mod"] == b["mod"]


def test_a_failing_diff_leaves_everything_as_it_was(db: Database) -> None:
    before = [dict(get(db, i)) for i in ("s1", "s2", "e1")]
    stale = make_diff(get(db, "s2"), {"n": 1})
    change(db, "s2", n=0)
    before[1] = dict(get(db, "s2"))
    for bad, error in ((stale, ConcurrentChangeErr), (add(id="s2"), CommitErr)):
        with pytest.raises(error):
            db.commit([make_diff(get(db, "s1"), {"n": 7}), add(id="new"), bad])
        assert [dict(get(db, i)) for i in ("s1", "s2", "e1")] == before
        assert db.get(Ref("new")) is None
        assert find(db, "n == 7") == []


@pytest.mark.parametrize("at", ["_show", "_point", "_refresh_names"])
def test_a_commit_that_is_cancelled_leaves_everything_as_it_was(
    db: Database, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    find(db, "site")
    find(db, "siteRef == @s2")
    change(db, "s2", "transient", curVal=1)
    everything = {r["id"].val: dict(r) for r in db.read_all(parse_filter("id"))}
    diffs = [
        add(id="new", site=MARKER, siteRef=Ref("s1")),
        make_diff(get(db, "s1"), {"dis": "Other", "n": 7}),
        make_diff(get(db, "e1"), {"trash": MARKER}),
        make_diff(get(db, "s2"), None, ["remove"]),
    ]
    real, calls = getattr(Database, at), 0

    def cancelled(self: Database, *args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == (4 if at != "_refresh_names" else 1):
            raise CancelRequest
        return real(self, *args)

    monkeypatch.setattr(Database, at, cancelled)
    with pytest.raises(CancelRequest):
        db.commit(diffs)
    assert {r["id"].val: r for r in db.read_all(parse_filter("id"))} == everything
    assert find(db, "site") == ["s1", "s2"]
    assert find(db, "siteRef == @s2") == ["e1"]
    assert find(db, "id", trash=True) == []
    assert get(db, "e1")["siteRef"].dis() == "Beta"
    db.commit(diffs)
    assert find(db, "id") == ["new", "s1"]


def test_concurrent_change_is_noticed_unless_forced(db: Database) -> None:
    read = get(db, "s2")
    db.commit([make_diff(read, {"n": 3})])
    with pytest.raises(ConcurrentChangeErr):
        db.commit([make_diff(read, {"n": 4})])
    (forced,) = db.commit([make_diff(read, {"n": 4}, ["force"])])
    assert forced is not None
    assert forced["n"] == 4


def test_bad_sets_of_diffs(db: Database) -> None:
    rec = get(db, "s1")
    for diffs in (
        [],
        [make_diff(rec, {}), make_diff(rec, {})],
        [make_diff(rec, {}), make_diff(get(db, "s2"), {}, ["transient"])],
    ):
        with pytest.raises(DiffErr):
            db.commit(diffs)
    with pytest.raises(CommitErr):
        db.commit([Diff(Ref("zz"), {}, orig_mod=NOW)])


def test_transient_tags_keep_mod_and_stand_apart(db: Database) -> None:
    old = get(db, "s2")
    new = change(db, "s2", "transient", curVal=7)
    assert new is not None
    assert new["mod"] == old["mod"]
    assert new["curVal"] == 7
    assert db.transient_tags(Ref("s2")) == {"curVal": 7}
    assert db.persistent_tags(Ref("s2")) == old
    assert find(db, "curVal == 7") == ["s2"]
    change(db, "s2", "transient", curVal=REMOVE)
    assert db.transient_tags(Ref("s2")) == {}
    assert db.persistent_tags(Ref("zz")) is None


def test_removal(db: Database) -> None:
    assert change(db, "s2", "remove") is None
    assert find(db, "site") == ["s1"]
    assert db.get(Ref("s2")) is None
    db.commit([add(id="s2", site=MARKER)])
    assert find(db, "site") == ["s1", "s2"]


def test_trash_hides_and_comes_back(db: Database) -> None:
    new = change(db, "e1", trash=MARKER)
    assert new is not None
    assert new["trash"] is MARKER
    assert db.get(Ref("e1")) is None
    assert find(db, "equip") == []
    assert find(db, "equip", trash=True) == ["e1"]
    (rec,) = db.read_all(parse_filter("equip"), trash=True)
    with pytest.raises(CommitErr):
        db.commit([add(id="e1")])
    db.commit([make_diff(rec, {"trash": REMOVE})])
    assert find(db, "equip") == ["e1"]
    assert find(db, "siteRef == @s2") == ["e1"]


def test_generated_ids_differ(db: Database) -> None:
    recs = db.commit([add(n=i) for i in range(100)])
    assert len({r["id"].val for r in recs if r is not None}) == 100


def test_indexes_follow_every_change(db: Database) -> None:
    """With the indexes made before the changes, each read must equal one over all records."""
    texts = [
        "site",
        "siteRef == @s2",
        "siteRef == @s1",
        'dis == "Alpha"',
        "curVal",
        "refs == @s1",
        "equip and siteRef",
    ]

    def check() -> None:
        for text in texts:
            f = parse_filter(text)
            every = [r for r in db.read_all(Filter.has(("id",))) if f.match(r, db.get)]
            assert sorted(r["id"].val for r in every) == find(db, text)

    check()
    steps: list[Callable[[], object]] = [
        lambda: change(db, "e1", siteRef=Ref("s1")),
        lambda: change(db, "e1", refs=[Ref("s1"), Ref("s2")]),
        lambda: change(db, "e1", refs=[Ref("s2")]),
        lambda: change(db, "s1", dis="Beta"),
        lambda: change(db, "s2", "transient", curVal=1),
        lambda: change(db, "s2", site=REMOVE),
        lambda: change(db, "s2", "remove"),
        lambda: change(db, "e1", trash=MARKER),
        lambda: db.commit([add(id="n", site=MARKER, siteRef=Ref("s1"))]),
        db.clear,
    ]
    for step in steps:
        step()
        check()


# -- display names -----------------------------------------------------------------------------------------


def test_refs_show_the_name_of_their_record(db: Database) -> None:
    assert get(db, "e1")["siteRef"].dis() == "Beta"
    assert get(db, "s2")["id"].dis() == "Beta"
    change(db, "s2", dis="Gamma")
    assert get(db, "e1")["siteRef"].dis() == "Gamma"
    change(db, "s2", dis=REMOVE)
    assert get(db, "e1")["siteRef"].dis_text is None


def test_refs_are_named_when_their_record_comes_later(db: Database) -> None:
    db.commit([add(id="p", siteRef=Ref("late"), others=[Ref("late"), "x"])])
    assert get(db, "p")["siteRef"].dis_text is None
    db.commit([add(id="late", dis="Late")])
    assert get(db, "p")["siteRef"].dis() == "Late"
    assert get(db, "p")["others"][0].dis() == "Late"
    assert get(db, "p")["others"][1] == "x"


def test_macros_follow_renames_through_several_records(db: Database) -> None:
    db.commit(
        [
            add(id="a", disMacro=r"$siteRef A", siteRef=Ref("s1")),
            add(id="b", disMacro="${aRef} B", aRef=Ref("a")),
        ]
    )
    assert get(db, "b")["id"].dis() == "Alpha A B"
    change(db, "s1", dis="New")
    assert get(db, "b")["id"].dis() == "New A B"
    assert find(db, "aRef") == ["b"]


def test_names_that_refer_to_each_other_end(db: Database) -> None:
    db.commit([add(id="a", disMacro="$bRef.", bRef=Ref("b")), add(id="b", disMacro="$aRef.", aRef=Ref("a"))])
    assert len(get(db, "a")["id"].dis()) < 100
    db.refresh_names()


# -- observers ---------------------------------------------------------------------------------------------


def test_observers_hear_of_persistent_commits_in_order(db: Database) -> None:
    heard: list[tuple[str | None, str | None, object]] = []

    def observer(changes: Any, user: object) -> None:
        heard.extend((old and old["id"].val, new and new["id"].val, user) for old, new in changes)

    stop = db.observe(observer)
    db.commit([add(id="n"), make_diff(get(db, "s1"), {"x": 1})], Ref("me"))
    change(db, "s1", "transient", curVal=1)
    change(db, "s2", trash=MARKER)
    change(db, "s1", "remove")
    me = Ref("me")
    assert heard == [(None, "n", me), ("s1", "s1", me), ("s2", None, None), ("s1", None, None)]
    stop()
    stop()
    db.commit([add()])
    assert len(heard) == 4


def test_an_observer_may_commit(db: Database) -> None:
    seen: list[int] = []

    def observer(changes: Any, user: object) -> None:
        n = changes[0][1]["n"]
        seen.append(n)
        if n < 3:
            db.commit([add(n=n + 1)])

    db.observe(observer)
    db.commit([add(n=0)])
    assert seen == [0, 1, 2, 3]


def test_threads_commit_side_by_side(db: Database) -> None:
    heard: list[int] = []
    db.observe(lambda changes, user: heard.append(changes[0][1]["n"]))
    db.commit([add(id="c", n=0)])

    def count() -> None:
        for _ in range(50):
            while True:
                try:
                    rec = get(db, "c")
                    db.commit([make_diff(rec, {"n": rec["n"] + 1})])
                    break
                except ConcurrentChangeErr:
                    pass

    threads = [threading.Thread(target=count) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(10)
    assert get(db, "c")["n"] == 200
    assert heard == list(range(201))


# -- loading -----------------------------------------------------------------------------------------------


def test_added_records_lose_what_may_not_be_stored(db: Database) -> None:
    refs = db.add_records(
        [{"id": Ref("q"), "mod": NOW, "curVal": 1, "hisSize": 2, "ext": MARKER, "a": 1}, {"b": 2}]
    )
    assert refs[0] == Ref("q")
    assert set(get(db, "q")) == {"id", "a", "mod"}
    assert get(db, refs[1].val)["b"] == 2
    assert db.add_records([]) == []
    with pytest.raises(CommitErr):
        db.add_records([{"id": Ref("fresh")}, {"id": Ref("q")}])
    assert db.get(Ref("fresh")) is None


def test_committable_keeps_what_is_asked_for() -> None:
    rec = {"id": Ref("x"), "mod": NOW, "a": 1, "t": 2, "writeVal": 3}
    assert committable(rec, ["t"]) == {"id": Ref("x"), "a": 1}
    assert committable(rec, keep_mod=True, drop_id=True) == {"mod": NOW, "a": 1, "t": 2}


def test_clear_counts_also_the_trash(db: Database) -> None:
    change(db, "e1", trash=MARKER)
    assert db.clear() == 3
    assert len(db) == 0
    assert find(db, "id") == []


def test_short_ids_number_refs_as_they_are_met() -> None:
    recs = short_ids(
        [{"id": Ref("long-1"), "r": Ref("long-2"), "l": [Ref("long-1")]}, {"a": {"b": Ref("long-3")}}]
    )
    assert recs == [
        {"id": Ref("0"), "r": Ref("1"), "l": [Ref("0")]},
        {"a": {"b": Ref("2")}, "id": Ref("3")},
    ]
    many = short_ids([{"id": Ref(f"x{i}")} for i in range(17)])
    assert many[16]["id"] == Ref("10")
    assert many[0]["id"] == Ref("00")
    assert short_ids([]) == []


TEXTS = {
    "zinc": 'ver:"3.0"\nid,dis,area\n@a,"A",5ft²\n@b,"B",\n',
    "trio": "id: @a\ndis: A\narea: 5ft²\n---\nid: @b\ndis: B\n",
    "json": """{"_kind": "grid", "cols": [{"name": "id"}, {"name": "dis"}, {"name": "area"}], "rows": [
        {"id": {"_kind": "ref", "val": "a"}, "dis": "A",
         "area": {"_kind": "number", "val": 5, "unit": "ft²"}},
        {"id": {"_kind": "ref", "val": "b"}, "dis": "B"}]}""",
}


@pytest.mark.parametrize("kind", list(TEXTS))
def test_files_of_each_kind_hold_records(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"recs.{kind}"
    path.write_text(TEXTS[kind], "utf-8")
    recs = load_file(path)
    assert recs == [{"id": Ref("a"), "dis": "A", "area": Number(5, "ft²")}, {"id": Ref("b"), "dis": "B"}]


def test_csv_holds_texts(tmp_path: Path) -> None:
    path = tmp_path / "recs.CSV"
    path.write_text("dis,n\nA,5\nB,6\n", "utf-8")
    assert [r["dis"] for r in load_file(path)] == ["A", "B"]
    assert file_type("a.xls") is None
    with pytest.raises(ArgErr, match="unknown file type"):
        load_file(tmp_path / "a.xls")


def test_refs_and_markers_of_csv_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "recs.csv"
    path.write_text("id,dis,site,siteRef,n\n@a A site,A,✓,,@x\nb,B,,@a,5\n", "utf-8")
    recs = load_file(path)
    assert recs == [
        {"id": Ref("a"), "dis": "A", "site": MARKER, "n": "@x"},
        {"id": Ref("b"), "dis": "B", "siteRef": Ref("a"), "n": "5"},
    ]
    assert recs[0]["id"].dis_text == "A site"


@pytest.mark.parametrize("kind", ["zinc", "trio", "json", "csv"])
def test_what_is_no_text_is_a_parse_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bad.{kind}"
    path.write_bytes(b"a\xff\xfe")
    with pytest.raises(ParseErr, match="no UTF-8"):
        load_file(path)


def test_deep_json_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000, "utf-8")
    with pytest.raises(ParseErr, match="nested deeper") as caught:
        load_file(path)
    assert caught.value.line == 1


def test_bad_text_is_a_parse_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.zinc"
    path.write_text('ver:"3.0"\na\n"x\n', "utf-8")
    with pytest.raises(ParseErr):
        load_file(path)
