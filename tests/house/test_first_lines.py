"""The first line of a docstring names the thing."""

import ast
import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "quintain"
WALKS_AROUND = re.compile(r"(What|How|Which|Whether|Who|Whose|Where|When|Why)\b")


def first_lines(file: Path) -> list[tuple[str, str]]:
    """Names and first lines of a module and of all that it defines, where they have a docstring."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node)
            if docstring:
                found.append((getattr(node, "name", "module"), docstring.splitlines()[0]))
    return found


def test_a_docstring_opens_with_a_name_or_a_verb_and_not_with_a_question_word():
    offenders = [
        f"{file.relative_to(SOURCE)}: {name}: {line}"
        for file in sorted(SOURCE.rglob("*.py"))
        for name, line in first_lines(file)
        if WALKS_AROUND.match(line)
    ]
    assert not offenders, "name the thing instead:\n" + "\n".join(offenders)
