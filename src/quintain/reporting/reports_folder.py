"""The folder of reports as data: scorecards of students, decisions of the gate, pages, plots, checks of the data."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from quintain.benchmarks.scorecard import Scorecard
from quintain.errors import RecordError

_CARD, _GATE, _REGISTRATION = "scorecard.json", "gate.json", "registration.json"
_PLOTS = (".png", ".svg")
_PAGES = (".html", ".md")
_TABLES = (".json", ".csv")
_OWN = "index.html"
_WORDS = {
    "scorecard.html": "scorecard, down to every item",
    "levels.png": "satisfaction as constraints are added",
    "radar.png": "headline by category",
    "rounds.html": "rounds of distillation",
    "token_credit.html": "weights and rewards, token by token",
    "preference.png": "preference training",
    "pairs.png": "preference pairs, before and after bridging",
    "pairs.md": "preference pairs",
    "arms.png": "BMC beside its parts",
    "arms.md": "BMC beside its parts, in numbers",
    "edits.png": "edits by size and age of the memory",
    "edits.md": "edits in numbers",
    "retention.md": "lost and gained against its start",
    "page.html": "instruction pairs from web pages",
    "doctor.html": "what a run would miss",
    "leaderboard.html": "all registered versions, ranked",
}
_MARKS = {True: "pass", False: "fail"}


@dataclass(frozen=True)
class Link:
    """A file below the folder."""

    href: str
    """Its address from the folder, quoted."""
    words: str
    """What it shows."""


@dataclass(frozen=True)
class Gate:
    """The gate's decision on a student's version."""

    version: str
    outcome: str
    """`promoted`, `inconclusive` or `refused`."""
    over: str
    """Version that held the title before; empty when nobody did."""
    moved: bool
    """Whether the title moved."""
    verdicts: tuple[tuple[str, str, str], ...]
    """`pass`, `note` or `fail`, the condition, and the numbers behind it."""
    difference: tuple[float, float, float] | None
    """Headline minus the champion's of that time, with its interval; None where nothing was compared."""


@dataclass(frozen=True)
class StudentReports:
    """Everything that the folder has of one student."""

    name: str
    cards: Mapping[str, Scorecard] = field(default_factory=dict)
    """Benchmark → scorecard, the headline first."""
    scorecards: Mapping[str, str] = field(default_factory=dict)
    """Benchmark → address of its page."""
    version: str = ""
    """Its version in the registry; empty where it has none."""
    gate: Gate | None = None
    pages: tuple[Link, ...] = ()
    plots: tuple[Link, ...] = ()
    tables: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Checks:
    """Findings of the suites in the data."""

    n_passed: int
    failed: tuple[Link, ...]
    all: tuple[Link, ...]


def read_students(folder: Path, order: Sequence[str], benchmarks: Sequence[str]) -> list[StudentReports]:
    """Read what is there of every student.

    Args:
        folder: `data/08_reporting`.
        order: Students of the lifecycle; others come after them.
        benchmarks: Names of the lifecycle's benchmarks, the headline first; others come after them.

    Returns:
        Students with a scorecard, a registration or a page. A file that cannot be read is left out, with what hangs on
        it: a page about all has to come about whatever one file says.
    """
    homes = {path.name: path for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else {}
    names = [name for name in order if name in homes] + sorted(
        name for name in homes.keys() - set(order) if any(homes[name].glob(f"*/{_CARD}"))
    )
    found = (_student(folder, homes[name], benchmarks) for name in names)
    return [each for each in found if each.cards or each.version or each.pages]


def read_checks(folder: Path) -> Checks:
    """Read the reports of the suites.

    Args:
        folder: `data/08_reporting`.

    Returns:
        How many passed, and where they lie.
    """
    passed, failed, links = 0, [], []
    for path in sorted((folder / "expectations").rglob("*.json")):
        document = _json(path)
        link = Link(_href(folder, path), path.relative_to(folder / "expectations").with_suffix("").as_posix())
        if "passed" in document:
            links.append(link)
            passed += bool(document["passed"])
            if not document["passed"]:
                failed.append(link)
    return Checks(passed, tuple(failed), tuple(links))


def other_pages(folder: Path, students: Iterable[str]) -> list[Link]:
    """Pages that belong to no student: of synthesis, comparisons, the doctor.

    Args:
        folder: `data/08_reporting`.
        students: Folders to leave out.

    Returns:
        Links in the order of their addresses.
    """
    left_out = {*students, "expectations"}
    return [
        Link(_href(folder, path), _words(path) if path.parent.name != "scorecards" else _compared(path.stem))
        for path in sorted(folder.rglob("*.html"))
        if path.relative_to(folder).parts[0] not in left_out and path != folder / _OWN
        if not path.name.startswith(".")
    ]


def _student(folder: Path, home: Path, benchmarks: Sequence[str]) -> StudentReports:
    cards = {path.parent.name: card for path in sorted(home.glob(f"*/{_CARD}")) if (card := _card(path))}
    names = [name for name in benchmarks if name in cards] + [name for name in cards if name not in benchmarks]
    first = {home / name / "scorecard.html": place for place, name in enumerate(names)}
    files = sorted(
        (path for path in home.rglob("*") if path.is_file() and not path.name.startswith(".")),
        key=lambda path: (first.get(path, len(first)), path),
    )
    return StudentReports(
        name=home.name,
        cards={name: cards[name] for name in names},
        scorecards={name: _href(folder, page) for name in names if (page := home / name / "scorecard.html").is_file()},
        version=str(_json(home / _REGISTRATION).get("version", "")),
        gate=_gate(home / _GATE),
        pages=tuple(_links(folder, home, files, _PAGES)),
        plots=tuple(_links(folder, home, files, _PLOTS)),
        tables=tuple(_links(folder, home, files, _TABLES)),
    )


def _links(folder: Path, home: Path, files: Sequence[Path], kinds: Sequence[str]) -> Iterator[Link]:
    for path in files:
        if path.suffix in kinds:
            benchmark = path.parent.name if path.parent != home else ""
            yield Link(_href(folder, path), f"{benchmark}: {_words(path)}" if benchmark else _words(path))


def _words(path: Path) -> str:
    return _WORDS.get(path.name, path.name)


def _compared(stem: str) -> str:
    return stem.replace("-vs-", " against ")


def _href(folder: Path, path: Path) -> str:
    return quote(path.relative_to(folder).as_posix())


def _card(path: Path) -> Scorecard | None:
    try:
        return Scorecard.from_dict(_json(path))
    except RecordError:
        return None


def _gate(path: Path) -> Gate | None:
    document = _json(path)
    decision = document.get("decision")
    if not decision:
        return None
    comparison = next(iter(decision.get("comparisons", {}).values()), None)
    return Gate(
        version=str(document["version"]),
        outcome=decision["outcome"],
        over=str(document.get("champion", "")),
        moved=bool(document.get("moved")),
        verdicts=tuple(
            (
                "note" if each.get("advisory") and not each["passed"] else _MARKS[bool(each["passed"])],
                f"{each['benchmark']}, {each['condition']}" if each.get("benchmark") else each["condition"],
                each["reason"],
            )
            for each in decision["verdicts"]
        ),
        difference=(comparison["difference"], comparison["low"], comparison["high"]) if comparison else None,
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
