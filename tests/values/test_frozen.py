from __future__ import annotations

import datetime as dt
import pickle

import pytest

from axon.values import units
from axon.values.ranges import Range
from axon.values.times import DateSpan, Span, from_epoch_ns, zone
from axon.values.types import Type

NOW = from_epoch_ns(0, zone("New_York"))
VALUES = [
    Range(1, "x"),
    DateSpan.of(dt.date(2024, 5, 6), "week"),
    Span("today", now=NOW),
    Span(NOW, NOW),
    Type("ph::Site"),
]


@pytest.mark.parametrize("val", [*VALUES, units.by_symbol("kW")])
def test_a_value_does_not_change(val):
    field = type(val).__slots__[0]
    with pytest.raises(AttributeError, match="is immutable"):
        setattr(val, field, 1)
    with pytest.raises(AttributeError, match="is immutable"):
        delattr(val, field)


@pytest.mark.parametrize("val", VALUES)
def test_a_value_survives_pickling(val):
    again = pickle.loads(pickle.dumps(val))
    assert again == val
    assert hash(again) == hash(val)
    assert repr(again) == repr(val)
