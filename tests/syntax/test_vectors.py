"""The parser against the reference: what parses, to which tree, and the text of trees."""

from __future__ import annotations

import pytest

from axon.errors import AxonSyntaxError
from axon.syntax.astdict import ast_dict
from axon.syntax.nodes import Call, DotCall, Func, Literal, Node, Var
from axon.syntax.parser import parse
from axon.syntax.printer import to_source
from axon.values.json import to_json
from tests.syntax.sources import same, vectors


def _parses(source: str) -> bool:
    try:
        parse(source)
    except AxonSyntaxError:
        return False
    return True


def test_the_same_sources_parse() -> None:
    wrong = [v["id"] for v in vectors() if _parses(v["src"]) == (v.get("err", {}).get("phase") == "syntax")]
    assert wrong == []


def _parse_ast_argument(source: str) -> str | None:
    """The text in `parseAst("text")`."""
    node = parse(source)
    if type(node) is Call and node.func == Var("parseAst") and type(node.args[0]) is Literal:
        text = node.args[0].val
        return text if isinstance(text, str) else None
    return None


@pytest.mark.parametrize("group", ["lang-ast", "lang-parse-fuzz"])
def test_parse_ast_gives_the_same_tree(group: str) -> None:
    seen = 0
    for vector in vectors(group):
        text = _parse_ast_argument(vector["src"])
        if text is None:
            continue
        seen += 1
        if "err" in vector:
            with pytest.raises(AxonSyntaxError):
                parse(text)
        else:
            assert to_json(ast_dict(parse(text))) == vector["ok"], vector["id"]
    assert seen > 40


def _printed_lambda(node: Node) -> Func | None:
    """The lambda in `(lambda).toStr`."""
    if type(node) is DotCall and node.name == "toStr" and type(node.args[0]) is Func:
        return node.args[0]
    return None


def test_lambdas_print_as_in_the_reference() -> None:
    seen = 0
    for vector in vectors("lang-ast", "lang-lambdas", "lang-printing", "lang-precedence"):
        if "ok" not in vector:
            continue
        node = parse(vector["src"])
        func = node if type(node) is Func else _printed_lambda(node)
        if func is not None:
            seen += 1
            assert to_source(func) == vector["str"], vector["id"]
    assert seen > 40


def test_every_source_reads_back_from_its_printed_form() -> None:
    for vector in vectors():
        if not _parses(vector["src"]):
            continue
        node = parse(vector["src"])
        text = to_source(node)
        if "none()" not in text and "posInf()" not in text:
            assert same(parse(text), node), (vector["id"], text)
