"""Uris: their parts, percent encoding. Joining is the operator `+`.

All take a Uri; text becomes one by `parseUri`.
"""

from __future__ import annotations

from axon.errors import ParseErr
from axon.lib.registry import Bool, List, Num, Str, builtin
from axon.values import uris
from pylib.kinds import Uri


@builtin(pure=True)
def uri_scheme(val: Uri) -> Str | None:
    """Scheme in lower case, or null.

    Examples:
        uriScheme(`HTTPS://host/a`) //=> "https"
        uriScheme(`a/b`)           //=> null
    """
    return uris.parts(val.val).scheme


@builtin(pure=True)
def uri_host(val: Uri) -> Str | None:
    """Host, or null.

    Examples:
        uriHost(`http://host:8080/a`) //=> "host"
        uriHost(`/a`)              //=> null
    """
    return uris.parts(val.val).host


@builtin(pure=True)
def uri_port(val: Uri) -> Num | None:
    """Port; null where there is none, or the default of the scheme.

    Examples:
        uriPort(`http://host:8080/a`) //=> 8080
        uriPort(`http://host:80/a`) //=> null
    """
    return uris.parts(val.val).port


@builtin(pure=True)
def uri_path(val: Uri) -> List:
    """List of the segments of the path.

    Examples:
        uriPath(`http://h/a/b.txt`) //=> ["a", "b.txt"]
        uriPath(`/`)               //=> []
    """
    return list(uris.parts(val.val).path)


@builtin(pure=True)
def uri_path_str(val: Uri) -> Str:
    """Text of the path.

    Examples:
        uriPathStr(`http://h/a/b.txt?q#f`) //=> "/a/b.txt"
        uriPathStr(`http://h`)     //=> "/"
    """
    return uris.parts(val.val).path_str


@builtin(pure=True)
def uri_name(val: Uri) -> Str:
    """Last segment of the path, empty for the root and without path.

    Examples:
        uriName(`a/b/`)            //=> "b"
        uriName(`/`)               //=> ""
    """
    return uris.parts(val.val).name


@builtin(pure=True)
def uri_basename(val: Uri) -> Str:
    """Name without its last extension.

    Examples:
        uriBasename(`a/b.tar.gz`)  //=> "b.tar"
        uriBasename(`a/.bashrc`)   //=> ""
    """
    return uris.parts(val.val).basename


@builtin(pure=True)
def uri_ext(val: Uri) -> Str | None:
    """What follows the last point of the name, or null.

    Examples:
        uriExt(`a/b.tar.gz`)       //=> "gz"
        uriExt(`a.b/c`)            //=> null
    """
    return uris.parts(val.val).ext


@builtin(pure=True)
def uri_is_dir(val: Uri) -> Bool:
    """Whether the path ends with a slash.

    Examples:
        uriIsDir(`a/b/`)           //=> true
        uriIsDir(`a/b`)            //=> false
    """
    return uris.parts(val.val).is_dir


@builtin(pure=True)
def uri_frag(val: Uri) -> Str | None:
    """What follows `#`, or null.

    Examples:
        uriFrag(`a#b`)             //=> "b"
        uriFrag(`a`)               //=> null
    """
    return uris.parts(val.val).frag


@builtin(pure=True)
def uri_query_str(val: Uri) -> Str | None:
    """What follows `?`, or null.

    Examples:
        uriQueryStr(`a?b=1&c=2#f`) //=> "b=1&c=2"
        uriQueryStr(`a`)           //=> null
    """
    return uris.parts(val.val).query


@builtin(pure=True)
def uri_plus_slash(val: Uri) -> Uri:
    """The same Uri with a slash at the end of its path.

    Examples:
        uriPlusSlash(`a/b`)        //=> `a/b/`
        uriPlusSlash(`a?q`)        //=> `a/?q`
    """
    return Uri(uris.plus_slash(val.val))


@builtin(pure=True)
def uri_encode(val: Uri) -> Str:
    """Percent-encoded text; a space is `%20` in the path and `+` in the query.

    Examples:
        uriEncode(`a b?x y`)       //=> "a%20b?x+y"
        uriEncode(`é`)             //=> "%C3%A9"
    """
    return uris.encode(val.val)


@builtin(pure=True)
def uri_decode(val: Str, checked: Bool = True) -> Uri | None:
    """The Uri of percent-encoded text.

    Raises:
        ParseErr: a character that should be encoded or a bad percent sequence, and `checked` is true.

    Examples:
        uriDecode("a%20b")         //=> `a b`
        uriDecode("a%zz")          //! ParseErr "a%zz"
        uriDecode("a%zz", false)   //=> null
    """
    try:
        return Uri(uris.decode(val))
    except ParseErr:
        if checked:
            raise
        return None
