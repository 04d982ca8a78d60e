"""The paired table: two models on the same items, as Markdown with the sentences that belong to it."""

from collections.abc import Sequence

from quintain.benchmarks.measures import by_level, measure_name, places, written
from quintain.benchmarks.satisfaction.comparison import Comparison, Paired
from quintain.benchmarks.scorecard import Scorecard
from quintain.reporting.rows import between, comparison_rows, measure_rows, signed
from quintain.reporting.table import markdown_table

_GROUPED = (
    "McNemar takes items as independent, but the five levels of a group share one instruction. The bootstrap draws "
    "whole groups: where the two p-values disagree, believe the bootstrap."
)
_ADJUSTED = (
    "Both p-values are adjusted over the categories after Holm; those in the row for all are not. The bootstrap looks "
    "at the macro mean, McNemar at all items alike."
)

_OF_CONSTRAINTS = ("hsr", "prompt", "instruction")
"""What measures of constraints begin with: FollowBench's and the exact packs', IFEval's and IFBench's."""


def scorecard_table(name: str, card: Scorecard) -> str:
    """Set one scorecard in Markdown: every measure, then those of each category, with intervals.

    Args:
        name: How to call the model.
        card: Its scorecard.

    Returns:
        The tables, without a final newline.
    """
    table = markdown_table((_over(card), name), [(row.name, *row.scores) for row in measure_rows([card])])
    if not card.categories:
        return table
    measures = [place.measure for place in places(card, card.categories[0]) if not place.level]
    parts = markdown_table(
        ("category", *map(measure_name, measures), "scored", "unread"),
        [
            (
                category,
                *(written(measure, card.estimate(measure, category=category)) for measure in measures),
                f"{headline.n:,}",
                f"{headline.unread:,}",
            )
            for category in card.categories
            for headline in [card.estimate(card.headline, category=category)]
        ],
    )
    return f"{table}\n\n{parts}"


def paired_table(names: Sequence[str], cards: Sequence[Scorecard], comparison: Comparison) -> str:
    """Set a comparison in Markdown: every measure, then the tests by category.

    Args:
        names: How to call the two models.
        cards: Their scorecards.
        comparison: The first against the second.

    Returns:
        Two tables and what they rest on, without a final newline.
    """
    first, second = names
    measures = markdown_table(
        (_over(cards[0]), first, second, "difference", "95 % interval"),
        [(row.name, *row.scores, row.difference, row.interval) for row in measure_rows(cards, comparison.overall)],
    )
    tests = markdown_table(
        (
            measure_name(cards[0].headline),
            "difference",
            "95 % interval",
            "p bootstrap",
            "only one passes",
            "p McNemar",
            "items",
            "sees",
            "power for 5",
            "items for 5",
        ),
        [
            (
                row.name,
                row.difference,
                row.interval,
                row.p_bootstrap,
                f"{row.only_first} : {row.only_second}",
                row.p_mcnemar,
                row.n_items,
                row.detectable,
                row.power,
                row.items_needed,
            )
            for row in comparison_rows(comparison)
        ],
    )
    columns = (
        f"Only one passes: items that {first} alone and that {second} alone passes. Sees: the smallest true difference "
        "in points that the items show with 80% power."
    )
    parts = [headline(names, comparison, cards[0]), measures, tests, columns, power_note(comparison)]
    return "\n\n".join([*parts, *filter(None, [mcnemar_note(cards[0])])])


def measures_table(names: Sequence[str], compared: Sequence[tuple[str, Sequence[Scorecard], Comparison]]) -> str:
    """Set two models on several benchmarks in Markdown: the measures that are compared, over all levels.

    Args:
        names: How to call the two models.
        compared: Benchmark, the two scorecards on it, the first against the second.

    Returns:
        One table, without a final newline.
    """
    return markdown_table(
        ("benchmark", "measure", *names, "difference", "95 % interval"),
        [
            (benchmark, row.name, *row.scores, row.difference, row.interval)
            for benchmark, cards, comparison in compared
            for row in measure_rows(cards, comparison.overall)
            if row.total and row.difference
        ],
    )


def headline(names: Sequence[str], comparison: Comparison, card: Scorecard) -> str:
    """Say in one sentence which model follows more, or that nobody can tell."""
    first, second = names
    overall = comparison.overall
    over = "macro " if len(card.categories) > 1 else ""
    numbers = (
        f"{signed(comparison.difference, percent=True)} points of {over}{measure_name(by_level(card.headline))}, "
        f"95 % interval {between(overall.intervals.hsr_mean, percent=True)}, {overall.n_items:,} items"
    )
    constraints = measures_constraints(card.headline)
    if comparison.low > 0:
        return f"{first} {'follows more constraints' if constraints else 'scores higher'} than {second}: {numbers}."
    if comparison.high < 0:
        return f"{first} {'follows fewer constraints' if constraints else 'scores lower'} than {second}: {numbers}."
    return f"No difference between {first} and {second} beyond chance: {numbers}."


def mcnemar_note(card: Scorecard) -> str:
    """Say what to make of the two p-values; empty where they are of the same items, drawn one by one."""
    return " ".join([_GROUPED] * bool(card.levels) + [_ADJUSTED] * (len(card.categories) > 1))


def measures_constraints(measure: str) -> bool:
    """True for a measure of constraints that are followed, false for any other score."""
    return measure.startswith(_OF_CONSTRAINTS)


def memory_notes(names: Sequence[str], cards: Sequence[Scorecard]) -> list[str]:
    """Say which models were asked under an edit memory on a benchmark, a sentence for each."""
    return [
        f"{name} was asked under its edit memory {card.memory[:12]}."
        for name, card in zip(names, cards, strict=True)
        if card.memory
    ]


def power_note(comparison: Comparison) -> str:
    """Say what these items can show at all."""
    text = _seen(comparison.overall, comparison.n_groups)
    if comparison.n_left_out:
        text += (
            f" {comparison.n_left_out:,} items that only one of the two was scored on are left out of the differences; "
            "each model's own numbers keep them."
        )
    return text


def _over(card: Scorecard) -> str:
    return "macro mean" if len(card.categories) > 1 else "all items"


def _seen(overall: Paired, n_groups: int) -> str:
    if overall.discordant == 0:
        return f"The two pass and fail the same {overall.n_items:,} items: there is nothing to test."
    drawn = f", drawn in {n_groups:,} groups," if n_groups < overall.n_items else ""
    text = (
        f"The two differ on {overall.discordant:.1%} of the items. {overall.n_items:,} items{drawn} "
        f"are worth {overall.worth:,.0f} independent ones: 80% power to see a true difference of "
        f"{100 * overall.detectable:.1f} points"
    )
    if overall.power is None:
        return f"{text}; models that differ on so few items cannot be 5 points apart."
    return f"{text}, {overall.power:.0%} power to see 5 points, for which {overall.items_needed:,} items give 80%."
