"""Messages that outlive the process: accepted ones are on disk before the sender goes on.

One SQLite file in WAL mode. Threads that write at the same moment share one transaction (group commit): each
adds its statement to a list, and whoever gets the lock writes the whole list. A written message survives the
death of the process. To survive a loss of power each commit has to wait for the disk: the option `full_sync`.
A write stays on the list until its sender is told how it went, so that whoever is interrupted while he writes
for others leaves the rest to the next one.

Who opens the file after a death finds in it what was in hand then. One message that was in hand alone gets a
strike; one that waited while the process died is without blame, and loses those it had.

A message may be accepted before it is to join its task's queue: it has a time by the wall clock, or the
number of another message whose answer it waits for.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from axon.errors import IOErr
from axon.runtime.limits import SHIELD
from axon.tasks.suspects import Suspects

__all__ = ["MAX_DELIVERIES", "MAX_STRIKES", "REST", "Entry", "Journal"]

_log = logging.getLogger("axon.tasks")

#: A message that alone was in hand at so many deaths in a row is kept aside: it is what kills the process.
MAX_STRIKES = 3
#: Seconds to wait before the attempt that would be the last: who kills from outside kills in them, too.
REST = 1.0
#: One that was begun so often and never answered is kept aside, whatever else was in hand.
MAX_DELIVERIES = 20
#: Seconds that a message which was in hand at a death has for itself: at first, doubled each time, at most.
_HOLD, _LONGEST_HOLD = 1.0, 60.0
#: How many answered messages are kept for inspection.
KEPT = 1000
#: So many characters of such a message, and of any answer, are kept: they are for people.
_LONGEST = 100_000
#: Version of the file, in its `user_version`; 0 are files from before there were versions.
VERSION = 2

_SCHEMA = """
create table if not exists messages (
  seq integer primary key,
  task text not null,
  msg text not null,
  sent real not null,
  state text not null default 'pending',
  deliveries integer not null default 0,
  answer text,
  done real,
  begun integer not null default 0,
  strikes integer not null default 0,
  due real,
  follows integer
) strict;
create index if not exists by_state on messages (state, task, seq);
"""

#: Columns that files of earlier versions have not.
_ADDED = {
    "begun": "integer not null default 0",
    "strikes": "integer not null default 0",
    "due": "real",
    "follows": "integer",
}

#: Values of `begun`: it waits, it is in hand, it was in hand when the process died.
_WAITS, _IN_HAND, _SUSPECT = 0, 1, 2

Params = tuple[object, ...]


class Entry(NamedTuple):
    """A message as it is kept: `state` is pending, ok, err, cancelled or aside; times since 1970 in s.

    `deliveries` counts how often it was begun, `strikes` the deaths in a row with nothing else in hand.
    `due` is when a delayed message joins the queue; one that `follows` joins when the message of that number
    has its answer, or with 0, something that ends with the process is complete.
    """

    seq: int
    task: str
    msg: str
    sent: float
    state: str
    deliveries: int
    answer: str | None
    done: float | None
    begun: int
    strikes: int
    due: float | None
    follows: int | None


_COLUMNS = ", ".join(Entry._fields)


class _Write:
    __slots__ = ("done", "error", "params", "sql")

    def __init__(self, sql: str, params: Params) -> None:
        self.sql = sql
        self.params = params
        self.done = False
        self.error: Exception | None = None


class Journal:
    """The messages of durable tasks; safe to use from every thread. `clock` gives seconds since 1970.

    Raises:
        IOErr: the file can't be opened, or belongs to a process that runs.
    """

    def __init__(
        self,
        path: str,
        *,
        full_sync: bool = False,
        kept: int = KEPT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._kept = kept
        self._clock = clock
        self._lock = threading.Lock()
        self._list_lock = threading.Lock()
        self._writes: list[_Write] = []
        self._answers: dict[int, _Write] = {}  # that could not be written yet, by message
        self._live: set[int] = set()  # accepted or taken by this process, and no answer is written
        self._followers: dict[int, list[Callable[[], object]]] = {}
        self._finished = 0
        self.closed = False
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
            self._db.execute("pragma locking_mode=exclusive")
            version = self._db.execute("pragma user_version").fetchone()[0]
            if version > VERSION:
                self._db.close()
                raise IOErr(f"journal {path}: made by a newer version of axon")
            self._db.execute("pragma journal_mode=wal")
            self._db.execute(f"pragma synchronous={'full' if full_sync else 'normal'}")
            self._db.executescript(_SCHEMA)
            self._db.execute("begin immediate")
            self._add_columns()
            self.suspects = Suspects(self._blame())
            self._db.execute(f"pragma user_version={VERSION}")
            self._db.execute("commit")
            last = self._db.execute("select max(seq) from messages").fetchone()[0]
        except (OSError, sqlite3.Error) as e:
            raise IOErr(f"journal {path}: {e}{_hint(e)}") from e
        self._next = (last or 0) + 1
        self._trim()

    def _add_columns(self) -> None:
        """Bring a file of an earlier version up to date; its messages wait as they did."""
        have = {row[1] for row in self._db.execute("pragma table_info(messages)")}
        for name, kind in _ADDED.items():
            if name not in have:
                self._db.execute(f"alter table messages add column {name} {kind}")

    def _blame(self) -> dict[int, float]:
        """Count what the last process left in hand; the seconds that each suspect has for itself."""
        found = self._db.execute(
            f"select seq from messages where state = 'pending' and begun = {_IN_HAND}"
        ).fetchall()
        self._db.execute(
            f"update messages set strikes = 0 where state = 'pending' and strikes > 0 and begun <> {_IN_HAND}"
        )
        if len(found) == 1:
            self._db.execute("update messages set strikes = strikes + 1 where seq = ?", found[0])
        self._db.execute(
            f"update messages set begun = {_SUSPECT} where state = 'pending' and begun = {_IN_HAND}"
        )
        rows = self._db.execute(
            f"select seq, deliveries from messages where state = 'pending' and begun = {_SUSPECT}"
        )
        return {seq: REST + min(_HOLD * 2.0 ** min(n - 1, 10), _LONGEST_HOLD) for seq, n in rows}

    # Writing

    def accept(self, task: str, msg: str, *, delay: float | None = None, follows: int | None = None) -> int:
        """Keep a message; on return it is written. The number tells the order of all messages.

        It joins the queue now, or `delay` seconds later, or after what it `follows`: see `Entry`.

        Raises:
            IOErr: it could not be written, and is not kept. Who gets any other error, as by Ctrl-C, can't
                know; if it is kept, the next `take_pending` gives it.
        """
        with SHIELD:
            msg = _storable(msg)
            with self._list_lock:
                seq = self._next
                self._next += 1
                self._live.add(seq)
                sent = self._clock()
                write = _Write(
                    "insert into messages (seq, task, msg, sent, due, follows) values (?, ?, ?, ?, ?, ?) "
                    "on conflict (seq) do nothing",  # one who was interrupted had written it
                    (seq, task, msg, sent, None if delay is None else sent + delay, follows),
                )
                self._writes.append(write)
            try:
                self._flush(write)
            except BaseException:
                self._live.discard(seq)
                raise
            return seq

    def join(self, seq: int) -> None:
        """Note that a message which followed another has joined the queue, for its place there."""
        self._write("update messages set due = ?, follows = null where seq = ?", (self._clock(), seq))

    def begin(self, seq: int) -> None:
        """Note that a message is about to be evaluated; `suspects.enter` comes before."""
        self._write(
            f"update messages set deliveries = deliveries + 1, begun = {_IN_HAND} where seq = ?", (seq,)
        )

    def finish(self, seq: int, state: str, answer: str) -> None:
        """Note the answer of a message: `state` is ok, err, cancelled or aside.

        Raises:
            IOErr: it could not be written; it will be, before anything else is.
        """
        msg = "msg" if state == "aside" else f"substr(msg, 1, {_LONGEST})"
        write = _Write(
            f"update messages set state = ?, answer = ?, done = ?, msg = {msg} where seq = ?",
            (state, _storable(answer[:_LONGEST]), self._clock(), seq),
        )
        self.suspects.leave(seq)
        try:
            self._submit(write)
            self._live.discard(seq)  # not before: `take_pending` would find it unanswered
        except IOErr:
            self._answers[seq] = write
            raise
        finally:
            if self._followers:
                self._tell_followers(seq)
        self._finished += 1
        if self._finished % 256 == 0:
            self._trim()

    def _trim(self) -> None:
        """Remove answered messages but the last `kept` ones; what finds no room is removed later."""
        answered = "state in ('ok', 'err', 'cancelled')"
        oldest = f"select seq from messages where {answered} order by seq desc limit 1 offset ?"
        with contextlib.suppress(IOErr):
            self._write(
                f"delete from messages where {answered} and seq < coalesce(({oldest}), 0)",
                (self._kept,),
            )

    def _write(self, sql: str, params: Params) -> None:
        self._submit(_Write(sql, params))

    def _submit(self, write: _Write) -> None:
        with SHIELD:  # whoever has the lock writes for others
            with self._list_lock:
                self._writes.append(write)
            self._flush(write)

    def _flush(self, mine: _Write) -> None:
        with self._lock:
            if not mine.done:
                listed = self._writes[:]
                self._commit(listed)
                del self._writes[: len(listed)]
        if mine.error is not None:
            raise IOErr(f"the journal can't be written: {mine.error}") from mine.error

    def _commit(self, listed: Iterable[_Write]) -> None:
        """Write what is listed and not done, and tell each how it went."""
        if self._answers:
            self._catch_up()
        writes = [w for w in listed if not w.done]
        error = self._transact(writes)
        for w in writes:  # one that has no room must not fail the others
            w.error = self._transact([w]) if error is not None and len(writes) > 1 else error
            w.done = True

    def _catch_up(self) -> None:
        """Write the answers that could not be written before."""
        answers = self._answers.copy()
        if self._transact(answers.values()) is None:
            for seq in answers:
                self._live.discard(seq)
                del self._answers[seq]

    def _transact(self, writes: Iterable[_Write]) -> Exception | None:
        """Write all of these, or none. Those who wait get the error, whatever it is."""
        try:
            if self._db.in_transaction:  # the last one could not end it
                self._db.execute("rollback")
            self._db.execute("begin immediate")
            for w in writes:
                self._db.execute(w.sql, w.params)
            self._db.execute("commit")
        except BaseException as e:
            with contextlib.suppress(Exception):
                if self._db.in_transaction:
                    self._db.execute("rollback")
            if isinstance(e, Exception):
                return e
            raise
        return None

    # Reading

    def take_pending(self, task: str) -> list[Entry]:
        """The unanswered messages of a task that this process has not taken yet, in the order of the queue.

        Those come last whose time is still to come, and after them those that follow another.
        """
        with SHIELD, self._lock:  # nobody's answer is written between the look and the mark
            pending = self._read("state = 'pending' and task = ?", task)
            found = [e for e in pending if e.seq not in self._live]
            self._live.update(e.seq for e in found)
        return _in_order(found)

    def wait(self, entry: Entry) -> float:
        """Seconds until a message is due, at most 0 if it is.

        No clock that was set back lets it wait longer than its delay once more.
        """
        if entry.due is None:
            return 0.0
        return min(entry.due - self._clock(), entry.due - entry.sent)

    def is_unanswered(self, seq: int) -> bool:
        """Whether a message that this process accepted or took has no answer yet."""
        return seq in self._live and seq not in self._answers

    def when_answered(self, seq: int, fn: Callable[[], object]) -> None:
        """Call `fn()` as soon as a message has its answer, in whichever thread; at once if it has."""
        with self._list_lock:
            self._followers.setdefault(seq, []).append(fn)
        entry = self.entry(seq)
        if entry is None or entry.state != "pending" or seq in self._answers:
            self._tell_followers(seq)

    def _tell_followers(self, seq: int) -> None:
        with self._list_lock:
            fns = self._followers.pop(seq, ())
        for fn in fns:
            try:
                fn()
            except Exception:  # the message has its answer, and so have the others that follow it
                _log.exception("what follows message %d failed", seq)

    def recent(self, task: str, limit: int = 20) -> list[Entry]:
        """The last messages of a task, newest first."""
        return self._select("task = ? order by seq desc limit ?", task, limit)

    def aside(self, task: str) -> list[Entry]:
        """The messages of a task that were kept aside."""
        return self._select("state = 'aside' and task = ? order by seq", task)

    def retry(self, seq: int) -> None:
        """Let a message that was kept aside wait as if it were new; `take_pending` finds it."""
        self._write(
            f"update messages set state = 'pending', deliveries = 0, strikes = 0, begun = {_WAITS}, "
            "answer = null, done = null, due = null, follows = null where seq = ? and state = 'aside'",
            (seq,),
        )

    def drop(self, seq: int) -> None:
        """Remove a message that was kept aside."""
        self._write("delete from messages where seq = ? and state = 'aside'", (seq,))

    def waiting(self) -> dict[str, int]:
        """How many messages wait, by task."""
        sql = "select task, count(*) from messages where state = 'pending' group by task order by min(seq)"
        with SHIELD, self._lock:
            return dict(self._query(sql))

    def entry(self, seq: int) -> Entry | None:
        """One message."""
        found = self._select("seq = ?", seq)
        return found[0] if found else None

    def _select(self, where: str, *params: object) -> list[Entry]:
        with SHIELD, self._lock:
            return self._read(where, *params)

    def _read(self, where: str, *params: object) -> list[Entry]:
        """As `_select`, for who has the lock."""
        order = "" if "order by" in where else " order by seq"
        return [
            Entry(*r) for r in self._query(f"select {_COLUMNS} from messages where {where}{order}", params)
        ]

    def _query(self, sql: str, params: Params = ()) -> list[Any]:
        try:
            return self._db.execute(sql, params).fetchall()
        except sqlite3.Error as e:
            raise IOErr(f"journal {self.path}: {e}") from e

    def close(self) -> None:
        """Close the file; unanswered messages stay in it. Safe to call twice."""
        with self._lock:
            if not self.closed:
                self._commit(self._writes)
                self.closed = True
                # If that can't be written, the next process takes this for a death.
                self._transact([_Write(f"update messages set begun = {_WAITS} where begun = {_IN_HAND}", ())])
                self._db.close()


def _storable(text: str) -> str:
    """Half a surrogate pair has no UTF-8: it becomes its escape, which JSON understands."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Sort messages, given by number, as they joined or will join the queue.

    One that was begun was the first. The others go by time, but a clock that was set does not change the
    order of those that joined when they were sent.
    """
    order: dict[int, tuple[bool, float, int]] = {}
    latest = -math.inf
    for e in entries:
        if e.follows is not None:
            when = math.inf
        elif e.due is not None:
            when = e.due
        else:
            when = latest = max(latest, e.sent)
        order[e.seq] = (e.deliveries == 0, when, e.seq)
    return sorted(entries, key=lambda e: order[e.seq])


def _hint(error: Exception) -> str:
    """What to do about a file that can't be opened."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return "; move it away to begin with an empty one"
    return "; another process has it" if code == sqlite3.SQLITE_BUSY else ""
