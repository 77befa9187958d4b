"""Source text and places in it, and the excerpt that an error page shows."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class _Loc(NamedTuple):
        line: int
        col: int
        end_line: int = 0
        end_col: int = 0
        source: Source | None = None

else:  # the same without `typing` and `collections`, which start-up would pay for
    from _collections import _tuplegetter

    class _Loc(tuple):
        __slots__ = ()

        def __new__(cls, line, col, end_line=0, end_col=0, source=None):
            return tuple.__new__(cls, (line, col, end_line, end_col, source))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            return f"Loc{tuple(self)}"

        line, col, end_line, end_col, source = (_tuplegetter(i, "") for i in range(5))


__all__ = ["NOWHERE", "Loc", "Source", "excerpt"]


class Source:
    """A named Axon text: `name` is a path or such as `eval`, `text` has `\\n` line ends."""

    __slots__ = ("name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and (self.name, self.text) == (other.name, other.text)

    def __hash__(self) -> int:
        return hash((self.name, self.text))

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"

    def line(self, number: int) -> str:
        """Line `number`, from 1, without its line end; empty where there is none."""
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


class Loc(_Loc):
    """A region of a source: lines and columns count from 1, in characters; the end is exclusive.

    `line` 0 means that the place is unknown. A tuple, because every node has one and they are made fast.
    """

    __slots__ = ()

    @property
    def start(self) -> Loc:
        """Its first character."""
        return Loc(self.line, self.col, self.line, self.col + 1, self.source)

    def __bool__(self) -> bool:
        return self.line > 0

    def __str__(self) -> str:
        return f"{self.source.name if self.source else '?'}:{self.line}:{self.col}"


NOWHERE = Loc(0, 0)


#: Characters of a line that an excerpt shows at most.
_WINDOW = 120
#: What would move the cursor or colour a terminal; a tab stays.
_CONTROLS = dict.fromkeys([*range(9), *range(10, 32), *range(127, 160)], "·")


def excerpt(loc: Loc, context: int = 0) -> str:
    """The source line of `loc` with carets below the region, or empty when unknown.

    `context` says how many lines before it are shown too. Of a very long line the part around the region is
    shown.
    """
    if not loc or loc.source is None:
        return ""
    width = len(str(loc.line))
    text = loc.source.line(loc.line)
    start = max(0, loc.col - _WINDOW // 2) if len(text) > _WINDOW else 0
    out = [
        f"{number:>{width}} | {_window(loc.source.line(number), start)}"
        for number in range(max(1, loc.line - context), loc.line + 1)
    ]
    end = min(loc.end_col if loc.end_line == loc.line else len(text) + 1, start + _WINDOW + 1)
    lead = "".join("\t" if c == "\t" else " " for c in text[start : loc.col - 1])
    out.append(f"{' ' * width} | {' ' if start else ''}{lead}{'^' * max(1, end - loc.col)}")
    return "\n".join(out)


def _window(text: str, start: int) -> str:
    """The part of a line that an excerpt shows, with an ellipsis for what is left out."""
    shown = text[start : start + _WINDOW]
    return f"{'…' if start else ''}{shown.translate(_CONTROLS)}{'…' if start + _WINDOW < len(text) else ''}"
