"""The leaderboard as a page: a column per benchmark, sorted, every number a link to its scorecard."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from quintain.data_root import reports_root

if TYPE_CHECKING:
    from quintain.cli.ranked_versions import Ranking
    from quintain.cli.registry_store import ProjectRegistry
    from quintain.registry.measured import Measured
    from quintain.reporting.leaderboard import Entry


def write_leaderboard(target: Path, project: "ProjectRegistry", ranking: "Ranking") -> None:
    """Write the page, and scorecards beside it of versions whose own page is gone from the project.

    Args:
        target: The page.
        project: The registry.
        ranking: Its versions.
    """
    from quintain.benchmarks.measures import by_level, measure_name
    from quintain.cli.json_lines import write_whole
    from quintain.cli.ranked_versions import environments
    from quintain.reporting.leaderboard import leaderboard_page

    shown = {name: each.scorecard.headline for found in ranking.measured.values() for name, each in found.items()}
    names = list(shown)
    page = leaderboard_page(
        project.model_name,
        benchmarks={name: measure_name(by_level(measure)) for name, measure in shown.items()},
        ranked=[_entry(target, project, ranking, label, names) for label in ranking.ranked],
        apart=[(_entry(target, project, ranking, label, names), ranking.reason(label)) for label in ranking.apart],
        unread=ranking.unread,
        smoke=environments(project).get("smoke", []),
        model=ranking.model,
    )
    write_whole(target, [page.encode()])


def _entry(target: Path, project: "ProjectRegistry", ranking: "Ranking", label: str, names: list[str]) -> "Entry":
    from quintain.cli.standing import day_of
    from quintain.registry.registration import ENVIRONMENT, students_of
    from quintain.reporting.index import score
    from quintain.reporting.leaderboard import Entry

    version, measured = ranking.versions[label], ranking.measured[label]
    number, environment = str(version.version), version.tags.get(ENVIRONMENT, "")
    # A column holds what was measured on the champion's terms, and nothing else.
    comparable = {next(iter(measured)), *ranking.beside.get(label, {})} if label in ranking.ranked else set(measured)
    return Entry(
        name=" = ".join(students_of(version)),
        version=number,
        aliases=project.titles().get(number, ""),
        letters=ranking.letters.get(label, ""),
        day=day_of(version),
        environment=environment,
        scores=[
            score(measured[name].scorecard, _page_of(target, project, environment, label, name, measured[name]))
            if name in comparable
            else score(None)
            for name in names
        ],
    )


def _page_of(
    target: Path, project: "ProjectRegistry", environment: str, label: str, benchmark: str, each: "Measured"
) -> str:
    """Address of a version's scorecard, from the leaderboard: the one that a run left, or one written for it now."""
    from quintain.cli.json_lines import write_whole
    from quintain.cli.scorecard_pack import find_items
    from quintain.cli.standing import standing
    from quintain.reporting.page import Section, Side, scorecard_page

    kept = _kept_page(reports_root(project.root, environment) / each.scorecard.model / benchmark, each)
    if kept is None:
        name = re.sub(r"[^\w.]+", "-", label.partition(" (")[0]).strip("-")
        kept = target.with_suffix("") / f"{name}-{benchmark}.html"
        side = Side(label.partition(" (")[0], each.scorecard, each.judgements)
        items, no_items = find_items(each.scorecard.benchmark, project.root, None)
        section = Section([side], None, items, no_items, standing(side, project.root))
        write_whole(kept, [scorecard_page([section]).encode()])
    return quote(Path(os.path.relpath(kept.absolute(), target.absolute().parent)).as_posix())


def _kept_page(home: Path, each: "Measured") -> Path | None:
    from quintain.benchmarks.scorecard import Scorecard
    from quintain.errors import RecordError
    from quintain.text.json_lines import read_json

    page = home / "scorecard.html"
    try:
        same = (
            page.is_file() and Scorecard.from_dict(read_json(home / "scorecard.json")).digest == each.scorecard.digest
        )
    except RecordError:
        return None
    return page if same else None
