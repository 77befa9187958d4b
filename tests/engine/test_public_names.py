"""The names that `axon` itself offers, which are imported when they are first used."""

from __future__ import annotations

import ast
import pydoc
import re
import subprocess
import sys
from pathlib import Path

import axon


def test_each_name_is_listed_and_there() -> None:
    assert dir(axon) == sorted(axon.__all__)
    assert all(getattr(axon, name) is not None for name in axon.__all__)


def test_listing_them_imports_nothing() -> None:
    code = "import axon, sys; dir(axon); print([m for m in sys.modules if m.startswith(('axon.', 'pylib'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_help_tells_each_of_them() -> None:
    text = pydoc.plain(pydoc.render_doc(axon))
    assert axon.__doc__ is not None
    named = set(re.findall(r"`(\w+)`", axon.__doc__))
    assert set(axon.__all__) - {"__version__"} <= named
    assert "class Runtime(" in text
    assert "parse(text: 'str'" in text


def test_type_checkers_know_the_same_names() -> None:
    tree = ast.parse(Path(axon.__file__).read_text("utf-8"))
    (known,) = (node for node in tree.body if isinstance(node, ast.If))
    names = set()
    for node in known.body:
        if isinstance(node, ast.ImportFrom):
            names.update(alias.asname for alias in node.names)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    assert names == set(axon.__all__) - {"__version__"}


def test_singletons_are_values() -> None:
    with axon.Runtime() as rt:
        assert rt.eval("[marker(), na(), none()]") == [axon.MARKER, axon.NA, axon.REMOVE]
    assert axon.NA is axon.NA_VALUE
