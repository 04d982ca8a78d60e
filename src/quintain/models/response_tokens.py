"""A prompt and the response to it as token ids: what a student is asked with, and what it has to write then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from jinja2 import TemplateError

from quintain.errors import ModelError
from quintain.models.chat_tokens import ChatEncoder, Mark
from quintain.models.reasoning_style import REASONING_FIELDS, ReasoningStyle, opens
from quintain.models.stand_ins import StandIns
from quintain.models.system_turns import Turn
from quintain.reasoning import THINK

_NEXT = "And the glasshouse?"


@dataclass(frozen=True)
class Exchange:
    """A prompt and the response to it."""

    prompt: str
    """Text of the prompt."""
    prompt_ids: list[int]
    """The ids that generation would begin with."""
    learned: str
    """Text behind it, up to an end token."""
    learned_ids: list[int]
    """Its ids, an end token last."""


class ResponseEncoder:
    """Encodes responses behind the very prompt that generation uses, closed as the chat template closes them.

    Few templates render a chat with its response as the prompt and something behind it: some move the turn's opening,
    open reasoning in the prompt alone, or leave former thoughts out. So the response is taken out of the rendered chat
    and put behind the prompt: with what the template writes between the two where the prompt stands unchanged, else
    with the end of a trace that the prompt opened, or with nothing. Behind it stands what the template writes there, up
    to the first token that ends a completion of this model; where there is none, the one that does.

    Args:
        encoder: Encoder of the student's tokenizer.
        ends: Ids of all tokens that end a completion of the student.
        style: Marks of its reasoning.
        where: The student, for messages.

    Raises:
        ModelError: No token ends a completion.
    """

    def __init__(self, encoder: ChatEncoder, ends: Collection[int], style: ReasoningStyle, where: str) -> None:
        if not ends:
            raise ModelError(
                f"no token ends a response of {where}, so a student cannot learn to stop; name `eos_token` in its "
                "tokenizer_config.json, or `eos_token_id` in its generation_config.json"
            )
        self.style = style
        self.chats = encoder
        self._ends = frozenset(ends)

    def encode(self, turns: Sequence[Turn], response: str, reasoning: str = "") -> Exchange | None:
        """Encode a chat and the response to it.

        Args:
            turns: The turns before the response.
            response: The response.
            reasoning: Reasoning to be learned before it; empty: none.

        Returns:
            The prompt and what is learned; None when the template does not render the response word for word.

        Raises:
            ModelError: A turn holds half of a surrogate pair, or text that the tokenizer cannot keep.
            TemplateError: The template refuses the chat.
        """
        prompt = self.chats.encoded(turns, add_generation_prompt=True)
        stand_ins = self.chats.stand_ins([*(turn["content"] for turn in turns), response, reasoning])
        hidden = [{**turn, "content": stand_ins.hide(turn["content"])} for turn in turns]
        parts = stand_ins.hide(reasoning), stand_ins.hide(response)
        turn = {"role": "assistant", "content": parts[1]} | dict.fromkeys(
            REASONING_FIELDS if reasoning else (), parts[0]
        )
        whole = self.chats.renderer.render([*hidden, turn])
        asked = self.chats.renderer.render(hidden, add_generation_prompt=True)
        at = whole.rfind(parts[1])
        if at < 0:
            return None
        before, behind = whole[:at], whole[at + len(parts[1]) :]
        asking = hidden[-1]["content"].strip()
        opening = self._opening(asked, before, before[before.rfind(asking) + len(asking) :], parts[0])
        learned = opening + parts[1] + self._closing(behind)
        return self._behind(prompt.text, prompt.marks, prompt.ids, learned, stand_ins)

    def _behind(
        self, prompt: str, marks: Sequence[Mark], prompt_ids: list[int], learned: str, stand_ins: StandIns
    ) -> Exchange:
        written = self.chats.marks(learned)
        text = stand_ins.show(learned)
        ids = self.chats.ids(prompt + text, [*marks, *(mark.moved(len(prompt)) for mark in written)])
        # Where the end of the prompt melts into the beginning of the response, generation begins between them.
        melts = ids[: len(prompt_ids)] != prompt_ids
        ids = self.chats.ids_behind(text, written) if melts else ids[len(prompt_ids) :]
        if ids[-1] not in self._ends:  # a token of the vocabulary that no text is read as
            ids = [*ids, self._end]
            text += self._end_text
        return Exchange(prompt, prompt_ids, text, ids)

    def _opening(self, asked: str, before: str, between: str, reasoning: str) -> str:
        """Text between the prompt and the response; `between` stands between the last turn and the response."""
        frame = before[len(asked) :] if before.startswith(asked) else None
        opening, closing = self.style.tags or THINK
        if reasoning:
            if frame is not None and reasoning in frame:
                return frame
            opened = "" if self.style.opened else f"{opening}\n"
            return f"{opened}{reasoning}\n{closing}\n\n"
        if frame is not None:
            return frame
        if not self.style.opened:
            return ""
        # The template's own way to say that there was no reasoning, where it has one.
        closed = between.rfind(closing)
        return between[closed:] if closed >= 0 and not opens(between, (opening, closing)) else f"{closing}\n\n"

    def _closing(self, behind: str) -> str:
        """Text behind the response, up to an end token."""
        end = next((mark for mark in self.chats.marks(behind) if mark.id in self._ends), None)
        if end:
            return behind[: end.end]
        return behind.rstrip() + (self._end_text if self.chats.marks(self._end_text) else "")

    @property
    def _end_text(self) -> str:
        return str(self.chats.tokenizer.convert_ids_to_tokens(self._end))

    @cached_property
    def _end(self) -> int:
        """The end token for a template that writes none: the one that opens the next turn, else the tokenizer's."""
        chat = [{"role": role, "content": _NEXT} for role in ("user", "assistant", "user")]
        try:
            longer, shorter = (self.chats.renderer.render(chat[:count]) for count in (3, 2))
        except TemplateError:
            longer = shorter = ""
        behind = self.chats.marks(longer[len(shorter.rstrip()) :]) if longer.startswith(shorter.rstrip()) else []
        if behind and behind[0].id in self._ends:
            return behind[0].id
        eos = self.chats.tokenizer.eos_token_id
        return int(eos) if eos in self._ends else min(self._ends)
