from __future__ import annotations

import json
from pathlib import Path

from .conftest import Run


def test_good_files_are_counted(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.axon").write_text("1 + 1\n")
    (tmp_path / "b.trio").write_text('task\ntaskExpr: "1 + 1"\n')
    done = cli("check")
    assert (done.stdout, done.returncode) == ("2 files are good\n", 0)


def test_one_file_is_no_plural(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.axon").write_text("1+1\n")
    assert cli("check").stdout == "1 file is good\n"
    assert cli("fmt").stdout == "rewrote ./a.axon\n1 file, 1 changed\n"
    (tmp_path / "a.axon").write_text("1 +\n")
    assert cli("check").stdout == "0 of 1 file is good\n"


def test_each_bad_file_is_shown(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.axon").write_text("1 +\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.axon").write_text("x: [1, 2\n")
    (tmp_path / "c.axon").write_text("fine(1)\n")
    (tmp_path / "d.axon").write_bytes(b"1\n\xff\n")
    (tmp_path / "t.trio").write_text('task\ntaskExpr: "1 +"\n')
    done = cli("check", ".")
    assert done.returncode == 3
    assert "1 of 5 files are good" in done.stdout
    for name in ("a.axon:", "b.axon:", "d.axon:2", "t.trio (record 1, taskExpr)"):
        assert name in done.stderr


def test_json_for_editors(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.axon").write_text("1\n2 +\n")
    found = json.loads(cli("check", "--json", "a.axon").stdout)
    assert [(e["file"], e["line"]) for e in found] == [("a.axon", 2)] or found[0]["line"] in (2, 3)


def test_format_keeps_the_meaning_and_is_stable(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.axon"
    path.write_text("// sum\nx:1+2\nx  *   3\n")
    assert cli("fmt", "--check").returncode == 1
    assert cli("fmt").returncode == 0
    once = path.read_text()
    assert "// sum" in once
    assert cli("a.axon").stdout == "9\n"
    assert "0 changed" in cli("fmt").stdout
    assert path.read_text() == once


def test_format_goes_through_a_link(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    path, link = tmp_path / "sub" / "a.axon", tmp_path / "link.axon"
    path.write_text("1+1\n")
    link.symlink_to("sub/a.axon")
    assert cli("fmt", "link.axon").returncode == 0
    assert (link.is_symlink(), path.read_text()) == (True, "1 + 1\n")


def test_format_leaves_bad_files_alone(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.axon"
    path.write_text("1 +\n")
    done = cli("fmt")
    assert (done.returncode, path.read_text()) == (3, "1 +\n")


def test_format_of_standard_input(cli: Run) -> None:
    assert cli("fmt", "-", stdin="1+2").stdout.strip() == "1 + 2"


def test_files_of_cases_are_read_case_by_case(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "cases.axon").write_text(
        '// case: a\n1 + 1  //=> 2\n---\n1 +  //! SyntaxErr "end"\n---\n2 *\n'
    )
    done = cli("check")
    assert done.returncode == 3
    assert done.stderr.count("syntax error") == 1
    assert "cases.axon:6" in done.stderr or "cases.axon:7" in done.stderr
