"""Durable tasks: each message is in the journal before `send` returns, till it is answered.

A message whose process died is delivered again at the next start, at least once and in order; how often it
was delivered before is in `taskCur` while it is evaluated. One that was begun `MAX_DELIVERIES` times without
an answer is kept aside. Messages must be data, since they are written as canonical JSON.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from axon.errors import AxonError, CancelRequest, IOErr, NotImmutableErr, TaskError, TaskKilledErr
from axon.tasks.future import Future
from axon.tasks.immutable import SCALARS, is_immutable
from axon.tasks.journal import MAX_DELIVERIES, Journal
from axon.tasks.task import Run, Task
from axon.values.show import kind_name, preview

__all__ = ["DurableTask"]

Obj = object
_log = logging.getLogger("axon.tasks")


class _Kept:
    """A message in the journal."""

    __slots__ = ("deliveries", "msg", "seq")

    def __init__(self, seq: int, msg: Obj, deliveries: int = 0) -> None:
        self.seq = seq
        self.msg = msg
        self.deliveries = deliveries


class DurableTask(Task):
    """A task whose messages survive the process. `redelivered` is of the message in hand: 0 at first."""

    __slots__ = ("_inner", "journal", "redelivered")

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
        kept = _Kept(self.journal.accept(self.id.val, text), msg)
        try:
            return super().enqueue(kept, future)
        except AxonError as e:
            self.journal.finish(kept.seq, "err", e.dis())
            raise

    def recover(self) -> int:
        """Queue what an earlier process left unanswered; how many messages that were."""
        found = self.journal.take_pending(self.id.val)
        for entry in found:
            super().enqueue(_Kept(entry.seq, _decode(entry.msg), entry.deliveries), Future(self))
        return len(found)

    def forget(self, msg: Obj, error: AxonError | None) -> None:
        """A message left the queue unanswered: cancelled (no error), or its task was killed."""
        if isinstance(msg, _Kept) and not self.journal.closed and not self.draining:
            self.journal.finish(
                msg.seq, "cancelled" if error is None else "err", error.dis() if error else ""
            )

    @property
    def inner(self) -> Run:
        """What evaluates a message."""
        return self._inner


def _evaluate(task: Task, msg: Obj) -> Obj:
    """Evaluate a message of a durable task, with its notes in the journal."""
    assert isinstance(task, DurableTask)
    kept = msg
    assert isinstance(kept, _Kept)
    journal = task.journal
    if kept.deliveries >= MAX_DELIVERIES:
        text = f"message {kept.seq} was begun {kept.deliveries} times without an answer and is kept aside"
        journal.finish(kept.seq, "aside", text)
        raise TaskError(f"{task.name}: {text}")
    journal.begin(kept.seq)
    task.redelivered = kept.deliveries
    try:
        val = task.inner(task, kept.msg)
    except CancelRequest:
        if not task.draining:  # a cancel or kill is an answer; the end of the process is none
            _note(journal, kept.seq, "err", "cancelled")
        raise
    except BaseException as e:
        _note(journal, kept.seq, "err", e.dis() if isinstance(e, AxonError) else f"{type(e).__name__}: {e}")
        raise
    finally:
        task.redelivered = 0
    _note(journal, kept.seq, "ok", _text(val))
    return val


def _note(journal: Journal, seq: int, state: str, answer: str) -> None:
    """Write an answer down; one that can't be written is given nevertheless."""
    try:
        journal.finish(seq, state, answer)
    except IOErr as e:
        _log.error("message %s is answered, but %s", seq, e)


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
    except NotImmutableErr:
        return preview(val)
