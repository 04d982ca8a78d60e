"""Report for a terminal of 80 columns: every finding in a line, details below it, faults once more at the end."""

import textwrap
from collections.abc import Iterator, Sequence

import click

from quintain.doctor.finding import Finding, Grade, MarkedRow

WIDTH = 80
MARKS = ("⟦", "⟧")
"""Around what is learned, so that it is told apart without colours too."""
_WORDS: dict[Grade, tuple[str, str]] = {
    "good": ("ok", "green"),
    "warning": ("warning", "yellow"),
    "fault": ("FAULT", "red"),
}
_GUTTER = 10
_NAME = 28
"""Widest column of names of details."""
_PROMPT_CHARACTERS, _BEGINNING, _END = 240, 360, 80


def section(title: str, found: Sequence[Finding]) -> Iterator[str]:
    """Lines of one check.

    Args:
        title: Its heading.
        found: What it found; nothing is said of a check that found nothing.

    Yields:
        Lines.
    """
    if not found:
        return
    yield ""
    yield click.style(title, bold=True)
    for each in found:
        yield from _finding(each)


def verdict(found: Sequence[Finding]) -> Iterator[str]:
    """The last lines: every fault with its remedy, and whether a run can work."""
    faults = [each for each in found if each.grade == "fault"]
    warnings = sum(each.grade == "warning" for each in found)
    yield ""
    if not faults:
        yield click.style("A run can work", bold=True) + f"; {_many(warnings, 'warning')}."
        return
    yield click.style(f"A run cannot work: {_many(len(faults), 'fault')}, {_many(warnings, 'warning')}.", bold=True)
    for number, each in enumerate(faults, start=1):
        yield from _wrapped(each.line, f"{number:>3}. ", " " * 5)


def marked(row: MarkedRow) -> Iterator[str]:
    """A row, what is learned between marks; the middle of long texts is left out."""
    yield from _wrapped(f"{row.name} ({row.tokens:,} tokens)", " " * _GUTTER)
    prompt = row.prompt
    if len(prompt) > _PROMPT_CHARACTERS:
        prompt = f"…{prompt[-_PROMPT_CHARACTERS:]}"
    learned = row.learned
    if len(learned) > _BEGINNING + _END:
        learned = f"{learned[:_BEGINNING]} […] {learned[-_END:]}"
    for line in (plain(prompt) + MARKS[0] + plain(learned) + MARKS[1]).split("\n"):
        yield from _wrapped(line, " " * (_GUTTER + 2))


def plain(text: str) -> str:
    """Text of others that commands nothing of the terminal; line breaks stay."""
    shown = text.replace("\t", "    ")
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in shown)


def _finding(found: Finding) -> Iterator[str]:
    word, colour = _WORDS[found.grade]
    lines = list(_wrapped(f"{found.subject}: {found.said}", " " * _GUTTER))
    yield f"  {click.style(f'{word:<{_GUTTER - 2}}', fg=colour)}{lines[0].lstrip()}"
    yield from lines[1:]
    if remedy := " ".join(part for part in (found.remedy, f"({found.place})" if found.place else "") if part):
        yield from _wrapped(f"→ {remedy}", " " * _GUTTER)
    width = min(_NAME, max((len(name) for name, _ in found.facts), default=0) + 2)
    for name, text in found.facts:
        yield from _wrapped(text, f"{' ' * _GUTTER}{name:<{width}}", " " * (_GUTTER + width))
    if found.rows:
        yield from _wrapped(
            f"{_many(len(found.rows), 'row')} as the student sees it, learned text between {' and '.join(MARKS)}:",
            " " * _GUTTER,
        )
    for row in found.rows:
        yield from marked(row)


def _wrapped(text: str, first: str, further: str | None = None) -> Iterator[str]:
    """Lines of at most WIDTH columns; a word that is longer is cut."""
    further = first if further is None else further
    for number, line in enumerate(plain(text).split("\n")):
        yield from textwrap.wrap(
            line, WIDTH, initial_indent=further if number else first, subsequent_indent=further,
            break_on_hyphens=False, replace_whitespace=False, drop_whitespace=True,
        ) or [""]  # fmt: skip


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'s' * (count != 1)}"
