"""Items of a task: what a chat is asked, the responses whose likelihoods are asked, and the gold."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintain.benchmarks.harness.library import library
from quintain.benchmarks.harness.opened_task import OpenedTask
from quintain.errors import ConfigError, RecordError
from quintain.records import Message, Record, Request

Chat = tuple[Message, ...]


@dataclass(frozen=True, kw_only=True)
class HarnessItem(Record):
    """One question of a task of the harness."""

    task: str
    """Name of the task."""
    number: int
    """Place of its row in the task's data, from 0."""
    category: str
    """Category that is reported apart."""
    chats: tuple[Chat, ...]
    """What is asked; more than one where a task weighs one response behind several prompts."""
    responses: tuple[str, ...] = ()
    """Responses whose likelihoods are asked, one chat for all of them or one for each; empty where the model writes."""
    gold: str
    """What the task holds to be right, as text."""
    level: int = 1
    """Always 1: tasks have no levels."""

    @property
    def prompt(self) -> str:
        """The last turn, which is the question."""
        return self.chats[0][-1].content

    @property
    def cluster(self) -> str:
        """Its own id: no question stands or falls with another."""
        return self.id

    def pairs(self) -> list[tuple[Request, str]]:
        """A request and a response to it, for each likelihood that is asked."""
        chats = self.chats if len(self.chats) > 1 else self.chats * len(self.responses)
        return [(self._asking(chat), response) for chat, response in zip(chats, self.responses, strict=True)]

    def request(self) -> Request:
        """The question as it is asked; of several chats the first stands for the item."""
        return self._asking(self.chats[0])

    def _asking(self, chat: Chat) -> Request:
        return Request(prompt=f"harness/{self.task}", fields={"item": self.id}, messages=chat)


def task_items(opened: OpenedTask, shots: int | None, limit: int) -> Iterator[HarnessItem]:
    """Make the items of a task.

    Args:
        opened: The task.
        shots: Examples before each question; None for the task's own number.
        limit: Most items, the first ones; 0 for all.

    Yields:
        The items in the order of the data.

    Raises:
        RecordError: A template does not go with a row, or a gold is none of those that there may be; names task, row.
        ConfigError: The task has no examples to show.
    """
    task = opened.task
    shots = int(task.config.num_fewshot or 0) if shots is None else shots
    for number, row in enumerate(task.eval_docs):
        if limit and number >= limit:
            return
        where = f"task {opened.name}, row {number + 1}"
        try:
            context = task.fewshot_context(
                row, num_fewshot=shots, apply_chat_template=True, fewshot_as_multiturn=True, chat_template=as_json
            )
            asked = task.construct_requests(
                doc=row, ctx=context, metadata=(opened.name, number, 1), apply_chat_template=True, chat_template=as_json
            )
            gold = task.doc_to_target(row)
            choices = task.doc_to_choice(row) if task.OUTPUT_TYPE == "multiple_choice" else []
            among = library("utils").apply_template(opened.gold_among, row).split() if opened.gold_among else []
        except Exception as error:  # templates and functions of others may raise anything
            if shots and not number:
                raise ConfigError(f"{where}: {shots} examples cannot be shown (`shots`): {error}") from error
            raise RecordError(f"{where}: a template of the task does not go with it: {error}") from error
        _check_gold(gold, choices, among, task, row, where)
        yield _item(opened, number, asked, gold)


def as_json(turns: Sequence[Mapping[str, str]], add_generation_prompt: bool = True) -> str:
    """Write a chat down in place of rendering it: each student has its own template."""
    return json.dumps(list(turns), ensure_ascii=False)


def chat_of(context: str) -> Chat:
    """Read what `as_json` wrote; a context without turns is one of the user.

    >>> [turn.role for turn in chat_of('[{"role": "system", "content": "Be brief."}]')], chat_of("[1]")[0].content
    (['system'], '[1]')
    """
    try:
        return tuple(Message(role=turn["role"], content=turn["content"]) for turn in json.loads(context))
    except (ValueError, TypeError, KeyError):
        return (Message(role="user", content=context),)


def _item(opened: OpenedTask, number: int, asked: Any, gold: Any) -> HarnessItem:
    whole = asked if isinstance(asked, list) else [asked]
    contexts = list(dict.fromkeys(each.args[0] for each in whole))
    return HarnessItem(
        task=opened.name,
        number=number,
        category=opened.category,
        chats=tuple(chat_of(each.args[0]) for each in whole) if len(contexts) > 1 else (chat_of(contexts[0]),),
        responses=() if opened.writes else tuple(str(each.args[1]) for each in whole),
        gold=str(gold),
    )


def _check_gold(gold: Any, choices: list[Any], among: list[str], task: Any, row: Any, where: str) -> None:
    """Refuse a gold that no response can meet: it would count against every student."""
    if among and str(gold) not in among:
        raise RecordError(f"{where}: the gold {gold!r} is none of {', '.join(among)}")
    if task.multiple_input:
        gold = task.doc_to_text(row)
    if not choices:
        return
    for each in gold if isinstance(gold, list) else [gold]:
        place = choices.index(each) if isinstance(each, str) and each in choices else each
        if not isinstance(place, int) or not 0 <= place < len(choices):
            raise RecordError(f"{where}: the gold {each!r} is out of the range of its {len(choices)} choices")
