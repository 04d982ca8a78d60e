"""One question to an endpoint, sent until it is answered, its attempts are used up, or its deadline has come."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp

from quintain.errors import BudgetSpent, ModelError
from quintain.models import chat_completions as wire
from quintain.models.budget import Meter
from quintain.models.chat_completions import BadBody, Reply
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.flight import Abandoned, Flight
from quintain.models.http_session import open_session
from quintain.models.keys import Key
from quintain.models.rate_limits import Concurrency, Limits
from quintain.models.reply_body import BodyBroken, BodyRefused, read_reply_body
from quintain.models.retries import asked_seconds, backoff_seconds, is_passing
from quintain.usage import NOTHING, Usage

_CONNECT_SECONDS = 5
_LEAST_SECONDS = 1
_PATIENCE_SECONDS = 2
_BUDGET_POLL_SECONDS = 0.05
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
class Question:
    """One chat on its way."""

    body: bytes
    """The request's JSON."""
    prompt_bytes: int
    """Length of the chat."""
    most: Usage
    """The most it may cost."""
    likely_tokens: int
    """What it counts for the limit of tokens per minute, until its reply says better."""


class Sender:
    """Sends questions to an endpoint within its limits and a budget.

    Args:
        settings: Where the model is and how it may be asked.
        meter: The budget.
    """

    def __init__(self, settings: EndpointSettings, meter: Meter) -> None:
        self._settings = settings
        self._meter = meter
        self._limits = Limits(
            settings.concurrency, settings.requests_per_minute, settings.tokens_per_minute, time.monotonic()
        )
        self._answered = False
        self._unreachable_since = float("inf")
        self.retries: Counter[str] = Counter()
        self.used = NOTHING

    @property
    def concurrency(self) -> Concurrency:
        """Largest number of questions in flight."""
        return self._limits.concurrency

    @asynccontextmanager
    async def opened(self, key: Key, flight: Flight) -> AsyncIterator[None]:
        """Keep a session to the endpoint open, for one flight.

        Args:
            key: Key of the endpoint; it is hidden in whatever comes back.
            flight: The flight that the questions are part of.
        """
        self._key, self._flight = key, flight
        self._admission = asyncio.Lock()
        self.retries.clear()
        self.used = NOTHING
        async with open_session(self._settings.address, key) as self._session:
            with self._meter.opened():
                yield

    async def put(self, question: Question) -> Reply:
        """Send a question until there is something to say about it.

        Args:
            question: What is asked.

        Returns:
            The reply; an `error` says why there is none.

        Raises:
            BudgetSpent: The budget does not hold the call.
            ModelError: The endpoint refuses everything, or cannot be reached.
            Abandoned: The flight ends.
        """
        reply = await self._put(question)
        return replace(reply, text=self._key.hide(reply.text))

    async def _put(self, question: Question) -> Reply:
        attempts, tries, deadline = 0, 0, float("inf")
        while True:
            reservation = await self._admit(question)
            started = time.monotonic()
            deadline = min(deadline, started + self._settings.deadline_seconds)
            seconds = min(self._settings.timeout_seconds, max(_LEAST_SECONDS, deadline - started))
            tries += 1
            try:
                return await self._send(question, reservation, started, seconds)
            except _Unanswered as failure:
                kind, reason = failure.kind, str(failure)
                pause = failure.pause_seconds + backoff_seconds(tries)
                attempts += failure.counts
            if self._flight.stopping:
                raise Abandoned
            if attempts >= self._settings.attempts:
                return _given_up(f"{tries} attempts (`attempts`)", reason)
            if time.monotonic() + pause > deadline:
                return _given_up(f"{self._settings.deadline_seconds:g} s (`deadline_seconds`)", reason)
            self.retries[kind] += 1
            await self._flight.sleep(pause)

    async def _admit(self, question: Question) -> str:
        """Wait, one after the other, until limits and budget let a question through; its cost is reserved then."""
        async with self._admission:
            while True:
                if self._flight.stopping:
                    raise Abandoned
                if wait := self._limits.wait_seconds(question.likely_tokens, time.monotonic()):
                    await self._flight.sleep(wait)
                elif reservation := self._meter.reserve(question.most, self._settings.timeout_seconds):
                    self._limits.start(question.likely_tokens, time.monotonic())
                    return reservation
                elif self._meter.is_waiting():
                    await self._flight.sleep(_BUDGET_POLL_SECONDS)  # calls in flight mostly cost less than reserved
                elif reservation := self._meter.reserve(question.most, self._settings.timeout_seconds):
                    # The last call in flight landed between the two looks.
                    self._limits.start(question.likely_tokens, time.monotonic())
                    return reservation
                else:
                    raise BudgetSpent(f"{self._settings.where}: {self._meter.stopped(question.most)}")

    async def _send(self, question: Question, reservation: str, started: float, seconds: float) -> Reply:
        """Send a question once."""
        cost = question.most  # a request on its way may be paid for, whatever becomes of it
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS)
        url, data = self._settings.url, question.body
        try:
            async with self._session.post(url, data=data, timeout=timeout, allow_redirects=False) as response:
                body = self._key.hide_bytes(await read_reply_body(response))
            status = response.status if response.status != 200 else wire.status_in(body)
            if status == 200:
                reply = wire.read_body(body, question.prompt_bytes)
                cost = reply.usage
                self._answered = True
                self._limits.concurrency.answered()
                return reply
            cost = NOTHING
            return self._refused(status, asked_seconds(response.headers), body, started)
        except BodyRefused as error:
            return Reply(str(error), "error", question.most, estimated=True)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            cost = NOTHING
            raise self._unreachable(error, started) from None
        except (aiohttp.ClientHttpProxyError, aiohttp.InvalidURL) as error:
            cost = NOTHING  # nothing reached the endpoint
            said = self._key.hide(getattr(error, "message", "") or type(error).__name__)
            raise ModelError(
                f"{self._settings.where} cannot be reached: {said}. Is `address` right, and does the proxy of the "
                "environment (https_proxy) let it through?"
            ) from None
        except TimeoutError:
            raise _Unanswered(f"no reply within {seconds:.3g} s (`timeout_seconds`)") from None
        except (aiohttp.ClientError, ConnectionError, BodyBroken) as error:
            raise _Unanswered(f"the reply broke off ({type(error).__name__})") from None
        except BadBody as error:
            raise _Unanswered("the reply is no JSON", self._key.hide(str(error))) from None
        finally:
            self._meter.settle(reservation, cost)
            self.used += cost
            self._limits.end(question.likely_tokens, cost.tokens, time.monotonic())

    def _refused(self, status: int, asked_pause: float, body: bytes, started: float) -> Reply:
        """Turn a reply that is no answer into another try, an error of this request, or one of the endpoint."""
        said = self._key.hide(wire.reason_in(body))
        reason = f"HTTP {status}: {said}"
        if status < 400 or status in _HINTS or (status == 429 and wire.is_quota(body)):
            hint = _HINTS.get(status, "name the address that answers itself" if status < 400 else _HINTS[402])
            raise ModelError(f"{self._settings.where} refuses with {reason}; {hint}")
        if not is_passing(status):
            return Reply(reason, "error", NOTHING, of_request=wire.is_too_long(body))
        if asked_pause > self._settings.deadline_seconds:
            raise ModelError(
                f"{self._settings.where} asks to wait {asked_pause:.0f} s, longer than `deadline_seconds`; run again "
                f"then, what was answered is in the ledger ({reason})"
            )
        if status == 429 or asked_pause:
            self._limits.refused(started, asked_pause, time.monotonic())
        # Being asked too fast is no fault of the request: only its deadline ends it.
        raise _Unanswered(f"HTTP {status}", said, pause_seconds=asked_pause, counts=status != 429)

    def _unreachable(self, error: Exception, started: float) -> Exception:
        if self._answered:  # it was there a while ago and may come back
            return _Unanswered("no connection", self._key.hide(str(error)))
        self._unreachable_since = min(self._unreachable_since, started)
        if time.monotonic() - self._unreachable_since < _PATIENCE_SECONDS:
            return _Unanswered("no connection", counts=False)
        said = self._key.hide(str(error))
        return ModelError(
            f"{self._settings.where} cannot be reached: {said}. Is the server up, and is `address` right?"
        )


def _given_up(limit: str, reason: str) -> Reply:
    return Reply(f"no answer within {limit}; at last {reason}", "error", NOTHING)
