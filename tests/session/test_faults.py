"""What goes wrong in session code: exceptions, time-outs, ends of the interpreter, floods, children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from axon.errors import ArgErr, RemoteError, SessionClosed, SessionTimeout, StartError
from axon.session.manager import SessionManager
from axon.session.session import PySession
from tests.session.conftest import is_running, processes_with, wait_until

STUBBORN = """
import time
def stubborn():
    while True:
        try:
            time.sleep(100)
        except KeyboardInterrupt:
            print("not yet")
"""


# ---- exceptions


def test_exception_shows_the_users_lines_and_not_ours(session: PySession) -> None:
    session.exec("def f(x):\n    return 10 / x\n").eval("1")
    with pytest.raises(RemoteError) as caught:
        session.eval("f(0)")
    error = caught.value
    assert error.remote_type == "ZeroDivisionError"
    assert error.err["type"] == "py::ZeroDivisionError"
    assert error.err["dis"] == "division by zero"
    trace = error.err["pyTrace"]
    assert "line 2, in f" in trace
    assert "return 10 / x" in trace
    assert "pylib" not in trace


def test_exception_keeps_the_state(session: PySession) -> None:
    session.define("x", 5).eval("x")
    pid = session.pid
    with pytest.raises(RemoteError):
        session.exec("x = 6\nraise ValueError('no')").eval("x")
    assert session.eval("x") == 6
    assert session.pid == pid


def test_causes_and_groups_survive(session: PySession) -> None:
    session.exec(
        "def f():\n    try:\n        1 / 0\n    except Exception as e:\n        raise KeyError('k') from e\n"
    )
    with pytest.raises(RemoteError) as caught:
        session.eval("f()")
    assert "ZeroDivisionError" in caught.value.py_trace
    assert "direct cause" in caught.value.py_trace
    assert caught.value.remote_type == "KeyError"


def test_syntax_error_shows_the_place(session: PySession) -> None:
    with pytest.raises(RemoteError, match="invalid syntax") as caught:
        session.exec("a = 1\nb = = 2").eval("a")
    assert "b = = 2" in caught.value.py_trace
    assert caught.value.remote_type == "SyntaxError"


def test_exceptions_that_misbehave_are_still_reported(session: PySession) -> None:
    session.exec(
        "class Bad(Exception):\n    def __str__(self): raise RuntimeError('x')\ndef f(): raise Bad()"
    )
    with pytest.raises(RemoteError, match="no text"):
        session.eval("f()")
    with pytest.raises(RemoteError) as caught:
        session.eval("(_ for _ in ()).throw(ValueError('x' * 1000000))")
    assert len(caught.value.message) < 20000


def test_value_that_cannot_go_to_python_is_named(session: PySession) -> None:
    with pytest.raises(ArgErr, match=r"the value of odd cannot go to Python: .*object"):
        session.define("fine", 1).define("odd", object()).eval("1")
    assert session.eval("1") == 1


def test_value_that_contains_itself_is_refused(session: PySession) -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ArgErr, match=r"contains itself"):
        session.define("loop", loop).eval("1")
    with pytest.raises(RemoteError, match=r"contains itself"):
        session.exec("a = []; a.append(a)").eval("a")


def test_endless_generator_is_refused(session: PySession) -> None:
    with pytest.raises(RemoteError, match="endless"):
        session.exec("import itertools\nfrom pylib import native\nnative.MAX_ITEMS = 1000").eval(
            "(i for i in itertools.count())"
        )


def test_deep_recursion_is_an_exception(session: PySession) -> None:
    with pytest.raises(RemoteError, match="recursion"):
        session.exec("def f(): return f()").eval("f()")
    assert session.eval("1") == 1


# ---- time-outs


def test_timeout_interrupts_and_keeps_the_state(session: PySession) -> None:
    session.define("x", 5).eval("x")
    pid = session.pid
    for code in ("__import__('time').sleep(100)", "[0 for _ in iter(int, 1)]"):
        with pytest.raises(SessionTimeout, match=r"no result within 100ms; .* variables are kept"):
            session.eval(code, timeout=0.1)
    assert session.eval("x") == 5
    assert session.pid == pid


def test_timeout_kills_what_does_not_stop_and_says_so(manager: SessionManager) -> None:
    session = manager.open({"grace": 0.2}, keep=True)
    session.init(lambda s: s.exec("n = 1")).exec(STUBBORN).eval("1")
    pid = session.pid
    with pytest.raises(SessionTimeout, match="did not stop when interrupted: its interpreter was ended"):
        session.eval("stubborn()", timeout=0.1)
    assert wait_until(lambda: not is_running(pid), 1)
    assert session.eval("n") == 1
    assert session.pid != pid


def test_session_timeout_is_set_by_verb_and_option(manager: SessionManager) -> None:
    with pytest.raises(SessionTimeout):
        manager.open({"timeout": 0.1}).eval("__import__('time').sleep(100)")
    with pytest.raises(SessionTimeout):
        manager.open().timeout(0.1).eval("__import__('time').sleep(100)")


def test_interrupt_from_another_thread_stops_the_code(session: PySession, printed: list[str]) -> None:
    def stop() -> None:
        wait_until(lambda: "on\n" in printed)
        session.interrupt()

    helper = threading.Thread(target=stop)
    helper.start()
    with pytest.raises(RemoteError, match="KeyboardInterrupt"):
        session.exec("import time").eval("[print('on'), time.sleep(100)]")
    helper.join()
    assert session.eval("1") == 1


def test_interrupt_of_an_idle_session_does_nothing(session: PySession) -> None:
    session.eval("1")
    for _ in range(50):
        session.interrupt()
        assert session.eval("1 + 1") == 2


def test_interrupt_does_not_cut_output(session: PySession, printed: list[str]) -> None:
    session.exec("def f():\n    while True: print('x' * 50)").eval("1")
    for _ in range(5):
        with pytest.raises(SessionTimeout, match="variables are kept"):
            session.eval("f()", timeout=0.05)
    assert session.eval("2") == 2


def test_close_from_another_thread_ends_the_eval(session: PySession, printed: list[str]) -> None:
    def stop() -> None:
        wait_until(lambda: "on\n" in printed)
        session.close()

    helper = threading.Thread(target=stop)
    helper.start()
    with pytest.raises(SessionClosed):
        session.exec("import time").eval("[print('on'), time.sleep(100)]")
    helper.join()


def test_own_interrupt_stops_the_remote_code_and_keeps_the_session(session: PySession) -> None:
    """Ctrl-C in the host: the Python code stops, the session lives."""
    session.define("x", 3).eval("x")
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        session.eval("__import__('time').sleep(100)")
    timer.join()
    assert session.eval("x") == 3


# ---- ends


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("__import__('sys').exit(3)", r"ended its interpreter by exit\(3\)"),
        ("exit()", r"exit\(0\)"),
        ("__import__('os')._exit(7)", "exit code 7"),
        ("__import__('os').kill(__import__('os').getpid(), 9)", "signal 9 .*SIGKILL.*ran out of memory"),
        ("__import__('ctypes').string_at(0)", "SIGSEGV"),
        ("__import__('os').abort()", "SIGABRT"),
    ],
)
def test_end_of_the_interpreter_is_told_and_repaired(session: PySession, code: str, reason: str) -> None:
    session.init(lambda s: s.exec("n = 9")).eval("n")
    with pytest.raises(SessionClosed, match=reason):
        session.eval(code)
    assert session.eval("n") == 9


def test_interpreter_killed_while_idle_is_replaced(session: PySession) -> None:
    session.init(lambda s: s.exec("n = 9")).eval("n")
    pid = session.pid
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not is_running(pid))  # in a container the others end after the first process
    with pytest.raises(SessionClosed, match="SIGKILL"):
        session.eval("n")
    assert session.eval("n") == 9


def test_memory_limit_is_an_exception(manager: SessionManager) -> None:
    session = manager.open({"memory": "300m"}, keep=True)
    with pytest.raises(RemoteError) as caught:
        session.eval("len(bytearray(1 << 30))")
    assert caught.value.remote_type == "MemoryError"
    assert session.eval("1") == 1


def test_missing_interpreter_is_a_clear_error(manager: SessionManager, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"cannot start .*nowhere"):
        manager.open({"python": str(tmp_path / "nowhere")}).eval("1")


def test_interpreter_that_is_none_shows_its_words(manager: SessionManager, tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    fake.write_text("#!/bin/sh\necho I am no snake >&2\nexit 3\n")
    fake.chmod(0o755)
    with pytest.raises(StartError, match="ended before it called: I am no snake"):
        manager.open({"python": str(fake)}).eval("1")


def test_interpreter_that_is_too_old_tells_its_version(manager: SessionManager, tmp_path: Path) -> None:
    """A stand-in says so; the program for it must be one that an old Python can read."""
    fake = tmp_path / "old"
    fake.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "sys.version, sys.version_info = '3.7.16 (default)', (3, 7, 16, 'final', 0)\n"
        "sys.argv = sys.argv[sys.argv.index('-c') + 1 :]\nexec(sys.argv[0])\n"
    )
    fake.chmod(0o755)
    with pytest.raises(StartError, match=r"it is Python 3\.7\.16, and a session needs Python 3\.9 or later$"):
        manager.open({"python": str(fake)}).eval("1")


def test_interpreter_that_never_calls_is_ended(manager: SessionManager, tmp_path: Path) -> None:
    fake = tmp_path / "mute"
    fake.write_text("#!/bin/sh\nexec sleep 1000\n")
    fake.chmod(0o755)
    with pytest.raises(StartError, match="did not call within"):
        manager.open({"python": str(fake), "startTimeout": 0.3, "env": {"WHO": f"mute-{tmp_path}"}}).eval("1")
    assert wait_until(lambda: processes_with(f"mute-{tmp_path}") == [], 1)


# ---- output


def test_output_arrives_as_it_is_printed(session: PySession, printed: list[str]) -> None:
    seen: list[str] = []

    go = Path(session.eval("__import__('os').getcwd()")) / "go"

    def echo(text: str) -> None:
        seen.append(text)
        go.touch()

    code = "import os, sys\nprint('first')\nwhile not os.path.exists('go'): pass\n"
    code += "print('second', file=sys.stderr)"
    session.exec(code).eval("1", echo=echo)
    assert seen == ["first\n", "second\n"]


def test_output_below_python_is_shown(session: PySession, printed: list[str]) -> None:
    session.eval("__import__('os').system('echo from a shell; echo and its errors >&2')")
    session.eval("__import__('os').write(1, b'raw \\xc3\\xa4\\n')")
    assert "".join(printed) == "from a shell\nand its errors\nraw ä\n"


@pytest.mark.parametrize("code", ["print('x' * 99)", "__import__('os').write(2, b'x' * 99)"])
def test_floods_are_bounded(manager: SessionManager, printed: list[str], code: str) -> None:
    session = manager.open({"output": 5000}, keep=True)
    session.eval(f"[{code} for _ in range(20000)] and None")
    text = "".join(printed)
    assert len(text) < 200000
    assert text.startswith("xxxx")
    if "print" in code:
        assert text.count("output stopped") == 1
        assert len(text) < 6000
    printed.clear()
    session.eval("print('again')")
    assert "".join(printed) == "again\n"


def test_odd_writes_are_text(session: PySession, printed: list[str]) -> None:
    session.exec("import sys\nsys.stdout.write('no end')\nsys.stdout.flush()\nprint('\\ud800')").eval("1")
    assert "".join(printed).startswith("no end")
    assert session.eval("sys.stdout.isatty(), sys.stdout.fileno(), sys.stdout.encoding") == [
        False,
        1,
        "utf-8",
    ]
    with pytest.raises(RemoteError, match="must be str"):
        session.eval("sys.stdout.write(b'x')")


def test_standard_input_is_empty(session: PySession) -> None:
    with pytest.raises(RemoteError) as caught:
        session.eval("input()")
    assert caught.value.remote_type == "EOFError"


# ---- children


def test_forked_child_has_no_part_in_the_conversation(session: PySession, printed: list[str]) -> None:
    code = "import os\npid = os.fork()\nif pid == 0:\n    print('child')\n"
    code += "else:\n    os.waitpid(pid, 0)\n    print('parent')"
    assert session.exec(code).eval("pid > 0") is True
    assert sorted("".join(printed).split()) == ["child", "parent"]


def test_processes_of_session_code_end_with_it(session: PySession) -> None:
    session.exec(
        "import subprocess\n"
        "ps = [subprocess.Popen(['sleep', '1000'], start_new_session=i) for i in (False, True)]"
    )
    pids = session.eval("[p.pid for p in ps]")
    assert all(is_running(pid) for pid in pids)
    session.close()
    assert wait_until(lambda: not any(is_running(pid) for pid in pids), 1)


def test_daemons_do_not_get_away(session: PySession) -> None:
    code = """
    import os
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(3, 10)
            os.execvp("sleep", ["sleep", "1000"])
        os._exit(0)
    """
    marker = session.exec(code).eval("os.environ['TMPDIR']")
    assert wait_until(lambda: len(processes_with(marker)) >= 2)
    session.close()
    assert wait_until(lambda: processes_with(marker) == [], 1)


@pytest.mark.slow
def test_nothing_survives_the_death_of_the_host(tmp_path: Path) -> None:
    """SIGKILL of the host while its session computes, with a child that ignores what can be ignored."""
    script = textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from axon.session.manager import SessionManager
        s = SessionManager(io_dir={str(tmp_path)!r}).open(keep=True)
        print(s.eval("__import__('os').environ['TMPDIR']"), flush=True)
        s.exec("import os, signal, subprocess")
        s.exec("signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)")
        s.exec("subprocess.Popen(['sleep', '1000'], start_new_session=True)")
        s.exec("os.closerange(4, 4096)")
        s.eval("[0 for _ in iter(int, 1)]")
    """)
    host = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    marker = host.stdout.readline().strip()
    assert wait_until(lambda: len(processes_with(marker)) == 2)
    host.kill()
    host.wait()
    host.stdout.close()
    assert wait_until(lambda: processes_with(marker) == [], 5)


def test_private_directory_is_removed(session: PySession) -> None:
    code = "import os\nt = os.environ['TMPDIR']\nos.makedirs(t + '/a/b')\n"
    code += "os.chmod(t + '/a', 0)\nos.symlink('/etc', t + '/link')"
    temp = Path(session.exec(code).eval("t"))
    home = temp.parent
    assert home.stat().st_mode & 0o777 == 0o700
    session.close()
    assert not home.exists()
    assert Path("/etc").exists()


def test_host_is_quick_to_end_a_session(session: PySession) -> None:
    session.eval("1")
    start = time.monotonic()
    session.close()
    assert time.monotonic() - start < 2
