"""The task library as a program sees it: every function, in one project, one step after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import axon
from axon.errors import AxonError
from axon.lib import find

SETUP = """do
  add: (id, expr, more) => commit(diff(null, {id: id, task, taskExpr: expr}.merge(more), {add}))
  add(@tUp, "(msg) => msg.upper", {dis: "Up"})
  add(@tConst, "1 + 2", {})
  add(@tBoom, "msg => throw {dis: msg}", {})
  add(@tCount, "msg => taskLocalSet(\\"n\\", taskLocalGet(\\"n\\", 0) + msg)", {})
  add(@tOff, "1", {disabled})
  add(@tBad, "1 +", {})
  add(@tNap, "msg => taskSleep(msg)", {})
  add(@tSelf, "msg => do taskProgress({at: msg}); taskCur()->id end", {})
  add(@tForget, "msg => do taskLocalSet(\\"x\\", msg); taskLocalRemove(\\"x\\") end", {})
  add(@tName, "twice", {})
  add(@tTick, "msg => 1", {obsSchedule, obsScheduleFreq: 5})
  projSync()
end"""

#: Expression, and what must come out: an Axon expression, or the kind of the error.
STEPS = [
    ('taskSend(@tUp, "hi").futureGet', '"HI"'),
    ("taskSend(@tConst, null).futureGet", "3"),
    ('taskSend(@tBoom, "x").futureGet', "!ThrowErr"),
    ('taskSend(@tBoom, "x").futureWaitFor.futureState', '"err"'),
    ("taskSend(@tCount, 2).futureGet", "2"),
    ("taskSend(@tCount, 5).futureGet", "7"),
    ("taskRestart(@tCount)->task", "marker()"),
    ("taskSend(@tCount, 1).futureGet", "1"),
    ("taskSend(@tOff, 1)", "!TaskDisabledErr"),
    ("taskSend(@tBad, 1)", "!TaskFaultErr"),
    ("taskSend(@nosuch, 1)", "!UnknownTaskErr"),
    ("task(@nosuch, false)", "null"),
    ("task(@nosuch)", "!UnknownTaskErr"),
    ('task("x")', "!CoerceErr"),
    ("task(@tUp).dis", '"Up"'),
    ("taskRun(1 + 2).futureGet", "3"),
    ("taskRun(x => x * 2, 5).futureGet", "10"),
    ("taskRun(taskIsRunning()).futureGet", "true"),
    ("taskRun([1, 2].fold(sum)).futureGet", "3"),
    ("do v: 5; taskRun(v).futureGet end", "!EvalErr"),
    ("do v: 5; taskRun(x => x + 1, v).futureGet end", "6"),
    ("taskRun(x => [1].stream).futureGet", "!NotImmutableErr"),
    ("taskSend(@ephemeral-0, 1)", "!TaskEphemeralErr"),
    ("taskRestart(@ephemeral-0)", "!TaskEphemeralErr"),
    ("taskIsRunning()", "false"),
    ("taskCur()", "!NotTaskContextErr"),
    ("taskCur(false)", "null"),
    ("taskSend(@tSelf, 4).futureGet", "@tSelf"),
    ('tasks({search: "tSelf"}).first->progress', "{at: 4}"),
    ('taskLocalGet("a")', "!Err"),
    ('taskLocalSet("a", 1)', "!Err"),
    ('taskLocalRemove("a")', "!Err"),
    ("taskSend(@tForget, 3).futureGet", "3"),
    ('taskRun(taskLocalSet("not a tag", 1)).futureGet', "!Err"),
    ('taskRun(taskLocalRemove("none")).futureGet', "null"),
    ("taskProgress({x})", "null"),
    ("taskSleep(5)", "null"),
    ("taskRun(taskSleep(5)).futureGet", "!UnitErr"),
    ("taskSend(@tName, 4).futureGet", "!EvalErr"),
    ("taskSend(@tNap, 400ms).futureGet(20ms)", "!TimeoutErr"),
    ("do taskSend(@tNap, 1min); g: taskSend(@tNap, 1ms); g.futureCancel.futureState end", '"cancelled"'),
    ("taskSend(@tNap, 1ms).futureCancel.futureGet", "!CancelledErr"),
    ("taskSend(@tNap, 1ms).futureIsComplete", "false"),
    ("taskBalance([@tNap, @tUp])->id", "@tUp"),
    ("do g: taskSend(@tNap, 1ms); taskRestart(@tNap); g.futureGet end", "!TaskKilledErr"),
    ("taskSend(@tNap, 10ms).futureGet(5)", "!UnitErr"),
    ("do f: taskSend(@tNap, 1min); taskRestart(@tNap); f.futureGet end", "!TaskKilledErr"),
    ("taskCancel(@tUp)", "null"),
    ('taskSendWhenComplete(@tUp, taskSend(@tConst, 1), "after").futureGet', '"AFTER"'),
    ("taskSendWhenComplete(@tNap, taskSend(@tBoom, 1)).futureWaitFor.futureState", '"err"'),
    ('taskSendLater(@tUp, 10ms, "x").futureGet', '"X"'),
    ('taskSendLater(@tUp, 10, "x")', "!UnitErr"),
    ('futureWaitForAll([taskSend(@tUp, "a"), taskSend(@tConst, 1)]).map(f => futureGet(f))', '["A", 3]'),
    ("futureWaitForAll([])", "[]"),
    ("futureWaitForAll([1])", "!CastErr"),
    ("futureWaitForAll([taskRun(1), taskRun(taskSleep(1min))], 10ms)", "!TimeoutErr"),
    ("taskRun(futureWaitForAll([taskRun(taskSleep(1min))], 10ms)).futureGet", "!TimeoutErr"),
    ("taskSend(@tConst, 1).futureWaitFor.futureIsComplete", "true"),
    ('tasks({search: "tOff"}).colToList("taskStatus")', '["disabled"]'),
    ('tasks({search: "tBad"}).first->type', '"fault"'),
    ("tasks({search: 5})", "!CastErr"),
    ('tasks({search: "tBad"}).first->fault.startsWith("Invalid expr:")', "true"),
    ('tasks({search: "tTick"}).first->subscription', '"obsScheduleFreq must be duration"'),
    ('tasks({search: "tTick"}).first->taskStatus', '"idle"'),
    (
        "tasks().colNames",
        '["id", "type", "taskStatus", "subscription", "progress", "errNum", "queueSize", "queuePeak", '
        '"evalNum", "evalTotalDur", "evalAvgDur", "evalLastDur", "evalLastTime", "fault"]',
    ),
    ("taskRefreshUser()", "null"),
    ("taskRunAction([@tConst, @tSelf])", '"Sent to 2 tasks"'),
    ('taskSendAction([@tSelf], "a: 1")', '"Sent to 1 task"'),
    ("taskCancelAction([@tSelf, @tUp])", '"Cancelled 2 tasks"'),
    ('taskDebugDetails(@tUp).meta->view', '"text"'),
    ("taskDebugPool().size", "1"),
    ("taskTestAdjunct()", "!Err"),
    ("do commit(diff(readById(@tUp), {task: removeMarker()})); projSync(); task(@tUp, false) end", "null"),
]  # fmt: skip

FUNCTIONS = """
    task tasks taskIsRunning taskCur taskRun taskRestart taskCancel taskProgress taskSend taskSendLater
    taskSendWhenComplete taskLocalGet taskLocalSet taskLocalRemove taskSleep taskRefreshUser taskBalance
    taskRunAction taskCancelAction taskSendAction taskDebugDetails taskDebugPool taskTestAdjunct
    futureGet futureCancel futureState futureIsComplete futureWaitFor futureWaitForAll
""".split()


@pytest.fixture(scope="module")
def project() -> Iterator[axon.Runtime]:
    with axon.Runtime() as rt:
        rt.run(SETUP)
        yield rt


def kind_of(error: AxonError) -> str:
    return error.type.split("::")[-1]


@pytest.mark.timeout(120)
def test_each_step_gives_what_it_should(project: axon.Runtime) -> None:
    wrong = []
    for source, wanted in STEPS:
        try:
            found = project.run(source)
        except AxonError as e:
            if not wanted.startswith("!") or wanted[1:] not in (kind_of(e), type(e).__name__):
                wrong.append(f"{source}: {type(e).__name__} {e}, not {wanted}")
            continue
        if wanted.startswith("!") or found != project.run(wanted):
            wrong.append(f"{source}: {found!r}, not {wanted}")
    assert not wrong, "\n".join(wrong)


def test_no_function_is_left_out() -> None:
    text = " ".join(source for source, _ in STEPS)
    assert len(FUNCTIONS) == 29
    for name in FUNCTIONS:
        assert find(name) is not None
        assert f"{name}(" in text or f".{name}" in text, name
