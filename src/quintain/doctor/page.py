"""The report as a page: one file that works offline."""

from collections.abc import Sequence
from pathlib import Path

from quintain.doctor.finding import Finding
from quintain.reporting.pages import render

_TEMPLATES = Path(__file__).parent / "templates"


def doctor_page(title: str, sections: Sequence[tuple[str, Sequence[Finding]]]) -> str:
    """Write the page.

    Args:
        title: Project and environment, or student and file.
        sections: Title of each check, and what it found.

    Returns:
        HTML without any reference to a network.
    """
    found = [each for _, some in sections for each in some]
    return render(
        "doctor.html.jinja",
        folder=_TEMPLATES,
        title=title,
        sections=[(name, some) for name, some in sections if some],
        faults=[each for each in found if each.grade == "fault"],
        warnings=[each for each in found if each.grade == "warning"],
    )
