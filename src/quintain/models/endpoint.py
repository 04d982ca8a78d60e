"""A model behind an address: any server that speaks OpenAI's chat completions."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from quintain.errors import ModelError, QuintainError
from quintain.models.accepted_fields import Unclear, Wording, advice, find_wording
from quintain.models.asking import NO_TEXT, Asking
from quintain.models.batch_notes import BatchNotes
from quintain.models.batches import BatchSender
from quintain.models.budget import Meter, OwnMeter
from quintain.models.chat_completions import Reply
from quintain.models.dialects import DIALECTS
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.flight import Abandoned, Batch, Flight
from quintain.models.keys import Key, find_key
from quintain.models.landings import landings
from quintain.models.language_model import Sampling
from quintain.models.probe import TRIAL_TOKENS
from quintain.models.questions import Question
from quintain.models.sending import Sender
from quintain.progress import Progress
from quintain.prompts import render
from quintain.records import Completion, Request
from quintain.usage import NOTHING, Usage

logger = logging.getLogger(__name__)

_FAILURES_IN_A_ROW = 20


class EndpointModel:
    """Completes chats over HTTP, many at a time, within limits and a budget.

    What may pass is tried again: 408, 409, 429, 5xx, and answers that do not arrive whole. What is wrong with one
    request gives a completion with finish_reason `error`; what is wrong with the endpoint ends the batch, once.

    Args:
        settings: Where the model is and how it may be asked.
        sampling: How tokens are drawn.
        name: Identity of the model; by default that of the settings.
        meter: What was spent and what may be; the budget of the settings from zero when left out.
        check: Called once before anything is asked; raises when the endpoint is not to be used.
        drawn: Sampling of the role, where `sampling` is one for probes.
        notes: Batches that are under way, for `mode: batch`; by default they are known to this process alone.

    Raises:
        ConfigError: The sampling cannot be asked for, or a schema is none.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        sampling: Sampling,
        *,
        name: str = "",
        meter: Meter | None = None,
        check: Callable[[], None] | None = None,
        drawn: Sampling | None = None,
        notes: BatchNotes | None = None,
    ) -> None:
        self.name = name or settings.name
        self.sampling = sampling
        self._settings = settings
        self._asking = Asking(settings, sampling, self.name)
        meter = meter or OwnMeter(settings.budget, settings.paid_price)
        self._sender = Sender(settings, meter)
        self._batches = None
        if settings.mode == "batch":
            self._batches = BatchSender(settings, meter, notes or BatchNotes(), self.name)
        self._check = check
        self._drawn = drawn or sampling
        self._refused = 0
        self._looked_into = False
        self._failures_in_a_row = 0

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order."""
        done = {index: completion for batch in self.stream(requests) for index, completion in batch}
        return [done[index] for index in range(len(requests))]

    def stream(self, requests: Sequence[Request]) -> Iterator[Batch]:
        """Complete the requests at the same time.

        Args:
            requests: What to ask.

        Yields:
            Completions that arrived together, each with the position of its request.

        Raises:
            ConfigError: The key is nowhere to be found.
            ModelError: The endpoint cannot be reached, refuses, or keeps failing; or the budget is spent.
        """
        key = find_key(self._settings.key_name)
        if self._check:
            self._check()
            self._check = None

        async def calls(flight: Flight) -> None:
            self._looking = asyncio.Lock()
            if self._batches:
                await self._ask_in_batches(self._batches, key, flight, requests)
                return
            async with self._sender.opened(key, flight):
                await flight.carry(requests, self._complete, self._sender.concurrency)

        started = time.monotonic()
        try:
            price = self._settings.paid_price
            cost = "" if price else " tokens"
            with Progress(f"{self.name}, requests", len(requests), "tokens", cost=cost) as progress:
                for batch in landings(calls):
                    used = Usage.of(completion for _, completion in batch)
                    spent = price.of(used) if price else used.tokens
                    progress.advance(len(batch), used.completion_tokens, spent=spent)
                    yield batch
        except QuintainError:
            self._forget_batches()
            raise
        self._forget_batches()
        used, retries = self._batches.used if self._batches else self._sender.used, self._sender.retries
        logger.info(
            "%s: %d requests in %.1f s, %d tokens, at last up to %d in flight, retries: %s",
            self.name, len(requests), time.monotonic() - started, used.tokens, self._sender.concurrency.limit,
            ", ".join(f"{count} x {why}" for why, count in retries.most_common()) or "none",
        )  # fmt: skip

    async def _complete(self, request: Request) -> Completion:
        try:
            reply = await self._ask(self._asking.question(request))
        except UnicodeEncodeError:
            reply = NO_TEXT
        if fault := self._asking.fault_of(request, reply):
            second = await self._ask(self._asking.repair(request, reply, fault))
            reply = self._asking.repaired(request, reply, second)
        self._count(reply)
        return self._asking.completion(request, reply, fault)

    async def _ask(self, question: Question) -> Reply:
        reply = await self._sender.put(question)
        self._refused += reply.refused
        if reply.refused and self._refused > 1 and not self._sender.answered:  # one alone may be at fault itself
            await self._look_into(reply.text)
        return reply

    async def _ask_in_batches(
        self, batches: BatchSender, key: Key, flight: Flight, requests: Sequence[Request]
    ) -> None:
        """Ask all requests in one go, and then once more those whose reply does not fit its schema."""
        asked: dict[str, Request] = {}
        places: dict[str, list[int]] = {}
        questions: dict[str, Question] = {}
        faulty: dict[str, tuple[str, Reply, str]] = {}
        replies: list[Reply] = []
        for index, request in enumerate(requests):
            custom_id = self._asking.id_of(request)
            asked[custom_id] = request
            places.setdefault(custom_id, []).append(index)
            try:
                questions[custom_id] = self._asking.question(request)
            except UnicodeEncodeError:
                flight.land(index, self._asking.completion(request, NO_TEXT))

        def keep(custom_id: str, reply: Reply, repaired: str) -> None:
            replies.append(reply)
            for index in places[custom_id]:
                flight.land(index, self._asking.completion(asked[custom_id], reply, repaired))

        def land(custom_id: str, reply: Reply) -> None:
            if fault := self._asking.fault_of(asked[custom_id], reply):
                faulty[self._asking.id_of(asked[custom_id], fault)] = (custom_id, reply, fault)
            else:
                keep(custom_id, reply, "")

        def land_repaired(repair_id: str, second: Reply) -> None:
            custom_id, first, fault = faulty[repair_id]
            keep(custom_id, self._asking.repaired(asked[custom_id], first, second), fault)

        try:
            async with batches.opened(key, flight):
                await batches.put(questions, land)
                repairs = {
                    repair_id: self._asking.repair(asked[custom_id], reply, fault)
                    for repair_id, (custom_id, reply, fault) in faulty.items()
                }
                if repairs:
                    await batches.put(repairs, land_repaired)
        except Abandoned:
            logger.info("%s: the batches go on; the next run finds them", self.name)
        for reply in replies:
            self._count(reply)

    def _forget_batches(self) -> None:
        """Forget the batches that ended: whoever takes the completions has kept them by now."""
        if self._batches:
            self._batches.forget()

    async def _look_into(self, refusal: str) -> None:
        """Find out, once, whether the endpoint refuses the way in which it is asked."""
        async with self._looking:
            if self._looked_into or self._sender.answered:
                return
            self._looked_into = True
            chat, sampling = render("endpoint/brief"), replace(self._drawn, max_new_tokens=TRIAL_TOKENS)

            async def accepts(wording: Wording) -> bool:
                reply = await self._sender.put(self._asking.trial(chat, sampling, wording))
                if reply.finish_reason == "error" and not reply.refused and reply.usage == NOTHING:
                    raise Unclear
                return not reply.refused

            try:
                found = await find_wording(accepts, self._asking.wording)
            except Unclear:
                return
            if found:
                write = advice(self._asking.wording, found, DIALECTS[self._settings.dialect], self._drawn)
                raise ModelError(
                    f"{self._settings.where} does not take what it is sent: {refusal}. It was tried out what it takes; "
                    f"write in its binding (roles.bindings): {write}"
                )

    def _count(self, reply: Reply) -> None:
        if reply.finish_reason != "error":
            self._failures_in_a_row = 0
        elif not reply.of_request:
            self._failures_in_a_row += 1
        if self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            raise ModelError(
                f"{self._settings.where}: {_FAILURES_IN_A_ROW} requests in a row failed, the last one: "
                f"{reply.text}. What was answered is in the ledger; run again when the endpoint is well"
            )
