"""Harness tasks through the role student, beside lm-evaluation-harness's own HFLM: same folder, items and process.

    python benchmarks/harness.py --student FOLDER --gsm8k FOLDER --bbh FOLDER [--items N] [--new-tokens N]

Needs `quintain[benchmarks]`. Three tasks of N items each: two that are weighed (BBH's snarks and date understanding,
letters as choices) and one that is written (GSM8K). Both sides run in float32, eight rows at a time; what is compared
is CPU time from items to scores, models opened before. Per item the scores must agree, or there is nothing to compare.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import torch
import yaml

from quintain.benchmarks.harness.benchmark import HarnessBenchmark
from quintain.datasets.model_ref import model_ref
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.evaluation.nodes import generate_responses, judge_responses

MOST_RATIO = 1.1
_ROWS = 8
_LETTERS = "ABCDEF"
_WEIGHED = {
    "output_type": "multiple_choice",
    "doc_to_text": "{{input}}",
    "doc_to_choice": "{{letters}}",
    "doc_to_target": "{{letters.index(target.strip('()'))}}",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}


def main() -> None:
    """Run both sides and print the ratio; exit 1 where it is above the limit or a score differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("student", "gsm8k", "bbh"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--new-tokens", type=int, default=32)
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        settings = _tasks(Path(folder), given)
        theirs, their_seconds = _hflm(settings, given)
        ours, our_seconds = _student(settings, given, Path(folder) / "ledger.sqlite")
    differing = [name for name, score in ours.items() if theirs[name] != score]
    ratio = our_seconds / their_seconds
    print(f"items              {len(ours)}, of which {len(differing)} score otherwise")
    print(f"HFLM               {their_seconds:.1f} CPU-s")
    print(f"role student       {our_seconds:.1f} CPU-s")
    print(f"ratio              {ratio:.2f} (at most {MOST_RATIO})")
    sys.exit(bool(differing) or ratio > MOST_RATIO)


def _tasks(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    for name in ("snarks", "date_understanding"):
        fields = {"input": "text", "target": "text"}
        local = {"files": f"{name}.json", "rows": "examples", "fields": fields, "defaults": {"letters": list(_LETTERS)}}
        if name == "snarks":
            local["defaults"] = {"letters": list(_LETTERS[:2])}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({"local": local, "task": name, **_WEIGHED}))
    bbh = str(given.bbh)
    return {
        "tasks": ["snarks", "date_understanding", "gsm8k"],
        "sources": {"snarks": bbh, "date_understanding": bbh, "gsm8k": str(given.gsm8k)},
        "task_files": str(folder),
        "limit": given.items,
    }


def _hflm(settings: dict[str, object], given: argparse.Namespace) -> tuple[dict[tuple[str, int], float], float]:
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    benchmark = HarnessBenchmark(**settings)
    opened = {each.name: each for _, each in benchmark._opened}
    for each in opened.values():
        if each.writes:
            each.task.config.generation_kwargs["max_gen_toks"] = given.new_tokens
            each.task._filters = [one for one in each.task._filters if one.name == each.filter]
    manager = TaskManager(include_defaults=False)
    lm = HFLM(pretrained=str(given.student), device="cpu", dtype="float32", batch_size=_ROWS)
    started = time.process_time()
    found = simple_evaluate(
        model=lm,
        tasks=[each.task for each in opened.values()],
        task_manager=manager,
        limit=given.items,
        apply_chat_template=True,
        bootstrap_iters=0,
    )
    seconds = time.process_time() - started
    return {
        (name, sample["doc_id"]): float(sample[opened[name].metric])
        for name, samples in found["samples"].items()
        for sample in samples
    }, seconds


def _student(
    settings: dict[str, object], given: argparse.Namespace, ledger: Path
) -> tuple[dict[tuple[str, int], float], float]:
    binding = {"backend": "local", "dtype": "float32", "batch_size": _ROWS}
    roles = Roles(ledger=str(ledger), bindings={"student": binding})
    benchmark, sampling = HarnessBenchmark(**settings), Sampling(max_new_tokens=given.new_tokens)
    model = model_ref(given.student)
    started = time.process_time()
    judgements = judge_responses(benchmark, generate_responses(benchmark, model, sampling, {}, roles))
    seconds = time.process_time() - started
    scores = {
        (item.task, item.number): each.score or 0.0 for item, each in zip(benchmark.items, judgements, strict=True)
    }
    return scores, seconds


if __name__ == "__main__":
    main()
