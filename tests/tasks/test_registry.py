from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from gc import collect
from typing import Any
from weakref import ref

import pytest

import axon
from axon.errors import ArgErr, CoerceErr, TaskEphemeralErr, TaskKilledErr, UnitErr, UnknownTaskErr
from axon.tasks.future import Future
from axon.tasks.pool import Pool
from axon.tasks.registry import Tasks
from axon.tasks.task import Task
from pylib.kinds import MARKER, Number, Ref

from .conftest import LIMIT, RUNS, Clock, Gate, Named


def rec(id: str, expr: Any = "echo", **tags: Any) -> dict[str, Any]:
    return {"id": Ref(id), "task": MARKER, "taskExpr": expr, **tags}


def test_found_by_ref_dict_and_task(tasks: Tasks[Any]) -> None:
    task = tasks.add(rec("a"))
    assert tasks.get(Ref("a")) is tasks.get(task.record) is tasks.get(task) is task
    with pytest.raises(UnknownTaskErr):
        tasks.get(Ref("nosuch"))
    for bad in ("a", 5, {"x": 1}, None):
        with pytest.raises(CoerceErr):
            tasks.get(bad)
    with pytest.raises(ArgErr):
        tasks.add({"task": MARKER})


@pytest.mark.parametrize(
    ("record", "type", "fault"),
    [
        ({"taskExpr": "echo"}, "fault", "Missing 'task' tag"),
        ({"task": MARKER}, "fault", "Missing 'taskExpr' tag"),
        ({"task": MARKER, "taskExpr": 5}, "fault", "Invalid type 'taskExpr' tag, must be Str"),
        *(
            (
                {"task": MARKER, "taskExpr": "m => m", "queueLimit": val},
                "fault",
                "Invalid 'queueLimit' tag, must be a whole number above 0",
            )
            for val in (0, -1, 2.5, math.inf, math.nan, True, "5", Number(5, "kW"))
        ),
        ({"task": MARKER, "taskExpr": "1 +"}, "fault", "Invalid expr: axon::SyntaxErr: Unexpected 1 +"),
        ({"disabled": MARKER, "taskExpr": 5}, "disabled", "Task is disabled"),
    ],
)
def test_bad_records_make_tasks_that_say_so(
    tasks: Tasks[Any], record: dict[str, Any], type: str, fault: str
) -> None:
    task = tasks.add({"id": Ref("x"), **record})
    assert (task.type, task.status, task.fault) == (type, type, fault)


def test_restart_gives_fresh_locals_and_figures(tasks: Tasks[Any]) -> None:
    task = tasks.add(rec("count", "count"))
    assert task.send(2).result(LIMIT) == 2
    assert task.send(5).result(LIMIT) == 7
    fresh = tasks.restart(task)
    assert fresh.send(1).result(LIMIT) == 1
    assert (fresh.stats.eval_num, tasks.get(Ref("count"))) == (1, fresh)
    with pytest.raises(TaskKilledErr):
        task.send(1)
    with pytest.raises(UnknownTaskErr):
        tasks.restart(task)


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda tasks: tasks.remove("a"), None),
        (lambda tasks: tasks.add(rec("a", x=2)), 2),
        (lambda tasks: tasks.restart(tasks.get(Ref("a"))), 1),
    ],
)
def test_nothing_comes_between_the_steps_of_a_restart(
    tasks: Tasks[Any], monkeypatch: pytest.MonkeyPatch, change: Callable[[Tasks[Any]], object], left: Any
) -> None:
    """While a restart builds the new task another thread changes the tasks, if it gets that far."""
    task = tasks.add(rec("a", x=1))
    build, late = tasks._build, []

    def intrude() -> None:
        if tasks._changes.acquire(blocking=False):
            change(tasks)
            tasks._changes.release()
        else:
            late.append(change)

    def built(*args: Any) -> Task:
        monkeypatch.undo()
        thread = threading.Thread(target=intrude)
        thread.start()
        thread.join(LIMIT)
        return build(*args)

    monkeypatch.setattr(tasks, "_build", built)
    fresh = tasks.restart(task)
    for act in late:
        act(tasks)
    found = tasks.find("a")
    assert (found and found.record["x"]) == left
    assert task.killed
    assert fresh.killed, "the later change holds"


def test_tasks_are_run_while_another_reads_its_messages(
    tasks: Tasks[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    build, answers = tasks._build, []

    def built(*args: Any) -> Task:
        run = threading.Thread(
            target=lambda: answers.append(tasks.run_once(RUNS["echo"], "echo", 1).result(LIMIT))
        )
        run.start()
        run.join(LIMIT)
        return build(*args)

    monkeypatch.setattr(tasks, "_build", built)
    tasks.add(rec("a"))
    assert answers == [1]


def test_what_is_started_when_all_ends_is_refused(clock: Clock) -> None:
    tasks = Tasks(Named(), now=clock)
    entered = threading.Event()

    def late(task: Task, msg: Any) -> Any:
        entered.set()
        while not tasks._closed:
            time.sleep(0.001)
        return tasks.run_once(RUNS["echo"], "echo", 1)

    last = tasks.make(late, "late").send(1)
    assert entered.wait(LIMIT)
    assert tasks.close(LIMIT, grace=LIMIT)
    with pytest.raises(TaskKilledErr, match="the runtime is closed"):
        last.result(LIMIT)
    for start in (
        lambda: tasks.run_once(RUNS["echo"], "echo", 1),
        lambda: tasks.make(RUNS["echo"], "echo"),
        lambda: tasks.add(rec("a")),
    ):
        with pytest.raises(TaskKilledErr, match="the runtime is closed"):
            start()
    tasks.follow(None, rec("b"))
    assert tasks.sync()
    assert tasks.all() == []


def test_who_waits_for_changes_to_be_followed_is_let_go_at_the_end(clock: Clock, gate: Gate) -> None:
    tasks = Tasks(Named(), now=clock)
    tasks.follow(None, rec("a"))
    assert tasks.sync(LIMIT)
    tasks._follower._apply = lambda *_: gate(tasks.get(Ref("a")), None)
    tasks.follow(rec("a"), rec("a", x=1))
    assert gate.entered.wait(LIMIT)
    waiter = threading.Thread(target=tasks.sync)
    waiter.start()
    while not tasks._follower._queue:
        time.sleep(0.001)
    tasks._follower.close()
    waiter.join(LIMIT)
    assert not waiter.is_alive()
    gate.opened.set()
    assert tasks.close(LIMIT)


def test_restart_drops_what_is_queued(tasks: Tasks[Any], gate: Gate) -> None:
    task = tasks.make(gate, "gate")
    running, queued = task.send(1), task.send(2)
    assert gate.entered.wait(LIMIT)
    tasks.restart(task)
    for f in (running, queued):
        with pytest.raises(TaskKilledErr):
            f.result(LIMIT)


def test_sorted_by_display_name(tasks: Tasks[Any]) -> None:
    for id, dis in (("1", "pear"), ("2", "apple"), ("3", "fig")):
        tasks.add(rec(id, dis=dis))
    assert [t.name for t in tasks.all()] == ["apple", "fig", "pear"]


def test_ephemeral_task_answers_once_and_is_swept(clock: Clock) -> None:
    tasks = Tasks(Named(), now=clock, linger=0.3)
    future = tasks.run_once(RUNS["upper"], "up", "a")
    assert future.result(LIMIT) == "A"
    task = tasks.find("ephemeral-0")
    assert task is not None
    assert (task.type, task.status, task.name) == ("ephemeral", "doneOk", "up")
    with pytest.raises(TaskEphemeralErr):
        task.send(1)
    with pytest.raises(TaskEphemeralErr):
        tasks.restart(task)
    gone = threading.Event()
    for _ in range(200):
        if tasks.find("ephemeral-0") is None:
            gone.set()
            break
        gone.wait(0.01)
    assert gone.is_set()
    bad = tasks.run_once(RUNS["upper"], "up", 5)
    assert bad.wait(LIMIT)
    assert [t.status for t in tasks.all()] in (["doneErr"], [])
    assert tasks.close(LIMIT)


def test_what_lived_with_an_ephemeral_task_ends_when_it_has_answered(tasks: Tasks[Any]) -> None:
    killed = threading.Event()

    class Adjunct:
        def kill(self, why: str, /) -> None:
            killed.set()

        def interrupt(self) -> None:
            pass

    def run(task: Task, msg: Any) -> Any:
        task.session_slot["x"] = Adjunct()
        return msg

    assert tasks.run_once(run, "run", 1).result(LIMIT) == 1
    assert killed.wait(LIMIT)


def test_what_a_cancelled_ephemeral_task_uses_stays_while_it_runs(tasks: Tasks[Any], gate: Gate) -> None:
    ended: list[bool] = []
    over = threading.Event()

    class Adjunct:
        def kill(self, why: str, /) -> None:
            ended.append(gate.opened.is_set())
            over.set()

        def interrupt(self) -> None:
            pass

    def run(task: Task, msg: Any) -> Any:
        task.session_slot["x"] = Adjunct()
        return gate(task, msg)

    future = tasks.run_once(run, "run", 1)
    assert gate.entered.wait(LIMIT)
    assert future.cancel()
    assert [t.status for t in tasks.all()] == ["running"]
    assert not ended
    gate.opened.set()
    assert over.wait(LIMIT)
    assert ended == [True]


def test_of_many_finished_ephemeral_tasks_the_last_are_kept(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axon.tasks.ephemeral.MAX_FINISHED", 3)
    tasks = Tasks(Named(), now=clock, pool=Pool(1))
    for n in range(8):
        assert tasks.run_once(RUNS["echo"], "echo", n).result(LIMIT) == n
    while len(tasks.all()) > 3:  # its thread is not done with the last one
        time.sleep(0.001)
    assert [t.id.val for t in tasks.all()] == ["ephemeral-5", "ephemeral-6", "ephemeral-7"]
    assert tasks.close(LIMIT)


class Thing:
    """A message that can be looked for."""


NEVER = Future()


@pytest.mark.parametrize(
    "give_up", [lambda tasks, task, future: future.cancel(), lambda tasks, task, future: tasks.kill(task)]
)
@pytest.mark.parametrize(
    "send",
    [
        lambda tasks, task, msg: tasks.send_later(task, 3600, msg),
        lambda tasks, task, msg: tasks.send_when_complete(task, NEVER, msg),
    ],
)
def test_a_message_that_is_given_up_before_it_was_queued_is_let_go(
    tasks: Tasks[Any],
    send: Callable[[Tasks[Any], Task, object], Future],
    give_up: Callable[[Tasks[Any], Task, Future], object],
) -> None:
    task = tasks.add(rec("a"))
    message = Thing()
    gone = ref(message)
    future = send(tasks, task, message)
    del message
    give_up(tasks, task, future)
    collect()
    assert future.done()
    assert gone() is None


def test_a_killed_task_is_let_go_before_its_schedule_comes(tasks: Tasks[Any]) -> None:
    heard = threading.Event()
    RUNS["hear"] = lambda task, msg: heard.set()
    task = tasks.add(rec("s", "hear", obsSchedule=MARKER, obsScheduleFreq=Number(1, "day")))
    assert heard.wait(LIMIT)
    while not tasks.timer._heap:  # till the next one
        time.sleep(0.001)
    gone = ref(task)
    del task
    tasks.remove("s")
    while gone() is not None:  # the thread that has worked for it
        time.sleep(0.001)
        collect()


def test_a_change_is_told_to_those_who_follow_commits_only(tasks: Tasks[Any]) -> None:
    for n in range(5):
        tasks.add(rec(f"t{n}"))
    ear = tasks.add(rec("ear", obsCommits=MARKER, obsAdds=MARKER))
    assert [feed._task for feed in tasks._commit_feeds] == [ear]
    tasks.remove("ear")
    assert not tasks._commit_feeds


def test_delayed_messages(tasks: Tasks[Any]) -> None:
    task = tasks.add(rec("up", "upper"))
    assert tasks.send_later(task, 0.01, "x").result(LIMIT) == "X"
    first = Future()
    then = tasks.send_when_complete(task, first, "after")
    assert not then.done()
    first.fail(UnitErr("whatever"))
    assert then.result(LIMIT) == "AFTER"


def test_delayed_message_to_a_dead_task_fails(tasks: Tasks[Any]) -> None:
    task = tasks.add(rec("up", "upper"))
    first = Future()
    then, later = tasks.send_when_complete(task, first, "x"), tasks.send_later(task, 60, "x")
    tasks.remove("up")
    first.complete(1)
    with pytest.raises(TaskKilledErr):
        then.result(LIMIT)
    tasks.close()
    with pytest.raises(TaskKilledErr):
        later.result(LIMIT)


def test_tasks_follow_their_records(tasks: Tasks[Any]) -> None:
    one = rec("a", "count")
    tasks.follow(None, one)
    assert tasks.sync(LIMIT)
    task = tasks.get(Ref("a"))
    assert task.send(4).result(LIMIT) == 4
    two = {**one, "dis": "A"}
    tasks.follow(one, two)
    assert tasks.sync(LIMIT)
    again = tasks.get(Ref("a"))
    assert (task.killed, again.name, again.send(1).result(LIMIT)) == (True, "A", 1)
    three = {**two, "trash": MARKER}
    tasks.follow(two, three)
    assert tasks.sync(LIMIT)
    assert tasks.find("a") is None
    tasks.follow({"id": Ref("z")}, {"id": Ref("z"), "x": MARKER})
    tasks.follow(three, None)
    assert tasks.sync(LIMIT)
    assert again.killed


def test_commit_events_follow_the_filter(tasks: Tasks[Any], clock: Clock) -> None:
    got: list[Any] = []
    told = threading.Semaphore(0)

    def hear(task: Task, msg: Any) -> None:
        got.append(msg)
        told.release()

    RUNS["hear"] = hear
    tags = {"obsCommits": MARKER, "obsAdds": MARKER, "obsRemoves": MARKER, "obsUpdates": MARKER}
    task = tasks.add(rec("ear", "hear", **tags, obsFilter="site"))
    assert task.subscription == "obsCommits"
    site, other = {"id": Ref("s"), "site": MARKER}, {"id": Ref("s")}
    steps = [(None, other), (other, site), (site, {**site, "n": 1}), ({**site, "n": 1}, other)]
    for old, new in steps:
        tasks.follow(old, new, user=Ref("u"))
    assert tasks.sync(LIMIT)
    for _ in range(3):
        assert told.acquire(timeout=LIMIT)
    assert [e["subType"] for e in got] == ["added", "updated", "removed"]
    assert got[0]["oldRec"] == {}
    assert got[2]["newRec"] == {}
    assert got[1]["newRec"]["n"] == 1
    assert (got[0]["id"], got[0]["user"], got[0]["ts"]) == (Ref("s"), Ref("u"), clock.time)


FUNCTIONS = """
hear: (m) => do
  got: taskLocalGet("got", [])
  if (m != null) taskLocalSet("got", got.add(m->subType + " " + m->id.toStr))
  got
end

ear: (id, filter, more) => commit(diff(null, {
  id: id, task, obsCommits, obsAdds, obsRemoves, obsFilter: filter, taskExpr: "hear"
}.merge(more), {add}))

heard: (id) => do
  projSync()
  taskSend(id, null).futureGet
end
"""


@pytest.fixture
def rt() -> Iterator[axon.Runtime]:
    with axon.Runtime() as rt:
        rt.load(FUNCTIONS)
        yield rt


def test_existing_records_are_told_when_asked_for(rt: axon.Runtime) -> None:
    steps = """do
      commit([diff(null, {id:@a, site}, {add}), diff(null, {id:@b, equip}, {add})])
      ear(@ear, "site", {obsAddOnInit})
      commit(diff(null, {id:@c, site}, {add}))
      first: heard(@ear)
      commit(diff(readById(@a), null, {remove}))
      commit(diff(null, {id:@a, site}, {add}))
      [first, heard(@ear)[first.size..-1]]
    end"""
    first, then = rt.run(steps)
    assert first == ["added a", "added c"]
    assert then == ["removed a", "added a"]


def test_a_filter_follows_refs(rt: axon.Runtime) -> None:
    steps = """do
      ear(@ear, "siteRef->site", {})
      commit(diff(null, {id:@a, site}, {add}))
      commit([diff(null, {id:@b, siteRef:@a}, {add}), diff(null, {id:@c, siteRef:@b}, {add})])
      heard(@ear)
    end"""
    assert rt.run(steps) == ["added b"]


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ({"obsCommits": MARKER}, "at least one of"),
        ({"obsCommits": MARKER, "obsAdds": MARKER, "obsFilter": 5}, "obsFilter must be Str"),
        ({"obsWatches": MARKER}, "not supported"),
        ({"obsCommits": MARKER, "obsSchedule": MARKER}, "one observable only"),
        ({"obsSchedule": MARKER}, "Must define either"),
        ({"obsCommits": MARKER, "obsAdds": MARKER, "obsFilter": "a =="}, "expected value"),
        ({"obsCommits": MARKER, "obsAdds": MARKER, "obsFilter": 'a == 5 or a == "x"'}, "order"),
    ],
)
def test_a_bad_subscription_is_no_fault(tasks: Tasks[Any], tags: dict[str, Any], text: str) -> None:
    task = tasks.add(rec("s", **tags))
    assert (task.status, task.type) == ("idle", "rec")
    assert text in (task.subscription or "")


def test_a_schedule_sends_the_first_event_at_once(tasks: Tasks[Any], clock: Clock) -> None:
    got: list[Any] = []
    heard = threading.Event()

    def hear(task: Task, msg: Any) -> None:
        got.append(msg)
        heard.set()

    RUNS["hear"] = hear
    task = tasks.add(rec("s", "hear", obsSchedule=MARKER, obsScheduleFreq=Number(1, "hr")))
    assert heard.wait(LIMIT)
    assert got == [{"type": "obsSchedule", "ts": clock.time}]
    assert task.subscription == "obsSchedule"


def test_scheduled_events_are_skipped_while_the_queue_is_not_empty(tasks: Tasks[Any], gate: Gate) -> None:
    RUNS["gate"] = gate
    task = tasks.add(rec("s", "gate"))
    task.send(1)
    assert gate.entered.wait(LIMIT)
    task.send(2)
    busy = tasks.add(rec("s2", "gate"))
    assert busy.queue_size == 0
    from axon.tasks.feeds import Fired, ScheduleFeed
    from axon.tasks.schedule import parse_schedule

    schedule = parse_schedule({"obsScheduleFreq": Number(1, "sec")})
    feed = ScheduleFeed(task, schedule, tasks.timer, Clock(), Fired())
    feed._fire(Clock().time)
    assert task.queue_size == 1
    gate.opened.set()
