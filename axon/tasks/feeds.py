"""What tasks are sent without being asked: the times of their schedule, and the commits that they follow.

A feed sends to one task, from `start` until it is called, which ends it. `registry` makes feeds.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol

from axon.errors import TaskError
from axon.tasks.future import Future
from axon.tasks.observe import Commits, Records
from axon.tasks.schedule import CATCH_UP, Schedule
from axon.tasks.task import Task
from axon.tasks.timer import Call, Timer
from pylib.kinds import Ref

__all__ = ["CommitFeed", "Feed", "Fired", "ScheduleFeed", "id_of"]

Obj = object
Record = dict[str, Obj]
_log = logging.getLogger("axon.tasks")


class Feed(Protocol):
    """A subscription of a task; calling it ends it."""

    def start(self) -> None: ...

    def __call__(self) -> None: ...


class Fired:
    """Which times of day have come lately, by task id: an edit or a restart does not bring them again.

    Kept as long as a new subscription would catch them up. Used by the timer's thread alone.
    """

    def __init__(self) -> None:
        self._known: set[tuple[str, dt.datetime]] = set()
        self._order: deque[tuple[float, tuple[str, dt.datetime]]] = deque()

    def is_first(self, id: str, ts: dt.datetime, at: float) -> bool:
        """Whether a time comes to a task for the first time; `at` is the timer's own time."""
        while self._order and self._order[0][0] <= at - CATCH_UP.total_seconds():
            self._known.discard(self._order.popleft()[1])
        if (id, ts) in self._known:
            return False
        self._known.add((id, ts))
        self._order.append((at, (id, ts)))
        return True


class ScheduleFeed:
    """Sends a task the events of its schedule."""

    def __init__(
        self, task: Task, schedule: Schedule, timer: Timer, now: Callable[[], dt.datetime], fired: Fired
    ) -> None:
        self._task = task
        self._schedule = schedule
        self._timer = timer
        self._now = now
        self._fired = fired
        self._last = now() - CATCH_UP
        self._next = timer.time()
        self._call: Call | None = None
        self._ended = False

    def start(self) -> None:
        """Begin at once, in the timer's thread."""
        self._wait(0.0)

    def __call__(self) -> None:
        self._ended = True
        if self._call is not None:  # else the timer would keep the task till then
            self._call.cancel()

    def _wait(self, seconds: float) -> None:
        self._call = self._timer.later(seconds, self._tick)
        if self._ended:  # meanwhile, by another thread
            self._call.cancel()

    def _tick(self) -> None:
        if self._ended:
            return
        now, time = self._now(), self._timer.time()
        freq = self._schedule.freq
        if freq is not None:
            if self._schedule.allows(now):
                self._fire(now)
            self._next += freq
            if self._next <= time:  # the machine slept: one event, not one for each that was missed
                self._next = time + freq
            self._wait(self._next - time)
            return
        for ts in self._schedule.due(self._last, now):
            if self._fired.is_first(self._task.id.val, ts, time):
                self._fire(ts)
        self._last = max(self._last, now) if now > self._last - dt.timedelta(days=1) else now
        self._wait(self._schedule.wait(now))

    def _fire(self, ts: dt.datetime) -> None:
        if self._task.queue_size == 0:  # a task that is behind misses events (spec 7.1)
            _send_event(self._task, {"type": "obsSchedule", "ts": ts})


class CommitFeed:
    """Sends a task the changes of the records that its filter selects."""

    def __init__(
        self,
        task: Task,
        commits: Commits,
        now: Callable[[], dt.datetime],
        records: Records | None,
        all: dict[CommitFeed, None],
    ) -> None:
        self._task = task
        self._commits = commits
        self._now = now
        self._records = records
        self._all = all
        self._told: set[str] = set()  # at the start; commits of before that are still under way

    def start(self) -> None:
        """Tell the records that are there, if the task asked for them; be one of `all` until the end."""
        if self._commits.on_init and self._records is not None:
            for rec in self._records.read_all(self._commits.filter):
                self.tell(None, rec, None)
                self._told.add(id_of(rec))
        self._all[self] = None

    def __call__(self) -> None:
        self._all.pop(self, None)

    def tell(self, old: Record | None, new: Record | None, user: Obj) -> None:
        """Queue the event of one change, if it is one."""
        kind = self._commits.classify(old, new, self._records)
        rec = new or old or {}
        told = id_of(rec) in self._told
        self._told.discard(id_of(rec))
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


def id_of(record: Record) -> str:
    """The id of a record as text; empty when it has none."""
    ref = record.get("id")
    return ref.val if type(ref) is Ref else ""


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
