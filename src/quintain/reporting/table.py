"""The leaderboard as a Markdown table, for the terminal and for the registry's pages alike."""

from collections.abc import Mapping, Sequence

from quintain.benchmarks.measures import Place, by_level, measure_name, percent, places, point
from quintain.benchmarks.scorecard import Scorecard

_REST = ("micro_", "base_task")
"""Measures of packs with levels that stand on pages, not in tables of models."""


def leaderboard_table(cards: Mapping[str, Scorecard]) -> str:
    """Set scorecards of one benchmark in a Markdown table, rates in percent.

    Args:
        cards: Label of a model → its scorecard, the columns those of the first. What was not scored prints as a dash,
            never as zero.

    Returns:
        One line per model under a header, aligned so that it also reads well as plain text, without a final newline.
    """
    columns = _columns(cards)
    return markdown_table(
        ("model", *(title for title, _ in columns), "scored"),
        [(label, *_cells(card, columns), _scored(card)) for label, card in cards.items()],
    )


def ranking_table(
    cards: Mapping[str, Scorecard], letters: Mapping[str, str], others: Mapping[str, Mapping[str, Scorecard]]
) -> str:
    """Set scorecards in a Markdown table with intervals and the letters of a compact letter display.

    Args:
        cards: Label of a model → its scorecard on the headline benchmark, the best first.
        letters: Label → letters; a label without any gets a dash.
        others: Label → benchmark → scorecard, a column for the headline of each; where there are any, the first column
            of numbers says which benchmark it is of as well.

    Returns:
        The table, as `leaderboard_table` sets it.
    """
    first = next(iter(cards.values()), None)
    headline = first.headline if first else ""
    columns = _columns(cards)
    rest = [each for each in columns if each[1].measure != headline and not each[1].level]
    by_level = [(f"L{place.level}", place) for _, place in columns if place.level]
    beside = list(dict.fromkeys((name, card.headline) for each in others.values() for name, card in each.items()))
    header = (
        "model",
        f"{first.benchmark.name} {_short(headline)}" if first and beside else _short(headline),
        "95 %",
        "letters",
        *(title for title, _ in (*rest, *by_level)),
        *(f"{name} {_short(measure)}" for name, measure in beside),
        "scored",
    )
    body = []
    for label, card in cards.items():
        estimate = card.estimate(headline)
        also = others.get(label, {})
        body.append(
            (
                label,
                point(headline, estimate),
                f"{percent(estimate.low)} to {percent(estimate.high)}",
                letters.get(label, "–"),
                *_cells(card, [*rest, *by_level]),
                *(point(measure, also[name].estimate(measure)) if name in also else "–" for name, measure in beside),
                _scored(card),
            )
        )
    return markdown_table(header, body)


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""Set cells in a Markdown table that also reads well as plain text.

    Args:
        header: Names of the columns; the first column is aligned left, the others right.
        rows: One cell per column; a bar in a cell is escaped.

    Returns:
        The lines, without a final newline.

    >>> print(markdown_table(("name", "n"), [("a|b", "12")]))
    | name |  n |
    | :--- | -: |
    | a\|b | 12 |
    """
    cells = [[cell.replace("|", "\\|") for cell in line] for line in (header, *rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    rule = ["-" * (width - 1) + ":" for width in widths]
    rule[0] = ":" + "-" * (widths[0] - 1)
    top, *body = (
        [_pad(cell, width, column) for column, (cell, width) in enumerate(zip(line, widths, strict=True))]
        for line in cells
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in (top, rule, *body))


def _columns(cards: Mapping[str, Scorecard]) -> list[tuple[str, Place]]:
    """The headline by level and in the mean, then every other measure; those over all items alike are left to pages."""
    if not cards:
        return []
    card = next(iter(cards.values()))
    levels = [place for place in places(card) if place.level and place.measure == by_level(card.headline)]
    columns = [(f"L{place.level}" if i else f"{measure_name(place.measure)} L{place.level}", place)
               for i, place in enumerate(levels)]  # fmt: skip
    measures = [measure for measure in card.measures if not (levels and measure.startswith(_REST))]
    return columns + [
        ("mean" if levels and measure == card.headline else _short(measure), Place(measure)) for measure in measures
    ]


def _short(measure: str) -> str:
    return measure_name(by_level(measure))


def _cells(card: Scorecard, columns: Sequence[tuple[str, Place]]) -> list[str]:
    return [point(place.measure, card.estimate(place.measure, level=place.level)) for _, place in columns]


def _scored(card: Scorecard) -> str:
    return f"{card.n_scored}/{card.n_items}"


def _pad(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)
