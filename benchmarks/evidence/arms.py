"""Arms of an experiment: results kept as they come, means and 95 % intervals over seeds, one file for docs/evidence.md.

Every result is a file of the work folder, named after its seed and arm; a killed experiment goes on at the first that
is missing. The table goes to docs/results/evidence_NAME.json, which docs/insert_results.py puts into the pages.
"""

import inspect
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from quintain.statistics.seeds import t_interval

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
RESULTS = ROOT / "docs/results"
WORK = Path(tempfile.gettempdir()) / "evidence"

Runs = Mapping[str, Sequence[Mapping[str, Any]]]
"""Arm → one measurement per seed, seeds in the same order in every arm."""


def write_json(path: Path, content: Any) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def kept(work: Path, name: str, make: Callable[[], Any]) -> Any:
    """What the work folder holds under a name, or what is made now and then kept there."""
    path = work / f"{name.replace(' ', '-')}.json"
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    started = datetime.now(UTC)
    content = make()
    write_json(path, content)
    seconds = (datetime.now(UTC) - started).total_seconds()
    print(f"{datetime.now(UTC):%H:%M:%S} {path.stem} {seconds:.0f} s {shown(content)}", flush=True)
    return content


def shown(content: Any) -> str:
    """The numbers of a result in one line."""
    if not isinstance(content, dict):
        return ""
    return ", ".join(
        f"{name} {value:.4g}" for name, value in content.items() if isinstance(value, int | float) and value is not None
    )


def table(
    runs: Runs, measures: Sequence[str], differences: Sequence[tuple[str, str]], digits: int = 3
) -> dict[str, Any]:
    """Means of the arms with 95 % t intervals over seeds, then differences of arms, paired by seed.

    Args:
        runs: Measurements by arm.
        measures: Columns; a measurement may lack one.
        differences: Arms to be compared, the first minus the second.
        digits: Behind the point.

    Returns:
        `header` and `rows`, as docs/insert_results.py takes them.
    """
    rows = []
    for arm, measured in runs.items():
        rows.append([arm, *(_cell([one.get(name) for one in measured], digits) for name in measures)])
    for one, other in differences:
        pairs = list(zip(runs[one], runs[other], strict=True))
        columns = [
            [a[name] - b[name] for a, b in pairs if a.get(name) is not None and b.get(name) is not None]
            for name in measures
        ]
        rows.append([f"{one} − {other}", *(_cell(values, digits, sign="+") for values in columns)])
    return {"header": ["arm", *measures], "rows": rows}


def _cell(values: Sequence[float | None], digits: int, sign: str = "") -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    mean = f"{fmean(known):{sign}.{digits}f}"
    if len(known) < 2:
        return mean
    found = t_interval(known)
    return f"{mean} [{found.low:{sign}.{digits}f}, {found.high:{sign}.{digits}f}]"


def report(name: str, seeds: Sequence[int], settings: Mapping[str, Any], content: Mapping[str, Any], to: Path) -> None:
    """Print a table in Markdown and write it with where, when and how it was measured.

    Args:
        name: Of the experiment.
        seeds: Those of the arms.
        settings: Whatever a reader needs to know to measure the same.
        content: `header` and `rows`.
        to: File to write.
    """
    import insert_results
    import record_run

    import quintain

    record = {
        "experiment": name,
        "command": " ".join(["python", os.path.relpath(inspect.getfile(sys.modules["__main__"]), ROOT), *sys.argv[1:]]),
        "version": quintain.__version__,
        "commit": record_run.commit(ROOT),
        "date": str(datetime.now(UTC).date()),
        "machine": record_run.machine(),
        "seeds": list(seeds),
        "settings": dict(settings),
        **content,
    }
    print(insert_results.markdown(content))
    write_json(to, record)
    print(f"written to {to}")
