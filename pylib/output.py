"""`sys.stdout` and `sys.stderr` of session code: text goes to the host as it is printed, up to a limit.

What is written below Python, to the descriptors 1 and 2, does not come here: the host reads those itself.
"""

from __future__ import annotations

import io
from _thread import RLock, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Meter", "TextOut"]

_LINE = 8192
"""Characters kept back at most before they are sent without a line's end."""


class Meter:
    """Counts the characters of one evaluation and says when it is enough."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.left = limit

    def reset(self) -> None:
        """A new evaluation begins."""
        self.left = self.limit

    def take(self, text: str) -> str:
        """What of `text` may still be shown; the last piece says that there is more."""
        if len(text) <= self.left:
            self.left -= len(text)
            return text
        if self.left < 0:
            return ""
        text = text[: self.left] + f"\n… output stopped: one evaluation shows {self.limit} characters\n"
        self.left = -1
        return text


class TextOut(io.TextIOBase):
    """A text stream that sends whole lines as they are completed.

    Args:
        number: 1 for output, 2 for errors.
        meter: shared by both streams.
        send: sends a stream's number and text.
        hold: called with True before and False after a stretch that an interrupt must not cut.
        raw: the stream of the same descriptor, for whoever writes bytes or forks.
    """

    def __init__(
        self,
        number: int,
        meter: Meter,
        send: Callable[[int, str], None],
        hold: Callable[[bool], None],
        raw: Any,
    ) -> None:
        self._number = number
        self._meter = meter
        self._send = send
        self._hold = hold
        self._raw = raw
        self.pending = ""
        self._lock = RLock()
        self._main = get_ident()
        self.forked = False

    @property
    def buffer(self) -> Any:
        """The byte stream of the same descriptor."""
        return self._raw.buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Text leaves as UTF-8."""
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """Lone surrogates pass."""
        return "surrogatepass"

    def fileno(self) -> int:
        """The descriptor, which is read by the host as well."""
        return self._number

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        """Take text; send what is complete."""
        if type(text) is not str:
            if not isinstance(text, str):
                raise TypeError(f"write() argument must be str, not {type(text).__name__}")
            text = str(text)
        if self.forked:
            return int(self._raw.write(text))
        held = get_ident() == self._main
        if held:
            self._hold(True)
        try:
            with self._lock:
                self.pending += text
                if "\n" in text or len(self.pending) > _LINE:
                    self._give()
        finally:
            if held:
                self._hold(False)
        return len(text)

    def flush(self) -> None:
        """Send what is there."""
        if self.forked:
            self._raw.flush()
            return
        if not self.pending:
            return
        held = get_ident() == self._main
        if held:
            self._hold(True)
        try:
            with self._lock:
                self._give()
        finally:
            if held:
                self._hold(False)

    def _give(self) -> None:
        text, self.pending = self._meter.take(self.pending), ""
        if text:
            self._send(self._number, text)
