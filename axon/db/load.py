"""Records from files: Zinc, JSON (Hayson), Trio and CSV, told apart by the extension."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from axon.errors import ArgErr, ParseErr
from pylib.grid import Grid
from pylib.kinds import Ref

__all__ = ["file_type", "load_file", "read_records", "short_ids"]

_TYPES = ("zinc", "json", "trio", "csv")


def file_type(name: str) -> str | None:
    """`zinc`, `json`, `trio` or `csv` by the extension of a file name, else None."""
    ext = os.path.splitext(name)[1][1:].lower()
    return ext if ext in _TYPES else None


def load_file(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The records in a file of the machine.

    Raises:
        OSError: it can't be read. ArgErr: another extension. ParseErr: its text is bad.
    """
    name = os.fspath(path)
    kind = file_type(name)
    if kind is None:
        raise ArgErr(f"load: unknown file type: {name}")
    with open(name, encoding="utf-8", newline="") as file:
        return read_records(kind, file.read())


def read_records(kind: str, text: str) -> list[dict[str, Any]]:
    """The records in a text of one of the kinds of `file_type`.

    Raises:
        ParseErr: the text is bad.
    """
    if kind == "trio":
        from axon.formats.trio import read_trio

        found: Any = read_trio(text)
    elif kind == "zinc":
        from axon.formats.zinc import read_zinc

        found = read_zinc(text)
    elif kind == "json":
        found = _read_json(text)
    else:
        from axon.formats.csv import read_csv

        found = read_csv(text)
    return _dicts(found)


def _read_json(text: str) -> object:
    from axon.values.json import from_json

    try:
        return from_json(json.loads(text))
    except (ValueError, RecursionError) as e:
        raise ParseErr(f"load: not JSON: {e}") from e


def _dicts(found: object) -> list[dict[str, Any]]:
    if isinstance(found, Grid):
        return found.dicts()
    if isinstance(found, dict):
        return [found]
    if isinstance(found, list) and all(isinstance(v, dict) for v in found):
        return found
    raise ArgErr("load: the file holds neither a grid nor records")


def short_ids(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The records with every id and ref replaced by a short hexadecimal number, in the order they are met.

    A record without id gets a number too.
    """
    numbers: dict[Any, int] = {}

    def meet(ref: Ref) -> Ref:
        numbers.setdefault(ref.val, len(numbers))
        return ref

    recs = [dict(rec) for rec in records]
    for i, rec in enumerate(recs):
        rec.setdefault("id", Ref(f"new:{i}"))
        _map_refs(rec, meet)
    width = len(f"{max(len(numbers) - 1, 0):X}")
    return [_map_refs(rec, lambda ref: Ref(f"{numbers[ref.val]:0{width}X}")) for rec in recs]


def _map_refs(val: Any, change: Callable[[Ref], Ref]) -> Any:
    if type(val) is Ref:
        return change(val)
    if type(val) is list:
        return [_map_refs(v, change) for v in val]
    if isinstance(val, dict):
        return {k: _map_refs(v, change) for k, v in val.items()}
    return val
