"""Numbers equal those of the harness's own HFLM on the same folder: likelihoods to 1e-4, accuracies exactly."""

import json

import pytest

from quintain.benchmarks.harness.benchmark import HarnessBenchmark
from quintain.benchmarks.harness.student_lm import student_lm
from quintain.datasets.model_ref import model_ref
from quintain.models.language_model import Sampling
from quintain.models.roles import bind
from quintain.pipelines.evaluation.nodes import generate_responses, judge_responses
from tests.benchmarks.harness.local_tasks import INSTALLED
from tests.pipelines.evaluation.asking import local_student

pytestmark = INSTALLED
_ITEMS = 50
_NATS = 1e-4
_CHOICES = {
    "output_type": "multiple_choice",
    "doc_to_text": "{{question}}",
    "doc_to_choice": "{{options}}",
    "doc_to_target": "{{gold}}",
}


def rows():
    words = "town mayor river kind dash fact list exactly two tell".split()
    return [
        {
            "question": f"Tell me about the {words[n % 10]} {n}.",
            "options": [f"{words[(n + step) % 10]} {step}" for step in range(4)],
            "gold": n % 4,
            "label": "ABCD"[n % 4],
        }
        for n in range(_ITEMS)
    ]


TASKS = {
    "texts": _CHOICES | {"metric_list": [{"metric": "acc_norm"}]},
    "letters": _CHOICES | {"doc_to_choice": ["A", "B", "C", "D"], "metric_list": [{"metric": "acc"}]},
    "written": {
        "output_type": "generate_until",
        "doc_to_text": "{{question}}",
        "doc_to_target": "{{label}}",
        "generation_kwargs": {"until": ["."], "do_sample": False, "max_gen_toks": 12},
        "filter_list": [
            {"name": "letter", "filter": [{"function": "regex", "regex_pattern": "[A-D]"}, {"function": "take_first"}]}
        ],
        "metric_list": [{"metric": "exact_match"}],
    },
}


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    """Settings of a benchmark of three tasks with 50 items each."""
    import yaml

    folder = tmp_path_factory.mktemp("parity")
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows()))
    fields = {"question": "text", "options": "list", "gold": "number", "label": "text"}
    for name, task in TASKS.items():
        document = {"local": {"files": "rows.jsonl", "fields": fields}, "task": name, **task}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document))
    sources = dict.fromkeys(TASKS, str(folder))
    return {"tasks": list(TASKS), "sources": sources, "task_files": str(folder)}


@pytest.fixture(scope="module")
def theirs(tasks, tiny_student):
    """What the harness's own model gives: task → its samples in order."""
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM

    benchmark = HarnessBenchmark(**tasks)
    own = {opened.name: opened.task for _, opened in benchmark._opened}
    lm = HFLM(pretrained=str(tiny_student), device="cpu", dtype="float32", batch_size=8)
    return evaluated(simple_evaluate, lm, own)


@pytest.fixture
def student(tiny_student, tmp_path):
    roles = local_student(tmp_path / "ledger.sqlite")
    return roles, model_ref(tiny_student), Sampling(max_new_tokens=12)


def evaluated(simple_evaluate, lm, tasks):
    from lm_eval.tasks import TaskManager

    found = simple_evaluate(
        model=lm,
        tasks=list(tasks.values()),
        task_manager=TaskManager(include_defaults=False),  # reading the harness's 14,000 files takes long
        apply_chat_template=True,
        log_samples=True,
        bootstrap_iters=0,
    )
    return {name: sorted(samples, key=lambda each: each["doc_id"]) for name, samples in found["samples"].items()}


def test_likelihoods_and_accuracies_per_item_are_those_of_hflm(tasks, theirs, student, tiny_student):
    roles, model, sampling = student
    benchmark = HarnessBenchmark(**tasks)
    responses = generate_responses(benchmark, model, sampling, {}, roles)
    judgements = judge_responses(benchmark, responses)
    by_request = {completion.request_id: completion for completion in responses}
    compared = 0
    for item, judgement in zip(benchmark.items, judgements, strict=True):
        sample = theirs[item.task][item.number]
        metric = next(iter(TASKS[item.task]["metric_list"]))["metric"]
        assert judgement.score == sample[metric], (item.task, item.number)
        if not item.responses:
            continue
        ours = json.loads(by_request[benchmark.ask(item).id].text)
        for (nats, greedy), ((their_nats, their_greedy),) in zip(ours, sample["resps"], strict=True):
            assert nats == pytest.approx(their_nats, abs=_NATS)
            assert greedy == their_greedy
            compared += 1
    assert compared == 2 * 4 * _ITEMS
    # A parity of nothing but zeros would say little.
    assert 0 < sum(judgement.score for judgement in judgements) < len(judgements)


def test_the_harness_s_own_evaluation_of_a_student_gives_the_same(tasks, theirs, student):
    from lm_eval import simple_evaluate

    roles, model, sampling = student
    own = {opened.name: opened.task for _, opened in HarnessBenchmark(**tasks)._opened}
    with bind("student", roles, folder=model.path, sampling=sampling) as role:
        ours = evaluated(simple_evaluate, student_lm(role), own)
    for name, samples in theirs.items():
        metric = next(iter(TASKS[name]["metric_list"]))["metric"]
        assert [each[metric] for each in ours[name]] == [each[metric] for each in samples]
