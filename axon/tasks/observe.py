"""What a task record subscribes to, and which record changes `obsCommits` reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from axon.errors import ArgErr

__all__ = ["Commits", "parse_commits", "parse_observable"]

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


@dataclass(frozen=True, slots=True)
class Commits:
    """A subscription to commits: which changes, of which records."""

    adds: bool
    updates: bool
    removes: bool
    on_init: bool
    match: Callable[[dict[str, Obj]], bool]

    def classify(self, old: dict[str, Obj] | None, new: dict[str, Obj] | None) -> str | None:
        """`added`, `updated` or `removed` as seen through the filter; None when it is not wanted."""
        was = self._selects(old)
        now = self._selects(new)
        if was and now:
            return "updated" if self.updates else None
        if now:
            return "added" if self.adds else None
        if was:
            return "removed" if self.removes else None
        return None

    def _selects(self, rec: dict[str, Obj] | None) -> bool:
        return rec is not None and "trash" not in rec and self.match(rec)


def parse_commits(record: Mapping[str, Obj]) -> Commits:
    """Read the tags beside `obsCommits`.

    Raises:
        ArgErr: none of the three kinds of change is asked for, or the filter is not text.
        ParseErr: the filter is not a filter.

    Source: task library spec, 7.2.
    """
    adds, updates, removes = ("obsAdds" in record, "obsUpdates" in record, "obsRemoves" in record)
    if not (adds or updates or removes):
        raise ArgErr("Must define at least one of obsAdds, obsUpdates, obsRemoves")
    return Commits(adds, updates, removes, "obsAddOnInit" in record, _matcher(record.get("obsFilter")))


def _matcher(text: Obj) -> Callable[[dict[str, Any]], bool]:
    if text is None or text == "":
        return lambda rec: True
    if not isinstance(text, str):
        raise ArgErr("obsFilter must be Str")
    from axon.values.filter import parse_filter

    compiled = parse_filter(text)
    return lambda rec: bool(compiled.match(rec))
