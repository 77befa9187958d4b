"""The real image: built by its Dockerfile with all packages, and data work in it."""

from __future__ import annotations

import pytest

from axon.session.backends.docker_engine import Engine
from axon.session.backends.docker_image import build_image, image_tag
from axon.session.manager import SessionManager
from pylib.grid import Grid

PACKAGES = "numpy pandas pyarrow scipy sklearn matplotlib dateutil pytz tzdata numexpr".split()

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def full_image(docker: Engine, base_image: str) -> str:
    for _ in build_image(docker, base=base_image):
        pass
    return image_tag()


def test_default_image_has_what_data_work_needs(
    full_image: str, manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AXON_IMAGE")
    session = manager.open({"startTimeout": 60.0}, keep=True).define("names", PACKAGES)
    session.exec("import importlib").eval("[importlib.import_module(n) and None for n in names]")
    grid = Grid.from_rows([{"site": "a", "kw": 1.5}, {"site": "b", "kw": 2.5}, {"site": "a", "kw": 3.0}])
    session.define("g", grid).exec("df = g.to_dataframe().groupby('site', as_index=False).sum()")
    assert session.eval("df").dicts() == [{"site": "a", "kw": 4.5}, {"site": "b", "kw": 2.5}]
    session.exec(
        "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as plt; plt.plot([1, 2])"
    )
    session.exec("plt.savefig('/io/plot.png')")
    assert session.eval("__import__('os').path.getsize('/io/plot.png') > 1000") is True


def test_standard_library_and_packages_are_byte_compiled(full_image: str, manager: SessionManager) -> None:
    code = """
    import importlib.util, os, sys
    def compiled(name):
        return os.path.exists(importlib.util.cache_from_source(importlib.util.find_spec(name).origin))
    """
    session = manager.open({"image": full_image}, keep=True).exec(code)
    assert (
        session.eval("[n for n in ('json', 'pandas', 'numpy', 'pylib.server', 'scipy') if not compiled(n)]")
        == []
    )
