"""Chats asked in batches: submitted as files, answered within a day, at half the price.

A batch is noted before it is submitted and carries the note's token in its metadata. A run that was killed at any point
finds its batch again, by its id or by the token, and submits nothing twice.
"""

import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from quintain.errors import BudgetSpent, ModelError
from quintain.models import refusals
from quintain.models.batch_lines import ENDPOINT, file_of, portions, replies_in
from quintain.models.batch_notes import BatchNotes, SubmittedBatch
from quintain.models.budget import Meter
from quintain.models.chat_completions import Reply
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.flight import Abandoned, Flight
from quintain.models.http_session import JSON, open_session
from quintain.models.keys import Key
from quintain.models.questions import Question
from quintain.models.reply_body import BodyBroken, BodyRefused, read_reply_body
from quintain.models.retries import asked_seconds, backoff_seconds, is_passing
from quintain.usage import NOTHING, Usage

logger = logging.getLogger(__name__)

_WINDOW = "24h"
_WINDOW_SECONDS = 25 * 3600
_FIRST_POLL_SECONDS = 5.0
_LONGEST_POLL_SECONDS = 60.0
_MOST_FILE_BYTES = 2**30
_PAGES = 20
_OVER = ("completed", "expired", "cancelled")
Land = Callable[[str, Reply], None]


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        try:
            found = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


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
        self._read: list[SubmittedBatch] = []
        self.used = NOTHING

    @asynccontextmanager
    async def opened(self, key: Key, flight: Flight) -> AsyncIterator[None]:
        """Keep a session to the endpoint open, for one flight."""
        self._key, self._flight = key, flight
        self._read.clear()
        self.used = NOTHING
        async with open_session(self._settings.address, key) as self._session:
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
        """Forget the batches whose replies were read: they are kept."""
        for batch in self._read:
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
            reservation := self._meter.reserve(
                _most({one: portion[one] for one in held}), _WINDOW_SECONDS, outlives=True
            )
        ):
            if len(held) == 1:
                raise BudgetSpent(f"{self._settings.where}: {self._meter.stopped(portion[held[0]].most)}")
            held = held[: len(held) // 2]
        batch = SubmittedBatch(secrets.token_hex(8), self._name, self._settings.base, tuple(held), reservation)
        self._notes.write(batch)
        try:
            uploaded = await self._upload(file_of({one: portion[one] for one in held}))
        except (ModelError, Abandoned):
            self._give_up(batch)
            raise
        order = {
            "input_file_id": uploaded,
            "endpoint": ENDPOINT,
            "completion_window": _WINDOW,
            "metadata": {"quintain": batch.token},
        }
        for attempt in range(1, self._settings.attempts + 1):
            answer = await self._once("POST", "/batches", data=msgspec.json.encode(order), headers=JSON)
            if answer is not None and 200 <= answer.status < 300 and isinstance(answer.said.get("id"), str):
                return self._notes.named(batch, answer.said["id"])
            if answer is not None and 400 <= answer.status < 500 and not is_passing(answer.status):
                self._give_up(batch)
                raise self._refused(answer, "submit a batch")
            await self._flight.sleep(backoff_seconds(attempt))
            if found := await self._by_token(batch):  # it may have come through without our hearing of it
                return self._notes.named(batch, found)
        self._give_up(batch)
        raise ModelError(
            f"{self._settings.where}: a batch could not be submitted in {attempt} attempts; run again later"
        )

    def _give_up(self, batch: SubmittedBatch) -> None:
        self._meter.settle(batch.reservation, NOTHING)
        self._notes.remove(batch)

    async def _upload(self, file: bytes) -> str:
        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("purpose", "batch")
            data.add_field("file", file, filename="quintain.jsonl", content_type="application/jsonl")
            return data

        answer = await self._ask("POST", "/files", "upload the file of a batch", form)
        uploaded = answer.said.get("id")
        if not isinstance(uploaded, str):
            raise ModelError(
                f"{self._settings.where} gives no id to the file of a batch: {refusals.shortened(answer.body)}"
            )
        return uploaded

    async def _found_again(self, batch: SubmittedBatch) -> SubmittedBatch | None:
        """The batch of a note; None when it never reached the provider."""
        if batch.batch_id:
            return batch
        if found := await self._by_token(batch):
            return self._notes.named(batch, found)
        if not batch.is_being_submitted:
            self._give_up(batch)
        return None

    async def _by_token(self, batch: SubmittedBatch) -> str | None:
        """The provider's name of a batch, among all that it lists."""
        after = ""
        for _ in range(_PAGES):
            path = "/batches?limit=100" + (f"&after={after}" if after else "")
            listed = (
                await self._ask("GET", path, f"list batches, to see whether that of {self._where(batch)} is there")
            ).said
            entries = [one for one in listed.get("data") or () if isinstance(one, dict)]
            for one in entries:
                metadata = one.get("metadata")
                if isinstance(metadata, dict) and metadata.get("quintain") == batch.token:
                    return str(one["id"])
            if not entries or not listed.get("has_more"):
                return None
            after = str(entries[-1].get("id", ""))
        return None

    async def _await(self, under_way: list[SubmittedBatch], questions: Mapping[str, Question], land: Land) -> None:
        """Look after batches until the last has ended."""
        pause, said = _FIRST_POLL_SECONDS, dict.fromkeys((batch.token for batch in under_way), "")
        while under_way:
            for batch in list(under_way):
                state = (await self._ask("GET", f"/batches/{batch.batch_id}", f"look after {self._where(batch)}")).said
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
        files = [
            (await self._ask("GET", f"/files/{name}/content", f"read what became of {self._where(batch)}")).body
            for name in names
            if isinstance(name, str) and name
        ]
        ours = {one: questions[one] for one in batch.custom_ids if one in questions}
        replies = replies_in(files, ours)
        self._meter.settle(batch.reservation, sum((reply.usage for reply in replies.values()), NOTHING))
        self._read.append(batch)
        for custom_id in ours:
            missing = Reply(f"the batch {batch.batch_id} is {status} without a reply to it", "error", NOTHING)
            reply = replies.get(custom_id, missing)
            self.used += reply.usage
            land(custom_id, reply)

    def _where(self, batch: SubmittedBatch) -> str:
        return f"the batch {batch.batch_id or batch.token} (noted in {self._notes.path_of(batch)})"

    async def _ask(
        self, method: str, path: str, purpose: str, form: Callable[[], aiohttp.FormData] | None = None
    ) -> _Answer:
        """Ask for something that may be asked for again, until it is answered."""
        for attempt in range(1, self._settings.attempts + 1):
            answer = await self._once(method, path, data=form() if form else None)
            if answer is not None and 200 <= answer.status < 300:
                return answer
            if answer is not None and not is_passing(answer.status):
                raise self._refused(answer, purpose)
            await self._flight.sleep(backoff_seconds(attempt) + self._asked_pause)
        last = f"HTTP {answer.status}: {refusals.reason_in(answer.body)}" if answer else "no reply"
        raise ModelError(
            f"{self._settings.where}: could not {purpose} in {attempt} attempts; at last {last}. Run again later"
        )

    async def _once(self, method: str, path: str, **sent: Any) -> _Answer | None:
        """Send one request; None when no reply came."""
        self._asked_pause = 0.0
        url = f"{self._settings.base}{path}"
        timeout = aiohttp.ClientTimeout(total=max(self._settings.timeout_seconds, _FIRST_POLL_SECONDS))
        try:
            async with self._session.request(method, url, timeout=timeout, allow_redirects=False, **sent) as response:
                body = self._key.hide_bytes(await read_reply_body(response, _MOST_FILE_BYTES))
                self._asked_pause = min(asked_seconds(response.headers), self._settings.deadline_seconds)
                return _Answer(response.status, body)
        except BodyRefused as error:
            raise ModelError(f"{self._settings.where}: {error}") from None
        except (aiohttp.ClientError, ConnectionError, TimeoutError, BodyBroken):
            return None

    def _refused(self, answer: _Answer, purpose: str) -> ModelError:
        said = self._key.hide(refusals.reason_in(answer.body))
        hint = (
            "this address has no batches (`mode: calls` asks one by one)"
            if answer.status in (404, 405, 501)
            else "see what the provider says, or ask one by one (`mode: calls`)"
        )
        return ModelError(f"{self._settings.where} refuses to {purpose} with HTTP {answer.status}: {said}; {hint}")


def _most(questions: Mapping[str, Question]) -> Usage:
    return sum((question.most for question in questions.values()), NOTHING)


def _progress(state: Mapping[str, Any]) -> str:
    counts = state.get("request_counts")
    if not isinstance(counts, dict):
        return ""
    return f"({counts.get('completed', 0)} of {counts.get('total', 0)} answered, {counts.get('failed', 0)} failed)"
