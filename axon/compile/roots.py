"""Root variables: those that a program is given, and those that the inputs of a conversation share."""

from __future__ import annotations

from axon.compile.unit import base_space
from axon.errors import ArgErr
from axon.runtime.calls import UNSET

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from axon.runtime.context import Host

__all__ = ["Repl", "root_space", "variable_name"]


class Repl:
    """Inputs that share one root frame: `x: 5` in one is seen by the next."""

    def __init__(self, runtime: Host) -> None:
        self.runtime = runtime
        self._space = root_space({})
        self._count = 0

    @property
    def variables(self) -> dict[str, Any]:
        """What is defined, by name."""
        return {k: v for k, v in self._space.items() if k[0] != "_" and v is not UNSET}

    @property
    def tag(self) -> str:
        """What makes the names in the code of the next input unique."""
        return f"{self._count + 1}_"

    def set(self, name: str, val: Any) -> None:
        """Define a variable.

        Raises:
            ArgErr: `name` is not the name of one.
        """
        self._space[variable_name(name)] = val

    def eval(self, source: str, name: str = "") -> Any:
        """Evaluate one input: an expression or statements. `name` is the file that it comes from."""
        runtime, cx, tag = self.runtime, self.runtime.thread_context(), self.tag
        self._count += 1
        name = name or f"input {self._count}"
        unit = runtime.compile(source, name, sorted(self.variables), program=True, tag=tag)
        return cx.run(runtime.bind(unit, cx, self._space))


def variable_name(name: str) -> str:
    """The name of a variable, which must be an Axon name.

    Raises:
        ArgErr: it is none.
    """
    if not ("a" <= name[:1] <= "z" and name.isascii() and name.isidentifier()):
        raise ArgErr(f"not the name of a variable: {name!r}")
    return name


def root_space(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The namespace of a program with these root variables."""
    space = base_space()
    space.update(variables)
    return space
