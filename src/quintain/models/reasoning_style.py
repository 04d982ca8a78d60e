"""Reasoning as one model writes it, told apart from its responses."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateError

from quintain.models.chat_rendering import ChatRenderer
from quintain.models.folder import MODEL_REPORT, base_named_by, is_adapter
from quintain.models.importing.reasoning_tags import reasoning_tags
from quintain.reasoning import KNOWN_TAGS, Tags, Told, tell_apart, with_trace

_ASKED = "Tell me of the walled garden."
_REASONING = "They may want to know of fruit."
_RESPONSE = "Pears grow on the south wall."

REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
"""Names under which templates, servers and data sets have the reasoning of a turn."""


@dataclass(frozen=True, kw_only=True)
class ReasoningStyle:
    """Marks of a model's reasoning."""

    tags: Tags | None = None
    """Opening and closing tag; None: it knows none."""
    opened: bool = False
    """True when the prompt opens reasoning, so that a completion has a closing tag alone."""
    response_mark: str = ""
    """Text with which the model opens a response, where reasoning and response are channels of a turn."""

    @property
    def marks(self) -> tuple[str, ...]:
        """All of these texts."""
        return tuple(mark for mark in (*(self.tags or ()), self.response_mark) if mark)

    def written(self, raw: str) -> str:
        """A completion as Quintain keeps it: its reasoning between `<think>` and `</think>`.

        Args:
            raw: What the model wrote; of its special tokens those in `marks` are still there.

        Returns:
            The completion; one without reasoning as it stands.
        """
        if self.tags is None:
            return raw
        told = self._of_channels(raw, self.tags) if self.response_mark else self._of_tags(raw, self.tags)
        return raw if told.response == raw else with_trace(told)

    def _of_tags(self, raw: str, tags: Tags) -> Told:
        return tell_apart(raw, [tags], opened=self.opened)

    def _of_channels(self, raw: str, tags: Tags) -> Told:
        before, mark, response = raw.rpartition(self.response_mark)
        reasoning = tell_apart(before if mark else raw, [tags], opened=self.opened)
        if mark:
            return Told(response.strip(), reasoning.reasoning)
        return reasoning if reasoning.cut else Told(raw, "")


def reasoning_style(renderer: ChatRenderer, folder: Path | None = None) -> ReasoningStyle:
    """Find out how a model marks its reasoning: by the report of its import, else by its chat template.

    Args:
        renderer: Renders its template.
        folder: Folder of the model, where its report may lie.

    Returns:
        The marks.
    """
    asked = {"role": "user", "content": _ASKED}
    responded = {"role": "assistant", "content": _RESPONSE}
    reasoned = responded | dict.fromkeys(REASONING_FIELDS, _REASONING)
    try:
        prompt = renderer.render([asked], add_generation_prompt=True)
        plain = renderer.render([asked, responded])
        thoughtful = renderer.render([asked, reasoned])
    except TemplateError:
        return ReasoningStyle(tags=reasoning_tags(renderer.template))
    frame = _before(plain, prompt, _RESPONSE)
    tags = (folder and _reported(folder)) or reasoning_tags(renderer.template)
    if tags is None and (opening := _before(thoughtful, prompt, _REASONING)):
        closing = _before(thoughtful, thoughtful[: thoughtful.index(_REASONING) + len(_REASONING)], _RESPONSE)
        tags = opening.strip(), closing.removesuffix(frame).strip()
    if tags is None or not all(tags):
        return ReasoningStyle()
    tail = prompt[prompt.rfind(_ASKED) + len(_ASKED) :]
    traces = (tags, reasoning_tags(renderer.template) or tags, *KNOWN_TAGS)
    channel = "" if any(tag in frame for pair in traces for tag in pair) else frame.strip()
    if channel and (opening := _before(thoughtful, prompt, _REASONING).strip()):
        tags = opening, tags[1]
    return ReasoningStyle(tags=tags, opened=opens(tail, tags), response_mark=channel)


def _before(whole: str, known: str, wanted: str) -> str:
    """Text between a known beginning and what is wanted; empty where one of them is not there."""
    behind = whole[len(known) :] if whole.startswith(known) else ""
    return behind[: behind.index(wanted)] if wanted in behind else ""


def opens(text: str, tags: Sequence[str]) -> bool:
    """True when a text ends inside of a trace."""
    return text.rfind(tags[0]) > text.rfind(tags[1])


def _reported(folder: Path) -> Tags | None:
    """The tags that the report of an import names; None where there is no report, or one of another version."""
    file = (base_named_by(folder) if is_adapter(folder) else folder) / MODEL_REPORT
    try:
        opening, closing = json.loads(file.read_bytes())["template"]["reasoning_tags"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(opening), str(closing)
