"""The report as a page: one file that works offline."""

from collections.abc import Sequence
from pathlib import Path

import jinja2

from quintain.doctor.finding import Finding

_JINJA = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=True,  # rows, sources and servers are strangers' text
)


def doctor_page(title: str, sections: Sequence[tuple[str, Sequence[Finding]]]) -> str:
    """Write the page.

    Args:
        title: Project and environment, or student and file.
        sections: Title of each check, and what it found.

    Returns:
        HTML without any reference to a network.
    """
    found = [each for _, some in sections for each in some]
    return _JINJA.get_template("doctor.html.jinja").render(
        title=title,
        sections=[(name, some) for name, some in sections if some],
        faults=[each for each in found if each.grade == "fault"],
        warnings=[each for each in found if each.grade == "warning"],
    )
