"""Run vectors: `python -m tests.vectors.run [GROUP…] [-v] [--plain]` prints rates and, with -v, misses."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axon
from tests.vectors.compare import same

FOLDER = Path(__file__).parent


@dataclass
class Outcome:
    """What became of a vector; `why` is empty when it passed."""

    id: str
    src: str
    why: str


def groups() -> list[str]:
    """Names of all groups."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def vectors(group: str) -> Iterator[dict[str, Any]]:
    """The vectors of a group."""
    for line in (FOLDER / f"{group}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def check(rt: axon.Runtime, vector: dict[str, Any]) -> str:
    """Why a vector fails; empty when it passes."""
    try:
        val = rt.eval(vector["src"])
        got = axon.to_json(val)
    except axon.AxonSyntaxError as exc:
        in_source = exc.loc.source is None or exc.loc.source.text == vector["src"]
        phase = "syntax" if in_source else "eval"
        return _judge_error(vector, phase, exc)
    except axon.AxonError as exc:
        if isinstance(exc.__cause__, (NameError, AttributeError, TypeError, KeyError, AssertionError)):
            return f"internal failure: {exc.__cause__!r}"
        if exc.message.startswith("Unknown symbol") and "Unknown symbol" not in str(vector.get("err")):
            return f"missing function: {exc.message}"
        return _judge_error(vector, "eval", exc)
    if "err" in vector:
        return f"expected error {vector['err']}, got {json.dumps(got)[:200]}"
    if not same(got, vector["ok"]):
        return f"got {_text(got)}\n      want {_text(vector['ok'])}"
    for key, fn in (("str", "toStr"), ("code", "toAxonCode")):
        if key in vector:
            text = rt.eval(f"(v) => {fn}(v)")(val)
            if text != vector[key]:
                return f"{key}: got {text!r}\n      want {vector[key]!r}"
    return ""


def _text(val: Any) -> str:
    return json.dumps(val, ensure_ascii=False)[:300]


def _judge_error(vector: dict[str, Any], phase: str, exc: axon.AxonError) -> str:
    if "err" not in vector:
        return f"raised {exc.type}: {exc.message}\n      want {_text(vector['ok'])}"
    want = vector["err"]["phase"]
    return "" if phase == want else f"error in phase {phase} ({exc.message}), want {want}: {vector['err']}"


def run(names: list[str], rt: axon.Runtime) -> Iterator[tuple[str, int, list[Outcome]]]:
    """Per group: its name, how many vectors it has, and those that fail."""
    for group in names:
        missed: list[Outcome] = []
        count = 0
        for vector in vectors(group):
            count += 1
            try:
                why = check(rt, vector)
            except Exception as exc:
                why = f"CRASH {type(exc).__name__}: {exc}"
            if why:
                missed.append(Outcome(vector["id"], vector["src"], why))
        yield group, count, missed


def main() -> int:
    """Print rates and misses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("group", nargs="*")
    parser.add_argument("-v", "--verbose", action="store_true", help="print each miss")
    parser.add_argument("--plain", action="store_true", help="without the compiler's inline paths")
    args = parser.parse_args()
    rt = axon.Runtime(tz="New_York", locale="en", optimize=not args.plain)
    total = passed = 0
    for group, count, missed in run(args.group or groups(), rt):
        total += count
        passed += count - len(missed)
        sys.stdout.write(
            f"{group:22} {count - len(missed):5}/{count:<5} {100 * (count - len(missed)) / count:6.1f} %\n"
        )
        for miss in missed if args.verbose else ():
            sys.stdout.write(f"  {miss.id}: {miss.src!r}\n      {miss.why}\n")
    sys.stdout.write(f"total {passed}/{total} {100 * passed / max(total, 1):.2f} %\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
