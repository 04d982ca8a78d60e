"""A student under its edit memory: what an edit is about is asked with it in the prompt, as it is when it is served."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from quintain.benchmarks.benchmark import Benchmark
from quintain.datasets import ModelRef
from quintain.edit_memory import EditMemory
from quintain.edit_memory.own_memory import OwnMemory
from quintain.models.language_model import Likelihood, Sampling
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.roles import Roles, bind
from quintain.pipelines.evaluation.asking import ask_student
from quintain.pipelines.evaluation.nodes import generate_responses
from quintain.pipelines.evaluation.provenance import drawn_from
from quintain.pipelines.evaluation.settings import ByBenchmark, own
from quintain.records import Completion, Request
from quintain.serving.embedders import open_embedder
from quintain.serving.student import find_edits, under_edits


@dataclass(frozen=True)
class UnderEdits:
    """A student that finds in its memory what a question asks about, whether it writes or weighs the response.

    What no edit is about goes to the same weights, untouched: a scorecard is of one model, and says what its training
    on edits cost. A registered version may let its original respond there.
    """

    student: LedgeredModel
    """Who is asked."""
    memory: EditMemory
    """Edits, as they stand now."""
    k: int
    """Most edits that a question may find."""

    @property
    def name(self) -> str:
        """Identity of the model."""
        return self.student.name

    @property
    def sampling(self) -> Sampling:
        """Settings with which tokens are drawn."""
        return self.student.sampling

    @property
    def computed(self) -> dict[str, str]:
        """Computation of the model: its engine, and the number format where that is known."""
        return self.student.computed

    @property
    def scores_responses(self) -> bool:
        """True when `score_responses` works: the weights are in this process."""
        return self.student.scores_responses

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request under the edits; a completion is of the request as it was without them."""
        edited = [self.edited(request) for request in requests]
        return [
            completion
            if asked.id == request.id
            else dataclasses.replace(
                completion,
                id="",
                request_id=request.id,
                origin=dataclasses.replace(completion.origin, parents=(request.id, *completion.origin.parents)),
            )
            for request, asked, completion in zip(requests, edited, self.student.generate(edited), strict=True)
        ]

    def score_responses(self, requests: Sequence[Request], responses: Sequence[str]) -> list[Likelihood]:
        """Tell how likely each response is under the edits."""
        edited = {request.id: self.edited(request) for request in {each.id: each for each in requests}.values()}
        return self.student.score_responses([edited[request.id] for request in requests], responses)

    def edited(self, request: Request) -> Request:
        """The request with the edits in its last turn that this asks about; itself where there are none."""
        hits = find_edits([self.memory], request.messages[-1].content, self.k)
        return under_edits(request.messages, hits) if any(hit.passed for hit in hits) else request


@contextmanager
def asked_student(
    folder: Path | str, roles: Roles, sampling: Sampling, memory: OwnMemory | None, *, stage: str = "evaluation"
) -> Iterator[LedgeredModel | UnderEdits]:
    """Open a student that is asked as that student: under its memory, where it has one.

    Args:
        folder: Folder of its weights.
        roles: Who answers for the student.
        sampling: How tokens are drawn.
        memory: Its memory, as `own_memory` finds it beside the weights; None for none.
        stage: Who asks, for the accounts.

    Yields:
        LedgeredModel | UnderEdits: The student.

    Raises:
        EditError: The memory cannot be read.
    """
    with bind("student", roles, stage=stage, folder=folder, sampling=sampling) as student:
        if memory is None:
            yield student
            return
        with EditMemory.open(memory.folder, open_embedder(memory.embedder)) as edits:
            yield UnderEdits(student, edits, memory.k)


def generate_under_edits(
    benchmark: Benchmark,
    model: ModelRef,
    memory: Path,
    embedder: str,
    k: int,
    sampling: Sampling,
    by_benchmark: ByBenchmark,
    roles: Roles,
) -> list[Completion]:
    """Ask the student every prompt of the benchmark once, under the edits of its memory.

    Args:
        benchmark: What is asked.
        model: The student's weights.
        memory: Folder of its memory.
        embedder: What edits are found by.
        k: Most edits that a question may find.
        sampling: How tokens are drawn.
        by_benchmark: What differs for this benchmark.
        roles: Who answers for the student.

    Returns:
        A completion per distinct prompt; each says which memory, by its head, it was drawn under. Where a benchmark
        holds the facts to be as they were before the edits, the student is asked without its memory.

    Raises:
        ConfigError: Some items give their responses, and the student stands behind an address.
        EditError: The memory cannot be read.
    """
    if not benchmark.under_edits:
        return generate_responses(benchmark, model, sampling, by_benchmark, roles)
    sampling = own(sampling, "sampling", benchmark.name, by_benchmark)
    with asked_student(model.path, roles, sampling, OwnMemory(memory, embedder, k)) as student:
        responses = ask_student(benchmark, student)
        head = student.memory.head if isinstance(student, UnderEdits) else ""
        return drawn_from(responses, model, sampling, student.computed, memory=head)
