"""A described change of one record, and the rules of what may be stored at all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from axon.errors import (
    ArgErr,
    DiffErr,
    InvalidRecIdErr,
    InvalidTagNameErr,
    InvalidTagValErr,
    NullErr,
    UnknownNameErr,
)
from axon.values.tags import is_tag_name
from pylib.kinds import MARKER, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr

__all__ = ["Diff", "committable", "make_diff"]

NEVER = frozenset(
    ("id", "mod", "transient", "hisId", "hisSize", "hisStart", "hisStartVal", "hisEnd", "hisEndVal")
)
TRANSIENT_ONLY = frozenset(
    "curVal curStatus curErr curSource writeVal writeLevel writeStatus writeErr hisStatus hisErr "
    "nextTime nextVal connState connStatus connErr userFailedLogins".split()
)
PERSISTENT_ONLY = frozenset(("dis", "disMacro", "navName", "site", "equip", "point", "conn", "trash"))
RESERVED = frozenset(("ext", "projMeta", "uiMeta", "fileSize"))

_MAX_NAME = 60
_MAX_ID = 60
_MAX_STR = 32767
_MAX_URI = 1000
_ID = re.compile(r"[A-Za-z0-9_.~:-]+")
_TIMES = (dt.date, dt.time, dt.datetime)
_SCALARS = frozenset((bool, int, float, Number, Ref, Symbol, Coord, XStr, type(MARKER), *_TIMES))


class Diff:
    """One change, not yet made: `changes` holds the tags to set, REMOVE for those to take away."""

    __slots__ = ("add", "changes", "force", "id", "orig_mod", "remove", "transient")

    def __init__(
        self,
        id: Ref | None,
        changes: Mapping[str, Any],
        *,
        orig_mod: dt.datetime | None = None,
        add: bool = False,
        remove: bool = False,
        transient: bool = False,
        force: bool = False,
    ) -> None:
        self.id = id
        self.changes = dict(changes)
        self.orig_mod = orig_mod
        self.add = add
        self.remove = remove
        self.transient = transient
        self.force = force

    def __str__(self) -> str:
        from axon.values.show import to_str

        ref = "null" if self.id is None else f"@{self.id.val}"
        flags = [f", {n}" for n in ("add", "remove", "transient", "force") if getattr(self, n)]
        return f"Diff({ref}, {to_str(self.changes)}{''.join(flags)})"

    def __repr__(self) -> str:
        return f"<axon.db.Diff {self}>"


def make_diff(
    orig: Mapping[str, Any] | None, changes: Mapping[str, Any] | None, flags: Iterable[str] = ()
) -> Diff:
    """Describe a change and check it against the rules.

    Args:
        orig: the record as read, with `id` and `mod`; None with the flag `add`.
        changes: tags to set; REMOVE removes, None is passed over.
        flags: of `add`, `remove`, `transient`, `force`; with `add` the others do not count.

    Raises:
        DiffErr: a combination or a tag that is not allowed; below it InvalidTagNameErr, InvalidTagValErr,
            InvalidRecIdErr.
        ArgErr: `orig` with `add`.
        UnknownNameErr: `orig` without `id` or `mod`.
    """
    flags = frozenset(flags)
    tags = {k: v for k, v in (changes or {}).items() if v is not None}
    if "add" in flags:
        if orig is not None:
            raise ArgErr("diff: an added record has no original")
        return _addition(tags)
    if orig is None:
        raise DiffErr("diff: the original is null, and the flag add is not given")
    id_, mod = _need(orig, "id", Ref), _need(orig, "mod", dt.datetime)
    transient = "transient" in flags
    if "remove" in flags:
        if transient:
            raise DiffErr("diff: a record can't be removed transiently")
        return Diff(id_, {}, orig_mod=mod, remove=True, force="force" in flags)
    for name, val in tags.items():
        _check_tag(name, val, transient)
    return Diff(id_, tags, orig_mod=mod, transient=transient, force="force" in flags)


def _addition(tags: dict[str, Any]) -> Diff:
    id_ = tags.pop("id", None)
    if id_ is not None:
        _check_id(id_)
    for name, val in tags.items():
        _check_tag(name, val, False)
    return Diff(id_, {k: v for k, v in tags.items() if v is not REMOVE}, add=True)


def _need(orig: Mapping[str, Any], name: str, kind: type) -> Any:
    val = orig.get(name)
    if val is None:
        raise UnknownNameErr(name)
    if not isinstance(val, kind):
        raise DiffErr(f"diff: {name} of the original is no {'Ref' if kind is Ref else 'DateTime'}")
    return val


def _check_id(val: object) -> None:
    if type(val) is not Ref:
        raise InvalidRecIdErr("diff: id is no Ref")
    text = val.val
    if len(text) > _MAX_ID or ":" in text or text.startswith("X.") or not _ID.fullmatch(text):
        raise InvalidRecIdErr(f"diff: invalid id @{text}")


def _check_tag(name: str, val: object, transient: bool) -> None:
    _check_name(name, transient)
    if val is REMOVE:
        return
    _check_val(name, val, 0)
    if name == "name" and not (type(val) is str and _ID.fullmatch(val)):
        _refuse(name, val)


@lru_cache(maxsize=4096)
def _check_name(name: str, transient: bool) -> None:
    if not is_tag_name(name) or len(name) > _MAX_NAME:
        raise InvalidTagNameErr(f"diff: invalid tag name {name!r}")
    if name in NEVER or name in RESERVED:
        raise DiffErr(f"Cannot set tag: {name}")
    if not transient and name in TRANSIENT_ONLY:
        raise DiffErr(f"Cannot set tag persistently: {name}")
    if transient and name in PERSISTENT_ONLY:
        raise DiffErr(f"Cannot set tag transiently: {name}")


def _check_val(name: str, val: object, depth: int) -> None:
    """Refuse what is not storable, also inside lists, dicts and grids."""
    kind = type(val)
    if kind in _SCALARS or isinstance(val, (dt.datetime, dt.time)) or kind.__name__ == "Span":
        return
    if kind is str:
        if len(val) > _MAX_STR:  # type: ignore[arg-type]
            raise InvalidTagValErr(f"diff: {name} is longer than {_MAX_STR} characters")
        return
    if kind is Uri:
        if len(val.val) > _MAX_URI:  # type: ignore[attr-defined]
            raise InvalidTagValErr(f"diff: {name} is longer than {_MAX_URI} characters")
        return
    if depth > 100:
        raise InvalidTagValErr(f"diff: {name} is nested too deep")
    for item in _items(name, val):
        if item is not None:
            _check_val(name, item, depth + 1)


def _items(name: str, val: object) -> Iterable[Any]:
    if type(val) is list:
        return val
    if isinstance(val, dict):
        return val.values()
    from pylib.grid import Grid

    if isinstance(val, Grid):
        cells = (c for col in val.col_names() for c in val.column(col))
        return (*val.meta().values(), *cells)
    _refuse(name, val)


def _refuse(name: str, val: object) -> NoReturn:
    from axon.values.show import kind_name, preview

    if val is None:
        raise NullErr(f"diff: {name} is null")
    raise InvalidTagValErr(f"diff: {kind_name(val)} {preview(val)} can't be stored in {name}")


def committable(
    tags: Mapping[str, Any], transient: Iterable[str] = (), *, keep_mod: bool = False, drop_id: bool = False
) -> dict[str, Any]:
    """The tags of a record that may be given to an added record: without `mod` and what only the host sets.

    Args:
        transient: names of the stored record's transient tags; dropped too.
        keep_mod: leave `mod` in.
        drop_id: take `id` out.
    """
    dropped = (NEVER | TRANSIENT_ONLY | frozenset(transient)) - {"id", "mod"}
    if drop_id:
        dropped |= {"id"}
    if not keep_mod:
        dropped |= {"mod"}
    return {k: v for k, v in tags.items() if k not in dropped and v is not None}
