"""Pytest plugin: an `axon` fixture, and tests written in Axon.

A test file holds cases, cut by lines of `---`. A line says what comes out when the case has been evaluated
up to its end (`//=> value`) or that it fails there (`//! Kind "regexp"`):

    // case: unlike units do not add
    3kW + 2m                    //! UnitErr "kW.*m"
    ---
    // case: the last line is the value
    x: 4
    x * 2                       //=> 8

`// case: name` names a case, `// xfail: why` says that it is known to fail, `// with: admin` gives it the
admin role; before the first case they count for the whole file. Every case that can be read runs twice: as
it is written, and after its tree was printed and read again. Files named by the setting `axon_files` are
collected, and any `.axon` file given on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from axon.cli.cases import Case, split_cases

if TYPE_CHECKING:
    from axon.engine import Runtime

__all__ = ["AxonCase", "AxonFile", "Failure"]

_ERROR = re.compile(r'^(?P<kind>[A-Za-z]\w*)(?:\s+"(?P<text>(?:[^"\\]|\\.)*)")?\s*$')


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting `axon_files`."""
    parser.addini(
        "axon_files",
        "glob patterns of files with tests written in Axon",
        type="args",
        default=["test_*.axon", "*_test.axon"],
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> AxonFile | None:
    """Collect `.axon` files that hold tests."""
    if file_path.suffix != ".axon":
        return None
    patterns = parent.config.getini("axon_files")
    if parent.session.isinitpath(file_path) or any(file_path.match(p) for p in patterns):
        return AxonFile.from_parent(parent, path=file_path)
    return None


@pytest.fixture
def axon() -> Iterator[Runtime]:
    """A runtime with the admin role, closed after the test."""
    from axon.engine import Runtime

    with Runtime() as rt:
        yield rt


class Failure(Exception):
    """What came out is not what the case says; the message shows both."""


class AxonFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[AxonCase]:
        """One item per case; equal names get a number."""
        seen: dict[str, int] = {}
        for case in split_cases(self.path.read_text("utf-8")):
            count = seen[case.name] = seen.get(case.name, 0) + 1
            name = case.name if count == 1 else f"{case.name} #{count}"
            yield AxonCase.from_parent(self, name=name, case=case)


class AxonCase(pytest.Item):
    """A case as a test."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case
        if case.xfail:
            self.add_marker(pytest.mark.xfail(reason=case.xfail, strict=True))

    def runtest(self) -> None:
        """Evaluate the case as written and printed, once for each expectation."""
        wanted = list(self.case.expectations())
        if not wanted:
            raise Failure("the case expects nothing: add //=> or //!")
        for line, how, rest in wanted:
            for printed in (False, True):
                _check(self.case, str(self.path), line, how, rest, printed=printed)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The verdict alone for a wrong outcome, the traceback for anything else."""
        if isinstance(excinfo.value, Failure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, self.case.line - 1, self.name


def _check(case: Case, path: str, line: int, how: str, rest: str, *, printed: bool) -> None:
    from axon.engine import Runtime
    from axon.errors import AxonError, AxonSyntaxError

    source = case.until(line)
    where = f"{path}:{line}{' (printed and read again)' if printed else ''}"
    with Runtime(admin=case.admin, tz="UTC") as rt:
        try:
            if printed:
                source = _printed(source, path)
            got = rt.run(source, path)
        except AxonSyntaxError as e:
            if how == "!":
                return None if printed else _check_error(e, rest, line, where, placed=True)
            raise Failure(f"{where}: expected {rest}\n{_shown(e)}") from e
        except AxonError as e:
            if how == "!":
                return _check_error(e, rest, line, where, placed=not printed)
            raise Failure(f"{where}: expected {rest}\n{_shown(e)}") from e
        if how == "!":
            raise Failure(f"{where}: expected {rest}, got the value {_text(got)}")
        try:
            want = rt.run(rest, f"{path}:{line} expected")
        except AxonError as e:
            raise Failure(f"{where}: what is expected fails itself\n{_shown(e)}") from e
        if _canonical(got) != _canonical(want):
            raise Failure(f"{where}:\n  got      {_text(got)}\n  expected {_text(want)}")
    return None


def _printed(source: str, path: str) -> str:
    from axon.syntax.parser import parse_program
    from axon.syntax.printer import to_source

    return to_source(parse_program(source, path))


def _check_error(e: Any, rest: str, line: int, where: str, *, placed: bool) -> None:
    """Compare kind, text and (as written) line of an error.

    Raises:
        Failure: one of them is another.
    """
    m = _ERROR.match(rest)
    if m is None:
        raise Failure(f'{where}: an expected error is written //! Kind "regexp", not {rest!r}')
    kinds = {
        type(e).__name__,
        str(e.type).rpartition("::")[2],
        str(e.err.get("type", "")).rpartition("::")[2],
    }
    if m["kind"] not in kinds:
        raise Failure(f"{where}: expected {rest}, got another kind:\n{_shown(e)}")
    text = m["text"]
    if text is not None and not re.search(text.replace('\\"', '"'), f"{e.message}\n{e.err.get('dis', '')}"):
        raise Failure(f"{where}: expected {rest}, got another text:\n{_shown(e)}")
    here = e.loc and e.loc.source is not None and where.startswith(f"{e.loc.source.name}:")
    if placed and here and e.loc.line != line:
        raise Failure(f"{where}: the error blames line {e.loc.line}:\n{_shown(e)}")


def _canonical(val: Any) -> str:
    """What makes two values the same: kind, number, unit, content."""
    import json

    from axon.values.json import to_json
    from axon.values.show import to_str

    try:
        text = json.dumps(to_json(val))
        return json.dumps(json.loads(text, parse_float=_number), sort_keys=True)
    except (TypeError, ValueError, LookupError):
        return f"{type(val).__name__} {to_str(val)}"


def _number(text: str) -> float:
    """A number as the language sees it: 4.0 is 4."""
    val = float(text)
    return int(val) if val.is_integer() else val


def _text(val: Any) -> str:
    from axon.cli.render import value_text

    return value_text(val, quote=True)


def _shown(e: Any) -> str:
    from axon.cli.report import error_page

    return error_page(e, colour=False)
