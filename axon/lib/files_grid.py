r"""Library functions: values and grids as Zinc, Trio, JSON, XML, HTML, Excel.

All take any handle, and the writing ones return what `ioWriteStr` returns. Errors in a text are ParseErr and
tell line and column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, CastErr, CoerceErr, UnsupportedErr
from axon.lib.registry import Dict, List, Obj, builtin
from axon.runtime import io_opts
from axon.runtime.handles import FileHandle, Handle, handle_of
from axon.values.show import kind_name, preview
from pylib.grid import Col, Grid
from pylib.kinds import Ref

if TYPE_CHECKING:
    from axon.runtime.context import Context


# ---- Zinc -------------------------------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_read_zinc(cx: Context, handle: Obj) -> Grid:
    r"""Read a grid in Zinc, version 2.0 or 3.0.

    Raises:
        ParseErr: the text is not Zinc.
        CastErr: the text is a value other than a grid.

    Examples:
        ioReadZinc("ver:\"3.0\" m\na,b\n1kW,\n").first       //=> {a:1kW}
        ioReadZinc("ver:\"3.0\"\na\n1\n5bad").size           //! ParseErr "line 4"
        ioReadZinc("5")                                      //! CastErr "grid"
    """
    from axon.formats.zinc import read_zinc

    return read_zinc(handle_of(handle, cx).read_text())


@builtin(lib="hx.io", admin=True)
def io_write_zinc(cx: Context, val: Obj, handle: Obj) -> Obj:
    r"""Write any value, by way of `toGrid`, as Zinc 3.0; it ends with an empty line.

    Examples:
        ioWriteZinc([{a:1kW, b:@x}], "")                     //=> "ver:\"3.0\"\na,b\n1kW,@x\n\n"
        ioReadZinc(ioWriteZinc({a:[1, "x"]}, "")).first      //=> {a:[1, "x"]}
    """
    from axon.formats.zinc import write_zinc

    return handle_of(handle, cx).write_text(write_zinc(io_opts.grid_of(val)))


# ---- Trio -------------------------------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_read_trio(cx: Context, handle: Obj) -> List:
    r"""Read records in Trio as dicts.

    Raises:
        ParseErr: a tag that comes twice, a bad name, a number that is none.

    Examples:
        ioReadTrio("dis:A b\nsite\n---\nn:5kW")              //=> [{dis:"A b", site}, {n:5kW}]
        ioReadTrio("src:\n  x\n    y\nz:5 apples")           //=> [{src:"x\n  y", z:"5 apples"}]
        ioReadTrio("a:1\na:2")                               //! ParseErr "line 2"
    """
    from axon.formats.trio import read_trio

    return read_trio(handle_of(handle, cx).read_text())


@builtin(lib="hx.io", admin=True)
def io_write_trio(cx: Context, val: Obj, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Write a dict, a list of dicts or a grid as Trio; null and `[]` write nothing.

    Tags are sorted, but `id`, `name`, `dis` come first and `src` last.

    Options:
        noSort: keep the order of the tags.

    Raises:
        CoerceErr: any other value.

    Examples:
        ioWriteTrio({z:1, dis:"D e", id:@x, c:"true"}, "")   //=> "id:@x\ndis:D e\nc:\"true\"\nz:1\n"
        ioWriteTrio([{b, a:1}, {c}], "", {noSort})           //=> "b\na:1\n---\nc\n"
        ioWriteTrio(5, "")                                   //! CoerceErr "ioWriteTrio"
    """
    from axon.formats.trio import write_trio

    text = write_trio(_recs(val), sort=not io_opts.flag(opts, "noSort"))
    return handle_of(handle, cx).write_text(text)


def _recs(val: Any) -> list[dict[str, Any]]:
    if val is None:
        return []
    if isinstance(val, dict):
        return [val]
    if isinstance(val, Grid):
        return val.dicts()
    if type(val) is list and all(isinstance(item, dict) for item in val):
        return val
    raise CoerceErr(f"ioWriteTrio: expected Dict, list of dicts or Grid, got {kind_name(val)} {preview(val)}")


# ---- JSON -------------------------------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_read_json(cx: Context, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Read any JSON: objects become dicts (null members are dropped), arrays lists.

    An object with `_kind` is the value that it describes (Haystack JSON, version 4).

    Options:
        safeNames: make tag names of the keys; else any key is kept.
        v3: read the encoding of version 3, with codes such as `n:5 kW` in strings.
        safeVals: with v3, leave strings with an unknown code as they are.
        notHaystack: with v3, leave all strings as they are.
        v4: no effect.

    Examples:
        ioReadJson("{\"a\":1, \"b\":[true,null], \"c d\":null}")               //=> {a:1, b:[true, null]}
        ioReadJson("{\"c d\":1}", {safeNames})               //=> {cD:1}
        ioReadJson("{\"_kind\":\"number\", \"val\":5, \"unit\":\"kW\"}")       //=> 5kW
        ioReadJson("{\"a\":\"n:5 kW\"}", {v3})               //=> {a:5kW}
        ioReadJson("{\"_kind\":\"nosuch\"}")                 //! ParseErr "nosuch"
    """
    if not io_opts.flag(opts, "v3"):
        return _read_hayson(cx, handle, opts)
    from axon.formats.json3 import read_json3

    return read_json3(
        handle_of(handle, cx).read_text(),
        safe_names=io_opts.flag(opts, "safeNames"),
        safe_vals=io_opts.flag(opts, "safeVals"),
        not_haystack=io_opts.flag(opts, "notHaystack"),
    )


def _read_hayson(cx: Context, handle: Any, opts: Dict | None) -> Any:
    from axon.formats.hayson import read_hayson

    return read_hayson(handle_of(handle, cx).read_text(), safe_names=io_opts.flag(opts, "safeNames"))


@builtin(lib="hx.io", admin=True)
def io_read_json_grid(cx: Context, handle: Obj, opts: Dict | None = None) -> Grid:
    r"""Read JSON that is a grid. Options as in `ioReadJson`.

    Raises:
        CastErr: the text is another value.

    Examples:
        ioReadJsonGrid(ioWriteJson([{a:1}].toGrid, "")).first                  //=> {a:1}
        ioReadJsonGrid("{}")                                 //! CastErr "grid"
    """
    val = io_read_json(cx, handle, opts)
    if not isinstance(val, Grid):
        raise CastErr(f"ioReadJsonGrid: expected a grid, got {kind_name(val)} {preview(val)}")
    return val


@builtin(lib="hx.io", admin=True)
def io_write_json(cx: Context, val: Obj, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Write any value as Haystack JSON, version 4.

    Options:
        noEscapeUnicode: write characters above 0x7F as they are, not as `\uXXXX`.
        v3: write the encoding of version 3.
        v4: no effect.

    Raises:
        Err: a value that Haystack has no kind for, such as a range or a DateSpan.

    Examples:
        ioWriteJson([1, "é", null], "")                      //=> "[1, \"\\u00e9\", null]"
        ioWriteJson({a:5kW}, "", {v3})                       //=> "{\"a\":\"n:5 kW\"}"
        ioWriteJson("é", "", {noEscapeUnicode})              //=> "\"é\""
        ioWriteJson(1..2, "")                                //! Err "unrecognized"
    """
    if not io_opts.flag(opts, "v3"):
        return _write_hayson(cx, val, handle, opts)
    from axon.formats.json3 import write_json3

    text = write_json3(val, ascii_only=not io_opts.flag(opts, "noEscapeUnicode"))
    return handle_of(handle, cx).write_text(text)


def _write_hayson(cx: Context, val: Any, handle: Any, opts: Dict | None) -> Any:
    from axon.formats.hayson import write_hayson

    text = write_hayson(val, ascii_only=not io_opts.flag(opts, "noEscapeUnicode"))
    return handle_of(handle, cx).write_text(text)


@builtin(lib="hx.io", admin=True)
def io_read_hayson(cx: Context, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Read Haystack JSON, version 4. Option `safeNames` as in `ioReadJson`.

    Examples:
        ioReadHayson("{\"a\":\"n:5\"}", {v3})                //=> {a:"n:5"}
        ioReadHayson(ioWriteHayson([1kW, @r], ""))           //=> [1kW, @r]
    """
    return _read_hayson(cx, handle, opts)


@builtin(lib="hx.io", admin=True)
def io_write_hayson(cx: Context, val: Obj, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Write Haystack JSON, version 4. Option `noEscapeUnicode` as in `ioWriteJson`.

    Examples:
        ioWriteHayson(@x, "")                                //=> "{\"_kind\":\"ref\", \"val\":\"x\"}"
        ioWriteHayson(1..2, "")                              //! Err "unrecognized"
    """
    return _write_hayson(cx, val, handle, opts)


@builtin(lib="hx.io", admin=True)
def io_read_jeto(cx: Context, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Read JSON whose scalars may name their spec, as `{"val":"1kW","spec":"sys::Number"}`.

    Options:
        spec: qualified name of the spec of a value that names none.

    Examples:
        ioReadJeto("{\"val\":\"1kW\",\"spec\":\"sys::Number\"}")               //=> 1kW
        ioReadJeto("\"2024-05-06\"", {spec:"sys::Date"})     //=> 2024-05-06
        ioReadJeto("\"x\"", {spec:"sys::Date"})              //! ParseErr "sys::Date"
    """
    from axon.formats.jeto import read_jeto

    spec = opts.get("spec") if opts else None
    name = spec.val if type(spec) is Ref else spec
    if name is not None and type(name) is not str:
        raise ArgErr(f"ioReadJeto: expected the name of a spec, got {kind_name(spec)} {preview(spec)}")
    return read_jeto(handle_of(handle, cx).read_text(), name)


@builtin(lib="hx.io", admin=True)
def io_write_jeto(cx: Context, val: Obj, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Write JSON whose scalars name their spec where plain JSON can't tell what they are.

    Options:
        box: which scalars name it: `"none"`, `"auto"`, `"all"`.
        pretty: one member a line, indented.

    Examples:
        ioWriteJeto([1, true, "x"], "")                      //=> "[1, true, \"x\"]"
        ioReadJeto(ioWriteJeto({a:1kW, d:2024-05-06}, ""))   //=> {a:1kW, d:2024-05-06}
        ioWriteJeto(1kW, "", {box:"none"})                   //=> "\"1kW\""
        ioWriteJeto(1, "", {box:"some"})                     //! ArgErr "box"
    """
    from axon.formats.jeto import write_jeto

    text = write_jeto(val, box=io_opts.text(opts, "box", "auto"), pretty=io_opts.flag(opts, "pretty"))
    return handle_of(handle, cx).write_text(text)


# ---- for people and other programs ------------------------------------------------------------------------


@builtin(lib="hx.io", admin=True)
def io_write_xml(cx: Context, val: Obj, handle: Obj) -> Obj:
    r"""Write any value, by way of `toGrid`, as XML: an element for each cell, named as its column.

    Examples:
        ioWriteXml([{a:"x<y"}], "").contains("<a kind='Str' val='x&lt;y'/>")             //=> true
        ioWriteXml([].toGrid, "").contains("<cols>\n<empty/>\n</cols>")         //=> true
    """
    from axon.formats.xml import write_xml

    return handle_of(handle, cx).write_text(write_xml(io_opts.grid_of(val)))


@builtin(lib="hx.io", admin=True)
def io_write_html(cx: Context, val: Obj, handle: Obj, opts: Dict = {}) -> Obj:  # noqa: B006 - never changed
    r"""Write any value, by way of `toGrid`, as an HTML page with a table; cells look as `dis` shows them.

    Options:
        title: heading of the page; by default the `title` or `dis` of the grid's meta.
        tableOnly: write the table without the page around it.

    Examples:
        ioWriteHtml([{a:1234.5kW}], "", {tableOnly}).contains("<td class=\"n\">1,235kW</td>")      //=> true
        ioWriteHtml([{a:"<b>"}], "", {tableOnly}).contains("<td>&lt;b&gt;</td>")                   //=> true
    """
    from axon.formats.html import write_html
    from axon.values.locale import find_locale
    from axon.values.valuefmt import Style, display_cell

    style = Style(find_locale(cx.locale), cx.today, cx.db_resolve)

    def dis(cell: Any, col: Col) -> str:
        return display_cell(cell, col.meta(), style)

    text = write_html(
        io_opts.grid_of(val),
        dis,
        title=io_opts.text(opts, "title", ""),
        table_only=io_opts.flag(opts, "tableOnly"),
    )
    return handle_of(handle, cx).write_text(text)


@builtin(lib="hx.io", admin=True)
def io_write_excel(cx: Context, val: Obj, handle: Obj) -> Obj:
    r"""Write a grid, or a list of grids with a sheet for each, as an Excel workbook.

    A file whose name ends in `.xlsx` gets that format (this needs openpyxl, the extra `excel`), anything else
    the XML of Excel 2003. Sheets are named by the `title` of the grid's meta, else `Sheet1`, `Sheet2` …

    Examples:
        ioWriteExcel([{a:1}].toGrid, "").contains("<Data ss:Type='Number'>1</Data>")     //=> true
        ioWriteExcel([{a:1}].toGrid.addMeta({title:"T"}), "").contains("ss:Name='T'")    //=> true
    """
    from axon.formats.excel import write_excel_xml, write_xlsx

    grids = (
        val if type(val) is list and val and all(isinstance(g, Grid) for g in val) else [io_opts.grid_of(val)]
    )
    target = handle_of(handle, cx)
    if _is_xlsx(target):
        return target.write_bytes(write_xlsx(grids))
    return target.write_text(write_excel_xml(grids))


def _is_xlsx(handle: Handle) -> bool:
    return isinstance(handle, FileHandle) and handle.path.name.lower().endswith(".xlsx")


@builtin(lib="hx.io", admin=True)
def io_write_pdf(val: Obj, handle: Obj, opts: Dict = {}) -> Obj:  # noqa: B006 - never changed
    r"""Not supported: PDF is written by an export service, and this runtime has none.

    Examples:
        ioWritePdf([{a}], "")                                //! UnsupportedErr "ioWritePdf"
    """
    raise _no_service("ioWritePdf")


@builtin(lib="hx.io", admin=True)
def io_write_svg(val: Obj, handle: Obj, opts: Dict = {}) -> Obj:  # noqa: B006 - never changed
    r"""Not supported: SVG is written by an export service, and this runtime has none.

    Examples:
        ioWriteSvg([{a}], `io/x.svg`)                        //! UnsupportedErr "ioWriteSvg"
    """
    raise _no_service("ioWriteSvg")


@builtin(lib="hx.io", admin=True)
def io_export(req: Dict, handle: Obj) -> Obj:
    r"""Not supported: a request for an export service, and this runtime has none.

    Examples:
        ioExport({a}, "")                                    //! UnsupportedErr "ioExport"
    """
    raise _no_service("ioExport")


@builtin(lib="hx.io", admin=True)
def io_read_xeto(handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Not supported: instance data of Xeto needs its type system, which this runtime does not have.

    Examples:
        ioReadXeto("x: Dict {}")                             //! UnsupportedErr "ioReadXeto"
    """
    raise _no_types("ioReadXeto")


@builtin(lib="hx.io", admin=True)
def io_write_xeto(val: Obj, handle: Obj, opts: Dict | None = None) -> Obj:
    r"""Not supported: instance data of Xeto needs its type system, which this runtime does not have.

    Examples:
        ioWriteXeto({a}, "")                                 //! UnsupportedErr "ioWriteXeto"
    """
    raise _no_types("ioWriteXeto")


@builtin(lib="hx.io", admin=True)
def io_write_turtle(val: Obj, handle: Obj) -> Obj:
    r"""Not supported: RDF needs the namespace of definitions, which this runtime does not have.

    Examples:
        ioWriteTurtle([{a}], "")                             //! UnsupportedErr "ioWriteTurtle"
    """
    raise _no_types("ioWriteTurtle")


@builtin(lib="hx.io", admin=True)
def io_write_json_ld(val: Obj, handle: Obj) -> Obj:
    r"""Not supported: RDF needs the namespace of definitions, which this runtime does not have.

    Examples:
        ioWriteJsonLd([{a}], "")                             //! UnsupportedErr "ioWriteJsonLd"
    """
    raise _no_types("ioWriteJsonLd")


def _no_types(func: str) -> UnsupportedErr:
    return UnsupportedErr(
        f"{func}: this runtime has no definitions and specs; Zinc, Trio and JSON hold the same data"
    )


def _no_service(func: str) -> UnsupportedErr:
    return UnsupportedErr(
        f"{func}: this runtime has no export service; ioWriteHtml, ioWriteExcel and sessions can help"
    )
