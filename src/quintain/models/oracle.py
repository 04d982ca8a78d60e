"""The oracles of the embedded worlds as language models: exact, free, and without a network."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from quintain.almanac.oracle import complete
from quintain.almanac.referee import RefereeFlaws
from quintain.almanac.world import world_from_json
from quintain.models.language_model import Sampling
from quintain.records import Completion, Origin, Request, content_id


class Oracle(ABC):
    """A model that answers from the fields of a request, by rule.

    Args:
        name: Identity of the oracle and of what it knows.
        sampling: Part of a call's identity; an oracle draws from the request alone.
    """

    def __init__(self, name: str, sampling: Sampling) -> None:
        self.name, self.sampling = name, sampling

    @abstractmethod
    def complete(self, request: Request) -> str:
        """Answer one request; a ValueError or KeyError says that it is not of this world."""

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Answer each request; one that is not of this world gives a completion with finish_reason `error`."""
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Completion:
        origin = Origin(parents=(request.id,), prompt=request.prompt, model=self.name, seed=self.sampling.seed)
        try:
            text = self.complete(request)
        except (ValueError, KeyError, StopIteration) as error:  # fields that another model wrote may be of no world
            why = str(error) if isinstance(error, ValueError) else f"the fields are none of this world: {error!r}"
            return Completion(request_id=request.id, text=why, finish_reason="error", origin=origin)
        return Completion(
            request_id=request.id,
            text=text,
            finish_reason="stop",
            # Words stand for tokens, so that accounting works in the embedded worlds too.
            prompt_tokens=sum(len(message.content.split()) for message in request.messages),
            completion_tokens=len(text.split()),
            origin=origin,
        )


class OracleModel(Oracle):
    """The almanac's oracle.

    Args:
        world: The JSON of the dataset `world`.
        sampling: Part of a call's identity; the oracle draws from the request alone.
        flaws: How it errs as Lion's referee; part of its name.

    Raises:
        ValueError: The JSON is no world.
    """

    def __init__(self, world: dict[str, Any], sampling: Sampling, flaws: RefereeFlaws | None = None) -> None:
        self._world = world_from_json(world)
        self._flaws = flaws or RefereeFlaws()
        identity = content_id(world, asdict(flaws)) if flaws else content_id(world)
        super().__init__(f"oracle:almanac@{identity}", sampling)

    def complete(self, request: Request) -> str:
        """Answer one request of the almanac."""
        return complete(self._world, request, self._flaws)


class PacksOracle(Oracle):
    """The oracle of the exact packs' training items; what it knows is the version of the packs."""

    def __init__(self, sampling: Sampling) -> None:
        from quintain.packs.build import DRAWN

        super().__init__(f"oracle:packs@{DRAWN}", sampling)

    def complete(self, request: Request) -> str:
        """Answer one request about a training item."""
        from quintain.packs.oracle import complete as complete_exercise

        return complete_exercise(request)
