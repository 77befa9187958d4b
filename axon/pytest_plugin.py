"""Pytest plugin: an `axon` fixture and the collection of `.axon` test files."""

from __future__ import annotations
