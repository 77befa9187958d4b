from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axon.errors import ParseErr
from axon.values.uris import decode, encode, make_uri, normalize, parts, plus_slash, resolve

texts = st.text("ab:/?#[]@\\&=;. é%+1", max_size=14)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("HTTP://Host/Path", "http://Host/Path"),
        ("http://host", "http://host/"),
        ("https://host:443/x", "https://host/x"),
        ("http://u@host:81/x?q#f", "http://u@host:81/x?q#f"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("[::1]:80/", "[::1]:80/"),
        ("a/./b", "a/b"),
        ("a/b/../../c", "c"),
        ("a/..", ""),
        ("a/../../b", "../b"),
        ("./.", "."),
        ("/..", "/.."),
        ("/a//b", "/a//b"),
        ("a\\:b", "a\\:b"),
        ("a\\$b", "a$b"),
        ("x?q=\\&\\a", "x?q=\\&a"),
    ],
)
def test_normal_form(text, want):
    assert normalize(text) == want
    assert make_uri(text).val == want


@given(texts)
def test_normal_form_is_stable(text):
    try:
        once = normalize(text)
    except ParseErr:
        return
    # what looks like a scheme or host only after dots are gone is read as one the next time
    if parts(once).scheme == parts(text).scheme and parts(once).host == parts(text).host:
        assert normalize(once) == once


def test_parts():
    u = parts("http://u@h:81/a/b.tar.gz?q=1#f")
    assert (u.scheme, u.user, u.host, u.port) == ("http", "u", "h", 81)
    assert (u.path, u.path_str, u.query, u.frag) == (["a", "b.tar.gz"], "/a/b.tar.gz", "q=1", "f")
    assert (u.name, u.basename, u.ext, u.is_dir, u.is_abs_path) == ("b.tar.gz", "b.tar", "gz", False, True)
    assert parts("a/b").ext is None
    with pytest.raises(ParseErr, match="port"):
        parts("http://h:x/")


@pytest.mark.parametrize(
    ("base", "other", "want"),
    [
        ("a/b", "c", "a/c"),
        ("a/b/", "../c", "a/c"),
        ("a/b", "/c", "/c"),
        ("http://h/a/b", "c?q", "http://h/a/c?q"),
        ("http://h/a/b?x", "#f", "http://h/a/b?x#f"),
        ("http://h/a", "//k/x", "http://k/x"),
        ("http://h/a", "https://k/", "https://k/"),
        ("/a/b", "//host/x", "//host/x"),
        ("c/", "..", "/"),
        ("c", "..", ".."),
        ("/c/d", "../../../x", "/x"),
        ("http://h", "../x", "http://h/../x"),
        ("", "a", "a"),
    ],
)
def test_resolving_against_a_base(base, other, want):
    assert resolve(base, other) == want


def test_a_slash_is_added_to_the_path():
    assert plus_slash("a?q") == "a/?q"
    assert plus_slash("a/") == "a/"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a b?x y", "a%20b?x+y"),
        ("é", "%C3%A9"),
        ("a\\#b", "a%23b"),
        ("a+b?c+d", "a+b?c%2Bd"),
        ("a%20", "a%2520"),
    ],
)
def test_percent_encoding_both_ways(text, code):
    assert encode(text) == code
    assert decode(code) == text


@pytest.mark.parametrize("text", ["a b", "a%2", "a%zz", "é", "%ff", "a?b c"])
def test_bad_percent_text_is_an_error(text):
    with pytest.raises(ParseErr, match="Invalid Uri"):
        decode(text)
