"""What is evaluated is not learned, whatever the benchmark."""

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.decontamination import Decontamination, find_held_out, held_out_texts, read_pack
from quintain.errors import RecordError
from quintain.records import ConstraintItem
from tests.project_configuration import REPOSITORY

FOLLOWBENCH = REPOSITORY.parent / "shared" / "data" / "followbench" / "en"


class Questions(Benchmark):
    name = "questions"

    def load_items(self):
        return [Item(prompt="Which of the two rivers that meet below the old mill is the longer one?")]

    def judge(self, item, response):
        return self.judged(item, response, score=0.0)


TOLD = ConstraintItem(
    example_id="1", category="style", level=1, instruction="Tell me of the harbour in one short sentence, please."
)


def test_items_of_every_benchmark_and_of_further_files_are_held_out(tmp_path):
    (tmp_path / "more.jsonl").write_text('{"prompt": "A prompt of its own."}\n')
    benchmarks = [Questions(), GivenItems([TOLD], name="told")]
    texts = held_out_texts(benchmarks, Decontamination(packs=(str(tmp_path / "more.jsonl"),)))
    assert list(texts.values()) == [benchmarks[0].items[0].prompt, TOLD.instruction, "A prompt of its own."]
    assert [key.split(":")[0] for key in texts][:2] == ["questions", "told"]


def test_a_row_that_holds_an_item_is_found_with_the_item_and_others_are_not():
    benchmarks = [Questions(), GivenItems([TOLD], name="told")]
    rows = [["Hello."], [f"Well. {TOLD.instruction}"], ["a", benchmarks[0].items[0].prompt]]
    nothing, told, asked = find_held_out(rows, benchmarks, Decontamination(ngram_words=8))
    assert nothing is None
    assert told.item == f"told: {TOLD.id}"
    assert asked.item == f"questions: {benchmarks[0].items[0].id}"


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is no pack"), ("{", "could not be read"), ('[{"text": "a"}]', "entry 1 has no text under instruction")],
)
def test_a_pack_that_cannot_be_read_is_named(content, message, tmp_path):
    file = tmp_path / "pack.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(RecordError, match=message):
        read_pack(file)


@pytest.mark.skipif(not FOLLOWBENCH.is_dir(), reason=f"FollowBench is not there: {FOLLOWBENCH}")
def test_followbench_is_read_as_it_lies():
    # 944 entries in six files, 17 without an instruction
    assert len(read_pack(FOLLOWBENCH)) == 927
