"""Every module of the pipelines has a test file under the same path; a short pipeline has one for all of them."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIPELINES = ROOT / "src/quintain/pipelines"
MODULES = sorted(path.relative_to(PIPELINES) for path in PIPELINES.rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_has_a_test_file(module):
    tests = ROOT / "tests/pipelines"
    own, whole = tests / module.parent / f"test_{module.name}", tests / f"test_{module.parts[0]}.py"
    assert own.is_file() or whole.is_file()
