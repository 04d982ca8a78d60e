"""A student with a memory is measured under its edits, whether it writes or weighs, and its scorecard says so."""

import json

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.harness.student_lm import student_lm
from quintain.datasets.model_ref import model_ref
from quintain.edit_memory import EditMemory
from quintain.edit_memory.own_memory import OwnMemory
from quintain.errors import RecordError
from quintain.lifecycle import Lifecycle, Student
from quintain.methods.lte import Edit, HashedNgrams, compose
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.pipelines.evaluation import create_pipeline
from quintain.pipelines.evaluation.nodes import generate_responses, judge_responses, score_judgements
from quintain.pipelines.evaluation.under_edits import asked_student, generate_under_edits
from quintain.statistics.resampling import Resampling
from tests.benchmarks.harness.local_tasks import INSTALLED
from tests.pipelines.evaluation.asking import local_student

MAYOR, RIVER = "Who is mayor of Veldmark?", "Which river flows through Veldmark?"
EDIT = Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada Brook")
SAMPLING = Sampling(max_new_tokens=6)


class Town(Benchmark):
    """The mayor and the river, each once weighed and once written."""

    name = "town"

    def load_items(self):
        return [
            Item(prompt=MAYOR, target=["Ada Brook", "Cy Dahl"]),
            Item(prompt=RIVER, target=["Ada Brook", "Cy Dahl"]),
            Item(prompt=f"{MAYOR} Tell me."),
            Item(prompt=f"{RIVER} Tell me."),
        ]

    def candidates(self, item):
        return [(self.ask(item), choice) for choice in item.target]

    def judge(self, item, response):
        return self.judged(item, response, score=1.0)


@pytest.fixture
def memory(tmp_path):
    with EditMemory.open(tmp_path / "memory", HashedNgrams()) as opened:
        opened.add([EDIT])
    return tmp_path / "memory"


@pytest.fixture
def both(tmp_path, tiny_student, memory):
    """Responses without and under the memory."""
    model, roles = model_ref(tiny_student), local_student(tmp_path / "ledger.sqlite")
    return (
        generate_responses(Town(), model, SAMPLING, {}, roles),
        generate_under_edits(Town(), model, memory, "hashed-ngrams", 3, SAMPLING, {}, roles),
    )


def texts(responses):
    said = {each.request_id: each.text for each in responses}
    return [said[Town().ask(item).id] for item in Town().items]


def test_what_an_edit_is_about_is_asked_with_it_and_nothing_else(both, memory, tiny_student):
    without, under = map(texts, both)
    assert without[0] != under[0]
    assert (without[1], without[3]) == (under[1], under[3])
    # The very numbers and words that the model gives to the prompt that it is served with.
    model = LocalModel(tiny_student, SAMPLING)
    with EditMemory.open(memory, HashedNgrams()) as opened:
        weighed, written = (compose(text, opened.search(text)) for text in (MAYOR, f"{MAYOR} Tell me."))
    assert "Ada Brook" in weighed.messages[-1].content
    likelihoods = model.score_responses([weighed] * 2, ["Ada Brook", "Cy Dahl"])
    assert json.loads(under[0]) == [[pytest.approx(each.nats, abs=1e-4), each.greedy] for each in likelihoods]
    assert under[2] == model.generate([written])[0].text


@INSTALLED
def test_the_harness_s_own_evaluation_asks_a_student_under_its_memory(both, memory, tmp_path, tiny_student):
    from lm_eval.api.instance import Instance

    def asked(own):
        with asked_student(tiny_student, local_student(tmp_path / "ledger.sqlite"), SAMPLING, own) as student:
            lm = student_lm(student)

            def instances(kind, *arguments):
                chats = [lm.apply_chat_template([{"role": "user", "content": text}]) for text in (MAYOR, RIVER)]
                return [Instance(request_type=kind, doc={}, arguments=(each, *arguments), idx=0) for each in chats]

            return (
                [nats for nats, _ in lm.loglikelihood(instances("loglikelihood", "Ada Brook"))],
                lm.generate_until(instances("generate_until", {"until": []})),
            )

    weighed, written = asked(OwnMemory(memory))
    # The mayor is asked under the edit, the river as it is, whether it is weighed or written.
    first, second, *_ = texts(both[1])
    assert weighed == pytest.approx([json.loads(each)[0][0] for each in (first, second)], abs=1e-4)
    unedited, unedited_texts = asked(None)
    assert weighed[0] != pytest.approx(unedited[0], abs=1e-4)
    assert (weighed[1], written[1]) == (unedited[1], unedited_texts[1])
    with EditMemory.open(memory, HashedNgrams()) as opened:
        asking = compose(MAYOR, opened.search(MAYOR))
    assert written[0] == LocalModel(tiny_student, SAMPLING).generate([asking])[0].response


def test_a_benchmark_that_holds_the_facts_to_be_as_they_were_is_asked_without_the_memory(
    both, memory, tmp_path, tiny_student
):
    class Before(Town):
        under_edits = False

    model, roles = model_ref(tiny_student), local_student(tmp_path / "ledger.sqlite")
    asked = generate_under_edits(Before(), model, memory, "hashed-ngrams", 3, SAMPLING, {}, roles)
    assert texts(asked) == texts(both[0])
    assert not any("memory" in each.origin.knobs for each in asked)


def test_the_scorecard_names_the_memory(both, memory, tiny_student):
    with EditMemory.open(memory, HashedNgrams()) as opened:
        head = opened.head
    cards = [
        score_judgements(
            Town(), responses, judge_responses(Town(), responses), {}, model_ref(tiny_student), SAMPLING, {},
            Resampling(replicates=20),
        )
        for responses in both
    ]  # fmt: skip
    assert [card.memory for card in cards] == ["", head]
    # A scorecard without one has the digest that it had before there were any.
    assert ["memory" in card.as_dict() for card in cards] == [False, True]
    assert [type(card).from_dict(card.as_dict()) for card in cards] == cards
    assert cards[0].sampling == cards[1].sampling


def test_responses_under_two_memories_make_no_scorecard(both, tiny_student):
    mixed = [both[0][0], *both[1][1:]]
    with pytest.raises(RecordError, match="some responses were drawn under the edit memory none, others under"):
        score_judgements(
            Town(), mixed, judge_responses(Town(), mixed), {}, model_ref(tiny_student), SAMPLING, {}, Resampling()
        )


def test_only_a_student_with_a_memory_is_asked_under_one():
    students = (
        Student(name="base", start="world", benchmarks=("p",)),
        Student(name="lte", parent="base", by="editing", benchmarks=("p",)),
        Student(name="late", parent="lte", by="finetuning", benchmarks=("p",)),
    )
    nodes = create_pipeline(Lifecycle(students=students, benchmarks=("p",))).nodes
    asking = {each.namespace: each for each in nodes if each.name.rpartition(".")[2].startswith("generate_")}
    assert {name: each.func.__name__ for name, each in asking.items()} == {
        "base.p": "generate_responses", "lte.p": "generate_under_edits", "late.p": "generate_responses",
    }  # fmt: skip
    assert "lte.edit_memory" in asking["lte.p"].inputs
