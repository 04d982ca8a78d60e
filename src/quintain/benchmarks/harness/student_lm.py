"""A student as a model of lm-evaluation-harness, for its own `simple_evaluate`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from quintain.benchmarks.harness.benchmark import cut
from quintain.benchmarks.harness.items import as_json, chat_of
from quintain.benchmarks.harness.library import library
from quintain.errors import ModelError
from quintain.records import Completion, Request

if TYPE_CHECKING:
    from lm_eval.api.model import LM


class Scored(Protocol):
    """Likelihood of a given response."""

    @property
    def nats(self) -> float:
        """Natural logarithm of its probability."""

    @property
    def greedy(self) -> bool:
        """True where a greedy model would write it."""

    @property
    def fault(self) -> str:
        """Reason why it could not be told; empty where it could."""


class Student(Protocol):
    """A student as its role gives it: behind the ledger, with its own chat template, adapter and sampling."""

    @property
    def name(self) -> str:
        """Identity of the model."""

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order."""

    def score_responses(self, requests: Sequence[Request], responses: Sequence[str]) -> Sequence[Scored]:
        """Tell how likely each response is."""


def student_lm(student: Student) -> "LM":
    """Make a student a model that `lm_eval.simple_evaluate` takes, with `apply_chat_template=True`.

    What it writes goes through the ledger, drawn as its role says: of a task's own generation settings only the stops
    count. Likelihoods come from the weights that are served.

    Args:
        student: The student, as `quintain.models.roles.bind` opens it.

    Returns:
        The model.

    Raises:
        ConfigError: The library is not installed.
    """
    base: Any = library("api.model").LM

    class StudentLM(base):
        """The student behind its role."""

        tokenizer_name = student.name

        def chat_template(self, chat_template: bool | str = False) -> str:
            """Nothing: each student has its own template, applied where it is asked."""
            return ""

        def apply_chat_template(self, chat_history: Any, add_generation_prompt: bool = True) -> str:
            """The turns as JSON."""
            return as_json(chat_history, add_generation_prompt)

        def generate_until(self, requests: Any, disable_tqdm: bool = False) -> list[str]:
            """Responses, cut at a task's stops; the empty text where the student could not respond."""
            asked = [_request(each.args[0]) for each in requests]
            unique = {each.id: each for each in asked}
            answers = dict(zip(unique, student.generate(list(unique.values())), strict=True))
            found = [answers[each.id] for each in asked]
            return [
                "" if completion.finish_reason == "error" else cut(completion.response, each.args[1])
                for each, completion in zip(requests, found, strict=True)
            ]

        def loglikelihood(self, requests: Any, disable_tqdm: bool = False) -> list[tuple[float, bool]]:
            """Log-likelihood of each continuation in nats, and whether a greedy student would write it."""
            pairs = [each.args[:2] for each in requests]
            scored = student.score_responses([_request(asked) for asked, _ in pairs], [text for _, text in pairs])
            if faults := [each.fault for each in scored if each.fault]:
                raise ValueError(f"{len(faults)} of {len(pairs)} likelihoods could not be told: {faults[0]}")
            return [(each.nats, each.greedy) for each in scored]

        def loglikelihood_rolling(self, requests: Any, disable_tqdm: bool = False) -> list[float]:
            """Refuse: nobody asks a chat how likely a whole text is."""
            raise ModelError("likelihoods of whole texts are not asked of a student; take another task")

    return StudentLM()


def _request(context: str) -> Request:
    return Request(prompt="harness/lm", fields={}, messages=chat_of(context))
