"""Display names of dicts, and localised texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axon.errors import UnknownPodErr
from axon.lib.registry import Dict, Str, builtin
from axon.runtime.callbacks import row_grid
from axon.values.locale import find_locale
from axon.values.macros import dict_dis
from axon.values.valuefmt import Style, display_cell, display_tag

if TYPE_CHECKING:
    from axon.runtime.context import Context

#: What else may stand before `::` in the key of a text, besides the libraries.
_PODS = frozenset(("sys", "haystack", "ph", "axon", "hx"))


@builtin()
def dis(cx: Context, dict: Dict | None, name: Str | None = None, def_: Str = "") -> Str:
    """Display name of a dict, or the display form of one of its tags.

    Without `name`, the first of the tags `dis`, `disMacro` (with `$tag` and `${tag}` replaced), `disKey`,
    `name`, `def`, `tag`, `id` that is there, else the text of the dict.

    With `name`, the tag as people read it, cut to 56 characters; empty where it is missing. For a row of a
    grid the meta of the column counts: `format` is a pattern, `enum` has the words for false and true; a
    missing cell gives `def`.

    A null dict gives `null`.

    Examples:
        {dis: "Main", name: "n"}.dis //=> "Main"
        {disMacro: r"${area} $n", area: "Roof", n: 2}.dis //=> "Roof 2"
        {id: @x}.dis               //=> "x"
        {a: 1234.5kW}.dis("a")     //=> "1,235kW"
        {a: 1}.dis("b", "none")    //=> ""
        dis(null)                  //=> "null"
    """
    if dict is None:
        return "null"
    if name is None:
        return dict_dis(dict, cx.db_resolve)
    style = Style(find_locale(cx.locale), cx.today, cx.db_resolve)
    val = dict.get(name)
    grid = row_grid(cx, dict)
    if grid is None:
        return "" if val is None else display_tag(val, style)
    if val is None:
        return def_
    col = grid.col(name, False)
    return display_cell(val, {} if col is None else col.meta(), style)


@builtin()
def rel_dis(cx: Context, parent: Dict | Str, child: Dict | Str) -> Str:
    """Display name of the child without the leading words that it shares with the parent.

    A leading `:`, `-` or `•` of the rest goes too, if the rest has more than two characters. With nothing
    shared, or nothing left, it is the name of the child.

    Examples:
        relDis("Site A", "Site A - Floor 1") //=> "Floor 1"
        relDis({dis: "Site A"}, {dis: "Site A Fan"}) //=> "Fan"
        relDis("Site", "SiteX Fan") //=> "SiteX Fan"
        relDis("Site A", "Site A") //=> "Site A"
    """
    child_name = _name_of(cx, child)
    ours, theirs = child_name.split(), _name_of(cx, parent).split()
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[shared] == theirs[shared]:
        shared += 1
    rest = " ".join(ours[shared:])
    if not shared or not rest:
        return child_name
    if len(rest) > 2 and rest[0] in ":-•":
        rest = rest[1:].strip()
    return rest


def _name_of(cx: Context, val: Any) -> str:
    return val if isinstance(val, str) else dict_dis(val, cx.db_resolve)


@builtin()
def to_locale(cx: Context, key: Str) -> Str:
    """Localised text of a key `lib::name`, or of a tag name; without a text the key itself.

    There are no localised texts yet, so the key comes back.

    Raises:
        UnknownPodErr: no such library.

    Examples:
        toLocale("siteRef")        //=> "siteRef"
        toLocale("nosuch::x")      //! UnknownPodErr "nosuch"
    """
    lib, colons, _ = key.partition("::")
    if colons and lib not in _PODS and lib not in cx.runtime.libs:
        raise UnknownPodErr(f"toLocale: {lib}")
    return key
