"""What a task record subscribes to, and which record changes `obsCommits` reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from axon.errors import ArgErr
from axon.values.filter import Filter, parse_filter
from pylib.kinds import Ref

__all__ = ["Commits", "Records", "parse_commits", "parse_observable"]

Obj = object
OBSERVABLES = ("obsSchedule", "obsCommits")
#: Observables of other hosts that have no source here.
FOREIGN = ("obsWatches", "obsCurVals", "obsHisWrites", "obsPointWrites")


def parse_observable(record: Mapping[str, Obj]) -> str | None:
    """The observable that a task record names, or None.

    Raises:
        ArgErr: more than one, or one that this host does not have.
    """
    named = [name for name in (*OBSERVABLES, *FOREIGN) if name in record]
    if not named:
        return None
    if len(named) > 1:
        raise ArgErr(f"Must subscribe to one observable only, not {', '.join(named)}")
    if named[0] in FOREIGN:
        raise ArgErr(f"Observable not supported: {named[0]}")
    return named[0]


class Records(Protocol):
    """What is needed of the database."""

    def get(self, ref: Ref | None, /) -> dict[str, Obj] | None:
        """The record of an id."""

    def read_all(self, filter: Filter, /) -> list[dict[str, Obj]]:
        """The records that match."""


@dataclass(frozen=True, slots=True)
class Commits:
    """A subscription to commits: which changes, of which records."""

    adds: bool
    updates: bool
    removes: bool
    on_init: bool
    filter: Filter

    def classify(
        self, old: dict[str, Obj] | None, new: dict[str, Obj] | None, records: Records | None = None
    ) -> str | None:
        """`added`, `updated` or `removed` as seen through the filter; None when it is not wanted."""
        was = self._selects(old, records)
        now = self._selects(new, records)
        if was and now:
            return "updated" if self.updates else None
        if now:
            return "added" if self.adds else None
        if was:
            return "removed" if self.removes else None
        return None

    def _selects(self, rec: dict[str, Obj] | None, records: Records | None) -> bool:
        resolve = None if records is None else records.get
        return rec is not None and "trash" not in rec and self.filter.match(rec, resolve)


def parse_commits(record: Mapping[str, Obj]) -> Commits:
    """Read the tags beside `obsCommits`.

    Raises:
        ArgErr: none of the three kinds of change is asked for, or the filter is not text.
        ParseErr, CastErr: the filter is not a filter.

    Source: task library spec, 7.2.
    """
    adds, updates, removes = ("obsAdds" in record, "obsUpdates" in record, "obsRemoves" in record)
    if not (adds or updates or removes):
        raise ArgErr("Must define at least one of obsAdds, obsUpdates, obsRemoves")
    text = record.get("obsFilter", "")
    if not isinstance(text, str):
        raise ArgErr("obsFilter must be Str")
    return Commits(adds, updates, removes, "obsAddOnInit" in record, parse_filter(text or "id"))
