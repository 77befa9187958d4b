"""Builtins without a checked entry point refuse the same arguments, with the same words, as if they had one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from axon import lib
from axon.lib.registry import Builtin, _checked, table
from pylib.kinds import NA_VALUE, Number

lib.load_all()
DIRECT = [b for b in table().values() if b.direct]
SAMPLES: list[Any] = [
    None,
    True,
    0,
    7,
    -3,
    2.5,
    Number(7, "kW"),
    Number(2.0, "W"),
    "",
    ",",
    "a, b",
    "😀",
    NA_VALUE,
]
SAMPLES += [[], {}, {"noTrim": True}, dt.date(2024, 2, 3)]


def outcome(call: Callable[..., Any], args: tuple[Any, ...]) -> str:
    try:
        return repr(call(*args))
    except Exception as err:
        return repr(err)


@pytest.mark.parametrize("b", DIRECT, ids=lambda b: b.name)
def test_direct_builtins_check_what_a_checked_entry_point_would(b: Builtin) -> None:
    checked = _checked(b)
    for count in range(b.min_args, b.max_args + 1):
        for args in product(SAMPLES, repeat=count):
            assert outcome(b.run, args) == outcome(checked, args), args


def test_there_are_direct_builtins() -> None:
    assert {"isOdd", "as", "split"} <= {b.name for b in DIRECT}
