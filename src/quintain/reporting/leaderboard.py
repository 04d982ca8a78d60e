"""The page of the leaderboard: versions ranked by the headline, a column per benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quintain.benchmarks.measures import by_level, measure_name
from quintain.benchmarks.scorecard import Scorecard
from quintain.reporting.index import Score
from quintain.reporting.pages import render


@dataclass(frozen=True)
class Entry:
    """One version."""

    name: str
    """Its student, or several that have the same weights."""
    version: str
    aliases: str
    """Such as `champion`; empty where it has none."""
    letters: str
    """Two versions with a letter in common are not told apart."""
    day: str
    """When it was registered."""
    environment: str
    """Environment of the run that made it; empty where unknown."""
    scores: Sequence[Score]
    """One per benchmark, in the order of the columns."""


def leaderboard_page(
    title: str,
    *,
    benchmarks: Mapping[str, str],
    ranked: Sequence[Entry],
    apart: Sequence[tuple[Entry, str]],
    unread: Mapping[str, str],
    smoke: Sequence[str],
    model: Scorecard | None,
) -> str:
    """Write the page.

    Args:
        title: Name of the registered model.
        benchmarks: Names of the columns, the headline first → the measure that each shows.
        ranked: Versions measured on the champion's terms, the best first.
        apart: The others, with the reason.
        unread: Version → why its scorecards cannot be read.
        smoke: Versions of smoke runs.
        model: Headline scorecard of the champion, on whose terms versions are ranked; None where there is none.

    Returns:
        HTML that asks the network for nothing; its links start where it lies.
    """
    return render(
        "leaderboard.html.jinja",
        script="sort.js",
        title=title,
        benchmarks=benchmarks,
        ranked=ranked,
        apart=apart,
        unread=unread,
        smoke=smoke,
        model=model,
        measure=measure_name(by_level(model.headline)) if model else "",
    )
