"""The two-way bridge, on containers."""

from __future__ import annotations

from tests.session.test_bridge import *  # noqa: F403
