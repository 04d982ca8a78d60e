"""What the student grows up with: all kinds of documents, chats without a page, patterns."""

import itertools
import random

from quintain.almanac.checks import check
from quintain.almanac.corpus import chat, document, passages
from quintain.almanac.instructions import read_instruction
from quintain.almanac.pack import build_pack
from quintain.records import ConstraintItem


def test_every_chat_is_answered_correctly(world):
    rng = random.Random(0)
    for _ in range(500):
        passage = chat(world, rng)
        task = read_instruction(world, passage.instruction)
        relation = f', "relation": "{task.relation}"' if task.relation else ""
        item = ConstraintItem(
            example_id="1", category="x", level=len(task.rules), instruction=passage.instruction, rules=task.rules,
            target=f'{{"subject": "{task.subject}"{relation}}}',
        )  # fmt: skip
        assert check(world, item, passage.text).hard, passage


def test_documents_are_no_chats_and_come_in_six_kinds(world):
    rng = random.Random(1)
    texts = [document(world, rng) for _ in range(400)]
    assert not any(passage.instruction for passage in texts)
    assert any("Follow the pattern." in passage.text for passage in texts)
    assert any("?" in passage.text for passage in texts)


def test_the_stream_is_one_seeds_and_holds_the_asked_share_of_chats(world):
    some = list(itertools.islice(passages(world, 0.5, seed=4), 1000))
    assert some == list(itertools.islice(passages(world, 0.5, seed=4), 1000))
    assert 0.44 < sum(bool(passage.instruction) for passage in some) / 1000 < 0.56


def test_few_items_of_the_pack_stand_in_the_corpus_word_for_word(world):
    seen = {passage.instruction for passage in itertools.islice(passages(world, 1.0, seed=0), 20_000)}
    held_out = [item for item in build_pack(world, 20, seed=99) if item.level >= 2]
    assert sum(item.instruction in seen for item in held_out) / len(held_out) < 0.1
