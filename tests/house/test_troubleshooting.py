"""docs/troubleshooting.md explains errors by the text that the source has for them."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
OF_OTHER_TOOLS = {"quintain: command not found", "Failed to find the pipeline named"}
HEADINGS = [text for text in re.findall(r"^### `(.+)`$", PAGE, flags=re.MULTILINE) if text not in OF_OTHER_TOOLS]


def message_templates() -> list[str]:
    """Every text of the package, with … where a value goes."""
    found = []
    for path in sorted((ROOT / "src/quintain").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
                found.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return found


@pytest.fixture(scope="module")
def templates():
    return message_templates()


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_is_what_the_source_says(templates, heading):
    parts = [part.strip() for part in heading.split("…") if part.strip()]
    wanted = re.compile(".*".join(map(re.escape, parts)), flags=re.DOTALL)
    assert any(wanted.search(template) for template in templates)


def test_the_page_explains_twenty_errors():
    assert len(HEADINGS) + len(OF_OTHER_TOOLS) >= 20
