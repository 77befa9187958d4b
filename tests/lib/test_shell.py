"""What the printing functions print."""

from __future__ import annotations

import pytest

from axon.engine import Runtime


def printed(src: str) -> str:
    out: list[str] = []
    with Runtime(echo=out.append, tz="UTC") as rt:
        rt.run(src)
    return "".join(out)


@pytest.mark.parametrize(
    ("src", "text"),
    [
        ("print()", "null\n"),
        ('print("a\\n")', '"a\\n"\n'),
        ('print("a\\nb", {text})', "a\nb\n"),
        ("print(5kW, {text})", "5kW\n"),
        ('print({a:1, b, "odd name":[@x]})', '{a: 1, b, "odd name": [@x]}\n'),
        ('print({id:parseRef("x", "X one"), a})', '// @x "X one"\n{id: @x, a}\n'),
        ("print([{a:1}.toGrid])", "[Grid 1x1]\n"),
        (
            "print({a:[1kW]}, {json})",
            '{\n  "a": [\n    {\n      "_kind": "number",\n      "val": 1,\n'
            '      "unit": "kW"\n    }\n  ]\n}\n',
        ),
        ('print("é😀", {text, escapeUnicode})', "\\u{e9}\\u{1f600}\n"),
        (
            'print([{a:1kW, b:"xyz", c}, {a:na(), c:@r}].toGrid)',
            "a    b    c\n---  ---  -\n1kW  xyz  ✓\nNA        r\n",
        ),
        ('print([{a:"漢字", b:1}, {a:"x", b:2}].toGrid)', "a     b\n----  -\n漢字  1\nx     2\n"),
        ('print([{a:"xxxx", b:"yyyy", c:1}].toGrid, {width:10})', "a     b\n----  ----\nxxxx  yyyy\n"),
        ("x: 5kW\nlonger: [1]\nscope()", "longer: [1]\nx:      5kW\n"),
        ('echo("a")', "a\n"),
    ],
)
def test_printed_text(src: str, text: str) -> None:
    assert printed(src) == text


def test_help_prints_signature_summary_and_examples() -> None:
    text = printed("help(padl)")
    assert text.startswith("padl(val: Str, width: Number, char: Str = ")
    assert "padl(" in text.split("\n\n")[-1]


def test_help_all_has_a_line_per_function() -> None:
    lines = printed("helpAll()").splitlines()
    assert len(lines) > 300
    assert any(line.startswith("abs ") for line in lines)


def test_help_of_a_function_of_the_user() -> None:
    out: list[str] = []
    with Runtime(echo=out.append) as rt:
        rt.load_functions("// Twice a number.\ntwice: (n) => n * 2\n")
        rt.eval("help(twice)")
    assert "".join(out).startswith("twice(n)\n")


def test_quit_ends_a_shell_only() -> None:
    with Runtime() as rt:
        rt.shell = True
        with pytest.raises(SystemExit):
            rt.eval("try quit() catch null")


def test_cur_func_names_the_enclosing_top_level_function() -> None:
    with Runtime() as rt:
        rt.load_functions("outer: () => [1].map(x => curFunc()->name).first\n")
        assert rt.eval("outer()") == "outer"


def test_functions_of_the_user_are_listed() -> None:
    with Runtime() as rt:
        rt.load_functions("// Twice a number.\ntwice: (n) => n * 2\n")
        assert rt.eval('funcs(name == "twice").first->qname') == "proj::twice"
        assert rt.eval('func("twice")->name') == "twice"
