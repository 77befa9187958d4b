"""The prompt, as a person at a terminal has it."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import axon
from axon.cli.repl import is_unfinished

from .conftest import Run

pytestmark = pytest.mark.timeout(120)

LIMIT = 25


class Terminal:
    """The prompt in a pseudo terminal."""

    def __init__(self, home: Path, term: str = "xterm") -> None:
        self.fd, other = pty.openpty()
        env = {
            **os.environ,
            "TERM": term,
            "HOME": str(home),
            "XDG_STATE_HOME": str(home),
            "COLUMNS": "100",
        }
        self.proc = subprocess.Popen(
            [sys.executable, "-m", "axon"],
            stdin=other,
            stdout=other,
            stderr=other,
            env=env,
            start_new_session=True,
        )
        os.close(other)
        self.rest = ""

    def expect(self, text: str) -> str:
        """Read until `text` comes; returns what was read since the last call."""
        end = time.monotonic() + LIMIT
        while text not in self.rest:
            if time.monotonic() > end:
                raise AssertionError(f"no {text!r} in {self.rest!r}")
            self._read()
        before, _, self.rest = self.rest.partition(text)
        return before

    def answer(self, text: str) -> None:
        """Expect `text` as the result of what was typed, and the next prompt."""
        self.expect(f"\x1b[?2004l{text}\r\n")
        self.expect("axon>")

    def drain(self) -> None:
        """Read what comes until the other side has ended."""
        with contextlib.suppress(OSError):
            while self.proc.poll() is None:
                self._read()

    def _read(self) -> None:
        if select.select([self.fd], [], [], 0.2)[0]:
            data = os.read(self.fd, 65536).decode("utf-8", "replace")
            if "\x1b[6n" in data:  # the terminal is asked where its cursor is
                os.write(self.fd, b"\x1b[1;1R")
            self.rest += data

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.proc.kill()
    terminal.proc.wait(LIMIT)
    os.close(terminal.fd)


def test_prompt_keeps_variables_and_history(terminal: Terminal, tmp_path: Path) -> None:
    greeting = terminal.expect("axon>")
    assert "Python sessions" in greeting
    terminal.type("x: 40\r")
    terminal.answer("40")
    terminal.type("x + 2.5\r")
    terminal.answer("42.5")
    terminal.type("\x04")
    terminal.drain()
    assert terminal.proc.wait(LIMIT) == 0
    assert "x + 2.5" in (tmp_path / "axon" / "history").read_text()


def test_ctrl_c_stops_the_evaluation_and_not_the_prompt(terminal: Terminal) -> None:
    terminal.expect("axon>")
    terminal.type('y: 7; echo("be" + "gun"); (1..1000000000).each(n => n)\r')
    terminal.expect("begun")
    os.killpg(terminal.proc.pid, signal.SIGINT)
    terminal.expect("interrupted")
    terminal.expect("axon>")
    terminal.type("y * 3.5\r")
    terminal.answer("24.5")


def test_ctrl_c_stops_python_code_and_keeps_the_prompt(terminal: Terminal) -> None:
    terminal.expect("axon>")
    terminal.type("z: 1.5\r")
    terminal.answer("1.5")
    code = "import time; print('be' + 'gun', flush=True); time.sleep(60)"
    terminal.type(f'py().pyExec("{code}").pyEval("1")\r')
    terminal.expect("begun")
    start = time.monotonic()
    os.killpg(terminal.proc.pid, signal.SIGINT)
    terminal.expect("axon>")
    terminal.type("z + 1\r")
    terminal.answer("2.5")
    assert time.monotonic() - start < 30


def test_simple_terminal_gets_no_escape_sequences(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "dumb")
    terminal.expect("axon>")
    terminal.type("[{a: 1},\r")
    terminal.expect("...")
    terminal.type("{a: 2}].toGrid\r")
    terminal.expect("axon>")
    terminal.type("nope\r")
    page = terminal.expect("axon>")
    assert "EvalErr: Unknown symbol" in page
    assert "\x1b" not in page
    terminal.type("\x04")
    terminal.drain()
    assert terminal.proc.wait(LIMIT) == 0
    os.close(terminal.fd)


def test_pasted_lines_are_one_input(terminal: Terminal) -> None:
    terminal.expect("axon>")
    terminal.type("\x1b[200~f: (n) => do\r\n  m: n * 2\r\n\r\n  m + 1\r\nend\r\nf(20)\x1b[201~\r")
    terminal.answer("41")


@pytest.mark.parametrize("keys", ["\x03", "1 + \x03", "[1,\r\x03", "pad\t\x03"])
def test_ctrl_c_drops_what_was_typed(terminal: Terminal, keys: str) -> None:
    terminal.expect("axon>")
    terminal.type(keys)
    terminal.expect("\x1b[?2004l")
    terminal.expect("axon>")
    terminal.type("40 + 2.5\r")
    terminal.answer("42.5")


def test_unfinished_input_goes_on_in_the_next_line(terminal: Terminal) -> None:
    terminal.expect("axon>")
    terminal.type("[11,\r")
    terminal.expect("...")
    terminal.type("22].map(x => x + 1)\r")
    terminal.answer("[12, 23]")


@pytest.mark.parametrize("text", ["[1,", "do 1", "1 +", "f(", '"""a', "x =>", "if (a) b else", '"""a\n   b'])
def test_unfinished(text: str) -> None:
    assert is_unfinished(text + "\n")


@pytest.mark.parametrize("text", ["1 + 1", "1 +\n\n", "x: 5", ")", "1 2", "do 1 end", "", '"abc'])
def test_finished(text: str) -> None:
    assert not is_unfinished(text + "\n")


def test_commands_in_a_pipe(cli: Run) -> None:
    text = "x: 5\n[x,\n2]\nit.size\n:vars\n:nope\n?padl\n:time 1\n:show names x\n:help\n"
    text += "1 +\n\nnosuchname\n:quit\nno\n"
    done = cli("-i", stdin=text)
    assert done.returncode == 0
    assert done.stdout.startswith("5\n[5, 2]\n2\n")
    for part in ("x: 5", "padl(val", ":load FILE", "program"):
        assert part in done.stdout
    for part in ("no command :nope", "syntax error", "Unknown symbol"):
        assert part in done.stderr


def test_commands_that_are_misspelt_or_not_whole(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "f.axon").write_text("seven: () => 7\n")
    text = ":loda f.axon\n:load\n:time\n:load f: () => 1\n:load ~/f.axon\nseven()\n"
    done = cli("-i", stdin=text, env={"HOME": str(tmp_path)})
    assert done.stdout == "7\n"
    assert done.stderr.splitlines() == [
        "no command :loda, did you mean :load?",
        "usage: :load FILE",
        "usage: :time EXPR",
        "axon: f: () => 1: no such file or directory",
    ]


def test_docs_of_any_name(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "f.axon").write_text("trebled: (val) => val * 3\n")
    text = "size: 3\nf: x => x + 1\n?trebled\n? padl\n?size\n?f\n?trebed\n?--write\n?\n"
    done = cli("-i", "--load", "f.axon", stdin=text)
    for part in ("trebled(val)", "padl(val: Str", "size: 3", "size(val: Obj?)", "f: Func f()", "maths ("):
        assert part in done.stdout
    assert done.stderr == "no function trebed, did you mean trebled?\nno function --write\n"


@pytest.mark.parametrize("word", ["quit", "exit", ":q", " exit "])
def test_words_that_leave(cli: Run, word: str) -> None:
    done = cli("-i", stdin=f"1\n{word}\n2\n")
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)


def test_words_are_variables_when_they_were_defined(cli: Run) -> None:
    assert cli("-i", stdin="exit: 4\nexit\n").stdout == "4\n4\n"
    assert ":load FILE" in cli("-i", stdin="help\n").stdout


def test_prompt_after_a_program(cli: Run) -> None:
    assert cli("2 * 3", "-i", stdin="it\n").stdout == "6\n6\n"


def test_variables_of_the_program_stay(cli: Run, tmp_path: Path) -> None:
    assert cli("x: 40", "-i", stdin="x + 2\n").stdout == "40\n42\n"
    (tmp_path / "p.axon").write_text("f: (n) => n * 2\ny: args.size\n")
    assert cli("-i", "p.axon", "a", "b", stdin="f(y)\n").stdout == "2\n4\n"


def test_prompt_after_a_program_that_fails(cli: Run) -> None:
    done = cli("do x: 1; x + nope end", "-i", stdin="x\n")
    assert done.stdout == "1\n"
    assert "at expr:1:14" in done.stderr


def test_function_shows_its_source(cli: Run) -> None:
    assert cli("x => x + 1").stdout == "(x) => x + 1\n"
    assert cli("[x => x + 1, padl, 1..3]").stdout == "[(x) => x + 1, padl, 1..3]\n"
    assert cli('xstr("Foo", "a")').stdout == 'xstr("Foo", "a")\n'
    assert cli('py().pyEval("object()")').stdout.startswith("<object object at ")


def test_tab_completes_names_of_the_library_and_of_variables(terminal: Terminal) -> None:
    terminal.expect("axon>")
    terminal.type("kilowatts: 6\r")
    terminal.answer("6")
    terminal.type("parseNumb\t")
    terminal.expect("er")
    terminal.type('("7")\r')
    terminal.answer("7")
    terminal.type("kilow\t")
    terminal.expect("atts")
    terminal.type(" + 2.5\r")
    terminal.answer("8.5")


def test_completion_offers_functions_of_the_user_with_those_of_the_library() -> None:
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from axon.cli.options import Options
    from axon.cli.repl import Repl, _completer

    with axon.Runtime() as rt:
        rt.define("padding", "(x) => x")
        items = list(_completer(Repl(rt, Options())).get_completions(Document("1.pad"), CompleteEvent()))
    assert {"padl", "padr", "padding"} <= {item.text for item in items}
    assert next(i for i in items if i.text == "padl").display_meta_text
