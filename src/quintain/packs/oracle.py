"""The packs' oracle behind every role: it answers a request about a training item from the fields of its prompt.

It knows the items by their text alone, so it needs no file and answers for items that another process has drawn. What
is no training item it refuses, those of the evaluation packs among them.
"""

import itertools
import json
import random
from collections.abc import Callable
from typing import Any

from quintain.packs.bridging.bridge import bridge
from quintain.packs.checks import check
from quintain.packs.exercises.drawing import rarer_exercise, read_exercise, vary_exercise
from quintain.packs.exercises.exercise import Exercise
from quintain.records import Request

GOOD_ENOUGH = "GOOD ENOUGH"
"""The reply to a response in which there is nothing to mend."""


def complete(request: Request) -> str:
    """Answer a request.

    Args:
        request: Its prompt names what is asked; its id seeds the free choices.

    Returns:
        The completion.

    Raises:
        ValueError: The prompt is none that the oracle knows, the text is no training item, or a response cannot be
            mended; it says why.
    """
    name = request.prompt.partition("@")[0]
    if name not in _ANSWERS:
        raise ValueError(
            f"the packs' oracle has no answer to the prompt {name!r}; it knows {', '.join(sorted(_ANSWERS))}"
        )
    return _ANSWERS[name](request.fields, random.Random(f"{request.id}/{request.sample}"))


def _respond(fields: dict[str, Any], rng: random.Random) -> str:
    exercise, _ = read_exercise(fields["instruction"])
    response = exercise.respond(rng)
    if response is None:
        raise ValueError(f"no witness of this instruction was found: {exercise.instruction[:80]!r}")
    return response


def _bridge(fields: dict[str, Any], rng: random.Random) -> str:
    exercise, stock = read_exercise(fields["prompt"])
    if exercise.passes(fields["rejected"]):
        return GOOD_ENOUGH
    bridged = bridge(exercise, fields["rejected"], stock, rng)
    if bridged.reason:
        raise ValueError(f"this response cannot be mended: {bridged.reason}")
    return bridged.text


def _merit(exercise: Exercise, response: str) -> tuple[bool, int]:
    """Rank of a response: whether it does its base task, then the rules that it keeps."""
    return exercise.does_task(response), sum(exercise.verdicts(response))


def _compare(fields: dict[str, Any], rng: random.Random) -> str:
    exercise, _ = read_exercise(fields["prompt"])
    first, second = (_merit(exercise, fields[name]) for name in ("first", "second"))
    return "EQUAL" if first == second else "FIRST" if first > second else "SECOND"


def _review(reply: str) -> Callable[[dict[str, Any], random.Random], str]:
    def write(fields: dict[str, Any], rng: random.Random) -> str:
        exercise, _ = read_exercise(fields["instruction"])
        return reply.format(*(score(exercise, fields[name]) for name in ("first", "second")))

    return write


def score(exercise: Exercise, response: str) -> float:
    """Score a response from 1 to 10 with one decimal: the base task weighs as much as one constraint."""
    met = [exercise.does_task(response), *exercise.verdicts(response)]
    return round(1 + 9 * sum(met) / len(met), 1)


def _judge(fields: dict[str, Any], rng: random.Random) -> str:
    steps = [read_exercise(step)[0] if step.strip() else None for step in fields["path"]]
    last = steps[-1]
    if last is None:
        raise ValueError("there is no instruction to judge by")
    verdicts = []
    for before, after in itertools.pairwise(steps):
        known = before.rules if before else ()
        added = [rule for rule in after.rules if rule not in known] if after else []
        verdicts.append(all(check(rule, fields["response"]).holds for rule in added))
    if not last.does_task(fields["response"]):
        verdicts = [False] * len(verdicts)
    if fields["replies"] == "list":
        return str(["YES" if verdict else "NO" for verdict in verdicts])
    return json.dumps({"verdicts": [{"constraint": "", "quote": "", "satisfied": verdict} for verdict in verdicts]})


_ANSWERS: dict[str, Callable[[dict[str, Any], random.Random], str]] = {
    "student/instruction": _respond,
    **{f"bmc/bridge_{domain}": _bridge for domain in ("instruction", "qa", "math")},
    "bmc/compare": _compare,
    "lion/referee": _review("Constraints were counted.\nAssistant 1: {}\nAssistant 2: {}"),
    "lion/referee_scores_first": _review("{} {}\nConstraints were counted."),
    "lion/generate_hard": lambda fields, rng: vary_exercise(fields["seed"], rng).instruction,
    "lion/generate_easy": lambda fields, rng: rarer_exercise(fields["seed"], rng).instruction,
    **{f"followbench/judge_{unit}_en": _judge for unit in ("item", "constraint")},
}
