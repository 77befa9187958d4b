"""Messages that were in hand when the process died: each is begun alone, so that a death tells which it was.

The journal says which they are. They have their turns in the order of their numbers, and all other durable
messages wait until those are over. A turn ends with the answer or when its time is up, so that nothing waits
for ever: neither for a message whose task is gone, nor for one that itself waits for another.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from axon.runtime.limits import SHIELD

__all__ = ["Suspects"]

#: Seconds in which one must begin when its turn comes.
_PATIENCE = 1.0
#: Seconds after which who waits looks up: it may have been cancelled.
_SLICE = 0.05


class Suspects:
    """Whose turn it is; `holds` has the seconds that each suspect may have for itself."""

    def __init__(self, holds: Mapping[int, float], clock: Callable[[], float] = time.monotonic) -> None:
        self._holds = holds
        self._clock = clock
        self._order = deque(sorted(holds))
        self._changed = threading.Condition()
        self._until: float | None = None

    def __len__(self) -> int:
        return len(self._order)

    def enter(self, seq: int) -> None:
        """Wait until a message may begin: at once where there is no suspect."""
        while self._order:
            with SHIELD, self._changed:
                now = self._clock()
                self._expire(now)
                if not self._order:
                    return
                if self._order[0] == seq:
                    self._until = now + self._holds[seq]
                    return
                self._changed.wait(_SLICE)

    def leave(self, seq: int) -> None:
        """A message has its answer."""
        if self._order:
            with SHIELD, self._changed:
                if seq in self._order:
                    if self._order[0] == seq:
                        self._until = None
                    self._order.remove(seq)
                    self._changed.notify_all()

    def _expire(self, now: float) -> None:
        if self._until is None:
            self._until = now + _PATIENCE
        elif now >= self._until:
            self._order.popleft()
            self._until = now + _PATIENCE
            self._changed.notify_all()
