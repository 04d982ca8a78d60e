"""A longer response takes longer in proportion, whatever it is made of: models loop, and loops are nasty."""

import time

import pytest

from quintain.packs.checks import CHECKS, base_task_done, check
from quintain.records import Rule

VALUES = {
    "repeat": "2|bee", "at_least": "2|bee", "at_most": "1|bee", "in_paragraph": "2|bee", "order": "a|bee",
    "case": "lower", "without": ",", "no_letter": "z", "sentence_end": "!", "alternate": "often|truly",
    "first_letter": "t", "alliteration": "b", "sentence_words": "2|9", "paragraph_count": "2",
    "paragraph_words": "2|9", "sentence_count": "3", "bullets": "2", "numbered": "2", "heading": "2", "bold": "2",
    "tags": "tip", "word_count": "2|9", "json_keys": "a|b", "json_list": "a|2", "json_words": "a|2|3",
    "json_number": "a|1|2", "json_flag": "a", "grid_columns": ",|a|b", "grid_rows": "markdown|2",
    "grid_words": "markdown|a|1|2", "grid_counted": ";|a", "grid_numbers": ",|a|1|2", "grid_sorted": "markdown|a",
    "field": "a|12", "brackets": "[]|a", "sequence": "a|bee", "picked": "a|bee",
}  # fmt: skip
NASTY = (
    "a", " ", "\n", ".", "*", "-", "#", "[", "`", "<tip>", "a. ", "a-", "- a\n", "**a", "#    ", "1. a\n",
    "Picked: a\n", "a: 12. . . ", "|a|b|\n", "a,b\n", ".*", "[\"a\",", "\t.", "a   \n\n",
)  # fmt: skip
LENGTH = 50_000
SLOW_SECONDS = 0.15


def seconds(kind: str, unit: str, length: int) -> float:
    response = (unit * (length // len(unit))) + "x"
    started = time.process_time()
    check(Rule(kind=kind, value=VALUES.get(kind, "bee")), response)
    return time.process_time() - started


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_sixteen_times_the_length_takes_nowhere_near_its_square(kind):
    for unit in NASTY:
        # Reading 50,000 characters once is a matter of milliseconds, reading them once for each is one of seconds.
        if seconds(kind, unit, LENGTH) > SLOW_SECONDS:
            short, long = (min(seconds(kind, unit, length) for _ in range(3)) for length in (LENGTH // 8, 2 * LENGTH))
            # In proportion it is 16, for every pair of characters 256; between them is a factor of 4 either way for
            # what a busy machine does to the time of a processor.
            assert long <= 64 * short, (unit, short, long)


@pytest.mark.parametrize("unit", ["a. ", "*", "["])
def test_a_megabyte_is_judged_by_any_rule(unit):
    target = '{"terms": ["bee", "hive"], "least": 2, "words": 20, "answer": ["7"], "picked": ["bee"]}'
    response = unit * (1_000_000 // len(unit))
    for kind in ("include", "sentence_end", "paragraph_words", "json_keys", "grid_rows", "field", "only_full_stops"):
        check(Rule(kind=kind, value=VALUES.get(kind, "bee")), response)
    assert not base_task_done(response, target)
