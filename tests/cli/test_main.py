"""Programs, results, errors and exit codes of the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import LIMIT, Run


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        ("1 + 1", "2"),
        ('"a".upper', "A"),
        ("null", "null"),
        ("true", "true"),
        ("5kW * 2", "10kW"),
        ("2024-05-06 + 1day", "2024-05-07"),
        ("[1, 2, 3].map x => x * 2", "[2, 4, 6]"),
        ('{a, b: "x"}', '{a, b: "x"}'),
        ("-3", "-3"),
    ],
)
def test_expression_shows_its_value(cli: Run, expr: str, text: str) -> None:
    done = cli("-e", expr)
    assert (done.stdout, done.stderr, done.returncode) == (text + "\n", "", 0)
    assert cli(expr).stdout == done.stdout


def test_half_a_surrogate_pair_is_written_as_its_escape(cli: Run) -> None:
    for src in ('"a\\ud800"', 'echo("a\\ud800")', '"a\\ud800 \udcff"'):
        done = cli(src)
        assert (done.returncode, done.stdout[:7]) == (0, "a\\ud800"), done.stderr


def test_grid_is_a_table(cli: Run) -> None:
    done = cli('[{id: @a, kw: 1kW, n: "x"}, {id: @b, kw: 20kW}].toGrid')
    assert done.stdout.splitlines() == [
        "id    kw  n",
        "--  ----  -",
        "a    1kW  x",
        "b   20kW",
    ]


def test_short_durations_in_a_table_are_no_parts_of_an_hour(cli: Run) -> None:
    done = cli("[{a: 1.06485E-7hr, b: 1hr / 1e9, c: 1e-6hr, d: 500ns, e: -0.1ms}].toGrid")
    assert done.stdout.splitlines()[-1].split() == ["383.3µs", "3.6µs", "3.6ms", "500ns", "-100µs"]


def test_json_is_canonical(cli: Run) -> None:
    done = cli("--json", "[1, 2kW, 2024-01-01, null]")
    assert json.loads(done.stdout)[0] == 1
    assert len(done.stdout.splitlines()) == 1


def test_script_gets_its_arguments(cli: Run, tmp_path: Path) -> None:
    script = tmp_path / "greet.axon"
    script.write_text("#!/usr/bin/env axon\necho(args)\nargs.size\n")
    done = cli(str(script), "--json", "-x", "two words")
    assert done.stdout.splitlines()[-1] == "3"
    assert "two words" in done.stdout


def test_script_without_value_prints_nothing(cli: Run, tmp_path: Path) -> None:
    script = tmp_path / "quiet.axon"
    script.write_text("// nothing\nnull\n")
    assert cli(str(script)).stdout == ""
    script.write_text("")
    assert (cli(str(script)).stdout, cli(str(script)).returncode) == ("", 0)


def test_program_from_standard_input(cli: Run) -> None:
    assert cli("-", stdin="x: 4\nx * 2\n").stdout == "8\n"
    assert cli(stdin="1 + 2").stdout == "3\n"


def test_functions_are_loaded(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "f.axon").write_text("double: (x) => x * 2\n")
    assert cli("double(4)", "--load", "f.axon").stdout == "8\n"


def test_records_are_loaded(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "r.trio").write_text('id:@a\nsite\ndis:"A"\n---\nid:@b\npoint\n')
    assert cli("readAll(site).size", "--load", "r.trio").stdout == "1\n"


def test_records_that_can_not_be_read_name_their_file(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "good.trio").write_text("site\n")
    (tmp_path / "bad.zinc").write_text('ver:"3.0"\nid\n"open\n')
    done = cli("--load", "good.trio", "--load", "bad.zinc", "1")
    assert done.returncode == 1
    assert done.stderr.startswith("ParseErr: bad.zinc: ")


def test_zone_option(cli: Run) -> None:
    assert cli("--tz", "New_York", "now().tz").stdout == "New_York\n"
    done = cli("--tz", "Nowhere", "1")
    assert done.returncode == 2
    assert "Nowhere" in done.stderr


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["--frob"], "unknown option --frob"),
        (["--jsn", "1"], "did you mean --json?"),
        (["1", "2"], "one program at a time"),
        (["--show", "x", "1"], "--show wants"),
        (["--py", "x", "1"], "--py wants one of process, docker, attach, got x"),
        (["-e"], "wants a value"),
        (["image", "frob"], "got frob"),
        (["task", "frob"], "no command frob"),
    ],
)
def test_wrong_usage_ends_with_2(cli: Run, args: list[str], text: str) -> None:
    done = cli(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    command = f"{args[0]} " if args[0] in ("image", "task") else ""
    assert done.stderr.endswith(f"\nTry: axon {command}--help\n")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["nosuch.axon"], "nosuch.axon: no such file or directory"),
        (["some.axon"], "some.axon: is a directory"),
        (["./"], "./: is a directory"),
        (["--load", "nosuch.axon", "1"], "--load nosuch.axon: no such file or directory"),
        (["--load", "x => x", "1"], "--load x => x: no such file or directory"),
        (["--load", "some.axon", "1"], "--load some.axon: is a directory"),
        (["--io", "nosuch", "1"], "--io nosuch: no such directory"),
        (["check", "nosuch"], "nosuch: no such file or directory"),
        (["fmt", "nosuch"], "nosuch: no such file or directory"),
        (["task", "run", "nosuch"], "nosuch: no such file or directory"),
        (["task", "run", "some.axon"], "some.axon: no tasks.trio in this directory"),
        (["task", "list", "nosuch"], "nosuch: no such file or directory"),
        (["task", "log", "some.axon"], ".: no log there"),
    ],
)
def test_what_can_not_be_read_is_said(cli: Run, tmp_path: Path, args: list[str], text: str) -> None:
    (tmp_path / "some.axon").mkdir()
    done = cli(*args)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"axon: {text}\n")


def test_syntax_error_ends_with_3_and_shows_the_place(cli: Run, tmp_path: Path) -> None:
    script = tmp_path / "bad.axon"
    script.write_text("x: 5\ny: x + * 2\n")
    done = cli(str(script))
    assert done.returncode == 3
    assert "bad.axon:2:8" in done.stderr
    assert "2 | y: x + * 2\n    |        ^" in done.stderr


def test_failure_ends_with_1_and_shows_the_place(cli: Run, tmp_path: Path) -> None:
    script = tmp_path / "fails.axon"
    script.write_text("f: (x) => x + 2m\n\nf(3kW)\n")
    done = cli(str(script))
    assert done.returncode == 1
    assert "UnitErr" in done.stderr
    assert "fails.axon:1:11" in done.stderr
    assert "  in f (" in done.stderr


def test_unknown_name_gets_a_suggestion(cli: Run) -> None:
    done = cli("readAl(site)")
    assert done.returncode == 1
    assert "did you mean readAll?" in done.stderr


def test_what_is_not_utf8_is_said(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "latin.axon").write_bytes(b'"caf\xe9"\n')
    done = cli("latin.axon")
    assert (done.returncode, "not UTF-8" in done.stderr) == (2, True)


def test_time_limit(cli: Run) -> None:
    start = time.monotonic()
    done = cli("--timeout", "200ms", "(1..1000000000).each(x => x)")
    assert done.returncode == 1
    assert "EvalTimeoutErr" in done.stderr
    assert time.monotonic() - start < 20


def started(program: str, *before: str, **env: str) -> subprocess.Popen[str]:
    """A process that runs a program and has printed `ready`; `before` are words in front of its command."""
    proc = subprocess.Popen(
        [*before, sys.executable, "-m", "axon", program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
    )
    assert proc.stdout is not None
    assert proc.stdout.readline() == "ready\n"
    return proc


ENDLESS = 'echo("ready"); (1..1000000000).each(x => x)'


def test_interrupt_ends_with_130() -> None:
    proc = started(f"do {ENDLESS} end")
    proc.send_signal(signal.SIGINT)
    _, err = proc.communicate(timeout=LIMIT)
    assert (proc.returncode, err) == (130, "axon: interrupted\n")


@pytest.mark.parametrize(
    "work", [ENDLESS, 'py().pyExec("import time; print(\\"ready\\")").pyEval("time.sleep(100)")']
)
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_it_leaves_nothing_behind(tmp_path: Path, name: str, work: str) -> None:
    number = signal.Signals[name]
    first = 'ioWriteStr("x", `io/x.txt`); py({pool: 1}).pyEval("1")'
    proc = started(f"do {first}; {work} end", TMPDIR=str(tmp_path))
    assert list(tmp_path.glob("axon-*/io/x.txt"))
    proc.send_signal(number)
    _, err = proc.communicate(timeout=LIMIT)  # its end is that of all that share its streams
    assert (proc.returncode, err) == (128 + number, "")
    assert not list(tmp_path.iterdir())


def test_a_signal_that_is_ignored_stays_so() -> None:
    proc = started(f"do {ENDLESS} end", "nohup")
    proc.send_signal(signal.SIGHUP)
    proc.send_signal(signal.SIGTERM)
    proc.communicate(timeout=LIMIT)
    assert proc.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    "args",
    [
        "'(1..20000).toList.map(n => {n: n}).toGrid'",
        "'(1..100000).each(n => echo(n))'",
        """'py().pyExec("for i in range(100000): print(i)").pyEval("1")'""",
        "docs",
        "-i < <(yes 12345 | head -20000)",
        "-i 2>&1 < <(yes nope | head -20000)",
    ],
)
def test_closed_pipe_is_no_error(args: str) -> None:
    command = f"{sys.executable} -m axon {args} | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.stdout in ("141\n", "0\n"), done.stderr) == (True, "")


@pytest.mark.parametrize("args", [["-"], ["-i"], ["fmt", "-"]])
@pytest.mark.parametrize("locale", ["C.UTF-8", "C", "en_US.ISO-8859-1"])
def test_standard_input_is_utf8_with_any_line_ends(cli: Run, args: list[str], locale: str) -> None:
    env = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}
    done = cli(*args, stdin='\ufeff"ä€😀"\r\n', env=env)
    text = "ä€😀" if args == ["-"] else '"ä€😀"'
    assert (done.stdout, done.stderr, done.returncode) == (text + "\n", "", 0)


@pytest.mark.parametrize(
    ("args", "page"),
    [
        (["-"], (2, b"", b"axon: stdin: not UTF-8 text (line 2)\n")),
        (["fmt", "-"], (2, b"", b"axon: stdin: not UTF-8 text (line 2)\n")),
        (["-i"], (0, b"1\n3\n", b"axon: not UTF-8 text\n")),
    ],
)
def test_standard_input_that_is_not_utf8(args: list[str], page: object) -> None:
    command = [sys.executable, "-m", "axon", *args]
    done = subprocess.run(command, input=b"1\n\xff\n3\n", capture_output=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == page


def test_what_is_no_regular_file_is_a_script_too(cli: Run) -> None:
    assert cli("/dev/stdin", stdin="2 * 3\n").stdout == "6\n"


@pytest.mark.parametrize("word", ["nosuch/file", "./nosuch", "nosuch.trio", "~/nosuch"])
def test_a_file_that_is_not_there_is_no_riddle(cli: Run, word: str) -> None:
    done = cli(word)
    assert done.returncode in (1, 3)
    assert done.stderr.endswith(f"  hint: there is no file {word}\n")


def test_page_has_no_control_characters(cli: Run) -> None:
    assert cli('1 + nope("\x1b[31m\ta")').stderr.split("\n")[2] == '  1 | 1 + nope("·[31m\ta")'


@pytest.mark.parametrize("stage", ["tree", "names", "python", "code"])
def test_stages_are_shown(cli: Run, stage: str) -> None:
    done = cli("--show", stage, "f: (a) => a + 1; f(2)")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_stages_are_those_of_the_code_that_runs(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "f.axon").write_text("foo: (x) => x + 1\n")
    done = cli("--load", "f.axon", "--show", "python", "foo(1)")
    assert (done.returncode, "_u_foo.c1(1)" in done.stdout, "_free" in done.stdout) == (0, True, False)
    prompt = cli("-i", "--load", "f.axon", stdin="x: 5\n:show python foo(x + 1)\n").stdout
    assert "_u_foo.c1(" in prompt
    assert "_free" not in prompt


@pytest.mark.parametrize("stage", ["tree", "names", "python", "code"])
def test_stages_of_a_deep_program(cli: Run, stage: str) -> None:
    done = cli("--show", stage, f"do {'try do ' * 30} 1 {'end catch 2 ' * 30} end")
    assert done.returncode in (0, 3)
    assert "Traceback" not in done.stderr


def test_version_and_help(cli: Run) -> None:
    assert cli("--version").stdout.startswith("axon 0.")
    assert "Usage:" in cli("--help").stdout
    assert cli("help").stdout == cli("--help").stdout
    assert cli("help", "fmt").stdout == cli("fmt", "--help").stdout
    for command in ("check", "fmt", "docs", "doctor", "image", "task"):
        done = cli(command, "--help")
        assert (done.returncode, f"axon {command}" in done.stdout) == (0, True)
