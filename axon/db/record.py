"""A stored record: its persistent and transient tags, and the dict that is read."""

from __future__ import annotations

from typing import Any

from pylib.kinds import Ref

__all__ = ["Record", "refs_of"]


class Record:
    """`view` is what readers get: all tags, with display texts at the refs; it is replaced, never changed."""

    __slots__ = ("dis", "id", "tags", "transient", "view")

    def __init__(self, id: str, tags: dict[str, Any]) -> None:
        self.id = id
        self.tags = tags
        self.transient: dict[str, Any] = {}
        self.view: dict[str, Any] = {}
        #: The display name; None where there is none but the id.
        self.dis: str | None = None


def refs_of(tags: dict[str, Any]) -> set[str]:
    """The ids that a record's tags refer to, also in lists."""
    out: set[str] = set()
    for name, val in tags.items():
        if type(val) is Ref:
            if name != "id":
                out.add(val.val)
        elif type(val) is list:
            out.update(v.val for v in val if type(v) is Ref)
    return out
