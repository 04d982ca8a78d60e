"""Two students on benchmarks that nothing here was trained for: FollowBench's rule-scored English items, and IFEval.

    python benchmarks/evidence/transfer.py --project FOLDER_OF_MAKE_REAL --followbench FOLDER --ifeval FILE

Base and lte, greedy, at most --new-tokens tokens, lte under its edit memory. Of FollowBench every item that a rule can
check is asked, of IFEval --items prompts, drawn by their ids. Differences are paired; FollowBench's groups are drawn
together, IFEval's prompts one by one. Both sets are read where they lie, and nothing of their text is written.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from arms import kept, report
from real_run import RealRun, absolute, judgements_from, judgements_of, open_run, parser, verdicts_of

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.registry import make_benchmark
from quintain.benchmarks.satisfaction.comparison import compare
from quintain.records import Judgement, content_id
from quintain.statistics.bootstrap import mean_interval
from quintain.statistics.resampling import Resampling

HEADLINES = {"followbench": ("hsr_mean", "ssr_mean"), "ifeval": ("prompt_strict", "instruction_strict", "prompt_loose")}


def chosen(benchmark: Benchmark, most: int | None) -> Benchmark:
    """The benchmark without items that need a judge, and no more than so many, drawn by their ids."""
    ruled = [item for item in benchmark.items if benchmark.judge(item, "").is_scored]
    if most is not None and most < len(ruled):
        drawn = set(sorted((item.id for item in ruled), key=lambda one: content_id("transfer", one))[:most])
        ruled = [item for item in ruled if item.id in drawn]
    vars(benchmark)["items"] = tuple(ruled)  # the cached property: whoever asks the benchmark now sees these alone
    return benchmark


def measured(run: RealRun, student: str, benchmark: Benchmark, given: Any) -> dict[str, Any]:
    """Verdicts on one student, without any text."""
    sampling = {"max_new_tokens": given.new_tokens}
    return {"verdicts": verdicts_of(judgements_of(run, run.student(student), benchmark, sampling))}


def measures(benchmark: Benchmark, judgements: Sequence[Judgement]) -> dict[str, str]:
    """The headlines in percent with 95 % intervals, and HSR by level where there are levels."""
    found = benchmark.measure(judgements, Resampling())
    named = {name: found.measures[name] for name in HEADLINES[benchmark.name]}
    levels = {
        f"hsr level {one.level}": one.estimate
        for one in found.tables
        if (one.measure, one.category) == ("hsr", "") and one.level
    }
    return {name: _percent(one.value, one.low, one.high) for name, one in (named | levels).items()}


def _percent(value: float | None, low: float | None, high: float | None, sign: str = "") -> str:
    if value is None or low is None or high is None:
        return "–"
    return f"{100 * value:{sign}.1f} [{100 * low:{sign}.1f}, {100 * high:{sign}.1f}]"


def difference(name: str, after: Sequence[Judgement], before: Sequence[Judgement]) -> str:
    """The headline's paired difference in points, with its 95 % interval."""
    if name == "followbench":
        found = compare(after, before)
        value, low, high = found.difference, found.low, found.high
    else:
        by_item = {one.item_id: all(one.satisfied) for one in before}
        share = mean_interval([float(all(one.satisfied)) - by_item[one.item_id] for one in after], Resampling())
        assert share is not None
        value, low, high = share.value, share.low, share.high
    return _percent(value, low, high, "+")


def main() -> None:
    """Run what is missing, print the table and write it."""
    options = parser(__doc__, "transfer", ())
    options.add_argument("--students", nargs=2, default=["base", "lte"], metavar=("BEFORE", "AFTER"))
    options.add_argument("--followbench", type=absolute, help="folder of the six English files")
    options.add_argument("--ifeval", type=absolute, help="input_data.jsonl")
    options.add_argument("--items", type=int, default=270, help="prompts of IFEval")
    options.add_argument("--most-followbench", type=int, help="items of FollowBench, all of them by default")
    options.add_argument("--new-tokens", type=int, default=256)
    given = options.parse_args()
    run = open_run(given.project, given.work)
    before, after = given.students
    rows = []
    for name, source, most in (
        ("followbench", given.followbench, given.most_followbench), ("ifeval", given.ifeval, given.items),
    ):  # fmt: skip
        if source is None:
            continue
        benchmark = chosen(make_benchmark(name, name, {"source": str(source)}), most)
        judged = {
            student: judgements_from(
                kept(run.work, f"{name}-{student}", partial(measured, run, student, benchmark, given))["verdicts"]
            )
            for student in given.students
        }
        cells = {student: measures(benchmark, judgements) for student, judgements in judged.items()}
        change = difference(name, judged[after], judged[before])
        rows += [
            [f"{name} {measure}", str(len(benchmark.items)), cells[before][measure], cells[after][measure],
             change if measure == HEADLINES[name][0] else "–"]
            for measure in cells[before]
        ]  # fmt: skip
    content = {"header": ["measure", "items", before, after, f"{after} − {before}"], "rows": rows}
    settings = {"students": {name: run.student(name).digest for name in given.students}, "new_tokens": given.new_tokens}
    report("transfer", [], settings, content, given.to)


if __name__ == "__main__":
    main()
