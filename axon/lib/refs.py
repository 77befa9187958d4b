"""Refs, coordinates and typed strings (XStr)."""

from __future__ import annotations

import math
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr
from axon.lib.registry import Bool, Num, Obj, Str, builtin
from axon.values.numbers import number, split
from pylib.kinds import Coord, Ref, XStr

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin()
def ref_gen() -> Ref:
    """A new id that no other record has: the time and chance, as `xxxxxxxx-xxxxxxxx` in hexadecimal.

    Examples:
        refGen().toStr.size        //=> 17
        refGen() == refGen()       //=> false
    """
    return Ref(f"{int(time.time()) & 0xFFFF_FFFF:08x}-{secrets.token_hex(4)}")


@builtin()
def ref_dis(cx: Context, ref: Ref) -> Str:
    """Display text of a ref: its own, else that of its record, else the id.

    Examples:
        (@a).refDis                //=> "a"
        parseRef("abc", "Pump").refDis //=> "Pump"
    """
    if ref.dis_text is not None:
        return ref.dis_text
    rec = cx.db_resolve(ref)
    if rec is None:
        return ref.val
    from axon.values.macros import dict_dis

    return dict_dis(rec, cx.db_resolve)


_PROJ_REF = re.compile(r"p:([^:]+):r:.+", re.DOTALL)


@builtin(pure=True)
def ref_proj_name(ref: Ref, checked: Bool = True) -> Str | None:
    """Name of the project in a ref of the form `@p:proj:r:id`.

    Raises:
        ArgErr: the ref has another form, and `checked` is true.

    Examples:
        (@p:demo:r:x1).refProjName //=> "demo"
        (@x).refProjName(false)    //=> null
        (@x).refProjName           //! ArgErr "x"
    """
    m = _PROJ_REF.fullmatch(ref.val)
    if m is None:
        if checked:
            raise ArgErr(f"refProjName: not a ref of a project: @{ref.val}")
        return None
    return m[1]


@builtin(pure=True)
def coord(lat: Num, lng: Num) -> Coord:
    """A place on earth; degrees are cut after the sixth decimal, units are ignored.

    Raises:
        ArgErr: latitude beyond ±90 or longitude beyond ±180.

    Examples:
        coord(37.55, -77.45)       //=> coord(37.55, -77.45)
        coord(1.23456789, -2).toStr //=> "C(1.234567,-2.0)"
        coord(95, 0)               //! ArgErr "lat"
    """
    return Coord(_degrees("lat", lat, 90), _degrees("lng", lng, 180))


def _degrees(name: str, val: Num, limit: int) -> float:
    num = split(val)[0]
    if num != num:
        return 0.0
    if not -limit <= num <= limit:
        raise ArgErr(f"coord: Invalid {name} > +/- {limit}")
    return float(num)


@builtin(pure=True)
def coord_lat(coord: Coord) -> Num:
    """Latitude in degrees, without unit.

    Examples:
        coordLat(coord(37.55, -77.45)) //=> 37.55
    """
    return coord.lat


@builtin(pure=True)
def coord_lng(coord: Coord) -> Num:
    """Longitude in degrees, without unit.

    Examples:
        coordLng(coord(37.55, -77.45)) //=> -77.45
    """
    return coord.lng


_EARTH_RADIUS_KM = 6371.0


@builtin(pure=True)
def coord_dist(c1: Coord, c2: Coord) -> Num:
    """Distance of two places in metres, along a great circle of a sphere of 6371 km radius.

    Examples:
        coordDist(coord(0, 0), coord(0, 0)) //=> 0m
        coordDist(coord(0, 0), coord(0, 1)).to("km").format("0.0") //=> "111.2km"

    Source: the haversine formula.
    """
    half_lat = math.sin(math.radians(c2.lat - c1.lat) / 2)
    half_lng = math.sin(math.radians(c2.lng - c1.lng) / 2)
    a = half_lat**2 + math.cos(math.radians(c1.lat)) * math.cos(math.radians(c2.lat)) * half_lng**2
    return number(_EARTH_RADIUS_KM * (2 * math.atan2(math.sqrt(a), math.sqrt(1 - a))) * 1000, "m")


_TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9_]*")


@builtin()
def xstr(cx: Context, type: Str, val: Str) -> Obj:
    """A string of a type that Haystack does not know.

    The type `Span` gives the Span that the text stands for, in the zone of the context.

    Raises:
        ParseErr: a Span that can't be read.
        ArgErr: the type is not a name that starts with a capital.

    Examples:
        xstr("Widget", "red").toStr //=> "Widget(\\"red\\")"
        xstr("Span", "today").isSpan //=> true
        xstr("bad", "x")           //! ArgErr "bad"
    """
    if _TYPE_NAME.fullmatch(type) is None:
        raise ArgErr(f"xstr: Invalid type name: {type}")
    if type == "Span":
        return _span(cx, val)
    return XStr(type, val)


def _span(cx: Context, text: str) -> Any:
    from axon.values.locale import find_locale
    from axon.values.times import parse_span

    return parse_span(text, cx.now(), find_locale(cx.locale).first_weekday)
