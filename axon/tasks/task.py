"""A task: an actor with one queue, answered one message at a time, first in first out.

The state machine and the figures are those of the task library (spec, functions-task 1, 3, 4). A task
without work is a small object without thread, queue or evaluator; each is made when first needed. Where
and how an expression is evaluated is passed in (`Run`), so is the thread pool.

Locking: `_lock` guards the queue and the flags; it is never held while Axon code, a callback of a future
or another task runs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from threading import get_ident
from types import TracebackType
from typing import Any, Protocol

from axon.errors import (
    AxonError,
    CancelledErr,
    CancelRequest,
    Err,
    EvalError,
    EvalTimeoutErr,
    NotImmutableErr,
    TaskDisabledErr,
    TaskEphemeralErr,
    TaskFaultErr,
    TaskKilledErr,
    TimeoutErr,
)
from axon.runtime.limits import GUARDED, SHIELD, Guard
from axon.tasks.future import ABSENT, CANCELLED, PENDING, Future
from axon.tasks.immutable import SCALARS, is_immutable
from axon.tasks.pool import Pool
from axon.values.show import kind_name
from pylib.kinds import Ref

__all__ = ["DEFAULT_QUEUE_LIMIT", "Adjunct", "HostTask", "Run", "Stats", "Task"]

Obj = object
_log = logging.getLogger("axon.tasks")

DEFAULT_QUEUE_LIMIT = 1_000_000
#: Types whose Python values are Axon values.
_PLAIN = frozenset({type(None), bool, int, float, str, bytes})
#: Seconds for which a task may keep its thread while others wait for one.
_TURN = 0.01
#: Characters of the text of an error that are kept for people.
_LONGEST = 10_000
#: From so many messages that were given up on, they are taken out of the queue when they are its half.
_MANY = 32


class Adjunct(Protocol):
    """Something that lives as long as its task, such as its Python session."""

    def kill(self, why: str, /) -> object:
        """End it; called once when the task ends."""

    def interrupt(self) -> object:
        """Stop what it does now: the evaluation that uses it was cancelled."""


class Run(Protocol):
    """How a task's messages are evaluated."""

    def __call__(self, task: Task, msg: Obj) -> Obj:
        """Evaluate the task's expression on `msg` in a fresh context."""


class Stats:
    """Figures of one task; durations in nanoseconds, `last_time` in seconds of `time.time`."""

    __slots__ = ("err_num", "eval_num", "last_dur", "last_error", "last_time", "queue_peak", "total_dur")

    def __init__(self) -> None:
        self.err_num = 0
        self.eval_num = 0
        self.queue_peak = 0
        self.total_dur = 0
        self.last_dur = 0
        self.last_time = 0.0
        self.last_error: tuple[str, tuple[str, ...]] | None = None
        """Text and trace; the error itself holds on to the frames and the message."""


_NO_STATS = Stats()


class Task:
    """One actor. `type` is `rec`, `ephemeral`, `fault` or `disabled`; `record` the tags it was made from."""

    __slots__ = (
        "__weakref__",
        "_dropped",
        "_killed",
        "_locals",
        "_lock",
        "_pool",
        "_queue",
        "_running",
        "_scheduled",
        "_stats",
        "_waiting",
        "adjuncts",
        "done_at",
        "draining",
        "ended",
        "fault",
        "guard",
        "id",
        "progress",
        "queue_limit",
        "record",
        "run",
        "source",
        "subscription",
        "type",
        "unsubscribe",
    )
    #: What is said to those whose messages wait when the process ends.
    drained = "Task killed"
    #: Whether `settle` does something.
    settles = False

    def __init__(
        self,
        id: Ref,
        record: dict[str, Obj],
        run: Run,
        pool: Pool,
        *,
        type: str = "rec",
        source: str = "",
        fault: str | None = None,
        queue_limit: int = DEFAULT_QUEUE_LIMIT,
    ) -> None:
        self.id = id
        self.record = record
        self.run = run
        self.type = type
        self.source = source
        self.fault = fault
        self.queue_limit = queue_limit
        self.progress: dict[str, Obj] = {}
        self.subscription: str | None = None
        self.unsubscribe: Callable[[], object] | None = None
        self.ended: Callable[[Task], object] | None = None  # called once when it was killed
        self.draining = False  # the process ends
        self.done_at = 0.0  # of an ephemeral: seconds of time.monotonic when it finished
        self._pool = pool
        self._lock = threading.Lock()
        self._queue: deque[Future] | None = None
        self._dropped = 0  # how many in the queue were given up on
        self._scheduled = False
        self._killed = False
        self._running: Future | None = None
        self.guard: Guard | None = None  # of the evaluation in progress
        self._waiting: tuple[Future, bool] | None = None
        self._locals: dict[str, Obj] | None = None
        self.adjuncts: dict[str, Adjunct] | None = None  # made by `session_slot`
        self._stats: Stats | None = None

    # What it says of itself

    @property
    def name(self) -> str:
        """What people and error texts call it."""
        dis = self.record.get("dis")
        return dis if isinstance(dis, str) else self.id.dis()

    @property
    def status(self) -> str:
        """`taskStatus`: fault, disabled, idle, pending, running, killed, doneOk or doneErr."""
        if self.type in ("fault", "disabled"):
            return self.type
        if self._killed:
            return "killed"
        if self._running is not None:
            return "running"
        if self.done_at:
            return "doneErr" if self.stats.err_num else "doneOk"
        if self._scheduled or self._queue:
            return "pending"
        return "idle"

    @property
    def killed(self) -> bool:
        """Whether it was killed."""
        return self._killed

    @property
    def stats(self) -> Stats:
        """Its figures so far."""
        return self._stats or _NO_STATS

    @property
    def queue_size(self) -> int:
        """How many messages wait."""
        return max(0, len(self._queue) - self._dropped) if self._queue is not None else 0

    def __repr__(self) -> str:
        return f"<Task {self.id.val} {self.status}>"

    # Messages

    def check_ready(self) -> None:
        """Refuse when it can't take messages.

        Raises:
            TaskDisabledErr, TaskFaultErr, TaskKilledErr, TaskEphemeralErr: by its type and state.
        """
        if self._killed or self.draining:
            raise TaskKilledErr(f"Task killed: {self.name}")
        if self.type == "rec":
            return
        if self.type == "disabled":
            raise TaskDisabledErr(f"Task is disabled: {self.name}")
        if self.type == "fault":
            raise TaskFaultErr(f"Task has a fault: {self.name}: {self.fault}")
        raise TaskEphemeralErr(f"Task is ephemeral and takes no messages: {self.name}")

    def send(self, msg: Obj = None) -> Future:
        """Queue a message; the future is its answer.

        Raises:
            TaskDisabledErr, TaskFaultErr, TaskKilledErr, TaskEphemeralErr: it takes no messages.
            NotImmutableErr: the message may not cross to another thread.
            Err: its queue is full.
        """
        if self._killed or self.draining or self.type != "rec":
            self.check_ready()
        return self.enqueue(msg, Future(self))

    def enqueue(self, msg: Obj, future: Future) -> Future:
        """Queue a message whose future exists already; for senders inside this room.

        Raises:
            NotImmutableErr: the message may not cross to another thread.
            TaskKilledErr, Err: it was killed; its queue is full, or no thread can be started.
        """
        if type(msg) not in SCALARS and not is_immutable(msg):
            raise NotImmutableErr(f"taskSend: a message may not hold a {kind_name(msg)} that changes")
        guarded = get_ident() in GUARDED
        if guarded:  # the sender can be stopped, but not halfway
            SHIELD.__enter__()
        try:
            with self._lock:
                if self._killed or self.draining:
                    raise TaskKilledErr(f"Task killed: {self.name}")
                queue = self._queue
                if queue is None:
                    queue = self._queue = deque()
                size = len(queue) + 1 - self._dropped
                if size > self.queue_limit:
                    raise self._full()
                if future.state is not PENDING:
                    return future
                future.message = msg
                queue.append(future)
                stats = self._stats
                if stats is None:
                    stats = self._stats = Stats()
                if size > stats.queue_peak:
                    stats.queue_peak = size
                if self._scheduled:
                    return future
                self._scheduled = True
            try:
                self._pool.submit(self)
            except Err as e:
                self.no_thread(e)
            return future
        finally:
            if guarded:
                SHIELD.__exit__(None, None, None)

    def no_thread(self, error: Err) -> None:
        """Called when no thread can be started for it: what waits fails, by now perhaps of several senders.

        Raises:
            Err: `error`, for the one who calls.
        """
        with self._lock:
            self._scheduled = False
            waiting = self._take_queue()
            self._dropped = 0
        for _, future in waiting:
            future.fail(error)
        raise error

    def _full(self) -> Err:
        return Err(f"taskSend: the queue of task {self.name} is full, {self.queue_limit} messages wait")

    def drop(self, future: Future) -> None:
        """Forget the message of a cancelled future; it leaves the queue now or later."""
        with SHIELD:
            with self._lock:
                msg, future.message = future.message, ABSENT
                if msg is ABSENT or self._queue is None:
                    return
                self._dropped += 1
                if self._dropped >= max(_MANY, len(self._queue) // 2):
                    kept = [f for f in self._queue if f.message is not ABSENT]
                    self._dropped -= len(self._queue) - len(kept)
                    self._queue = deque(kept)
            self.forget(msg, None)

    def answers(self, future: Future) -> bool:
        """Whether the message of a future is being evaluated."""
        return self._running is future

    def forget(self, msg: Obj, error: AxonError | None) -> None:
        """Called for a message that leaves the queue unanswered: cancelled (no error), or killed."""

    def settle(self, msg: Obj, value: Obj, error: BaseException | None, *, stopped: bool) -> None:
        """Called when a message has its answer, before the asker gets it; `stopped`: by cancel or kill."""

    def turn(self) -> None:
        """Work on the queue, in a thread of the pool: till it is empty or others wait too long."""
        end = 0.0
        pool, guard = self._pool, Guard()
        guard.wake = self._nudge
        while True:
            with self._lock:
                if not self._queue:
                    self._scheduled = False
                    return
                future = self._queue.popleft()
                if future.state is not PENDING:
                    self._dropped -= 1  # `drop` counts it, before or after
                    continue
                msg, future.message = future.message, ABSENT
                self._running, self.guard = future, guard  # from here on a cancel finds it
            self._answer(msg, future, guard)
            if guard.reason is not None or guard.seconds is not None or guard.dead:  # used up
                guard = Guard()
                guard.wake = self._nudge
            if not pool.is_calm():
                now = time.monotonic()
                if end == 0.0:
                    end = now + _TURN
                elif now > end:
                    break
        pool.submit(self)

    def _answer(self, msg: Obj, future: Future, guard: Guard) -> None:
        stats = self._stats
        assert stats is not None
        value: Obj = None
        error: AxonError | None = None
        stopped = False
        stats.last_time = time.time()
        start = time.perf_counter_ns()
        try:
            if self._killed:  # between the queue and here
                raise CancelRequest
            value = guard.run(self.run, self, msg)
        except CancelRequest:
            error, stopped = self._stopped(guard), True
        except BaseException as e:  # the loop of the task: whatever it is, the asker gets it
            error = e if isinstance(e, AxonError) else _wrapped(e)
        took = time.perf_counter_ns() - start
        self.guard = None
        try:
            if error is None and type(value) not in SCALARS and not is_immutable(value):
                error = NotImmutableErr(f"taskSend: a result may not hold a {kind_name(value)} that changes")
            stats.eval_num += 1
            stats.last_dur = took
            stats.total_dur += took
            if error is not None:
                stats.err_num += 1
                stats.last_error = error.dis()[:_LONGEST], tuple(error.axon_trace)
                if not stopped and _log.isEnabledFor(logging.INFO):
                    _log.info("task %s: %s", self.name, error, extra=_log_extra(self, error))
            if self.settles:
                self.settle(msg, value, error, stopped=stopped)
        except BaseException as e:  # of a value that is no proper one; the task goes on
            _log.exception("task %s: an answer can't be given", self.name)
            error = _wrapped(e)
        self._running = None
        if error is None:
            future.complete(value)
        elif not future.fail(error) and future.state != CANCELLED:
            _log.error("task %s: %s", self.name, error)

    def _stopped(self, guard: Guard) -> AxonError:
        """The answer to a message whose evaluation was stopped."""
        if self._killed:
            return TaskKilledErr("Task killed")
        if guard.reason == "timeout":
            return EvalTimeoutErr(f"evaluation took longer than {guard.seconds:g}sec")
        return CancelledErr(f"{self.name}: cancelled")

    # Life

    def cancel(self) -> None:
        """Stop the evaluation in progress, if any; what is queued is not touched."""
        guard = self.guard
        if guard is not None:
            with SHIELD:
                if not guard.cancel("cancelled") and self.guard is guard:
                    guard.dead = True  # it is about to begin

    def kill(self) -> None:
        """End it: the evaluation in progress is stopped, queued messages fail, its adjuncts are closed."""
        with SHIELD:
            self._kill()

    def _kill(self) -> None:
        with self._lock:
            if self._killed:
                return
            self._killed = True
            waiting = self._take_queue()
            guard = self.guard
            adjuncts, self.adjuncts = self.adjuncts, None
        if self.unsubscribe is not None:
            self.unsubscribe()
            self.unsubscribe = None
        if guard is not None:
            guard.wake = lambda _: self._wake(adjuncts)
            guard.dead = True
            guard.cancel("killed")
        for msg, future in waiting:
            error = TaskKilledErr("Task killed")
            self.forget(msg, error)
            future.fail(error)
        for adjunct in reversed((adjuncts or {}).values()):
            adjunct.kill("its task has ended")
        if self.ended is not None:
            self.ended(self)

    def _take_queue(self) -> list[tuple[Obj, Future]]:
        """All messages that wait, taken out of the queue; for who has the lock."""
        queue, self._queue = self._queue, None
        waiting = [(f.message, f) for f in queue or () if f.message is not ABSENT]
        for _, future in waiting:
            future.message = ABSENT
        return waiting

    def drain(self) -> None:
        """Take no more messages and fail those that wait; what is being evaluated goes on.

        It is for the end of the process: durable messages stay in the journal.
        """
        with self._lock:
            self.draining = True
            queue, self._queue = self._queue, None
        if self.unsubscribe is not None:
            self.unsubscribe()
            self.unsubscribe = None
        for future in queue or ():
            future.fail(TaskKilledErr(self.drained))

    def wait_idle(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until no message is being evaluated; tell whether so."""
        running = self._running
        return running is None or running.wait(timeout) or self._running is None

    def _nudge(self, guard: Guard) -> None:
        """Wake what an evaluation waits for that is to stop, unless it is over."""
        if self.guard is guard and guard.reason is not None:
            self._wake(self.adjuncts)

    def _wake(self, adjuncts: dict[str, Adjunct] | None) -> None:
        waiting = self._waiting
        if waiting is not None:
            waiting[0].poke()
        for adjunct in list((adjuncts or {}).values()):
            adjunct.interrupt()

    # For the code that runs inside

    def local_get(self, name: str, default: Obj = None) -> Obj:
        """A value kept between messages."""
        return default if self._locals is None else self._locals.get(name, default)

    def local_set(self, name: str, val: Obj) -> None:
        """Keep a value between messages."""
        if self._locals is None:
            self._locals = {}
        self._locals[name] = val

    def local_remove(self, name: str) -> Obj:
        """Forget a value; return what it was."""
        return None if self._locals is None else self._locals.pop(name, None)

    @property
    def locals(self) -> dict[str, Obj]:
        """A copy of all values kept between messages."""
        return dict(self._locals or {})

    @property
    def session_slot(self) -> dict[str, Adjunct]:
        """What lives as long as the task, by key: killed with it, interrupted by a cancel.

        Raises:
            TaskKilledErr: the task has ended.
        """
        found = self.adjuncts  # `kill` takes it away
        if found is not None:
            return found
        with self._lock:
            if self._killed:
                raise TaskKilledErr("Task killed")
            if self.adjuncts is None:
                self.adjuncts = {}
            return self.adjuncts

    def wait_for(self, future: Future, timeout: float | None) -> bool:
        """Wait for a future inside an evaluation of this task, so that a cancel ends the wait.

        Raises:
            TimeoutErr: tasks wait for each other without end; the text names them.
        """
        if future.state is not PENDING:
            return True
        self._waiting = (future, timeout is None)
        try:
            cycle, endless = self._cycle(future)
            if cycle and endless:
                raise TimeoutErr(f"futureGet: tasks wait for each other: {cycle}")
            if future.wait(timeout, self._is_stopped):
                return True
            cycle, _ = self._cycle(future)
            if cycle:
                raise TimeoutErr(
                    f"futureGet: no answer within {timeout:g}s, tasks wait for each other: {cycle}"
                )
            return False
        finally:
            self._waiting = None

    def _is_stopped(self) -> bool:
        guard = self.guard
        return guard is not None and guard.reason is not None

    def sleep(self, seconds: float) -> None:
        """Block the task's thread; a cancel ends it."""
        self.wait_for(Future(), seconds)

    def _cycle(self, future: Future) -> tuple[str, bool]:
        """`a → b → a` when this wait closes a ring, and whether no wait in the ring has a limit."""
        names = [self.name]
        endless = True
        task: Task = self
        while len(names) < 100:
            waiting = task._waiting
            if waiting is None or waiting[0].done():
                return "", False
            endless = endless and waiting[1]
            owner = waiting[0].owner
            if not isinstance(owner, Task) or (owner._running is waiting[0] and owner._waiting is None):
                return "", False
            names.append(owner.name)
            if owner is self:
                return " → ".join(names), endless
            task = owner
        return "", False

    # A Python program may use it as a context manager

    def close(self) -> None:
        """End it; the same as `kill`."""
        self.kill()

    def __enter__(self) -> Task:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.kill()


class HostTask(Task):
    """A task of a program that embeds the runtime; `convert` makes an Axon value of what it is sent."""

    __slots__ = ("_convert",)

    def __init__(self, *args: Any, convert: Callable[[Obj], Obj], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._convert = convert

    def send(self, msg: Obj = None) -> Future:
        """Queue a message, which may be any Python value that has an Axon value.

        Raises:
            CoerceErr: it has none; and what `Task.send` raises.
        """
        if self._killed or self.draining or self.type != "rec":
            self.check_ready()
        return self.enqueue(msg if type(msg) in _PLAIN else self._convert(msg), Future(self))


def _log_extra(task: Task, error: AxonError) -> dict[str, Obj]:
    """What a structured log keeps of a message that failed."""
    return {"event": "failed", "task": task.id.val, "dis": task.name, "at": error.axon_trace}


def _wrapped(e: BaseException) -> EvalError:
    try:
        text = str(e)
    except Exception:
        text = "its text can't be had"
    error = EvalError(f"{type(e).__name__}: {text}")
    error.__cause__ = e
    return error
