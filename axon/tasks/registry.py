"""All tasks of a runtime: made from records, found by id, followed through changes, ended together.

The registry owns the threads and the timer. How an expression is evaluated comes from outside as a
`Makes`: text of a `taskExpr` in, `Run` or the text of a fault out.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from axon.errors import (
    ArgErr,
    AxonError,
    AxonSyntaxError,
    CoerceErr,
    TaskEphemeralErr,
    TaskError,
    TaskKilledErr,
    UnknownTaskErr,
)
from axon.runtime.limits import SHIELD
from axon.tasks.durable import DurableTask
from axon.tasks.future import Future
from axon.tasks.journal import Journal
from axon.tasks.observe import Commits, Records, parse_commits, parse_observable
from axon.tasks.pool import Pool
from axon.tasks.schedule import CATCH_UP, Schedule, parse_schedule
from axon.tasks.task import DEFAULT_QUEUE_LIMIT, HostTask, Run, Task
from axon.tasks.timer import Timer
from axon.values.show import kind_name, preview
from pylib.kinds import MARKER, Ref

__all__ = ["Makes", "Tasks"]

Obj = object
Record = dict[str, Obj]
_log = logging.getLogger("axon.tasks")

#: Seconds for which a finished ephemeral task is kept, and between two looks for such.
EPHEMERAL_LINGER = 600.0
HOUSEKEEPING = 17.0


class Makes(Protocol):
    """Turns the text of a `taskExpr` into something that evaluates messages."""

    def expression(self, source: str) -> Run:
        """Parse.

        Raises:
            AxonSyntaxError: the text is not Axon.
        """


M = TypeVar("M", bound=Makes)


class Tasks(Generic[M]):
    """The tasks of one runtime; `evaluator` makes what they run, `records` gives the database.

    `convert` makes an Axon value of what a Python program sends.
    """

    def __init__(
        self,
        evaluator: M,
        *,
        now: Callable[[], dt.datetime],
        pool: Pool | None = None,
        linger: float = EPHEMERAL_LINGER,
        journal: Journal | None = None,
        timer: Timer | None = None,
        records: Callable[[], Records] | None = None,
        convert: Callable[[Obj], Obj] = lambda val: val,
    ) -> None:
        self.journal = journal
        self.pool = pool or Pool()
        self.timer = timer or Timer()
        self.evaluator = evaluator
        self._now = now
        self._records = records
        self._convert = convert
        self._ended = self._forget  # one object for all tasks
        self._linger = linger
        self._lock = threading.RLock()
        self._tasks: dict[str, Task] = {}
        self._numbers = itertools.count()
        self._ids = itertools.count()
        self._follower = _Follower(self)
        self._closed = False
        self._housekeeping = False

    # Finding

    def find(self, id: str) -> Task | None:
        """The living task of that id."""
        return self._tasks.get(id)

    def get(self, arg: Obj) -> Task:
        """The task meant by a Ref, a dict with `id`, or a task.

        Raises:
            CoerceErr: an argument of another kind.
            UnknownTaskErr: no such task.
        """
        if isinstance(arg, Task):
            return arg
        ref = arg.get("id") if type(arg) is dict else arg
        if type(ref) is not Ref:
            raise CoerceErr(f"task: expected Ref, record or task, got {kind_name(arg)} {preview(arg)}")
        task = self._tasks.get(ref.val)
        if task is None:
            raise UnknownTaskErr(f"Unknown task: @{ref.val}")
        return task

    def all(self) -> list[Task]:
        """Every living task, sorted by display name."""
        return sorted([*self._tasks.values()], key=lambda t: (t.name, t.id.val))

    # Making

    def add(self, record: Record) -> Task:
        """Make the task of a record; one of the same id is killed first."""
        ref = record.get("id")
        if type(ref) is not Ref:
            raise ArgErr(f"task: expected a record with an id, got {preview(record)}")
        fault, run, kind = self._read(record)
        with SHIELD:
            task = self._build(_with_dis(ref, record), record, run, kind, fault, _limit(record))
            self._put(task)
        return task

    def _put(self, task: Task) -> None:
        """Let a task take the place of the one with its id."""
        old = self._keep(task)
        if old is not None:
            old.kill()
        if task.type == "rec":
            self._subscribe(task)

    def _keep(self, task: Task) -> Task | None:
        """Keep a task until it is killed, by whomever; gives the one whose place it takes."""
        task.ended = self._ended
        with self._lock:
            old = self._tasks.get(task.id.val)
            self._tasks[task.id.val] = task
        return old

    def _build(
        self, ref: Ref, record: Record, run: Run, kind: str, fault: str | None, queue_limit: int
    ) -> Task:
        """A task, durable if its record says so; such a one starts with what was left unanswered."""
        source = _text(record.get("taskExpr"))
        if self.journal is None or kind != "rec" or not _is_on(record.get("durable")):
            limit = queue_limit
            return Task(ref, record, run, self.pool, type=kind, source=source, fault=fault, queue_limit=limit)
        task = DurableTask(
            ref,
            record,
            run,
            self.pool,
            source=source,
            queue_limit=queue_limit,
            journal=self.journal,
            timer=self.timer,
        )
        count = task.recover()
        if count:
            _log.warning("task %s: %d messages of an earlier process are unanswered", task.name, count)
        return task

    def make(
        self,
        run: Run,
        source: str,
        *,
        dis: str | None = None,
        queue_limit: int | None = None,
    ) -> Task:
        """Make a task that has no record of its own, for a program that embeds the runtime."""
        ref = Ref(f"task-{next(self._ids)}", dis or source)
        record: Record = {"id": ref, "dis": dis or source, "task": MARKER, "taskExpr": source}
        limit = DEFAULT_QUEUE_LIMIT if queue_limit is None else queue_limit
        task = HostTask(ref, record, run, self.pool, source=source, queue_limit=limit, convert=self._convert)
        self._keep(task)
        return task

    def run_once(self, run: Run, source: str, msg: Obj) -> Future:
        """Make an ephemeral task and give it its one message.

        Raises:
            NotImmutableErr: the message may not cross to another thread.
        """
        ref = Ref(f"ephemeral-{next(self._numbers)}", source)
        task = Task(ref, {}, run, self.pool, type="ephemeral", source=source)
        future = Future(task)
        future.add_done_callback(lambda _f: self._finish(task))
        with SHIELD:
            self._keep(task)
            try:
                return task.enqueue(msg, future)
            except BaseException:
                self._forget(task)
                raise

    def _finish(self, task: Task) -> None:
        task.done_at = time.monotonic()
        with self._lock:
            if self._housekeeping or self._closed:
                return
            self._housekeeping = True
        self.timer.later(min(HOUSEKEEPING, self._linger), self._sweep)

    def _sweep(self) -> None:
        """Remove ephemeral tasks that finished long ago."""
        limit = time.monotonic() - self._linger
        with self._lock:
            done = [t for t in self._tasks.values() if t.type == "ephemeral" and t.done_at]
            for task in done:
                if task.done_at <= limit:
                    del self._tasks[task.id.val]
            self._housekeeping = any(t.done_at > limit for t in done) and not self._closed
            again = self._housekeeping
        for task in done:
            if task.done_at <= limit:
                task.kill()
        if again:
            self.timer.later(min(HOUSEKEEPING, self._linger), self._sweep)

    def _read(self, record: Record) -> tuple[str | None, Run, str]:
        """Fault, evaluator and type of a record."""
        if "disabled" in record:
            return "Task is disabled", _no_run, "disabled"
        if "task" not in record:
            return "Missing 'task' tag", _no_run, "fault"
        source = record.get("taskExpr")
        if source is None:
            return "Missing 'taskExpr' tag", _no_run, "fault"
        if not isinstance(source, str):
            return "Invalid type 'taskExpr' tag, must be Str", _no_run, "fault"
        if _is_on(record.get("durable")) and self.journal is None:
            return "durable: the runtime has no state directory", _no_run, "fault"
        try:
            return None, self.evaluator.expression(source), "rec"
        except AxonSyntaxError as e:
            return f"Invalid expr: {e.type}: {e.message}", _no_run, "fault"

    # Life

    def restart(self, task: Task) -> Task:
        """Kill, and make anew from the same record.

        Raises:
            TaskEphemeralErr: it has no record.
            UnknownTaskErr: it is not a living task.
        """
        if task.type == "ephemeral":
            raise TaskEphemeralErr(f"taskRestart: {task.name} is ephemeral and can't be restarted")
        if self._tasks.get(task.id.val) is not task:
            raise UnknownTaskErr(f"Unknown task: @{task.id.val}")
        run, limit = task.run, task.queue_limit
        if isinstance(task, DurableTask):
            run, limit = task.inner, task.limit
        with SHIELD:
            fresh = self._build(task.id, task.record, run, task.type, task.fault, limit)
            self._put(fresh)
        return fresh

    def remove(self, id: str) -> None:
        """Kill the task of that id, if there is one."""
        with SHIELD:
            with self._lock:
                task = self._tasks.pop(id, None)
            if task is not None:
                task.kill()

    def kill(self, task: Task) -> None:
        """Kill a task and forget it."""
        with SHIELD:
            self._forget(task)
            task.kill()

    def _forget(self, task: Task) -> None:
        with self._lock:
            if self._tasks.get(task.id.val) is task:
                del self._tasks[task.id.val]

    def close(self, timeout: float = 5.0, *, grace: float = 0.0) -> bool:
        """Kill all tasks and end the threads; tell whether all ended within `timeout` seconds.

        Messages in hand may end within `grace` seconds; what waits fails, or stays in the journal.
        """
        with self._lock:
            self._closed = True
            tasks = list(self._tasks.values())
            self._tasks.clear()
        self.timer.close()
        for task in sorted(tasks, key=lambda t: not isinstance(t, DurableTask)):
            task.drain()
        end = time.monotonic() + grace
        for task in tasks:
            task.wait_idle(max(0.0, end - time.monotonic()))
        for task in reversed(tasks):
            task.kill()
        done = self.pool.close(timeout)
        if self.journal is not None:
            self.journal.close()
        return done

    # Delays

    def send_later(self, task: Task, seconds: float, msg: Obj) -> Future:
        """Queue a message after a delay; a durable task has it in the journal from now on.

        Raises:
            TaskError: the task takes no messages.
            NotImmutableErr, Err, IOErr: a durable task does not accept it, as for `send`.
        """
        task.check_ready()
        if isinstance(task, DurableTask):
            return task.send_later(seconds, msg)
        future = Future(task)
        self.timer.later(seconds, lambda: _deliver(task, msg, future), lambda: _never(future))
        return future

    def send_when_complete(self, task: Task, first: Future, msg: Obj) -> Future:
        """Queue a message when `first` is complete, in whichever way; durable as `send_later`.

        Raises:
            TaskError: the task takes no messages.
            NotImmutableErr, Err, IOErr: a durable task does not accept it, as for `send`.
        """
        task.check_ready()
        if isinstance(task, DurableTask):
            return task.send_when_complete(first, msg)
        future = Future(task)
        first.add_done_callback(lambda _f: _deliver(task, msg, future))
        return future

    # Records that come and go

    def follow(self, old: Record | None, new: Record | None, *, user: Obj = None) -> None:
        """A record changed for good: `old` is what was there, `new` what is there now.

        Returns at once; `sync` waits until the tasks have followed.
        """
        self._follower.put(old, new, user)

    def sync(self, timeout: float | None = None) -> bool:
        """Wait at most `timeout` seconds until all changes told so far have been followed."""
        return self._follower.sync(timeout)

    def apply(self, old: Record | None, new: Record | None, user: Obj) -> None:
        """Follow one change; called by the follower in the order of the commits."""
        was = old is not None and "task" in old and "trash" not in old
        now = new is not None and "task" in new and "trash" not in new
        if now:
            assert new is not None
            self.add(new)
        elif was:
            assert old is not None
            self.remove(_id_of(old))
        for task in list(self._tasks.values()):
            feed = task.unsubscribe
            if isinstance(feed, _CommitFeed):
                feed.tell(old, new, user)

    # Subscriptions

    def _subscribe(self, task: Task) -> None:
        if not any(name.startswith("obs") for name in task.record):
            return
        try:
            kind = parse_observable(task.record)
            if kind is None:
                return
            if kind == "obsSchedule":
                feed: _Feed = _ScheduleFeed(task, parse_schedule(task.record), self.timer, self._now)
            else:
                records = None if self._records is None else self._records()
                feed = _CommitFeed(task, parse_commits(task.record), self._now, records)
        except AxonError as e:
            task.subscription = e.message
            return
        task.subscription = kind
        task.unsubscribe = feed
        feed.start()


class _Feed(Protocol):
    """A running subscription; calling it ends it."""

    def start(self) -> None: ...

    def __call__(self) -> None: ...


class _ScheduleFeed:
    """Sends a task the events of its schedule."""

    def __init__(self, task: Task, schedule: Schedule, timer: Timer, now: Callable[[], dt.datetime]) -> None:
        self._task = task
        self._schedule = schedule
        self._timer = timer
        self._now = now
        self._last = now() - CATCH_UP
        self._next = timer.time()
        self._ended = False

    def start(self) -> None:
        self._timer.later(0.0, self._tick)

    def __call__(self) -> None:
        self._ended = True

    def _tick(self) -> None:
        if self._ended:
            return
        now = self._now()
        freq = self._schedule.freq
        if freq is not None:
            if self._schedule.allows(now):
                self._fire(now)
            time = self._timer.time()
            self._next += freq
            if self._next <= time:  # the machine slept: one event, not one for each that was missed
                self._next = time + freq
            self._timer.later(self._next - time, self._tick)
            return
        for ts in self._schedule.due(self._last, now):
            self._fire(ts)
        self._last = max(self._last, now) if now > self._last - dt.timedelta(days=1) else now
        self._timer.later(self._schedule.wait(now), self._tick)

    def _fire(self, ts: dt.datetime) -> None:
        if self._task.queue_size == 0:  # a task that is behind misses events (spec 7.1)
            _send_event(self._task, {"type": "obsSchedule", "ts": ts})


class _CommitFeed:
    """Sends a task the changes of the records that its filter selects."""

    def __init__(
        self, task: Task, commits: Commits, now: Callable[[], dt.datetime], records: Records | None
    ) -> None:
        self._task = task
        self._commits = commits
        self._now = now
        self._records = records
        self._told: set[str] = set()  # at the start; commits of before that are still under way

    def start(self) -> None:
        """Tell the records that are there, if the task asked for them."""
        if self._commits.on_init and self._records is not None:
            for rec in self._records.read_all(self._commits.filter):
                self.tell(None, rec, None)
                self._told.add(_id_of(rec))

    def __call__(self) -> None:
        pass

    def tell(self, old: Record | None, new: Record | None, user: Obj) -> None:
        """Queue the event of one change, if it is one."""
        kind = self._commits.classify(old, new, self._records)
        rec = new or old or {}
        told = _id_of(rec) in self._told
        self._told.discard(_id_of(rec))
        if kind is None or (kind == "added" and told):
            return
        event: Record = {
            "type": "obsCommits",
            "subType": kind,
            "ts": self._now(),
            "id": rec["id"],
            "newRec": {} if kind == "removed" or new is None else new,
            "oldRec": {} if kind == "added" or old is None else old,
        }
        if user is not None:
            event["user"] = user
        _send_event(self._task, event)


class _Follower:
    """A job that applies record changes in order, away from the thread that made them."""

    def __init__(self, tasks: Tasks[Any]) -> None:
        self._tasks = tasks
        self._lock = threading.Lock()
        self._queue: deque[tuple[Record | None, Record | None, Obj] | Future] = deque()
        self._scheduled = False

    def put(self, old: Record | None, new: Record | None, user: Obj) -> None:
        self._push((old, new, user))

    def sync(self, timeout: float | None) -> bool:
        future = Future()
        self._push(future)
        return future.wait(timeout)

    def _push(self, item: tuple[Record | None, Record | None, Obj] | Future) -> None:
        with SHIELD:
            with self._lock:
                self._queue.append(item)
                if self._scheduled:
                    return
                self._scheduled = True
            self._tasks.pool.submit(self)

    def turn(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._scheduled = False
                    return
                item = self._queue.popleft()
            if isinstance(item, Future):
                item.complete(None)
                continue
            try:
                self._tasks.apply(*item)
            except Exception:
                _log.exception("a task could not follow the change of its record")


def _send_event(task: Task, event: Record) -> None:
    try:
        task.send(event).add_done_callback(lambda f: _log_failure(task, f))
    except TaskError:
        return  # ended between the look and the send
    except Exception as e:
        _log.error("task %s: event dropped: %s", task.name, e)


def _log_failure(task: Task, future: Future) -> None:
    if future.state == "err":
        _log.error("task %s: %s", task.name, future.exception(0))


def _deliver(task: Task, msg: Obj, future: Future) -> None:
    if future.done():
        return
    try:
        task.enqueue(msg, future)
    except Exception as e:
        future.fail(e)


def _never(future: Future) -> None:
    future.fail(TaskKilledErr("Task killed"))


def _no_run(task: Task, msg: Obj) -> Obj:
    task.check_ready()
    return None


def _is_on(val: Obj) -> bool:
    """Whether an option of a record is set: a marker or true."""
    return val is MARKER or val is True


def _limit(record: Record) -> int:
    """`queueLimit` of a record."""
    val = record.get("queueLimit")
    return int(val) if type(val) in (int, float) and val > 0 else DEFAULT_QUEUE_LIMIT  # type: ignore[call-overload, operator]


def _with_dis(ref: Ref, record: Mapping[str, Obj]) -> Ref:
    dis = record.get("dis")
    return Ref(ref.val, dis) if isinstance(dis, str) else ref


def _id_of(record: Record) -> str:
    ref = record.get("id")
    return ref.val if type(ref) is Ref else ""


def _text(val: Obj) -> str:
    return val if isinstance(val, str) else ""
