"""Scores on the card of a model: in words, by category, for the hub, and where their limits are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from quintain.benchmarks.measures import by_level, measure_name, percent
from quintain.benchmarks.scorecard import Scorecard
from quintain.reporting.table import markdown_table

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

_FIELD = {
    "hsr_mean": "hard satisfaction rate",
    "ssr_mean": "soft satisfaction rate",
    "csl": "consistent satisfaction levels",
}
"""Measure → its name in the paper."""


def eval_results(card: Scorecard) -> "list[EvalResult]":
    """Measures of a scorecard as the hub reads them."""
    from huggingface_hub import EvalResult

    benchmark = card.benchmark
    return [
        EvalResult(
            task_type="text-generation",
            dataset_type=benchmark.name,
            dataset_name=f"{benchmark.name} {benchmark.digest}",
            metric_type=_FIELD.get(measure, measure_name(measure)).replace(" ", "_"),
            metric_name=f"{_FIELD.get(measure, measure_name(measure))}, {card.judge or 'by rules'}",
            metric_value=round(estimate.value, 4),
        )
        for measure, estimate in card.measures.items()
        if estimate.value is not None and not (card.levels and measure not in _FIELD)
    ]


def measured(card: Scorecard) -> str:
    """Say what it scored in the headline measure, on what and judged by whom."""
    estimate, words = card.estimate(card.headline), _FIELD.get(card.headline, measure_name(card.headline))
    headline = (
        "Nothing of it could be scored."
        if estimate.value is None
        else f"{words[0].upper()}{words[1:]} {percent(estimate.value)} % (95 % interval {percent(estimate.low)} to "
        f"{percent(estimate.high)})."
    )
    sampling = ", ".join(f"{name} {value}" for name, value in card.sampling.items())
    macro = ", macro over categories" if len(card.categories) > 1 else ""
    levels = "; levels are numbers of constraints" if card.levels else ""
    return (
        f"{headline} {_source(card)}Benchmark {card.benchmark.name} `{card.benchmark.digest}`, {card.n_items} items, "
        f"judged by {card.judge or 'rules alone'}; {sampling}. Rates in percent{macro}{levels}."
    )


def _source(card: Scorecard) -> str:
    """The paper behind the measures, where they are those of one."""
    if card.headline in _FIELD:
        return "Measures of FollowBench ([arXiv:2310.20410](https://arxiv.org/abs/2310.20410)). "
    return ""


def categories_table(card: Scorecard) -> str:
    """Table of the headline measure by category; empty where the benchmark has none."""
    if not card.categories:
        return ""
    rows = []
    for name in card.categories:
        estimate = card.estimate(card.headline, category=name)
        interval = "–" if estimate.value is None else f"{percent(estimate.low)} to {percent(estimate.high)}"
        rows.append((name, percent(estimate.value), interval, str(estimate.n)))
    return markdown_table(("category", measure_name(by_level(card.headline)), "95 % interval", "items"), rows)


def limits(cards: Mapping[str, Scorecard]) -> list[str]:
    """Say what the scores do not tell, and where the model is weakest."""
    languages = ", ".join(f"`{each}`" for each in sorted({card.benchmark.language for card in cards.values()}))
    found = [
        f"Measured in {languages} and on instructions only: not for truth, safety or other languages.",
        "Numbers compare with those of other models on the same items, rules, judge and sampling, and on no other.",
    ]
    for name, card in cards.items():
        of = f"{name}: " if len(cards) > 1 else ""
        found.append(
            f"{of}{card.n_unread} of {card.n_scored} scored items have a verdict that could not be read; "
            f"{sum(card.not_scored.values())} were not scored."
        )
        found += [f"{of}{text}" for text in _weaknesses(card)]
    return found


def _weaknesses(card: Scorecard) -> list[str]:
    found = []
    values = {name: card.estimate(card.headline, category=name).value for name in card.categories}
    scored = {name: value for name, value in values.items() if value is not None}
    if scored:
        worst = min(scored, key=lambda name: scored[name])
        found.append(f"Weakest category: {worst}, {percent(scored[worst])} %.")
    if card.levels:
        rate = by_level(card.headline)
        first, last = (card.estimate(rate, level=level).value for level in (card.levels[0], card.levels[-1]))
        if first is not None and last is not None:
            found.append(
                f"From {card.levels[0]} to {card.levels[-1]} constraints it falls from {percent(first)} to "
                f"{percent(last)} %."
            )
    return found
