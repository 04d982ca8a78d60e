"""Licence that the folder of a model states, in the report of its import or in its card."""

import re
from pathlib import Path

from quintain.models.importing.model_report import read_report

_LICENCE = re.compile(r"^license:[ \t]*['\"]?([^'\"\n]+?)['\"]?[ \t]*$", re.MULTILINE)


def stated_licence(folder: Path) -> str:
    """Read the licence of a model.

    Args:
        folder: Its folder, in Hugging Face layout.

    Returns:
        Its name; empty where none is stated.

    Raises:
        ModelError: The report of its import cannot be read.
    """
    report = read_report(folder)
    if report is not None and report.licence:
        return report.licence
    card = folder / "README.md"
    found = _LICENCE.search(card.read_text(encoding="utf-8", errors="replace")) if card.is_file() else None
    return found[1] if found else ""
