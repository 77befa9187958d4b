"""The interactive prompt: history, several lines, completion; Ctrl-C stops the evaluation, not the prompt."""

from __future__ import annotations

import os
import sys
import time
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axon.cli.options import InputError, Options
from axon.cli.render import show_value
from axon.cli.report import report
from axon.cli.run import read_input
from axon.errors import AxonSyntaxError
from axon.own import make_dir, state_dir
from axon.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prompt_toolkit.completion import CompleteEvent, Completion
    from prompt_toolkit.document import Document

    from axon.engine import Runtime

__all__ = ["Repl", "is_unfinished", "repl"]

HELP = """\
An expression shows its value; `name: expression` keeps it; `it` is the last value.
  ?name          documentation of a function         ?            all functions, by domain
  :load FILE     functions or records of a file      :show STAGE EXPR   tree, names, python or code
  :vars          the variables of this prompt        :time EXPR   evaluate and tell how long it took
  :help          this text                           :quit        leave (or Ctrl-D)
Ctrl-C stops what is running and keeps the variables. An unfinished expression goes on in the next line.
"""


def repl(options: Options) -> int:
    """Start the prompt; returns the exit code."""
    from axon.cli.run import make_runtime

    with make_runtime(options) as rt:
        return Repl(rt, options).loop()


def is_unfinished(text: str) -> bool:
    """Whether more lines may make `text` legal: it is wrong only at its very end."""
    from axon.syntax.parser import parse_program

    try:
        parse_program(text)
    except AxonSyntaxError as e:
        if text.endswith("\n\n") or not e.loc:
            return False
        lines = text.rstrip().split("\n")
        if (e.loc.line, e.loc.col) >= (len(lines), len(lines[-1]) + 1):
            return True
        open_string = lines[e.loc.line - 1][e.loc.col - 1 :].startswith('"""')
        return e.message.startswith("Unexpected end of " + ("str" if open_string else "file"))
    return False


class Repl:
    """One prompt over one runtime; what is defined stays."""

    def __init__(self, rt: Runtime, options: Options) -> None:
        self.rt = rt
        self.options = options
        self.inputs = rt.repl()
        self.inputs.set("args", options.args)

    def loop(self) -> int:
        """Read, evaluate, print, until the end of input."""
        read = self._reader()
        self._greet()
        while True:
            try:
                text = read()
            except EOFError:
                return 0
            except KeyboardInterrupt:
                continue
            except InputError:
                print("axon: not UTF-8 text", file=sys.stderr)
                continue
            if text.strip() and not self.handle(text.strip("\n")):
                return 0

    def start_with(self, text: str, name: str) -> None:
        """Run a program first; its variables stay."""
        self._guard(lambda: self._evaluate(text, name))

    def handle(self, text: str) -> bool:
        """Do what one input says; False when it says to leave."""
        word, _, rest = text.strip().partition(" ")
        if not rest and word in _WORDS and word not in self.inputs.variables:
            word = _WORDS[word]
        if word in (":quit", ":q", ":exit"):
            return False
        if word.startswith("?"):
            self._guard(lambda: self._docs(text.strip()[1:].strip()))
        elif word in _COMMANDS:
            self._guard(lambda: _COMMANDS[word](self, rest.strip()))
        elif word.startswith(":"):
            close = get_close_matches(word, _COMMANDS, 1)
            advice = f", did you mean {close[0]}?" if close else "; :help lists them"
            print(f"no command {word}{advice}", file=sys.stderr)
        else:
            self._guard(lambda: self._evaluate(text))
        return True

    def names(self) -> Iterable[str]:
        """What may be completed: variables, functions of the user and the library, keywords."""
        from axon.cli.lexer import KEYWORDS
        from axon.cli.report import library_names

        return sorted({*self.inputs.variables, *self.rt.top_names(), *library_names(), *KEYWORDS})

    def _evaluate(self, text: str, name: str = "") -> None:
        val = self.inputs.eval(text, name)
        self.inputs.set("it", val)
        show_value(val, as_json=self.options.json, quote=True, null=False)

    def _guard(self, fn: Callable[[], object]) -> None:
        try:
            fn()
        except KeyboardInterrupt:
            print("\ninterrupted", file=sys.stderr)
        except BrokenPipeError:  # nobody sees what comes out
            raise
        except Exception as e:
            report(e, trace=self.options.trace or self.rt.show_trace, names=self.inputs.variables)

    # Commands

    def _docs(self, name: str) -> None:
        from axon.cli.docs import overview, show_docs
        from axon.lib import find
        from axon.values.show import preview

        if not name:
            print(overview())
            return
        variables = self.inputs.variables
        if name in variables:
            print(f"{name}: {preview(variables[name], 80)}")
        if self.rt.top_function(name) is not None:
            self.rt.eval("help(name)", name=name)
        elif name not in variables or find(name) is not None:
            show_docs([name], [*variables, *self.rt.top_names()])

    def _load(self, path: str) -> None:
        if not path:
            print("usage: :load FILE", file=sys.stderr)
            return
        path = os.path.expanduser(path)
        os.stat(path)  # `load` takes what is no path for the content of a file
        self.rt.load(path)

    def _vars(self, _rest: str) -> None:
        from axon.values.show import preview

        for name, val in sorted(self.inputs.variables.items()):
            print(f"{name}: {preview(val, 80)}")

    def _time(self, text: str) -> None:
        if not text:
            print("usage: :time EXPR", file=sys.stderr)
            return
        start = time.perf_counter()
        self._evaluate(text)
        print(f"{(time.perf_counter() - start) * 1000:.3f} ms", file=sys.stderr)

    def _show(self, rest: str) -> None:
        from axon.cli.options import SHOW_STAGES
        from axon.cli.show import show

        stage, _, text = rest.partition(" ")
        if stage not in SHOW_STAGES or not text:
            print(f"usage: :show {'|'.join(SHOW_STAGES)} EXPR", file=sys.stderr)
            return
        show(stage, Source("expr", text), self.rt.known, sorted(self.inputs.variables), self.inputs.tag)

    def _help(self, _rest: str) -> None:
        print(HELP, end="")

    # Input

    def _greet(self) -> None:
        if not sys.stdin.isatty():
            return
        from axon import __version__
        from axon.session.manager import isolation_notice

        print(f"axon {__version__} — :help for help, Ctrl-D to leave")
        print(isolation_notice(self.options.py))

    def _reader(self) -> Callable[[], str]:
        if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
            return _read_plain
        from prompt_toolkit import PromptSession
        from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
        from prompt_toolkit.history import FileHistory
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.lexers import PygmentsLexer

        from axon.cli.lexer import AxonLexer

        keys = KeyBindings()

        @keys.add("enter")
        def _enter(event: Any) -> None:
            buffer = event.current_buffer
            text = buffer.document.text
            if not text.lstrip().startswith((":", "?")) and is_unfinished(text + "\n"):
                buffer.insert_text("\n")
            else:
                buffer.validate_and_handle()

        session: PromptSession[str] = PromptSession(
            "axon> ",
            multiline=True,
            prompt_continuation="  ... ",
            history=FileHistory(str(history_path())),
            auto_suggest=AutoSuggestFromHistory(),
            completer=_completer(self),
            complete_while_typing=False,
            lexer=PygmentsLexer(AxonLexer),
            key_bindings=keys,
        )
        return session.prompt


#: What who knows other prompts types to get help or to leave.
_WORDS = {"help": ":help", "quit": ":quit", "exit": ":quit"}

_COMMANDS: dict[str, Callable[[Repl, str], None]] = {
    ":load": Repl._load,
    ":vars": Repl._vars,
    ":time": Repl._time,
    ":show": Repl._show,
    ":help": Repl._help,
}


def _read_plain() -> str:
    """Lines of a pipe or simple terminal, until they make an expression."""
    prompt = "axon> " if sys.stdin.isatty() else ""
    text = read_input(lambda: input(prompt))
    while is_unfinished(text + "\n"):
        try:
            text += "\n" + read_input(lambda: input("  ... " if prompt else ""))
        except EOFError:
            break
    return text


def history_path() -> Path:
    """Where the prompt keeps its history: below XDG_STATE_HOME, readable by its owner only."""
    folder = state_dir()
    if not folder:
        return Path(os.devnull)
    path = Path(folder) / "history"
    try:
        make_dir(folder)
        path.touch(0o600)
    except OSError:
        return Path(os.devnull)
    return path


def _completer(prompt: Repl) -> Any:
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.completion import Completion as Item

    class Names(Completer):
        def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
            word = document.get_word_before_cursor(WORD=False)
            if word and (word[0].isalpha() or word[0] == "_"):
                for name in prompt.names():
                    if name.startswith(word):
                        yield Item(name, -len(word), display_meta=_summary(name))

    return Names()


def _summary(name: str) -> str:
    from axon.lib import find

    b = find(name)
    return b.summary if b is not None else ""
