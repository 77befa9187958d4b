"""Work without garbage collection, for stages that make very many objects and drop none.

While a large tree grows, the collector walks all of it again and again and finds nothing: of the time to
parse 10,000 lines that was half and more.
"""

from __future__ import annotations

import gc
import threading
from types import TracebackType
from typing import Final

__all__ = ["LARGE", "no_collection"]

#: Characters of source from which on a pause pays.
LARGE: Final = 20_000


class _Pause:
    """The collector rests while any thread is inside; then it is as it was before the first came in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._was_on:
                gc.enable()


no_collection: Final = _Pause()
"""`with no_collection:` around such a stage."""
