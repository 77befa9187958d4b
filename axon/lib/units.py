"""Units: asking for them, converting and replacing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axon.errors import Err
from axon.lib.registry import Bool, Num, Obj, Str, builtin, check_args
from axon.values import units
from axon.values.locale import find_locale
from axon.values.numbers import is_number, number, split
from pylib.kinds import Number

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin(pure=True)
def unit(val: Num | None) -> Str | None:
    """Symbol of the unit of a number; null where there is none.

    Examples:
        unit(5hour)                //=> "hr"
        unit(5)                    //=> null
        unit(null)                 //=> null
    """
    return val.unit if type(val) is Number else None


@builtin(pure=True)
def units_eq(a: Num | None, b: Num | None) -> Bool:
    """Whether two numbers have the same unit, or both none; false if one is null.

    Examples:
        unitsEq(5kW, 6kW)          //=> true
        unitsEq(5, 6)              //=> true
        unitsEq(5kW, 6)            //=> false
        unitsEq(null, null)        //=> false
    """
    return a is not None and b is not None and split(a)[1] == split(b)[1]


@builtin(pure=True, direct=True)
def to(val: Num | None, unit: Str | Num | None) -> Num | None:
    """Convert a number to a unit, given by name or by a number that has it.

    A number without unit takes the unit as it is. No unit to convert to, and one that is not known, strips
    the unit. The result is not rounded. To replace a unit without converting, see `as`.

    Raises:
        Err: the units measure different things.

    Examples:
        1hr.to("min")              //=> 60min
        5kW.to(1W)                 //=> 5000W
        5.to("kW")                 //=> 5kW
        5kW.to(null)               //=> 5
        5kW.to("m")                //! Err "Inconvertible"
    """
    if type(val) is not Number or type(unit) is not Number:
        check_args("to", val, unit)
    if val is None:
        return None
    num, from_symbol = split(val)
    symbol = _symbol(unit)
    if symbol is None or from_symbol is None:
        return number(num, symbol)
    return number(units.convert(num, from_symbol, symbol), symbol)


@builtin(name="as", pure=True, direct=True)
def as_(val: Num | None, unit: Str | Num | None) -> Num | None:
    """Replace the unit of a number, never its value; null leaves the number alone.

    A unit that is not known, and a number without unit, strip the unit. A name that starts with `_` defines a
    unit of its own. To convert, see `to`.

    Examples:
        5kW.as("m")                //=> 5m
        5kW.as(null)               //=> 5kW
        5kW.as(1)                  //=> 5
        5.as("_widget")            //=> 5_widget
    """
    if type(unit) is Number:
        if type(val) is int or type(val) is float:
            return Number(val, unit.unit)
        if type(val) is Number:
            return Number(val.val, unit.unit)
    check_args("as", val, unit)
    if val is None or unit is None:
        return val
    return number(split(val)[0], _symbol(unit))


def _symbol(unit: str | Num | None) -> str | None:
    if unit is None:
        return None
    return units.symbol_of(unit) if isinstance(unit, str) else split(unit)[1]


@builtin(pure=True)
def parse_unit(val: Str, checked: Bool = True) -> Str | None:
    """Symbol of the unit that has this name.

    Raises:
        Err: there is no such unit, and `checked` is true.

    Examples:
        parseUnit("kilowatt")      //=> "kW"
        parseUnit("nosuch", false) //=> null
        parseUnit("nosuch")        //! Err "Unit not found: nosuch"
    """
    symbol = None if val.startswith("_") else units.symbol_of(val)
    if symbol is None and checked:
        raise Err(f"Unit not found: {val}")
    return symbol


_METRIC = {"°C": True, "Δ°C": True, "°F": False, "Δ°F": False}


@builtin()
def is_metric(cx: Context, val: Obj = None) -> Bool:
    """Whether to show metric units.

    A number in °F or °C decides by its unit, a dict by its tag `geoCountry` (other than `US`) or by its tag
    `unit`. Everything else depends on the country of the locale; one without a country is metric.

    Raises:
        Err: the tag `unit` names no unit.

    Examples:
        isMetric(5°F)              //=> false
        isMetric({geoCountry: "PE"}) //=> true
        isMetric({unit: "Δ°F"})    //=> false
        isMetric({unit: "nosuch"}) //! Err "nosuch"
        localeUse("en-US", isMetric()) //=> false
    """
    found: bool | None = None
    if is_number(val):
        found = _METRIC.get(split(val)[1] or "")
    elif isinstance(val, dict):
        country = val.get("geoCountry")
        if country is not None:
            return bool(country != "US")
        name = val.get("unit")
        if isinstance(name, str):
            found = _METRIC.get(parse_unit(name) or "")
    return find_locale(cx.locale).is_metric if found is None else found
