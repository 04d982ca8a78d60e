"""Checks of the layout: brackets, bullets, marks, sections, JSON. Each reads a response once."""

import json
import re

from quintain.benchmarks.verifiable.instructions import Count, Text, checks

_PLACEHOLDER = re.compile(r"\[[^\[\]\n]*\]")
_BULLET = re.compile(r"(?m)^[^\S\n]*(?:-|\*[^*\n])")
_SLANTED = re.compile(r"\*[^*\n]*\*")
_BOLD = re.compile(r"\*\*[^*\n]*\*\*")
_FENCE = re.compile(r"(?i)\A```(?:json)?|```\Z")
_OPTIONS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")


@checks("detectable_content:number_placeholders")
def number_placeholders(response: str, *, num_placeholders: Count) -> bool:
    """At least so many stretches stand in square brackets."""
    return len(_PLACEHOLDER.findall(response)) >= num_placeholders


@checks("detectable_content:postscript")
def postscript(response: str, *, postscript_marker: Text) -> bool:
    """The marker occurs, in any case; after each of its full stops there may be a space."""
    marker = re.escape(postscript_marker.strip().lower()).replace(r"\.", r"\.\s?").removesuffix(r"\s?")
    return re.search(marker, response.lower()) is not None


@checks("detectable_format:number_bullet_lists")
def number_bullet_lists(response: str, *, num_bullets: Count) -> bool:
    """Exactly so many lines start with a dash or a single asterisk."""
    return len(_BULLET.findall(response)) == num_bullets


@checks("detectable_format:constrained_response")
def constrained_response(response: str) -> bool:
    """One of the three fixed answers occurs."""
    return any(option in response for option in _OPTIONS)


@checks("detectable_format:number_highlighted_sections")
def number_highlighted_sections(response: str, *, num_highlights: Count) -> bool:
    """At least so many stretches of a line stand between single or double asterisks."""
    # To the first pattern the marks of a bold stretch are two empty ones, which do not count.
    marked = _SLANTED.findall(response) + _BOLD.findall(response)
    return sum(bool(stretch.strip("*").strip()) for stretch in marked) >= num_highlights


@checks("detectable_format:multiple_sections")
def multiple_sections(response: str, *, section_spliter: Text, num_sections: Count) -> bool:
    """The word that starts a section stands before a number at least so many times.

    Source: the published file spells the parameter `section_spliter`.
    """
    return len(re.findall(re.escape(section_spliter.strip()) + r"\s?\d", response)) >= num_sections


@checks("detectable_format:json_format")
def json_format(response: str) -> bool:
    """The whole response is one JSON document, in a code fence or not."""
    try:
        json.loads(_FENCE.sub("", response.strip()))
    except (ValueError, RecursionError):  # nested deeper than Python reads
        return False
    return True


@checks("detectable_format:title")
def title(response: str) -> bool:
    """Some line has more than brackets and spaces between `<<` and `>>`."""
    return any(_title(line) for line in response.split("\n"))


def _title(line: str) -> str:
    start, end = line.find("<<"), line.rfind(">>")
    return line[start:end].strip("<> \t") if 0 <= start < end else ""
