"""Every module of the pipelines has a test file under the same path."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIPELINES = ROOT / "src/quintain/pipelines"
MODULES = sorted(path.relative_to(PIPELINES) for path in PIPELINES.rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_has_a_test_file_under_the_same_path(module):
    assert (ROOT / "tests/pipelines" / module.parent / f"test_{module.name}").is_file()
