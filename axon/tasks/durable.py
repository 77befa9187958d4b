"""Durable tasks: each message is in the journal before `send` returns, till it is answered.

A message whose process died is delivered again at the next start, at least once and in order; how often it
was delivered before is in `taskCur` while it is evaluated. Messages must be data, since they are written as
canonical JSON.

What was in hand when the process died is begun alone, one after the other (see `suspects`). A message that
was in hand, and nothing else, at `MAX_STRIKES` deaths in a row is kept aside; it rests a second before the
last of these attempts, and a death in the rest clears it: kills from outside set nothing aside by chance. One
that was begun `MAX_DELIVERIES` times without an answer is kept aside in any case.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from axon.errors import AxonError, IOErr, NotImmutableErr, TaskError, TaskKilledErr
from axon.runtime.limits import SHIELD
from axon.tasks.future import Future
from axon.tasks.immutable import SCALARS, is_immutable
from axon.tasks.journal import MAX_DELIVERIES, MAX_STRIKES, REST, Journal
from axon.tasks.task import Run, Task
from axon.values.show import kind_name, preview

__all__ = ["DurableTask"]

Obj = object
_log = logging.getLogger("axon.tasks")

#: Seconds between two attempts to begin a message while the journal can't be written.
RETRY = 1.0


class _Kept:
    """A message in the journal."""

    __slots__ = ("deliveries", "msg", "seq", "strikes")

    def __init__(self, seq: int, msg: Obj, deliveries: int = 0, strikes: int = 0) -> None:
        self.seq = seq
        self.msg = msg
        self.deliveries = deliveries
        self.strikes = strikes


class DurableTask(Task):
    """A task whose messages survive the process. `redelivered` is of the message in hand: 0 at first."""

    __slots__ = ("_inner", "journal", "redelivered")
    drained = "Task killed: the message is kept, the next start will answer it"
    settles = True

    def __init__(self, *args: Any, journal: Journal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.journal = journal
        self.redelivered = 0
        self._inner: Run = self.run
        self.run: Run = _evaluate

    def enqueue(self, msg: Obj, future: Future) -> Future:
        """Write a message down and queue it."""
        if isinstance(msg, _Kept):
            return super().enqueue(msg, future)
        text = _encode(msg)
        if self.killed:
            raise TaskKilledErr(f"Task killed: {self.name}")
        self.check_room()
        with SHIELD:
            kept = _Kept(self.journal.accept(self.id.val, text), msg)
            if self.draining:
                future.fail(TaskKilledErr(self.drained))
                return future
            try:
                return super().enqueue(kept, future)
            except AxonError as e:
                self.journal.finish(kept.seq, "err", e.dis())
                raise

    def check_ready(self) -> None:
        """As of any task, but while the process ends it still takes messages, for the next start."""
        if self.killed or not self.draining:
            super().check_ready()

    def recover(self) -> int:
        """Queue what an earlier process left unanswered; how many messages that were.

        They were accepted: a limit that is smaller by now, or by those that were in hand, refuses none.
        """
        found = self.journal.take_pending(self.id.val)
        self.queue_limit += len(found)
        for entry in found:
            kept = _Kept(entry.seq, _decode(entry.msg), entry.deliveries, entry.strikes)
            super().enqueue(kept, Future(self))
        self.queue_limit -= len(found)
        return len(found)

    def retry(self, seq: int) -> None:
        """Queue a message that was kept aside as if it were new."""
        self.journal.retry(seq)
        self.recover()

    def forget(self, msg: Obj, error: AxonError | None) -> None:
        """A message left the queue unanswered: cancelled (no error), or its task was killed."""
        if isinstance(msg, _Kept) and not self.journal.closed and not self.draining:
            self.journal.finish(
                msg.seq, "cancelled" if error is None else "err", error.dis() if error else ""
            )

    def settle(self, msg: Obj, value: Obj, error: BaseException | None, *, stopped: bool) -> None:
        """Note the answer. A cancel or kill is an answer, the end of the process is none.

        Nor is the failure to reach a task that ended with the process.
        """
        self.redelivered = 0
        assert isinstance(msg, _Kept)
        if error is None:
            state, text = "ok", _text(value)
        elif self.draining and (stopped or isinstance(error, TaskKilledErr)):
            return
        else:
            state = "aside" if isinstance(error, _AsideErr) else "err"
            text = error.dis() if isinstance(error, AxonError) else f"{type(error).__name__}: {error}"
        try:
            self.journal.finish(msg.seq, state, text)
        except IOErr as e:  # it is given nevertheless
            _log.error("message %s is answered, but %s", msg.seq, e)

    @property
    def inner(self) -> Run:
        """What evaluates a message."""
        return self._inner


class _AsideErr(TaskError):
    """The answer to a message that is kept aside."""


def _evaluate(task: Task, msg: Obj) -> Obj:
    """Evaluate a message of a durable task; that it is begun is in the journal before."""
    assert isinstance(task, DurableTask)
    assert isinstance(msg, _Kept)
    if msg.strikes >= MAX_STRIKES or msg.deliveries >= MAX_DELIVERIES:
        raise _AsideErr(
            f"{task.name}: message {msg.seq} was begun {msg.deliveries} times without an answer "
            "and is kept aside"
        )
    task.journal.suspects.enter(msg.seq)
    if msg.strikes == MAX_STRIKES - 1:
        _log.warning("task %s: message %d may be what ends the process", task.name, msg.seq)
        task.sleep(REST)
    _begin(task, msg.seq)
    task.redelivered = msg.deliveries
    return task.inner(task, msg.msg)


def _begin(task: DurableTask, seq: int) -> None:
    """Note that a message is begun; while the disk is full it waits, for else it could come twice as new."""
    while True:
        try:
            task.journal.begin(seq)
            return
        except IOErr as e:
            if task.journal.closed:
                raise
            _log.error("task %s: message %d waits: %s", task.name, seq, e)
            task.sleep(RETRY)


def _encode(msg: Obj) -> str:
    from axon.values.json import to_json

    if not _is_data(msg):
        raise NotImmutableErr(
            f"taskSend: a durable message must be data, not {kind_name(msg)} {preview(msg)}"
        )
    return json.dumps(to_json(msg), ensure_ascii=False)


def _is_data(val: Obj) -> bool:
    """Whether a value comes back from JSON as it was: functions, sessions and the like do not."""
    from axon.values.json import from_json, to_json

    if type(val) in SCALARS:
        return True
    if isinstance(val, list):
        return all(_is_data(v) for v in val)
    if isinstance(val, dict):
        return all(_is_data(v) for v in val.values())
    if hasattr(val, "col_names"):
        return is_immutable(val)
    try:
        return type(from_json(to_json(val))) is type(val)
    except (AxonError, TypeError, ValueError):
        return False


def _decode(text: str) -> Obj:
    from axon.values.json import from_json

    val: Obj = from_json(json.loads(text))
    return val


def _text(val: Obj) -> str:
    try:
        return _encode(val)
    except Exception:  # the answer itself is given; here it is for people
        return preview(val)
