"""Provenance of responses and judgements: the weights and the sampling they were drawn with, the response judged."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from quintain.datasets import ModelRef
from quintain.errors import RecordError
from quintain.models.language_model import Sampling
from quintain.records import Completion, Judgement, content_id

_WEIGHTS, _SAMPLING, _MEMORY = "weights", "sampling", "memory"
_COMPUTED = ("engine", "number_format")


def drawn_from(
    responses: Iterable[Completion],
    model: ModelRef,
    sampling: Sampling,
    computed: Mapping[str, str],
    *,
    memory: str = "",
) -> list[Completion]:
    """Responses that say what they were drawn from, whatever stood between: an endpoint, a server, the ledger.

    Args:
        responses: What the student said.
        model: Its weights.
        sampling: How its tokens were drawn.
        computed: Engine and, where it is known, number format.
        memory: Head of the edit memory that it was asked under; empty for none.

    Returns:
        The same with all of it in the knobs of their origin.
    """
    knobs = _knobs(model, sampling) | {name: computed[name] for name in _COMPUTED if name in computed}
    if memory:
        knobs[_MEMORY] = memory
    return [
        dataclasses.replace(each, origin=dataclasses.replace(each.origin, knobs=each.origin.knobs | knobs))
        for each in responses
    ]


def computed_by(responses: Iterable[Completion]) -> dict[str, str]:
    """Engine and number format of responses, as far as they say it.

    Args:
        responses: What is kept of the student's responses.

    Returns:
        Terms of their scorecard; two that were computed in different ways do not compare.

    Raises:
        RecordError: They were computed in more than one way.
    """
    found = {
        tuple((name, each.origin.knobs[name]) for name in _COMPUTED if name in each.origin.knobs) for each in responses
    }
    if len(found) > 1:
        one, other, *_ = (" in ".join(value for _, value in each) or "unknown" for each in sorted(found))
        raise RecordError(f"some responses were computed by {one}, others by {other}; run generate_responses again")
    return dict(next(iter(found), ()))


def memory_of(responses: Iterable[Completion]) -> str:
    """Head of the edit memory that responses were drawn under; empty for none.

    Args:
        responses: What is kept of the student's responses.

    Returns:
        The head.

    Raises:
        RecordError: They were drawn under several.
    """
    found = sorted({each.origin.knobs.get(_MEMORY, "") for each in responses})
    if len(found) > 1:
        one, other, *_ = (head[:12] or "none" for head in found)
        raise RecordError(
            f"some responses were drawn under the edit memory {one}, others under {other}; run generate_under_edits "
            "again"
        )
    return next(iter(found), "")


def judged_from(judgement: Judgement, *parents: str) -> Judgement:
    """A judgement that says which records it was made from.

    Args:
        judgement: The judgement.
        *parents: Id of the response, or what another judgement was made from.

    Returns:
        The same with the ids before the parents that it has.
    """
    known = tuple(parent for parent in judgement.origin.parents if parent not in parents)
    return dataclasses.replace(judgement, origin=dataclasses.replace(judgement.origin, parents=(*parents, *known)))


def refuse_others(
    responses: Sequence[Completion],
    judgements: Sequence[Judgement],
    model: ModelRef,
    sampling: Sampling,
    benchmark: str,
) -> None:
    """Refuse responses of other weights or another sampling, and judgements of other responses.

    Args:
        responses: What is kept of the student's responses.
        judgements: What is kept of their judgements.
        model: The student's weights now.
        sampling: The sampling that the parameters name now.
        benchmark: Its name, for the command that mends it.

    Raises:
        RecordError: Two differ; names both, and the command that makes them agree.
    """
    again = f"`kedro run --pipelines evaluation --namespaces {_student(model)}.{benchmark}` makes all of them anew"
    for name, wanted in _knobs(model, sampling).items():
        found = sorted({each.origin.knobs.get(name, "unknown") for each in responses} - {wanted})
        if found:
            raise RecordError(
                f"the responses of {_student(model)} to {benchmark} were drawn with {name} {found[0][:12]}, the "
                f"student has {name} {wanted[:12]} now; {again}"
            )
    known = {each.id for each in responses}
    others = [each for each in judgements if known.isdisjoint(each.origin.parents)]
    if others:
        raise RecordError(
            f"{len(others)} of {len(judgements)} judgements of {_student(model)} on {benchmark}, such as "
            f"{others[0].id} of item {others[0].item_id}, are of other responses than those that are kept; {again}"
        )


def _student(model: ModelRef) -> str:
    return model.path.rpartition("/")[2]


def _knobs(model: ModelRef, sampling: Sampling) -> dict[str, str]:
    return {_WEIGHTS: model.digest, _SAMPLING: content_id(dataclasses.asdict(sampling))}
