"""Training rows pass every check of their instruction, and share nothing with any evaluation pack."""

import itertools
import random
from collections.abc import Iterator

import pytest

from quintain.packs.build import CATEGORIES, build_pack, groups
from quintain.packs.exercises.drawing import STOCKS, draw_exercise, rarer_exercise, read_exercise, vary_exercise
from quintain.packs.material.evaluation import EVALUATION
from quintain.packs.material.starter import STARTER
from quintain.packs.stock import Stock
from quintain.packs.training import training_rows
from quintain.text.contamination import find_leaks
from quintain.text.words import words

RUN = 5
"""Words in a row that no training row has in common with an evaluation pack."""
# Words without which nothing can be asked for or said; among the evaluation packs' values they stand in names such as
# "how a library works" or the key "words".
COMMON = set(
    "a an and at are by first for how in is kind length letter new no of on opening or part reply rows strings the to "
    "with words write".split()
)


@pytest.fixture(scope="module")
def rows():
    return [(name, *row) for name in ("starter", "core", "extended") for row in training_rows(name, seed=23, size=120)]


def values(stock: Stock) -> Iterator[str]:
    """Every value that items of a stock are made of: names, terms, given words, tags, keys, records, marks."""
    for topic in stock.topics:
        yield from (topic.name, *topic.terms)
    yield from (*stock.words, *stock.tags, *stock.openers.values(), stock.keys.count, *stock.exemplars.prefixes)
    keys = stock.keys
    for names in (keys.texts, keys.lists, keys.numbers, keys.flags, keys.columns, keys.remarks, keys.ratings):
        yield from names
    for sort in stock.notes.sorts:
        yield from (sort.name, *sort.fields)
        yield from itertools.chain.from_iterable(choices for _, _, choices in sort.fields.values())
    for kind, products in stock.tables.products.items():
        yield from (kind, *products)
    for column in stock.tables.columns:
        yield from (column.name, *column.values)


def value_words(*stocks: Stock) -> set[str]:
    found = {word for stock in stocks for value in values(stock) for word in words(value)}
    return {word for word in found if not word.isdigit()} - COMMON


def test_the_values_of_training_and_evaluation_share_no_word():
    evaluation = value_words(EVALUATION, STARTER)
    assert len(evaluation) > 800
    assert evaluation.isdisjoint(value_words(*STOCKS.values()))


def test_no_wording_of_a_rule_is_shared():
    shared = {
        wording
        for stock in STOCKS.values()
        for wordings in stock.wordings.values()
        for wording in wordings
        if any(wording in others for others in EVALUATION.wordings.values())
    }
    assert not shared
    assert all(stock.wordings.keys() == EVALUATION.wordings.keys() for stock in STOCKS.values())


def test_no_row_holds_a_word_that_an_evaluation_pack_is_made_of(rows):
    evaluation = value_words(EVALUATION, STARTER)
    for _, instruction, response in rows:
        assert evaluation.isdisjoint(words(f"{instruction} {response}")), (instruction, response)


@pytest.mark.parametrize("pack", ["starter", "core"])
def test_no_row_has_five_words_in_a_row_with_an_item(rows, pack):
    held_out = {item.id: item.instruction for item in build_pack(pack)}
    leaks = find_leaks([row[1:] for row in rows], held_out, ngram_words=RUN)
    assert not [(row, held_out[leak.item]) for row, leak in zip(rows, leaks, strict=True) if leak]


def test_no_row_has_five_words_in_a_row_with_a_witness(rows):
    witnesses = {
        f"{i}/{j}": case.witness
        for i, group in enumerate([*groups("starter", 0), *groups("core", 0)])
        for j, case in enumerate(group.cases[::4])
        if len(words(case.witness)) >= RUN
    }
    leaks = find_leaks([row[1:] for row in rows], witnesses, ngram_words=RUN)
    assert not [(row, witnesses[leak.item]) for row, leak in zip(rows, leaks, strict=True) if leak]


def test_every_response_passes_what_its_instruction_says(rows):
    for _, instruction, response in rows:
        exercise, _ = read_exercise(instruction)
        assert exercise.passes(response), (instruction, response)


def test_no_two_rows_share_an_instruction(rows):
    for name in ("starter", "core", "extended"):
        asked = [instruction for pack, instruction, _ in rows if pack == name]
        assert len(set(asked)) == len(asked) == 120


def test_a_smaller_size_gives_the_first_rows_of_a_larger_one():
    assert [*training_rows("starter", 5, 12)] == [*training_rows("starter", 5, 40)][:12]


def test_another_seed_gives_other_rows():
    assert {row[0] for row in training_rows("core", 1, 30)}.isdisjoint(row[0] for row in training_rows("core", 2, 30))


def test_one_instruction_has_witnesses_in_several_voices():
    exercise, _ = read_exercise(
        'Tell me briefly about robots, with 12 words as a minimum. Mention "quilt" somewhere in it.'
    )
    rng = random.Random(0)
    assert len({exercise.respond(rng) for _ in range(12)}) > 8


@pytest.mark.parametrize("pack", ["starter", "core"])
@pytest.mark.parametrize("category", CATEGORIES)
def test_an_exercise_is_read_back_from_its_text(pack, category):
    rng = random.Random(f"{pack}/{category}")
    for level in (1, 2, 3, 4, 5, 1, 3, 5):
        drawn = draw_exercise(pack, category, level, rng)
        read, _ = read_exercise(drawn.instruction)
        assert (read.rules, read.target) == (drawn.rules, drawn.target)
        assert read.level == level


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_variation_asks_for_the_same_kinds_of_things_otherwise(category):
    rng = random.Random(7)
    seed = draw_exercise("core", category, 3, rng)
    varied = vary_exercise(seed.instruction, rng)
    assert [rule.kind for rule in varied.rules] == [rule.kind for rule in seed.rules]
    assert varied.instruction != seed.instruction
    assert varied.respond(rng) is not None


def test_a_rarer_exercise_asks_for_other_things_about_the_same_topic():
    rng = random.Random(3)
    seed = draw_exercise("starter", "style", 2, rng)
    rarer = rarer_exercise(seed.instruction, rng)
    assert rarer.topic is seed.topic
    assert {rule.kind for rule in rarer.rules}.isdisjoint(rule.kind for rule in seed.rules)


def test_an_item_of_an_evaluation_pack_is_no_exercise():
    for pack in ("starter", "core"):
        for item in build_pack(pack)[::60]:
            with pytest.raises(ValueError, match="no training instruction|none of the training items|said by"):
                read_exercise(item.instruction)
