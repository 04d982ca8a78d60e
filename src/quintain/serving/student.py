"""Student that answers: a model under its edit memories."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from quintain.edit_memory import EditMemory
from quintain.edit_memory.moments import Moment
from quintain.methods.lte import Hit, compose
from quintain.methods.lte.edits import slot_of
from quintain.models.local import LocalModel
from quintain.records import Completion, Message, Request
from quintain.text.surrogates import without_surrogates


def find_edits(memories: Sequence[EditMemory], text: str, k: int, as_of: Moment | None = None) -> tuple[Hit, ...]:
    """Find what several memories hold about a question.

    Args:
        memories: Asked in this order; an edit hides those of later memories that fill the same slot.
        text: The question.
        k: Most edits of a memory to look at.
        as_of: A time to ask what the memories said then; now by default.

    Returns:
        Edits that passed the gate, then the others.

    Raises:
        EditError: A memory cannot be read, k is not positive, or as_of is no time.
    """
    hits = [hit for memory in memories for hit in memory.search(text, k, as_of)]
    passed: dict[object, Hit] = {}
    for hit in hits:
        if hit.passed:
            passed.setdefault(slot_of(hit.edit), hit)
    return (*passed.values(), *(hit for hit in hits if not hit.passed))


def under_edits(chat: Sequence[Message], hits: Sequence[Hit]) -> Request:
    """Put the last turn of a chat under edits.

    Args:
        chat: The turns so far; the last one is the user's.
        hits: What memories found; those that did not pass the gate are left out.

    Returns:
        The request. For a chat of one turn and no edit it is the one that any pipeline would make of it.
    """
    *earlier, last = chat
    asked = _whole(compose(last.content, hits))
    return replace(asked, id="", messages=(*earlier, *asked.messages)) if earlier else asked


@dataclass(frozen=True)
class Question:
    """Question to the model, and the edits that are part of it."""

    model: LocalModel
    """Who is asked."""
    request: Request
    """The chat, its last turn under the edits."""
    hits: tuple[Hit, ...]
    """What the memories found."""

    @property
    def edits(self) -> tuple[Hit, ...]:
        """The edits that passed the gate, in their order in the prompt; without any the chat is untouched."""
        return tuple(hit for hit in self.hits if hit.passed)

    def samples(self, n: int) -> list[Request]:
        """The request n times, each for a draw of its own."""
        return [replace(self.request, id="", sample=sample) for sample in range(n)]


@dataclass(frozen=True)
class Student:
    """A model and the memories that it answers under.

    A memory is read anew with every question: an edit that another process put in force a moment ago counts.
    """

    name: str
    """How clients call it."""
    model: LocalModel
    """The model; its sampling holds wherever a client leaves something out."""
    memories: tuple[EditMemory, ...] = ()
    """Asked in this order; an edit hides those of later memories that fill the same slot."""
    original: LocalModel | None = None
    """The model before it learned to use edits, which answers what no edit is about; the model itself when None."""
    k: int = 3
    """Most edits of a memory that a question may find."""

    def question(self, chat: Sequence[Message], *, k: int | None = None, as_of: Moment | None = None) -> Question:
        """Put the last turn of a chat under the edits that it asks about.

        Args:
            chat: The turns so far; the last one is the user's.
            k: Most edits of a memory to look at; the student's own number by default.
            as_of: A time to answer as the memories stood then; now by default.

        Returns:
            What to ask. For a chat of one turn it is the request that any pipeline would make of it.

        Raises:
            EditError: A memory cannot be read, k is not positive, or as_of is no time.
        """
        hits = find_edits(self.memories, chat[-1].content, self.k if k is None else k, as_of)
        asked = under_edits(chat, hits)
        edited = any(hit.passed for hit in hits)
        return Question(self.model if edited else self.original or self.model, asked, hits)

    def respond(
        self, questions: Sequence[str], *, k: int | None = None, as_of: Moment | None = None
    ) -> list[tuple[Question, Completion]]:
        """Answer questions that have nothing to do with each other.

        Args:
            questions: The questions.
            k: Most edits of a memory to look at; the student's own number by default.
            as_of: A time to answer as the memories stood then; now by default.

        Returns:
            What was asked and what was said, per question.

        Raises:
            EditError: A memory cannot be read, k is not positive, or as_of is no time.
        """
        asked = [self.question([Message(role="user", content=text)], k=k, as_of=as_of) for text in questions]
        said: dict[int, Completion] = {}
        for model in dict.fromkeys(one.model for one in asked):
            places = [place for place, one in enumerate(asked) if one.model is model]
            said |= zip(places, model.generate([asked[place].request for place in places]), strict=True)
        return [(one, said[place]) for place, one in enumerate(asked)]


def _whole(request: Request) -> Request:
    """A request without halves of surrogate pairs, which an edit of old may hold and no tokenizer reads."""
    messages = tuple(replace(turn, content=without_surrogates(turn.content)) for turn in request.messages)
    return request if messages == request.messages else replace(request, id="", messages=messages)
