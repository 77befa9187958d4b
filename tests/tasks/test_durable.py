from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import axon
from axon.cli.options import parse_args
from axon.cli.run import make_runtime
from axon.errors import CancelledErr, Err, IOErr, NotImmutableErr, TaskKilledErr
from axon.tasks.durable import DurableTask
from axon.tasks.journal import MAX_DELIVERIES, Journal, _Write
from axon.tasks.pool import Pool
from axon.tasks.suspects import Suspects
from axon.tasks.task import Task
from axon.tasks.timer import Timer
from pylib.kinds import Number, Ref

from .conftest import LIMIT, Gate

Make = Callable[..., DurableTask]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "journal.db")


def durable(journal: Journal, pool: Pool, run: Callable[[Task, Any], Any], **kwargs: Any) -> DurableTask:
    return DurableTask(
        Ref("d"), {"id": Ref("d"), "dis": "D"}, run, pool, journal=journal, timer=Timer(), **kwargs
    )


def echo(task: Task, msg: Any) -> Any:
    return msg


def test_answers_are_kept_with_their_messages(path: str, pool: Pool) -> None:
    journal = Journal(path)
    task = durable(journal, pool, echo)
    assert task.send({"v": Number(3, "kW")}).result(LIMIT) == {"v": Number(3, "kW")}
    (entry,) = journal.recent("d")
    assert (entry.state, entry.deliveries, entry.task) == ("ok", 1, "d")
    assert entry.answer == entry.msg
    journal.close()
    journal.close()


def test_what_was_not_answered_comes_again_in_order(path: str, pool: Pool, gate: Gate) -> None:
    journal = Journal(path)
    task = durable(journal, pool, gate)
    futures = [task.send(i) for i in range(4)]
    assert gate.entered.wait(LIMIT)
    task.drain()
    task.kill()
    for f in futures[1:]:
        with pytest.raises(TaskKilledErr, match="the message is kept"):
            f.result(LIMIT)
    futures[0].wait(LIMIT)
    journal.close()

    seen: list[tuple[Any, int]] = []
    again = Journal(path)
    task = durable(again, pool, lambda t, m: seen.append((m, t.redelivered)))  # type: ignore[attr-defined]
    assert task.recover() == 4
    assert task.recover() == 0
    assert task.send(9).wait(LIMIT)
    assert seen == [(0, 1), (1, 0), (2, 0), (3, 0), (9, 0)]
    assert again.take_pending("d") == []
    again.close()


def test_a_kill_by_a_person_is_an_answer(path: str, pool: Pool, gate: Gate) -> None:
    journal = Journal(path)
    task = durable(journal, pool, gate)
    running, queued, dropped = task.send(1), task.send(2), task.send(3)
    assert gate.entered.wait(LIMIT)
    dropped.cancel()
    task.kill()
    with pytest.raises(TaskKilledErr):
        queued.result(LIMIT)
    assert running.wait(LIMIT)
    states = {e.seq: e.state for e in journal.recent("d")}
    assert states == {1: "err", 2: "err", 3: "cancelled"}
    journal.close()


def test_cancel_is_an_answer(path: str, pool: Pool, gate: Gate) -> None:
    journal = Journal(path)
    task = durable(journal, pool, gate)
    running = task.send(1)
    assert gate.entered.wait(LIMIT)
    task.cancel()
    with pytest.raises(CancelledErr):
        running.result(LIMIT)
    assert journal.recent("d")[0].state == "err"
    journal.close()


def die(journal: Journal) -> None:
    """Leave the file as a process that was killed leaves it."""
    journal.closed = True
    journal._db.close()


def killed_with(path: str, *seqs: int) -> None:
    """A process that dies with these messages in hand."""
    journal = Journal(path)
    for seq in seqs:
        journal.begin(seq)
    die(journal)


def accept(path: str, *msgs: str) -> list[int]:
    journal = Journal(path)
    seqs = [journal.accept("d", msg) for msg in msgs]
    journal.close()
    return seqs


def strikes(path: str, seq: int) -> int:
    journal = Journal(path)
    entry = journal.entry(seq)
    journal.close()
    assert entry is not None
    return entry.strikes


def test_what_alone_is_in_hand_at_three_deaths_is_kept_aside(path: str, pool: Pool) -> None:
    (seq,) = accept(path, "7")
    for _ in range(3):
        killed_with(path, seq)
    again = Journal(path)
    task = durable(again, pool, echo)
    assert task.recover() == 1
    assert task.send(1).result(LIMIT) == 1
    (entry,) = again.aside("d")
    assert (entry.seq, entry.msg, entry.deliveries) == (seq, "7", 3)
    assert "begun 3 times without an answer" in (entry.answer or "")
    assert task.stats.last_error is not None
    assert "begun 3 times" in task.stats.last_error[0]
    again.close()


def test_a_death_while_it_waits_clears_a_message(path: str) -> None:
    (seq,) = accept(path, "7")
    killed_with(path, seq)
    killed_with(path, seq)
    assert strikes(path, seq) == 2
    killed_with(path, seq)
    killed_with(path)
    assert strikes(path, seq) == 0


def test_the_attempt_that_would_be_the_last_comes_after_a_rest(
    path: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (seq,) = accept(path, "7")
    killed_with(path, seq)
    killed_with(path, seq)
    resting, seen = threading.Event(), []

    class Resting(DurableTask):
        def sleep(self, seconds: float) -> None:
            resting.set()
            super().sleep(seconds)

    monkeypatch.setattr("axon.tasks.durable.REST", 600.0)
    journal = Journal(path)
    task = Resting(
        Ref("d"), {"id": Ref("d")}, lambda t, m: seen.append(m), pool, journal=journal, timer=Timer()
    )
    task.recover()
    assert resting.wait(LIMIT)
    entry = journal.entry(seq)
    assert entry is not None
    assert (entry.deliveries, entry.strikes) == (2, 2)
    task.drain()
    task.kill()
    die(journal)
    assert strikes(path, seq) == 0
    assert seen == []


def test_nobody_is_blamed_when_several_were_in_hand(path: str) -> None:
    one, two = accept(path, "1", "2")
    for _ in range(5):
        killed_with(path, one, two)
    assert (strikes(path, one), strikes(path, two)) == (0, 0)


def test_what_was_in_hand_at_a_death_is_begun_alone(path: str, pool: Pool) -> None:
    one, two = accept(path, "1", "2")
    killed_with(path, one, two)
    journal = Journal(path)
    gates = {m: Gate() for m in (1, 2, 3)}
    tasks = [
        DurableTask(Ref(name), {}, lambda t, m: gates[m](t, m), pool, journal=journal, timer=Timer())
        for name in ("d", "e")
    ]
    journal.suspects._holds = {one: LIMIT, two: LIMIT}  # type: ignore[assignment]
    other = tasks[1].send(3)
    assert tasks[0].recover() == 2
    assert gates[1].entered.wait(LIMIT)
    assert not gates[3].entered.is_set()
    gates[1].opened.set()
    assert gates[2].entered.wait(LIMIT)
    assert not gates[3].entered.is_set()
    gates[2].opened.set()
    gates[3].opened.set()
    assert other.result(LIMIT) == 3
    journal.close()


def test_a_turn_ends_when_its_time_is_up() -> None:
    now = [0.0]
    suspects = Suspects({1: 5.0, 2: 5.0}, lambda: now[0])
    suspects.enter(1)
    now[0] = 4.9
    suspects._expire(now[0])
    assert len(suspects) == 2
    now[0] = 5.0
    suspects.enter(2)  # whose turn it is now, though 1 is still in hand
    suspects.leave(1)
    suspects.leave(2)
    suspects.enter(3)
    assert len(suspects) == 0


def test_a_suspect_that_never_comes_holds_nobody_up_for_long() -> None:
    times = iter([0.0, 0.5, 1.0, 99.0])
    suspects = Suspects({1: 5.0}, lambda: next(times))
    suspects.enter(2)
    assert len(suspects) == 0
    assert next(times) == 99.0


def test_a_clean_end_is_no_death(path: str) -> None:
    (seq,) = accept(path, "7")
    for _ in range(5):
        journal = Journal(path)
        journal.begin(seq)
        journal.close()
    assert strikes(path, seq) == 0


def test_what_is_begun_too_often_is_kept_aside_in_any_company(path: str, pool: Pool) -> None:
    one, two = accept(path, "1", "2")
    for _ in range(MAX_DELIVERIES):
        killed_with(path, one, two)
    journal = Journal(path)
    assert durable(journal, pool, echo).recover() == 2
    task = durable(journal, pool, echo)
    assert task.send(3).result(LIMIT * 3) == 3
    assert [e.seq for e in journal.aside("d")] == [one, two]
    journal.close()


def test_a_file_of_an_earlier_version_is_taken_over(path: str) -> None:
    (seq,) = accept(path, "7")
    db = sqlite3.connect(path)
    for name in ("begun", "strikes"):
        db.execute(f"alter table messages drop column {name}")
    db.close()
    journal = Journal(path)
    assert [(e.seq, e.begun, e.strikes) for e in journal.take_pending("d")] == [(seq, 0, 0)]
    journal.close()


def test_a_file_of_a_newer_version_is_left_as_it_is(path: str) -> None:
    accept(path, "7")
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("pragma user_version=99")
    before = Path(path).read_bytes()
    with pytest.raises(IOErr, match="newer version"):
        Journal(path)
    assert Path(path).read_bytes() == before


def test_a_file_with_more_columns_is_read(path: str) -> None:
    (seq,) = accept(path, "7")
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("alter table messages add column extra text")
    journal = Journal(path)
    assert [e.seq for e in journal.take_pending("d")] == [seq]
    journal.close()


def test_what_was_accepted_is_taken_whatever_the_limit(path: str, pool: Pool, gate: Gate) -> None:
    accept(path, *"123")
    journal = Journal(path)
    task = durable(journal, pool, gate, queue_limit=1)
    assert task.recover() == 3
    assert gate.entered.wait(LIMIT)
    with pytest.raises(Err, match="full"):
        task.send(4)
    gate.opened.set()
    task.kill()
    journal.close()


def test_while_the_process_ends_messages_are_kept_for_the_next(path: str, pool: Pool, gate: Gate) -> None:
    journal = Journal(path)
    second = durable(journal, pool, echo)

    def relay(task: Task, msg: Any) -> Any:
        gate(task, msg)
        return second.send(msg).result(LIMIT)

    first = DurableTask(Ref("first"), {"id": Ref("first")}, relay, pool, journal=journal, timer=Timer())
    answer = first.send(1)
    assert gate.entered.wait(LIMIT)
    for task in (second, first):
        task.drain()
    gate.opened.set()
    with pytest.raises(TaskKilledErr, match="the next start will answer"):
        answer.result(LIMIT)
    for task in (second, first):
        task.kill()
    with pytest.raises(TaskKilledErr):
        second.send(2)
    journal.close()
    journal = Journal(path)
    assert [e.msg for e in journal.take_pending("d")] == ["1"]
    assert [(e.msg, e.deliveries) for e in journal.take_pending("first")] == [("1", 1)]
    journal.close()


def test_messages_must_be_data_and_find_room(path: str, pool: Pool, gate: Gate) -> None:
    journal = Journal(path)
    task = durable(journal, pool, gate, queue_limit=1)
    with pytest.raises(NotImmutableErr, match="must be data"):
        task.send(print)
    task.send(1)
    assert gate.entered.wait(LIMIT)
    task.send(2)
    with pytest.raises(Err, match="full"):
        task.send(3)
    assert len(journal.recent("d")) == 2
    gate.opened.set()
    task.kill()
    journal.close()


def test_only_one_process_has_the_journal(path: str) -> None:
    journal = Journal(path)
    with pytest.raises(IOErr, match="another process has it"):
        Journal(path)
    journal.close()


def test_a_full_disk_refuses_the_message(path: str, pool: Pool) -> None:
    journal = Journal(path)
    pages = journal._db.execute("pragma page_count").fetchone()[0]
    journal._db.execute(f"pragma max_page_count={pages + 2}")
    task = durable(journal, pool, echo)
    with pytest.raises(IOErr, match="full"):
        task.send("x" * 100_000)
    assert task.send("small").result(LIMIT) == "small"
    journal.close()


class Disk:
    """The connection of a journal, on a disk that is full for some statements."""

    def __init__(self, journal: Journal) -> None:
        self._db = journal._db
        self.full = ""
        self.refused = threading.Event()
        journal._db = self  # type: ignore[assignment]

    def execute(self, sql: str, *params: Any) -> Any:
        if self.full and self.full in sql:
            self.refused.set()
            raise sqlite3.OperationalError("database or disk is full")
        return self._db.execute(sql, *params)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def test_an_answer_that_found_no_room_is_written_later(path: str, pool: Pool) -> None:
    journal = Journal(path)
    disk = Disk(journal)
    task = durable(journal, pool, echo)
    disk.full = "set state"
    assert task.send(1).result(LIMIT) == 1
    entry = journal.entry(1)
    assert entry is not None
    assert entry.state == "pending"
    disk.full = ""
    assert task.send(2).result(LIMIT) == 2
    assert {e.seq: e.state for e in journal.recent("d")} == {1: "ok", 2: "ok"}
    disk.full = "set state"
    assert task.send(3).result(LIMIT) == 3
    disk.full = ""
    journal.close()
    assert Journal(path).take_pending("d") == []


def test_a_message_whose_begin_finds_no_room_waits(
    path: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axon.tasks.durable.RETRY", 0.001)
    journal = Journal(path)
    disk = Disk(journal)
    disk.full = "set deliveries"
    seen: list[Any] = []
    future = durable(journal, pool, lambda t, m: seen.append(m)).send(1)
    assert disk.refused.wait(LIMIT)
    disk.refused.clear()
    assert disk.refused.wait(LIMIT)
    assert seen == []
    disk.full = ""
    assert future.wait(LIMIT)
    assert seen == [1]
    assert journal.recent("d")[0].deliveries == 1
    journal.close()


def test_one_that_finds_no_room_does_not_fail_those_written_with_it(path: str) -> None:
    journal = Journal(path)
    disk = Disk(journal)
    one = journal.accept("d", "1")
    disk.full = "'too large'"
    good = _Write("update messages set answer = 'good' where seq = ?", (one,))
    bad = _Write("update messages set answer = 'too large' where seq = ?", (one,))
    journal._commit([good, bad])
    assert good.error is None
    assert isinstance(bad.error, sqlite3.OperationalError)
    entry = journal.entry(one)
    assert entry is not None
    assert entry.answer == "good"
    journal.close()


def test_the_file_is_the_owners_only(path: str) -> None:
    journal = Journal(path)
    journal.accept("d", "1")
    found = {p.name: p.stat().st_mode & 0o777 for p in Path(path).parent.iterdir()}
    assert set(found.values()) == {0o600}
    assert "journal.db-wal" in found
    journal.close()


def test_a_file_that_is_no_journal_is_left_as_it_is(path: str) -> None:
    Path(path).write_bytes(b"not a journal " * 500)
    with pytest.raises(IOErr, match="not a database; move it away"):
        Journal(path)
    assert Path(path).read_bytes() == b"not a journal " * 500


def test_a_damaged_file_is_told_by_name(path: str) -> None:
    accept(path, *(str(i) * 3000 for i in range(40)))
    with open(path, "r+b") as f:
        f.seek(4096)
        f.write(b"\xff" * 4096 * 3)
    with pytest.raises(IOErr, match=r"journal .*malformed"):
        Journal(path).take_pending("d")


def test_old_answers_are_removed(path: str) -> None:
    journal = Journal(path, kept=10)
    for i in range(512):
        journal.finish(journal.accept("d", str(i)), "ok", "1")
    assert len(journal.recent("d", 1000)) <= 11
    journal.close()


def test_threads_share_transactions_and_lose_nothing(path: str) -> None:
    journal = Journal(path)
    seqs: list[int] = []

    def send() -> None:
        seqs.extend([journal.accept("d", "1") for _ in range(200)])

    threads = [threading.Thread(target=send) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(LIMIT)
    assert sorted(seqs) == list(range(1, 1601))
    journal.close()
    assert len(Journal(path).take_pending("d")) == 1600


@pytest.mark.parametrize(("full_sync", "level"), [(False, 1), (True, 2)])
def test_full_sync_waits_for_the_disk(tmp_path: Path, full_sync: bool, level: int) -> None:
    with axon.Runtime(state=tmp_path, full_sync=full_sync) as rt:
        rt.run('commit(diff(null, {id: @d, task, durable, taskExpr: "m => m"}, {add}))\nprojSync()')
        assert rt.run("taskSend(@d, 4).futureGet(20sec)") == 4
        journal = rt.tasks.journal
        assert journal is not None
        assert journal._db.execute("pragma synchronous").fetchone()[0] == level
        assert journal._db.execute("pragma journal_mode").fetchone()[0] == "wal"


def test_full_sync_is_an_option_of_the_command_line(tmp_path: Path) -> None:
    options = parse_args(["--full-sync", "--state", str(tmp_path), "1"])
    with make_runtime(options) as rt:
        assert rt.full_sync


KILLED = """
import os, sys
sys.path.insert(0, sys.argv[2])
from axon.tasks.journal import MAX_DELIVERIES, Journal, _Write
journal = Journal(sys.argv[1])
for i in range(int(sys.argv[3])):
    seq = journal.accept("d", str(i))
    print(seq, flush=True)
    if i % 3 == 0:
        journal.begin(seq); journal.finish(seq, "ok", "1")
        print("done", seq, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("count", [1, 7, 40])
def test_what_was_accepted_survives_kill_9(path: str, count: int) -> None:
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, path, root, str(count)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9
    lines = done.stdout.split("\n")[:-1]
    accepted = {int(line) for line in lines if not line.startswith("done")}
    answered = {int(line.split()[1]) for line in lines if line.startswith("done")}
    journal = Journal(path)
    pending = [e.seq for e in journal.take_pending("d")]
    assert pending == sorted(accepted - answered)
    journal.close()


POISON = """
import os, sys, threading
sys.path.insert(0, sys.argv[2])
from axon.tasks.durable import DurableTask
from axon.tasks.journal import Journal
from axon.tasks.pool import Pool
from axon.tasks.timer import Timer
from pylib.kinds import Ref

def run(task, msg):
    if msg == "poison":
        os._exit(7)
    threading.Event().wait(0.02)  # in hand while the other one ends the process
    return msg

journal, pool = Journal(sys.argv[1]), Pool(8)
tasks = [DurableTask(Ref(f"d{i}"), {}, run, pool, journal=journal, timer=Timer()) for i in range(5)]
for task in tasks:
    task.recover()
for task in tasks[1:] if sys.argv[3] == "first" else []:
    task.send("good")
if sys.argv[3] == "first":
    tasks[0].send("poison")
tasks[0].send("last").result(60)
for task in tasks[1:]:
    task.send("end").result(60)
"""


def test_what_ends_the_process_is_found_among_others_and_kept_aside(path: str) -> None:
    root = str(Path(__file__).resolve().parents[2])
    codes = []
    for turn in ["first", *["again"] * 8]:
        command = [sys.executable, "-c", POISON, path, root, turn]
        codes.append(subprocess.run(command, timeout=60, check=False).returncode)
        if codes[-1] == 0:
            break
    journal = Journal(path)
    entries = [e for n in range(5) for e in journal.recent(f"d{n}")]
    journal.close()
    assert codes[:-1] == [7] * (len(codes) - 1)
    assert [e.msg for e in entries if e.state == "aside"] == ['"poison"']
    assert {e.state for e in entries if e.msg == '"good"'} == {"ok"}
    assert codes[-1] == 0
