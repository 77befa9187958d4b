r"""Library functions: text and CSV, whole or line by line.

A `handle` is a Str (the text itself), a URI (`io/…` is a file of the project), a dict with `id` (the content
kept with that record), a buffer, or the result of `ioCharset`, `ioSkip`, `ioGzip`, `ioAppend`, `ioZipEntry`.
Text is UTF-8 unless `ioCharset` says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from axon.errors import CastErr, NullErr
from axon.formats.csv import read_csv, read_dicts, read_rows, write_csv
from axon.lib.registry import Dict, List, Num, Obj, Str, builtin
from axon.runtime import io_opts
from axon.runtime.calls import Fn
from axon.runtime.handles import Handle, handle_of
from axon.streams import Stream, of_items
from axon.values.show import kind_name, preview
from pylib.grid import Grid

if TYPE_CHECKING:
    from axon.runtime.context import Context


# ---- text -------------------------------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_read_str(cx: Context, handle: Obj) -> Str:
    r"""Read all of a text; every line end becomes `\n`.

    Raises:
        ArgErr: what is given stands for no text, or the path is not below `io/`.
        IOErr: the file is missing, or not UTF-8.

    Examples:
        ioReadStr("a\r\nb\rc")                               //=> "a\nb\nc"
        do ioWriteStr("hello", `io/a.txt`); ioReadStr(`io/a.txt`) end          //=> "hello"
        ioReadStr(`io/../db/x`)                              //! ArgErr "io/"
        ioReadStr(`io/none.txt`)                             //! IOErr "does not exist"
    """
    return handle_of(handle, cx).read_text()


@builtin(lib="hx.io", admin=True)
def io_write_str(cx: Context, str_: Str, handle: Obj) -> Obj:
    r"""Write a text as it is. A file is replaced, missing directories are made.

    The result tells the `size` of the file in bytes. Written to a Str, the result is that text and what was
    written.

    Examples:
        ioWriteStr("x", "abc")                               //=> "abcx"
        ioWriteStr("é", `io/sub/e.txt`)                      //=> {size:2}
        ioWriteStr("x", `http://example.com/`)               //! UnsupportedErr "write"
    """
    return handle_of(handle, cx).write_text(str_)


@builtin(lib="hx.io", admin=True)
def io_read_lines(cx: Context, handle: Obj, opts: Dict | None = None) -> List:
    r"""Read all lines, without their ends; a final line end adds no empty line.

    Options:
        limit: the longest line, in characters; longer ones are cut into pieces.

    Examples:
        ioReadLines("a\n\n")                                 //=> ["a", ""]
        ioReadLines("abcde\nf", {limit:4})                   //=> ["abcd", "e", "f"]
        ioReadLines("")                                      //=> []
    """
    limit = io_opts.count("ioReadLines", opts, "limit")
    text = handle_of(handle, cx).read_text()
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    if not limit or max(map(len, lines), default=0) <= limit:
        return lines
    return [line[i : i + limit] for line in lines for i in range(0, len(line) or 1, limit)]


@builtin(lib="hx.io", admin=True)
def io_each_line(cx: Context, handle: Obj, fn: Fn) -> Num:
    r"""Call `fn(line, index)` for every line; returns how many there were. Only one line is kept at a time.

    Examples:
        ioEachLine("a\nb", x => null)                        //=> 2
        do r: []; ioEachLine("a\nb", (l, i) => r = r.add(l + i)); r end        //=> ["a0", "b1"]
    """
    with closing(handle_of(handle, cx).lines()) as lines:
        return _each(lines, fn)


def _each(items: Iterator[Any], fn: Fn) -> int:
    """Call a function with every item and its index; returns how many there were."""
    size = 0
    if fn.arity <= 1:
        call = fn.c1
        for item in items:
            call(item)
            size += 1
    else:
        call2 = fn.c2
        for item in items:
            call2(item, size)
            size += 1
    return size


@builtin(lib="hx.io", admin=True)
def io_stream_lines(cx: Context, handle: Obj) -> Stream:
    r"""A stream over the lines, which are read when something pulls.

    Examples:
        ioStreamLines("a\nb\nc").skip(1).limit(1).collect    //=> ["b"]
        ioStreamLines("x\ny").map(s => s.upper).collect      //=> ["X", "Y"]
    """
    source = handle_of(handle, cx)
    return of_items(source.lines)


@builtin(lib="hx.io", admin=True)
def io_write_lines(cx: Context, lines: List, handle: Obj) -> Obj:
    r"""Write strings, each followed by `\n`; returns as `ioWriteStr`.

    Raises:
        CastErr: an item that is no Str.
        NullErr: an item that is null.

    Examples:
        ioWriteLines(["a", "b"], "")                         //=> "a\nb\n"
        ioWriteLines(["a", 1], "")                           //! CastErr "ioWriteLines"
        ioWriteLines([null], "")                             //! NullErr "ioWriteLines"
    """
    for line in lines:
        if type(line) is not str:
            if line is None:
                raise NullErr("ioWriteLines: a line is null")
            raise CastErr(f"ioWriteLines: expected Str for a line, got {kind_name(line)} {preview(line)}")
    return handle_of(handle, cx).write_text("\n".join([*lines, ""]))


@builtin(lib="hx.io", admin=True)
def io_charset(cx: Context, handle: Obj, charset: Str) -> Handle:
    r"""A handle whose text is in another encoding, such as `ISO-8859-1` or `UTF-16BE`.

    Raises:
        ParseErr: no such encoding.

    Examples:
        ioWriteStr("é", ioCharset(`io/l.txt`, "ISO-8859-1")) //=> {size:1}
        ioReadStr(ioCharset("abc", "UTF-16BE"))              //=> "abc"
        ioCharset("x", "nosuch")                             //! ParseErr "nosuch"
    """
    from axon.runtime.wrappers import CharsetHandle

    return CharsetHandle(handle_of(handle, cx), charset)


@builtin(lib="hx.io", admin=True)
def io_skip(cx: Context, handle: Obj, opts: Dict) -> Handle:
    r"""A handle to read from that leaves out the beginning.

    Options, done in this order:
        bom: skip a byte order mark and read the encoding that it announces.
        bytes, chars, lines: skip so many of them.

    Examples:
        ioReadStr(ioSkip("a\nbc", {chars:1, lines:1}))       //=> "bc"
        ioReadLines(ioSkip("head\na\nb", {lines:1}))         //=> ["a", "b"]
        ioReadStr(ioSkip("abc", {bytes:1}))                  //! UnsupportedErr "binary"
        ioSkip("abc", {lines:"x"})                           //! ArgErr "lines"
    """
    from axon.runtime.wrappers import SkipHandle

    size, chars, lines = (io_opts.count("ioSkip", opts, name) for name in ("bytes", "chars", "lines"))
    bom = io_opts.flag(opts, "bom")
    return SkipHandle(handle_of(handle, cx), bom=bom, size=size, chars=chars, lines=lines)


# ---- CSV --------------------------------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_read_csv(cx: Context, handle: Obj, opts: Dict | None = None) -> Grid:
    r"""Read CSV into a grid. All cells are strings, an empty one is null; nothing is parsed.

    Cells are trimmed unless they are quoted. The first row names the columns: its texts are made tag names
    (as `toTagName`), an empty one `blank`, repeated ones get `_1`, `_2` …

    Options:
        delimiter: the character between cells, by default a comma.
        noHeader: the first row is data; columns are `v0`, `v1` …

    Raises:
        IOErr: a row whose length differs from that of the first one.

    Examples:
        ioReadCsv("a,b\n1,2\n,x").first                      //=> {a:"1", b:"2"}
        ioReadCsv("Foo Bar,Foo Bar,\n1,2,3").colNames        //=> ["fooBar", "fooBar_1", "blank"]
        ioReadCsv("1;2", {delimiter:";", noHeader}).first    //=> {v0:"1", v1:"2"}
        ioReadCsv("").colNames                               //=> ["empty"]
        ioReadCsv("a,b\n1")                                  //! IOErr "row 1"
    """
    mark = io_opts.delimiter("ioReadCsv", opts)
    return read_csv(handle_of(handle, cx).read_text(), mark, header=not io_opts.flag(opts, "noHeader"))


@builtin(lib="hx.io", admin=True)
def io_stream_csv(cx: Context, handle: Obj, opts: Dict | None = None) -> Stream:
    r"""A stream over the rows of CSV as dicts; an empty cell is a missing tag. Options as in `ioReadCsv`.

    Examples:
        ioStreamCsv("a,b\n1,\n3,4").collect(toList).map(r => r["a"])           //=> ["1", "3"]
        ioStreamCsv("a;b\n1;2", {delimiter:";"}).first       //=> {a:"1", b:"2"}
    """
    mark = io_opts.delimiter("ioStreamCsv", opts)
    header = not io_opts.flag(opts, "noHeader")
    return of_items(_csv_dicts(handle_of(handle, cx), mark, header))


def _csv_dicts(source: Handle, mark: str, header: bool) -> Callable[[], Iterator[dict[str, str]]]:
    def read() -> Iterator[dict[str, str]]:
        with closing(source.lines()) as lines:
            yield from read_dicts(lines, mark, header=header)

    return read


@builtin(lib="hx.io", admin=True)
def io_each_csv(cx: Context, handle: Obj, opts: Dict | None, fn: Fn) -> Num:
    r"""Call `fn(cells, index)` for every row of CSV; returns how many there were.

    Cells are a list of strings, empty ones `""`. The header is row 0. Of the options only `delimiter` counts.

    Examples:
        ioEachCsv("a,b\n1,2", null, x => null)               //=> 2
        do r: []; ioEachCsv("a,b\n1,", null, c => r = r.add(c)); r end         //=> [["a", "b"], ["1", ""]]
    """
    mark = io_opts.delimiter("ioEachCsv", opts)
    with closing(handle_of(handle, cx).lines()) as lines:
        return _each(read_rows(lines, mark), fn)


@builtin(lib="hx.io", admin=True)
def io_write_csv(cx: Context, val: Obj, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Write any value as CSV, by way of `toGrid`; returns as `ioWriteStr`.

    The header has the display names of the columns. A null and `""` are written as `""`, a marker as `✓`, a
    ref as `@id dis`, other cells as their text.

    Options:
        delimiter: the character between cells, by default a comma.
        newline: what ends a line, by default `\n`.
        noHeader: leave out the header.
        stripUnits: write numbers without their units.

    Examples:
        ioWriteCsv([{a:1kW, b:"x,y"}, {b:" s"}], "")         //=> "a,b\n1kW,\"x,y\"\n\"\",\" s\"\n"
        ioWriteCsv([{a:1kW}], "", {stripUnits, noHeader})    //=> "1\n"
        ioWriteCsv({a:1}, "> ")                              //=> "> a\n1\n"
    """
    text = write_csv(
        io_opts.grid_of(val),
        io_opts.delimiter("ioWriteCsv", opts),
        io_opts.text(opts, "newline", "\n"),
        header=not io_opts.flag(opts, "noHeader"),
        strip_units=io_opts.flag(opts, "stripUnits"),
    )
    return handle_of(handle, cx).write_text(text)
