"""The leaderboard as a Markdown table, for the terminal and for the registry's pages alike."""

from collections.abc import Mapping, Sequence
from typing import Any

_COLUMNS = ("model", "HSR L1", "L2", "L3", "L4", "L5", "mean", "SSR", "CSL", "scored")


def leaderboard_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Set scorecards in a Markdown table, rates in percent.

    Args:
        rows: Scorecards as plain dicts. A row's `model` may be any label; `scored` shows how many of the items were
            scored. What was not scored prints as a dash, never as zero.

    Returns:
        One line per model under a header, aligned so that it also reads well as plain text, without a final newline.

    >>> print(leaderboard_table([]))
    | model | HSR L1 | L2 | L3 | L4 | L5 | mean | SSR | CSL | scored |
    | :---- | -----: | -: | -: | -: | -: | ---: | --: | --: | -----: |
    """
    return markdown_table(_COLUMNS, [_cells(row) for row in rows])


def ranking_table(rows: Sequence[Mapping[str, Any]], letters: Mapping[str, str]) -> str:
    """Set scorecards in a Markdown table with intervals and the letters of a compact letter display.

    Args:
        rows: Scorecards as plain dicts, the best first, each `model` another label.
        letters: Label → letters; a label without any gets a dash.

    Returns:
        The table, as `leaderboard_table` sets it.
    """
    header = ("model", "HSR", "95 %", "letters", "SSR", "CSL", "L1", "L2", "L3", "L4", "L5", "scored")
    body = []
    for row in rows:
        model, *by_level, hsr, ssr_mean, consistent, counted = _cells(row)
        low, high = row["macro"]["intervals"]["hsr_mean"]
        interval = f"{_percent(low)} to {_percent(high)}"
        body.append((model, hsr, interval, letters.get(model, "–"), ssr_mean, consistent, *by_level, counted))
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


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    macro = row["macro"]
    return (
        str(row["model"]),
        *map(_percent, macro["hsr"]),
        _percent(macro["hsr_mean"]),
        _percent(macro["ssr_mean"]),
        "–" if macro["csl"] is None else f"{macro['csl']:.2f}",
        f"{row['n_scored']}/{row['n_items']}",
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _pad(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)
