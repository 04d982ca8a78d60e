"""From a student and prompts to bridged pairs, and from the pairs to the student `bmc`."""

from kedro.pipeline import Pipeline, node

from quintain.pipelines.preference.nodes import compare_arms, show_credit, train_student
from quintain.pipelines.preference.pair_report import report_pairs
from quintain.pipelines.preference.pairs import (
    bridge_losers,
    find_losers,
    gather_dropped,
    gather_given,
    tokenize_pairs,
)
from quintain.quality import checked
from quintain.students import PREFERENCE_START, PREFERENCE_STUDENT, of_rounds

GIVEN = "synthesis_preferences"
"""Pairs that are there already, here the by-product of synthesis. An environment without synthesis may keep any
`PreferencePairsDataset` under this name; `preference.losers.source: given` takes them, and with them what the referee
preferred in each round of distillation."""
_TRAINING, _PAIRS, _ROWS = "params:preference.training", "params:preference.pairs", "params:preference.rows"


def create_pipeline(rounds: int = 3, **_: object) -> Pipeline:
    """Bridge what the distilled student gets wrong and train it to prefer the bridge; the result is called `bmc`."""
    refereed = [f"{name}.preference_pairs" for name in of_rounds(rounds)[:-1]]
    return prefer(PREFERENCE_STUDENT, PREFERENCE_START, [GIVEN, *refereed])


def prefer(student: str, start: str, given: list[str]) -> Pipeline:
    """Train one student on preferences.

    Args:
        student: Name of the student to be.
        start: Name of the student that it starts from.
        given: Datasets of pairs that are there already.

    Returns:
        The pipeline: `instruction_pairs`, what is given and `<start>.model@ref` in, `<student>.model@hf` out.
    """
    model = f"{start}.model@ref"
    return Pipeline(
        [
            node(gather_given, inputs=given, outputs="given_pairs", name="gather_given"),
            node(
                find_losers,
                inputs=[
                    "instruction_pairs",
                    "given_pairs",
                    model,
                    "params:preference.losers",
                    "params:preference.sampling",
                    "params:roles",
                ],
                outputs=["original_pairs", "dropped_losers"],
                name="find_losers",
            ),
            node(
                bridge_losers,
                inputs=["original_pairs", "params:preference.bridging", _PAIRS, "params:roles"],
                outputs=["bridged_pairs_candidate", "dropped_bridges"],
                name="bridge_losers",
            ),
            *checked("bridged_pairs"),
            node(
                tokenize_pairs,
                inputs=["bridged_pairs", "original_pairs", model, _ROWS, _PAIRS],
                outputs=["preference_tokens_candidate", "other_tokens", "dropped_rows"],
                name="tokenize_pairs",
            ),
            *checked("preference_tokens"),
            node(
                gather_dropped,
                inputs=["dropped_losers", "dropped_bridges", "dropped_rows"],
                outputs="dropped_preferences",
                name="gather_dropped",
            ),
            node(
                report_pairs,
                inputs=["preference_tokens", "other_tokens", "dropped_preferences", _ROWS, _PAIRS],
                outputs=["preference_report", "preference_plot", "preference_card"],
                name="report_pairs",
            ),
            node(
                train_student,
                inputs=["preference_tokens", model, _TRAINING, _PAIRS],
                outputs=[f"{student}.model@hf", f"{student}.loss_curve", f"{student}.training"],
                name="train_student",
            ),
            node(
                show_credit,
                inputs=["preference_tokens", model, f"{student}.model@ref", f"{student}.loss_curve", _TRAINING, _PAIRS],
                outputs=[f"{student}.preference", f"{student}.token_credit", f"{student}.preference_plot"],
                name="show_credit",
            ),
            node(
                compare_arms,
                inputs=["preference_tokens", "other_tokens", model, _TRAINING, _PAIRS, "params:preference.sweep"],
                outputs=[f"{student}.{name}" for name in ("arms", "sweep", "arms_table", "arms_plot")],
                name="compare_arms",
            ),
        ]
    )
