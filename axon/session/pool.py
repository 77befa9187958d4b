"""Warm interpreters: started ahead, each used by one session only, replaced in the background.

A session that finds one with its own options waits for no start. What waits too long is ended: an idle
interpreter costs memory. Nothing is shared between sessions: an interpreter that served one is never given
to another.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from axon.errors import AxonError
from axon.session.options import SessionOptions

if TYPE_CHECKING:
    from axon.session.conversation import Conversation

__all__ = ["WarmPool"]

_PAUSE = 0.05
"""Seconds before a start in the background: a start is work for all processors, and somebody is just being
served."""


class WarmPool:
    """Started interpreters by the options that they were started with.

    Args:
        make: a conversation with a fresh interpreter, not yet started.
    """

    def __init__(self, make: Callable[[SessionOptions], Conversation]) -> None:
        self._make = make
        self._idle: dict[str, deque[tuple[float, Conversation]]] = {}
        self._starting: dict[str, int] = {}
        self._change = threading.Condition()
        self._ending = 0
        self._closed = False
        self._timer: threading.Timer | None = None
        #: Why the last start that failed did; the session that needs an interpreter tries by itself.
        self.failure: AxonError | None = None

    def take(self, options: SessionOptions) -> Conversation:
        """A warm interpreter where there is one, else one that is not started; then refill."""
        if not options.pool:
            return self._make(options)
        key = repr(options)
        found: Conversation | None = None
        while found is None:
            with self._change:
                waiting = self._idle.get(key)
                if not waiting:
                    break
                _, client = waiting.popleft()
            if client.backend.alive():
                found = client
            else:
                client.kill()
        self.fill(options)
        return found or self._make(options)

    def fill(self, options: SessionOptions) -> None:
        """Start what is missing, in the background."""
        key = repr(options)
        with self._change:
            have = len(self._idle.setdefault(key, deque())) + self._starting.get(key, 0)
            missing = 0 if self._closed else options.pool - have
            self._starting[key] = self._starting.get(key, 0) + max(0, missing)
        for _ in range(missing):
            threading.Thread(target=self._start, args=(key, options), daemon=True, name="axon-warm").start()

    def wait(self, options: SessionOptions, seconds: float) -> bool:
        """Wait until as many as wanted are warm; whether they are."""
        key = repr(options)
        with self._change:
            return (
                self._change.wait_for(
                    lambda: len(self._idle.get(key, ())) >= options.pool or not self._starting.get(key),
                    seconds,
                )
                and len(self._idle.get(key, ())) >= options.pool
            )

    def _start(self, key: str, options: SessionOptions) -> None:
        client: Conversation | None = None
        try:
            with self._change:
                if self._change.wait_for(lambda: self._closed, _PAUSE):
                    return
            made = self._make(options)
            made.start()
            client = made
        except AxonError as e:
            self.failure = e
        finally:
            # In one step: what counted twice, as started and as starting, would not be replaced.
            with self._change:
                self._starting[key] -= 1
                if client is not None and not self._closed:
                    self._idle[key].append((time.monotonic() + options.pool_idle, client))
                    client = None
                    self._watch()
                self._ending += client is not None
                self._change.notify_all()
            if client is not None:
                self._end([client], kill=True)

    def _watch(self) -> None:
        """Wake when the next interpreter has waited too long; the caller holds the lock."""
        ends = [end for waiting in self._idle.values() for end, _ in waiting]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if ends and not self._closed:
            self._timer = threading.Timer(max(0.01, min(ends) - time.monotonic()), self._expire)
            self._timer.daemon = True
            self._timer.start()

    def _expire(self) -> None:
        now = time.monotonic()
        with self._change:
            late = [client for waiting in self._idle.values() for end, client in waiting if end <= now]
            for key, waiting in self._idle.items():
                self._idle[key] = deque((end, client) for end, client in waiting if end > now)
            self._ending += len(late)
            self._watch()
        self._end(late)

    def _end(self, clients: list[Conversation], *, kill: bool = False) -> None:
        """End those that are counted as ending."""
        for client in clients:
            if kill:
                client.kill()
            else:
                client.end()
            with self._change:
                self._ending -= 1
                self._change.notify_all()

    def close(self) -> None:
        """End what waits, and what is being started. Safe twice."""
        with self._change:
            self._closed = True
            self._change.notify_all()
            waiting = [client for found in self._idle.values() for _, client in found]
            self._idle.clear()
            self._watch()
        for client in waiting:
            client.kill()
        with self._change:
            self._change.wait_for(lambda: not self._ending and not any(self._starting.values()), 10)
