"""The two pools: what the student learns next, and everything that teacher and student are compared on."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from quintain.methods.lion.params import LionParams
from quintain.records import SHOWN_CHARACTERS, Dropped, Gap, Instruction, InstructionPair, Origin, Response
from quintain.text.traces import strip_trace


def distinct(instructions: Iterable[Instruction]) -> tuple[list[Instruction], list[Dropped]]:
    """Keep the first of equal instructions, and none without words, each as the start of a new loop.

    Args:
        instructions: What users ask; the pool of an earlier loop will do.

    Returns:
        The pool to start from, and what was left out.
    """
    kept: dict[str, Instruction] = {}
    dropped = []
    for number, instruction in enumerate(instructions, start=1):
        key = " ".join(instruction.prompt.split())
        reason = "empty" if not instruction.text.strip() else "equal-text" if key in kept else ""
        if reason:
            where = f"seed instruction {number} ({instruction.id})"
            dropped.append(Dropped(stage="seeds", reason=reason, where=where, text=instruction.text[:SHOWN_CHARACTERS]))
        else:
            kept[key] = replace(instruction, id="", difficulty="seed", round=0)
    return list(kept.values()), dropped


def pair(instructions: Iterable[Instruction], teacher: Mapping[str, Response]) -> list[InstructionPair]:
    """Pair instructions with the teacher's responses, those that ended by themselves and say something."""
    pairs = []
    for instruction in instructions:
        response = teacher.get(instruction.id)
        if response is None or response.finish_reason != "stop" or not (text := strip_trace(response.text).strip()):
            continue
        origin = Origin(
            parents=(response.id, instruction.id),
            prompt=response.origin.prompt,
            model=response.origin.model,
            knobs={"difficulty": instruction.difficulty, "round": str(instruction.round)},
        )
        pairs.append(
            InstructionPair(
                instruction=instruction.prompt,
                response=text,
                kind="distilled",
                request=instruction.text,
                origin=origin,
            )
        )
    return pairs


def train_pool(
    new: Sequence[Instruction], earlier: Sequence[Instruction], round_number: int, params: LionParams
) -> list[Instruction]:
    """Train pool of a round: the pairs that the student learns.

    The paper's figure replaces the pool by the new instructions, and its count of 70K accumulates; its code leaves the
    choice to whoever calls it.

    Args:
        new: Instructions of the last round, or the ones to start from.
        earlier: All instructions before those.
        round_number: Part of the seed of the replay.
        params: What is mixed in.

    Returns:
        New instructions first; nothing when there are none, since then the loop has ended.

    Source: arXiv:2305.12870, figure 2 and section 4.1.
    """
    if params.train_on == "new" or not new:
        return list(new)
    if params.train_on == "cumulative":
        return [*new, *earlier]
    # A share p of the whole is earlier: n_earlier = n_new · p / (1 - p).
    count = min(round(len(new) * params.replay_share / (1 - params.replay_share)), len(earlier))
    return [*new, *random.Random(f"{params.seed}/replay/{round_number}").sample(list(earlier), count)]


def probe_ids(pool: Iterable[Instruction], params: LionParams) -> set[str]:
    """The fixed probe set: instructions of the start, evenly from every family, the same in every round."""
    start = [instruction for instruction in pool if instruction.round == 0]
    return {one.id for one in _evenly(start, params.probe_size, random.Random(f"{params.seed}/probe"))}


def choose_judged(
    pool: Sequence[Instruction],
    student: Mapping[str, Response],
    former: Mapping[str, Gap],
    round_number: int,
    params: LionParams,
) -> tuple[list[Instruction], list[Gap]]:
    """Choose what the referee is asked about, and which gaps stay as they are.

    Where the student still says the same, so does the referee: its gap is kept without a call. Of the rest the probe
    set and the newest instructions are judged, and of what then remains a share, evenly from every family.

    Args:
        pool: The cache pool.
        student: The student's responses by instruction id.
        former: Gaps known from earlier rounds, by instruction id.
        round_number: The round.
        params: Share, probe set, seed.

    Returns:
        Instructions to judge, in the order of the pool, and the gaps that are kept.
    """
    kept = [
        former[one.id]
        for one in pool
        if one.id in former and one.id in student and former[one.id].response_id == student[one.id].id
    ]
    unchanged = {gap.instruction_id for gap in kept}
    changed = [one for one in pool if one.id in student and one.id not in unchanged]
    if params.referee_share >= 1:
        return changed, kept
    newest = max((one.round for one in pool), default=0)
    always = probe_ids(pool, params) | ({one.id for one in pool if one.round == newest} if newest else set())
    rest = [one for one in changed if one.id not in always]
    rng = random.Random(f"{params.seed}/referee/{round_number}")
    sampled = {one.id for one in _evenly(rest, round(len(rest) * params.referee_share), rng)}
    return [one for one in changed if one.id in always or one.id in sampled], kept


def _evenly(instructions: Sequence[Instruction], count: int, rng: random.Random) -> list[Instruction]:
    """Draw from every family alike, as far as each goes."""
    families: dict[str, list[Instruction]] = defaultdict(list)
    for instruction in instructions:
        families[instruction.category].append(instruction)
    for members in families.values():
        rng.shuffle(members)
    drawn: list[Instruction] = []
    while len(drawn) < count and any(families.values()):
        for name in sorted(families):
            if families[name] and len(drawn) < count:
                drawn.append(families[name].pop())
    return drawn
