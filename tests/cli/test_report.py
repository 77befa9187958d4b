"""Error pages: what was found, what was expected, where, and what to do."""

from __future__ import annotations

import pytest

from .conftest import Run


@pytest.mark.parametrize(
    ("expr", "code", "page"),
    [
        (
            "1 +",
            3,
            "syntax error: Unexpected end of file\n  at expr:1:4\n  1 | 1 +\n    |    ^\n"
            "  expected: an expression\n",
        ),
        (
            "[.5]",
            3,
            "syntax error: Unexpected '.'\n  at expr:1:2\n  1 | [.5]\n    |  ^\n"
            "  expected: an expression, ']'\n  hint: a number starts with a digit: `0.5`\n",
        ),
        (
            "if (true",
            3,
            "syntax error: Expected ')', not end of file\n  at expr:1:9\n  1 | if (true\n    |         ^\n"
            "  expected: ')', an operator\n  hint: `(` at line 1, column 4 is still open: `)` is missing\n",
        ),
        (
            "padl(1, 2)",
            1,
            "CastErr: padl: expected Str for val, got Number 1\n  at expr:1:1\n  1 | padl(1, 2)\n"
            "    | ^^^^^^^^^^\n",
        ),
        (
            '"a".uper',
            1,
            "EvalErr: Unknown symbol 'uper'\n  at expr:1:1\n  1 | \"a\".uper\n    | ^^^^^^^^\n"
            "  hint: did you mean upper?\n",
        ),
        (
            "[1].mpa",
            1,
            "EvalErr: Unknown symbol 'mpa'\n  at expr:1:1\n  1 | [1].mpa\n    | ^^^^^^^\n"
            "  hint: did you mean map?\n",
        ),
        (
            "{a: 1}->b",
            1,
            "UnknownNameErr: b\n  at expr:1:1\n  1 | {a: 1}->b\n    | ^^^^^^^^^\n"
            '  hint: no tag b: `->` fails where `["b"]` gives null\n',
        ),
        (
            "null->a",
            1,
            "ArgErr: trap: no tag 'a' in null\n  at expr:1:1\n  1 | null->a\n    | ^^^^^^^\n",
        ),
        (
            "ioReadStr(`io/none.txt`)",
            1,
            "IOErr: io/none.txt does not exist\n  at expr:1:1\n  1 | ioReadStr(`io/none.txt`)\n"
            "    | ^^^^^^^^^^^^^^^^^^^^^^^^\n",
        ),
    ],
)  # fmt: skip
def test_page(cli: Run, expr: str, code: int, page: str) -> None:
    done = cli(expr)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", page)


def test_python_exception_shows_the_users_lines(cli: Run) -> None:
    done = cli('py().pyExec("def f():\\n  return 1/0\\n").pyEval("f()")')
    assert done.returncode == 1
    assert done.stderr.startswith("py::ZeroDivisionError: division by zero\n  at expr:1:1\n")
    assert '      File "<pyExec 1>", line 2, in f\n        return 1/0\n' in done.stderr
    assert "pylib" not in done.stderr
