"""The loop ends when there is nothing to gain, and otherwise writes what is new."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from kedro.io import MemoryDataset

from quintain.almanac.users import user_instructions
from quintain.datasets.model_ref import model_ref
from quintain.lifecycle.student import round_names
from quintain.records import Instruction
from tests.lifecycles import Asked
from tests.pipelines.distillation.loop import configure, run


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"hard_floor": 1.0, "threshold": 9.5}, "nothing-hard"),
        ({"most_calls": 10}, "budget"),
        ({"hard_share": 0.0, "threshold": 0.0}, "no-seeds"),
    ],
)
def test_a_loop_that_ends_passes_its_student_on_and_asks_nothing_more(catalog, settings, reason):
    configure(catalog, **settings)
    run(catalog)
    first, second = catalog.load("lion.rounds").values()
    assert (first["outcome"]["status"], first["outcome"]["reason"]) == ("stopped", reason)
    assert (second["outcome"]["status"], second["outcome"]["reason"]) == ("passed", "ended-before")
    assert sum(spent["calls"] for spent in second["spent"].values()) == 0
    digests = {model_ref(Path(f"data/06_models/{student}")).digest for student in (*round_names("lion", 2), "lion")}
    assert len(digests) == 1  # so the registry knows it already
    assert catalog.load("lion.training")["steps"] == 0


def test_no_gain_on_the_probe_set_ends_the_loop_with_the_numbers(catalog):
    configure(catalog, probe_size=8)
    run(catalog)
    outcome = catalog.load("lion_round_2.round_report")["outcome"]
    assert (outcome["status"], outcome["reason"]) == ("stopped", "no-gain")
    assert outcome["improvement"]["n"] == 8
    assert re.search(
        r"(rose|fell) by \d\.\d+ points; the 95 % interval of its fall, [-+]\d.* does not leave zero out",
        outcome["detail"],
    )


def test_a_generator_that_echoes_its_seed_ends_the_loop(catalog, played):
    played(generator=lambda request: request.fields["seed"])
    run(catalog)
    first = catalog.load("lion_round_1.round_report")
    assert (first["outcome"]["status"], first["outcome"]["reason"]) == ("stopped", "nothing-accepted")
    assert first["generation"]["dropped"] == {"echo": 30}  # five attempts for each of six
    assert {drop.reason for drop in catalog.load("lion_round_1.dropped_candidates")} == {"echo"}


def test_what_is_evaluated_is_neither_taken_up_nor_generated(catalog, world):
    asked = [Instruction(text=item.instruction) for item in catalog.load("almanac.items@benchmark").items]
    others = user_instructions(world, 20, tail=1.0, skew=1.0, seed=3)
    catalog.save("seed_instructions", [*asked[:5], *others])
    run(catalog)
    pool = [one.prompt for one in catalog.load("lion_round_0.cache_pool")]
    assert not {item.text for item in asked} & set(pool)
    dropped = catalog.load("lion_round_0.dropped_candidates")
    assert [drop.reason for drop in dropped].count("contaminated") >= 5
    generated = {one.prompt for one in catalog.load("lion_round_1.cache_pool")} - set(pool)
    assert generated

    # The same seeds again, and a pack of what the generator wrote.
    items = [
        replace(item, id="", instruction=text)
        for item, text in zip(catalog.load("almanac.items@benchmark").items, generated, strict=False)
    ]
    catalog["almanac.items@benchmark"] = MemoryDataset(Asked(items))
    run(catalog)
    assert not {item.instruction for item in items} & {one.prompt for one in catalog.load("lion_round_1.cache_pool")}


def test_a_pool_of_one_goes_through_all_rounds(catalog, world):
    catalog.save("seed_instructions", user_instructions(world, 1, tail=1.0, skew=1.0, seed=3))
    configure(catalog, per_round=2, attempts=20)
    run(catalog)
    assert len(catalog.load("lion_round_2.cache_pool")) > 1
