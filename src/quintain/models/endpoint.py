"""A model behind an address: any server that speaks OpenAI's chat completions."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import aiohttp

from quintain.errors import BudgetSpent, ConfigError, ModelError
from quintain.models import chat_completions as wire
from quintain.models.budget import Meter
from quintain.models.chat_completions import BadBody, Reply
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.flight import Abandoned, Batch, Flight
from quintain.models.http_session import open_session
from quintain.models.keys import Key, find_key
from quintain.models.landings import landings
from quintain.models.language_model import Sampling
from quintain.models.limits import Limits
from quintain.models.probe import GREET, PROBE_SCHEMA
from quintain.models.retries import asked_seconds, backoff_seconds, is_passing
from quintain.models.structured import ReplySchema
from quintain.prompts import render
from quintain.records import Completion, Message, Origin, Request, content_id
from quintain.usage import NOTHING, Usage

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 5
_LEAST_SECONDS = 1
_PATIENCE_SECONDS = 2
_FAILURES_IN_A_ROW = 20
_BUDGET_POLL_SECONDS = 0.02
_HINTS = {
    401: "set the key that `key_env` names, in the environment or in conf/local/credentials.yml",
    402: "the account has to be paid",
    403: "the key may not use this model",
    404: "see whether `model` is served there and `address` ends as the server wants it, mostly in /v1",
}


class _Unanswered(Exception):
    """An attempt that failed in a way that may pass."""

    def __init__(self, kind: str, reason: str = "", *, pause_seconds: float = 0.0, counts: bool = True) -> None:
        super().__init__(f"{kind}: {reason}" if reason else kind)
        self.kind = kind
        self.pause_seconds = pause_seconds
        self.counts = counts


@dataclass(frozen=True)
class _Question:
    """One chat on its way."""

    messages: Sequence[Message]
    body: bytes
    prompt_bytes: int
    most: Usage
    """The most it may cost."""
    likely_tokens: int
    """What it counts for the limit of tokens per minute, until its reply says better."""


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
    ) -> None:
        self.name = name or settings.name
        self.sampling = sampling
        self._settings = settings
        self._dialect = wire.DIALECTS[settings.dialect]
        if not self._dialect.draws and (sampling.temperature, sampling.top_p) != (1, 1):
            raise ConfigError(
                f"models of the dialect {settings.dialect!r} draw at temperature 1 and top_p 1 and take no other; "
                "set sampling.temperature and sampling.top_p to 1"
            )
        schemas = settings.structured and {GREET: PROBE_SCHEMA} | settings.structured
        self._schemas = {prompt: ReplySchema(prompt, schema) for prompt, schema in schemas.items()}
        self._meter = meter or Meter(settings.budget, settings.price)
        self._check = check
        self._limits = Limits(
            settings.concurrency, settings.requests_per_minute, settings.tokens_per_minute, time.monotonic()
        )
        self._key = Key()
        self._answered = False
        self._unreachable_since = float("inf")
        self._failures_in_a_row = 0
        self._retries: Counter[str] = Counter()

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
        self._key = find_key(self._settings.key_name)
        if self._check:
            self._check()
            self._check = None

        async def calls(flight: Flight) -> None:
            async with open_session(self._settings.address, self._key) as session:
                await flight.carry(
                    requests, lambda request: self._complete(session, flight, request), self._limits.concurrency
                )

        started, spent = time.monotonic(), self._meter.spent
        self._retries.clear()
        yield from landings(calls)
        used = self._meter.spent - spent
        logger.info(
            "%s: %d requests in %.1f s, %d tokens, retries: %s",
            self.name, len(requests), time.monotonic() - started, used.tokens,
            ", ".join(f"{count} x {why}" for why, count in self._retries.most_common()) or "none",
        )  # fmt: skip

    async def _complete(self, session: aiohttp.ClientSession, flight: Flight, request: Request) -> Completion:
        schema = self._schemas.get(request.prompt.partition("@")[0])
        reply = await self._put(session, flight, self._question(request, request.messages, schema))
        knobs = {"usage": "estimated"} if reply.estimated else {}
        if schema and reply.finish_reason == "stop" and (fault := schema.fault(self._key.hide(reply.text))):
            reply = await self._repair(session, flight, request, reply, schema, fault)
            knobs["repaired"] = fault
        self._count(reply)
        return Completion(
            request_id=request.id,
            text=self._key.hide(reply.text),
            finish_reason=reply.finish_reason,
            prompt_tokens=reply.usage.prompt_tokens,
            completion_tokens=reply.usage.completion_tokens,
            origin=Origin(
                parents=(request.id,), prompt=request.prompt, model=self.name, seed=self.sampling.seed, knobs=knobs
            ),
        )

    def _question(self, request: Request, messages: Sequence[Message], schema: ReplySchema | None) -> _Question:
        extra = self._settings.extra
        if schema:
            extra = extra | {"response_format": schema.response_format}
        seed = int(content_id(self.sampling.seed, request.id, request.sample), 16) % (1 << 31)
        body = wire.write_body(self._settings.model, messages, self.sampling, seed, self._dialect, extra)
        prompt_bytes = sum(len(turn.content.encode("utf-8", "replace")) for turn in messages)
        likely = wire.likely_prompt_tokens(prompt_bytes) + self.sampling.max_new_tokens
        return _Question(messages, body, prompt_bytes, wire.most_usage(messages, self.sampling), likely)

    async def _repair(
        self,
        session: aiohttp.ClientSession,
        flight: Flight,
        request: Request,
        reply: Reply,
        schema: ReplySchema,
        fault: str,
    ) -> Reply:
        wish = render("endpoint/repair", fault=fault, schema=schema.text)
        chat = [*request.messages, Message(role="assistant", content=reply.text), *wish]
        second = await self._put(session, flight, self._question(request, chat, schema))
        second = replace(second, usage=reply.usage + second.usage)
        if second.finish_reason == "stop" and (fault := schema.fault(self._key.hide(second.text))):
            return replace(second, text=f"no JSON of the schema, even after one repair: {fault}", finish_reason="error")
        return second

    def _count(self, reply: Reply) -> None:
        if reply.finish_reason != "error":
            self._failures_in_a_row = 0
        elif not reply.of_request:
            self._failures_in_a_row += 1
        if self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            raise ModelError(
                f"{self._where}: {_FAILURES_IN_A_ROW} requests in a row failed, the last one: "
                f"{self._key.hide(reply.text)}. What was answered is in the ledger; run again when the endpoint is well"
            )

    async def _put(self, session: aiohttp.ClientSession, flight: Flight, question: _Question) -> Reply:
        """Send a question until it is answered, its attempts are used up, or its deadline has come."""
        attempts, tries, deadline = 0, 0, float("inf")
        while True:
            await self._admit(flight, question)
            started = time.monotonic()
            deadline = min(deadline, started + self._settings.deadline_seconds)
            seconds = min(self._settings.timeout_seconds, max(_LEAST_SECONDS, deadline - started))
            tries += 1
            try:
                return await self._send(session, question, started, seconds)
            except _Unanswered as failure:
                kind, reason = failure.kind, str(failure)
                pause = failure.pause_seconds + backoff_seconds(tries)
                attempts += failure.counts
            if flight.stopping:
                raise Abandoned
            if attempts >= self._settings.attempts:
                return _given_up(f"{tries} attempts (`attempts`)", reason)
            if time.monotonic() + pause > deadline:
                return _given_up(f"{self._settings.deadline_seconds:g} s (`deadline_seconds`)", reason)
            self._retries[kind] += 1
            await flight.sleep(pause)

    async def _admit(self, flight: Flight, question: _Question) -> None:
        """Wait until limits and budget let a question through; its cost is reserved when this returns."""
        while True:
            if flight.stopping:
                raise Abandoned
            now = time.monotonic()
            if not self._meter.fits(question.most):
                if self._meter.in_flight == NOTHING:
                    raise BudgetSpent(f"{self._where}: {self._meter.stopped(question.most)}")
                await flight.sleep(_BUDGET_POLL_SECONDS)  # calls in flight mostly cost less than reserved
            elif wait := self._limits.wait_seconds(question.likely_tokens, now):
                await flight.sleep(wait)
            else:
                self._meter.start(question.most)
                self._limits.start(question.likely_tokens, now)
                return

    async def _send(self, session: aiohttp.ClientSession, question: _Question, started: float, seconds: float) -> Reply:
        """Send a question once."""
        cost = question.most  # a request on its way may be paid for, whatever becomes of it
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS)
        url, data = self._settings.url, question.body
        try:
            async with session.post(url, data=data, timeout=timeout, allow_redirects=False) as response:
                body = self._key.hide_bytes(await response.read())
            status = response.status if response.status != 200 else wire.status_in(body)
            if status == 200:
                reply = wire.read_body(body, question.prompt_bytes)
                cost = reply.usage
                self._answered = True
                self._limits.concurrency.answered()
                return reply
            cost = NOTHING
            return self._refused(status, asked_seconds(response.headers), body, started)
        except aiohttp.ClientConnectorError as error:
            cost = NOTHING
            raise self._unreachable(error, started) from None
        except TimeoutError:
            raise _Unanswered(f"no reply within {seconds:.3g} s (`timeout_seconds`)") from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _Unanswered(f"the reply broke off ({type(error).__name__})") from None
        except BadBody as error:
            raise _Unanswered("the reply is no JSON", self._key.hide(str(error))) from None
        finally:
            self._meter.end(question.most, cost)
            self._limits.end(question.likely_tokens, cost.tokens, time.monotonic())

    def _refused(self, status: int, asked_pause: float, body: bytes, started: float) -> Reply:
        """Turn a reply that is no answer into another try, an error of this request, or one of the endpoint."""
        said = self._key.hide(wire.reason_in(body))
        reason = f"HTTP {status}: {said}"
        if status < 400 or status in _HINTS or (status == 429 and wire.is_quota(body)):
            hint = _HINTS.get(status, "name the address that answers itself" if status < 400 else _HINTS[402])
            raise ModelError(f"{self._where} refuses with {reason}; {hint}")
        if not is_passing(status):
            return Reply(reason, "error", NOTHING, of_request=wire.is_too_long(body))
        if asked_pause > self._settings.deadline_seconds:
            raise ModelError(
                f"{self._where} asks to wait {asked_pause:.0f} s, longer than `deadline_seconds`; run again then, "
                f"what was answered is in the ledger ({reason})"
            )
        if status == 429 or asked_pause:
            self._limits.refused(started, asked_pause, time.monotonic())
        # Being asked too fast is no fault of the request: only its deadline ends it.
        raise _Unanswered(f"HTTP {status}", said, pause_seconds=asked_pause, counts=status != 429)

    def _unreachable(self, error: aiohttp.ClientConnectorError, started: float) -> Exception:
        if self._answered:  # it was there a while ago and may come back
            return _Unanswered("no connection", self._key.hide(str(error)))
        self._unreachable_since = min(self._unreachable_since, started)
        if time.monotonic() - self._unreachable_since < _PATIENCE_SECONDS:
            return _Unanswered("no connection", counts=False)
        said = self._key.hide(str(error))
        return ModelError(f"{self._where} cannot be reached: {said}. Is the server up, and is `address` right?")

    @property
    def _where(self) -> str:
        return f"{self._settings.address} (model {self._settings.model})"


def _given_up(limit: str, reason: str) -> Reply:
    return Reply(f"no answer within {limit}; at last {reason}", "error", NOTHING)
