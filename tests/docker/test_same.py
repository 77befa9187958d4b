"""The tests of sessions, on containers: what the verbs do does not depend on where Python runs."""

from __future__ import annotations

from tests.session.test_faults import *  # noqa: F403
from tests.session.test_pool import *  # noqa: F403
from tests.session.test_verbs import *  # noqa: F403

#: These look at processes and files of the process backend; `test_life` asks the same of containers.
_OF_THE_PROCESS_BACKEND = (
    "test_any_interpreter_without_our_package_will_do",
    "test_daemons_do_not_get_away",
    "test_interpreter_that_is_none_shows_its_words",
    "test_interpreter_that_is_too_old_tells_its_version",
    "test_interpreter_that_never_calls_is_ended",
    "test_isolation_is_reported",
    "test_memory_limit_is_an_exception",
    "test_missing_interpreter_is_a_clear_error",
    "test_output_arrives_as_it_is_printed",
    "test_private_directory_is_removed",
    "test_processes_of_session_code_end_with_it",
    "test_end_of_the_interpreter_is_told_and_repaired",
)
for _name in _OF_THE_PROCESS_BACKEND:
    del globals()[_name]
