"""Library functions: changing the database. Nothing happens until `commit`, which is all or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from axon.db import Diff, committable, make_diff
from axon.errors import ArgErr, Err, UnsupportedErr
from axon.lib.registry import Dict, Num, Obj, Str, bad_arg, builtin
from axon.streams import Stream
from pylib.grid import Grid
from pylib.kinds import REMOVE, Ref, Uri

if TYPE_CHECKING:
    from axon.runtime.context import Context

_FLAGS = ("add", "remove", "transient", "force")


@builtin(lib="hx")
def diff(orig: Dict | None, changes: Dict | None, flags: Dict | None = None) -> Obj:
    """Describe the change of one record; nothing happens until `commit`.

    `orig` is the record as read, null for a new one. `changes` holds the tags to set; `-tag` removes one.
    Flags, all markers: `add`, `remove` (delete the record), `transient` (do not store, keep `mod`), `force`
    (do not mind changes by others). A new record gets the id in `changes`, else one of its own.

    Raises:
        DiffErr: flags or tags that do not go; below it InvalidTagNameErr, InvalidTagValErr, InvalidRecIdErr.
        UnknownNameErr: `orig` lacks `id` or `mod`.
        ArgErr: `orig` together with `add`.

    Examples:
        diff(null, {a}).isNull                        //! DiffErr "add"
        diff(null, {"a b":1}, {add})                  //! InvalidTagNameErr "a b"
        diff(null, {a:na()}, {add})                   //! InvalidTagValErr "NA"
        diff(null, {a:1}, {add}).isNull               //=> false
    """
    given = flags or {}
    return make_diff(orig, changes, [f for f in _FLAGS if given.get(f) not in (None, False, REMOVE)])


@builtin(lib="hx", admin=True)
def commit(cx: Context, diffs: Obj) -> Obj:
    """Make the changes that diffs describe.

    One diff gives the new record, or null for a removal. A list of diffs is made all or none, and gives the
    list of new records. Diffs of a stream are made one by one; that gives their number.

    Raises:
        DiffErr: no diffs, two for one record, or transient and other ones mixed.
        CommitErr: the id of an added record is taken, or a changed one is not there.
        ConcurrentChangeErr: a record changed since it was read.
        Err: something else than diffs.

    Examples:
        do r: commit(diff(null, {n:1}, {add})); commit(diff(r, {n:2}))->n end     //=> 2
        [1, 2].stream.map(n => diff(null, {demoNum:n}, {add})).commit             //=> 2
        do r: commit(diff(null, {n:1}, {add})); commit(diff(r, null, {remove})) end   //=> null
        commit([])                                    //! DiffErr "no diffs"
        commit({a})                                   //! Err "Invalid diff arg"
    """
    if type(diffs) is Diff:
        return cx.db.commit([diffs], _user(cx))[0]
    if type(diffs) is list:
        return cx.db.commit([_diff(d) for d in diffs], _user(cx))
    if isinstance(diffs, Stream):
        count = 0
        with diffs.run() as items:
            for item in items:
                cx.db.commit([_diff(item)], _user(cx))
                count += 1
        return count
    raise _no_diff(diffs)


def _user(cx: Context) -> Ref:
    """Who commits: the task, or the one user there is."""
    return cx.task.id if cx.task is not None else Ref("user")


def _diff(val: object) -> Diff:
    if type(val) is not Diff:
        raise _no_diff(val)
    return val


def _no_diff(val: object) -> Err:
    from axon.values.show import kind_name

    return Err(f"commit: Invalid diff arg: {kind_name(val)}")


@builtin(lib="hx")
def strip_uncommittable(cx: Context, val: Obj, opts: Dict | None = None) -> Obj:
    """The tags of a record that may be committed as a new one; of a list or grid a list of them.

    `mod`, tags that only the host sets, and the stored record's transient tags are left out. Options: `mod`
    keeps `mod`, `-id` drops the id.

    Raises:
        ArgErr: neither a dict nor a list of dicts nor a grid.

    Examples:
        stripUncommittable({id:@x, mod:now(), a:1, curVal:2})     //=> {id:@x, a:1}
        stripUncommittable([{id:@x, a}], {-id})                   //=> [{a}]
        stripUncommittable(5)                                     //! ArgErr "Number"
    """
    if isinstance(val, dict):
        return _strip(cx, val, opts or {})
    recs = val.dicts() if isinstance(val, Grid) else val
    if type(recs) is not list or not all(isinstance(r, dict) for r in recs):
        raise bad_arg("stripUncommittable", "expected Dict, list of Dict or Grid, got", val)
    return [_strip(cx, r, opts or {}) for r in recs]


def _strip(cx: Context, rec: dict[str, Any], opts: dict[str, Any]) -> dict[str, Any]:
    ref = rec.get("id")
    transient: Iterable[str] = cx.db.transient_tags(ref) or () if type(ref) is Ref else ()
    return committable(rec, transient, keep_mod="mod" in opts, drop_id=opts.get("id") is REMOVE)


@builtin(lib="hx", admin=True)
def password_set(key: Ref | Str, val: Str | None, opts: Dict | None = None) -> Obj:
    """Store a secret outside of the records; here there is no such store.

    Raises:
        UnsupportedErr: always.

    Examples:
        passwordSet("k", "v")             //! UnsupportedErr "passwordSet"
    """
    raise UnsupportedErr("passwordSet: there is no password store")


@builtin(lib="hx", admin=True)
def proj_sync(cx: Context, timeout: Num | None = None) -> Str:
    """Wait until those who follow commits, such as tasks, have seen all commits so far.

    `timeout` is a duration; without it the wait has no end.

    Raises:
        TimeoutErr: the time ran out.

    Examples:
        projSync()                        //=> "synced"
    """
    from axon.errors import TimeoutErr
    from axon.values.units import to_timedelta_ns

    seconds = None if timeout is None else to_timedelta_ns(timeout) / 1e9
    if cx.runtime.tasks.sync(seconds) is False:
        raise TimeoutErr("projSync: not synced in time")
    return "synced"


@builtin(lib="hx", admin=True)
def unload_all(cx: Context) -> Str:
    """Remove every record; returns how many there were as text.

    Examples:
        do unloadAll(); commit(diff(null, {a}, {add})); unloadAll() end       //=> "Removed 1 recs"
    """
    return f"Removed {cx.db.clear()} recs"


@builtin(lib="hx", admin=True, hidden=True)
def refresh_dis_all(cx: Context) -> Str:
    """Compute the display names of all records anew.

    Examples:
        refreshDisAll()                   //=> "refreshed"
    """
    cx.db.refresh_names()
    return "refreshed"


@builtin(lib="hx", admin=True)
def load(cx: Context, uri: Uri, opts: Dict | None = None) -> Obj:
    """Add the records of a file below `io/`: Zinc, JSON, Trio or CSV by its extension.

    All or none are added. Tags that may not be committed are dropped, and a record without `id` gets one.
    Option `shortIds` replaces every id and ref by a short number.

    Raises:
        ArgErr: another extension.
        CommitErr: an id is taken.
        IOErr: no such file.

    Examples:
        load(`io/demo.xls`)               //! ArgErr "unknown file type"
    """
    from axon.db.load import file_type, read_records, short_ids

    kind = file_type(uri.val)
    if kind is None:
        raise ArgErr(f"load: unknown file type: {uri.val}")
    cx.echo(f"LOAD: loading {uri.val}\n")
    records = read_records(kind, cx.io.read_bytes(cx.io.resolve(uri)))
    if opts and "shortIds" in opts:
        records = short_ids(records)
    count = len(cx.db.add_records(records, _user(cx)))
    cx.echo(f"LOAD: loaded {count} recs\n")
    return None
