"""The pytest plugin, run by a pytest of its own."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

FILE = """\
// with: admin

// case: the last line is the value
x: 4
x * 2                       //=> 8
---
// case: unlike units do not add
3kW + 2m                    //! UnitErr "kW.*m"
---
// case: several expectations
y: [1, 2]
y.size                      //=> 2
y.add(3)                    //=> [1, 2, 3]
---
// case: admin functions may be called
taskIsRunning()             //=> false
---
1 + 1                       //=> 2
---
// case: same name
1                           //=> 1
---
// case: same name
2                           //=> 2
---
// case: known to fail
// xfail: a reason
1                           //=> 2
"""

BAD = """\
// case: wrong value
1 + 1                       //=> 3
---
// case: wrong kind of number
1kW                         //=> 1
---
// case: expects nothing
1 + 1
---
// case: no error
1                           //! EvalErr "x"
---
// case: another error
throw "x"                   //! UnitErr "x"
---
// case: another text
throw "x"                   //! ThrowErr "y"
---
// case: another line
f: () => throw "x"
f()                         //! ThrowErr "x"
---
// case: a syntax error
1 +                         //=> 1
---
// case: not admin
taskRun(1)                  //=> 1
"""


def test_good_cases_pass(pytester: pytest.Pytester) -> None:
    pytester.makefile(".axon", test_good=FILE)
    result = pytester.runpytest_inprocess("-v", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=7, xfailed=1)
    result.stdout.fnmatch_lines(["*::the last line is the value PASSED*", "*::same name #2 PASSED*"])


def test_bad_cases_fail_and_say_why(pytester: pytest.Pytester) -> None:
    pytester.makefile(".axon", test_bad=BAD)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=9)
    result.stdout.fnmatch_lines(
        [
            "*test_bad.axon:2:",
            "*got      2",
            "*expected 3",
            "*the case expects nothing*",
            "*expected EvalErr*got the value 1",
            "*got another kind:*",
            "*got another text:*",
            "*the error blames line 20:*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_other_axon_files_are_left_alone_unless_named(pytester: pytest.Pytester) -> None:
    pytester.makefile(".axon", helper="1 + 1\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes()
    pytester.runpytest_inprocess("helper.axon", "-p", "no:cacheprovider").assert_outcomes(failed=1)


def test_one_case_can_be_run(pytester: pytest.Pytester) -> None:
    pytester.makefile(".axon", test_good=FILE)
    result = pytester.runpytest_inprocess("test_good.axon::several expectations", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_fixture_is_a_runtime(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(axon):\n    assert axon.eval('1 + 1') == 2\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
