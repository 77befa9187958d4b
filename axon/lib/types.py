"""Library functions: tests for the kind of a value. They never fail; null is of no kind."""

from __future__ import annotations

import datetime as dt

from axon.errors import NullErr
from axon.lib.registry import Bool, Obj, Str, bad_arg, builtin
from axon.runtime.calls import Fn
from axon.values.numbers import NUMBER_TYPES
from axon.values.times import Span
from axon.values.types import Type
from axon.values.units import is_duration as is_duration_unit
from pylib.grid import Grid
from pylib.kinds import Number, Ref, Uri


@builtin(pure=True)
def is_null(val: Obj) -> Bool:
    """Whether the value is null.

    Examples:
        isNull(null)              //=> true
        isNull(na())              //=> false
    """
    return val is None


@builtin(pure=True)
def is_non_null(val: Obj) -> Bool:
    """Whether the value is not null.

    Examples:
        isNonNull("")             //=> true
        isNonNull(null)           //=> false
    """
    return val is not None


@builtin(pure=True)
def is_list(val: Obj) -> Bool:
    """Whether the value is a List.

    Examples:
        isList([])                //=> true
        isList(1..3)              //=> false
    """
    return type(val) is list


@builtin(pure=True)
def is_dict(val: Obj) -> Bool:
    """Whether the value is a Dict; a row of a grid is one.

    Examples:
        isDict({})                            //=> true
        isDict([{a}].toGrid.first)            //=> true
        isDict([{a}].toGrid)                  //=> false
    """
    return isinstance(val, dict)


@builtin(pure=True)
def is_grid(val: Obj) -> Bool:
    """Whether the value is a Grid.

    Examples:
        isGrid([{a}].toGrid)      //=> true
        isGrid([{a}])             //=> false
    """
    return isinstance(val, Grid)


@builtin(pure=True)
def is_his_grid(val: Obj) -> Bool:
    """Whether the value is a grid of histories.

    Such a grid has at least two columns, the first named `ts`, and in its meta DateTimes `hisStart` and
    `hisEnd`.

    Examples:
        isHisGrid([{ts: now(), v0: 5}].toGrid)        //=> false
        isHisGrid([{ts: now(), v0: 5}].toGrid.addMeta({hisStart: now(), hisEnd: now()}))  //=> true
    """
    if not isinstance(val, Grid):
        return False
    names, meta = val.col_names(), val.meta()
    return (
        len(names) >= 2
        and names[0] == "ts"
        and isinstance(meta.get("hisStart"), dt.datetime)
        and isinstance(meta.get("hisEnd"), dt.datetime)
    )


@builtin(pure=True)
def is_bool(val: Obj) -> Bool:
    """Whether the value is a Bool.

    Examples:
        isBool(1 == 2)            //=> true
        isBool(1)                 //=> false
    """
    return type(val) is bool


@builtin(pure=True)
def is_number(val: Obj) -> Bool:
    """Whether the value is a Number, with or without unit.

    Examples:
        isNumber(5kW)             //=> true
        isNumber(nan())           //=> true
        isNumber("5")             //=> false
    """
    return type(val) in NUMBER_TYPES


@builtin(pure=True)
def is_duration(val: Obj) -> Bool:
    """Whether the value is a Number whose unit measures time.

    Examples:
        isDuration(5min)          //=> true
        isDuration(5)             //=> false
    """
    return type(val) is Number and is_duration_unit(val.unit)


@builtin(pure=True)
def is_ref(val: Obj) -> Bool:
    """Whether the value is a Ref.

    Examples:
        isRef(@x)                 //=> true
        isRef("@x")               //=> false
    """
    return type(val) is Ref


@builtin(pure=True)
def is_str(val: Obj) -> Bool:
    """Whether the value is a Str.

    Examples:
        isStr("x")                //=> true
        isStr(`x`)                //=> false
    """
    return type(val) is str


@builtin(pure=True)
def is_uri(val: Obj) -> Bool:
    """Whether the value is a Uri.

    Examples:
        isUri(`x`)                //=> true
        isUri("x")                //=> false
    """
    return type(val) is Uri


@builtin(pure=True)
def is_date(val: Obj) -> Bool:
    """Whether the value is a Date; a DateTime and a month are none.

    Examples:
        isDate(2024-05-06)        //=> true
        isDate(2024-05)           //=> false
    """
    return type(val) is dt.date


@builtin(pure=True)
def is_time(val: Obj) -> Bool:
    """Whether the value is a Time of day.

    Examples:
        isTime(08:30)             //=> true
        isTime(30min)             //=> false
    """
    return isinstance(val, dt.time)


@builtin(pure=True)
def is_date_time(val: Obj) -> Bool:
    """Whether the value is a DateTime.

    Examples:
        isDateTime(now())         //=> true
        isDateTime(today())       //=> false
    """
    return isinstance(val, dt.datetime)


@builtin(pure=True)
def is_span(val: Obj) -> Bool:
    """Whether the value is a Span; a DateSpan is none.

    Examples:
        isSpan(toSpan(2024-05-06))                //=> true
        isSpan(2024-05-06..2024-05-07)            //=> false
    """
    return type(val) is Span


@builtin(pure=True)
def is_func(val: Obj) -> Bool:
    """Whether the value is a function.

    Examples:
        isFunc(sum)               //=> true
        isFunc("sum")             //=> false
    """
    return isinstance(val, Fn)


@builtin(name="is", pure=True)
def is_(val: Obj, spec: Obj) -> Bool:
    """Whether the value is of a type or of one below it; null is of none.

    Raises:
        ArgErr: `spec` is not a type.

    Examples:
        is(5kW, Number)           //=> true
        is({a}, Dict)             //=> true
        is(5, Scalar)             //=> true
        is(null, Str)             //=> false
        is(5, "Number")           //! ArgErr "type"
    """
    if spec is None:
        raise NullErr("is: spec may not be null")
    if type(spec) is not Type:
        raise bad_arg("is", "expected a type for spec, got", spec)
    return spec.fits(val)


@builtin(pure=True)
def debug_type(val: Obj) -> Str:
    """The name of the type that implements the value; for people only.

    Examples:
        debugType(5).isStr                    //=> true
        debugType(1) == debugType("a")        //=> false
        debugType(null)                       //=> "null"
    """
    from axon.values.show import kind_name

    if val is None:
        return "null"
    kind = type(val)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    return f"{kind_name(val)} ({name})"


_KEYWORDS = frozenset(
    "and catch defcomp deflinks do else end false if not null or return throw true try".split()
)


@builtin(pure=True)
def is_keyword(val: Str | None) -> Bool:
    """Whether a text is a keyword of the language.

    Examples:
        isKeyword("throw")        //=> true
        isKeyword("each")         //=> false
        isKeyword(null)           //=> false
    """
    return val in _KEYWORDS
