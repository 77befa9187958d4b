"""Memory of many small things, back to the system when they are gone."""

from __future__ import annotations

__all__ = ["Releases"]

_MANY = 100_000


class Releases:
    """Counts what was released, and says when it pays to make room."""

    __slots__ = ("_count",)

    def __init__(self) -> None:
        self._count = 0

    def add(self, count: int, left: int) -> bool:
        """So many were released, so many are left: whether it is time to make their tables anew and then to
        call `give_back`."""
        self._count += count
        if self._count < _MANY or self._count < left:
            return False
        self._count = 0
        return True

    @staticmethod
    def give_back() -> None:
        """Have the C library return what it keeps; only that of GNU keeps much, and can be asked."""
        try:
            import ctypes

            ctypes.CDLL(None).malloc_trim(0)
        except (ImportError, AttributeError, OSError, TypeError):
            pass
