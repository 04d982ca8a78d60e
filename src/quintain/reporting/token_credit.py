"""Token credit of a preference training: responses coloured by weight and by implicit reward."""

from collections.abc import Mapping, Sequence
from typing import Any

from quintain.reporting.pages import render

_MEASURES = {
    "accuracy": (
        "pairs preferred",
        "Share of the pairs whose chosen response gained more on its start than the other.",
    ),
    "margin": (
        "reward margin, nats",
        "Mean implicit reward of the chosen response over the rejected, without weights.",
    ),
    "dpo_loss": (
        "DPO loss, nats",
        "What plain DPO would lose on these pairs at this β; 0.693 where nothing is learned.",
    ),
    "displacement_chosen": (
        "displacement of the chosen, nats",
        "By how much a chosen response has become likelier than it was to the start; below zero it has lost.",
    ),
    "displacement_rejected": (
        "displacement of the rejected, nats",
        "The same of the rejected responses; it should lie below that of the chosen.",
    ),
    "kl_nats_per_token": (
        "KL per token, nats",
        "How far the choice of the next token has moved from the start's, in the mean; 0 is not at all.",
    ),
    "edited_share": ("edited tokens", "Share of the tokens that the correction changed; only these may weigh over 1."),
    "clamped_share": ("at the cap", "Share of the edited tokens whose weight would be larger without the cap."),
    "mean_weight": ("mean weight λ", "Over all tokens of the pairs."),
}
"""Name of a measure → how the page calls it, and what it says."""


def token_credit_page(student: str, pairs: Sequence[Mapping[str, Any]], measures: Mapping[str, float]) -> str:
    """Write the page.

    Args:
        student: Name of the student.
        pairs: Pairs as `quintain.training.preference.measures.as_shown` gives them.
        measures: Numbers to show above, by name.

    Returns:
        HTML without any reference to a network.
    """
    tokens = [token for pair in pairs for side in pair["sides"] for token in side["tokens"]]
    heaviest = max((token["weight"] for token in tokens), default=1.0)
    strongest = max((abs(token["reward"]) for token in tokens), default=0.0) or 1.0
    return render(
        "token_credit.html.jinja",
        student=student,
        pairs=pairs,
        measures=[(*_MEASURES.get(name, (name.replace("_", " "), "")), value) for name, value in measures.items()],
        heaviest=max(heaviest, 1.001),
        strongest=strongest,
    )
