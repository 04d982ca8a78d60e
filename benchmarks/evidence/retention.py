"""Every student of `make real` against its base, on tasks that nothing here was trained for: BBH and GSM8K.

    python benchmarks/evidence/retention.py --project FOLDER_OF_MAKE_REAL --bbh FOLDER --gsm8k FOLDER

Of BBH the first --of-each items of ten tasks, by the likelihood of their options; of GSM8K the first --sums problems,
written greedily in at most --new-tokens tokens, where the last number counts. A student with an edit memory is asked
under it, as it is served. Differences are paired, with 95 % intervals; "only base" and "only it" count items that
flipped, and the file names them, by task as well. Both sets are read where they lie, and nothing of their text is
written.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from arms import kept, report
from real_run import RealRun, absolute, judgements_from, judgements_of, open_run, parser, verdicts_of

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.registry import make_benchmark
from quintain.benchmarks.satisfaction.retention import Retained, retained
from quintain.records import Judgement
from quintain.statistics.resampling import Resampling

TASKS = Path(__file__).parent / "tasks"
_CHOICES = "bbh_choices"
_NOTHING = "–"


def bbh(folder: Path, of_each: int) -> Benchmark:
    """The first items of each task of ours whose file lies in the folder, weighed."""
    known = yaml.safe_load((TASKS / f"{_CHOICES}.yaml").read_text(encoding="utf-8"))["local"]["parts"]
    settings = {
        "tasks": [_CHOICES],
        "task_files": str(TASKS),
        "sources": {_CHOICES: str(folder)},
        "only": {_CHOICES: [name for name in known if (folder / f"{name}.json").is_file()]},
        "limit": of_each,
    }
    return make_benchmark("harness", "bbh", settings)


def gsm8k(folder: Path, most: int) -> Benchmark:
    """The first problems, written."""
    return make_benchmark("harness", "gsm8k", {"tasks": ["gsm8k"], "sources": {"gsm8k": str(folder)}, "limit": most})


def asked_with_an_edit(run: RealRun, student: str, benchmark: Benchmark) -> int:
    """Items whose question finds an edit in the student's memory that passes the gate."""
    with run.edits(run.student(student)) as memory:
        if memory is None:
            return 0
        found = [memory.search(benchmark.ask(item).messages[-1].content) for item in benchmark.items]
    return sum(any(hit.passed for hit in hits) for hits in found)


def measured(run: RealRun, student: str, benchmark: Benchmark, new_tokens: int) -> dict[str, Any]:
    """Verdicts of one student without any text, and how many questions were asked with an edit in them."""
    judgements = judgements_of(run, run.student(student), benchmark, {"max_new_tokens": new_tokens})
    return {
        "asked with an edit": asked_with_an_edit(run, student, benchmark),
        "verdicts": verdicts_of(judgements),
    }


def changes(benchmark: Benchmark, judgements: Sequence[Judgement], start: Sequence[Judgement]) -> dict[str, Retained]:
    """Task → what became of it, all items under the empty name first."""
    tasks = {item.id: item.task for item in benchmark.items}
    found = {"": retained(judgements, start, Resampling())[""]}
    for task in dict.fromkeys(tasks.values()):
        now, then = ([one for one in each if tasks[one.item_id] == task] for each in (judgements, start))
        found[task] = retained(now, then, Resampling())[""]
    return found


def row(student: str, benchmark: Benchmark, judgements: Sequence[Judgement], start: Sequence[Judgement]) -> list[str]:
    """Score of a student with its interval; beside it the difference to the start, and what flipped."""
    score = benchmark.measure(judgements, Resampling()).measures["score"]
    cells = [f"{benchmark.name}, {student}", f"{len(judgements):,}", _interval(score.value, score.low, score.high, "")]
    if judgements is start:
        return [*cells, *[_NOTHING] * 4]
    overall = changes(benchmark, judgements, start)[""]
    difference = _interval(overall.difference, overall.low, overall.high, "+")
    return [*cells, difference, str(len(overall.lost)), str(len(overall.gained)), overall.outcome]


def _interval(value: float | None, low: float | None, high: float | None, sign: str) -> str:
    if value is None or low is None or high is None:
        return _NOTHING
    return f"{100 * value:{sign}.1f} [{100 * low:{sign}.1f}, {100 * high:{sign}.1f}]"


def options() -> argparse.ArgumentParser:
    """What may be said on the command line."""
    made = parser(__doc__, "retention", ())
    made.add_argument("--students", nargs="+", default=["base", "sft", "lion", "bmc", "lte"], help="the start first")
    made.add_argument("--bbh", type=absolute, help="folder of BIG-Bench Hard, snarks.json and others in it")
    made.add_argument("--gsm8k", type=absolute, help="folder of GSM8K, test.jsonl in it")
    made.add_argument("--of-each", type=int, default=24, help="items of each task of BBH")
    made.add_argument("--sums", type=int, default=40, help="problems of GSM8K")
    made.add_argument("--new-tokens", type=int, default=128, help="longest response to a problem")
    return made


def main() -> None:
    """Run what is missing, print the table and write it."""
    given = options().parse_args()
    run = open_run(given.project, given.work)
    benchmarks = [bbh(given.bbh, given.of_each)] if given.bbh else []
    benchmarks += [gsm8k(given.gsm8k, given.sums)] if given.gsm8k else []
    if not benchmarks:
        raise SystemExit("nothing is asked: name --bbh, --gsm8k, or both")
    digests = {student: run.student(student).digest for student in given.students}
    rows: list[list[str]] = []
    flipped: dict[str, Any] = {}
    edited: dict[str, Any] = {}
    for benchmark in benchmarks:
        found = {}
        for student in given.students:
            name = f"{benchmark.name}-{benchmark.identity.digest[:8]}-{student}-{digests[student][:8]}"
            found[student] = kept(run.work, name, partial(measured, run, student, benchmark, given.new_tokens))
        judgements = {student: judgements_from(each["verdicts"]) for student, each in found.items()}
        start, *trained = given.students
        rows += [row(student, benchmark, judgements[student], judgements[start]) for student in given.students]
        edited[benchmark.name] = {student: each["asked with an edit"] for student, each in found.items()}
        flipped[benchmark.name] = {
            student: {
                task: asdict(each) for task, each in changes(benchmark, judgements[student], judgements[start]).items()
            }
            for student in trained
        }
    first = given.students[0]
    header = ["benchmark", "items", "score", f"− {first}", f"only {first}", "only it", "beyond chance"]
    settings = {"students": digests, "asked with an edit": edited, "new_tokens": given.new_tokens}
    content = {"header": header, "rows": rows, "by_task": flipped}
    report("retention", [], settings, content, given.to)


if __name__ == "__main__":
    main()
