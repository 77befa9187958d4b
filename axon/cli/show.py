"""`--show`: the stages of a program on its way from text to code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from axon.cli.options import Options

__all__ = ["show"]
