"""The two-way bridge, on containers."""

from __future__ import annotations

from tests.session.test_bridge import *  # noqa: F403

del test_8_1_options_reach_the_interpreter  # noqa: F821 - of an interpreter on this machine
