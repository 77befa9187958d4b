"""Library functions: what a program can ask about where it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axon.lib.registry import Bool, Dict, builtin
from pylib.grid import Grid
from pylib.kinds import MARKER, Ref

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin(lib="hx")
def context(cx: Context) -> Dict:
    """The surroundings of the program: project, user, locale, time zone.

    Examples:
        context()->projName           //=> "proj"
        context().has("locale")       //=> true
    """
    user = {"username": "user", "userRef": Ref("user")}
    return {"projName": "proj", "projDis": "Project", **user, "locale": cx.locale, "tz": cx.tz}


@builtin(lib="hx")
def proj_meta(cx: Context) -> Dict:
    """What is known of the project.

    Examples:
        projMeta()->name              //=> "proj"
    """
    return {"projMeta": MARKER, "name": "proj", "dis": "Project", "tz": cx.tz}


@builtin(lib="hx")
def sys_meta(cx: Context) -> Dict:
    """What is known of the installation.

    Examples:
        sysMeta().has("version")      //=> true
    """
    from axon import __version__

    return {"sysMeta": MARKER, "name": "axon", "version": __version__, "tz": cx.tz}


@builtin(lib="hx")
def is_steady_state() -> Bool:
    """Whether start-up has finished.

    Examples:
        isSteadyState()               //=> true
    """
    return True


@builtin(lib="hx")
def tzdb(cx: Context) -> Grid:
    """The time zones: `name` as in Haystack, `fullName`; the meta `cur` is the context's own.

    Examples:
        tzdb().find(r => r->name == "New_York")->fullName     //=> "America/New_York"
        tzdb().meta.has("cur")                                //=> true
    """
    from axon.values.times import zone, zone_names

    names = zone_names()
    return Grid.from_columns(["name", "fullName"], [names, [zone(n).key for n in names]], {"cur": cx.tz})


@builtin(lib="hx")
def unitdb() -> Grid:
    """The units: `quantity`, `name`, `symbol`.

    Examples:
        unitdb().find(r => r->name == "kilowatt")->symbol     //=> "kW"
        unitdb().colNames                                     //=> ["quantity", "name", "symbol"]
    """
    from axon.values.units import all_units

    units = all_units()
    columns = [[u.quantity for u in units], [u.name for u in units], [u.symbol for u in units]]
    return Grid.from_columns(["quantity", "name", "symbol"], columns)


@builtin(lib="hx")
def pods() -> Grid:
    """The installed packages that the language uses: `name`, `version`.

    Examples:
        pods().first->name                                    //=> "axon"
    """
    from importlib.metadata import PackageNotFoundError, version

    from axon import __version__

    found = {"axon": __version__}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # an extra
            continue
    return Grid.from_columns(["name", "version"], [list(found), list(found.values())])


_PACKAGES = "docker hszinc lark numpy pandas polars prompt_toolkit pyarrow rich tzdata".split()


@builtin(lib="hx")
def libs(cx: Context, opts: Dict | None = None) -> Grid:
    """The libraries of functions: `name`, `libStatus`.

    Examples:
        libs().colToList("name").contains("axon")             //=> true
    """
    names = sorted(cx.runtime.libs)
    return Grid.from_columns(["name", "libStatus"], [names, ["ok"] * len(names)])


@builtin(lib="hx")
def exts(cx: Context, opts: Dict | None = None) -> Grid:
    """The extensions: libraries that bring a service; `name`, `extStatus`.

    Examples:
        exts().colToList("name").contains("hx.task")          //=> true
    """
    names = sorted(n for n in cx.runtime.libs if n.startswith("hx."))
    return Grid.from_columns(["name", "extStatus"], [names, ["ok"] * len(names)])
