"""The examples of the library's documentation are true, and the written documentation is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from axon.cli.docs import functions_markdown, index_source
from axon.engine import Runtime
from axon.errors import AxonError, UnsupportedErr
from axon.lib import load_all
from axon.lib.registry import Builtin, Example, table
from axon.pytest_plugin import _canonical

load_all()
FUNCTIONS = [table()[name] for name in sorted(table())]
LIBRARY = Path(__file__).parents[2] / "axon" / "lib"
VALUE = '[{a}].toGrid, ""'
LEFT_OUT = LIBRARY / "LEFT_OUT.md"


def outcome(rt: Runtime, example: Example) -> str:
    """What is wrong with an example; empty if nothing."""
    kind, _, text = example.error.partition(" ")
    try:
        got = rt.run(example.src)
    except AxonError as e:
        kinds = {type(e).__name__, str(e.type).rpartition("::")[2]}
        said = f"{example.src} raises {e.type}: {e.message}"
        if not example.error:
            return f"{said}, should give {example.want}"
        right = kind in kinds and re.search(text.strip().strip('"'), e.message) is not None
        return "" if right else f"{said}, should raise {example.error}"
    if example.error:
        return f"{example.src} gives {got!r}, should raise {example.error}"
    want = rt.run(example.want)
    return "" if _canonical(got) == _canonical(want) else f"{example.src} gives {got!r}, not {want!r}"


@pytest.mark.parametrize("builtin", FUNCTIONS, ids=lambda b: b.name)
def test_examples_are_true(builtin: Builtin, tmp_path: Path) -> None:
    assert builtin.examples
    with Runtime(io=tmp_path, tz="UTC", echo=lambda text: None) as rt:
        wrong = [fault for fault in (outcome(rt, e) for e in builtin.examples) if fault]
    assert not wrong, "\n".join(wrong)


def test_functions_left_out_are_not_there() -> None:
    rows = [line for line in LEFT_OUT.read_text("utf-8").split("\n") if line.startswith("| `")]
    names = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert len(names) > 40
    assert not names & set(table())


def test_functions_that_say_no_are_those_of_the_page(tmp_path: Path) -> None:
    args = {"passwordSet": '"a", "b"', "ioReadXeto": '""', "ioExport": '{a}, ""'}
    text = LEFT_OUT.read_text("utf-8").partition("They raise UnsupportedErr")[2]
    names = re.findall(r"`(\w+)`", text)
    assert len(names) >= len(args)
    with Runtime(io=tmp_path) as rt:
        for name in names:
            with pytest.raises(UnsupportedErr, match=name):
                rt.eval(f"{name}({args.get(name, VALUE)})")


def test_written_documentation_is_up_to_date() -> None:
    for name, text in (("FUNCTIONS.md", functions_markdown()), ("index.py", index_source())):
        assert (LIBRARY / name).read_text("utf-8") == text, f"{name}: run `make docs`"
