from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axon.errors import Err, UnitErr
from axon.values import units as u
from pylib.kinds import Number

symbols = st.sampled_from([unit.symbol for unit in u.all_units()])
temperatures = ("°F", "°C", "Δ°F", "Δ°C")


def test_the_table_holds_every_unit_once():
    units = u.all_units()
    assert len(units) == 457
    assert len({id for unit in units for id in unit.ids}) == sum(len(unit.ids) for unit in units)


@pytest.mark.parametrize(
    ("id", "symbol"),
    [
        ("kilowatt", "kW"),
        ("kW", "kW"),
        ("hour", "hr"),
        ("h", "hr"),
        ("us_dollar", "$"),
        ("USD", "$"),
        ("scf", "ft³_gas"),
        ("in/wc", "inH₂O"),
        ("\u03a9", "\u2126"),
        ("day", "day"),
        ("_gizmo", "_gizmo"),
        ("_", "_"),
        ("_a/b", "_a/b"),
    ],
)
def test_any_id_finds_the_unit(id, symbol):
    assert u.symbol_of(id) == symbol


@pytest.mark.parametrize("id", ["KW", "Kw", "gizmo", "", "_a1", "_a b", "m2"])
def test_other_text_is_no_unit(id):
    assert u.find(id) is None


def test_a_unit_knows_its_dimension():
    kw = u.by_symbol("kW")
    assert (kw.name, kw.quantity, kw.dim_text, kw.scale, kw.offset) == (
        "kilowatt",
        "power",
        "kg1*m2*sec-3",
        1000,
        0,
    )
    assert u.by_symbol("°C").offset == 273.15
    assert u.by_symbol("%").dim_text == ""


@pytest.mark.parametrize(
    ("a", "b", "product"),
    [
        ("kW", "hr", "kWh"),
        ("hr", "kW", "_hr_kW"),
        ("in", "in", "in²"),
        ("ft", "m", "_ft_m"),
        ("m²", "m", "_m²_m"),
        ("V", "A", "VA"),
        ("N", "m", "Nm"),
        ("%", "kW", "_%_kW"),
        ("_ft³", "%", "_ft³_%"),
        ("Hz", "ms", "g/kg"),
    ],
)
def test_unit_of_a_product(a, b, product):
    assert u.mul_unit(a, b) == product


@pytest.mark.parametrize(
    ("a", "b", "quotient"),
    [
        ("kWh", "hr", "_kWh/hr"),
        ("kWh", "kW", "hr"),
        ("m³", "m", "m²"),
        ("V", "A", "\u2126"),
        ("mile", "hr", "mph"),
        ("W", "m²", "_W/m²"),
        ("ft³", "min", "cfm"),
        ("m", "m", "_m/m"),
        ("m", "km", "g/kg"),
        ("BTU/h", "W", "EER"),
        ("kg", "$", "_kg/$"),
        ("_ft³_%", "m²", "_ft³_%/m²"),
    ],
)
def test_unit_of_a_quotient(a, b, quotient):
    assert u.div_unit(a, b) == quotient


@given(symbols, symbols)
def test_products_and_quotients_never_fail_and_are_stable(a, b):
    for made in (u.mul_unit(a, b), u.div_unit(a, b)):
        assert made
        assert u.by_symbol(made).symbol == made
    assert u.mul_unit(a, b) == u.mul_unit(a, b)


@given(symbols)
def test_a_sum_of_equal_units_has_that_unit(a):
    assert u.add_unit(a, a) == a
    assert u.sub_unit(a, a) == (f"Δ{a}" if a in ("°F", "°C") else a)


def test_temperatures_and_differences():
    got = {(a, b): _try(u.add_unit, a, b) for a in temperatures for b in temperatures if a != b}
    assert {k: v for k, v in got.items() if v} == {
        ("°F", "Δ°F"): "°F",
        ("Δ°F", "°F"): "°F",
        ("°C", "Δ°C"): "°C",
        ("Δ°C", "°C"): "°C",
    }
    assert u.sub_unit("°F", "Δ°F") == "°F"
    with pytest.raises(UnitErr, match="Δ°F - °F"):
        u.sub_unit("Δ°F", "°F")
    with pytest.raises(UnitErr, match=r"kW \+ m"):
        u.add_unit("kW", "m")


def _try(how, a, b):
    try:
        return how(a, b)
    except UnitErr:
        return None


def test_conversion_is_not_rounded():
    assert u.convert(212, "°F", "°C") == 100.00000000000006
    assert u.convert(5, "kW", "W") == 5000
    assert u.convert(1, "mo", "day") == 30.4375
    with pytest.raises(Err, match="Inconvertible units: kilowatt and meter"):
        u.convert(1, "kW", "m")


@given(symbols, st.floats(-1e6, 1e6))
def test_conversion_to_the_same_unit_keeps_the_value(a, val):
    assert u.convert(val, a, a) == val


@given(symbols, st.data())
def test_conversion_there_and_back(a, data):
    unit = u.by_symbol(a)
    b = data.draw(st.sampled_from([x for x in u.all_units() if x.dim == unit.dim]))
    back = u.convert(u.convert(12.5, a, b.symbol), b.symbol, a)
    assert back == pytest.approx(12.5, rel=1e-9, abs=1e-9 * max(1.0, abs(unit.offset)))


def test_durations_are_whole_nanoseconds():
    assert u.to_timedelta_ns(Number(1.5, "sec")) == 1_500_000_000
    assert u.to_timedelta_ns(Number(1, "mo")) == 30 * u.DURATIONS["day"]
    assert u.to_timedelta_ns(Number(-0.7, "ns")) == 0
    assert u.to_timedelta_ns(Number(float("nan"), "hr")) == 0
    assert u.to_timedelta_ns(Number(1e300, "hr")) == 2**63 - 1
    for bad in (5, Number(5, "kW"), Number(5, "cs")):
        with pytest.raises(UnitErr, match="Not duration unit: 5"):
            u.to_timedelta_ns(bad)


def test_one_look_up_does_not_make_every_unit():
    table = u._Table()
    table.find("kW")
    assert set(table.units) == {"kW"}
