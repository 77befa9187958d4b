"""Threads shared by all tasks of a runtime: started when there is work for one more, ended when idle.

A job is anything with `turn()`. It is run by one thread at a time as long as it is not submitted again
before its turn ended; tasks see to that themselves.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from axon.errors import Err

__all__ = ["Job", "Pool"]

_log = logging.getLogger("axon.tasks")


class Job(Protocol):
    """Work for a thread of the pool."""

    def turn(self) -> object:
        """Do some of the work; must not raise."""


class Pool:
    """At most `max_threads` threads; each ends after `linger` seconds without work."""

    def __init__(self, max_threads: int = 50, *, linger: float = 10.0) -> None:
        self.max_threads = max_threads
        self._linger = linger
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.is_calm: Callable[[], bool] = self._jobs.empty
        """Whether no job waits for a thread; asked after each message, hence no method of ours."""
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._numbers = itertools.count(1)
        # Each queued job is either some thread's to come for (an idle one, or one that just started) or it
        # is backlog, taken by the next thread that would turn idle.
        self._idle = 0
        self._backlog = 0
        self._closed = False
        self.peak = 0

    def submit(self, job: Job) -> None:
        """Let a thread call `job.turn()` as soon as one is free.

        A caller that can be stopped holds a shield.

        Raises:
            Err: there is no thread, and the system gives none; the job is not taken.
        """
        with self._lock:
            if self._idle > 0:
                self._idle -= 1  # that thread is spoken for; it counts itself idle again when done
            elif len(self._threads) >= self.max_threads or self._closed or not self._start():
                self._backlog += 1
        self._jobs.put(job)

    @property
    def size(self) -> int:
        """How many threads there are."""
        return len(self._threads)

    @property
    def queued(self) -> int:
        """How many jobs wait."""
        return self._jobs.qsize()

    def close(self, timeout: float = 5.0) -> bool:
        """End all threads after the jobs in hand; tell whether they ended within `timeout` seconds."""
        with self._lock:
            self._closed = True
            threads = list(self._threads)
        for _ in threads:
            self._jobs.put(None)
        end = time.monotonic() + timeout
        for t in threads:
            if t is not threading.current_thread():
                t.join(max(0.0, end - time.monotonic()))
        return not any(t.is_alive() for t in threads if t is not threading.current_thread())

    def _start(self) -> bool:
        """Start a thread; False when the system gives none, and the others must do."""
        t = threading.Thread(target=self._work, name=f"axon-task-{next(self._numbers)}", daemon=True)
        try:
            t.start()
        except RuntimeError as e:
            if not self._threads:
                raise Err(f"tasks: no thread can be started: {e}") from e
            return False
        self._threads.add(t)
        self.peak = max(self.peak, len(self._threads))
        return True

    def _work(self) -> None:
        jobs = self._jobs
        me = threading.current_thread()
        while True:
            try:
                job = jobs.get(timeout=self._linger)
            except queue.Empty:
                with self._lock:
                    if self._idle > 0:
                        self._idle -= 1
                        self._threads.discard(me)
                        return
                continue
            if job is None:
                with self._lock:
                    self._threads.discard(me)
                return
            try:
                job.turn()
            except BaseException:  # the thread is shared: no job may end it
                _log.exception("a job of the pool failed")
            del job  # who waits for the next one keeps no task alive
            with self._lock:
                if self._backlog:
                    self._backlog -= 1
                else:
                    self._idle += 1
