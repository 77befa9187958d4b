"""Durable tasks: each message is in the journal before `send` returns, till it is answered.

A message whose process died is delivered again at the next start, at least once and in order; how often it
was delivered before is in `taskCur` while it is evaluated. Messages must be data that canonical JSON gives
back, which leaves out functions, sessions and Bufs. One that the next process can't read all the same is kept
aside.

What was in hand when the process died is begun alone, one after the other (see `suspects`). A message that
was in hand, and nothing else, at `MAX_STRIKES` deaths in a row is kept aside; it rests a second before the
last of these attempts, and a death in the rest clears it: kills from outside set nothing aside by chance. One
that was begun `MAX_DELIVERIES` times without an answer is kept aside in any case.

Messages that are to join the queue later are held, and are in the journal as well:

- A delayed one has its time there by the wall clock. As with the frequency of a schedule, setting the clock
  moves nothing while the process lives. The next process goes by the clock it finds: what is overdue joins at
  once, in the order of the times, the rest when it is due, and never later than its delay from the start.
- One that follows a future joins when that is complete. If that is the answer to a durable message, it still
  does in the next process; any other future ends with its process, which completes it: the message joins at
  the start, after those that were due.

A cancel of its future, and a kill of the task, answer a held message as any that waits.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from axon.errors import AxonError, Err, IOErr, NotImmutableErr, TaskError, TaskKilledErr
from axon.runtime.limits import SHIELD
from axon.tasks.future import ERR, Future
from axon.tasks.immutable import SCALARS
from axon.tasks.journal import MAX_DELIVERIES, MAX_STRIKES, REST, Entry, Journal
from axon.tasks.task import DEFAULT_QUEUE_LIMIT, Run, Task
from axon.tasks.timer import Call, Timer
from axon.values.show import kind_name, preview

__all__ = ["DurableTask"]

Obj = object
_log = logging.getLogger("axon.tasks")

#: Seconds between two attempts to begin a message while the journal can't be written, or no thread be had.
RETRY = 1.0


class _Kept:
    """A message in the journal."""

    __slots__ = ("deliveries", "msg", "seq", "strikes")

    def __init__(self, seq: int, msg: Obj, deliveries: int = 0, strikes: int = 0) -> None:
        self.seq = seq
        self.msg = msg
        self.deliveries = deliveries
        self.strikes = strikes


class _Answer(Future):
    """The answer to a message in the journal, and the number of that message."""

    __slots__ = ("seq",)

    def __init__(self, owner: DurableTask, seq: int = 0) -> None:
        super().__init__(owner)
        self.seq = seq


class _Held(NamedTuple):
    """A message that is to join the queue later; the timer's call, if it has a time."""

    kept: _Kept
    call: Call | None


class DurableTask(Task):
    """A task whose messages survive the process. `redelivered` is of the message in hand: 0 at first.

    `limit` holds for messages that are to be accepted; what is in the journal has its place in the queue.
    """

    __slots__ = ("_held", "_inner", "_timer", "journal", "limit", "redelivered")
    drained = "Task killed: the message is kept, the next start will answer it"
    settles = True

    def __init__(
        self,
        *args: Any,
        journal: Journal,
        timer: Timer,
        queue_limit: int = DEFAULT_QUEUE_LIMIT,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, queue_limit=sys.maxsize, **kwargs)
        self.journal = journal
        self.limit = queue_limit
        self.redelivered = 0
        self._timer = timer
        self._held: dict[Future, _Held] = {}
        self._inner: Run = self.run
        self.run: Run = _evaluate

    # Accepting messages

    def send(self, msg: Obj = None) -> Future:
        """Write a message down and queue it."""
        self.check_ready()
        return self.enqueue(msg, _Answer(self))

    def enqueue(self, msg: Obj, future: Future) -> Future:
        """Write a message down and queue it."""
        text = _encode(msg)
        self._check_limit(self.queue_size)
        with SHIELD:
            kept = _Kept(self.journal.accept(self.id.val, text), msg)
            if isinstance(future, _Answer):
                future.seq = kept.seq
            self._join(kept, future)
        return future

    def send_later(self, seconds: float, msg: Obj) -> Future:
        """Write a message down and queue it after a delay, which counts from now."""
        start, seconds = self._timer.time(), max(0.0, seconds)
        text = _encode(msg)
        self._check_limit(self.held)
        with SHIELD:
            kept = _Kept(self.journal.accept(self.id.val, text, delay=seconds), msg)
            future = _Answer(self, kept.seq)
            try:
                self._hold(kept, future, seconds - (self._timer.time() - start))
            except Err as e:  # the timer has no thread
                self.forget(kept, e)
                raise
        return future

    def send_when_complete(self, first: Future, msg: Obj) -> Future:
        """Write a message down and queue it when `first` is complete."""
        text = _encode(msg)
        self._check_limit(self.held)
        number = 0
        if isinstance(first, _Answer) and isinstance(first.owner, DurableTask):
            number = first.seq if first.owner.journal is self.journal else 0
        with SHIELD:
            kept = _Kept(self.journal.accept(self.id.val, text, follows=number), msg)
            future = _Answer(self, kept.seq)
            self._hold(kept, future)
            first.add_done_callback(partial(self._follow, future, number))
        return future

    def no_thread(self, error: Err) -> None:
        """What is accepted stays in the queue; the next message begins it, or the timer."""
        with self._lock:
            self._scheduled = False
        _log.error("task %s: its messages wait: %s", self.name, error)
        with contextlib.suppress(Err):  # no thread for the timer either
            self._timer.later(RETRY, self._begin_again)

    def _begin_again(self) -> None:
        with self._lock:
            if self._scheduled or not self._queue:
                return
            self._scheduled = True
        try:
            self._pool.submit(self)
        except Err as e:
            self.no_thread(e)

    def check_ready(self) -> None:
        """As of any task, but while the process ends it still takes messages, for the next start."""
        if self.killed or not self.draining:
            super().check_ready()

    def _check_limit(self, count: int) -> None:
        if count >= self.limit:
            raise Err(f"taskSend: the queue of task {self.name} is full, {self.limit} messages wait")

    def _join(self, kept: _Kept, future: Future) -> None:
        """Queue a message that is in the journal."""
        try:
            super().enqueue(kept, future)
        except TaskKilledErr as e:
            self._dismiss(kept, future, e)

    def _dismiss(self, kept: _Kept, future: Future, error: AxonError) -> None:
        """Answer a message that the killed task won't; if the process ends, the next start will."""
        self.forget(kept, error)
        future.fail(TaskKilledErr(self.drained) if self.draining else error)

    # Messages that join later

    @property
    def held(self) -> int:
        """How many messages wait for their time, or for another message."""
        return len(self._held)

    def _hold(self, kept: _Kept, future: Future, delay: float | None = None) -> None:
        """Keep a message out of the queue until `_release`; the timer calls that after `delay`."""
        with self._lock:
            if not self.killed and not self.draining:
                call = None if delay is None else self._timer.later(delay, partial(self._release, future))
                self._held[future] = _Held(kept, call)
                return
        self._dismiss(kept, future, TaskKilledErr(f"Task killed: {self.name}"))

    def _release(self, future: Future) -> None:
        """Queue a message whose moment has come, if it is still held."""
        held = self._take(future)
        if held is None:
            return
        self._join(held.kept, future)
        if future.cancelled():  # meanwhile, when it was neither held nor queued
            self.forget(held.kept, None)
        elif held.call is None:
            with contextlib.suppress(IOErr):  # then it may have another place in the queue after a death
                self.journal.join(held.kept.seq)

    def _follow(self, future: Future, number: int, first: Future) -> None:
        """`first` is complete; it answers message `number`, if that is durable."""
        if first.state == ERR and self.journal.is_unanswered(number):  # it is kept for the next start
            held = self._take(future)
            if held is not None:
                future.fail(TaskKilledErr(self.drained))
        else:
            self._release(future)

    def _take(self, future: Future) -> _Held | None:
        with self._lock:
            return self._held.pop(future, None)

    def _take_all(self) -> Mapping[Future, _Held]:
        with self._lock:
            taken, self._held = self._held, {}
        for held in taken.values():
            if held.call is not None:
                held.call.cancel()
        return taken

    # Life

    def drop(self, future: Future) -> None:
        """Forget the message of a cancelled future."""
        held = self._take(future)
        if held is None:
            super().drop(future)
            return
        if held.call is not None:
            held.call.cancel()
        self.forget(held.kept, None)

    def kill(self) -> None:
        """As of any task; messages that are held fail, too."""
        with SHIELD:
            super().kill()
            for future, held in self._take_all().items():
                self._dismiss(held.kept, future, TaskKilledErr("Task killed"))

    def drain(self) -> None:
        """As of any task; messages that are held stay in the journal."""
        super().drain()
        for future in self._take_all():
            future.fail(TaskKilledErr(self.drained))

    def recover(self) -> int:
        """Queue or hold what an earlier process left unanswered; how many messages that were."""
        with SHIELD:
            found = self.journal.take_pending(self.id.val)
            for entry in found:
                try:
                    msg = _decode(entry.msg)
                except Exception as e:  # the others come nevertheless
                    _log.error(
                        "task %s: message %d can't be read and is kept aside: %s", self.name, entry.seq, e
                    )
                    self._finish(entry.seq, "aside", f"it can't be read: {type(e).__name__}: {e}")
                else:
                    self._resume(entry, msg)
        return len(found)

    def _resume(self, entry: Entry, msg: Obj) -> None:
        kept = _Kept(entry.seq, msg, entry.deliveries, entry.strikes)
        future = _Answer(self, entry.seq)
        wait = self.journal.wait(entry)
        if entry.deliveries:  # it was in the queue
            self._join(kept, future)
        elif entry.follows is not None:
            self._hold(kept, future)
            self.journal.when_answered(entry.follows, partial(self._release, future))
        elif wait > 0:
            self._hold(kept, future, wait)
        else:
            self._join(kept, future)

    def retry(self, seq: int) -> None:
        """Queue a message that was kept aside as if it were new."""
        self.journal.retry(seq)
        self.recover()

    def forget(self, msg: Obj, error: AxonError | None) -> None:
        """A message left the queue unanswered: cancelled (no error), or its task was killed."""
        if isinstance(msg, _Kept) and not self.journal.closed and not self.draining:
            self._finish(msg.seq, "cancelled" if error is None else "err", error.dis() if error else "")

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
        self._finish(msg.seq, state, text)

    def _finish(self, seq: int, state: str, text: str) -> None:
        try:
            self.journal.finish(seq, state, text)
        except IOErr as e:  # it is given nevertheless
            _log.error("message %d is answered, but %s", seq, e)

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
    if type(val) in SCALARS:
        return type(val) is not bytes
    if isinstance(val, list):
        return all(_is_data(v) for v in val)
    if isinstance(val, dict):
        return "_kind" not in val and all(_is_data(v) for v in val.values())
    from axon.values.json import from_json, to_json
    from pylib.grid import Grid

    if isinstance(val, Grid):
        metas = [val.meta(), *(col.meta() for col in val.cols())]
        return _is_data(metas) and all(
            val.array(name) is not None or _is_data(val.column(name)) for name in val.col_names()
        )
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
