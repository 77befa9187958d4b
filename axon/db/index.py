"""Indexes over records: which have a tag, and which have a text or a ref as its value.

An index is made when a filter first asks for it and kept up from then on, so a tag that no filter names costs
nothing. Entries are dicts from id to record, used as sets that keep their order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from axon.db.record import Record
from axon.values.filter import Filter
from pylib.kinds import Ref

__all__ = ["Indexes"]

_Set: TypeAlias = dict[str, Record]
_NONE: _Set = {}


class Indexes:
    """The indexes of one table of records."""

    def __init__(self, records: dict[str, Record]) -> None:
        self._records = records
        self._tags: dict[str, _Set] = {}
        self._values: dict[str, dict[Any, _Set]] = {}

    def candidates(self, filter: Filter) -> Iterable[Record]:
        """Records among which all matches are: the smallest set that the filter's conditions allow."""
        best = self._records
        for tag, val in filter.required():
            found = self._tagged(tag) if val is None else self._valued(tag).get(val, _NONE)
            if len(found) < len(best):
                best = found
        return best.values()

    def _tagged(self, tag: str) -> _Set:
        found = self._tags.get(tag)
        if found is None:
            found = self._tags[tag] = {id_: r for id_, r in self._records.items() if tag in r.view}
        return found

    def _valued(self, tag: str) -> dict[Any, _Set]:
        found = self._values.get(tag)
        if found is None:
            found = self._values[tag] = {}
            for rec in self._records.values():
                for val in _keys(rec.view.get(tag)):
                    found.setdefault(val, {})[rec.id] = rec
        return found

    def replace(self, rec: Record, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
        """Follow a change of a record's view; None: it was or is not in the table."""
        for tag, recs in self._tags.items():
            had, has = old is not None and tag in old, new is not None and tag in new
            if has and not had:
                recs[rec.id] = rec
            elif had and not has:
                recs.pop(rec.id, None)
        for tag, by_val in self._values.items():
            before = _keys(old.get(tag) if old is not None else None)
            after = _keys(new.get(tag) if new is not None else None)
            if before == after:
                continue
            for val in before:
                by_val.get(val, _NONE).pop(rec.id, None)
            for val in after:
                by_val.setdefault(val, {})[rec.id] = rec


def _keys(val: object) -> list[Any]:
    """What a value is found by: a text, a ref, or the refs of a list."""
    if type(val) is str or type(val) is Ref:
        return [val]
    return [v for v in val if type(v) is Ref] if type(val) is list else []
