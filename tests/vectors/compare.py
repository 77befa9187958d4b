"""Whether two values in canonical JSON agree, as the vectors' own page defines it (spec, vectors 3)."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

__all__ = ["same"]


def same(got: Any, want: Any) -> bool:
    """Whether both agree: numbers within 1e-9, dicts in any order, columns and rows in order."""
    got, want = _tagged(got), _tagged(want)
    if isinstance(want, bool) or want is None or isinstance(want, str):
        return type(got) is type(want) and bool(got == want)
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(map(same, got, want))
    if not isinstance(got, dict):
        return False
    kind = _kind(want)
    if _kind(got) != kind:
        return False
    check = _CHECKS.get(kind)
    return check(got, want) if check is not None else bool(got == want)


def _kind(val: dict[str, Any]) -> str:
    kind = str(val["_kind"])
    if kind == "xstr" and val["type"] in _HOST_KINDS:
        return _HOST_KINDS[str(val["type"])]
    return kind


# Inside a grid the reference writes these kinds as an xstr of its host type.
_HOST_KINDS = {"ObjRange": "host-range", "DateSpan": "host-dateSpan", "Fn": "func", "FantomFn": "func"}


def _tagged(val: Any) -> Any:
    if isinstance(val, (int, float)) and not isinstance(val, bool):
        return {"_kind": "number", "val": val}
    if isinstance(val, dict) and val.get("_kind", "dict") == "dict":
        return {"_kind": "dict", "tags": {k: x for k, x in val.items() if k != "_kind"}}
    return val


def _number(got: dict[str, Any], want: dict[str, Any]) -> bool:
    x, y = (float({"INF": "inf", "-INF": "-inf", "NaN": "nan"}.get(v["val"], v["val"])) for v in (got, want))
    if math.isnan(y) or math.isinf(y):
        return x == y or (math.isnan(x) and math.isnan(y))
    return got.get("unit") == want.get("unit") and math.isclose(x, y, rel_tol=1e-9, abs_tol=0)


def _tags(got: dict[str, Any], want: dict[str, Any], skip: Collection[str] = ()) -> bool:
    x, y = ({k: v for k, v in d.items() if v is not None and k not in skip} for d in (got, want))
    return x.keys() == y.keys() and all(same(x[k], y[k]) for k in y)


def _grid(got: dict[str, Any], want: dict[str, Any]) -> bool:
    return (
        _tags(got.get("meta") or {}, want["meta"], skip=("ver",))
        and [c["name"] for c in got["cols"]] == [c["name"] for c in want["cols"]]
        and all(_tags(x.get("meta") or {}, y["meta"]) for x, y in zip(got["cols"], want["cols"], strict=True))
        and len(got["rows"]) == len(want["rows"])
        and all(map(_tags, got["rows"], want["rows"]))
    )


def _coord(got: dict[str, Any], want: dict[str, Any]) -> bool:
    return abs(got["lat"] - want["lat"]) < 1e-6 and abs(got["lng"] - want["lng"]) < 1e-6


def _ends(got: dict[str, Any], want: dict[str, Any]) -> bool:
    return same(got["start"], want["start"]) and same(got["end"], want["end"])


_CHECKS = {
    "dict": lambda got, want: _tags(got["tags"], want["tags"]),
    "number": _number,
    "grid": _grid,
    "coord": _coord,
    "range": _ends,
    "span": _ends,
    "ref": lambda got, want: got["val"] == want["val"],
    "func": lambda got, want: True,
}
