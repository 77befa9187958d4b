"""Time zones by their Haystack name, the last part of the zone id (`New_York`, `UTC`, `GMT+5`).

Names come from a fixed table (`zone_table`): a name that several ids share always means the same zone.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from axon.errors import ParseErr

__all__ = ["REL", "UTC", "fixed_zone", "is_late", "is_zone", "zone", "zone_name", "zone_names"]

UTC = ZoneInfo("UTC")

_CACHE: dict[str, ZoneInfo] = {"UTC": UTC, "Etc/UTC": UTC}


def _relative_zone() -> ZoneInfo:
    """`Rel`: a zone without place, always at offset zero; built from a minimal zone file."""
    import io
    import struct

    head = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    return ZoneInfo.from_file(io.BytesIO(head + struct.pack(">lbb", 0, 0, 0) + b"Rel\0"), key="Etc/Rel")


REL = _relative_zone()
_CACHE["Rel"] = _CACHE["Etc/Rel"] = REL

_ids: dict[str, str] = {}
_late: set[str] = set()


def _load() -> dict[str, str]:
    """The table as name → id, filled on first use."""
    if not _ids:
        from axon.values import zone_table

        late = set(zone_table.LATE_CITIES.split())
        region = ""
        found: dict[str, str] = {"UTC": "UTC", "GMT": "Etc/GMT", "Rel": "Etc/Rel"}
        for word in zone_table.CITIES.split():
            if word[-1] == ":":
                region = word[:-1]
                continue
            found[word] = f"{region}/{word}"
            if region in zone_table.LATE_REGIONS.split():
                late.add(word)
        for hours in range(1, 13):
            found[f"GMT+{hours}"] = f"Etc/GMT+{hours}"
        for hours in range(1, 15):
            found[f"GMT-{hours}"] = f"Etc/GMT-{hours}"
        for line in zone_table.ALIASES.splitlines():
            city, _, others = line.partition(": ")
            for other in others.split():
                found.setdefault(other, found[city])
        _late.update(late)
        _ids.update(found)
    return _ids


def zone(name: str) -> ZoneInfo:
    """The zone of a city name, of another name it has, or of a full zone id.

    Raises:
        ParseErr: there is no such zone.
    """
    found = _CACHE.get(name)
    if found is None:
        head, _, city = name.rpartition("/")
        id = _load().get(city)
        if head and name != id:
            id = _full_id(name, id)
        if id is None:
            raise ParseErr(f"TimeZone not found: {name}")
        try:
            found = _CACHE[name] = _CACHE.get(id) or ZoneInfo(id)
        except (ZoneInfoNotFoundError, ValueError, OSError) as err:
            raise ParseErr(f"TimeZone not found: {name}") from err
    return found


def _full_id(name: str, id: str | None) -> str | None:
    """The id of the table for a full id that is not itself in it, such as `US/Eastern`; None when unknown."""
    from axon.values.zone_table import FULL_IDS

    other = FULL_IDS.get(name)
    if other is None and id is not None:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    return other or id


def is_zone(name: str) -> bool:
    """Whether `zone(name)` gives a zone."""
    try:
        zone(name)
    except ParseErr:
        return False
    return True


def zone_names() -> list[str]:
    """Every city name of the table, sorted; without the other names that lead to the same zones."""
    return sorted({id.rpartition("/")[2] for id in _load().values()})


def zone_name(value: dt.datetime | dt.tzinfo | None) -> str:
    """The Haystack name of a zone, or of the zone of a timestamp."""
    tz = value.tzinfo if isinstance(value, dt.datetime) else value
    if isinstance(tz, ZoneInfo):
        return (tz.key or "UTC").rpartition("/")[2]
    if tz is None:
        return "UTC"
    offset = tz.utcoffset(None)
    return fixed_zone(offset or dt.timedelta()).key.rpartition("/")[2]


def fixed_zone(offset: dt.timedelta) -> ZoneInfo:
    """The zone that is always at this offset, whole hours only: `+03:00` is `GMT-3`.

    Raises:
        ParseErr: there is no zone for that offset.
    """
    seconds = int(offset.total_seconds())
    if seconds == 0:
        return UTC
    hours, rest = divmod(abs(seconds), 3600)
    if rest:
        raise ParseErr(f"TimeZone not found: no zone has the fixed offset {offset}")
    return zone(f"GMT{'-' if seconds > 0 else '+'}{hours}")


def is_late(tz: dt.tzinfo) -> bool:
    """Whether an hour that comes twice in autumn means the second one in this zone.

    So where the change is ruled in UTC or standard time (Europe, Australia …), not where it is ruled in wall
    time (North America …).
    """
    _load()
    return zone_name(tz) in _late
