"""The command line: which command, which options. Each command is a file of its own, read when used.

Start-up is counted in milliseconds here, so arguments are read by hand and nothing is imported early.
Exit codes: 0 done, 1 the program failed, 2 wrong usage, 3 not Axon, 130 stopped by Ctrl-C, 129 and 143 by the
signals HUP and TERM, 70 our fault.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found] # `signal` builds enums, which costs start-up
import sys

from axon.cli.options import COMMANDS, InputError, Options, UsageError, parse_args

TYPE_CHECKING = False  # as in `typing`, whose import would cost a third of the start
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

__all__ = ["main"]


#: Calls nested deeper are an Axon error; beyond about twice this the C stack of 8 MB could overflow.
RECURSION_LIMIT = 5000


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; `argv` without the program name. Returns the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    _fill_streams()
    _utf8()
    _leave_in_order()
    try:
        return _dispatch(args)
    except UsageError as e:
        print(f"axon: {e}{_advice(e, args)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("axon: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        from axon.cli.run import drop_output

        drop_output()
        return 141
    except Exception as e:
        from axon.cli.report import report

        return report(e)


def _advice(error: UsageError, args: Sequence[str]) -> str:
    """Where to read what is right, if the usage was wrong."""
    if isinstance(error, InputError):
        return ""
    return f"\nTry: axon {args[0]} --help" if args and args[0] in COMMANDS else "\nTry: axon --help"


def _leave_in_order() -> None:
    """Let signals that end the process take the way of an exception: sessions and temporary files end too."""
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:  # a parent may have it ignored, as `nohup` does
                signal.signal(number, _on_end)
    except ValueError:  # called by another thread than the main one: signals are not ours
        return


def _on_end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _dispatch(args: list[str]) -> int:
    command = args[0] if args else ""
    if command == "help" and len(args) <= 2:
        from axon.cli.usage import print_help

        return print_help(args[-1])
    if command in COMMANDS and command != "run":
        return _command(command, args[1:])
    if command == "run":
        args = args[1:]
    options = parse_args(args)
    if options.help or options.version:
        from axon.cli.usage import print_help, print_version

        return print_version() if options.version else print_help("run" if command == "run" else "")
    return _run(options)


def _command(command: str, args: list[str]) -> int:
    if any(a in ("-h", "--help") for a in args):
        from axon.cli.usage import print_help

        return print_help(command)
    from importlib import import_module

    module = import_module(f"axon.cli.{COMMANDS[command]}")
    code: int = getattr(module, f"{command.replace('-', '_')}_command")(args)
    return code


def _run(options: Options) -> int:
    if options.program is None and options.text is None and (options.interactive or sys.stdin.isatty()):
        from axon.cli.repl import repl

        return repl(options)
    from axon.cli.run import run

    return run(options)


def _fill_streams() -> None:
    """Who starts without standard streams (`2>&-`) gets empty ones: no other file must have their numbers."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open("/dev/null", "r" if name == "stdin" else "w"))


def _utf8() -> None:
    """Axon text is UTF-8 whatever the locale says; half a surrogate pair is written as its escape."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if hasattr(sys.stdin, "reconfigure"):  # what is no UTF-8 is told with its place, see `read_input`
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline=None)


if __name__ == "__main__":
    sys.exit(main())
