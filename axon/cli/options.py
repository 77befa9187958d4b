"""What the command line of a run says. Read by hand: `argparse` alone costs half of an empty Python start."""

from __future__ import annotations

__all__ = [
    "COMMANDS",
    "SHOW_STAGES",
    "InputError",
    "Options",
    "UsageError",
    "near_command",
    "os_reason",
    "parse_args",
    "parse_into",
]

#: Command → module of this folder that has `<command>_command(args)`.
COMMANDS = {
    "run": "run",
    "check": "check",
    "fmt": "check",
    "docs": "docs",
    "doctor": "doctor",
    "image": "image",
    "task": "tasks",
}
SHOW_STAGES = ("tree", "names", "python", "code")


class UsageError(Exception):
    """The command line can't be understood; the message says why."""


class InputError(UsageError):
    """The command line is understood, but a file or service that it names can't be used."""


def os_reason(error: OSError) -> str:
    """Why the system refuses, in the style of our own messages."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


class Options:
    """Options of a run. `program` is a path or text, `text` what `-e` gave; at most one is set."""

    __slots__ = (
        "args", "full_sync", "help", "interactive", "io", "json", "linger", "load", "locale", "max_threads",
        "program", "py", "show", "state", "text", "timeout", "trace", "tz", "version",
    )  # fmt: skip

    def __init__(self) -> None:
        self.program: str | None = None
        self.text: str | None = None
        self.args: list[str] = []
        self.load: list[str] = []
        self.io: str | None = None
        self.tz: str | None = None
        self.locale: str | None = None
        self.py: str | None = None
        self.timeout: str | None = None
        self.show: str | None = None
        self.state: str | None = None
        self.max_threads: str | None = None
        self.linger: str | None = None
        self.full_sync = False
        self.interactive = False
        self.json = False
        self.trace = False
        self.help = False
        self.version = False


_FLAGS = {
    "-i": "interactive",
    "--interactive": "interactive",
    "--json": "json",
    "--full-sync": "full_sync",
    "--trace": "trace",
    "-h": "help",
    "--help": "help",
    "-V": "version",
    "--version": "version",
}
_VALUES = {
    "-e": "text",
    "--eval": "text",
    "--load": "load",
    "--io": "io",
    "--tz": "tz",
    "--locale": "locale",
    "--py": "py",
    "--timeout": "timeout",
    "--show": "show",
    "--state": "state",
    "--max-threads": "max_threads",
    "--linger": "linger",
}


def parse_args(args: list[str]) -> Options:
    """Read the arguments of a run: options, then the program, then (for a script) its own arguments.

    Options may also follow an expression (`axon 'expr' -i`); after a script everything is the script's.

    Raises:
        UsageError: an unknown option, a missing or wrong value.
    """
    out = Options()
    parse_into(out, args)
    return out


def parse_into(out: Options, args: list[str], *, script: bool = True) -> None:
    """Read arguments into options that exist; see `parse_args`. `script`: what follows a file is for it."""
    rest = list(args)
    while rest:
        arg = rest.pop(0)
        if arg == "--":
            _take_program(out, rest)
            break
        if not arg.startswith("-") or arg == "-" or _is_negative(arg):
            if _take_positional(out, arg, rest, script):
                break
            continue
        _take_option(out, arg, rest)
    if out.show is not None and out.show not in SHOW_STAGES:
        raise UsageError(f"--show wants one of {', '.join(SHOW_STAGES)}, got {out.show}")


def _is_negative(arg: str) -> bool:
    return arg[1:2].isdigit()


def _take_positional(out: Options, arg: str, rest: list[str], script: bool) -> bool:
    """Take a word that is no option; True when all that follows belongs to a script."""
    if out.text is not None:
        out.args.append(arg)
        return False
    if out.program is not None:
        close = near_command(out.program)
        if close:
            raise UsageError(f"unknown command {out.program}, did you mean {close}?")
        raise UsageError(
            f"one program at a time: {arg!r} follows {_short(out.program)!r} (quote the expression)"
        )
    out.program = arg
    if script and is_script(arg):
        out.args = rest.copy()
        return True
    return False


def _take_program(out: Options, rest: list[str]) -> None:
    if out.program is None and out.text is None and rest:
        out.program = rest.pop(0)
    out.args += rest


def _take_option(out: Options, arg: str, rest: list[str]) -> None:
    name, eq, val = arg.partition("=")
    if name in _FLAGS and not eq:
        setattr(out, _FLAGS[name], True)
        return
    if name not in _VALUES:
        raise UsageError(f"unknown option {name}{_like(name)}")
    if not eq:
        if not rest:
            raise UsageError(f"{name} wants a value")
        val = rest.pop(0)
    attr = _VALUES[name]
    if attr == "load":
        out.load.append(val)
    else:
        setattr(out, attr, val)


def is_script(word: str) -> bool:
    """Whether a word on the command line names a file and is not itself Axon text."""
    import os.path

    if word == "-" or word.endswith(".axon"):
        return True
    if "\n" in word or "\0" in word or len(word) > 4096:
        return False
    return os.path.exists(word) and ("/" in word or not os.path.isdir(word))


def near_command(word: str) -> str:
    """The command that a misspelt word may mean, or an empty text."""
    from difflib import get_close_matches

    return (get_close_matches(word, COMMANDS, 1, 0.7) or [""])[0]


def _like(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, [*_FLAGS, *_VALUES], 1)
    return f", did you mean {close[0]}?" if close else ""


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
