"""The vectors of the reference: a test for each group; it fails on a miss that KNOWN.md does not explain.

Each group runs with the compiler's inline paths and without them: both must give the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import axon
from tests.vectors.run import check, groups, vectors

KNOWN = Path(__file__).with_name("KNOWN.md")


def known() -> set[str]:
    """Ids of the vectors that KNOWN.md lists."""
    return set(re.findall(r"^\| `([^`]+)` \|", KNOWN.read_text("utf-8"), re.MULTILINE))


@pytest.fixture(scope="module", params=["optimised", "plain"])
def rt(request: pytest.FixtureRequest) -> Iterator[axon.Runtime]:
    """The setting that every vector holds in."""
    with axon.Runtime(
        tz="New_York", locale="en", optimize=request.param == "optimised", cache=False
    ) as runtime:
        yield runtime


@pytest.mark.timeout(120)
@pytest.mark.parametrize("group", groups())
def test_group(group: str, rt: axon.Runtime) -> None:
    explained = known()
    misses = [
        f"{vector['id']}: {vector['src']!r}\n      {why}"
        for vector in vectors(group)
        if vector["id"] not in explained and (why := check(rt, vector))
    ]
    assert not misses, "\n" + "\n".join(misses)


def test_explained_misses_are_vectors() -> None:
    """An id that is gone, or misspelt, explains nothing."""
    ids = {vector["id"] for group in groups() for vector in vectors(group)}
    assert known() <= ids


def test_all_groups_are_here() -> None:
    assert len(groups()) == 49
    assert sum(1 for group in groups() for _ in vectors(group)) == 6229
