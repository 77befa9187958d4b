"""What goes wrong with one message of a durable task, or with who writes it, stays with that message."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import axon
from axon.errors import Err, IOErr, NotImmutableErr, ThrowErr
from axon.tasks.durable import RETRY
from axon.tasks.journal import Journal, _Write
from axon.tasks.pool import Job, Pool
from pylib.grid import Grid

from .conftest import LIMIT, Clock
from .test_clock import NowPool
from .test_durable import Disk, accept, die, durable, echo
from .test_durable_later import Held, Process

HALF = "\ud800"


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "journal.db")


def texts(journal: Journal) -> list[str]:
    return [e.msg for e in journal._select("true")]


# Texts


@pytest.mark.parametrize("text", [HALF, "\udfff" + HALF, f'\\{HALF}"', "a\0b", "\0", "é\N{GRINNING FACE}"])
def test_any_text_comes_again_as_it_was(path: str, pool: Pool, text: str) -> None:
    journal = Journal(path)
    task = durable(journal, Held(), echo)
    for msg in (text, [text], {"a": {text: text}}):
        task.send(msg)
    die(journal)
    seen: list[Any] = []
    again = Journal(path)
    task = durable(again, pool, lambda t, m: seen.append(m))
    assert task.recover() == 3
    assert task.send(0).wait(LIMIT)
    assert seen == [text, [text], {"a": {text: text}}, 0]
    again.close()


def test_an_answer_may_hold_any_text(path: str, pool: Pool) -> None:
    def run(task: Any, msg: Any) -> Any:
        if msg == "throw":
            raise Err(f"{HALF}\0")
        return HALF

    journal = Journal(path)
    task = durable(journal, pool, run)
    assert task.send("give").result(LIMIT) == HALF
    with pytest.raises(Err, match=HALF):
        task.send("throw").result(LIMIT)
    assert [(e.state, e.answer) for e in journal.recent("d")] == [
        ("err", "sys::Err: \\ud800\0"),
        ("ok", '"\\ud800"'),
    ]
    journal.close()


@pytest.mark.parametrize("args", [("a text",), (5,), ()])
def test_an_error_made_without_tags_is_an_answer(path: str, pool: Pool, args: tuple[Any, ...]) -> None:
    def run(task: Any, msg: Any) -> Any:
        raise ThrowErr(*args)

    journal = Journal(path)
    task = durable(journal, pool, run)
    for _ in range(2):
        with pytest.raises(ThrowErr):
            task.send(1).result(LIMIT)
    text = "".join(map(str, args))
    assert {e.answer for e in journal.recent("d")} == {f"axon::ThrowErr: {text}"}
    journal.close()


def test_half_a_pair_from_axon_is_a_message_and_an_answer(tmp_path: Path) -> None:
    with axon.Runtime(state=tmp_path) as rt:
        rt.run('commit(diff(null, {id: @d, task, durable, taskExpr: "m => m"}, {add}))\nprojSync()')
        assert rt.run(r'taskSend(@d, "\uD800").futureGet(20sec)') == HALF
        assert rt.run("taskSend(@d, 3).futureGet(20sec)") == 3


def test_of_long_texts_the_beginning_is_kept(path: str, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("axon.tasks.journal._LONGEST", 5)
    journal = Journal(path)
    assert durable(journal, pool, echo).send("é" * 100).result(LIMIT) == "é" * 100
    (entry,) = journal.recent("d")
    assert (entry.msg, entry.answer) == ('"éééé', '"éééé')
    aside = journal.accept("d", "x" * 100)
    journal.finish(aside, "aside", "")
    assert [e.msg for e in journal.aside("d")] == ["x" * 100]
    journal.close()


@pytest.mark.parametrize(
    "msg",
    [
        b"x",
        [b"x"],
        {"a": b"x"},
        {"_kind": 1},
        Grid.from_rows([{"a": b"x"}]),
        Grid.from_rows([{"a": 1}], meta={"m": b"x"}),
    ],
)
def test_what_json_can_not_give_back_is_refused(path: str, pool: Pool, msg: Any) -> None:
    journal = Journal(path)
    task = durable(journal, pool, echo)
    with pytest.raises(NotImmutableErr, match="must be data"):
        task.send(msg)
    grid = Grid.from_rows([{"a": 1, "b": "x"}, {"b": [2]}], meta={"m": "x"})
    assert task.send(grid).result(LIMIT) is grid
    journal.close()


def test_a_message_that_can_not_be_read_is_kept_aside(path: str, pool: Pool) -> None:
    seqs = accept(path, "1", "{broken", "2")
    journal = Journal(path)
    seen: list[Any] = []
    task = durable(journal, pool, lambda t, m: seen.append(m))
    task.recover()
    assert task.send(3).wait(LIMIT)
    assert seen == [1, 2, 3]
    (entry,) = journal.aside("d")
    assert entry.seq == seqs[1]
    assert "can't be read" in (entry.answer or "")
    journal.close()


# Who writes


class Failing(Disk):
    """A connection on which one statement that has `word` raises, before or after it is done."""

    def __init__(self, journal: Journal, word: str, error: BaseException, *, after: bool = False) -> None:
        super().__init__(journal)
        self._word = word
        self._error: BaseException | None = error
        self._after = after

    def execute(self, sql: str, *params: Any) -> Any:
        error = self._error if self._word in sql else None
        if error is None:
            return super().execute(sql, *params)
        if self._after:
            super().execute(sql, *params)
        self._error = None
        raise error


ERRORS = [
    ValueError("a text that can't be encoded"),
    OverflowError("more than 64 bits"),
    MemoryError("no memory"),
    sqlite3.OperationalError("disk I/O error"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("word", ["begin", "insert", "commit"])
@pytest.mark.parametrize("after", [False, True])
def test_whatever_goes_wrong_the_next_message_is_accepted(
    path: str, error: Exception, word: str, after: bool
) -> None:
    journal = Journal(path)
    Failing(journal, word, error, after=after)
    with pytest.raises(IOErr, match=str(error)):
        journal.accept("d", "1")
    assert journal.accept("d", "2") == 2
    assert not journal._db.in_transaction
    assert texts(journal)[-1] == "2"
    journal.close()


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_a_group_is_written_but_for_the_one_that_fails(path: str, error: Exception) -> None:
    journal = Journal(path)
    sql = "insert into messages (task, msg, sent) values ('d', ?, 0)"
    good = [_Write(sql, (str(n),)) for n in range(4)]
    bad = _Write(sql.replace("?", "?3"), (2**70,) if isinstance(error, OverflowError) else (HALF,))
    if isinstance(error, sqlite3.Error | MemoryError):
        bad = _Write("fault", ())
        journal._db = Always(journal, error)  # type: ignore[assignment]
    journal._commit([*good[:2], bad, *good[2:]])
    assert [w.error for w in good] == [None] * 4
    assert bad.error is not None
    assert all(w.done for w in [*good, bad])
    assert texts(journal) == ["0", "1", "2", "3"]
    journal.close()


class Always(Disk):
    """A connection on which the statement `fault` raises."""

    def __init__(self, journal: Journal, error: Exception) -> None:
        super().__init__(journal)
        self._error = error

    def execute(self, sql: str, *params: Any) -> Any:
        if sql == "fault":
            raise self._error
        return super().execute(sql, *params)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("word", ["begin", "'other'", "insert", "commit"])
def test_one_who_is_interrupted_leaves_the_writes_of_others_to_the_next(
    path: str, word: str, after: bool
) -> None:
    journal = Journal(path)
    one = journal.accept("d", "1")
    other = _Write("update messages set answer = 'other' where seq = ?", (one,))
    journal._writes.append(other)
    Failing(journal, word, KeyboardInterrupt(), after=after)
    with pytest.raises(KeyboardInterrupt):
        journal.accept("d", "2")
    journal._flush(other)
    assert other.done
    entry = journal.entry(one)
    assert entry is not None
    assert entry.answer == "other"
    assert journal.accept("d", "3") == 3
    assert texts(journal) == ["1", "2", "3"]
    assert [e.msg for e in journal.take_pending("d")] == ["2"]  # of which the sender does not know
    assert journal._writes == []
    journal.close()


def test_what_an_interrupted_writer_left_is_written_at_the_end(path: str) -> None:
    journal = Journal(path)
    one, two = journal.accept("d", "1"), journal.accept("d", "2")
    journal.begin(two)
    Failing(journal, "commit", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        journal.finish(one, "ok", "1")
    journal.close()
    again = Journal(path)
    assert [(e.msg, e.strikes) for e in again.take_pending("d")] == [("2", 0)]
    again.close()


# What is taken


def test_what_is_being_answered_is_not_taken_again(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(path)
    seq = journal.accept("d", "1")
    taken: list[Any] = []
    submit = journal._submit

    def late(write: _Write) -> None:
        taken.extend(journal.take_pending("d"))
        submit(write)
        taken.extend(journal.take_pending("d"))

    monkeypatch.setattr(journal, "_submit", late)
    journal.finish(seq, "ok", "1")
    assert taken == []
    assert not journal.is_unanswered(seq)
    journal.close()


class WatchedLock:
    """A lock that tells when someone has to wait for it."""

    def __init__(self, waits: Callable[[], object]) -> None:
        self._lock = threading.Lock()
        self._waits = waits

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._waits()
            self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()


def test_an_answer_between_the_look_and_the_mark_has_to_wait(path: str) -> None:
    journal = Journal(path)
    seq = journal.accept("d", "1")
    answered_or_waits = threading.Event()
    threads: list[threading.Thread] = []

    def finish() -> None:
        journal.finish(seq, "ok", "1")
        answered_or_waits.set()

    class Live(set[int]):
        def __contains__(self, number: object) -> bool:
            if not threads:  # `take_pending` has read the file
                threads.append(threading.Thread(target=finish))
                threads[0].start()
                assert answered_or_waits.wait(LIMIT)
            return super().__contains__(number)

    journal._lock = WatchedLock(answered_or_waits.set)  # type: ignore[assignment]
    journal._live = Live(journal._live)
    assert journal.take_pending("d") == []
    threads[0].join(LIMIT)
    assert journal.recent("d")[0].state == "ok"
    journal.close()


def test_an_answer_that_is_not_written_yet_is_one(path: str, pool: Pool) -> None:
    journal = Journal(path)
    disk = Disk(journal)
    seen: list[Any] = []
    task = durable(journal, pool, lambda t, m: seen.append(m))
    disk.full = "set state"
    assert task.send(1).wait(LIMIT)
    told = threading.Event()
    journal.when_answered(1, told.set)
    assert told.is_set()
    assert not journal.is_unanswered(1)
    assert durable(journal, pool, echo).recover() == 0
    disk.full = ""
    assert task.send(2).wait(LIMIT)
    assert seen == [1, 2]
    assert not journal._live
    journal.close()


def test_what_follows_an_answer_does_not_hinder_others(path: str) -> None:
    journal = Journal(path)
    seq = journal.accept("d", "1")
    told = threading.Event()

    def fails() -> None:
        raise RuntimeError("can't start new thread")

    for fn in (fails, told.set):
        journal.when_answered(seq, fn)
    journal.finish(seq, "ok", "1")
    assert told.is_set()
    journal.close()


# How much is kept


def test_old_answers_of_many_short_runs_are_removed(path: str) -> None:
    for _ in range(5):
        journal = Journal(path, kept=10)
        assert len(texts(journal)) <= 11
        for _ in range(20):
            journal.finish(journal.accept("d", "1"), "ok", "1")
        journal.close()


def test_an_opening_that_finds_no_room_to_tidy_up_goes_on(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        journal = Journal(path, kept=1)
        for _ in range(5):
            journal.finish(journal.accept("d", "1"), "ok", "1")
        journal.close()
    transact = Journal._transact

    def full(self: Journal, writes: Any) -> Any:
        Disk(self).full = "delete"
        return transact(self, writes)

    monkeypatch.setattr(Journal, "_transact", full)
    journal = Journal(path, kept=1)
    assert len(texts(journal)) == 7
    journal.close()


def test_messages_are_counted_by_task(path: str) -> None:
    journal = Journal(path)
    for name in ("b", "a", "b"):
        journal.accept(name, "1")
    journal.finish(journal.accept("c", "1"), "ok", "1")
    assert list(journal.waiting().items()) == [("b", 2), ("a", 1)]
    journal.close()


# Threads


class Spent(NowPool):
    """A pool that works at once, or has no thread."""

    spent = False

    def submit(self, job: Job) -> None:
        if self.spent:
            raise Err("no thread can be started")
        super().submit(job)


def test_what_is_accepted_waits_for_a_thread(path: str, clock: Clock) -> None:
    process = Process(path, clock, pool=(pool := Spent()))
    pool.spent = True
    futures = [process.task.send(n) for n in range(3)]
    assert process.task.send(3).cancel()
    process.pass_(10 * RETRY)
    assert (process.messages(), process.task.status) == ([], "pending")
    pool.spent = False
    process.pass_(RETRY)
    assert process.messages() == [0, 1, 2]
    assert [f.result(0) for f in futures] == [0, 1, 2]
    pool.spent = True
    process.task.send(4)
    pool.spent = False
    process.task.send(5)
    assert process.messages() == [4, 5]
    process.pass_(RETRY)
    assert process.states() == {1: "ok", 2: "ok", 3: "ok", 4: "cancelled", 5: "ok", 6: "ok"}
    process.end()


def test_a_delayed_message_without_a_timer_is_refused(
    path: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(path, clock)

    def no_timer(*_args: Any) -> None:
        raise Err("no thread can be started")

    monkeypatch.setattr(process.timer, "later", no_timer)
    with pytest.raises(Err, match="no thread"):
        process.task.send_later(1, "x")
    assert (process.states(), process.task.held) == ({1: "err"}, 0)
    process.end()
