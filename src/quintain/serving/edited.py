"""A model under an edit memory: search, gate, compose, generate."""

from collections.abc import Sequence
from dataclasses import dataclass

from quintain.methods.lte import EditMemory, Hit, compose
from quintain.methods.lte.memory import Moment
from quintain.models.language_model import LanguageModel
from quintain.records import Completion


@dataclass(frozen=True, kw_only=True)
class EditedResponse:
    """A response and the edits behind it."""

    completion: Completion
    """What was generated."""
    hits: tuple[Hit, ...]
    """Edits that the question found; those that passed the gate stood in the prompt."""

    @property
    def cited(self) -> tuple[str, ...]:
        """Ids of the edits in the prompt, in their order there; empty when the question went on untouched."""
        return tuple(hit.id for hit in self.hits if hit.passed)


class EditedModel:
    """Answers under the edits that are in force when it is asked.

    Args:
        memory: The edits; what any process adds to it counts from the next question on.
        aligned: The model that learned to use edits.
        original: The model that it was made from, for questions that no edit passes to; the aligned one when None.
    """

    def __init__(self, memory: EditMemory, aligned: LanguageModel, original: LanguageModel | None = None) -> None:
        self._memory = memory
        self._aligned = aligned
        self._original = original or aligned

    def respond(self, questions: Sequence[str], *, k: int = 3, as_of: Moment | None = None) -> list[EditedResponse]:
        """Answer each question.

        Args:
            questions: The questions.
            k: Most edits to look at per question.
            as_of: A time to answer as the memory stood then; now by default.

        Returns:
            One response per question.

        Raises:
            EditError: k is not positive, or as_of is no time.
        """
        found = [self._memory.search(question, k, as_of) for question in questions]
        requests = [compose(question, hits) for question, hits in zip(questions, found, strict=True)]
        edited = [any(hit.passed for hit in hits) for hits in found]
        completions: dict[int, Completion] = {}
        for model, under_edits in ((self._aligned, True), (self._original, False)):
            places = [place for place, one in enumerate(edited) if one is under_edits]
            if places:
                completions |= zip(places, model.generate([requests[place] for place in places]), strict=True)
        return [EditedResponse(completion=completions[place], hits=tuple(hits)) for place, hits in enumerate(found)]
