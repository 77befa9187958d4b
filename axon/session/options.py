"""The options of `py`: read once, checked once, the same for every backend."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from axon.errors import ArgErr
from pylib.kinds import MARKER, Number

__all__ = ["BACKENDS", "DEFAULT_TIMEOUT", "SessionOptions", "seconds"]

DEFAULT_TIMEOUT = 300.0
"""Seconds that one `pyEval` may take unless said otherwise."""
BACKENDS = ("process", "docker", "attach")

_KNOWN = frozenset(
    "backend python args env net memory timeout startTimeout grace output units nan interrupts callbacks "
    "transport attach key image network logLevel port maxRetry io cpus pids tmp user private "
    "pool poolIdle".split()
)
_BYTES = {"byte": 1, "kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_SUFFIX = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Options as Python values.

    `timeout` (per eval; None for no limit), `start_timeout` and `grace` (after an interrupt, before the kill)
    are seconds; `output` is how many characters one eval may print; `callbacks` the role of `axon.eval`
    (`""`: it may not evaluate). `pool` interpreters are kept started ahead, each for at most `pool_idle`
    seconds. `raw` holds what only a backend reads.
    """

    backend: str = "process"
    timeout: float | None = DEFAULT_TIMEOUT
    start_timeout: float = 30.0
    grace: float = 2.0
    output: int = 1 << 20
    units: bool = False
    nan: bool = False
    interrupts: bool = True
    pool: int = 0
    pool_idle: float = 300.0
    private: bool = False
    log_level: str = "WARN"
    transport: str = ""
    callbacks: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, opts: Mapping[str, Any] | None, default_backend: str | None = None) -> SessionOptions:
        """Read options; the backend is named by them, else by the runtime, else by `AXON_PY`, else `process`.

        Raises:
            ArgErr: an unknown option or a value that it can't have.
        """
        raw = dict(opts or {})
        for name in raw:
            if name not in _KNOWN:
                near = difflib.get_close_matches(name, _KNOWN, 1)
                raise ArgErr(f"py: unknown option {name}" + (f", did you mean {near[0]}?" if near else ""))
        if "memory" in raw:
            raw["memory"] = byte_count("memory", raw["memory"])
        return cls(
            backend=_backend(raw, default_backend),
            timeout=_optional_seconds(raw, "timeout", DEFAULT_TIMEOUT),
            start_timeout=_optional_seconds(raw, "startTimeout", 30.0) or 30.0,
            grace=_optional_seconds(raw, "grace", 2.0) or 2.0,
            output=_whole(raw, "output", 1 << 20),
            units=flag(raw, "units"),
            nan=flag(raw, "nan"),
            interrupts=flag(raw, "interrupts", True),
            pool=_whole(raw, "pool", 0),
            pool_idle=_optional_seconds(raw, "poolIdle", 300.0) or 300.0,
            private=flag(raw, "private"),
            log_level=_one_of(raw, "logLevel", "WARN", "INFO", "DEBUG") or "WARN",
            transport=_one_of(raw, "transport", "unix", "tcp"),
            callbacks="admin"
            if raw.get("callbacks") == "admin"
            else "user"
            if flag(raw, "callbacks")
            else "",
            raw=raw,
        )


def _backend(raw: Mapping[str, Any], default: str | None) -> str:
    named = raw.get("backend")
    if named is None and (raw.get("image") or raw.get("network")):
        named = "docker"
    if named is None and raw.get("attach"):
        named = "attach"
    found = named or default or os.environ.get("AXON_PY") or "process"
    if found not in BACKENDS:
        raise ArgErr(f"py: unknown backend {found!r}, expected one of {', '.join(BACKENDS)}")
    return str(found)


def flag(raw: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """An option that is on as a marker or `true`."""
    val = raw.get(name, default)
    if val is MARKER:
        return True
    if type(val) is not bool:
        raise ArgErr(f"py: the option {name} must be a marker or Bool, got {val!r}")
    return val


def seconds(what: str, val: Any) -> float:
    """Seconds of a Number with a unit of time.

    Raises:
        ArgErr: not a number, or one without unit of time, or below zero.
    """
    from axon.values import units

    if type(val) in (int, float):
        raise ArgErr(f"{what}: expected a duration such as 5min, got the Number {val} without unit")
    if type(val) is not Number or not units.is_duration(val.unit):
        raise ArgErr(f"{what}: expected a duration such as 5min, got {val!r}")
    found = units.to_timedelta_ns(val) / 1e9
    if found < 0:
        raise ArgErr(f"{what}: a duration must not be negative")
    return found


def _one_of(raw: Mapping[str, Any], name: str, *choices: str) -> str:
    val = raw.get(name)
    if val is None:
        return ""
    if val not in choices:
        wanted = " or ".join(f'"{choice}"' for choice in choices)
        raise ArgErr(f"py: the option {name} must be {wanted}, got {val!r}")
    return str(val)


def _optional_seconds(raw: Mapping[str, Any], name: str, default: float) -> float | None:
    if name not in raw:
        return default
    val = raw[name]
    if val is None:
        return None
    if type(val) in (int, float):  # from Python: plain seconds
        return float(val)
    return seconds(f"py: option {name}", val)


def _whole(raw: Mapping[str, Any], name: str, default: int) -> int:
    val = raw.get(name, default)
    if type(val) not in (int, float) or val < 0:
        raise ArgErr(f"py: the option {name} must be a Number without unit, got {val!r}")
    return int(val)


def byte_count(name: str, val: Any) -> int:
    """Bytes of a plain number, a Number in bytes, or a text such as `512m`.

    Raises:
        ArgErr: anything else.
    """
    if type(val) in (int, float) and val > 0:
        return int(val)
    if type(val) is Number and val.unit in _BYTES and val.val > 0:
        return int(val.val * _BYTES[val.unit])
    if type(val) is str:
        text = val.strip().lower().removesuffix("b") or "?"
        size = _SUFFIX.get(text[-1], 0)
        digits = text[:-1] if size else text
        if digits.isdecimal() and int(digits):
            return int(digits) * (size or 1)
    raise ArgErr(f'py: the option {name} must be a size such as "512m", got {val!r}')
