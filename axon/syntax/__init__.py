"""Axon text to nodes and back: `parser.parse` in, `printer.to_source` out; nothing here runs a program."""

from __future__ import annotations

from axon.fast import install

install()
