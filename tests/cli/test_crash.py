"""Nothing accepted is lost: the service is killed at random moments under load, a checker reads its traces.

`AXON_CRASH_ROUNDS` sets how often (default 4); `--log-cli-level=INFO` shows what was counted.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from axon.cli.control import request
from axon.cli.options import UsageError
from axon.errors import AxonError
from axon.tasks.journal import MAX_DELIVERIES, MAX_STRIKES, Entry, Journal

from .conftest import Served

_log = logging.getLogger(__name__)

ROUNDS = int(os.environ.get("AXON_CRASH_ROUNDS", "4"))
LIMIT = 60

TASKS = """\
id: @work
task
durable
taskExpr:
  (msg) => do
    again: taskCur().get("redelivered")
    if (again == null) again = 0
    ioWriteStr(msg->n.toStr + " " + again.toStr + "\\n", ioAppend(`io/done.txt`))
    msg->n
  end
"""


@pytest.mark.timeout(60 + 15 * ROUNDS)
def test_accepted_messages_are_answered_whatever_kills_the_service(tmp_path: Path) -> None:
    (tmp_path / "io").mkdir()
    (tmp_path / "tasks.trio").write_text(TASKS)
    accepted: list[int] = []
    numbers = itertools.count(1)
    served = Served(tmp_path)
    try:
        for _ in range(ROUNDS):
            sender = threading.Thread(target=_send_until_it_dies, args=(served.socket, numbers, accepted))
            sender.start()
            threading.Event().wait(random.uniform(0.02, 0.4))
            served.end(signal.SIGKILL)
            sender.join(LIMIT)
            served.start()
        assert served.ask(do="send", id="work", msg={"n": -1}, wait=True, timeout=LIMIT) == -1
        served.end()
    finally:
        if served.proc.poll() is None:
            served.end(signal.SIGKILL)
    journal = Journal(str(tmp_path / ".axon" / "journal.db"))
    aside = {json.loads(e.msg)["n"]: e for e in journal.aside("work")}
    assert not journal.take_pending("work")
    journal.close()
    _check(tmp_path / "io" / "done.txt", accepted, aside)
    _check_aside(aside, served)


def _send_until_it_dies(path: Path, numbers: Iterator[int], accepted: list[int]) -> None:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        number = next(numbers)  # never twice: one whose answer was lost may have been accepted
        try:
            request(path, {"do": "send", "id": "work", "msg": {"n": number}})
        except (AxonError, UsageError):
            return
        accepted.append(number)


def _check(path: Path, accepted: list[int], aside: dict[int, Entry]) -> None:
    """Each accepted message was evaluated, in order, and again only when it says so, with the right count.

    One that alone was in hand at three kills in a row may have been kept aside instead.
    """
    seen: dict[int, int] = {}
    last = repeated = 0
    for line in path.read_text().split("\n")[:-1]:
        number, again = (int(word) for word in line.split())
        if number < 0:
            continue
        assert again < MAX_DELIVERIES, f"message {number} came although it should be aside"
        if number in seen:
            assert again > seen[number], f"message {number} came twice as delivery {again}"
            repeated += 1
        else:
            assert number > last, f"message {number} came after {last}"
            last = number
        seen[number] = again
    assert len(accepted) > ROUNDS
    lost = [n for n in accepted if n not in seen and n not in aside]
    assert not lost, f"neither evaluated nor aside: {lost}"
    _log.info(
        "%d kills: %d accepted, %d evaluated, %d of them again, %d aside (%d of them never evaluated)",
        ROUNDS, len(accepted), len(seen), repeated, len(aside), len(aside.keys() - seen.keys()),
    )  # fmt: skip


def _check_aside(aside: dict[int, Entry], served: Served) -> None:
    """What is aside was in hand as often as the limit says; the journal keeps why, and when."""
    for number, entry in aside.items():
        assert entry.task == "work"
        assert entry.strikes == MAX_STRIKES, f"message {number} is aside after {entry.strikes}"
        assert f"begun {entry.deliveries} times without an answer" in (entry.answer or "")
        assert entry.done is not None
        assert entry.done >= entry.sent
    assert len(aside) <= ROUNDS / MAX_STRIKES, "each costs that many kills"
    assert served.proc.returncode == 0
