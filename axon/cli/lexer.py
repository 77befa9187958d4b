"""Colours of Axon text at the prompt."""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Token

__all__ = ["KEYWORDS", "AxonLexer"]

KEYWORDS = (
    "and",
    "catch",
    "do",
    "else",
    "end",
    "false",
    "if",
    "not",
    "null",
    "or",
    "return",
    "throw",
    "true",
    "try",
)


class AxonLexer(RegexLexer):
    """Axon, well enough for colours; the scanner of `axon.syntax` decides what is legal."""

    name = "Axon"
    aliases: ClassVar[list[str]] = ["axon"]
    filenames: ClassVar[list[str]] = ["*.axon"]
    tokens: ClassVar = {
        "root": [
            (r"//[^\n]*", Comment.Single),
            (r"/\*", Comment.Multiline, "comment"),
            (r'r"[^"]*"', String.Regex),
            (r'"""', String, "long"),
            (r'"', String, "string"),
            (r"`(?:\\.|[^`\\])*`", String.Other),
            (r"@[\w:.~-]+", Name.Entity),
            (r"\^[\w:.~-]+", Name.Tag),
            (r"\d{4}-\d\d(?:-\d\d)?(?:T\S+)?", Number.Date),
            (r"\d\d?:\d\d(?::\d\d(?:\.\d+)?)?", Number.Date),
            (r"0x[0-9A-Fa-f_]+", Number.Hex),
            (r"\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?:[^\W\d][\w/%$°²³]*|[%$°]\w*)?", Number),
            (words(KEYWORDS, prefix=r"\b", suffix=r"\b"), Keyword),
            (r"[a-z_]\w*(?=\s*:(?!:))", Name.Variable),
            (r"[a-z_]\w*(?=\()", Name.Function),
            (r"[A-Z]\w*", Name.Class),
            (r"[a-z_]\w*", Name),
            (r"=>|->|==|!=|<=>|<=|>=|\.\.|[-+*/<>=]", Operator),
            (r"[()\[\]{},.;:]", Punctuation),
            (r"\s+|.", Token.Text),
        ],
        "comment": [(r"\*/", Comment.Multiline, "#pop"), (r"[^*]+|\*", Comment.Multiline)],
        "string": [(r'\\.|[^"\\]+', String), (r'"', String, "#pop")],
        "long": [(r'"""', String, "#pop"), (r'[^"]+|"', String)],
    }
