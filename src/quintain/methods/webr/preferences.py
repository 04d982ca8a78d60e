"""A by-product: what a model wrote without the page, and what became of it with the page."""

from collections.abc import Iterable

from quintain.records import InstructionPair, Origin, PreferencePair


def refinement_preferences(pairs: Iterable[InstructionPair]) -> list[PreferencePair]:
    """Pair each refined response, chosen, with its roll-out, rejected.

    Args:
        pairs: Instruction pairs; those without a roll-out, or whose refinement changed nothing, give none.

    Returns:
        Preference pairs whose first parent is the instruction pair.
    """
    return [
        PreferencePair(
            prompt=pair.instruction,
            chosen=pair.response,
            rejected=pair.rollout,
            chosen_source="refined",
            context=pair.context,
            origin=Origin(
                parents=(pair.id, *pair.origin.parents),
                prompt=pair.origin.prompt,
                model=pair.origin.model,
                seed=pair.origin.seed,
                knobs=pair.origin.knobs,
            ),
        )
        for pair in pairs
        if pair.rollout and pair.rollout != pair.response
    ]
