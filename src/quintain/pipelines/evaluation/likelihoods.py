"""Items that give their responses: the student is asked how likely each is, in place of writing one."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from quintain.benchmarks.benchmark import Benchmark
from quintain.errors import ConfigError
from quintain.models.language_model import Likelihood
from quintain.records import Completion, Origin, Request


class Asked(Protocol):
    """A student as evaluation asks it: behind the ledger, alone or under its edits."""

    @property
    def name(self) -> str:
        """Identity of the model."""

    @property
    def scores_responses(self) -> bool:
        """True when `score_responses` works."""

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order."""

    def score_responses(self, requests: Sequence[Request], responses: Sequence[str]) -> list[Likelihood]:
        """Tell how likely each response is."""


def weighed_items(benchmark: Benchmark, student: Asked) -> list[Any]:
    """Items of a benchmark that give their responses.

    Args:
        benchmark: What is asked.
        student: Who is asked.

    Returns:
        The items; none where the student writes all its responses.

    Raises:
        ConfigError: There are some, and the student stands behind an address, which gives text alone.
    """
    found = [item for item in benchmark.items if benchmark.candidates(item)]
    if found and not student.scores_responses:
        raise ConfigError(
            f"{len(found)} of {len(benchmark.items)} items of {benchmark.name} ask how likely given responses are, and "
            f"{student.name} gives text alone: bind the student to the backend `local` (roles.bindings.student), or "
            f"leave out the tasks with choices ({benchmark.name}.items@benchmark in the catalog)"
        )
    return found


def weigh_candidates(benchmark: Benchmark, items: Iterable[Any], student: Asked) -> list[Completion]:
    """Ask how likely each given response of the items is.

    Args:
        benchmark: What is asked.
        items: Items that give their responses.
        student: Who is asked; its weights are in this process.

    Returns:
        A completion per item whose text is JSON, `[nats, greedy]` per response in order; one with the finish reason
        `error` and the reason as text where one of them could not be told, such as behind a prompt that is longer than
        the context.
    """
    items = list(items)
    pairs = [benchmark.candidates(item) for item in items]
    flat = [pair for each in pairs for pair in each]
    told = iter(student.score_responses([asked for asked, _ in flat], [response for _, response in flat]))
    found = []
    for item, candidates in zip(items, pairs, strict=True):
        request = benchmark.ask(item)
        likelihoods = [next(told) for _ in candidates]
        faults = [each.fault for each in likelihoods if each.fault]
        found.append(
            Completion(
                request_id=request.id,
                text=faults[0] if faults else json.dumps([[each.nats, each.greedy] for each in likelihoods]),
                finish_reason="error" if faults else "stop",
                origin=Origin(parents=(request.id,), prompt=request.prompt, model=student.name),
            )
        )
    return found
