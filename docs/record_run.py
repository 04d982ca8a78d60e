"""Record a default run for README and docs: table, seconds and memory, edits, machine, date, commit.

    make run 2>&1 | tee run.log
    python docs/record_run.py . --log run.log                                    # the run that pages tell of
    python docs/record_run.py . --log run.log --to docs/results/default_run_4_threads.json      # one to compare with
    python docs/record_run.py real --log real.log --to docs/results/real_run.json     # make real

The table is what `quintain leaderboard` prints in the project, the times are those that the run printed at its end, the
edits and retention reports stand in data/08_reporting. Then `docs/insert_results.py` fills the pages.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import insert_results

import quintain

_STAGE = re.compile(r"^(?P<stage>[\w-]+)(?: \((?P<who>[^)]*)\))? +(?P<seconds>\d+\.\d) +(?P<mib>\d+)$")
_WHOLE = re.compile(r"^the run +(?P<seconds>\d+\.\d) +(?P<mib>\d+)$")
_NODE = re.compile(r"\[ *(?P<done>\d+)/(?P<all>\d+)\] (?:done:? )?(?P<name>.+?)[ :,]+(?P<seconds>\d+\.\d) s\b")


class RecordingError(Exception):
    """Something of the run is missing."""


def first_table(text: str) -> dict[str, Any]:
    r"""The first Markdown table of a text, cells without their blanks.

    >>> first_table("a\n\n| n | x |\n| - | -: |\n| b | 1 |\n\nc")
    {'header': ['n', 'x'], 'rows': [['b', '1']]}
    """
    lines: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
            lines.append([cell.strip() for cell in cells])
        elif lines:
            break
    if len(lines) < 3:
        raise RecordingError(f"no table in: {text[:200]!r}")
    return {"header": lines[0], "rows": lines[2:]}


def tables(text: str) -> list[dict[str, Any]]:
    """Every Markdown table of a text."""
    return [first_table(part) for part in text.split("\n\n") if part.startswith("|")]


def read_times(log: str) -> dict[str, Any]:
    """Seconds and memory by pipeline, and of the whole run.

    Args:
        log: What `kedro run` printed.

    Returns:
        `seconds` and `peak_mib` of the run, `pipelines` in their order, `nodes` and the ten `slowest` of them.

    Raises:
        RecordingError: The table of times is not there: the run did not come to its end.
    """
    _, found, table = log.rpartition("Time and memory\n")
    by_pipeline: dict[str, dict[str, Any]] = {}
    whole = None
    for line in table.splitlines() if found else ():
        if match := _WHOLE.match(line):
            whole = match
            break
        if (match := _STAGE.match(line)) and match["stage"] != "worker":
            entry = by_pipeline.setdefault(match["stage"], {"pipeline": match["stage"], "seconds": 0.0, "peak_mib": 0})
            entry["seconds"] = round(entry["seconds"] + float(match["seconds"]), 1)
            entry["peak_mib"] = max(entry["peak_mib"], int(match["mib"]))
    if whole is None or not by_pipeline:
        raise RecordingError(
            "the log has no table `Time and memory` with a line `the run`: did the run come to its end?"
        )
    nodes = [(match["name"], float(match["seconds"])) for match in _NODE.finditer(log)]
    slowest = sorted(nodes, key=lambda node: -node[1])[:10]
    return {
        "seconds": float(whole["seconds"]),
        "peak_mib": int(whole["mib"]),
        "pipelines": list(by_pipeline.values()),
        "nodes": len(nodes),
        "slowest": [{"node": name, "seconds": seconds} for name, seconds in slowest],
    }


def read_edits(project: Path) -> dict[str, Any]:
    """Tables of edits of the project's first student with a memory: by size of the memory, and by aspect.

    Args:
        project: Folder of the project.

    Returns:
        `edits` and `aspects`; empty where no student has a memory.
    """
    for page in sorted(project.glob("data/08_reporting/*/edits.md")):
        found = tables(page.read_text(encoding="utf-8"))
        return {"edits": found[0], "aspects": found[1]}
    return {}


def read_retention(project: Path) -> dict[str, Any]:
    """Table of every student of the project against the one it was made from, over all items of each benchmark.

    Args:
        project: Folder of the project.

    Returns:
        `retention`, a student behind its start; empty where no student was held against another.
    """
    read = [json.loads(page.read_text(encoding="utf-8")) for page in project.glob("data/08_reporting/*/retention.json")]
    found = {each["student"]: each for each in read}

    def depth(student: str) -> int:
        return 1 + depth(found[student]["start"]) if student in found else 0

    rows = [
        [f"{student} − {found[student]['start']}", benchmark, *_retained(categories[""])]
        for student in sorted(found, key=lambda each: (depth(each), each))
        for benchmark, categories in found[student]["benchmarks"].items()
    ]
    header = [
        "student − start",
        "benchmark",
        "before",
        "after",
        "difference",
        "gained",
        "lost",
        "items",
        "beyond chance",
    ]
    return {"retention": {"header": header, "rows": rows}} if rows else {}


def _retained(each: dict[str, Any]) -> list[str]:
    """Cells of one benchmark, rates in percent."""
    before, after, difference, low, high = (
        None if each[name] is None else 100 * each[name] for name in ("before", "after", "difference", "low", "high")
    )
    interval = "–" if None in (difference, low, high) else f"{difference:+.1f} [{low:+.1f}, {high:+.1f}]"
    rates = ["–" if rate is None else f"{rate:.1f}" for rate in (before, after)]
    counts = [str(len(each["gained"])), str(len(each["lost"])), f"{each['n_items']:,}"]
    return [*rates, interval, *counts, each["outcome"]]


def machine() -> str:
    """This machine in a few words."""
    model = ""
    if (info := Path("/proc/cpuinfo")).is_file():
        models = re.findall(r"^model name\s*: (.+)$", info.read_text(encoding="utf-8"), flags=re.MULTILINE)
        model = f" of {models[0].strip()}" if models else ""
    threads = os.environ.get("OMP_NUM_THREADS", "1")
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores{model}, OMP_NUM_THREADS {threads}, {system}"


def leaderboard(project: Path) -> dict[str, Any]:
    """What `quintain leaderboard` prints in the project.

    Raises:
        RecordingError: It fails there.
    """
    command = [sys.executable, "-m", "quintain", "leaderboard"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise RecordingError(f"`quintain leaderboard` failed in {project}: {done.stderr.strip()}")
    return first_table(done.stdout)


def commit(project: Path) -> str:
    """Commit of the clone of Quintain that a project lies in, else of this one; with `+` when files were changed."""
    clones = (folder for folder in (project, *project.resolve().parents) if (folder / "src/quintain").is_dir())
    for folder in (*clones, insert_results.ROOT):
        asked = ["git", "-C", str(folder), "describe", "--always", "--dirty=+", "--exclude=*"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
        if done.returncode == 0:
            return done.stdout.strip()
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the record, and fill the pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("project", type=Path, help="folder in which `make run` or `kedro run` ran")
    parser.add_argument("--log", type=Path, required=True, help="what it printed")
    parser.add_argument("--to", type=Path, default=insert_results.DEFAULT_RUN, help="file of docs/results")
    parser.add_argument("--machine", default="", help="the machine in a few words, where it was another one")
    parser.add_argument("--seed", type=int, default=0, help="seed of the run")
    chosen = parser.parse_args(arguments)
    try:
        record = {
            "version": quintain.__version__,
            "commit": commit(chosen.project),
            "date": str(datetime.fromtimestamp(chosen.log.stat().st_mtime, UTC).date()),
            "machine": chosen.machine or machine(),
            "seed": chosen.seed,
            "leaderboard": leaderboard(chosen.project),
            **read_times(chosen.log.read_text(encoding="utf-8")),
            **read_edits(chosen.project),
            **read_retention(chosen.project),
        }
    except (RecordingError, OSError) as error:
        parser.error(str(error))
    beside = chosen.to.with_suffix(".tmp")
    beside.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(chosen.to)
    return insert_results.main([])


if __name__ == "__main__":
    sys.exit(main())
