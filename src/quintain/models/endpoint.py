"""A model behind an address: any server that speaks OpenAI's chat completions."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from quintain.errors import ConfigError, ModelError
from quintain.models.accepted_fields import Unclear, Wording, advice, find_wording
from quintain.models.budget import Meter, OwnMeter
from quintain.models.chat_completions import Reply
from quintain.models.dialects import DIALECTS, dialect_of, most_usage, write_body
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.flight import Batch, Flight
from quintain.models.keys import find_key
from quintain.models.landings import landings
from quintain.models.language_model import Sampling
from quintain.models.probe import GREET, PROBE_SCHEMA, TRIAL_TOKENS
from quintain.models.reported_usage import likely_tokens
from quintain.models.sending import Question, Sender
from quintain.models.structured import ReplySchema
from quintain.prompts import render
from quintain.records import Completion, Message, Origin, Request, content_id
from quintain.text.traces import strip_trace
from quintain.usage import NOTHING

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
    ) -> None:
        self.name = name or settings.name
        self.sampling = sampling
        self._settings = settings
        self._wording = Wording(dialect_of(settings), settings.extra)
        if unsayable := self._wording.dialect.unsayable(sampling):
            own = f" with omit: [{', '.join(settings.omit)}]" if settings.omit else ""
            raise ConfigError(
                f"models of the dialect {settings.dialect!r}{own} draw at {' and '.join(f'{n} 1' for n in unsayable)} "
                f"and take no other; set {' and '.join(f'sampling.{n}' for n in unsayable)} to 1"
            )
        schemas = settings.structured and {GREET: PROBE_SCHEMA} | settings.structured
        self._schemas = {prompt: ReplySchema(prompt, schema) for prompt, schema in schemas.items()}
        self._sender = Sender(settings, meter or OwnMeter(settings.budget, settings.paid_price))
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
            async with self._sender.opened(key, flight):
                await flight.carry(requests, self._complete, self._sender.concurrency)

        started = time.monotonic()
        yield from landings(calls)
        logger.info(
            "%s: %d requests in %.1f s, %d tokens, at last up to %d in flight, retries: %s",
            self.name, len(requests), time.monotonic() - started, self._sender.used.tokens,
            self._sender.concurrency.limit,
            ", ".join(f"{count} x {why}" for why, count in self._sender.retries.most_common()) or "none",
        )  # fmt: skip

    async def _complete(self, request: Request) -> Completion:
        schema = self._schemas.get(request.prompt.partition("@")[0])
        reply = await self._ask(request, request.messages, schema)
        repaired = ""
        if schema and reply.finish_reason == "stop" and (repaired := schema.fault(strip_trace(reply.text))):
            reply = await self._repair(request, reply, schema, repaired)
        notes = {"usage": "estimated" if reply.estimated else "", "repaired": repaired, "reasoning": reply.reasoning}
        knobs = {name: note for name, note in notes.items() if note}
        self._count(reply)
        return Completion(
            request_id=request.id,
            text=reply.text,
            finish_reason=reply.finish_reason,
            prompt_tokens=reply.usage.prompt_tokens,
            completion_tokens=reply.usage.completion_tokens,
            origin=Origin(
                parents=(request.id,), prompt=request.prompt, model=self.name, seed=self.sampling.seed, knobs=knobs
            ),
        )

    async def _ask(self, request: Request, messages: Sequence[Message], schema: ReplySchema | None) -> Reply:
        wording = self._wording
        if schema:
            wording = replace(wording, extra=wording.extra | {"response_format": schema.response_format})
        seed = int(content_id(self.sampling.seed, request.id, request.sample), 16) % (1 << 31)
        try:
            question = self._question(messages, self.sampling, seed, wording)
        except UnicodeEncodeError:
            return Reply("the chat holds half a surrogate pair, which is no text", "error", NOTHING, of_request=True)
        reply = await self._sender.put(question)
        self._refused += reply.refused
        if reply.refused and self._refused > 1 and not self._sender.answered:  # one alone may be at fault itself
            await self._look_into(reply.text)
        return reply

    def _question(self, messages: Sequence[Message], sampling: Sampling, seed: int, wording: Wording) -> Question:
        body = write_body(self._settings.model, messages, sampling, seed, wording.dialect, wording.extra)
        prompt_bytes = sum(len(turn.content.encode("utf-8", "replace")) for turn in messages)
        likely = likely_tokens(prompt_bytes) + sampling.max_new_tokens
        return Question(body, prompt_bytes, most_usage(messages, sampling), likely)

    async def _look_into(self, refusal: str) -> None:
        """Find out, once, whether the endpoint refuses the way in which it is asked."""
        async with self._looking:
            if self._looked_into or self._sender.answered:
                return
            self._looked_into = True
            chat, sampling = render("endpoint/brief"), replace(self._drawn, max_new_tokens=TRIAL_TOKENS)

            async def accepts(wording: Wording) -> bool:
                reply = await self._sender.put(self._question(chat, sampling, 1, wording))
                if reply.finish_reason == "error" and not reply.refused and reply.usage == NOTHING:
                    raise Unclear
                return not reply.refused

            try:
                found = await find_wording(accepts, self._wording)
            except Unclear:
                return
            if found:
                write = advice(self._wording, found, DIALECTS[self._settings.dialect], self._drawn)
                raise ModelError(
                    f"{self._settings.where} does not take what it is sent: {refusal}. It was tried out what it takes; "
                    f"write in its binding (roles.bindings): {write}"
                )

    async def _repair(self, request: Request, reply: Reply, schema: ReplySchema, fault: str) -> Reply:
        wish = render("endpoint/repair", fault=fault, schema=schema.text)
        second = await self._ask(
            request, [*request.messages, Message(role="assistant", content=reply.text), *wish], schema
        )
        second = replace(second, usage=reply.usage + second.usage, estimated=reply.estimated or second.estimated)
        if second.finish_reason == "stop" and (fault := schema.fault(strip_trace(second.text))):
            return replace(second, text=f"no JSON of the schema, even after one repair: {fault}", finish_reason="error")
        return second

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
