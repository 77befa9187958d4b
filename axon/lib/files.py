r"""Library functions: files and directories below `io/`, zip files, HTTP.

A path is a URI such as `io/sub/a.txt`; that of a directory ends in a slash. Nothing outside `io/` can be
reached: not by `..`, not by a symbolic link. Other places (`http:`, `ftp:`) are named by full URIs.
"""

from __future__ import annotations

import datetime as dt
import mimetypes
import shutil
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, Err, IOErr, UnsupportedErr
from axon.lib.registry import Dict, Obj, Str, builtin
from axon.runtime.calls import Fn
from axon.runtime.handles import BLOCK, Buffer, FileHandle, Handle, Item, StrHandle, guard, handle_of
from axon.values import times
from axon.values.show import kind_name, preview
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, Uri

if TYPE_CHECKING:
    from axon.runtime.context import Context

_SIZE = {"format": "B"}
_TYPES = {
    "axon": "text/plain",
    "csv": "text/csv",
    "fan": "text/plain",
    "gz": "application/gzip",
    "json": "application/json",
    "md": "text/markdown",
    "py": "text/x-python",
    "trio": "text/trio",
    "xeto": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zinc": "text/zinc",
}
_mime_types: list[mimetypes.MimeTypes] = []


# ---- files and directories --------------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_dir(cx: Context, handle: Obj) -> Grid:
    """What a directory holds: columns `uri`, `name`, `mimeType`, `dir`, `size`, `mod`; by name.

    `dir` is a marker for directories; these have no `size`. Hidden files (a leading dot) are left out. A
    missing directory, or a file, gives no rows.

    Raises:
        IOErr: a directory whose URI has no slash at the end.

    Examples:
        do ioWriteStr("hello", `io/d/a.txt`); ioDir(`io/d/`).colToList("name") end       //=> ["a.txt"]
        ioDir(`io/nosuch/`).size                             //=> 0
        ioDir("x")                                           //! UnsupportedErr "dir"
    """
    rows = [_row(item, cx) for item in handle_of(handle, cx).items()]
    meta = {"size": _SIZE}
    cols = [Col(name, meta.get(name)) for name in ("uri", "name", "mimeType", "dir", "size", "mod")]
    return Grid.from_rows(rows, None, cols)


@builtin(lib="hx.io", admin=True)
def io_info(cx: Context, handle: Obj) -> Dict:
    """What is known of a file or directory: the tags are the columns of `ioDir`.

    A missing file has `size` 0 and no `mod`.

    Examples:
        do ioWriteStr("hello", `io/i.txt`); ioInfo(`io/i.txt`)->size end       //=> 5
        ioInfo(`io/nosuch.csv`)    //=> {uri:`io/nosuch.csv`, name:"nosuch.csv", mimeType:"text/csv", size:0}
        ioInfo("x")                                          //! UnsupportedErr "info"
    """
    return _row(handle_of(handle, cx).info(), cx)


def _row(item: Item, cx: Context) -> dict[str, Any]:
    row: dict[str, Any] = {"uri": item.uri, "name": item.name}
    mime = "x-directory/normal" if item.dir else _mime_type(item.name)
    if mime:
        row["mimeType"] = mime
    if item.dir:
        row["dir"] = MARKER
    else:
        row["size"] = item.size
    if item.mod is not None:
        row["mod"] = dt.datetime.fromtimestamp(item.mod, cx.zoneinfo)
    return row


def _mime_type(name: str) -> str | None:
    """By the extension, the same on every machine."""
    known = _TYPES.get(name.rpartition(".")[2].lower())
    if known or "." not in name:
        return known
    if not _mime_types:
        _mime_types.append(mimetypes.MimeTypes())
    return _mime_types[0].guess_type(f"x.{name.rpartition('.')[2]}")[0]


@builtin(lib="hx.io", admin=True)
def io_create(cx: Context, handle: Obj) -> Obj:
    """Make an empty file, or a directory where the URI ends in a slash. An existing file is emptied.

    Examples:
        do ioCreate(`io/new/dir/`); ioDir(`io/new/`).colToList("name") end     //=> ["dir"]
        do ioWriteStr("x", `io/c.txt`); ioCreate(`io/c.txt`); ioInfo(`io/c.txt`)->size end         //=> 0
        ioCreate("x")                                        //! UnsupportedErr "create"
    """
    handle_of(handle, cx).create()
    return None


@builtin(lib="hx.io", admin=True)
def io_delete(cx: Context, handle: Obj) -> Obj:
    """Delete a file, or a directory with all below it; of a list, each. What is missing does not matter.

    Examples:
        do ioWriteStr("x", `io/e/a`); ioDelete([`io/e/`, `io/nosuch`]); ioDir(`io/e/`).size end    //=> 0
        ioDelete("x")                                        //! UnsupportedErr "delete"
    """
    for item in handle if type(handle) is list else [handle]:
        handle_of(item, cx).delete()
    return None


@builtin(lib="hx.io", admin=True)
def io_copy(cx: Context, from_: Obj, to: Obj, opts: Dict = {}) -> Obj:  # noqa: B006 - never changed
    """Copy a file, or a directory with all below it. The source may be an `http:` or `ftp:` URI too.

    Options:
        overwrite: what to do where `to` exists: replace it (marker or true), or leave it (false).

    Raises:
        IOErr: the source is missing; or `to` exists and nothing says what to do.

    Examples:
        do ioWriteStr("x", `io/cp/a`); ioCopy(`io/cp/`, `io/cq/`); ioReadStr(`io/cq/a`) end        //=> "x"
        do ioWriteStr("x", `io/p`); ioWriteStr("y", `io/q`); ioCopy(`io/p`, `io/q`) end  //! IOErr "overwrite"
        ioCopy(`io/p`, `io/q`, {overwrite})                  //=> null
        ioCopy(`io/nosuch`, `io/q2`)                         //! IOErr "does not exist"
    """
    source, target = handle_of(from_, cx), handle_of(to, cx)
    policy = opts.get("overwrite")
    overwrite = True if policy is MARKER else policy if type(policy) is bool else None
    files, path = target.place("ioCopy")
    if isinstance(source, FileHandle):
        files.copy(source.place("ioCopy")[1], path, overwrite)
        return None
    if isinstance(source, (StrHandle, Buffer)):
        source.place("ioCopy")
    if files.exists(path) and not overwrite:
        if overwrite is None:
            raise IOErr(f"{path} exists: say overwrite or overwrite:false")
        return None
    with guard(source), source.open() as data, files.open_write(path) as out:
        shutil.copyfileobj(data, out, BLOCK)
    return None


@builtin(lib="hx.io", admin=True)
def io_move(cx: Context, from_: Obj, to: Obj) -> Obj:
    """Move or rename a file or directory.

    Raises:
        IOErr: the source is missing, or `to` exists.

    Examples:
        do ioWriteStr("x", `io/m1`); ioMove(`io/m1`, `io/sub/m2`); ioReadStr(`io/sub/m2`) end      //=> "x"
        ioMove(`io/nosuch`, `io/m3`)                         //! IOErr "does not exist"
    """
    files, source = handle_of(from_, cx).place("ioMove")
    files.move(source, handle_of(to, cx).place("ioMove")[1])
    return None


@builtin(lib="hx.io", admin=True)
def io_append(cx: Context, handle: Obj) -> Handle:
    """A handle that adds to the end of a file.

    Raises:
        UnsupportedErr: not a file.

    Examples:
        do ioWriteStr("a", `io/ap`); ioWriteStr("b", ioAppend(`io/ap`)); ioReadStr(`io/ap`) end    //=> "ab"
        ioAppend("x")                                        //! UnsupportedErr "append"
    """
    return handle_of(handle, cx).appending()


# ---- zip files --------------------------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_zip_dir(cx: Context, handle: Obj) -> Grid:
    """What a zip file holds: columns `path` (a URI with a leading slash), `size`, `mod`.

    Raises:
        IOErr: not a zip file.

    Examples:
        ioZipDir(ioFromBase64("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==")).colNames    //=> ["path", "size", "mod"]
        do ioWriteStr("x", `io/no.zip`); ioZipDir(`io/no.zip`) end             //! IOErr "not a zip"
    """
    from axon.runtime.wrappers import open_zip

    with open_zip(handle_of(handle, cx)) as archive:
        entries = archive.infolist()
    names = [Uri("/" + entry.filename) for entry in entries]
    mods = [_zip_time(entry.date_time, cx) for entry in entries]
    cols = [Col("path"), Col("size", _SIZE), Col("mod")]
    return Grid.from_columns(cols, [names, [entry.file_size for entry in entries], mods])


def _zip_time(parts: tuple[int, ...], cx: Context) -> dt.datetime | None:
    """A zip file has no zone and may have months like 0."""
    try:
        stamp = dt.datetime(*parts[:6])  # type: ignore[arg-type]
    except ValueError:
        return None
    return times.local(stamp.date(), stamp.time(), cx.zoneinfo)


@builtin(lib="hx.io", admin=True)
def io_zip_entry(handle: Obj, path: Uri) -> Dict:
    """A handle of one file in a zip file, named as in `ioZipDir`. It can only be read.

    Raises:
        ArgErr: `path` has no leading slash.

    Examples:
        ioZipEntry(`io/x.zip`, `/a.txt`)                     //=> {zipEntry, file:`io/x.zip`, path:`/a.txt`}
        ioZipEntry(`io/x.zip`, `a.txt`)                      //! ArgErr "slash"
        ioReadStr(ioZipEntry(`io/nosuch.zip`, `/a.txt`))     //! IOErr "does not exist"
    """
    if not path.val.startswith("/"):
        raise ArgErr(f"ioZipEntry: the path needs a leading slash, got {preview(path)}")
    return {"zipEntry": MARKER, "file": handle, "path": path}


# ---- HTTP -------------------------------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_http(cx: Context, uri: Uri, method: Str, headers: Dict | None, body: Obj, fn: Fn) -> Obj:
    """Send a request and call `fn(code, headers, body)` with the answer; returns what that returns.

    Any status is an answer, also 404 or 500. `headers` of the request are strings; `body` is null or any
    handle. The headers of the answer have lower-case names, the cookies that it sets stand in `set-cookie`
    as `a=1; b=2`. The body of the answer is a handle that can be read once, inside `fn`. Redirects are
    followed when the request has no body.

    Raises:
        IOErr: no connection, or nothing came for a minute.
        Err: a header that is a Ref: this runtime keeps no secrets to put in its place.

    Examples:
        ioHttp(`http://127.0.0.1:1/`, "GET", null, null, c => c)               //! IOErr "127"
        ioHttp(`io/x`, "GET", null, null, c => c)            //! UnsupportedErr "http"
    """
    from axon.runtime.http import request
    from axon.runtime.remote import InStream

    if not uri.val.startswith(("http:", "https:")):
        raise UnsupportedErr(f"ioHttp: expected an http: or https: URI, got {preview(uri)}")
    data = None if body is None else handle_of(body, cx).read_bytes()
    answer = request(uri.val, method, _request_headers(headers or {}), data)
    with answer.body as stream:
        return fn(answer.code, dict(answer.headers), InStream(stream, f"the answer of {uri.val}"))


def _request_headers(headers: dict[str, Any]) -> dict[str, str]:
    for name, value in headers.items():
        if kind_name(value) == "Ref":
            raise Err(f"ioHttp: no secret is stored for the header {name}")
        if type(value) is not str:
            raise ArgErr(
                f"ioHttp: expected Str for the header {name}, got {kind_name(value)} {preview(value)}"
            )
    return headers
