"""Builtins without a checked entry point refuse the same arguments, in the same words, as with one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import axon
from axon import lib
from axon.errors import PermissionErr
from axon.lib.registry import Builtin, _checked, table
from axon.values.times import parse_datetime
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
SAMPLES += [
    dt.datetime(2024, 2, 3, tzinfo=ZoneInfo("UTC")),
    parse_datetime("2024-02-03T00:00:00.000000001Z UTC"),
]


def outcome(call: Callable[..., Any], args: tuple[Any, ...]) -> str:
    try:
        return repr(call(*args))
    except Exception as err:
        return repr(err)


@pytest.mark.parametrize("b", DIRECT, ids=lambda b: b.name)
def test_direct_builtins_check_what_a_checked_entry_point_would(b: Builtin) -> None:
    checked = _checked(b)
    with axon.Runtime() as rt:
        first = (rt.new_context(),) if b.takes_cx else ()
        for count in range(b.min_args, b.max_args + 1):
            for args in product(SAMPLES, repeat=count):
                assert outcome(b.run, (*first, *args)) == outcome(checked, (*first, *args)), args


@pytest.mark.parametrize("b", [b for b in DIRECT if b.admin], ids=lambda b: b.name)
def test_direct_builtins_ask_for_the_role_first(b: Builtin) -> None:
    with axon.Runtime() as rt:
        cx = rt.new_context()
        cx.admin = False
        with pytest.raises(PermissionErr, match=f"{b.name}: the admin role is needed"):
            b.run(cx, *[None] * b.min_args)


def test_there_are_direct_builtins() -> None:
    assert {"isOdd", "as", "split"} <= {b.name for b in DIRECT}
