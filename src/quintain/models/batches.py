"""Chats asked in batches: submitted as files, answered within a day, at half the price.

A batch is noted before it is submitted and carries the note's token in its metadata. A run that was killed at any point
finds its batch again, by its id or by the token, and submits nothing twice.
"""

import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from quintain.errors import BudgetSpent, ModelError
from quintain.models import refusals
from quintain.models.batch_api import BatchApi, NotSubmitted
from quintain.models.batch_lines import file_of, portions, replies_in
from quintain.models.batch_notes import BatchNotes, SubmittedBatch
from quintain.models.budget import Meter
from quintain.models.chat_completions import Reply
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.flight import Abandoned, Flight
from quintain.models.http_session import open_session
from quintain.models.keys import Key
from quintain.models.questions import Question
from quintain.usage import NOTHING, Usage

logger = logging.getLogger(__name__)

_MOST_SECONDS = 25 * 3600.0
"""Longest time from a submission to its end, as it is asked for, and an hour."""
_FIRST_POLL_SECONDS = 5.0
_LONGEST_POLL_SECONDS = 60.0
_OVER = ("completed", "expired", "cancelled")
_UNKNOWN = Question(b"", 0, NOTHING, 0)
"""Stands for a chat of a batch that is not asked for any more."""
Land = Callable[[str, Reply], None]


class BatchSender:
    """Submits chats in batches and waits for their replies.

    Args:
        settings: Where the model is.
        meter: The budget.
        notes: Batches that are under way.
        name: Identity of the model.
    """

    def __init__(self, settings: EndpointSettings, meter: Meter, notes: BatchNotes, name: str) -> None:
        self._settings = settings
        self._meter = meter
        self._notes = notes
        self._name = name
        self._read: list[tuple[SubmittedBatch, set[str]]] = []
        self.used = NOTHING

    @asynccontextmanager
    async def opened(self, key: Key, flight: Flight) -> AsyncIterator[None]:
        """Keep a session to the endpoint open, for one flight."""
        self._flight = flight
        self._read.clear()
        self.used = NOTHING
        async with open_session(self._settings.address, key) as session:
            self._api = BatchApi(self._settings, session, key, flight)
            with self._meter.opened():
                yield

    async def put(self, questions: Mapping[str, Question], land: Land) -> None:
        """Ask chats, those of them that no earlier run has submitted.

        Args:
            questions: Id → chat; the id is the same in every run.
            land: Takes each reply with its id; one without a reply is an `error`.

        Raises:
            BudgetSpent: The budget does not hold all of them; what it holds is answered.
            ModelError: The endpoint has no batches, refuses them, or cannot be reached.
            Abandoned: The flight ends; the batches go on and are found by the next run.
        """
        noted = [
            batch
            for batch in self._notes.of(self._name, self._settings.base)
            if not questions.keys().isdisjoint(batch.custom_ids)
        ]
        under_way = [found for batch in noted if (found := await self._found_again(batch))]
        known = {custom_id for batch in under_way for custom_id in batch.custom_ids}
        rest = {custom_id: question for custom_id, question in questions.items() if custom_id not in known}
        if under_way:
            logger.info("%s: %d batches are under way since an earlier run", self._name, len(under_way))
        if rest:
            self._foretell(rest)
        stopped: BudgetSpent | None = None
        for portion in portions(rest):
            try:
                under_way.append(await self._submit(portion))
            except BudgetSpent as error:
                stopped = error
                break
            if len(under_way[-1].custom_ids) < len(portion):
                stopped = BudgetSpent(f"{self._settings.where}: {self._meter.stopped(_most(portion))}")
                break
        await self._await(under_way, questions, land)
        if stopped:
            raise stopped

    def forget(self) -> None:
        """Forget what was read of batches: it is kept."""
        for batch, read in self._read:
            rest = tuple(one for one in batch.custom_ids if one not in read)
            if rest:  # others will ask for it
                self._notes.write(replace(batch, custom_ids=rest))
            else:
                self._notes.remove(batch)
        self._read.clear()

    def _foretell(self, questions: Mapping[str, Question]) -> None:
        most = _most(questions)
        read = sum(question.likely_tokens - question.most.completion_tokens for question in questions.values())
        price = self._settings.paid_price
        money = f", at most {price.of(Usage(0, read, most.completion_tokens)):.4g} in money" if price else ""
        logger.info(
            "%s: submitting %d requests as a batch, about %d tokens to read and at most %d to write%s",
            self._name, len(questions), read, most.completion_tokens, money,
        )  # fmt: skip

    async def _submit(self, portion: dict[str, Question]) -> SubmittedBatch:
        """Submit as many chats as the budget holds, from the first on."""
        held = list(portion)
        while not (
            reservation := self._meter.reserve(_most({one: portion[one] for one in held}), _MOST_SECONDS, outlives=True)
        ):
            if len(held) == 1:
                raise BudgetSpent(f"{self._settings.where}: {self._meter.stopped(portion[held[0]].most)}")
            held = held[: len(held) // 2]
        batch = SubmittedBatch(secrets.token_hex(8), self._name, self._settings.base, tuple(held), reservation)
        self._notes.write(batch)
        try:
            uploaded = await self._api.upload(file_of({one: portion[one] for one in held}))
        except (ModelError, Abandoned):
            self._give_up(batch)
            raise
        try:
            return self._notes.named(batch, await self._api.create(uploaded, batch.token))
        except NotSubmitted:
            self._give_up(batch)
            raise

    def _give_up(self, batch: SubmittedBatch) -> None:
        self._meter.settle(batch.reservation, NOTHING)
        self._notes.remove(batch)

    async def _found_again(self, batch: SubmittedBatch) -> SubmittedBatch | None:
        """The batch of a note; None when it never reached the provider."""
        if batch.batch_id:
            return batch
        try:
            found = await self._api.find(batch.token)
        except ModelError as error:
            raise ModelError(
                f"{error}. An earlier run may have submitted it (noted in {self._notes.path_of(batch)}): see at the "
                "provider what became of it; without the note its chats are submitted anew"
            ) from None
        if found:
            return self._notes.named(batch, found)
        if not batch.is_being_submitted:
            self._give_up(batch)
        return None

    async def _await(self, under_way: list[SubmittedBatch], questions: Mapping[str, Question], land: Land) -> None:
        """Look after batches until the last has ended."""
        pause, said = _FIRST_POLL_SECONDS, dict.fromkeys((batch.token for batch in under_way), "")
        while under_way:
            for batch in list(under_way):
                state = await self._api.state(batch.batch_id)
                status = str(state.get("status", "")).lower()
                if status == "failed":
                    self._give_up(batch)
                    errors = state.get("errors")
                    why = refusals.message_of(errors.get("data") if isinstance(errors, dict) else errors)
                    raise ModelError(
                        f"{self._settings.where}: the batch {batch.batch_id} failed: {why or 'no reason is given'}"
                    )
                if status in _OVER:
                    await self._collect(batch, state, status, questions, land)
                    under_way.remove(batch)
                elif (now := f"{status} {_progress(state)}") != said[batch.token]:
                    logger.info("%s: batch %s is %s", self._name, batch.batch_id, now)
                    said[batch.token], pause = now, _FIRST_POLL_SECONDS
            if under_way:
                await self._flight.sleep(pause)
                pause = min(_LONGEST_POLL_SECONDS, pause * 1.5)

    async def _collect(
        self, batch: SubmittedBatch, state: dict[str, Any], status: str, questions: Mapping[str, Question], land: Land
    ) -> None:
        """Read what became of a batch, and hand it over."""
        names = [state.get("output_file_id"), state.get("error_file_id")]
        files = [await self._api.content(name) for name in names if isinstance(name, str) and name]
        replies = replies_in(files, {one: questions.get(one, _UNKNOWN) for one in batch.custom_ids})
        self._meter.settle(batch.reservation, sum((reply.usage for reply in replies.values()), NOTHING))
        ours = [one for one in batch.custom_ids if one in questions]
        self._read.append((batch, set(ours)))
        for custom_id in ours:
            missing = Reply(f"the batch {batch.batch_id} is {status} without a reply to it", "error", NOTHING)
            reply = replies.get(custom_id, missing)
            self.used += reply.usage
            land(custom_id, reply)


def _most(questions: Mapping[str, Question]) -> Usage:
    return sum((question.most for question in questions.values()), NOTHING)


def _progress(state: Mapping[str, Any]) -> str:
    counts = state.get("request_counts")
    if not isinstance(counts, dict):
        return ""
    return f"({counts.get('completed', 0)} of {counts.get('total', 0)} answered, {counts.get('failed', 0)} failed)"
