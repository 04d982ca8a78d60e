"""Whoever answers: a model under its edit memories."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from quintain.methods.lte import EditMemory, Hit, compose
from quintain.methods.lte.edits import slot_of
from quintain.models.local import LocalModel
from quintain.records import Message, Request


@dataclass(frozen=True)
class Question:
    """What the model is asked, and which edits are part of it."""

    model: LocalModel
    """Who is asked."""
    request: Request
    """The chat, its last turn under the edits."""
    edits: tuple[Hit, ...]
    """The edits that passed the gate; without any the chat is untouched."""

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

    def question(self, chat: Sequence[Message]) -> Question:
        """Put the last turn of a chat under the edits that it asks about.

        Args:
            chat: The turns so far; the last one is the user's.

        Returns:
            What to ask. For a chat of one turn it is the request that any pipeline would make of it.

        Raises:
            EditError: A memory cannot be read.
        """
        *earlier, last = chat
        edits = self._edits(last.content)
        asked = compose(last.content, edits)
        if earlier:
            asked = replace(asked, id="", messages=(*earlier, *asked.messages))
        return Question(self.model if edits else self.original or self.model, asked, tuple(edits))

    def _edits(self, text: str) -> list[Hit]:
        found: dict[object, Hit] = {}
        for memory in self.memories:
            passed = [hit for hit in memory.search(text, self.k) if hit.passed]
            found |= {slot: hit for hit in passed if (slot := slot_of(hit.edit)) not in found}
        return list(found.values())
