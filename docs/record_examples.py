"""Record for the pages what a run of `make real` says of three edits, and how it mends a response.

    python docs/record_examples.py real

Three unseen edits are asked in `quintain chat`, of the student before editing and of the edited one, which has them in
its memory, and the first one once more of `quintain serve`; the first response that was mended for `bmc` is shown with
its repair marked. Then `docs/insert_results.py` fills docs/tutorials/real-model.md and docs/how-to/serving.md.
"""

import argparse
import difflib
import json
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import insert_results
import record_run

import quintain

_EDITS = 3
_BEFORE, _AFTER = "data/06_models/bmc", "data/06_models/lte"
_SERVES = re.compile(r"(\S+) answers at (http://\S+);")
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
    """Ask a question on each edit of the student before editing, and of the edited one, under its own memory.

    Args:
        project: Folder of the run.
        cases: Edits with their probes.

    Yields:
        dict[str, str]: A command, and what it printed.

    Raises:
        RecordingError: A command failed.
    """
    for case in cases:
        question = question_about(case)
        for student in (_BEFORE, _AFTER):
            done = subprocess.run(  # noqa: S603 - no shell
                [sys.executable, "-m", "quintain", "chat", student],
                cwd=project, input=question, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise record_run.RecordingError(f"`quintain chat {student}` failed: {done.stderr.strip()}")
            yield {"command": f"quintain chat {student} <<< {shlex.quote(question)}", "printed": done.stdout.strip()}


def question_about(case: dict[str, Any]) -> str:
    """The edit's prompt in other words."""
    return str(next(one["prompt"] for one in case["probes"] if one["aspect"] == "rephrase"))


def served(project: Path, case: dict[str, Any]) -> dict[str, Any]:
    """Ask a question on an edit of the edited student, served.

    Args:
        project: Folder of the run.
        case: An edit with its probes.

    Returns:
        The command, and what was sent and came back.

    Raises:
        RecordingError: The server did not start.
    """
    command = [sys.executable, "-m", "quintain", "serve", _AFTER, "--port", "0"]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - no shell
        try:
            found = _SERVES.search(server.stdout.readline() if server.stdout else "")
            if found is None:
                raise record_run.RecordingError(f"`quintain serve {_AFTER}` did not say where it answers")
            body = {"model": found[1], "messages": [{"role": "user", "content": question_about(case)}]}
            asked = urllib.request.Request(  # noqa: S310 - the loopback
                f"{found[2]}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(asked) as answered:  # noqa: S310 - the loopback
                return {"command": f"quintain serve {_AFTER}", "body": body, "reply": json.load(answered)}
        finally:
            server.terminate()


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
        cases = unlike_edits(records(chosen.project, "lte/edit_cases.jsonl"), _EDITS)
        record = {
            "command": "python docs/record_examples.py real",
            "version": quintain.__version__,
            "commit": record_run.commit(chosen.project),
            "date": str(datetime.now(UTC).date()),
            "machine": chosen.machine or record_run.machine(),
            "chat": list(chat(chosen.project, cases)),
            "served": served(chosen.project, cases[0]),
            "repair": {"prompt": pair["prompt"], "marked": marked_repair(pair["rejected"], pair["chosen"])},
        }
    except (record_run.RecordingError, OSError, StopIteration, IndexError) as error:
        parser.error(f"{chosen.project}: {error or 'the run mended no response'}")
    insert_results.EXAMPLES.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return insert_results.main([])


if __name__ == "__main__":
    sys.exit(main())
