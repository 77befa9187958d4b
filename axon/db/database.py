"""Records in memory: reading by id and by filter, atomic commits, display names that follow their records.

One lock guards the tables; values handed out are never changed afterwards, so readers keep what they got
without holding it. Observers are told of each commit in the order of the commits, outside of the lock.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from axon.db.diff import RESERVED, Diff, committable, make_diff
from axon.db.index import Indexes
from axon.db.record import Record, refs_of
from axon.errors import CommitErr, ConcurrentChangeErr, DiffErr, UnknownRecErr
from axon.values.filter import Filter
from axon.values.times import same_instant, zone
from pylib.kinds import REMOVE, Ref

__all__ = ["Change", "Database", "Observer"]

#: A record before and after a persistent commit; None: it was or is not there, or in the trash.
Change = tuple["dict[str, Any] | None", "dict[str, Any] | None"]
#: Called with the changes of one persistent commit and the user who made it.
Observer = Callable[[Sequence[Change], object], None]

#: A changed record, what readers saw of it before, and whether they still see it.
_Changed = tuple[Record, "dict[str, Any] | None", bool]


class _Undo(NamedTuple):
    """Records that a commit changes, with tags, transient tags and visibility; those that it has added."""

    before: list[tuple[Record, dict[str, Any], dict[str, Any], bool]]
    added: list[Record]


#: How often one commit computes the display name of a record anew; names that refer to each other stop there.
_MAX_REFRESH = 8


class Database:
    """A set of records, each with a unique `id` and the time `mod` of its last persistent change."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._telling = threading.Lock()
        self._live: dict[str, Record] = {}
        self._trash: dict[str, Record] = {}
        self._indexes = Indexes(self._live)
        self._pointing: dict[str, set[str]] = {}
        self._observers: list[Observer] = []
        self._untold: deque[tuple[Sequence[Change], object]] = deque()
        self._utc = zone("UTC")
        self._last_mod = dt.datetime.fromtimestamp(0, self._utc)

    # -- reading --

    def __len__(self) -> int:
        return len(self._live)

    def get(self, ref: Ref | None) -> dict[str, Any] | None:
        """The record of an id; None for null, an unknown id and a record in the trash."""
        rec = None if ref is None else self._live.get(ref.val)
        return None if rec is None else rec.view

    def read_by_id(self, ref: Ref | None, checked: bool = True) -> dict[str, Any] | None:
        """As `get`, but unless `checked` is false an error where there is no record.

        Raises:
            UnknownRecErr: null, an unknown id, or a record in the trash.
        """
        rec = self.get(ref)
        if rec is None and checked:
            raise UnknownRecErr("null" if ref is None else f"@{ref.val}")
        return rec

    def read(self, filter: Filter) -> dict[str, Any] | None:
        """Some record that matches, or None."""
        return next(self.stream(filter), None)

    def read_all(
        self, filter: Filter, limit: int | None = None, search: Filter | None = None, *, trash: bool = False
    ) -> list[dict[str, Any]]:
        """The records that match, or `limit` of them; `search` is a second condition."""
        if limit is not None:
            return list(islice(self.stream(filter, search, trash=trash), max(limit, 0)))
        found = filter.select(self._views(filter, trash), self.get)
        return found if search is None else search.select(found, self.get)

    def count(self, filter: Filter) -> int:
        """How many records match."""
        return len(self.read_all(filter))

    def stream(
        self, filter: Filter, search: Filter | None = None, *, trash: bool = False
    ) -> Iterator[dict[str, Any]]:
        """The records that match, one at a time, as they were when the first was asked for."""
        match = filter.compiled
        also = None if search is None else search.compiled
        for view in self._views(filter, trash):
            if match(view, self.get) and (also is None or also(view, self.get)):
                yield view

    def _views(self, filter: Filter, trash: bool) -> list[dict[str, Any]]:
        with self._lock:
            if trash:
                return [r.view for r in self._trash.values()]
            return [r.view for r in self._indexes.candidates(filter)]

    def persistent_tags(self, ref: Ref) -> dict[str, Any] | None:
        """The stored part of a record, with `id` and `mod`."""
        with self._lock:
            rec = self._live.get(ref.val)
            if rec is None:
                return None
            return {k: v if k in rec.transient else rec.view[k] for k, v in rec.tags.items()}

    def transient_tags(self, ref: Ref) -> dict[str, Any] | None:
        """The part of a record that is not stored."""
        rec = self._live.get(ref.val)
        return None if rec is None else dict(rec.transient)

    # -- changing --

    def commit(self, diffs: Sequence[Diff], user: object = None) -> list[dict[str, Any] | None]:
        """Make changes, all or none; the new records in the order of the diffs, None for a removed one.

        Raises:
            DiffErr: no diffs, two for one id, or persistent and transient ones mixed.
            CommitErr: an added id is taken, or a changed one is not there.
            ConcurrentChangeErr: a record changed since it was read, and its diff has not the flag `force`.
        """
        _check_together(diffs)
        with self._lock:
            for diff in diffs:
                self._check(diff)
            undo = self._undo(diffs)
            complete = False
            try:
                changes = self._change(diffs, undo)
                out = [None if d.remove else rec.view for d, (rec, _, _) in zip(diffs, changes, strict=True)]
                complete = True
            finally:
                if not complete:  # the evaluation was cancelled in between
                    self._restore(undo)
            if self._observers and not diffs[0].transient:
                done = [(old, rec.view if visible else None) for rec, old, visible in changes]
                self._untold.append((done, user))
        self._tell()
        return out

    def add_records(self, records: Iterable[Mapping[str, Any]], user: object = None) -> list[Ref]:
        """Add records as they come from a file: all or none; tags that may not be stored are left out.

        Returns:
            The ids, also of those that had none.

        Raises:
            CommitErr: an id is taken. DiffErr: a tag or value that can't be stored, or an id given twice.
        """
        diffs = []
        for rec in records:
            tags = {k: v for k, v in committable(rec).items() if k not in RESERVED}
            diffs.append(make_diff(None, tags, ("add",)))
        return [rec["id"] for rec in self.commit(diffs, user) if rec is not None] if diffs else []

    def clear(self) -> int:
        """Remove every record, also from the trash; how many there were."""
        with self._lock:
            recs = [*self._live.values(), *self._trash.values()]
            done = [(rec.view, None) for rec in self._live.values()]
            self._live.clear()
            self._trash.clear()
            self._pointing.clear()
            self._indexes = Indexes(self._live)
            if self._observers and done:
                self._untold.append((done, None))
        self._tell()
        return len(recs)

    def refresh_names(self) -> None:
        """Compute all display names anew."""
        with self._lock:
            recs = [*self._live.values(), *self._trash.values()]
            for _ in range(2):
                for rec in recs:
                    self._show(rec)

    def new_id(self) -> Ref:
        """An id that no record has."""
        while True:
            text = f"{int(time.time()) & 0xFFFF_FFFF:08x}-{secrets.token_hex(4)}"
            if self._find(text) is None:
                return Ref(text)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` after each persistent commit, in their order; the result ends that.

        It is called by the thread that committed (or by one that commits at the same time), and must not
        wait for long.
        """
        with self._lock:
            self._observers.append(observer)

        def stop() -> None:
            with self._lock:
                if observer in self._observers:
                    self._observers.remove(observer)

        return stop

    # -- one commit --

    def _find(self, id_: str) -> Record | None:
        return self._live.get(id_) or self._trash.get(id_)

    def _check(self, diff: Diff) -> None:
        if diff.id is None:
            return
        rec = self._find(diff.id.val)
        if diff.add:
            if rec is not None:
                raise CommitErr(f"Rec already exists: @{diff.id.val}")
            return
        if rec is None:
            raise CommitErr(f"Rec not found: @{diff.id.val}")
        if not diff.force and diff.orig_mod is not None and not same_instant(rec.tags["mod"], diff.orig_mod):
            raise ConcurrentChangeErr(f"Rec changed since it was read: @{diff.id.val}")

    def _change(self, diffs: Sequence[Diff], undo: _Undo) -> list[_Changed]:
        mod = self._next_mod()
        changes = [self._apply(diff, mod, undo) for diff in diffs]
        self._refresh_names(changes)
        return changes

    def _undo(self, diffs: Sequence[Diff]) -> _Undo:
        """What it takes to go back to the state before a commit."""
        recs = [self._find(d.id.val) for d in diffs if d.id is not None and not d.add]
        return _Undo([(r, r.tags, r.transient, r.id in self._live) for r in recs if r is not None], [])

    def _restore(self, undo: _Undo) -> None:
        for rec in undo.added:
            self._live.pop(rec.id, None)
            self._trash.pop(rec.id, None)
        for rec, tags, transient, live in undo.before:
            rec.tags, rec.transient = tags, transient
            here, there = (self._live, self._trash) if live else (self._trash, self._live)
            there.pop(rec.id, None)
            here[rec.id] = rec
        self._indexes = Indexes(self._live)
        self._pointing.clear()
        for rec in (*self._live.values(), *self._trash.values()):
            self._point(rec, set(), refs_of(rec.tags))
        self.refresh_names()

    def _next_mod(self) -> dt.datetime:
        now = dt.datetime.now(self._utc)
        self._last_mod = max(now, self._last_mod + dt.timedelta(microseconds=1))
        return self._last_mod

    def _apply(self, diff: Diff, mod: dt.datetime, undo: _Undo) -> _Changed:
        """Make one change."""
        if diff.add:
            id_ = diff.id or self.new_id()
            rec = Record(id_.val, {"id": Ref(id_.val), **diff.changes, "mod": mod})
            undo.added.append(rec)
            self._store(rec)
            return rec, None, rec.id in self._live
        assert diff.id is not None
        known = self._find(diff.id.val)
        assert known is not None  # checked before
        rec = known
        old = rec.view if rec.id in self._live else None
        if diff.remove:
            self._drop(rec)
            return rec, old, False
        if diff.transient:
            rec.transient = _merge(rec.transient, diff.changes)
        else:
            before = refs_of(rec.tags)
            tags = _merge(rec.tags, diff.changes)
            del tags["mod"]
            rec.tags = {**tags, "mod": mod}
            self._point(rec, before, refs_of(rec.tags))
        self._place(rec)
        return rec, old, rec.id in self._live

    def _store(self, rec: Record) -> None:
        self._point(rec, set(), refs_of(rec.tags))
        self._show(rec)
        if "trash" in rec.tags:
            self._trash[rec.id] = rec
        else:
            self._live[rec.id] = rec
            self._indexes.replace(rec, None, rec.view)

    def _place(self, rec: Record) -> None:
        """Follow a change: into the trash, out of it, or just new tags."""
        was_live = rec.id in self._live
        if "trash" in rec.tags and was_live:
            self._indexes.replace(rec, rec.view, None)
            self._trash[rec.id] = self._live.pop(rec.id)
        elif "trash" not in rec.tags and not was_live:
            self._live[rec.id] = self._trash.pop(rec.id)
            self._indexes.replace(rec, None, rec.view)
        self._show(rec)

    def _drop(self, rec: Record) -> None:
        if self._live.pop(rec.id, None) is not None:
            self._indexes.replace(rec, rec.view, None)
        self._trash.pop(rec.id, None)
        self._point(rec, refs_of(rec.tags), set())

    # -- display names --

    def _point(self, rec: Record, before: set[str], after: set[str]) -> None:
        """Keep up which records refer to which."""
        for target in before - after:
            pointing = self._pointing.get(target)
            if pointing is not None:
                pointing.discard(rec.id)
        for target in after - before:
            self._pointing.setdefault(target, set()).add(rec.id)

    def _show(self, rec: Record) -> bool:
        """Make the view of a record anew; whether its display name changed."""
        view = {**rec.tags, **rec.transient}
        for name, val in view.items():
            if type(val) is Ref:
                view[name] = self._named(val)
            elif type(val) is list and any(type(v) is Ref for v in val):
                view[name] = [self._named(v) if type(v) is Ref else v for v in val]
        view["id"] = Ref(rec.id)
        dis = _display(view, self.get)
        view["id"] = Ref(rec.id, dis)
        if rec.id in self._live:
            self._indexes.replace(rec, rec.view, view)
        rec.view = view
        changed = dis != rec.dis
        rec.dis = dis
        return changed

    def _named(self, ref: Ref) -> Ref:
        target = self._live.get(ref.val)
        return ref if target is None or target.dis == ref.dis_text else Ref(ref.val, target.dis)

    def _refresh_names(self, changes: Iterable[_Changed]) -> None:
        """Make views anew whose refs point to records that came, went or changed their names."""
        turns: dict[str, int] = {}
        todo = deque(rec.id for rec, old, visible in changes if _renamed(rec, old, visible))
        while todo:
            for id_ in self._pointing.get(todo.popleft(), ()):
                rec = self._find(id_)
                if rec is None or turns.get(id_, 0) >= _MAX_REFRESH:
                    continue
                turns[id_] = turns.get(id_, 0) + 1
                if self._show(rec):
                    todo.append(id_)

    # -- observers --

    def _tell(self) -> None:
        """Tell what is not told yet; one thread at a time, so that the order is kept."""
        while self._untold and self._telling.acquire(blocking=False):
            try:
                while self._untold:
                    done, user = self._untold.popleft()
                    for observer in tuple(self._observers):
                        observer(done, user)
            finally:
                self._telling.release()


def _renamed(rec: Record, old: dict[str, Any] | None, visible: bool) -> bool:
    """Whether refs to a changed record must show something else."""
    return old is None or not visible or old["id"].dis_text != rec.dis


def _check_together(diffs: Sequence[Diff]) -> None:
    if not diffs:
        raise DiffErr("commit: no diffs")
    ids = [d.id.val for d in diffs if d.id is not None]
    if len(set(ids)) < len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise DiffErr(f"commit: two diffs for @{twice}")
    if len({d.transient for d in diffs}) > 1:
        raise DiffErr("commit: persistent and transient diffs mixed")


def _merge(tags: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    out = {**tags, **changes}
    return {k: v for k, v in out.items() if v is not REMOVE}


_NAMING = ("dis", "disMacro", "disKey", "name", "def", "tag")


def _display(view: dict[str, Any], resolve: Callable[[Ref], dict[str, Any] | None]) -> str | None:
    """The display name of a record; None where there is none but the id."""
    dis = view.get("dis")
    if type(dis) is str:
        return dis
    if not any(name in view for name in _NAMING):
        return None
    from axon.values.macros import dict_dis

    return dict_dis(view, resolve)
