"""Records from files: Zinc, JSON (Hayson), Trio and CSV, told apart by the extension."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from axon.errors import ArgErr, ParseErr
from pylib.grid import Grid
from pylib.kinds import MARKER, Ref

__all__ = ["file_type", "load_file", "read_records", "short_ids"]


def file_type(name: str) -> str | None:
    """`zinc`, `json`, `trio` or `csv` by the extension of a file name, else None."""
    ext = os.path.splitext(name)[1][1:].lower()
    return ext if ext in _READERS else None


def load_file(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The records in a file of the machine.

    Raises:
        OSError: it can't be read. ArgErr: another extension. ParseErr: its text is bad or no UTF-8.
    """
    name = os.fspath(path)
    kind = file_type(name)
    if kind is None:
        raise ArgErr(f"load: unknown file type: {name}")
    with open(name, "rb") as file:
        data = file.read()
    try:
        return read_records(kind, data)
    except ParseErr as e:
        raise ParseErr(f"{name}: {e.message.removeprefix('load: ')}", line=e.line, col=e.col) from e
    except ArgErr as e:
        raise ArgErr(f"{name}: {e.message.removeprefix('load: ')}") from e


def read_records(kind: str, data: bytes) -> list[dict[str, Any]]:
    """The records in the content of a file of one of the kinds of `file_type`.

    Raises:
        ArgErr: neither a grid nor records. ParseErr: the text is bad or no UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise ParseErr(f"load: the file is no UTF-8 text at byte {e.start}") from e
    return _dicts(_READERS[kind](text))


def _read_zinc(text: str) -> object:
    from axon.formats.zinc import read_zinc

    return read_zinc(text)


def _read_trio(text: str) -> object:
    from axon.formats.trio import read_trio

    return read_trio(text)


def _read_json(text: str) -> object:
    from axon.formats.hayson import read_hayson

    return read_hayson(text)


def _read_csv(text: str) -> object:
    """CSV holds texts: what stands under `id` or a name that ends in `Ref` is a Ref, `✓` is a marker."""
    from axon.formats.csv import read_csv

    rows = read_csv(text).dicts()
    return [{name: _csv_cell(name, cell) for name, cell in row.items()} for row in rows]


def _csv_cell(name: str, cell: str) -> object:
    if cell == "✓":
        return MARKER
    if name != "id" and not name.endswith("Ref"):
        return cell
    val, _, dis = cell.removeprefix("@").partition(" ")
    return Ref(val, dis or None) if _REF.fullmatch(val) else cell


_READERS: dict[str, Callable[[str], object]] = {
    "zinc": _read_zinc,
    "trio": _read_trio,
    "json": _read_json,
    "csv": _read_csv,
}
_REF = re.compile(r"[A-Za-z0-9_:.~-]+")


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
