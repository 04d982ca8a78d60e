"""Fill the marked numbers of README and docs from docs/results, so that every page tells the same run.

A mark stands around the text that it fills: `<!-- results leaderboard -->` … `<!-- /results -->`. Marks are

    leaderboard         the table that `quintain leaderboard` printed after the run
    times               seconds and memory by pipeline
    run                 version, date, commit and machine, in one sentence
    edits               what the student with a memory does with edits
    retention           every student against the one it was made from, on each benchmark
    spread              the headline of every student over all runs in docs/results/default_run*.json
    machines            the same training under other instructions and thread counts, from docs/results/machines.json
    score STUDENT COLUMN    one cell of the leaderboard, such as `score lte HSR`
    edit EDITS COLUMN       one cell of the table of edits, such as `edit 1,000 portability`
    aspect ASPECT COLUMN    one cell of its table by aspect, such as `aspect reversed right or unchanged`
    real MARK               one of the marks above for the run of `make real` in docs/results/real_run.json
    example chat            edits asked before and after, from docs/results/real_examples.json
    example reply           the first of them asked of `quintain serve`, what was sent and what came back
    example repair          a response of a student that was mended, with its repair marked, from the same file
    evidence NAME           the table of docs/results/evidence_NAME.json, which a script of benchmarks/evidence wrote,
                            and below it with which command, when and where

    python docs/insert_results.py            # writes the pages
    python docs/insert_results.py --check    # exit 1 where a page tells other numbers; `make docs` and a test ask it
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "results"
DEFAULT_RUN = RESULTS / "default_run.json"
REAL_RUN = RESULTS / "real_run.json"
MACHINES = RESULTS / "machines.json"
EXAMPLES = RESULTS / "real_examples.json"
_MARK = re.compile(r"(<!-- results (?P<name>[^>]+?) -->)(?P<text>.*?)(<!-- /results -->)", re.DOTALL)
_BLOCKS = frozenset({"leaderboard", "times", "edits", "retention", "spread", "machines"})
"""Marks that hold lines of their own."""
_NO_RETENTION = (
    "The run that these pages tell of was recorded without its retention reports; they stand in its project."
)

PIPELINES = {
    "start": "start: a model of one's own taken in",
    "packs": "packs: training items and edits drawn",
    "given_data": "data of one's own taken in",
    "world": "world: pages, items and a base student from scratch",
    "synthesis": "synthesis: pages to instruction pairs",
    "finetuning": "fine-tuning",
    "distillation": "distillation in rounds",
    "preference": "preference training",
    "editing": "editing: alignment, memory, trials",
    "evaluation": "evaluation of every student",
    "registration": "registration and gate",
    "quality": "validation of the data",
}


class ResultError(Exception):
    """A mark asks for a number that no run has."""


def pages() -> Iterator[Path]:
    """README and every page of docs/."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").rglob("*.md"))


def fill(text: str, runs: Sequence[dict[str, Any]]) -> str:
    """Put numbers between their marks.

    Args:
        text: A page.
        runs: The run that pages tell of first, then those of other machines or thread counts.

    Returns:
        The page.

    Raises:
        ResultError: A mark asks for what the run does not have.
    """

    def filled(mark: re.Match[str]) -> str:
        made = value_of(mark["name"], runs)
        block = mark["name"].removeprefix("real ") in _BLOCKS or mark["name"].startswith(("evidence ", "example "))
        inside = f"\n{made}\n" if block else made
        return f"{mark[1]}{inside}{mark[4]}"

    return _MARK.sub(filled, text)


def value_of(name: str, runs: Sequence[dict[str, Any]]) -> str:
    """Text of one mark.

    Args:
        name: The mark, such as `score lte HSR`.
        runs: As for `fill`.

    Returns:
        Markdown.

    Raises:
        ResultError: There is no such mark, row or column.
    """
    run, (kind, _, rest) = runs[0], name.partition(" ")
    if kind == "leaderboard":
        return markdown(run["leaderboard"])
    if kind == "edits":
        return markdown(run["edits"])
    if kind == "retention":
        return markdown(run["retention"]) if "retention" in run else _NO_RETENTION
    if kind == "times":
        return times(run)
    if kind == "run":
        return sentence(run)
    if kind == "spread":
        return spread(runs)
    if kind == "machines":
        if not MACHINES.is_file():
            return "Not measured yet: `python docs/record_machines.py PROJECT`."
        return machines(json.loads(MACHINES.read_text(encoding="utf-8")))
    if kind == "evidence":
        return evidence(rest)
    if kind == "example":
        return example(rest, json.loads(EXAMPLES.read_text(encoding="utf-8")))
    if kind == "real":
        return value_of(rest, [json.loads(REAL_RUN.read_text(encoding="utf-8"))])
    row, _, column = rest.partition(" ")
    tables = {"score": "leaderboard", "edit": "edits", "aspect": "aspects"}
    if kind not in tables or not column:
        raise ResultError(f"there is no mark `results {name}`; docs/insert_results.py lists them")
    return cell(run[tables[kind]], row, column, f"results {name}")


def evidence(name: str, folder: Path = RESULTS) -> str:
    """Table of an experiment, and where it is from.

    Args:
        name: Of the experiment, such as `holes`.
        folder: Where its file lies.

    Returns:
        Markdown.

    Raises:
        ResultError: There is no such file.
    """
    file = folder / f"evidence_{name}.json"
    if not file.is_file():
        known = ", ".join(sorted(one.stem.removeprefix("evidence_") for one in folder.glob("evidence_*.json")))
        raise ResultError(f"`results evidence {name}`: there is no {file.name}; there are {known or 'none'}")
    found = json.loads(file.read_text(encoding="utf-8"))
    seeds = f", seeds {', '.join(map(str, found['seeds']))}" if found["seeds"] else ""
    commit = f", commit {found['commit']}" if found["commit"] else ""
    told = f"`{found['command']}`: version {found['version']} on {found['date']}{commit}{seeds}, on {found['machine']}"
    return f"{markdown(found)}\n\n{told}"


def example(name: str, record: dict[str, Any]) -> str:
    """What a run said, to the letter, and where it is from.

    Args:
        name: `chat`, `reply` or `repair`.
        record: What docs/record_examples.py wrote.

    Returns:
        Markdown.

    Raises:
        ResultError: There is no such example.
    """
    if name == "chat":
        shown = "\n".join(f"$ {one['command']}\n{one['printed']}" for one in record["chat"])
    elif name == "reply":
        body, reply = (json.dumps(record["served"][side], ensure_ascii=False, indent=1) for side in ("body", "reply"))
        shown = f"$ {record['served']['command']}\nPOST /v1/chat/completions\n{body}\n\n{reply}"
    elif name == "repair":
        shown = f"{record['repair']['prompt']}\n\n{record['repair']['marked']}"
    else:
        raise ResultError(f"there is no mark `results example {name}`; docs/insert_results.py lists them")
    told = f"`{record['command']}`: version {record['version']} on {record['date']}, on {record['machine']}"
    return f"````\n{shown}\n````\n\n{told}"


def cell(table: dict[str, Any], row: str, column: str, mark: str) -> str:
    """One cell of a table, by the name in the row's first cell and the header of the column.

    Args:
        table: `header` and `rows`, cells as they were printed.
        row: Name of a student or first cell of the row.
        column: Header of the column.
        mark: Whoever asks, for the error.

    Returns:
        The cell.

    Raises:
        ResultError: There is no such row or column; says which there are.
    """
    rows = {name: cells for cells in table["rows"] for name in names(cells[0])}
    if row not in rows or column not in table["header"]:
        known = f"rows {', '.join(rows)}; columns {', '.join(table['header'][1:])}"
        raise ResultError(f"`{mark}`: the run has no such cell; there are {known}")
    return str(rows[row][table["header"].index(column)])


def names(label: str) -> list[str]:
    """Names that a row goes by.

    >>> names("lion_round_2 = lion v4 (previous-champion)")
    ['lion_round_2', 'lion']
    """
    return re.sub(r" v\d+( \(.*\))?$", "", label).split(" = ")


def markdown(table: Mapping[str, Any]) -> str:
    """A table in Markdown that also reads well as plain text; the first column to the left, the others to the right."""
    lines = [[str(cell) for cell in line] for line in (table["header"], *table["rows"])]
    widths = [max(2, *(len(line[column]) for line in lines)) for column in range(len(table["header"]))]
    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    cells = [[_pad(cell, widths[at], at) for at, cell in enumerate(line)] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in (cells[0], rule, *cells[1:]))


def _pad(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column else cell.ljust(width)


def times(run: dict[str, Any]) -> str:
    """Seconds and peak memory by pipeline, the whole run first."""
    rows = [["the whole run", f"{run['seconds']:,.0f}", f"{run['peak_mib']:,.0f}"]]
    rows += [
        [PIPELINES.get(one["pipeline"], one["pipeline"]), f"{one['seconds']:,.0f}", f"{one['peak_mib']:,.0f}"]
        for one in run["pipelines"]
    ]
    return markdown({"header": ["`kedro run`, by pipeline", "seconds", "peak MiB"], "rows": rows})


def sentence(run: dict[str, Any]) -> str:
    """Where and when a run was made.

    >>> sentence({"version": "0.1.0", "date": "2026-11-25", "commit": "", "seed": 0, "machine": "2 shared cores"})
    'version 0.1.0 on 2026-11-25, seed 0, on 2 shared cores'
    """
    commit = f", commit {run['commit']}" if run["commit"] else ""
    return f"version {run['version']} on {run['date']}{commit}, seed {run['seed']}, on {run['machine']}"


def spread(runs: Sequence[dict[str, Any]]) -> str:
    """The headline of every student, one column per run."""
    students: dict[str, list[str]] = {}
    column = runs[0]["leaderboard"]["header"][1]
    for number, run in enumerate(runs):
        board = run["leaderboard"]
        for cells in board["rows"]:
            for name in names(cells[0]):
                students.setdefault(name, ["–"] * len(runs))[number] = str(cells[board["header"].index(column)])
    header = [f"mean {column}", *(f"{run['machine']}, {run['date']}" for run in runs)]
    return markdown({"header": header, "rows": [[name, *cells] for name, cells in students.items()]})


def machines(record: dict[str, Any]) -> str:
    """Weights and headline of each student by setting, and where they were measured.

    Args:
        record: What docs/record_machines.py wrote.

    Returns:
        A table, and a sentence below it.
    """
    settings = record["settings"]
    students = list(settings[0]["students"])
    header = ["", *(f"{name}: {what}" for name in students for what in ("weights differ by", "HSR"))]
    rows = []
    for one in settings:
        cells = [one["students"][name] for name in students]
        first = one is settings[0]
        rows.append(
            [one["setting"]]
            + [text for cell in cells for text in ("–" if first else _distance(cell), f"{cell['hsr']:.1f}")]
        )
    told = f"`{record['command']}` and `evaluation`: {sentence({**record, 'seed': 0})}."
    return f"{markdown({'header': header, 'rows': rows})}\n\n{told}"


def _distance(cell: dict[str, Any]) -> str:
    return "nothing, to the byte" if cell["distance"] == 0 else f"{100 * cell['distance']:.2g} %"


def read_runs(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """The run that pages tell of, then those of other machines, by name of the file."""
    files = sorted(folder.glob("default_run*.json"), key=lambda file: (file.name != DEFAULT_RUN.name, file.name))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or check them."""
    runs, stale = read_runs(), []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        try:
            filled = fill(text, runs)
        except ResultError as error:
            sys.stderr.write(f"{page.relative_to(ROOT)}: {error}\n")
            return 1
        if filled != text:
            stale.append(str(page.relative_to(ROOT)))
            if "--check" not in arguments:
                page.write_text(filled, encoding="utf-8")
    if stale and "--check" in arguments:
        told = "tell other numbers than docs/results; run `python docs/insert_results.py`"
        sys.stderr.write(f"{', '.join(stale)}: {told}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
