"""Messages to durable tasks that join the queue later: after a delay, or after a future."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import axon
from axon.errors import Err, IOErr, NotImmutableErr, TaskKilledErr
from axon.tasks.durable import DurableTask
from axon.tasks.future import Future
from axon.tasks.journal import MAX_STRIKES, Journal
from axon.tasks.pool import Job, Pool
from axon.tasks.task import Task
from axon.tasks.timer import Timer
from pylib.kinds import Ref

from .conftest import LIMIT, Clock
from .test_clock import HandTimer, NowPool
from .test_durable import Disk, die

HOUR = 3600.0
ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A process with durable tasks of these names; its clocks go when `pass_` says so.

    Each task works at once on what is queued. `seen` has the messages with their count of redeliveries.
    """

    def __init__(
        self, path: str, clock: Clock, *names: str, pool: Pool | None = None, **options: Any
    ) -> None:
        self.clock = clock
        self.timer = HandTimer(clock)
        self.journal = Journal(path, clock=lambda: clock().timestamp())
        self.seen: list[tuple[Any, int]] = []
        self.tasks: dict[str, DurableTask] = {}
        for name in names or ("d",):
            self.tasks[name] = DurableTask(
                Ref(name), {}, self._run, pool or NowPool(), journal=self.journal, timer=self.timer, **options
            )
            self.tasks[name].recover()

    def _run(self, task: Task, msg: Any) -> Any:
        assert isinstance(task, DurableTask)
        self.seen.append((msg, task.redelivered))
        return msg

    @property
    def task(self) -> DurableTask:
        return self.tasks["d"]

    def pass_(self, seconds: float) -> None:
        self.timer.run(seconds)

    def messages(self) -> list[Any]:
        """What was evaluated for the first time since the last call."""
        out, self.seen = self.seen, []
        assert {again for _, again in out} <= {0}
        return [msg for msg, _ in out]

    def states(self) -> dict[int, str]:
        return {e.seq: e.state for name in self.tasks for e in self.journal.recent(name)}

    def die(self) -> None:
        """End as by kill -9."""
        die(self.journal)
        self.timer._calls.clear()

    def end(self) -> None:
        """End as a service that is stopped."""
        for task in self.tasks.values():
            task.drain()
        for task in self.tasks.values():
            task.kill()
        self.journal.close()


class Held(Pool):
    """A pool without threads: what is queued stays there till `work`."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[Job] = []

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def work(self) -> None:
        while self.jobs:
            self.jobs.pop(0).turn()


Start = Callable[..., Process]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "journal.db")


@pytest.fixture
def start(path: str, clock: Clock) -> Iterator[Start]:
    started: list[Process] = []

    def start(*names: str, **options: Any) -> Process:
        started.append(Process(path, clock, *names, **options))
        return started[-1]

    yield start
    for process in started:
        if not process.journal.closed:
            process.die()


def set_clock(clock: Clock, hours: float) -> None:
    """Set the wall clock; the timers do not notice."""
    clock.time += dt.timedelta(hours=hours)


# Delays


def test_a_delayed_message_is_in_the_journal_before_the_send_returns(start: Start) -> None:
    process = start()
    future = process.task.send_later(HOUR, "x")
    (entry,) = process.journal.recent("d")
    assert (entry.msg, entry.state, entry.due, entry.deliveries) == ('"x"', "pending", entry.sent + HOUR, 0)
    assert process.task.held == 1
    process.pass_(HOUR - 1)
    assert process.messages() == []
    process.pass_(1)
    assert process.messages() == ["x"]
    assert future.result(0) == "x"
    assert (process.states(), process.task.held) == ({1: "ok"}, 0)


def test_after_a_death_it_comes_when_it_is_due_and_once(start: Start) -> None:
    process = start()
    process.task.send_later(HOUR, "x")
    process.pass_(HOUR / 4)
    process.die()
    process = start()
    process.pass_(HOUR / 2)
    assert process.messages() == []
    process.die()
    process = start()
    process.pass_(HOUR / 4 - 1)
    assert process.messages() == []
    process.pass_(1)
    assert process.messages() == ["x"]
    process.die()
    process = start()
    process.pass_(2 * HOUR)
    assert process.messages() == []


def test_overdue_ones_come_at_once_by_time_and_then_by_acceptance(start: Start) -> None:
    process = start()
    for n, minutes in enumerate([50, 20, 90, 20, 10, 0]):
        process.task.send_later(60.0 * minutes, n)
    process.die()
    process.pass_(HOUR)
    process = start()
    assert process.messages() == [5, 4, 1, 3, 0]
    process.pass_(HOUR)
    assert process.messages() == [2]


def test_they_join_between_those_that_were_sent_before_and_after(start: Start) -> None:
    process = start(pool=Held())
    process.task.send(1)
    process.task.send_later(60, 3)
    process.pass_(30)
    process.task.send_later(-60, 2)
    process.pass_(60)
    process.task.send(4)
    process.die()
    assert start().messages() == [1, 2, 3, 4]


def test_a_clock_that_was_set_does_not_change_the_order_of_what_was_sent(clock: Clock, start: Start) -> None:
    process = start(pool=Held())
    for n in range(4):
        process.task.send(n)
        set_clock(clock, -1)
    process.die()
    assert start().messages() == [0, 1, 2, 3]


def test_what_was_in_hand_comes_first_wherever_the_clock_stands(clock: Clock, start: Start) -> None:
    process = start(pool=Held())
    process.task.send_later(HOUR, "in hand")
    process.pass_(HOUR)
    process.journal.begin(1)
    set_clock(clock, -5)
    process.task.send("next")
    process.die()
    process = start()
    assert process.seen == [("in hand", 1), ("next", 0)]


@pytest.mark.parametrize("hours", [-30 * 24, -2, 2, 30 * 24])
def test_setting_the_clock_moves_nothing_while_the_process_lives(
    clock: Clock, start: Start, hours: float
) -> None:
    process = start()
    process.task.send_later(HOUR, "x")
    set_clock(clock, hours)
    process.pass_(HOUR - 1)
    assert process.messages() == []
    process.pass_(1)
    assert process.messages() == ["x"]


@pytest.mark.parametrize(("hours", "left"), [(0.25, 0.5), (-0.25, 1.0), (2, 0), (30 * 24, 0)])
def test_the_next_process_goes_by_the_clock_it_finds(
    clock: Clock, start: Start, hours: float, left: float
) -> None:
    process = start()
    process.task.send_later(HOUR, "x")
    process.pass_(HOUR / 4)
    process.die()
    set_clock(clock, hours)
    _comes_after(start(), HOUR * left)


@pytest.mark.parametrize("hours", [-0.5, -2, -30 * 24])
def test_no_clock_lets_it_wait_longer_than_its_delay(clock: Clock, start: Start, hours: float) -> None:
    process = start()
    process.task.send_later(HOUR, "x")
    process.die()
    set_clock(clock, hours)
    _comes_after(start(), HOUR)


def _comes_after(process: Process, seconds: float) -> None:
    if seconds:
        process.pass_(seconds - 1)
        assert process.messages() == []
        process.pass_(1)
    assert process.messages() == ["x"]


def test_a_delay_counts_from_the_send_however_long_the_disk_takes(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start()
    accept = process.journal.accept

    def slow(*args: Any, **kwargs: Any) -> int:
        process.pass_(60)
        return accept(*args, **kwargs)

    monkeypatch.setattr(process.journal, "accept", slow)
    process.task.send_later(HOUR, "x")
    _comes_after(process, HOUR - 60)


def test_to_wait_is_no_delivery_and_no_strike(start: Start) -> None:
    process = start()
    process.task.send_later(HOUR, "x")
    for _ in range(MAX_STRIKES + 1):
        process.die()
        process = start()
    entry = process.journal.entry(1)
    assert entry is not None
    assert (entry.deliveries, entry.strikes, entry.begun) == (0, 0, 0)
    process.pass_(HOUR)
    assert process.messages() == ["x"]


def test_a_cancel_of_the_future_takes_it_away(start: Start) -> None:
    process = start()
    first, second = process.task.send_later(HOUR, 1), process.task.send_later(HOUR, 2)
    assert first.cancel()
    assert process.task.held == 1
    assert process.states() == {1: "cancelled", 2: "pending"}
    process.pass_(HOUR)
    assert process.messages() == [2]
    assert not second.cancel()
    process.task.send_later(HOUR, 3).cancel()
    process.die()
    process = start()
    process.pass_(HOUR)
    assert process.messages() == []


def test_a_cancel_between_the_timer_and_the_queue_takes_it_away(start: Start) -> None:
    process = start(pool=Held())
    future = process.task.send_later(HOUR, 1)
    held = process.task._take(future)  # as the timer does
    assert held is not None
    future.cancel()
    process.task._held[future] = held
    process.task._release(future)
    assert process.states() == {1: "cancelled"}


def test_a_kill_answers_those_that_wait_for_their_time(start: Start) -> None:
    process = start("d", "e")
    later = process.task.send_later(HOUR, 1)
    then = process.task.send_when_complete(process.tasks["e"].send_later(HOUR, 2), 3)
    process.task.kill()
    for future in (later, then):
        with pytest.raises(TaskKilledErr, match=r"^Task killed$"):
            future.result(0)
    assert process.states() == {1: "err", 2: "pending", 3: "err"}
    with pytest.raises(TaskKilledErr):
        process.task.send_later(HOUR, 4).result(0)
    process.pass_(HOUR)
    assert process.messages() == [2]


def test_who_waits_while_the_process_ends_is_told_that_the_message_is_kept(start: Start) -> None:
    process = start()
    futures = [process.task.send_later(HOUR, 1), process.task.send_when_complete(Future(), 2)]
    process.task.drain()
    futures.append(process.task.send_later(HOUR, 3))
    futures.append(process.task.send_when_complete(futures[0], 4))
    for future in futures:
        with pytest.raises(TaskKilledErr, match="the next start will answer"):
            future.result(0)
    process.end()
    process = start()
    assert process.messages() == [2]
    process.pass_(HOUR)
    assert process.messages() == [1, 4, 3]


def test_what_is_accepted_finds_its_place_in_a_full_queue(start: Start) -> None:
    pool = Held()
    process = start(pool=pool, queue_limit=2)
    for n in (1, 2):
        process.task.send_later(HOUR, n)
    with pytest.raises(Err, match="full, 2 messages wait"):
        process.task.send_later(HOUR, 3)
    with pytest.raises(Err, match="full"):
        process.task.send_when_complete(Future(), 3)
    process.task.send(3)
    process.task.send(4)
    with pytest.raises(Err, match="full"):
        process.task.send(5)
    process.pass_(HOUR)
    pool.work()
    assert process.messages() == [3, 4, 1, 2]


def test_a_full_disk_refuses_a_delayed_message(start: Start) -> None:
    process = start()
    disk = Disk(process.journal)
    disk.full = "insert"
    with pytest.raises(IOErr, match="full"):
        process.task.send_later(1, "x")
    assert process.task.held == 0
    disk.full = ""
    process.pass_(1)
    assert process.messages() == []


def test_a_kill_answers_all_while_the_disk_is_full(start: Start) -> None:
    process = start(pool=Held())
    disk = Disk(process.journal)
    futures = [process.task.send(1), process.task.send(2)]
    futures += [process.task.send_later(HOUR, 3), process.task.send_later(HOUR, 4)]
    disk.full = "set state"
    process.task.kill()
    for future in futures:
        with pytest.raises(TaskKilledErr):
            future.result(0)
    disk.full = ""
    process.journal.close()
    process = start()
    assert process.states() == dict.fromkeys([1, 2, 3, 4], "err")


@pytest.mark.parametrize("delayed", [True, False])
def test_what_is_no_data_is_refused_at_once(start: Start, delayed: bool) -> None:
    task = start().task
    with pytest.raises(NotImmutableErr, match="must be data, not Future"):
        task.send_later(1, Future()) if delayed else task.send_when_complete(Future(), Future())
    assert task.journal.recent("d") == []


# After a future


def test_it_follows_a_future_and_is_in_the_journal_meanwhile(start: Start) -> None:
    process = start()
    first = Future()
    then = process.task.send_when_complete(first, "x")
    assert process.states() == {1: "pending"}
    assert process.messages() == []
    first.fail(Err("in whichever way"))
    assert process.messages() == ["x"]
    assert then.result(0) == "x"


def test_a_future_ends_with_its_process_and_what_follows_it_joins_last(start: Start) -> None:
    process = start(pool=Held())
    process.task.send_when_complete(Future(), "then")
    process.task.send_later(60, "overdue")
    process.task.send_later(HOUR, "later")
    process.task.send("at once")
    process.die()
    process.pass_(120)
    process = start()
    assert process.messages() == ["at once", "overdue", "then"]
    process.pass_(HOUR)
    assert process.messages() == ["later"]


def test_one_that_had_joined_keeps_its_place(start: Start) -> None:
    process = start(pool=Held())
    first = Future()
    process.task.send_when_complete(first, "b")
    process.task.send("a")
    process.pass_(1)
    first.complete(None)
    process.pass_(1)
    process.task.send("c")
    process.die()
    assert start().messages() == ["a", "b", "c"]


@pytest.mark.parametrize("names", ["de", "ed"])
def test_after_a_death_it_still_follows_a_durable_message(start: Start, names: str) -> None:
    process = start("d", "e")
    process.tasks["d"].send_when_complete(process.tasks["e"].send_later(HOUR, "first"), "then")
    process.die()
    for _ in range(2):
        process = start(*names)
        assert process.messages() == []
        process.die()
    process = start(*names)
    process.pass_(HOUR)
    assert process.messages() == ["first", "then"]
    process.die()
    assert start(*names).messages() == []


def test_a_row_of_them_is_answered_one_after_the_other(start: Start) -> None:
    process = start("d", "e")
    future = process.task.send_later(HOUR, 0)
    for n in range(1, 50):
        future = process.tasks["de"[n % 2]].send_when_complete(future, n)
    process.die()
    process = start("d", "e")
    process.pass_(HOUR)
    assert process.messages() == list(range(50))


def test_one_whose_first_message_was_answered_meanwhile_joins_at_the_start(start: Start) -> None:
    process = start("d", "e")
    process.task.send_when_complete(process.tasks["e"].send_later(HOUR, "first"), "then")
    process.die()
    process = start("e")
    process.pass_(HOUR)
    assert process.messages() == ["first"]
    process.die()
    assert start("d").messages() == ["then"]


def test_a_first_message_that_is_cancelled_lets_the_next_go(start: Start) -> None:
    process = start("d", "e")
    first = process.tasks["e"].send_later(HOUR, "first")
    process.task.send_when_complete(first, "then")
    first.cancel()
    assert process.messages() == ["then"]


def test_a_first_message_that_is_kept_for_the_next_start_keeps_the_other(start: Start) -> None:
    process = start("e", "d")
    then = process.task.send_when_complete(process.tasks["e"].send_later(HOUR, "first"), "then")
    process.tasks["e"].drain()  # before the other task, whose turn comes right after
    with pytest.raises(TaskKilledErr, match="the next start will answer"):
        then.result(0)
    process.end()
    assert process.messages() == []
    process = start("d", "e")
    process.pass_(HOUR)
    assert process.messages() == ["first", "then"]


# Files, and the library


def test_a_file_of_version_1_is_taken_over(path: str, start: Start) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript("""
            create table messages (
              seq integer primary key, task text not null, msg text not null, sent real not null,
              state text not null default 'pending', deliveries integer not null default 0,
              answer text, done real, begun integer not null default 0, strikes integer not null default 0
            ) strict;
            create index by_state on messages (state, task, seq);
            insert into messages (seq, task, msg, sent) values (3, 'd', '"old"', 5.0);
            insert into messages (seq, task, msg, sent, deliveries, begun)
              values (2, 'd', '"hand"', 4.0, 1, 1);
            insert into messages (seq, task, msg, sent, state, answer) values (1, 'd', '"a"', 3.0, 'ok', '1');
            pragma user_version=1;
        """)
    process = start()
    assert process.seen == [("hand", 1), ("old", 0)]
    process.task.send_later(HOUR, "new")
    process.die()
    process.pass_(HOUR)
    process = start()
    assert process.messages() == ["new"]
    process.die()
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma user_version").fetchone() == (2,)


def test_the_library_keeps_delayed_messages(tmp_path: Path) -> None:
    record = (
        'commit(diff(null, {id: @d, task, durable, queueLimit: 7, taskExpr: "m => m"}, {add}))\nprojSync()'
    )
    with axon.Runtime(state=tmp_path) as rt:
        rt.run(record)
        rt.run('taskSendLater(@d, 1hr, "later")\ntaskSendWhenComplete(@d, taskRun(taskSleep(1hr)), "then")')
        assert "held:          2 wait" in rt.run("taskDebugDetails(@d).first->val")
    with axon.Runtime(state=tmp_path) as rt:
        rt.run(record)
        assert rt.run("taskSend(@d, 3).futureGet(20sec)") == 3
        journal = rt.tasks.journal
        assert journal is not None
        assert {e.msg: e.state for e in journal.recent("d")} == {
            '"later"': "pending",
            '"then"': "ok",
            "3": "ok",
        }
        rt.run("taskRestart(@d)")
        task = rt.tasks.get(Ref("d"))
        assert isinstance(task, DurableTask)
        assert task.limit == 7
        assert {e.state for e in journal.recent("d")} == {"ok", "err"}


# Processes


LATER = """
import axon, sys
rt = axon.Runtime(state=sys.argv[1])
rt.run('''
  commit(diff(null, {id: @d, task, durable, taskExpr: "m => m"}, {add}))
  projSync()
  taskSendLater(@d, 1hr, "hour")
  taskSendLater(@d, 2hr, "two hours")
  taskSendWhenComplete(@d, taskSendLater(@d, 3hr, "three hours"), "after it")
  taskSendWhenComplete(@d, taskRun(taskSleep(1hr)), "then")
  futureCancel(taskSendLater(@d, 1hr, "cancelled"))
''')
print("sent", flush=True)
sys.stdin.read()
"""


def test_what_is_accepted_survives_kill_9(tmp_path: Path, path: str, clock: Clock, start: Start) -> None:
    command = [sys.executable, "-c", LATER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"sent\n"
        process.kill()
    assert process.returncode == -signal.SIGKILL
    clock.time = dt.datetime.now(dt.UTC)
    again = start()
    assert again.messages() == ["then"]
    again.pass_(1.5 * HOUR)
    assert again.messages() == ["hour"]
    again.pass_(1.5 * HOUR)
    assert again.messages() == ["two hours", "three hours", "after it"]
    again.die()
    assert start().messages() == []


LOADED = """
import itertools, os, random, sys, threading
from axon.tasks.durable import DurableTask
from axon.tasks.future import Future
from axon.tasks.journal import Journal
from axon.tasks.pool import Pool
from axon.tasks.timer import Timer
from pylib.kinds import Ref

def tell(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def run(task, msg):
    tell("did", msg, task.redelivered)

journal, pool, timer = Journal(sys.argv[1]), Pool(8), Timer()
tasks = [DurableTask(Ref(f"d{i}"), {}, run, pool, journal=journal, timer=timer) for i in range(3)]
for task in tasks:
    task.recover()
numbers = itertools.count(int(sys.argv[2]))

def send(kind):
    number, task = next(numbers), random.choice(tasks)
    if kind == "now":
        task.send(number)
    elif kind == "later":
        task.send_later(random.choice((0, 0.001, 0.02, 0.3)), number)
    elif kind == "then":
        first = Future()
        task.send_when_complete(first, number)
        if random.random() < 0.9:
            first.complete(None)
    else:
        first = task.send_later(0.01, number)
        tell("accepted", number)
        after, number = number, next(numbers)
        tell("order", after, number)
        random.choice(tasks).send_when_complete(first, number)
    tell("accepted", number)

def send_all():
    while True:
        send(random.choice(("now", "later", "then", "after")))

for _ in range(3):
    threading.Thread(target=send_all).start()
"""

ROUNDS = int(os.environ.get("AXON_CRASH_ROUNDS", "4"))


@pytest.mark.timeout(60 + 15 * ROUNDS)
def test_whatever_is_accepted_is_answered_in_spite_of_kills_under_load(path: str) -> None:
    lines: list[list[str]] = []
    for n in range(ROUNDS):
        command = [sys.executable, "-c", LOADED, path, str(n * 1_000_000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            moment = random.randrange(1, 500)
            lines += [line.split() for line in itertools.islice(process.stdout, moment)]
            process.kill()
            lines += [line.split() for line in process.stdout if line.endswith("\n")]
        assert process.returncode == -signal.SIGKILL
    aside = _finish(path, lines)
    did: dict[str, int] = {}
    for _, number, again in (line for line in lines if line[0] == "did"):
        assert int(again) > did.get(number, -1), f"{number} came again as delivery {again}"
        did[number] = int(again)
    accepted = {line[1] for line in lines if line[0] == "accepted"}
    assert len(accepted) > ROUNDS
    assert accepted - did.keys() <= aside
    turns = {line[1]: n for n, line in reversed([*enumerate(lines)]) if line[0] == "did"}
    for _, before, after in (line for line in lines if line[0] == "order"):
        if after in turns and before not in aside:
            assert turns[before] < turns[after]


def _finish(path: str, lines: list[list[str]]) -> set[str]:
    """A last process answers what is left; the messages that it kept aside instead."""

    def run(task: Task, msg: Any) -> None:
        assert isinstance(task, DurableTask)
        lines.append(["did", str(msg), str(task.redelivered)])

    journal, pool, timer = Journal(path), Pool(8), Timer()
    left = [threading.Event() for _ in journal._select("state = 'pending'")]
    for entry, answered in zip(journal._select("state = 'pending'"), left, strict=True):
        journal.when_answered(entry.seq, answered.set)
    names = ["d0", "d1", "d2"]
    for name in names:
        DurableTask(Ref(name), {}, run, pool, journal=journal, timer=timer).recover()
    assert all(answered.wait(6 * LIMIT) for answered in left)
    aside = {entry.msg for name in names for entry in journal.aside(name)}
    timer.close()
    pool.close()
    journal.close()
    return aside
