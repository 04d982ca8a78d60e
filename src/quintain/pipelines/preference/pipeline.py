"""From a student and prompts to bridged pairs, and from the pairs to a student that prefers the bridges."""

from kedro.pipeline import Node, Pipeline, node

from quintain.lifecycle import GIVEN, Lifecycle, Student
from quintain.lifecycle.student import is_own
from quintain.pipelines.given_data import screen_pairs
from quintain.pipelines.overriding import override
from quintain.pipelines.preference.dropped import gather_dropped
from quintain.pipelines.preference.losers import find_losers, gather_given, take_given
from quintain.pipelines.preference.nodes import compare_arms, show_credit, train_student
from quintain.pipelines.preference.pair_report import report_pairs
from quintain.pipelines.preference.pairs import bridge_losers, tokenize_pairs
from quintain.quality import checked

_BY_PRODUCT = "synthesis_preferences"
_TRAINING, _PAIRS, _ROWS = "params:preference.training", "params:preference.pairs", "params:preference.rows"
_LOSERS, _ROLES = "params:preference.losers", "params:roles"
_GIVEN, _DECONTAMINATION = "params:given", "params:decontamination"
_SUITES = {"bridged_pairs_suite", "preference_tokens_suite"}


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Train every student that is made this way to prefer the bridge over what its start says."""
    items = [f"{benchmark}.items@benchmark" for benchmark in lifecycle.held_out]
    return sum(
        (
            override(prefer(student.name, student.parent, student.on, _left_behind(lifecycle, student), items), student)
            for student in lifecycle.by("preference")
        ),
        Pipeline([]),
    )


def _left_behind(lifecycle: Lifecycle, student: Student) -> list[str]:
    """Datasets of pairs that earlier stages left behind: synthesis, and the rounds of distillation it descends from."""
    rounds = [one.name for one in reversed(lifecycle.ancestors(student.name)) if one.round_of]
    return [*([_BY_PRODUCT] if lifecycle.synthesis else []), *(f"{name}.preference_pairs" for name in rounds)]


def prefer(student: str, start: str, on: str, left_behind: list[str], items: list[str]) -> Pipeline:
    """Train one student on preferences.

    Args:
        student: Name of the student to be.
        start: Name of the student that it starts from.
        on: Dataset of instruction pairs, whose prompts the start responds to; or `given_preferences`, which are taken
            as they are.
        left_behind: Datasets of preference pairs of earlier stages, for `preference.losers.source: given` or `both`.
        items: Datasets of the benchmarks whose items pairs of the user's own must not hold.

    Returns:
        The pipeline: pairs and `<start>.model@ref` in, `<student>.model@hf` out.
    """
    model = f"{start}.model@ref"
    own = on == GIVEN["preference"]
    nodes = [
        *(_taken(on, items) if own else _sampled(on, left_behind, model, items)),
        *_bridging(),
        *_rows(model),
        *_training(model),
    ]
    inputs = {model, on, *(items if is_own(on) else ()), *([] if own else left_behind), *_SUITES}
    parameters = {_LOSERS, "params:preference.sampling", "params:preference.bridging", _PAIRS, _ROWS, _TRAINING}
    parameters |= {"params:preference.sweep", _ROLES, _GIVEN, _DECONTAMINATION}
    whole = Pipeline(nodes)
    return Pipeline(nodes, namespace=student, inputs=inputs, parameters=parameters & whole.inputs())


def _taken(on: str, items: list[str]) -> list[Node]:
    return [
        node(
            take_given,
            inputs=[on, _LOSERS, _GIVEN, _DECONTAMINATION, *items],
            outputs=["original_pairs", "dropped_losers"],
            name="take_given",
        )
    ]


def _sampled(on: str, left_behind: list[str], model: str, items: list[str]) -> list[Node]:
    screening = []
    if is_own(on):
        read = [on, _GIVEN, _DECONTAMINATION, *items]
        screening = [node(screen_pairs, inputs=read, outputs=["screened_pairs", "dropped_given"], name="screen_pairs")]
        on = "screened_pairs"
    return [
        *screening,
        node(gather_given, inputs=left_behind or None, outputs="gathered_pairs", name="gather_given"),
        node(
            find_losers,
            inputs=[on, "gathered_pairs", model, _LOSERS, "params:preference.sampling", _ROLES],
            outputs=["original_pairs", "dropped_losers"],
            name="find_losers",
        ),
    ]


def _bridging() -> list[Node]:
    return [
        node(
            bridge_losers,
            inputs=["original_pairs", "params:preference.bridging", _PAIRS, _ROLES],
            outputs=["bridged_pairs_candidate", "dropped_bridges"],
            name="bridge_losers",
        ),
        *checked("bridged_pairs"),
    ]


def _rows(model: str) -> list[Node]:
    return [
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
            outputs=["preference_report", "pairs_plot", "preference_card"],
            name="report_pairs",
        ),
    ]


def _training(model: str) -> list[Node]:
    return [
        node(
            train_student,
            inputs=["preference_tokens", model, _TRAINING, _PAIRS],
            outputs=["model@hf", "loss_curve", "validation_curve", "training"],
            name="train_student",
        ),
        node(
            show_credit,
            inputs=["preference_tokens", model, "model@ref", "loss_curve", _TRAINING, _PAIRS],
            outputs=["preference", "token_credit", "preference_plot"],
            name="show_credit",
        ),
        node(
            compare_arms,
            inputs=["preference_tokens", "other_tokens", model, _TRAINING, _PAIRS, "params:preference.sweep"],
            outputs=["arms", "sweep", "arms_table", "arms_plot"],
            name="compare_arms",
        ),
    ]
