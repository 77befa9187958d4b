"""The fold protocol: what a fold function is called with, and how its state goes from item to item.

A fold function takes `(val, acc)`. It is called with `(FOLD_START, None)` for the first accumulator, with
each item for the next one, and with `(FOLD_END, acc)` for the result. Library folds know the two markers by
identity (a text of the same letters is an ordinary item), functions written in Axon by `==`. So both markers
are strings that are equal to no other string object: made at run time, never interned, never a constant of
compiled code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pylib.kinds import NA_VALUE

__all__ = ["FOLD_END", "FOLD_START", "is_marker", "run_fold"]

#: What `foldStart()` and `foldEnd()` return.
FOLD_START: str = "".join(("__fold", "Start__"))
FOLD_END: str = "".join(("__fold", "End__"))


def is_marker(val: object) -> bool:
    """Whether it is one of the two markers themselves, not just a text like them."""
    return val is FOLD_START or val is FOLD_END


def run_fold(
    items: Iterable[Any], f: Callable[[Any, Any], Any], *, end_on_na: bool = False, acc: Any = None
) -> Any:
    """Fold items with a function that takes exactly `(val, acc)`.

    An accumulator that is NA after an item ends the fold: it is the result, without the last call, unless
    `end_on_na` asks for that call (as folds over a stream do). `acc` is the accumulator where some items
    are folded already.
    """
    if acc is None:
        acc = f(FOLD_START, None)
    for val in items:
        acc = f(val, acc)
        if acc is NA_VALUE:
            return f(FOLD_END, acc) if end_on_na else acc
    return f(FOLD_END, acc)
