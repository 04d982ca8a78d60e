"""A model whose answers are looked up in the ledger before they are asked for, and kept in it."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Self

from quintain.errors import ModelError
from quintain.models.language_model import (
    ClosingModel,
    ComputingModel,
    ForcedModel,
    LanguageModel,
    Likelihood,
    Sampling,
    ScoringModel,
    StreamingModel,
)
from quintain.models.ledger import Ledger, call_key, of_weights
from quintain.records import Completion, Request
from quintain.usage import Usage

logger = logging.getLogger(__name__)

_CHUNK_CALLS = 256


class LedgeredModel:
    """A model whose answers are looked up before they are asked for.

    As a context manager it ends what was started for it.

    Args:
        model: The model behind.
        ledger: Where answers are kept.
        role: Role that asks, for the accounts.
        stage: Pipeline that asks, for the accounts.
    """

    def __init__(self, model: LanguageModel, ledger: Ledger, role: str, stage: str = "") -> None:
        self._model = model
        self._ledger = ledger
        self._role = role
        self._stage = stage
        self.asked = 0

    @property
    def name(self) -> str:
        """Identity of the model behind."""
        return self._model.name

    @property
    def sampling(self) -> Sampling:
        """Sampling of the model behind."""
        return self._model.sampling

    @property
    def computed(self) -> dict[str, str]:
        """Computation of the model behind: its engine, and the number format where that is known."""
        if isinstance(self._model, ComputingModel):
            return self._model.computed
        return {"engine": self.name.partition(":")[0]}

    @property
    def predicts_forced(self) -> bool:
        """True when `predict_forced` works: the weights are in this process."""
        return isinstance(self._model, ForcedModel)

    @property
    def scores_responses(self) -> bool:
        """True when `score_responses` works: the weights are in this process."""
        return isinstance(self._model, ScoringModel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self._model, ClosingModel):
            self._model.close()

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request; only calls that the ledger does not know reach the model, each once.

        Answers of a model that streams are kept as they come, those of any other in chunks: a kill loses at most the
        calls in flight. Failed calls are handed on but not kept, so that a later run asks them again.
        """
        keys = [call_key(self.name, self.sampling, request) for request in requests]
        with self._ledger.held():
            known = self._ledger.answered(list(dict.fromkeys(keys)))
            missing = {key: request for key, request in zip(keys, requests, strict=True) if key not in known}
            if len(missing) < len(requests):
                self._ledger.count_reuse(self._role, self._stage, self.name, len(requests) - len(missing))
            todo = list(missing.items())
            for batch in self._completed(list(missing.values())):
                known |= self._keep([(*todo[index], completion) for index, completion in batch])
        completions = [self._own(known[key]) for key in keys]
        self._count_reasoning(completions)
        return completions

    def _own(self, completion: Completion) -> Completion:
        """The completion under this model's name, where another student of the same weights was asked."""
        asked = completion.origin.model
        if asked == self.name or of_weights(asked) != of_weights(self.name):
            return completion
        return replace(completion, origin=replace(completion.origin, model=self.name))

    def _count_reasoning(self, completions: Sequence[Completion]) -> None:
        reasoned = sum(bool(completion.told.reasoning) for completion in completions)
        if reasoned:
            logger.info(
                "%s, %s: %d of %d completions reasoned before they responded, %d without coming to a response",
                self._role, self.name, reasoned, len(completions),
                sum(bool(completion.told.reasoning) and not completion.response for completion in completions),
            )  # fmt: skip

    def predict_forced(self, requests: Sequence[Request], targets: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """Predict each token of a given response from all right ones before it; the ledger keeps nothing of it.

        Args:
            requests: What is asked.
            targets: The response to each.

        Returns:
            The likeliest tokens and the tokens of the target, of one length, per request.

        Raises:
            ModelError: The weights are not in this process.
        """
        if not isinstance(self._model, ForcedModel):
            raise ModelError(
                f"{self.name} cannot be held to a given response: that takes the weights in this process "
                f"(roles.bindings.{self._role}: the backend `local`)"
            )
        return self._model.predict_forced(requests, targets)

    def score_responses(self, requests: Sequence[Request], responses: Sequence[str]) -> list[Likelihood]:
        """Tell how likely each response is; the ledger keeps nothing of it, since nothing is paid for it.

        Args:
            requests: What is asked.
            responses: A response to each.

        Returns:
            A likelihood per response, in order.

        Raises:
            ModelError: The weights are not in this process: an address gives text, and no likelihood of a given one.
        """
        if not isinstance(self._model, ScoringModel):
            raise ModelError(
                f"{self.name} cannot say how likely a given response is: that takes the weights in this process "
                f"(roles.bindings.{self._role}: the backend `local`)"
            )
        return self._model.score_responses(requests, responses)

    def _completed(self, requests: list[Request]) -> Iterator[list[tuple[int, Completion]]]:
        if not requests:
            return
        if isinstance(self._model, StreamingModel):
            yield from self._model.stream(requests)
            return
        for start in range(0, len(requests), _CHUNK_CALLS):
            yield list(enumerate(self._model.generate(requests[start : start + _CHUNK_CALLS]), start))

    def _keep(self, calls: list[tuple[str, Request, Completion]]) -> dict[str, Completion]:
        self.asked += len(calls)
        good = [call for call in calls if call[2].finish_reason != "error"]
        failed = {key: completion for key, _, completion in calls if completion.finish_reason == "error"}
        lost = Usage.of(failed.values())
        if lost.tokens:
            self._ledger.count_failures(self._role, self._stage, self.name, lost)
        return failed | self._ledger.keep(self._role, self._stage, self.name, good)
