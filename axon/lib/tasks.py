"""Tasks and futures: actors that answer messages one at a time, in the order of the task library's docs.

The work is done by `axon.tasks`; here are the argument rules and the shapes of results.
"""

from __future__ import annotations

import datetime as dt
import platform
from typing import TYPE_CHECKING

from axon.errors import CastErr, Err, NotTaskContextErr, TimeoutErr, UnitErr
from axon.lib.registry import Bool, Dict, List, Num, Obj, Str, Thunk, builtin
from axon.tasks.future import Future
from axon.tasks.task import Task
from axon.values.numbers import number, split
from axon.values.show import kind_name, num_text, preview
from axon.values.tags import is_tag_name
from axon.values.units import is_duration, to_timedelta_ns
from pylib.grid import Grid
from pylib.kinds import Ref

if TYPE_CHECKING:
    from axon.runtime.context import Context
    from axon.tasks.evaluate import Evaluator
    from axon.tasks.registry import Tasks

_HOUR_NS = 3_600_000_000_000
_COLUMNS = (
    "id",
    "type",
    "taskStatus",
    "subscription",
    "progress",
    "errNum",
    "queueSize",
    "queuePeak",
    "evalNum",
    "evalTotalDur",
    "evalAvgDur",
    "evalLastDur",
    "evalLastTime",
    "fault",
)


def _tasks(cx: Context) -> Tasks[Evaluator]:
    tasks: Tasks[Evaluator] = cx.runtime.tasks
    return tasks


def _seconds(name: str, dur: Num | None) -> float | None:
    if dur is None:
        return None
    unit = split(dur)[1]
    if unit is None or not is_duration(unit):
        raise UnitErr(f"{name}: expected a duration, got Number {preview(dur)}")
    return to_timedelta_ns(dur) / 1e9


def _as_dict(task: Task) -> dict[str, Obj]:
    """The task as Axon sees it: its record; an ephemeral one has its id only.

    While a durable task evaluates a message that was delivered before, `redelivered` tells how often.
    """
    count = getattr(task, "redelivered", 0)
    return {**task.record, "redelivered": count} if count else task.record or {"id": task.id}


def _current(cx: Context, name: str) -> Task:
    task = cx.task
    if task is None:
        raise Err(f"{name}: Not running in task context")
    found: Task = task
    return found


# Finding tasks


@builtin(lib="hx.task", admin=True)
def task(cx: Context, id: Obj, checked: Bool = True) -> Dict | None:
    """The task of an id, as the dict of its record.

    Raises:
        UnknownTaskErr: no such task, unless `checked` is false; then null.
        CoerceErr: neither a Ref nor a dict with `id`.

    Examples:
        task(@nosuch, false)   //=> null
        task(@nosuch)          //! UnknownTaskErr "nosuch"
        task("x")              //! CoerceErr "Ref"
    """
    tasks = _tasks(cx)
    if not checked and type(id) is Ref and tasks.find(id.val) is None:
        return None
    return _as_dict(tasks.get(id))


@builtin(name="tasks", lib="hx.task", admin=True)
def tasks_(cx: Context, opts: Dict | None = None) -> Grid:
    """All tasks with their state and figures, sorted by display name.

    Columns: id, type, taskStatus, subscription, progress, errNum, queueSize, queuePeak, evalNum,
    evalTotalDur, evalAvgDur, evalLastDur (hours), evalLastTime, fault. Option `search`: text as for
    `parseSearch`.

    Raises:
        CastErr: `search` is no Str.

    Examples:
        tasks().cols.map(c => c.name)[0..2]   //=> ["id", "type", "taskStatus"]
    """
    rows = [_row(cx, t) for t in _tasks(cx).all()]
    search = (opts or {}).get("search")
    if search is not None:
        if type(search) is not str:
            raise CastErr(f"tasks: expected Str for search, got {kind_name(search)} {preview(search)}")
        from axon.values.filter import parse_search

        wanted = parse_search(search)
        rows = [row for row in rows if wanted.match(row, cx.db_resolve)]
    columns = [[row.get(name) for row in rows] for name in _COLUMNS]
    return Grid.from_columns(_COLUMNS, columns)


def _row(cx: Context, t: Task) -> dict[str, Obj]:
    stats = t.stats
    average = stats.total_dur / stats.eval_num if stats.eval_num else 0
    row: dict[str, Obj] = {
        "id": Ref(t.id.val, t.name),
        "type": t.type,
        "taskStatus": t.status,
        "subscription": t.subscription,
        "progress": t.progress,
        "errNum": stats.err_num,
        "queueSize": t.queue_size,
        "queuePeak": stats.queue_peak,
        "evalNum": stats.eval_num,
        "evalTotalDur": number(stats.total_dur / _HOUR_NS, "hr"),
        "evalAvgDur": number(average / _HOUR_NS, "hr"),
        "evalLastDur": number(stats.last_dur / _HOUR_NS, "hr"),
        "evalLastTime": dt.datetime.fromtimestamp(stats.last_time, cx.zoneinfo) if stats.last_time else None,
        "fault": t.fault,
    }
    return {name: val for name, val in row.items() if val is not None}


@builtin(lib="hx.task", admin=True)
def task_is_running(cx: Context) -> Bool:
    """Whether the caller runs inside a task.

    Examples:
        taskIsRunning()                      //=> false
        taskRun(taskIsRunning()).futureGet   //=> true
    """
    return cx.task is not None


@builtin(lib="hx.task", admin=True)
def task_cur(cx: Context, checked: Bool = True) -> Dict | None:
    """The enclosing task, as the dict of its record.

    Raises:
        NotTaskContextErr: not inside a task, unless `checked` is false; then null.

    Examples:
        taskCur(false)   //=> null
        taskCur()        //! NotTaskContextErr "task"
    """
    if cx.task is None:
        if checked:
            raise NotTaskContextErr("taskCur: Not running in task context")
        return None
    return _as_dict(cx.task)


# Running and stopping


@builtin(lib="hx.task", admin=True)
def task_run(cx: Context, expr: Thunk, msg: Thunk | None = None) -> Future:
    """Evaluate an expression in a task of its own, which ends with it.

    The expression is evaluated in a fresh context: the caller's variables are unknown there. A function
    (a lambda or a name) is called with `msg`, which the caller evaluates.

    Raises:
        NotImmutableErr: the message may not cross to another thread.

    Examples:
        taskRun(1 + 2).futureGet                   //=> 3
        taskRun(x => x * 2, 5).futureGet           //=> 10
        do v: 5; taskRun(v).futureGet end          //! EvalErr "v"
        do v: 5; taskRun(x => x + 1, v).futureGet end   //=> 6
        taskRun(x => [1].stream).futureGet         //! NotImmutableErr "Stream"
    """
    from axon.syntax.printer import to_source

    source = to_source(expr.node)
    tasks = _tasks(cx)
    return tasks.run_once(tasks.evaluator.expression(source), source, None if msg is None else msg())


@builtin(lib="hx.task", admin=True)
def task_restart(cx: Context, task: Obj) -> Dict:
    """Kill a task and make it anew from the same record; returns the new task.

    Queued messages fail with TaskKilledErr; locals, progress and figures start afresh.

    Raises:
        TaskEphemeralErr: a task made by `taskRun`.

    Examples:
        commit(diff(null, {id:@double, task, taskExpr:"x => x * 2"}, {add})).has("task")   //=> true
        do projSync(); taskRestart(@double)->id end   //=> @double
        taskRestart(@nosuch)   //! UnknownTaskErr "nosuch"
    """
    tasks = _tasks(cx)
    return _as_dict(tasks.restart(tasks.get(task)))


@builtin(lib="hx.task", admin=True)
def task_cancel(cx: Context, task: Obj) -> Obj:
    """Stop the evaluation that a task is busy with; its future ends with CancelledErr.

    Queued messages are not touched. An idle task is left alone.

    Examples:
        commit(diff(null, {id:@double, task, taskExpr:"x => x * 2"}, {add})).has("task")   //=> true
        do projSync(); taskCancel(@double) end   //=> null
        taskCancel(@nosuch)   //! UnknownTaskErr "nosuch"
    """
    _tasks(cx).get(task).cancel()
    return None


@builtin(lib="hx.task", admin=True)
def task_progress(cx: Context, progress: Dict) -> Obj:
    """Say how far the enclosing task is: a dict that `tasks()` shows. Outside a task nothing happens.

    Examples:
        taskProgress({x})   //=> null
    """
    if cx.task is None:
        return None
    cx.task.progress = progress
    return progress


# Messages


@builtin(lib="hx.task", admin=True)
def task_send(cx: Context, task: Obj, msg: Obj) -> Future:
    """Queue a message for a task; the future is its answer.

    The task of a record that was just committed is made a moment later, in another thread: `projSync` waits
    until it is there.

    Raises:
        TaskDisabledErr, TaskFaultErr, TaskKilledErr, TaskEphemeralErr: the task takes no messages.
        NotImmutableErr: the message may not cross to another thread.

    Examples:
        commit(diff(null, {id:@double, task, taskExpr:"x => x * 2"}, {add})).has("task")   //=> true
        do projSync(); taskSend(@double, 21).futureGet end   //=> 42
        taskSend(@nosuch, 1)   //! UnknownTaskErr "nosuch"
    """
    return _tasks(cx).get(task).send(msg)


@builtin(lib="hx.task", admin=True)
def task_send_later(cx: Context, task: Obj, dur: Num, msg: Obj) -> Future:
    """Queue a message for a task after a delay.

    A durable task keeps the message from now on: after a crash or a restart of the process it is queued when
    it is due by the wall clock, at once if that has passed. Setting the clock while the process runs changes
    nothing; no clock that was set back makes it wait longer than its delay again.

    Raises:
        UnitErr: the delay has no unit of time.
        NotImmutableErr: the task is durable and the message is no data.

    Examples:
        commit(diff(null, {id:@double, task, taskExpr:"x => x * 2"}, {add})).has("task")   //=> true
        do projSync(); taskSendLater(@double, 1ms, 4).futureGet end   //=> 8
        taskSendLater(@nosuch, 10ms, 1)   //! UnknownTaskErr "nosuch"
    """
    tasks = _tasks(cx)
    target = tasks.get(task)
    return tasks.send_later(target, _seconds("taskSendLater", dur) or 0.0, msg)


@builtin(lib="hx.task", admin=True)
def task_send_when_complete(cx: Context, task: Obj, future: Future, msg: Thunk | None = None) -> Future:
    """Queue a message when a future is complete, in whichever state; by default the future itself.

    A durable task keeps the message from now on, which must be data then, thus not the future. After a crash
    or a restart of the process it still waits for the answer of a message to a durable task; any other future
    has ended with the process, and the message is queued at once.

    Raises:
        NotImmutableErr: the task is durable and the message is no data.

    Examples:
        commit(diff(null, {id:@double, task, taskExpr:"x => x * 2"}, {add})).has("task")   //=> true
        do projSync(); taskSendWhenComplete(@double, taskRun(1), 4).futureGet end   //=> 8
        taskSendWhenComplete(@nosuch, taskRun(1))   //! UnknownTaskErr "nosuch"
    """
    tasks = _tasks(cx)
    return tasks.send_when_complete(tasks.get(task), future, future if msg is None else msg())


# Inside a task


@builtin(lib="hx.task", admin=True)
def task_local_get(cx: Context, name: Str, def_: Obj = None) -> Obj:
    """A value that the enclosing task keeps between messages, or the default.

    Raises:
        Err: not inside a task.

    Examples:
        taskLocalGet("a")                             //! Err "Not running in task context"
        taskRun(taskLocalGet("a", 7)).futureGet       //=> 7
    """
    return _current(cx, "taskLocalGet").local_get(name, def_)


@builtin(lib="hx.task", admin=True)
def task_local_set(cx: Context, name: Str, val: Obj) -> Obj:
    """Keep a value in the enclosing task between messages; returns the value.

    Raises:
        Err: not inside a task, or the name is not a tag name.

    Examples:
        taskLocalSet("a", 1)   //! Err "Not running in task context"
        taskRun(do taskLocalSet("a", 1); taskLocalGet("a") end).futureGet   //=> 1
        taskRun(taskLocalSet("A b", 1)).futureGet   //! Err "tag name"
    """
    task = _current(cx, "taskLocalSet")
    if not is_tag_name(name):
        raise Err(f"taskLocalSet: not a tag name: {preview(name)}")
    task.local_set(name, val)
    return val


@builtin(lib="hx.task", admin=True)
def task_local_remove(cx: Context, name: Str) -> Obj:
    """Forget a value of the enclosing task; returns the old one or null.

    Raises:
        Err: not inside a task.

    Examples:
        taskLocalRemove("a")   //! Err "Not running in task context"
        taskRun(do taskLocalSet("a", 1); taskLocalRemove("a") end).futureGet   //=> 1
    """
    return _current(cx, "taskLocalRemove").local_remove(name)


@builtin(lib="hx.task", admin=True)
def task_sleep(cx: Context, dur: Obj) -> Obj:
    """Block the enclosing task for a while. Outside a task it returns at once and checks nothing.

    Raises:
        UnitErr: inside a task, a duration without unit of time.

    Examples:
        taskSleep(5)                        //=> null
        taskRun(taskSleep(1ms)).futureGet   //=> null
        taskRun(taskSleep(5)).futureGet     //! UnitErr "duration"
    """
    if cx.task is not None:
        if type(dur) not in (int, float) and kind_name(dur) != "Number":
            raise UnitErr(f"taskSleep: expected a duration, got {kind_name(dur)} {preview(dur)}")
        cx.task.sleep(_seconds("taskSleep", dur) or 0.0)  # type: ignore[arg-type]
    return None


@builtin(lib="hx.task", admin=True)
def task_refresh_user(cx: Context) -> Obj:
    """Read the user of tasks again. Here it is always the built-in one, so nothing changes.

    Examples:
        taskRefreshUser()   //=> null
    """
    return None


# For user interfaces


@builtin(lib="hx.task", admin=True, hidden=True)
def task_balance(cx: Context, tasks: List) -> Dict:
    """Of a list of tasks, the one with the shortest queue.

    Raises:
        Err: the list is empty.

    Examples:
        taskBalance([])   //! Err "empty"
    """
    found = [_tasks(cx).get(t) for t in tasks]
    if not found:
        raise Err("taskBalance: the list of tasks is empty")
    return _as_dict(min(found, key=lambda t: t.queue_size))


def _ids(tasks: Tasks[Evaluator], ids: Obj) -> list[Task]:
    return [tasks.get(id) for id in (ids if type(ids) is list else [ids])]


def _report(verb: str, count: int) -> str:
    return f"{verb} {count} task{'' if count == 1 else 's'}"


@builtin(lib="hx.task", admin=True, hidden=True)
def task_run_action(cx: Context, task_ids: Obj) -> Str:
    """Send `{}` to each of the tasks.

    Examples:
        taskRunAction([])   //=> "Sent to 0 tasks"
    """
    found = _ids(_tasks(cx), task_ids)
    for t in found:
        t.send({})
    return _report("Sent to", len(found))


@builtin(lib="hx.task", admin=True, hidden=True)
def task_cancel_action(cx: Context, task_ids: Obj) -> Str:
    """Cancel each of the tasks.

    Examples:
        taskCancelAction([])   //=> "Cancelled 0 tasks"
    """
    found = _ids(_tasks(cx), task_ids)
    for t in found:
        t.cancel()
    return _report("Cancelled", len(found))


@builtin(lib="hx.task", admin=True, hidden=True)
def task_send_action(cx: Context, task_ids: Obj, msg: Str) -> Str:
    """Send each of the tasks a dict that is given as Trio text.

    Examples:
        taskSendAction([], "v: 3")   //=> "Sent to 0 tasks"
    """
    from axon.formats.trio import read_trio

    found = _ids(_tasks(cx), task_ids)
    dicts = read_trio(msg)
    for t in found:
        t.send(dicts[0] if dicts else {})
    return _report("Sent to", len(found))


def _text_grid(text: str) -> Grid:
    return Grid.from_rows([{"val": text}], {"view": "text"})


@builtin(lib="hx.task", admin=True, hidden=True)
def task_debug_details(cx: Context, task: Obj) -> Grid:
    """All that is known of a task, as text: a grid of one cell.

    Examples:
        taskDebugDetails(@nosuch)   //! UnknownTaskErr "nosuch"
    """
    return _text_grid(describe(_tasks(cx).get(task)))


def describe(t: Task) -> str:
    """State, figures, locals and last error of a task, one per line."""
    stats = t.stats
    lines = [
        f"id:            @{t.id.val}",
        f"dis:           {t.name}",
        f"type:          {t.type}",
        f"status:        {t.status}",
        f"expr:          {t.source}",
        f"fault:         {t.fault or '-'}",
        f"subscription:  {t.subscription or '-'}",
        f"progress:      {preview(t.progress)}",
        f"locals:        {preview(t.locals)}",
        f"queue:         {t.queue_size} now, {stats.queue_peak} peak",
        f"evaluations:   {stats.eval_num}, {stats.err_num} failed",
        f"total:         {num_text(number(stats.total_dur / 1e6, 'ms'))}",
        f"last:          {num_text(number(stats.last_dur / 1e6, 'ms'))}",
    ]
    held = getattr(t, "held", 0)
    if held:
        lines.append(f"held:          {held} wait for their time or for a future")
    if stats.last_error is not None:
        dis, trace = stats.last_error
        lines += ["", "last error:", f"  {dis}", *(f"  {line}" for line in trace)]
    return "\n".join(lines) + "\n"


@builtin(lib="hx.task", admin=True, hidden=True)
def task_debug_pool(cx: Context) -> Grid:
    """The threads that tasks share, as text: a grid of one cell.

    Examples:
        taskDebugPool().size   //=> 1
    """
    pool = _tasks(cx).pool
    return _text_grid(
        f"threads:  {pool.size} now, {pool.peak} peak, {pool.max_threads} at most\n"
        f"waiting:  {pool.queued} jobs\n"
        f"python:   {platform.python_version()}\n"
    )


@builtin(lib="hx.task", hidden=True)
def task_test_adjunct(cx: Context) -> Num:
    """Count the calls within the enclosing task; for tests.

    Raises:
        Err: not inside a task.

    Examples:
        taskTestAdjunct()   //! Err "Not running in task context"
    """
    slot = _current(cx, "taskTestAdjunct").session_slot
    counter = slot.setdefault("test", _Counter())
    assert isinstance(counter, _Counter)
    counter.count += 1
    return counter.count


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def kill(self, why: str, /) -> None:
        self.count = 0

    def interrupt(self) -> None:
        pass


# Futures


@builtin(lib="hx.task", admin=True)
def future_get(cx: Context, future: Future, timeout: Num | None = None) -> Obj:
    """Wait for the answer to a message, at most `timeout`, for ever by default.

    Raises:
        TimeoutErr: no answer in time; the future stays pending.
        CancelledErr: the message was cancelled.
        UnitErr: the timeout has no unit of time.
        Err: whatever the task raised.

    Examples:
        taskRun("a".upper).futureGet        //=> "A"
        taskRun(1).futureGet(5)             //! UnitErr "duration"
        taskRun(taskSleep(5s)).futureGet(1ms)   //! TimeoutErr "1ms|0.001s"
    """
    _wait(cx, "futureGet", future, timeout)
    return future.result(0)


def _wait_outside(cx: Context, future: Future, seconds: float | None) -> bool:
    """Wait where there is no task; a time limit of the evaluation ends it."""
    guard = cx.guard
    if guard is None:
        return future.wait(seconds)
    guard.wake = lambda _: future.poke()
    try:
        return future.wait(seconds, lambda: guard.reason is not None)
    finally:
        guard.wake = None


def _waited(cx: Context, future: Future, seconds: float | None) -> bool:
    task = cx.task
    done: bool = _wait_outside(cx, future, seconds) if task is None else task.wait_for(future, seconds)
    return done


def _wait(cx: Context, name: str, future: Future, timeout: Num | None) -> None:
    seconds = _seconds(name, timeout)
    if not _waited(cx, future, seconds):
        raise TimeoutErr(f"{name}: no answer within {seconds:g}s")


@builtin(lib="hx.task", admin=True)
def future_cancel(cx: Context, future: Future) -> Future:
    """Give a message up: one that has not started leaves the queue, and the future is `cancelled`.

    An evaluation that runs already goes on and its result is lost; see `taskCancel`.

    Examples:
        taskRun(taskSleep(100ms)).futureCancel.futureState   //=> "cancelled"
        taskRun(1).futureWaitFor.futureCancel.futureState    //=> "ok"
    """
    future.cancel()
    return future


@builtin(lib="hx.task", admin=True)
def future_state(cx: Context, future: Future) -> Str:
    """`"pending"`, `"ok"`, `"err"` or `"cancelled"`.

    Examples:
        taskRun(1).futureWaitFor.futureState             //=> "ok"
        taskRun(throw {dis:"x"}).futureWaitFor.futureState   //=> "err"
    """
    return future.state


@builtin(lib="hx.task", admin=True)
def future_is_complete(cx: Context, future: Future) -> Bool:
    """Whether the state is not `"pending"`.

    Examples:
        taskRun(1).futureWaitFor.futureIsComplete   //=> true
    """
    return future.done()


@builtin(lib="hx.task", admin=True)
def future_wait_for(cx: Context, future: Future, timeout: Num | None = None) -> Future:
    """Wait until a future is complete and return it, whatever its state.

    Raises:
        TimeoutErr: not complete in time.

    Examples:
        taskRun(throw {dis:"x"}).futureWaitFor.futureState   //=> "err"
    """
    _wait(cx, "futureWaitFor", future, timeout)
    return future


@builtin(lib="hx.task", admin=True)
def future_wait_for_all(cx: Context, futures: List, timeout: Num | None = None) -> List:
    """Wait until all futures of a list are complete, one limit for all; returns the list.

    Raises:
        TimeoutErr: not all are complete in time.
        CastErr: not a list of futures.

    Examples:
        futureWaitForAll([])                                                              //=> []
        futureWaitForAll([taskRun(1), taskRun(2)]).map(f => futureGet(f))                 //=> [1, 2]
    """
    import time

    seconds = _seconds("futureWaitForAll", timeout)
    for future in futures:
        if not isinstance(future, Future):
            raise CastErr(f"futureWaitForAll: expected Future, got {kind_name(future)} {preview(future)}")
    end = None if seconds is None else time.monotonic() + seconds
    for future in futures:
        if not _waited(cx, future, None if end is None else max(0.0, end - time.monotonic())):
            raise TimeoutErr(f"futureWaitForAll: not all complete within {seconds:g}s")
    return futures
