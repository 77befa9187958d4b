"""The registry refuses what the table of builtins can't hold."""

from __future__ import annotations

import pytest

from axon.lib import registry
from axon.lib.registry import Obj, builtin


@pytest.fixture(autouse=True)
def _empty_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_TABLE", {})


def test_two_functions_of_one_name_are_refused() -> None:
    @builtin("same")
    def first(val: Obj) -> Obj:
        return val

    with pytest.raises(TypeError, match=r"builtin same is both .*\.first and .*\.second"):

        @builtin("same")
        def second(val: Obj) -> Obj:
            return val

    assert registry.table()["same"].impl is first


def test_a_repeated_import_enters_its_functions_again() -> None:
    def enter() -> None:
        @builtin()
        def again(val: Obj) -> Obj:
            return val

    enter()
    enter()
    assert [*registry.table()] == ["again"]


@pytest.mark.parametrize("doc", [None, "", "A summary that goes on in the\n    next line.", "No full stop"])
def test_a_summary_is_one_sentence_in_one_line(doc: str | None) -> None:
    def cut(val: Obj) -> Obj:
        return val

    cut.__doc__ = doc
    builtin()(cut)
    with pytest.raises(TypeError, match="builtin cut"):
        assert registry.table()["cut"].summary
