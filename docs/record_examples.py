"""Record for docs/tutorials/real-model.md what a run of `make real` says of three edits, and how it mends a response.

    python docs/record_examples.py real

Three unseen edits are asked in `quintain chat`, of the edited student without a memory and with them in one; the first
response that was mended for `bmc` is shown with its repair marked. Then `docs/insert_results.py` fills the page.
"""

import argparse
import difflib
import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import insert_results
import record_run

import quintain

_EDITS = 3
_STUDENT = "data/06_models/lte"
_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


def marked_repair(rejected: str, chosen: str) -> str:
    """A mended response, what was taken out in [-…-] and what was put in in {+…+}, as `git diff --word-diff` writes.

    >>> marked_repair("a small pear", "A small pear.")
    '[-a-]{+A+} small pear{+.+}'
    """
    before, after = _PIECE.findall(rejected), _PIECE.findall(chosen)
    marked = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        out, new = "".join(before[i:j]), "".join(after[k:m])
        if kind == "equal":
            marked.append(out)
            continue
        marked += [f"[-{out}-]"] * bool(out) + [f"{{+{new}+}}"] * bool(new)
    return "".join(marked)


def unlike_edits(cases: Iterable[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """The first edits of different relations.

    >>> [one["id"] for one in unlike_edits([{"id": 1, "relation": "a"}, {"id": 2, "relation": "a"}], 2)]
    [1]
    """
    found: dict[str, dict[str, Any]] = {}
    for case in cases:
        found.setdefault(case["relation"], case)
    return list(found.values())[:count]


def chat(project: Path, cases: Sequence[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """Ask a question on each edit before and after it is in force.

    Args:
        project: Folder of the run.
        cases: Edits with their probes.

    Yields:
        dict[str, str]: A command, and what it printed.
    """
    ask = [sys.executable, "-m", "quintain"]
    with tempfile.TemporaryDirectory(prefix="quintain-examples-") as scratch:
        for case in cases:
            question = next(one["prompt"] for one in case["probes"] if one["aspect"] == "rephrase")
            said = ["--subject", case["subject"], "--prompt", case["prompt"], "--target", case["target_new"]]
            for command, typed in (
                (["chat", _STUDENT], question),
                (["edit", "add", "--memory", "data/edits", *said], ""),
                (["chat", _STUDENT, "--memory", "data/edits"], question),
            ):
                own = [f"{scratch}/edits" if part == "data/edits" else part for part in command]
                done = subprocess.run(  # noqa: S603 - no shell
                    [*ask, *own], cwd=project, input=typed, capture_output=True, text=True, check=False
                )
                if done.returncode:
                    raise record_run.RecordingError(f"`quintain {shlex.join(command)}` failed: {done.stderr.strip()}")
                shown = f"quintain {shlex.join(command)}" + (f" <<< {shlex.quote(typed)}" if typed else "")
                yield {"command": shown, "printed": done.stdout.strip()}


def records(project: Path, file: str) -> Iterator[dict[str, Any]]:
    """Records of a file of the run."""
    with (project / "data/03_primary" / file).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the record, and fill the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("project", type=Path, help="folder in which `make real` ran, with its last student")
    parser.add_argument("--machine", default="", help="the machine in a few words")
    chosen = parser.parse_args(arguments)
    try:
        pair = next(records(chosen.project, "bmc/bridged_pairs.jsonl"))
        record = {
            "command": "python docs/record_examples.py real",
            "version": quintain.__version__,
            "commit": record_run.commit(chosen.project),
            "date": str(datetime.now(UTC).date()),
            "machine": chosen.machine or record_run.machine(),
            "chat": list(chat(chosen.project, unlike_edits(records(chosen.project, "lte/edit_cases.jsonl"), _EDITS))),
            "repair": {"prompt": pair["prompt"], "marked": marked_repair(pair["rejected"], pair["chosen"])},
        }
    except (record_run.RecordingError, OSError, StopIteration) as error:
        parser.error(f"{chosen.project}: {error or 'the run mended no response'}")
    insert_results.EXAMPLES.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return insert_results.main([])


if __name__ == "__main__":
    sys.exit(main())
