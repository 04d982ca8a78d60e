"""The table of attacks in docs/security.md is made of what a run reported."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = "tests/models/test_spending.py"


@pytest.fixture
def generator():
    spec = importlib.util.spec_from_file_location("generate_attacks", ROOT / "docs/generate_attacks.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def noted(tried, survived):
    value = json.dumps(["disks", "full disk", "it stands", tried, survived]).replace('"', "&quot;")
    return f'<testcase file="x"><properties><property name="attack" value="{value}"/></properties></testcase>'


def test_trials_of_one_attack_are_added_and_cases_of_a_module_counted(generator, tmp_path):
    cases = [
        noted(3, 3), noted(2000, 1999), f'<testcase file="{FILE}"/>',
        f'<testcase file="{FILE}"><failure/></testcase>', f'<testcase file="{FILE}"><skipped/></testcase>',
        '<testcase file="tests/attacks/test_table.py"/>',
    ]  # fmt: skip
    (tmp_path / "report.xml").write_text(f"<testsuites>{''.join(cases)}</testsuites>")
    lines = generator.table(generator.rows_of(tmp_path / "report.xml")).splitlines()
    assert lines[2] == "| disks | full disk | it stands | 2,003 | 2,002 |"
    assert lines[3].endswith("| 2 | 1 |")
    assert lines[4] == "| all | | | 2,005 | 2,003 |"


def test_the_block_is_replaced_and_the_page_stays(generator, tmp_path):
    page = tmp_path / "security.md"
    page.write_text("# Security\n\nText.\n")
    generator.write(page, "first")
    assert page.read_text().startswith("# Security\n\nText.\n\n## Attacks tried\n\n")
    generator.write(page, "second")
    assert page.read_text().count("## Attacks tried") == 1
    assert "second" in page.read_text()
    assert "first" not in page.read_text()


def test_every_file_that_is_counted_is_there(generator):
    assert all((ROOT / file).is_file() for file in generator.BY_FILE)
