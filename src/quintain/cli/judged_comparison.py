"""A judged comparison of two models: both respond, the judge is tried, then it compares in both orders."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quintain.benchmarks.judged.instruction_set import InstructionSet
from quintain.benchmarks.judged.preferences import Preference, Trial, control_matchups, preferences, read_trial
from quintain.errors import QualityError, RecordError
from quintain.methods import lion
from quintain.methods.lion import LionParams
from quintain.models.forecast import expected_usage
from quintain.records import Completion, Response
from quintain.usage import RoleUsage, Usage

if TYPE_CHECKING:
    from quintain.models.language_model import LanguageModel

logger = logging.getLogger(__name__)

_CHARS_PER_TOKEN = 4
_REVIEW_TOKENS = 150
"""Length of a review, which explains itself in a few sentences."""


@dataclass(frozen=True)
class Judged:
    """Outcomes of a judged comparison of two models' responses."""

    outcomes: list[Preference]
    trial: Trial
    usage: Usage
    """Calls to the judge, its trial included, and their tokens."""
    unanswered: int
    """Instructions that one of the two could not respond to."""


def forecast_judging(asked: InstructionSet, response_tokens: int, params: LionParams) -> RoleUsage:
    """Foretell what the judge will be asked, before either model has responded.

    Args:
        asked: The instructions.
        response_tokens: Expected length of a response.
        params: Number of controls.

    Returns:
        Calls in both orders, those of the trial included, and their tokens; what is asked again is not foreseen.
    """
    blank = {each.id: Response(instruction_id=each.id, role="student", text="-", finish_reason="stop")
             for each in asked.instructions}  # fmt: skip
    requests = lion.ask_referee(lion.matchups(asked.instructions, blank, blank, params), params)
    chars = sum(len(turn.content) for each in requests for turn in each.messages)
    calls = len(requests) + 2 * min(params.controls, len(asked.instructions))
    usage = expected_usage(calls, chars / len(requests) / _CHARS_PER_TOKEN + 2 * response_tokens, _REVIEW_TOKENS)
    return RoleUsage(usage.calls, usage.prompt_tokens, usage.completion_tokens, role="judge")


def respond(asked: InstructionSet, model: "LanguageModel") -> dict[str, Response]:
    """Let a model respond to a set.

    Args:
        asked: The instructions.
        model: The model.

    Returns:
        Instruction id → response; none where the model could not respond.
    """
    completions = model.generate(lion.ask_responses(asked.instructions))
    responses = lion.read_responses(asked.instructions, completions, "student")
    return {each.instruction_id: each for each in responses if each.finish_reason != "error"}


def judge_responses(
    asked: InstructionSet,
    first: Mapping[str, Response],
    second: Mapping[str, Response],
    judge: "LanguageModel",
    params: LionParams,
) -> Judged:
    """Try the judge, let it compare in both orders, and ask once more where it is unread or contradicts itself.

    Args:
        asked: The instructions.
        first: Responses of the first model.
        second: Responses of the second model.
        judge: Who compares.
        params: How reviews are asked for and read.

    Returns:
        The outcomes.

    Raises:
        QualityError: The judge fails its trial; nothing else was asked then.
        RecordError: There is no instruction that both responded to.
    """
    both = [each for each in asked.instructions if each.id in first and each.id in second]
    if not both:
        raise RecordError(f"there is no instruction of {asked.name} that both models responded to")
    completions: list[Completion] = []

    def reviews_of(matchups: Sequence[lion.Matchup]) -> list[Any]:
        answers = judge.generate(lion.ask_referee(matchups, params))
        completions.extend(answers)
        return lion.read_reviews(matchups, answers, params)

    controls = control_matchups(asked, first, params)
    trial = read_trial(controls, reviews_of(controls), params)
    if trial.complaint:
        raise QualityError(
            f"the judge {judge.name} is not fit to compare: {trial.complaint}. Bind another model "
            "(roles.bindings.judge); its replies stand in the ledger"
        )
    reviews = reviews_of(lion.matchups(both, first, second, params))
    again = set(lion.to_ask_again(reviews))
    reviews += reviews_of(lion.matchups([each for each in both if each.id in again], first, second, params, sample=1))
    return Judged(
        outcomes=preferences(asked, first, second, reviews, params),
        trial=trial,
        usage=Usage.of(completions),
        unanswered=len(asked.instructions) - len(both),
    )
