"""Token credit of a preference training: responses coloured by weight and by implicit reward."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

_JINJA = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=True,  # prompts and responses are strangers' text
)


def token_credit_page(student: str, pairs: Sequence[Mapping[str, Any]], measures: Mapping[str, float]) -> str:
    """Write the page.

    Args:
        student: Name of the student.
        pairs: Pairs as `quintain.training.preference.measures.as_shown` gives them.
        measures: Numbers to show above, by name.

    Returns:
        HTML without any reference to a network.
    """
    tokens = [token for pair in pairs for side in pair["sides"] for token in side["tokens"]]
    heaviest = max((token["weight"] for token in tokens), default=1.0)
    strongest = max((abs(token["reward"]) for token in tokens), default=0.0) or 1.0
    return _JINJA.get_template("token_credit.html.jinja").render(
        student=student, pairs=pairs, measures=measures, heaviest=max(heaviest, 1.001), strongest=strongest
    )
