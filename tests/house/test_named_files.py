"""Pages name modules that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([\w./-]+\.py)(?:::\w+)?`")
OF_THE_READER = "docs/how-to/extend.md"
"""A page whose modules its reader writes."""
PAGES = [
    page
    for page in ("README.md", "CONTRIBUTING.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")))
    if page != OF_THE_READER and NAMED.search((ROOT / page).read_text(encoding="utf-8"))
]
MODULES = [
    f"/{path.relative_to(ROOT).as_posix()}"
    for folder in ("src", "tests", "docs", "benchmarks")
    for path in ROOT.glob(f"{folder}/**/*.py")
]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_module_that_a_page_names_is_there(page):
    named = set(NAMED.findall((ROOT / page).read_text(encoding="utf-8")))
    assert sorted(name for name in named if not any(module.endswith(f"/{name}") for module in MODULES)) == []
