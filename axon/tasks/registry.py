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
from _thread import get_ident
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from axon.errors import (
    ArgErr,
    AxonError,
    AxonSyntaxError,
    CoerceErr,
    TaskEphemeralErr,
    TaskKilledErr,
    UnknownTaskErr,
)
from axon.runtime.limits import GUARDED, SHIELD
from axon.tasks.durable import DurableTask
from axon.tasks.ephemeral import Ephemeral, Finished
from axon.tasks.feeds import CommitFeed, Feed, Fired, ScheduleFeed, id_of
from axon.tasks.follower import Follower
from axon.tasks.future import Future
from axon.tasks.journal import Journal
from axon.tasks.later import Later
from axon.tasks.observe import Records, parse_commits, parse_observable
from axon.tasks.pool import Pool
from axon.tasks.schedule import parse_schedule
from axon.tasks.task import DEFAULT_QUEUE_LIMIT, HostTask, Run, Task
from axon.tasks.timer import Timer
from axon.values.show import kind_name, preview
from pylib.kinds import MARKER, Ref

__all__ = ["Makes", "Tasks"]

Obj = object
Record = dict[str, Obj]
_log = logging.getLogger("axon.tasks")

#: Seconds for which a finished ephemeral task is kept.
EPHEMERAL_LINGER = 600.0


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
        self._ended = self._end  # one object for all tasks
        self._lock = threading.RLock()  # of what follows; held for a moment only
        self._changes = threading.RLock()  # held while a task takes the place of another, and to end one
        self._tasks: dict[str, Task] = {}
        self._numbers = itertools.count()
        self._ids = itertools.count()
        self._finished = Finished(self.timer, linger)
        self._over = self._finished.add
        self._later = Later(self.timer)
        self._follower = Follower(self.apply, self.pool)
        self._commit_feeds: dict[CommitFeed, None] = {}
        self._fired = Fired()
        self._closed = False

    # Finding

    def find(self, id: str) -> Task | None:
        """The living task of that id."""
        return self._tasks.get(id)

    def get(self, arg: Obj) -> Task:
        """The task meant by a Ref, a dict with `id` (a record, a row of `tasks()`), or a task.

        Raises:
            CoerceErr: an argument of another kind.
            UnknownTaskErr: no such task.
        """
        if isinstance(arg, Task):
            return arg
        ref = arg.get("id") if isinstance(arg, dict) else arg
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
        """Make the task of a record; one of the same id is killed first.

        Raises:
            ArgErr: the record has no id.
            TaskKilledErr: the runtime is closed.
        """
        ref = record.get("id")
        if type(ref) is not Ref:
            raise ArgErr(f"task: expected a record with an id, got {preview(record)}")
        fault, run, kind = self._read(record)
        if kind == "fault":
            extra = {"event": "fault", "task": ref.val, "dis": _with_dis(ref, record).dis()}
            _log.info("task %s has a fault: %s", extra["dis"], fault, extra=extra)
        limit = _limit(record) or DEFAULT_QUEUE_LIMIT
        return self._put(lambda: self._build(_with_dis(ref, record), record, run, kind, fault, limit))

    def _put(self, build: Callable[[], Task], *, instead_of: Task | None = None) -> Task:
        """Build a task and let it take the place of the one with its id.

        Nothing comes between the look at what is there and the change: no commit, no restart, no `close`.
        """
        with SHIELD:
            with self._changes:
                self._check_open()
                if instead_of is not None and self._tasks.get(instead_of.id.val) is not instead_of:
                    raise UnknownTaskErr(f"Unknown task: @{instead_of.id.val}")
                task = build()
                old = self._keep(task)
            if old is not None:
                old.kill()
            if task.type == "rec":
                self._subscribe(task)
        return task

    def _keep(self, task: Task) -> Task | None:
        """Keep a task until it is killed, by whomever; gives the one whose place it takes."""
        task.ended = self._ended
        with self._lock:
            self._check_open()
            old = self._tasks.get(task.id.val)
            self._tasks[task.id.val] = task
        return old

    def _check_open(self) -> None:
        if self._closed:
            raise TaskKilledErr("Task killed: the runtime is closed")

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
        task = self._host_task(ref, record, run, queue_limit or DEFAULT_QUEUE_LIMIT)
        self._keep(task)
        return task

    def _host_task(self, ref: Ref, record: Record, run: Run, limit: int) -> HostTask:
        source = _text(record["taskExpr"])
        return HostTask(ref, record, run, self.pool, source=source, queue_limit=limit, convert=self._convert)

    def run_once(self, run: Run, source: str, msg: Obj) -> Future:
        """Make an ephemeral task and give it its one message.

        Raises:
            NotImmutableErr: the message may not cross to another thread.
            TaskKilledErr: the runtime is closed.
        """
        ref = Ref(f"ephemeral-{next(self._numbers)}", source)
        task = Ephemeral(ref, {}, run, self.pool, source=source, over=self._over)
        with SHIELD:
            self._keep(task)
            try:
                return task.enqueue(msg, Future(task))
            except BaseException:
                self._forget(task)
                raise

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
        if _limit(record) is None:
            return "Invalid 'queueLimit' tag, must be a whole number above 0", _no_run, "fault"
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
        return self._put(lambda: self._copy(task), instead_of=task)

    def _copy(self, task: Task) -> Task:
        if isinstance(task, HostTask):
            return self._host_task(task.id, task.record, task.run, task.queue_limit)
        run, limit = task.run, task.queue_limit
        if isinstance(task, DurableTask):
            run, limit = task.inner, task.limit
        return self._build(task.id, task.record, run, task.type, task.fault, limit)

    def remove(self, id: str) -> None:
        """Kill the task of that id, if there is one."""
        with SHIELD:
            with self._changes, self._lock:
                task = self._tasks.pop(id, None)
            if task is not None:
                task.kill()

    def kill(self, task: Task) -> None:
        """Kill a task and forget it."""
        with SHIELD:
            self._forget(task)
            task.kill()

    def _end(self, task: Task) -> None:
        """A task was killed."""
        self._forget(task)
        self._later.drop(task)

    def _forget(self, task: Task) -> None:
        with self._lock:
            if self._tasks.get(task.id.val) is task:
                del self._tasks[task.id.val]

    def close(self, timeout: float = 5.0, *, grace: float = 0.0) -> bool:
        """Kill all tasks and end the threads; tell whether all ended within `timeout` seconds.

        Messages in hand may end within `grace` seconds; what waits fails, or stays in the journal. Nothing
        can be started from now on.
        """
        self._follower.close()
        with self._changes, self._lock:
            self._closed = True
            tasks = list(self._tasks.values())
            self._tasks.clear()
        self.timer.close()
        for task in sorted(tasks, key=lambda t: not isinstance(t, DurableTask)):
            task.drain()
        end = time.monotonic() + grace
        mine = GUARDED.get(get_ident())
        for task in tasks:
            if task.guard is None or task.guard is not mine:  # a task that closes does not wait for itself
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
        return self._later.send_later(task, seconds, msg)

    def send_when_complete(self, task: Task, first: Future, msg: Obj) -> Future:
        """Queue a message when `first` is complete, in whichever way; durable as `send_later`.

        Raises:
            TaskError: the task takes no messages.
            NotImmutableErr, Err, IOErr: a durable task does not accept it, as for `send`.
        """
        task.check_ready()
        if isinstance(task, DurableTask):
            return task.send_when_complete(first, msg)
        return self._later.send_when_complete(task, first, msg)

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
            self.remove(id_of(old))
        for feed in list(self._commit_feeds):
            feed.tell(old, new, user)

    # Subscriptions

    def _subscribe(self, task: Task) -> None:
        if not any(name.startswith("obs") for name in task.record):
            return
        try:
            kind = parse_observable(task.record)
            if kind is None:
                return
            feed = self._feed(task, kind)
        except AxonError as e:
            task.subscription = e.message
            return
        task.subscription = kind
        task.unsubscribe = feed
        feed.start()
        if task.killed:  # before it had something to end
            feed()

    def _feed(self, task: Task, kind: str) -> Feed:
        """The feed of an observable, not started.

        Raises:
            AxonError: the tags beside it are wrong.
        """
        if kind == "obsSchedule":
            return ScheduleFeed(task, parse_schedule(task.record), self.timer, self._now, self._fired)
        commits = parse_commits(task.record)
        records = None if self._records is None else self._records()
        return CommitFeed(task, commits, self._now, records, self._commit_feeds)


def _no_run(task: Task, msg: Obj) -> Obj:
    task.check_ready()
    return None


def _is_on(val: Obj) -> bool:
    """Whether an option of a record is set: a marker or true."""
    return val is MARKER or val is True


def _limit(record: Record) -> int | None:
    """`queueLimit` of a record, a number of messages; None where it is none."""
    val = record.get("queueLimit", DEFAULT_QUEUE_LIMIT)
    if type(val) is float and val.is_integer():
        val = int(val)
    return val if type(val) is int and val > 0 else None


def _with_dis(ref: Ref, record: Mapping[str, Obj]) -> Ref:
    dis = record.get("dis")
    return Ref(ref.val, dis) if isinstance(dis, str) else ref


def _text(val: Obj) -> str:
    return val if isinstance(val, str) else ""
