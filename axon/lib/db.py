"""Library functions: reading the database; `commits` changes it.

A filter argument is read as a filter, not evaluated. Records with the tag `trash` are invisible to everything
but `readTrash`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from axon.errors import CoerceErr, EvalError, UnknownNameErr, UnknownRecErr
from axon.lib.registry import Bool, Dict, FilterArg, List, Num, Obj, Str, bad_arg, builtin
from axon.streams import Stream
from axon.values.filter import Filter, parse_search
from axon.values.numbers import NUMBER_TYPES, split, to_int
from pylib.grid import Grid
from pylib.kinds import Ref

if TYPE_CHECKING:
    from axon.runtime.context import Context

# -- reading ---------------------------------------------------------------------------------------------


@builtin(lib="hx")
def read(cx: Context, filter: FilterArg, checked: Bool = True) -> Dict | None:
    """Some record that matches a filter; null if there is none and `checked` is false.

    Raises:
        UnknownRecErr: no record matches, and `checked` is true.

    Examples:
        do commit(diff(null, {dis:"One", demoRead}, {add})); read(demoRead)->dis end      //=> "One"
        read(noSuchTag, false)            //=> null
        read(noSuchTag)                   //! UnknownRecErr "noSuchTag"
    """
    wanted = _filter(filter)
    rec = cx.db.read(wanted)
    if rec is None and checked:
        raise UnknownRecErr(wanted.text)
    return rec  # type: ignore[no-any-return]


def _filter(val: object) -> Filter:
    assert isinstance(val, Filter)  # made by the caller
    return val


@builtin(lib="hx")
def read_by_id(cx: Context, id: Ref | None, checked: Bool = True) -> Dict | None:
    """The record with an id; null if there is none and `checked` is false.

    Raises:
        UnknownRecErr: no such record, or the id is null, and `checked` is true.

    Examples:
        do r: commit(diff(null, {dis:"Two"}, {add})); readById(r->id)->dis end            //=> "Two"
        readById(@nosuch, false)          //=> null
        readById(@nosuch)                 //! UnknownRecErr "@nosuch"
    """
    return cx.db.read_by_id(id, checked)  # type: ignore[no-any-return]


@builtin(lib="hx")
def read_by_ids(cx: Context, ids: List, checked: Bool = True) -> Grid:
    """The records with these ids as rows in their order; with `checked` false, nulls for unknown ones.

    Raises:
        UnknownRecErr: an id is unknown, and `checked` is true.
        CastErr: an item is no Ref.

    Examples:
        readByIds([@nosuch], false).size          //=> 1
        readByIds([])                             //=> [].toGrid
        readByIds([@nosuch])                      //! UnknownRecErr "@nosuch"
    """
    recs = [cx.db.read_by_id(ref, checked) for ref in _refs("readByIds", ids)]
    grid = _grid([rec for rec in recs if rec is not None])
    return grid if all(recs) else Grid.from_rows(recs, cols=grid.cols())


def _refs(name: str, ids: list[Any]) -> list[Ref]:
    from axon.errors import CastErr
    from axon.values.show import kind_name, preview

    for ref in ids:
        if type(ref) is not Ref:
            raise CastErr(f"{name}: expected Ref in ids, got {kind_name(ref)} {preview(ref)}")
    return ids


def _grid(recs: list[dict[str, Any]], meta: dict[str, Any] | None = None) -> Grid:
    """Records as rows: `id` first, `mod` last, the other columns by name."""
    names = set[str]().union(*recs) - {"id", "mod"}
    order = ["id", *sorted(names), "mod"] if recs else ["empty"]
    return Grid.from_columns(order, [[rec.get(n) for rec in recs] for n in order], meta)


@builtin(lib="hx")
def read_all(cx: Context, filter: FilterArg, opts: Dict | None = None) -> Grid:
    """All records that match a filter as rows: `id` first, `mod` last, the other columns by name.

    Options: `limit` (how many at most), `sort` (marker: by display name), `search` (text as `parseSearch`
    takes it, a second condition), `gridMeta` (dict, meta of the result).

    Examples:
        do commit(diff(null, {demoAll}, {add})); readAll(demoAll).colNames end  //=> ["id", "demoAll", "mod"]
        readAll(noSuchTag)                //=> [].toGrid
        readAll(noSuchTag, {gridMeta:{x}}).meta   //=> {x}
    """
    return _read_all(cx, "readAll", _filter(filter), opts or {}, False)


def _read_all(cx: Context, name: str, filter: Filter, opts: dict[str, Any], trash: bool) -> Grid:
    limit, search, meta = opts.get("limit"), opts.get("search"), opts.get("gridMeta")
    _check_opt(name, "limit", limit, tuple(NUMBER_TYPES))
    _check_opt(name, "search", search, (str,))
    _check_opt(name, "gridMeta", meta, (dict,))
    also = parse_search(search) if search else None
    ordered = "sort" in opts
    count = None if limit is None else to_int(split(limit)[0])
    recs = cx.db.read_all(filter, None if ordered else count, also, trash=trash)
    if ordered:
        recs.sort(key=_sort_name)
        recs = recs if count is None else recs[: max(count, 0)]
    return _grid(recs, meta)


def _check_opt(name: str, opt: str, val: object, kinds: tuple[type, ...]) -> None:
    if val is not None and type(val) not in kinds:
        raise bad_arg(name, f"can't use as option {opt}:", val)


def _sort_name(rec: dict[str, Any]) -> tuple[str, str]:
    dis = rec["id"].dis()
    return dis.casefold(), dis


@builtin(lib="hx")
def read_count(cx: Context, filter: FilterArg) -> Num:
    """How many records match a filter.

    Examples:
        readCount(noSuchTag)              //=> 0
    """
    return cx.db.count(_filter(filter))  # type: ignore[no-any-return]


@builtin(lib="hx")
def read_all_tag_names(cx: Context, filter: FilterArg) -> Grid:
    """The tags of the records that match a filter: `name`, `kind` (several joined by `|`), `count`, by name.

    Examples:
        readAllTagNames(noSuchTag).size               //=> 0
        readAllTagNames(noSuchTag).colNames           //=> ["name", "kind", "count"]
    """
    from axon.values.show import kind_name

    kinds: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for rec in cx.db.read_all(_filter(filter)):
        for name, val in rec.items():
            kinds.setdefault(name, set()).add(kind_name(val))
            counts[name] = counts.get(name, 0) + 1
    names = sorted(counts)
    columns = [names, ["|".join(sorted(kinds[n])) for n in names], [counts[n] for n in names]]
    return Grid.from_columns(["name", "kind", "count"], columns)


_MAX_TAG_VALS = 200


@builtin(lib="hx")
def read_all_tag_vals(cx: Context, filter: FilterArg, tag_name: Str) -> Grid:
    """The distinct values of a tag among the records that match a filter: column `val`, sorted, at most 200.

    Examples:
        readAllTagVals(noSuchTag, "dis").size         //=> 0
    """
    from axon.values.order import strict_key

    found: dict[Any, Any] = {}
    for rec in cx.db.read_all(_filter(filter)):
        val = rec.get(tag_name)
        if val is not None:
            found.setdefault(strict_key(val), val)
            if len(found) == _MAX_TAG_VALS:
                break
    return Grid.from_columns(["val"], [_sorted(list(found.values()))])


def _sorted(vals: list[Any]) -> list[Any]:
    """Values of one kind in their natural order, others by their text."""
    from axon.values.order import natural_sorted
    from axon.values.show import to_str

    try:
        return natural_sorted(vals)
    except EvalError:
        return sorted(vals, key=to_str)


@builtin(lib="hx")
def read_trash(cx: Context, filter: FilterArg | None = None, opts: Dict | None = None) -> Grid:
    """The records in the trash, or those of them that match a filter; options as `readAll`.

    Examples:
        readTrash(noSuchTag).size         //=> 0
    """
    wanted = Filter.has(("id",)) if filter is None else _filter(filter)
    return _read_all(cx, "readTrash", wanted, opts or {}, True)


@builtin(lib="hx")
def read_by_id_persistent_tags(cx: Context, id: Ref, checked: Bool = True) -> Dict | None:
    """The stored part of a record.

    Raises:
        UnknownRecErr: no such record, and `checked` is true.

    Examples:
        readByIdPersistentTags(@nosuch, false)        //=> null
    """
    return _part(cx.db.persistent_tags(id), id, checked)


@builtin(lib="hx")
def read_by_id_transient_tags(cx: Context, id: Ref, checked: Bool = True) -> Dict | None:
    """The part of a record that is not stored.

    Raises:
        UnknownRecErr: no such record, and `checked` is true.

    Examples:
        readByIdTransientTags(@nosuch, false)         //=> null
    """
    return _part(cx.db.transient_tags(id), id, checked)


def _part(tags: dict[str, Any] | None, ref: Ref, checked: bool) -> dict[str, Any] | None:
    if tags is None and checked:
        raise UnknownRecErr(f"@{ref.val}")
    return tags


@builtin(lib="hx")
def read_link(cx: Context, id: Ref | None) -> Dict | None:
    """The record with an id, or null; it never raises.

    Examples:
        readLink(@nosuch)                 //=> null
        readLink(null)                    //=> null
    """
    return cx.db.get(id)  # type: ignore[no-any-return]


@builtin(lib="hx")
def read_all_stream(cx: Context, filter: FilterArg) -> Obj:
    """A stream of the records that match a filter.

    Examples:
        readAllStream(noSuchTag).collect              //=> []
    """
    db, wanted = cx.db, _filter(filter)
    return Stream(lambda: db.stream(wanted))


@builtin(lib="hx")
def read_by_ids_stream(cx: Context, ids: List, checked: Bool = True) -> Obj:
    """A stream of the records with these ids; with `checked` false unknown ones are passed over.

    Raises:
        UnknownRecErr: an id is unknown, and `checked` is true; when the stream runs.

    Examples:
        readByIdsStream([@nosuch], false).collect     //=> []
        readByIdsStream([@nosuch]).collect            //! UnknownRecErr "@nosuch"
    """
    db, refs = cx.db, _refs("readByIdsStream", ids)

    def recs() -> Iterator[dict[str, Any]]:
        for ref in refs:
            rec = db.read_by_id(ref, checked)
            if rec is not None:
                yield rec

    return Stream(recs)


# -- coercions -------------------------------------------------------------------------------------------


def _no_coercion(name: str, what: str, val: object) -> CoerceErr:
    from axon.values.show import kind_name, preview

    return CoerceErr(f"{name}: can't take {kind_name(val)} {preview(val)} as {what}")


def _first(name: str, what: str, val: object) -> Any:
    """The first item of a list or row of a grid; any other value itself."""
    if isinstance(val, Grid):
        val = val.dicts()
    if type(val) is not list:
        return val
    if not val:
        raise CoerceErr(f"{name}: can't take an empty list as {what}")
    return val[0]


@builtin(lib="hx")
def to_rec_id(val: Obj) -> Ref:
    """The id of a ref, a record, or the first of a list or grid of them.

    Raises:
        CoerceErr: anything else, also an empty list.
        UnknownNameErr: a dict without `id`.

    Examples:
        toRecId({id:@x})                  //=> @x
        toRecId([@x, @y])                 //=> @x
        toRecId("x")                      //! CoerceErr "Str"
    """
    return _id_of("toRecId", _first("toRecId", "an id", val))


def _id_of(name: str, val: object) -> Ref:
    if isinstance(val, dict):
        val = val.get("id")
        if val is None:
            raise UnknownNameErr("id")
    if type(val) is not Ref:
        raise _no_coercion(name, "an id", val)
    return val


def _items(name: str, what: str, val: object) -> list[Any]:
    """A value as a list of dicts or a list of refs, not mixed."""
    items = val.dicts() if isinstance(val, Grid) else val if type(val) is list else [val]
    if not all(type(v) is Ref for v in items) and not all(isinstance(v, dict) for v in items):
        raise _no_coercion(name, what, val)
    return items


@builtin(lib="hx")
def to_rec_id_list(val: Obj) -> List:
    """The ids of a ref, a record, a list of refs, a list of records, or a grid.

    Raises:
        CoerceErr: anything else, also null and a list of both.

    Examples:
        toRecIdList([{id:@x}, {id:@y}])   //=> [@x, @y]
        toRecIdList(@x)                   //=> [@x]
        toRecIdList([@x, {id:@y}])        //! CoerceErr "ids"
    """
    return [_id_of("toRecIdList", v) for v in _items("toRecIdList", "ids", val)]


@builtin(lib="hx")
def to_rec(cx: Context, val: Obj) -> Dict:
    """The record of a dict, a ref, or the first of a list or grid of them.

    Raises:
        CoerceErr: anything else, also null and an empty list.
        UnknownRecErr: a ref of no record.

    Examples:
        toRec([{a:1}, {a:2}])             //=> {a:1}
        toRec([])                         //! CoerceErr "empty"
        toRec(@nosuch)                    //! UnknownRecErr "@nosuch"
    """
    return _rec_of(cx, "toRec", _first("toRec", "a record", val))


def _rec_of(cx: Context, name: str, val: object) -> dict[str, Any]:
    if isinstance(val, dict):
        return val
    if type(val) is not Ref:
        raise _no_coercion(name, "a record", val)
    return cx.db.read_by_id(val)  # type: ignore[no-any-return]


@builtin(lib="hx")
def to_rec_list(cx: Context, val: Obj) -> List:
    """The records of a dict, a ref, a list of dicts, a list of refs, or a grid; null gives an empty list.

    Raises:
        CoerceErr: anything else, also a list of both.
        UnknownRecErr: a ref of no record.

    Examples:
        toRecList(null)                   //=> []
        toRecList({a})                    //=> [{a}]
        toRecList([@x, {a}])              //! CoerceErr "records"
    """
    if val is None:
        return []
    return [_rec_of(cx, "toRecList", v) for v in _items("toRecList", "records", val)]
