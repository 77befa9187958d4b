"""What a syntax error says: from a place where the automaton stopped to message, expectation and hint."""

from __future__ import annotations

from axon.errors import AxonSyntaxError, DepthError
from axon.syntax.lalr import Automaton, Unexpected
from axon.syntax.newlines import MAX_DEPTH, Arranged

__all__ = ["fault"]


def fault(machine: Automaton, arranged: Arranged, stop: Unexpected) -> AxonSyntaxError:
    """The error for the token at which the automaton stopped."""
    scanned = arranged.scanned
    kind = arranged.kinds[stop.position]
    index = arranged.indexes[stop.position]
    value = scanned.tokens[index][1]
    if kind == "FAULT" and isinstance(value, AxonSyntaxError):
        return value
    loc = scanned.loc(index, index)
    if kind == "BAD_DEPTH":
        return DepthError(f"nested deeper than {MAX_DEPTH} levels", loc)
    return AxonSyntaxError(f"Unexpected token {value if value is not None else 'eof'}", loc)
