"""One question to an endpoint, sent until it is answered, its attempts are used up, or its deadline has come."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus

import aiohttp

from quintain.errors import BudgetSpent, ModelError
from quintain.models import chat_completions, refusals
from quintain.models.budget import Meter
from quintain.models.chat_completions import BadBody, Reply
from quintain.models.concurrency import Concurrency, Flown
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.flight import Abandoned, Flight
from quintain.models.http_session import JSON, open_session
from quintain.models.keys import Key
from quintain.models.patience import Patience
from quintain.models.questions import Question
from quintain.models.rate_limits import Limits
from quintain.models.reply_body import BodyBroken, BodyRefused, read_reply_body
from quintain.models.retries import asked_seconds, backoff_seconds, is_overload, is_passing, is_timeout
from quintain.usage import NOTHING, Usage

_CONNECT_SECONDS = 5
_LEAST_SECONDS = 1
_LONGEST_LOCATION = 200
_PATIENCE_SECONDS = 2
_MOST_UNHEARD = 20
"""Late replies in a row after which a server that has answered is thought stuck; a few questions may be too hard."""
_BUDGET_POLL_SECONDS = 0.05
_MOST_UNUSABLE = 3
"""Times that one request is asked again for replies that came and are no answer: each may be billed."""
_MOST_LATE = 3
"""Times `attempts` that one request is sent when it is late because others were in flight."""
_HINTS = {
    401: "set the key that `key_env` names, in the environment or in conf/local/credentials.yml",
    402: "the account has to be paid",
    403: "the key may not use this model",
    404: "see whether `model` is served there and `address` ends as the server wants it, mostly in /v1",
}


class _Unanswered(Exception):
    """An attempt that failed in a way that may pass."""

    def __init__(
        self,
        kind: str,
        reason: str = "",
        *,
        pause_seconds: float = 0.0,
        counts: bool = True,
        by_load: bool = False,
        cost: Usage = NOTHING,
        came: bool = False,
    ) -> None:
        super().__init__(f"{kind}: {reason}" if reason else kind)
        self.kind = kind
        self.pause_seconds = pause_seconds
        self.counts = counts
        self.by_load = by_load
        self.cost = cost
        self.came = came


class Sender:
    """Sends questions to an endpoint within its limits and a budget.

    Args:
        settings: Where the model is and how it may be asked.
        meter: The budget.
    """

    def __init__(self, settings: EndpointSettings, meter: Meter) -> None:
        self._settings = settings
        self._meter = meter
        self.concurrency = Concurrency(settings.concurrency, settings.timeout_seconds)
        self._patience = Patience(settings.timeout_seconds)
        self._limits = Limits(
            self.concurrency, settings.requests_per_minute, settings.tokens_per_minute, time.monotonic()
        )
        self.answered = False
        self._begun = 0
        self._unheard: list[int] = []
        self._unreachable_since = float("inf")
        self.retries: Counter[str] = Counter()
        self.used = NOTHING

    @asynccontextmanager
    async def opened(self, key: Key, flight: Flight) -> AsyncIterator[None]:
        """Keep a session to the endpoint open, for one flight.

        Args:
            key: Key of the endpoint; it is hidden in whatever comes back.
            flight: The flight that the questions are part of.
        """
        self._key, self._flight = key, flight
        self._admission, self._landed = asyncio.Lock(), asyncio.Event()
        self.retries.clear()
        self.used = NOTHING
        async with open_session(self._settings.address, key) as self.session:
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
        attempts = tries = came = late = 0
        left, lost = self._settings.deadline_seconds, NOTHING
        while True:
            reservation, call = await self._admit(question)
            tries += 1
            try:
                return await self._send(question, reservation, call, max(_LEAST_SECONDS, left))
            except _Unanswered as unanswered:
                failure = unanswered
            pause = failure.pause_seconds + backoff_seconds(tries)
            attempts += failure.counts
            came += failure.came
            late += failure.by_load
            lost += failure.cost
            if not failure.by_load:  # time that others took is not this request's
                left -= time.monotonic() - call.started
            if self._flight.stopping:
                raise Abandoned
            if (
                attempts >= self._settings.attempts
                or came >= _MOST_UNUSABLE
                or late >= _MOST_LATE * self._settings.attempts
            ):
                return _given_up(f"{tries} attempts (`attempts`)", failure, lost)
            if pause > left:
                return _given_up(f"{self._settings.deadline_seconds:g} s (`deadline_seconds`)", failure, lost)
            self.retries[failure.kind] += 1
            left -= pause
            await self._flight.sleep(pause)

    async def _admit(self, question: Question) -> tuple[str, Flown]:
        """Wait, one after the other, until limits and budget let a question through; its cost is reserved then."""
        async with self._admission:
            while True:
                if self._flight.stopping:
                    raise Abandoned
                if not self.concurrency.has_room(question.likely_tokens):
                    self._landed.clear()
                    await self._landed.wait()
                elif wait := self._limits.wait_seconds(question.likely_tokens, time.monotonic()):
                    await self._flight.sleep(wait)
                elif reservation := self._reserve(question):
                    self._limits.start(question.likely_tokens, time.monotonic())
                    self._begun += 1
                    return reservation, self.concurrency.start(question.likely_tokens, time.monotonic())
                elif self._meter.is_waiting():
                    await self._flight.sleep(_BUDGET_POLL_SECONDS)  # calls in flight mostly cost less than reserved

    def _reserve(self, question: Question) -> str | None:
        """Reserve the cost of a question; None while calls in flight may give room for it."""
        if reservation := self._meter.reserve(question.most, self._patience.longest_seconds):
            return reservation
        if self._meter.is_waiting():
            return None
        # The last call in flight may have landed between the two looks.
        if reservation := self._meter.reserve(question.most, self._patience.longest_seconds):
            return reservation
        raise BudgetSpent(f"{self._settings.where}: {self._meter.stopped(question.most)}")

    async def _send(self, question: Question, reservation: str, call: Flown, most_seconds: float) -> Reply:
        """Send a question once."""
        cost = question.most  # a request on its way may be paid for, whatever becomes of it
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
        url, data, begun, answered = self._settings.url, question.body, self._begun, False
        try:
            async with (
                self._patience.waiting(most_seconds),
                self.session.post(url, data=data, headers=JSON, timeout=timeout, allow_redirects=False) as response,
            ):
                body = self._key.hide_bytes(await read_reply_body(response))
            self._unheard.clear()
            status = response.status if not 200 <= response.status < 300 else refusals.status_in(body)
            if status == 200:
                reply = chat_completions.read_body(body, question.prompt_bytes, question.most.completion_tokens)
                cost = reply.usage
                self.answered = answered = True
                self._patience.heard()
                if (now := time.monotonic()) - call.started > self._settings.timeout_seconds:
                    self.concurrency.late(call, now)
                if reply.passing:
                    raise _Unanswered("no whole reply", self._key.hide(reply.text), cost=cost, came=True)
                return reply
            cost = NOTHING
            return self._refused(status, response, body, call, begun)
        except BodyRefused as error:
            return Reply(str(error), "error", question.most, estimated=True)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            cost = NOTHING
            raise self._unreachable(error, call.started) from None
        except (aiohttp.ClientHttpProxyError, aiohttp.InvalidURL) as error:
            cost = NOTHING  # nothing reached the endpoint
            said = self._key.hide(getattr(error, "message", "") or type(error).__name__)
            raise ModelError(
                f"{self._settings.where} cannot be reached: {said}. Is `address` right, and does the proxy of the "
                "environment (https_proxy) let it through?"
            ) from None
        except TimeoutError:
            raise self._late(question, call, begun, min(self._settings.timeout_seconds, most_seconds)) from None
        except (aiohttp.ClientError, ConnectionError, BodyBroken) as error:
            raise _Unanswered(f"the reply broke off ({type(error).__name__})") from None
        except BadBody as error:
            raise _Unanswered("the reply is no JSON", self._key.hide(str(error)), came=True) from None
        finally:
            self._meter.settle(reservation, cost)
            self.used += cost
            self._limits.end(question.likely_tokens, cost.tokens, time.monotonic())
            self.concurrency.end(call, time.monotonic(), answered=answered)
            self._landed.set()

    def _late(self, question: Question, call: Flown, begun: int, seconds: float) -> Exception:
        """A call that was not answered in time: a fault of the endpoint only if it had the server for itself."""
        reason = f"no reply within {seconds:.3g} s (`timeout_seconds`)"
        self.concurrency.late(call, time.monotonic())
        if self._had_company(call, begun):
            return _Unanswered(reason, counts=False, by_load=True)
        self._unheard.append(id(question))
        enough = _MOST_UNHEARD if self.answered else self._settings.attempts
        if len(self._unheard) >= enough and len(set(self._unheard)) > 1:
            return ModelError(
                f"{self._settings.where} answers nothing: {len(self._unheard)} requests in a row, alone in flight "
                f"one after the other, got {reason}. Raise `timeout_seconds` if it is slow, else see whether it is well"
            )
        return _Unanswered(reason)

    def _had_company(self, call: Flown, begun: int) -> bool:
        """True when another call was in flight at the same time."""
        return call.aloft > 1 or self._begun > begun

    def _refused(self, status: int, response: aiohttp.ClientResponse, body: bytes, call: Flown, begun: int) -> Reply:
        """Turn a reply that is no answer into another try, an error of this request, or one of the endpoint."""
        said = self._key.hide(refusals.reason_in(body))
        kind = f"HTTP {status}" if response.status == status else f"HTTP {response.status} with an error"
        reason = f"{kind}: {said}"
        if status < 400:
            target = self._key.hide(response.headers.get("Location", ""))[:_LONGEST_LOCATION]
            hint = f"it points to {target}; " if target else ""
            raise ModelError(
                f"{self._settings.where} refuses with {reason}; {hint}the key goes nowhere else, so name the address "
                "that answers itself"
            )
        if status in _HINTS or (status in (400, 429) and refusals.is_quota(body)):
            raise ModelError(f"{self._settings.where} refuses with {reason}; {_HINTS.get(status, _HINTS[402])}")
        if refusals.is_of_request(status, body):
            return Reply(reason, "error", NOTHING, of_request=True)
        if not is_passing(status):
            return Reply(reason, "error", NOTHING, refused=True)
        pause = asked_seconds(response.headers)
        if pause > self._settings.deadline_seconds:
            raise ModelError(
                f"{self._settings.where} asks to wait {pause:.0f} s, longer than `deadline_seconds`; run again then, "
                f"what was answered is in the ledger ({reason})"
            )
        if is_overload(status) or pause:
            self._limits.refused(call, pause, time.monotonic())
        by_load = is_timeout(status) and self._had_company(call, begun)
        # Being asked too fast is no fault of the request: only its deadline ends it.
        counts = status != HTTPStatus.TOO_MANY_REQUESTS and not by_load
        raise _Unanswered(kind, said, pause_seconds=pause, counts=counts, by_load=by_load)

    def _unreachable(self, error: Exception, started: float) -> Exception:
        if self.answered:  # it was there a while ago and may come back
            return _Unanswered("no connection", self._key.hide(str(error)))
        self._unreachable_since = min(self._unreachable_since, started)
        if time.monotonic() - self._unreachable_since < _PATIENCE_SECONDS:
            return _Unanswered("no connection", counts=False)
        said = self._key.hide(str(error))
        return ModelError(
            f"{self._settings.where} cannot be reached: {said}. Is the server up, and is `address` right?"
        )


def _given_up(limit: str, failure: _Unanswered, lost: Usage) -> Reply:
    return Reply(f"no answer within {limit}; at last {failure}", "error", lost, of_request=failure.by_load)
