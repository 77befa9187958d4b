"""Regular expressions in the syntax of the reference (`java.util.regex`), read into nodes.

Flags are resolved while reading: under `i` a letter becomes a set of both cases, under `s` a dot becomes
every character, and so on, so that nodes mean the same wherever they stand.

Raises ArgErr for what is no regular expression, and for the few things that are not supported: `\\G`, `\\X`,
`\\b{g}` and properties that are not known.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from axon.errors import ArgErr
from axon.values.regex import charset as cs
from axon.values.regex.charset import CharSet
from axon.values.regex.nodes import Alt, Assert, Atomic, Backref, Chars, Group, Look, Node, Repeat, Seq

__all__ = ["Parsed", "read"]

MAX_SIZE = 20_000
MAX_DEPTH = 100
MAX_COUNT = 100_000
_ASCII_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_FLAGS = frozenset("idmsuxU")


class Parsed(NamedTuple):
    """A regular expression: its node and how many groups it has."""

    node: Node
    groups: int


def read(pattern: str) -> Parsed:
    """Read a pattern.

    Raises:
        ArgErr: no regular expression, or one that is too large or nested too deep.
    """
    if len(pattern) > MAX_SIZE:
        raise ArgErr(f"regex: a pattern has at most {MAX_SIZE} characters, got {len(pattern)}")
    reader = _Reader(pattern)
    node = reader.alternatives()
    if reader.at < len(pattern):
        raise reader.error("Unmatched closing ')'")
    return Parsed(node, reader.groups)


_SIMPLE = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_CLASSES = {"d": cs.DIGITS, "w": cs.WORD, "s": cs.SPACES, "h": cs.HORIZONTAL, "v": cs.VERTICAL}
_UNICODE_CLASSES = {"d": ("Nd",), "w": ("IsAlphabetic", "M", "Nd", "Pc"), "s": ("IsWhite_Space",)}
_ASSERTS = {"A": "start", "z": "end", "Z": "last", "b": "word", "B": "inside"}
_GROUPS: dict[str, tuple[bool, bool]] = {
    "?=": (False, False),
    "?!": (False, True),
    "?<=": (True, False),
    "?<!": (True, True),
}


class _Reader:
    """The pattern, the place in it, and the flags that hold there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.flags: frozenset[str] = frozenset()
        self.groups = 0
        self.names: dict[str, int] = {}
        self.depth = 0

    def error(self, what: str) -> ArgErr:
        return ArgErr(f"Invalid regex: {what} near index {self.at} of {self.text[:60]!r}")

    def peek(self, size: int = 1) -> str:
        return self.text[self.at : self.at + size]

    def take(self, text: str) -> bool:
        """Go past this text, if it is next."""
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def until(self, end: str, what: str) -> str:
        """The text up to `end`, going past it."""
        stop = self.text.find(end, self.at)
        if stop < 0:
            raise self.error(f"Unclosed {what}")
        found = self.text[self.at : stop]
        self.at = stop + len(end)
        return found

    def skip_comments(self) -> None:
        """Under the flag `x`, white space and `#` up to the end of the line mean nothing."""
        while "x" in self.flags and self.peek():
            if self.peek() in " \t\n\x0b\f\r":
                self.at += 1
            elif self.peek() == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end + 1
            else:
                return

    # -- structure

    def alternatives(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH}")
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Alt(tuple(options))

    def sequence(self) -> Node:
        items: list[Node] = []
        while True:
            self.skip_comments()
            c = self.peek()
            if c in ("", "|", ")"):
                return items[0] if len(items) == 1 else Seq(tuple(items))
            if self.take("\\Q"):
                items += self.quoted()
                continue
            atom = self.atom()
            if atom is not None:
                items.append(self.quantified(atom))

    def quoted(self) -> list[Node]:
        """`\\Q…\\E`; a quantifier behind it belongs to its last character."""
        end = self.text.find("\\E", self.at)
        text = self.text[self.at :] if end < 0 else self.text[self.at : end]
        self.at = len(self.text) if end < 0 else end + 2
        items: list[Node] = [self.char(c) for c in text]
        if items:
            items[-1] = self.quantified(items[-1])
        return items

    def quantified(self, atom: Node) -> Node:
        self.skip_comments()
        c = self.peek()
        if c not in ("*", "+", "?", "{") or not c:
            return atom
        self.at += 1
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(c) or self.counts()
        if self.take("+"):
            return Atomic(Repeat(atom, least, most))
        return Repeat(atom, least, most, lazy=self.take("?"))

    def counts(self) -> tuple[int, int | None]:
        low, comma, high = self.until("}", "counted closure").partition(",")
        if not _is_number(low) or (high and not _is_number(high)):
            raise self.error("Illegal repetition")
        least = int(low)
        most = least if not comma else int(high) if high else None
        if least > MAX_COUNT or (most or 0) > MAX_COUNT:
            raise self.error(f"repetition of more than {MAX_COUNT}")
        if most is not None and most < least:
            raise self.error("Illegal repetition range")
        return least, most

    def atom(self) -> Node | None:
        """One thing that can be repeated; None for a change of flags."""
        c = self.text[self.at]
        self.at += 1
        if c == "(":
            return self.group()
        if c == "[":
            return Chars(self.char_class())
        if c == "\\":
            return self.escape()
        if c == ".":
            return Chars(self.dot())
        if c == "^":
            return Assert("line_start" if "m" in self.flags else "start", "d" in self.flags)
        if c == "$":
            return Assert("line_end" if "m" in self.flags else "last", "d" in self.flags)
        if c in "*+?":
            raise self.error(f"Dangling meta character '{c}'")
        if c == "{":
            raise self.error("Illegal repetition")
        return self.char(c)

    def dot(self) -> CharSet:
        if "s" in self.flags:
            return cs.ALL
        return cs.inverse(cs.of("\n") if "d" in self.flags else cs.LINE_ENDS)

    def char(self, c: str) -> Chars:
        return Chars(self.cased(((ord(c), ord(c)),)))

    def cased(self, chars: CharSet) -> CharSet:
        return cs.with_cases(chars, "u" in self.flags or "U" in self.flags) if "i" in self.flags else chars

    # -- groups

    def group(self) -> Node | None:
        if not self.take("?"):
            self.groups += 1
            return self.capture()
        self.at -= 1
        for head, (behind, negative) in _GROUPS.items():
            if self.take(head):
                return Look(self.body(), behind, negative)
        if self.take("?>"):
            return Atomic(self.body())
        if self.take("?<"):
            return self.named_group()
        self.at += 1
        return self.flag_group()

    def capture(self) -> Node:
        number = self.groups
        return Group(self.body(), number)

    def body(self) -> Node:
        """What stands up to the closing parenthesis; flags changed in it end there."""
        saved = self.flags
        node = self.alternatives()
        if not self.take(")"):
            raise self.error("Unclosed group")
        self.flags = saved
        return node

    def named_group(self) -> Node:
        name = self.until(">", "group name")
        if not (name.isascii() and name.isalnum() and not name[0].isdigit()):
            raise self.error("bad name of a group")
        if name in self.names:
            raise self.error(f"Named capturing group <{name}> is already defined")
        self.groups += 1
        self.names[name] = self.groups
        return self.capture()

    def flag_group(self) -> Node | None:
        """`(?i)` to the end of the group around it, `(?i-s:…)` for itself."""
        saved = self.flags
        on = True
        while True:
            c = self.peek()
            self.at += 1
            if c == ":":
                node = self.body()
                self.flags = saved
                return node
            if c == ")":
                return None
            if c == "-" and on:
                on = False
            elif c and c in _FLAGS:
                self.flags = self.flags | {c} if on else self.flags - {c}
            else:
                raise self.error("Unknown inline modifier" if c else "Unclosed group")

    # -- escapes

    def escape(self) -> Node:
        c = self.peek()
        if not c:
            raise self.error("Unexpected end behind a backslash")
        if c in _ASSERTS:
            self.at += 1
            if c == "b" and self.peek() == "{":
                raise self.error("\\b{…} is not supported")
            return Assert(_ASSERTS[c], "d" in self.flags)
        if c in "123456789":
            return self.back_reference()
        if self.take("k<"):
            name = self.until(">", "group name")
            if name not in self.names:
                raise self.error(f"named capturing group <{name}> does not exist")
            return Backref(self.names[name], "i" in self.flags)
        if self.take("R"):
            pair = Seq((Chars(cs.of("\r")), Chars(cs.of("\n"))))
            return Alt((pair, Chars(cs.VERTICAL)))
        found = self.class_escape()
        return Chars(self.cased(found) if found is not None else self.cased(self.code_escape()))

    def back_reference(self) -> Node:
        """As many digits as give a group that exists."""
        number = int(self.peek())
        self.at += 1
        while _is_number(self.peek()) and number * 10 + int(self.peek()) <= self.groups:
            number = number * 10 + int(self.peek())
            self.at += 1
        if number > self.groups:
            raise self.error(f"there is no group {number} before")
        return Backref(number, "i" in self.flags)

    def class_escape(self) -> CharSet | None:
        """`\\d` and the like, `\\p{…}`; None for an escape of a single character."""
        c = self.peek()
        low = c.lower()
        if low == "p":
            self.at += 1
            if self.take("{"):
                name = self.until("}", "property")
            else:
                name = self.peek()
                self.at += 1
            found = cs.named(name) if name else None
            if found is None:
                raise self.error(f"Unknown character property {{{name}}}")
        elif low in _CLASSES:
            self.at += 1
            found = _CLASSES[low]
            if "U" in self.flags and low in _UNICODE_CLASSES:
                found = cs.either(*(cs.named(n) or cs.NONE for n in _UNICODE_CLASSES[low]))
        else:
            return None
        return cs.inverse(found) if c.isupper() else found

    def code_escape(self) -> CharSet:
        code = self.code_point()
        return ((code, code),)

    def code_point(self) -> int:
        """A single character behind a backslash."""
        c = self.peek()
        self.at += 1
        if c in _SIMPLE:
            return ord(_SIMPLE[c])
        if c == "0":
            return self.octal()
        if c == "x":
            return self.hex(self.until("}", "hexadecimal code") if self.take("{") else self.digits(2))
        if c == "u":
            return self.utf16()
        if c == "c" and self.peek():
            self.at += 1
            return ord(self.text[self.at - 1]) ^ 64
        if c == "N" and self.take("{"):
            try:
                return ord(unicodedata.lookup(self.until("}", "character name")))
            except (KeyError, TypeError):
                raise self.error("Unknown character name") from None
        if c in _ASCII_LETTERS or not c:
            raise self.error("Illegal/unsupported escape sequence")
        return ord(c)

    def octal(self) -> int:
        size = 0
        limit = 3 if self.peek() in ("0", "1", "2", "3") else 2
        while size < limit and self.text[self.at + size : self.at + size + 1] in tuple("01234567"):
            size += 1
        if not size:
            raise self.error("Illegal octal escape sequence")
        self.at += size
        return int(self.text[self.at - size : self.at], 8)

    def utf16(self) -> int:
        """`\\uXXXX`; two halves of a pair are one character."""
        high = self.hex(self.digits(4))
        if 0xD800 <= high < 0xDC00 and self.peek(2) == "\\u":
            self.at += 2
            low = self.hex(self.digits(4))
            if 0xDC00 <= low < 0xE000:
                return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
            self.at -= 6
        return high

    def digits(self, count: int) -> str:
        self.at += count
        return self.text[self.at - count : self.at]

    def hex(self, text: str) -> int:
        if not text or len(text) > 6 or any(c not in "0123456789abcdefABCDEF" for c in text):
            raise self.error("Illegal hexadecimal escape sequence")
        code = int(text, 16)
        if code > cs.MAX_CODE:
            raise self.error("Hexadecimal code point is too big")
        return code

    # -- classes

    def char_class(self) -> CharSet:
        """A class behind its `[`: ranges, escapes, nested classes, `&&` for what is in both."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH}")
        negated = self.take("^")
        found: CharSet | None = None
        part: list[CharSet] = []
        first = True
        while True:
            self.skip_comments()
            if not self.peek():
                raise self.error("Unclosed character class")
            if self.take("&&"):
                found = _meet(found, part)
                part = []
            elif self.peek() == "]" and not first:
                self.at += 1
                break
            else:
                part.append(self.class_item())
            first = False
        self.depth -= 1
        found = self.cased(_meet(found, part) or cs.NONE)
        return cs.inverse(found) if negated else found

    def class_item(self) -> CharSet:
        if self.take("["):
            return self.char_class()
        if self.take("\\Q"):
            end = self.text.find("\\E", self.at)
            text = self.text[self.at :] if end < 0 else self.text[self.at : end]
            self.at = len(self.text) if end < 0 else end + 2
            return cs.either(*(((ord(c), ord(c)),) for c in text))
        if self.peek() == "\\":
            self.at += 1
            found = self.class_escape()
            if found is not None:
                return found
            low = self.code_point()
        else:
            low = ord(self.peek())
            self.at += 1
        return self.class_range(low)

    def class_range(self, low: int) -> CharSet:
        """`a-z` whose first character is read; a dash before `]` or `[` is a dash."""
        after = self.text[self.at + 1 : self.at + 2]
        if self.peek() != "-" or after in ("", "]", "["):
            return ((low, low),)
        if after == "\\" and self.text[self.at + 2 : self.at + 3].lower() in (*_CLASSES, "p"):
            return ((low, low),)
        self.at += 1
        if self.take("\\"):
            high = self.code_point()
        else:
            high = ord(self.peek())
            self.at += 1
        if high < low:
            raise self.error("Illegal character range")
        return ((low, high),)


def _meet(found: CharSet | None, part: list[CharSet]) -> CharSet | None:
    """What is in all parts so far; an empty part, as behind `&&` at the end, changes nothing."""
    if not part:
        return found
    joined = cs.either(*part)
    return joined if found is None else cs.both(found, joined)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
