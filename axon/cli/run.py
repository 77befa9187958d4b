"""Run a script or an expression, and show what comes out."""

from __future__ import annotations

import os
import sys

from axon.cli.options import InputError, Options, UsageError, is_script, near_command, os_reason

TYPE_CHECKING = False  # as in `typing`, whose import would cost a third of the start
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from axon.engine import Runtime

__all__ = ["drop_output", "make_runtime", "program_of", "read_input", "run", "seconds_of"]


def run(options: Options) -> int:
    """Run the program of the command line; returns the exit code."""
    name, text, script = program_of(options)
    with make_runtime(options, os.path.dirname(name) if script else None) as rt:
        if options.show is not None:
            return _show(rt, options, name, text)
        if not options.interactive:
            return _evaluate(rt, options, name, text, quiet=script)
        from axon.cli.repl import Repl

        prompt = Repl(rt, options)
        prompt.start_with(text, name)
        return prompt.loop()


def program_of(options: Options) -> tuple[str, str, bool]:
    """Name and text of the program, and whether it is a script.

    Raises:
        InputError: there is no such file, or it is not text.
    """
    if options.text is not None:
        return "expr", options.text, False
    program = "-" if options.program is None else options.program
    if program == "-":
        return "stdin", read_input(sys.stdin.read), True
    if not is_script(program):
        return "expr", program, False
    try:
        with open(program, encoding="utf-8-sig") as f:
            return program, f.read(), True
    except UnicodeDecodeError as e:
        raise InputError(f"{program}: not UTF-8 text (byte {e.start})") from e
    except OSError as e:
        raise InputError(f"{program}: {os_reason(e)}") from e


def read_input(read: Callable[[], str]) -> str:
    """What `read` takes from standard input.

    Raises:
        InputError: it is not UTF-8 text.
    """
    text = read()
    try:
        text.encode()
    except UnicodeEncodeError as e:  # bytes that are no text were read as halves of surrogate pairs
        line = text.count("\n", 0, e.start) + 1
        raise InputError(f"stdin: not UTF-8 text (line {line})") from e
    return text


def _show(rt: Runtime, options: Options, name: str, text: str) -> int:
    from axon.cli.show import show
    from axon.errors import AxonError
    from axon.source import Source

    try:
        show(options.show or "", Source(name, text), rt.known, ["args"])
    except AxonError as e:
        from axon.cli.report import report

        return report(e, trace=options.trace)
    return 0


def _evaluate(rt: Runtime, options: Options, name: str, text: str, *, quiet: bool) -> int:
    from axon.cli.render import show_value

    try:
        val = rt.run(text, name, {"args": options.args})
    except Exception as e:
        from axon.cli.report import report

        code = report(e, trace=options.trace)
        hint = "" if quiet else _word_hint(text)
        if hint:
            print(f"  hint: {hint}", file=sys.stderr)
        return code
    show_value(val, as_json=options.json, null=not quiet)
    return 0


def _word_hint(word: str) -> str:
    """What an expression that failed may have been meant for: a command, a file."""
    import re

    close = near_command(word) if word.isidentifier() else ""
    if close:
        return f"there is a command axon {close}"
    endings = (".trio", ".zinc", ".json", ".csv", ".txt", ".py")
    is_path = "/" in word or word[:1] in (".", "~") or word.endswith(endings)
    return f"there is no file {word}" if is_path and re.fullmatch(r"[\w.~/-]+", word) else ""


def make_runtime(options: Options, home: str | None = None) -> Runtime:
    """The runtime that the options ask for, with what they load; `home` is the directory of the script.

    Raises:
        InputError: a directory or file that is not there.
        UsageError: a value that an option can't have, such as an unknown zone.
    """
    from axon.engine import Runtime

    kwargs: dict[str, Any] = {"io": _io_dir(options, home), "echo": _echo}
    given = {"tz": options.tz, "locale": options.locale, "py_backend": options.py}
    kwargs |= {key: val for key, val in given.items() if val is not None}
    if options.state is not None:
        kwargs["state"] = options.state
        kwargs["full_sync"] = options.full_sync
    if options.timeout is not None:
        kwargs["time_limit"] = seconds_of(options.timeout)
    if options.linger is not None:
        kwargs["ephemeral_linger"] = seconds_of(options.linger)
    if options.max_threads is not None:
        kwargs["max_threads"] = _count_of("--max-threads", options.max_threads)
    _check_zone(options.tz)
    _check_backend(options.py)
    rt = Runtime(**kwargs)
    rt.shell = True
    try:
        _load(rt, options.load)
    except BaseException:
        rt.close()
        raise
    return rt


def _echo(text: str) -> None:
    """Write what a program prints; when nobody reads any more, the program ends."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        from threading import current_thread, main_thread

        if current_thread() is not main_thread():
            raise
        drop_output()
        raise SystemExit(141) from None


def drop_output() -> None:
    """The reader went away: keep the interpreter from complaining when it closes the pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _io_dir(options: Options, home: str | None) -> str | None:
    if options.io is not None:
        if not os.path.isdir(options.io):
            raise InputError(f"--io {options.io}: no such directory")
        return options.io
    beside = os.path.join(home or ".", "io")
    return beside if os.path.isdir(beside) else None


def _check_zone(tz: str | None) -> None:
    if tz is None:
        return
    from axon.errors import AxonError
    from axon.values.times import zone

    try:
        zone(tz)
    except AxonError as e:
        raise UsageError(f"--tz {tz}: {e}") from e


def _count_of(option: str, text: str) -> int:
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not found:
        raise UsageError(f"{option} wants a number from 1, got {text}")
    return found


def _check_backend(name: str | None) -> None:
    if name is None:
        return
    from axon.session.options import BACKENDS

    if name not in BACKENDS:
        raise UsageError(f"--py wants one of {', '.join(BACKENDS)}, got {name}")


def seconds_of(text: str) -> float:
    """A duration on the command line in seconds: `30sec`, `2min`, or a plain number of seconds.

    Raises:
        UsageError: it is none.
    """
    from axon.errors import AxonError
    from axon.syntax.parser import parse
    from axon.values.units import to_timedelta_ns

    try:
        found = float(text)
    except ValueError:
        try:
            found = to_timedelta_ns(parse(text).val) / 1e9  # type: ignore[attr-defined]
        except (AxonError, AttributeError):
            found = -1.0
    if not 0 <= found < float("inf"):
        raise UsageError(f"not a duration: {text} (such as 30sec)")
    return found


def _load(rt: Runtime, paths: Sequence[str]) -> None:
    for path in paths:
        try:
            os.stat(path)  # `load` takes what is no path for the content of a file
            rt.load(path)
        except OSError as e:
            raise InputError(f"--load {path}: {os_reason(e)}") from e
