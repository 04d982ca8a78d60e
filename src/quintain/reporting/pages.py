"""Pages of HTML in one style: a skeleton, a style sheet in a light and a dark scheme, and a policy that asks nobody."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from quintain.reporting.palette import COLOURS, DARK_COLOURS

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, *, folder: Path = _TEMPLATES, script: str = "", **values: Any) -> str:
    """Write a page.

    Args:
        template: Name of a template that extends `base.html.jinja`.
        folder: Where it lies.
        script: Name of a script file beside the shared templates; the browser runs this one and no other, whatever a
            text on the page says. Empty: none.
        **values: What the template shows; every text is escaped.

    Returns:
        HTML that holds everything it shows, without any reference to a network; equal values give equal text.
    """
    code = (_TEMPLATES / script).read_text(encoding="utf-8") if script else ""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, _TEMPLATES]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,  # pages, responses and names are strangers' text
    )
    text = environment.get_template(template).render(
        script=Markup(code),  # noqa: S704 - our own file
        script_hash=base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() if code else "",
        light_colours=COLOURS,
        dark_colours=DARK_COLOURS,
        **values,
    )
    # A lone half of a surrogate pair cannot be written to a file.
    return text.encode("utf-8", "replace").decode()
