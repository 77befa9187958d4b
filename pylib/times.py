"""Clock values from their parts on the wire. Imports `datetime`, so it is imported with the first such
value."""

from __future__ import annotations

import datetime as dt

from pylib.nanos import NanoDateTime, NanoTime, nanos_of

__all__ = ["datetime_of", "datetimes_of", "offset_at", "stamp_of", "time_of", "zone_by_id", "zone_id"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_DAY_NS = 86_400_000_000_000
_zones: dict[str, dt.tzinfo] = {}


def time_of(ns: int) -> dt.time:
    """The time of day that many nanoseconds after midnight.

    Raises:
        ValueError: a day or more.
    """
    if ns >= _DAY_NS:
        raise ValueError("a time of day beyond 24 hours")
    micros, nanos = divmod(ns, 1000)
    seconds, micros = divmod(micros, 1_000_000)
    minutes, second = divmod(seconds, 60)
    base = dt.time(minutes // 60, minutes % 60, second, micros)
    return NanoTime.of(base, nanos) if nanos else base


def datetime_of(seconds: int, ns: int, zone: dt.tzinfo) -> dt.datetime:
    """The moment `seconds` after 1970-01-01T00:00Z and `ns` nanoseconds, in a zone.

    Raises:
        ValueError: outside the years 1 to 9999.
    """
    if ns >= 1_000_000_000:
        raise ValueError("a fraction of a second beyond one second")
    micros, nanos = divmod(ns, 1000)
    base = (_EPOCH + dt.timedelta(seconds=seconds, microseconds=micros)).astimezone(zone)
    return NanoDateTime.of(base, nanos) if nanos else base


def zone_by_id(key: str) -> dt.tzinfo:
    """The zone with a full id such as `America/New_York`; `Etc/Rel` is always at offset zero.

    Raises:
        ValueError: there is no such zone here.
    """
    found = _zones.get(key)
    if found is None:
        import zoneinfo

        try:
            found = _relative() if key == "Etc/Rel" else zoneinfo.ZoneInfo(key)
        except (zoneinfo.ZoneInfoNotFoundError, OSError) as e:
            raise ValueError(f"this Python knows no time zone {key}: install the package tzdata") from e
        _zones[key] = found
    return found


def _relative() -> dt.tzinfo:
    """A zone without place, built from a zone file with nothing but offset zero."""
    import io
    import struct
    import zoneinfo

    head = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    return zoneinfo.ZoneInfo.from_file(
        io.BytesIO(head + struct.pack(">lbb", 0, 0, 0) + b"Rel\0"), key="Etc/Rel"
    )


def zone_id(value: dt.datetime) -> str:
    """The full id of the zone of an aware timestamp, whatever library its zone comes from.

    A zone without name becomes `Etc/GMT…` where its offset is in whole hours, else UTC: the moment is kept.
    """
    zone = value.tzinfo
    for name in ("key", "zone"):  # zoneinfo, pytz
        found = getattr(zone, name, None)
        if type(found) is str and found:
            return found
    offset = value.utcoffset() or dt.timedelta()
    hours, rest = divmod(int(offset.total_seconds()), 3600)
    if not hours or rest or offset.microseconds or not -14 <= -hours <= 12:
        return "UTC"
    return f"Etc/GMT{-hours:+d}"


def offset_at(seconds: int, zone: dt.tzinfo) -> int:
    """Microseconds that local time is ahead of UTC at that many seconds after 1970-01-01T00:00Z.

    Outside the years 1 to 9999 it is 0.
    """
    try:
        ahead = (_EPOCH + dt.timedelta(0, seconds)).astimezone(zone).utcoffset() or dt.timedelta()
    except OverflowError:
        return 0
    return (ahead.days * 86400 + ahead.seconds) * 1_000_000 + ahead.microseconds


def datetimes_of(stamps: list[int], zone: dt.tzinfo) -> list[dt.datetime | None]:
    """Timestamps of nanoseconds since 1970-01-01T00:00Z; the least int64 is null."""
    out: list[dt.datetime | None] = []
    add = out.append
    delta = dt.timedelta
    for ns in stamps:
        if ns == -(1 << 63):
            add(None)
            continue
        seconds, rest = divmod(ns, 1_000_000_000)
        made = (_EPOCH + delta(0, seconds, rest // 1000)).astimezone(zone)
        add(NanoDateTime.of(made, rest % 1000) if rest % 1000 else made)
    return out


def stamp_of(value: dt.datetime) -> int:
    """Nanoseconds since 1970-01-01T00:00Z of an aware timestamp."""
    passed = value - _EPOCH
    return ((passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds) * 1000 + nanos_of(value)
