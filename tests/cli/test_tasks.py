"""Tasks from the command line: one message, and a project that runs as a service."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

import axon
from axon.cli.project import Project
from axon.cli.service import _Files
from axon.errors import EvalError
from axon.tasks.journal import Journal

from .conftest import LIMIT, TASKS, Run, Served, eventually

pytestmark = pytest.mark.timeout(120)


def test_one_message(cli: Run, project: Path) -> None:
    done = cli("task", "run", str(project), "--to", "double", "--send", "{v: 3}")
    assert (done.stdout, done.stderr, done.returncode) == ("6\n", "", 0)


def test_several_messages_to_one_task(cli: Run, project: Path) -> None:
    done = cli(
        "task", "run", str(project / "tasks.trio"), "--to", "@py", "--send", "1", "--send", "2", "--json"
    )
    assert done.stdout == "1\n2\n"


def test_errors_of_a_message(cli: Run, project: Path) -> None:
    done = cli("task", "run", str(project), "--to", "double", "--send", "{w: 3}")
    assert done.returncode == 1
    assert "v" in done.stderr
    assert cli("task", "run", str(project), "--send", "1").returncode == 2
    assert "no task nope" in cli("task", "run", str(project), "--to", "nope", "--send", "1").stderr


def test_a_project_that_is_none(cli: Run, tmp_path: Path) -> None:
    assert "no tasks.trio" in cli("task", "run", str(tmp_path)).stderr
    assert cli("task", "list", str(tmp_path)).returncode == 2


def test_service_answers_its_commands(cli: Run, served: Served) -> None:
    home = str(served.home)
    assert cli("task", "send", "double", "{v: 4}", "--wait", home).stdout == "8\n"
    assert cli("task", "send", "py", "1", "--wait", home).stdout == "1\n"
    assert cli("task", "send", "py", "1", "--wait", home).stdout == "2\n"
    table = cli("task", "list", home).stdout
    assert "Doubler" in table
    assert "idle" in table
    assert "expr:" in cli("task", "show", "double", home).stdout
    assert cli("task", "restart", "py", home).stdout == "idle\n"
    assert cli("task", "send", "py", "1", "--wait", home).stdout == "1\n"
    assert "tasks run" in cli("task", "log", home).stdout
    failed = cli("task", "send", "double", "{w: 1}", "--wait", home)
    assert (failed.returncode, "UnknownNameErr" in failed.stderr) == (1, True)
    assert "Doubler" in cli("task", "log", "double", home).stdout
    assert cli("task", "kill", "double", home).returncode == 0
    assert "no task" in cli("task", "send", "double", "1", home).stderr
    assert "run already" in cli("task", "run", home).stderr
    assert cli("task", "stop", home).returncode == 0
    assert served.proc.wait(LIMIT) == 0


def test_cancel_stops_a_message(served: Served) -> None:
    assert (
        served.ask(
            do="send", id="count", msg={"_kind": "dict", "sleep": {"_kind": "number", "val": 60, "unit": "s"}}
        )
        == "pending"
    )
    assert eventually(lambda: served.ask(do="list").dicts()[1]["taskStatus"] == "running" or None)
    served.ask(do="cancel", id="count")
    assert served.ask(do="send", id="count", msg={}, wait=True, timeout=LIMIT) == 1


def test_changed_files_are_followed(served: Served) -> None:
    tasks = served.home / "tasks.trio"
    tasks.write_text(TASKS.replace("msg->v * 2", "triple(msg->v)"))
    assert eventually(lambda: served.ask(do="send", id="double", msg={"v": 3}, wait=True, timeout=9) == 9)
    tasks.write_text(TASKS + "---\nid: @fresh\ntask\ntaskExpr: readAll(site).size\n")
    assert eventually(lambda: "fresh" in [r["id"].val for r in served.ask(do="list").dicts()])
    assert served.ask(do="send", id="fresh", msg=1, wait=True) == 1
    tasks.write_text("this is : not [ trio\n  x")
    (served.home / "funcs.axon").write_text("triple: (x) => x * 30\n")
    tasks.write_text("\n---\n".join(TASKS.split("\n---\n")[:2]).replace("msg->v * 2", "triple(msg->v)"))
    assert eventually(lambda: "py" not in [r["id"].val for r in served.ask(do="list").dicts()])
    assert eventually(lambda: served.ask(do="send", id="double", msg={"v": 3}, wait=True, timeout=9) == 90)


def test_the_socket_is_the_owners_alone(served: Served) -> None:
    assert oct(served.socket.stat().st_mode & 0o777) == "0o600"
    assert oct(served.socket.parent.stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_the_message_in_hand_end(served: Served, number: int) -> None:
    served.ask(do="send", id="count", msg={"sleep": {"_kind": "number", "val": 0.3, "unit": "s"}})
    served.ask(do="send", id="count", msg={})
    assert eventually(lambda: served.ask(do="list").dicts()[1]["taskStatus"] == "running" or None)
    assert served.end(number) == 0
    assert not served.socket.exists()
    served.start()
    assert served.ask(do="send", id="count", msg={}, wait=True, timeout=LIMIT) == 2


def test_a_task_with_a_fault_is_told_in_the_log(cli: Run, project: Path) -> None:
    good = 'id: @good\ntask\ntaskExpr: "(m) => m"\n'
    bad = 'id: @bad\ndis: "Bad one"\ntask\ntaskExpr: "(m) => m +"\n'
    full = 'id: @full\ntask\ntaskExpr: "(m) => m"\nqueueLimit: 0\n'
    (project / "tasks.trio").write_text("---\n".join([good, bad, full]))
    served = Served(project)
    log = cli("task", "log", str(project)).stdout
    served.end()
    assert "1 task runs" in log
    assert "task Bad one has a fault: Invalid expr: axon::SyntaxErr" in log
    assert "task full has a fault: Invalid 'queueLimit' tag, must be a whole number above 0" in log


def test_what_was_accepted_is_answered_after_kill_9(served: Served) -> None:
    for _ in range(3):
        served.ask(do="send", id="count", msg={"sleep": {"_kind": "number", "val": 0.2, "unit": "s"}})
    served.end(signal.SIGKILL)
    served.start()
    assert served.ask(do="send", id="count", msg={}, wait=True, timeout=LIMIT) >= 3
    served.end()


def test_bad_requests_get_an_answer(served: Served) -> None:
    import socket

    for line in (b"not json\n", b'{"do": "frob"}\n', b'"text"\n', b"[]\n", b"\n"):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(served.socket))
            s.sendall(line)
            assert "err" in json.loads(s.makefile().readline())
    assert served.ask(do="ping")["pid"] == served.proc.pid
    assert os.path.exists(served.socket)


def test_a_file_with_a_fault_is_told_with_its_place(served: Served) -> None:
    (served.home / "funcs.axon").write_text("triple: (x) => x * 3\nbad: (x) => x +\n")
    log = served.home / ".axon" / "service.log"
    lines = eventually(lambda: [x for x in log.read_text().splitlines() if "reload failed" in x])
    assert "funcs.axon:" in json.loads(lines[0])["message"]
    assert served.ask(do="send", id="double", msg={"v": 2}, wait=True, timeout=LIMIT) == 4


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("funcs.axon", b"triple: (x) => '\xff'"),
        ("sites.trio", b'dis: "\xff"\n'),
        ("more.csv", b"\xff"),
        ("tasks.trio", b'dis: "\xff"\n'),
        ("more.json", b"[1]"),
        ("twice.trio", b"id: @x\n---\nid: @x\n"),
    ],
)
def test_whatever_a_file_holds_the_tasks_go_on(served: Served, name: str, content: bytes) -> None:
    (served.home / name).write_bytes(content)
    log = served.home / ".axon" / "service.log"
    lines = eventually(lambda: [x for x in log.read_text().splitlines() if "reload failed" in x])
    assert name in json.loads(lines[0])["message"]
    assert "trace" not in json.loads(lines[0])
    assert served.ask(do="send", id="double", msg={"v": 2}, wait=True, timeout=LIMIT) == 4


@pytest.mark.parametrize("content", [b'dis: "\xff"\n', b"id: @x\n---\nid: @x\n"])
def test_why_it_does_not_start_is_said_with_the_file(cli: Run, project: Path, content: bytes) -> None:
    (project / "more.trio").write_bytes(content)
    done = cli("task", "run", str(project))
    assert done.returncode == 1
    assert "more.trio" in done.stderr
    assert "more.trio" in cli("task", "log", str(project)).stdout


def test_a_project_that_is_away_for_a_while_keeps_its_tasks(served: Served) -> None:
    away = served.home.with_name("away")
    served.home.rename(away)
    log = away / ".axon" / "service.log"
    assert eventually(lambda: "can't be read" in log.read_text())
    away.rename(served.home)
    assert served.ask(do="send", id="double", msg={"v": 2}, wait=True, timeout=LIMIT) == 4


def files_of(home: Path) -> tuple[axon.Runtime, _Files]:
    rt = axon.Runtime()
    return rt, _Files(Project.open(str(home)), rt)


def test_a_file_that_is_being_written_is_left_till_it_is_done(project: Path) -> None:
    rt, files = files_of(project)
    with rt:
        files.load()
        text = (project / "tasks.trio").read_text()
        (project / "tasks.trio").write_text(text[:40])
        files.reload()
        (project / "tasks.trio").unlink()  # as editors do that rename
        files.reload()
        assert rt.tasks.find("py") is not None
        (project / "tasks.trio").write_text(text.replace("Doubler", "Changed"))
        files.reload()
        files.reload()
        assert rt.tasks.sync(LIMIT)
        assert rt.tasks.get(axon.Ref("double")).name == "Changed"


def test_what_a_file_has_no_more_is_gone(project: Path) -> None:
    rt, files = files_of(project)
    (project / "more.trio").write_text('func\nname: "twice"\nsrc: "x => x * 2"\n---\nid: @a\nx: 1\n')
    (project / "rows.csv").write_text("id,site\n@b,\u2713\n")

    def look() -> None:
        files.reload()
        files.reload()

    with rt:
        files.load()
        both = rt.task("x => twice(triple(x))")
        assert both.send(1).result(LIMIT) == 6
        assert rt.eval("readAll(site).size") == 2
        (project / "funcs.axon").write_text("thrice: (x) => x * 3\ntwice: (x) => x\n")
        look()
        with pytest.raises(EvalError, match="Unknown symbol 'triple'"):
            both.send(1).result(LIMIT)
        (project / "funcs.axon").write_text("triple: (x) => x * 30\n")
        look()
        look()  # the file that has it too is read again
        assert both.send(1).result(LIMIT) == 60
        for name in ("funcs.axon", "more.trio", "rows.csv"):
            (project / name).unlink()
        look()
        assert rt.top_names() == []
        assert rt.eval("readAll(site).size") == 1
        assert rt.eval("readById(@a, false)") is None
        with pytest.raises(axon.AxonError):
            rt.eval("twice(1)")


def test_an_id_comes_before_a_name_and_a_name_must_tell(cli: Run, served: Served) -> None:
    tasks = "\n---\n".join(f'id: @{id}\ndis: "{dis}"\ntask\ntaskExpr: m => "{id}"\n' for id, dis in NAMES)
    (served.home / "tasks.trio").write_text(tasks)
    assert eventually(lambda: len(served.ask(do="list").dicts()) == len(NAMES))
    home = str(served.home)
    for asked, answer in [("b", "b"), ("@b", "b"), ("Zähler", "c")]:
        assert cli("task", "send", asked, "1", "--wait", home).stdout == f"{answer}\n"
    assert "which task twin: @d, @e" in cli("task", "kill", "twin", home).stderr


NAMES = [("a", "b"), ("b", "z"), ("c", "Zähler"), ("d", "twin"), ("e", "twin")]


def test_messages_of_every_shape(cli: Run, served: Served) -> None:
    home = str(served.home)
    (served.home / "tasks.trio").write_text(
        "id: @echo\ntask\ntaskExpr: m => m\n---\nid: @f\ntask\ntaskExpr: m => x => x\n"
    )
    assert eventually(lambda: len(served.ask(do="list").dicts()) == 2)
    assert (
        cli("task", "send", "echo", "-", "--wait", home, stdin="{a: 1,\n b: 2}\n").stdout == "{a: 1, b: 2}\n"
    )
    assert cli("task", "send", "--wait", "--timeout=20sec", "--", "echo", "5", home).stdout == "5\n"
    assert cli("task", "send", "echo", "-5", "--wait", home).stdout == "-5\n"
    assert "func" in cli("task", "send", "f", "1", "--wait", home).stdout
    refused = cli("task", "send", "echo", "x => x", home)
    assert (refused.returncode, "must be data, not" in refused.stderr) == (2, True)
    for bad in (["--timeout"], ["--timeout", "soon"], ["--timeout=-5"], ["--timeout=nan"], ["--frob"]):
        assert cli("task", "send", "echo", "1", home, *bad).returncode == 2
    assert "no such file" in cli("task", "list", home + "x").stderr


def test_kind_of_an_error_is_the_one_that_axon_sees(cli: Run, served: Served) -> None:
    (served.home / "tasks.trio").write_text(
        "id: @up\ntask\ntaskExpr:\n  (msg) => do\n    f: taskRun(taskSleep(1hr))\n    futureCancel(f)\n"
        "    futureGet(f)\n  end\n---\nid: @late\ntask\n"
        "taskExpr: (msg) => taskRun(taskSleep(1hr)).futureGet(1ms)\n---\n"
        'id: @own\ntask\ntaskExpr: (msg) => throw {dis: "none of ours", type: "my::Nope"}\n'
    )
    assert eventually(lambda: served.ask(do="list").dicts()[0]["id"].val in ("up", "late", "own"))
    home = str(served.home)
    for task, kind in (("up", "CancelledErr"), ("late", "TimeoutErr"), ("own", "Nope")):
        done = cli("task", "send", task, "1", "--wait", home)
        assert (done.returncode, done.stderr.partition(":")[0]) == (1, kind)


def test_threads_of_tasks_are_an_option(cli: Run) -> None:
    waits = "taskRun(taskRun(1 + 1).futureGet(20sec)).futureGet(40sec)"
    assert cli(waits).stdout == "2\n"
    done = cli("--max-threads", "1", waits.replace("20sec", "50ms"))  # the other task has no thread
    assert (done.stdout, done.stderr.partition(":")[0]) == ("", "TimeoutErr")


def test_options_may_follow_the_project(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "tasks.trio").write_text("id: @t\ntask\ntaskExpr: (msg) => [msg]\n")
    for project in ("tasks.trio", "./tasks.trio", ".", "./", str(tmp_path)):
        run = ("task", "run", project, "--send", "1kW")
        given = ("--json", "--max-threads", "1", "--linger=1sec")
        assert cli(*run, *given).stdout == '[{"_kind":"number","val":1,"unit":"kW"}]\n'
        for bad in ("0", "-1", "many", "²", "9" * 5000):
            done = cli(*run, "--max-threads", bad)
            assert done.returncode == 2
            assert f"--max-threads wants a number from 1, got {bad}\n" in done.stderr


def test_messages_that_were_kept_aside_are_looked_after(cli: Run, served: Served) -> None:
    home = str(served.home)
    served.end()
    journal = Journal(str(served.home / ".axon" / "journal.db"))
    seqs = [journal.accept("count", '{"_kind":"dict"}') for _ in range(3)]
    for seq in seqs:
        journal.finish(seq, "aside", "begun too often")
    journal.accept("gone", "1")
    journal.close()
    served.start()
    assert "1 messages wait for task gone" in cli("task", "log", "gone", home).stdout
    listed = cli("task", "aside", "count", home).stdout
    assert all(f"number: {seq}" in listed for seq in seqs)
    assert "kept aside:" in cli("task", "show", "count", home).stdout
    assert "no message 99" in cli("task", "aside", "count", "--drop", "99", home).stderr
    assert cli("task", "aside", "count", "--drop", str(seqs[0]), home).stdout == "1\n"
    assert cli("task", "aside", "count", "--retry", "all", home).stdout == "2\n"
    assert cli("task", "aside", "count", home).stdout == "[]\n"
    assert served.ask(do="send", id="count", msg={}, wait=True, timeout=LIMIT) == 3
    assert "last messages:" in cli("task", "show", "count", home).stdout
    assert cli("task", "aside", "double", home).stdout == "[]\n"


def test_one_message_to_a_durable_task(cli: Run, project: Path) -> None:
    assert cli("task", "run", str(project), "--to", "count", "--send", "{}").stdout == "1\n"


def test_clients_are_served_again_after_there_was_no_room(served: Served) -> None:
    """The service runs out of file descriptors and gets them back."""
    import resource
    import socket

    soft, hard = resource.prlimit(served.proc.pid, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{served.proc.pid}/fd"))
    resource.prlimit(served.proc.pid, resource.RLIMIT_NOFILE, (used, hard))
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(served.socket))
        log = served.home / ".axon" / "service.log"
        assert eventually(lambda: "can't be served" in log.read_text())
        resource.prlimit(served.proc.pid, resource.RLIMIT_NOFILE, (soft, hard))
        assert served.ask(do="ping")["pid"] == served.proc.pid


def test_requests_with_odd_members_get_an_answer(served: Served) -> None:
    for what in (
        {"id": ["x"]},
        {"id": "double", "wait": True, "timeout": "x"},
    ):
        with pytest.raises(axon.AxonError):
            served.ask(do="send", **what)
    assert served.ask(do="ping")["pid"] == served.proc.pid
