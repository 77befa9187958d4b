"""The database: records in memory, changed by atomic commits."""

from __future__ import annotations

from axon.db.database import Change, Database, Observer
from axon.db.diff import Diff, committable, make_diff

__all__ = ["Change", "Database", "Diff", "Observer", "committable", "make_diff"]
