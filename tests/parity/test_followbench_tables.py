"""The published level tables, checked against our arithmetic: a printed average is the mean of its five levels, and
an overall number the unweighted mean of six categories.

Source: FollowBench, arXiv:2310.20410, Tables 2 and 16 and Figures 4 and 11 (read off the plots, about one point off).
"""

import itertools

import numpy as np
import pytest

from quintain.benchmarks.followbench.benchmark import CATEGORIES, GROUPS
from quintain.benchmarks.followbench.parity import upstream_scores
from quintain.benchmarks.satisfaction.scoring import as_measures, macro, n_measures, rates
from quintain.records import Judgement

# Model, HSR of levels 1-5 and printed average, SSR likewise, CSL; percentages.
ENGLISH = """
GPT-4-Preview-1106   84.7 75.6 70.8 73.9 61.9 73.4   84.7 77.0 75.3 77.0 72.3 77.2   3.3
GPT-3.5-Turbo-1106   80.3 68.0 68.6 61.1 53.2 66.2   80.3 71.2 74.2 69.6 67.1 72.5   2.9
Qwen-Chat-72B        73.8 63.3 54.3 45.2 39.9 55.3   73.8 67.5 63.2 57.6 56.0 63.6   2.4
LLaMA2-Chat-70B      59.9 53.3 46.0 40.2 37.9 47.5   59.9 57.3 55.7 53.3 53.2 55.9   2.1
Qwen-Chat-14B        62.8 56.2 47.7 38.7 30.9 47.3   62.8 61.9 57.7 52.6 51.4 57.3   1.9
WizardLM-13B-V1.2    68.8 64.1 53.1 40.8 35.8 52.5   68.8 65.7 61.8 53.4 53.9 60.7   2.2
LLaMA2-Chat-13B      57.0 56.0 50.4 44.4 38.1 49.2   57.0 60.0 58.0 54.8 52.2 56.4   2.2
Vicuna-13B-V1.5      71.2 60.2 49.6 40.6 34.0 51.1   71.2 64.8 59.9 54.5 53.6 60.8   2.1
Qwen-Chat-7B         55.9 51.7 38.7 33.1 23.3 40.6   55.9 58.2 51.6 48.9 45.9 52.1   1.5
LLaMA2-Chat-7B       58.0 51.3 47.4 39.5 35.3 46.3   58.0 56.5 55.6 52.5 51.4 54.8   1.9
Vicuna-7B-V1.5       60.8 52.0 42.2 33.3 23.9 42.4   60.8 58.6 55.5 48.3 49.0 54.4   1.7
Baichuan2-Chat-7B    58.3 46.1 40.7 30.4 25.5 40.2   58.3 55.4 54.9 49.9 49.3 53.6   1.4
ChatGLM3-6B          60.9 46.6 36.7 27.8 21.4 38.7   60.9 55.3 51.2 47.9 45.0 52.0   1.6
"""
CHINESE = """
GPT-4-Preview-1106   86.7 83.9 68.7 67.0 61.1 73.5   86.7 84.8 76.0 74.0 71.8 78.6   3.1
GPT-3.5-Turbo-1106   69.6 65.2 52.8 49.1 39.5 55.2   69.6 70.8 63.8 64.0 59.5 65.5   2.2
Qwen-Chat-72B        66.8 58.9 47.3 42.8 36.5 50.5   66.8 62.3 59.1 59.1 57.9 61.0   2.1
LLaMA2-Chat-70B      52.8 46.4 41.0 30.3 23.5 38.8   52.8 53.1 54.0 51.0 49.1 52.0   1.5
Qwen-Chat-14B        64.0 48.3 42.2 33.6 25.9 42.8   64.0 57.2 56.5 53.7 51.2 56.5   1.6
WizardLM-13B-V1.2    55.9 46.5 37.8 29.4 19.6 37.8   55.9 50.9 51.3 50.2 47.3 51.1   1.6
LLaMA2-Chat-13B      53.3 46.0 36.1 30.6 29.5 39.1   53.3 51.9 50.4 48.3 49.0 50.6   1.6
Vicuna-13B-V1.5      56.4 43.8 36.9 32.4 22.5 38.4   56.4 53.0 52.0 52.2 46.5 52.0   1.5
Qwen-Chat-7B         54.2 45.6 33.2 23.1 18.9 35.0   54.2 52.9 51.2 50.6 46.4 51.0   1.3
LLaMA2-Chat-7B       54.0 44.7 37.6 21.7 21.7 35.9   54.0 51.3 51.0 44.2 44.4 49.0   1.5
Vicuna-7B-V1.5       52.6 37.8 30.0 22.0 13.4 31.2   52.6 48.8 46.6 46.7 40.5 47.1   1.2
ChatGLM3-6B          62.0 45.9 36.6 28.1 17.8 38.1   62.0 53.4 54.3 49.1 45.6 52.9   1.5
"""
# HSR by category (content, situation, style, format, example, mixed) where all six are legible, and printed average.
RADAR = {
    "GPT-4 en": ((77, 76, 93, 86, 58, 51), 73.4),
    "Qwen-72B en": ((67, 64, 73, 73, 10, 43), 55.3),
    "Qwen-14B en": ((52, 59, 61, 68, 10, 31), 47.3),
    "Vicuna-7B en": ((43, 35, 66, 58, 27, 25), 42.4),
    "GPT-4 zh": ((66, 86, 94, 77, 59, 57), 73.5),
    "Vicuna-13B zh": ((52, 44, 39, 52, 12, 30), 38.4),
    "Vicuna-7B zh": ((37, 39, 33, 42, 10, 24), 31.2),
}


def _rows():
    for language, table in (("en", ENGLISH), ("zh", CHINESE)):
        for line in table.strip().splitlines():
            model, *numbers = line.split()
            yield pytest.param(*map(float, numbers), id=f"{model}-{language}")


@pytest.mark.parametrize("row", [param.values for param in _rows()], ids=[param.id for param in _rows()])
def test_a_printed_average_is_our_mean_of_the_five_levels(row):
    hsr, hsr_mean, ssr, ssr_mean, csl = row[:5], row[5], row[6:11], row[11], row[12]
    ours = as_measures(rates(np.array([*hsr, *ssr, csl]), np.ones(11)))
    # Each number is rounded to one decimal: the mean of five may be off by half a unit, its own rounding by another.
    assert ours.hsr_mean == pytest.approx(hsr_mean, abs=0.1)
    assert ours.ssr_mean == pytest.approx(ssr_mean, abs=0.1)
    # One constraint is satisfied whole or not at all.
    assert hsr[0] == ssr[0]
    # As many levels hold in a row as hold at all, at most.
    assert csl <= sum(hsr) / 100 + 0.1


@pytest.mark.parametrize(("categories", "printed"), RADAR.values(), ids=RADAR)
def test_a_printed_overall_number_is_our_mean_of_six_categories(categories, printed):
    ours = macro([np.full(n_measures(5), float(category)) for category in categories])
    assert ours[5] == pytest.approx(printed, abs=1.0)


def _counts(percentages, groups):
    """Groups satisfied by category and level, as near to the printed macro HSR as whole groups come."""
    sizes = np.array([*groups.values()])
    # Up to two groups more or fewer in each category.
    steps = np.array([*itertools.product(range(-2, 3), repeat=len(sizes))])
    found = []
    for printed in percentages:
        near = np.clip(np.round(sizes * printed / 100) + steps, 0, sizes)
        found.append(near[np.argmin(np.abs((near / sizes).mean(axis=1) * 100 - printed))])
    return dict(zip(groups, np.array(found, dtype=int).T.tolist(), strict=True))


def _judgements(counts, groups, drift):
    """Judgements in which `counts` groups hold at each level; with more drift, fewer of them are the same groups."""
    return [
        Judgement(
            id=f"{name}/{group}/{level}",
            item_id=f"{name}/{group}/{level}",
            example_id=str(group + 1),
            category=name,
            level=level,
            satisfied=((group - round(drift * (level - 1) * n)) % n < counts[name][level - 1],) * level,
            by="judge:gpt-4-0613",
        )
        for name, n in groups.items()
        for group in range(n)
        for level in range(1, 6)
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_printed_levels_and_csl_come_out_of_whole_groups_by_the_authors_arithmetic(language):
    groups = {name: GROUPS[language][name] for name in CATEGORIES}
    for line in {"en": ENGLISH, "zh": CHINESE}[language].strip().splitlines():
        model, *numbers = line.split()
        hsr, csl = [float(number) for number in numbers[:5]], float(numbers[-1])
        counts = _counts(hsr, groups)
        low, high = 0.0, 0.5
        for _ in range(12):
            drift = (low + high) / 2
            scores = upstream_scores(_judgements(counts, groups, drift))
            # The unweighted mean of six categories, each a count over its own number of groups.
            assert [round(value, 1) for value in scores.macro_hsr] == pytest.approx(hsr, abs=0.1), model
            # CSL falls as other groups hold from level to level; somewhere on the way it is the printed one.
            if round(scores.macro_csl, 1) == csl:
                break
            low, high = (drift, high) if scores.macro_csl > csl else (low, drift)
        assert round(scores.macro_csl, 1) == csl, model
