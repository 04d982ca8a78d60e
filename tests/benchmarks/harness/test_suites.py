"""The suites hold what the papers measure, and every part says how it is asked and where that is from."""

import pytest

from quintain.benchmarks.harness.suites import SUITES


def test_the_suites_are_the_papers_tables():
    assert {name: [part.task for part in parts] for name, parts in SUITES.items()} == {
        "lion": ["bbh", "agieval_en"],
        "webr": ["mmlu", "arc_challenge"],
        "bmc": ["bmc_qa", "strategyqa", "gsm8k", "minerva_math500"],
        "retention": ["mmlu", "commonsense_qa", "piqa", "gsm8k"],
        "almanac": ["almanac_arithmetic", "almanac_two_hop"],
    }


@pytest.mark.parametrize("suite", SUITES)
def test_every_part_names_its_metric_its_way_of_asking_and_its_source(suite):
    for part in SUITES[suite]:
        assert part.metric
        assert len(part.asked) > 15
        assert part.source
