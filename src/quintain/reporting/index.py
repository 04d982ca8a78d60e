"""The index of all reports: students, scores on every benchmark, the gate's decisions, and a link to every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from quintain.benchmarks.measures import by_level, is_share, measure_name, percent, point
from quintain.benchmarks.scorecard import Scorecard
from quintain.reporting.charts import Dots, dot_chart
from quintain.reporting.pages import render
from quintain.reporting.reports_folder import StudentReports, other_pages, read_checks, read_students
from quintain.reporting.rows import signed

_MOST_TICKS = 6


@dataclass(frozen=True)
class Score:
    """A cell of a table of students: one headline."""

    value: str
    interval: str = ""
    order: float = -1.0
    """What a column is sorted by."""
    href: str = ""
    """Address of the scorecard; empty where there is none."""


def index_page(
    folder: Path,
    *,
    project: str,
    environment: str,
    written: str,
    made: Mapping[str, str],
    benchmarks: Sequence[str],
    champion: str = "",
    registered: Mapping[str, str] | None = None,
) -> str:
    """Write the page of a project's reports.

    Args:
        folder: `data/08_reporting`.
        project: Name of the project.
        environment: Environment of the run that writes it.
        written: When, for people.
        made: Students of the lifecycle in order → how each is made.
        benchmarks: Benchmarks of the lifecycle, the headline first.
        champion: Version that holds the title; empty where none does, or nobody knows.
        registered: Version → when it was registered, for people.

    Returns:
        HTML whose links start at the folder, so that it works from a disk.
    """
    students = read_students(folder, list(made), benchmarks)
    names = list(dict.fromkeys(name for each in students for name in each.cards))
    names.sort(key=lambda name: list(benchmarks).index(name) if name in benchmarks else len(benchmarks))
    holders = [each for each in students if champion and each.version == champion]
    return render(
        "index.html.jinja",
        script="sort.js",
        project=project,
        environment=environment,
        written=written,
        students=students,
        made=made,
        columns=[(name, _measure(students, name)) for name in names],
        scores={each.name: [score(each.cards.get(name), each.scorecards.get(name, "")) for name in names]
                for each in students},
        champion=champion,
        registered=registered or {},
        holder=holders[-1] if holders else None,
        told={each.name: _against_champion(each) for each in students},
        chart=_chart(students, names[0]) if names else "",
        checks=read_checks(folder),
        others=other_pages(folder, [each.name for each in students]),
    )  # fmt: skip


def score(card: Scorecard | None, href: str = "") -> Score:
    """The headline of a scorecard as a cell.

    Args:
        card: The scorecard; None for one who was not asked.
        href: Address of its page.

    Returns:
        The cell; a dash where nothing was scored.
    """
    if card is None:
        return Score("–")
    found = card.estimate(card.headline)
    has_interval = found.low is not None and found.high is not None and is_share(card.headline)
    return Score(
        point(card.headline, found),
        f"{percent(found.low)} to {percent(found.high)}" if has_interval else "",
        -1.0 if found.value is None else found.value,
        href,
    )


def _measure(students: Sequence[StudentReports], benchmark: str) -> str:
    card = next(each.cards[benchmark] for each in students if benchmark in each.cards)
    return measure_name(by_level(card.headline))


def _against_champion(student: StudentReports) -> str:
    gate = student.gate
    if gate is None or gate.difference is None:
        return ""
    value, low, high = gate.difference
    return (
        f"{signed(value, percent=True)} points against v{gate.over}, 95 % interval {signed(low, percent=True)} to "
        f"{signed(high, percent=True)}"
    )


def _chart(students: Sequence[StudentReports], benchmark: str) -> str:
    rows = []
    for each in students:
        if card := each.cards.get(benchmark):
            found = card.estimate(card.headline)
            rows.append(Dots(each.name, [(found.value, (found.low, found.high))]))
    ends = [
        end
        for row in rows
        for value, (low, high) in row.values
        for end in (value, low, high)
        if end is not None and 0 <= end <= 1
    ]
    if not ends:
        return ""
    low, high, step = _scale(min(ends), max(ends))
    ticks = [(percent / 100, f"{percent}%") for percent in range(low, high + 1, step)]
    title = f"Headline of {benchmark} by student, with 95 % intervals"
    return dot_chart(rows, domain=(low / 100, high / 100), ticks=ticks, title=title)


def _scale(low: float, high: float) -> tuple[int, int, int]:
    """Ends and step of an axis in percent, of round numbers: students differ by less than the whole scale."""
    for step in (5, 10, 20):
        start, end = int(100 * low / step) * step, -int(-100 * high // step) * step
        if (end - start) / step <= _MOST_TICKS:
            break
    return start, max(end, start + step), step
