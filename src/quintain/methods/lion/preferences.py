"""Gaps as preference data: a response that the referee put above another, for free."""

from collections.abc import Iterable, Mapping

from quintain.records import Gap, Instruction, Origin, PreferencePair, Response


def preference_pairs(
    gaps: Iterable[Gap],
    pool: Mapping[str, Instruction],
    teacher: Mapping[str, Response],
    student: Mapping[str, Response],
) -> list[PreferencePair]:
    """Take the hard instructions, without those on which the referee contradicted itself.

    Args:
        gaps: Labelled gaps.
        pool: The cache pool by id.
        teacher: Teacher's responses by instruction id: the chosen ones.
        student: Student's responses by instruction id: the rejected ones.

    Returns:
        One pair per hard instruction with two different responses, in the order of the gaps.
    """
    pairs = []
    for gap in gaps:
        chosen, rejected = teacher[gap.instruction_id], student[gap.instruction_id]
        if gap.label != "hard" or gap.conflict or chosen.text == rejected.text:
            continue
        pairs.append(
            PreferencePair(
                prompt=pool[gap.instruction_id].prompt,
                chosen=chosen.text,
                rejected=rejected.text,
                origin=Origin(
                    parents=(gap.id, chosen.id, rejected.id),
                    prompt=chosen.origin.prompt,
                    model=rejected.origin.model,
                    knobs={"gap": f"{gap.gap:.2f}"},
                ),
            )
        )
    return pairs
