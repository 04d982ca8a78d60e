"""The batch interface of OpenAI's API: files up, a batch, files down."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from quintain.errors import ModelError
from quintain.models import refusals
from quintain.models.batch_lines import ENDPOINT
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.flight import Flight
from quintain.models.http_session import JSON
from quintain.models.keys import Key
from quintain.models.lenient_json import read_json
from quintain.models.reply_body import BodyBroken, BodyRefused, read_reply_body
from quintain.models.retries import asked_seconds, backoff_seconds, is_passing

_WINDOW = "24h"
_FILE_SECONDS = 1800.0
"""Longest time for a file to travel."""
_MOST_FILE_BYTES = 2**30
_PAGES = 20


class NotSubmitted(ModelError):
    """A batch that the endpoint does not have: it refused it, or does not list it."""


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def said(self) -> dict[str, Any]:
        try:
            found = read_json(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class BatchApi:
    """The interface at one endpoint, for one flight.

    Args:
        settings: Where it is.
        session: Session to it.
        key: Its key, which is hidden in whatever comes back.
        flight: The flight; waiting ends with it.
    """

    def __init__(self, settings: EndpointSettings, session: aiohttp.ClientSession, key: Key, flight: Flight) -> None:
        self._settings = settings
        self._session = session
        self._key = key
        self._flight = flight
        self._asked_pause = 0.0

    async def upload(self, file: bytes) -> str:
        """Send a file of chats; its id."""

        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("purpose", "batch")
            data.add_field("file", file, filename="quintain.jsonl", content_type="application/jsonl")
            return data

        answer = await self._ask("POST", "/files", "upload the file of a batch", form)
        uploaded = answer.said.get("id")
        if not isinstance(uploaded, str):
            said = refusals.shortened(answer.body)
            raise ModelError(f"{self._settings.where} gives no id to the file of a batch: {said}")
        return uploaded

    async def create(self, file: str, token: str) -> str:
        """Make a batch of a file, once whatever happens on the way.

        Args:
            file: Id of the file.
            token: Our name of the batch, by which it is found when the reply is lost.

        Returns:
            The provider's name of it.

        Raises:
            NotSubmitted: It is refused, or did not come through.
            ModelError: Nobody can tell whether it came through.
        """
        order = {
            "input_file_id": file,
            "endpoint": ENDPOINT,
            "completion_window": _WINDOW,
            "metadata": {"quintain": token},
        }
        for attempt in range(1, self._settings.attempts + 1):
            answer = await self._once("POST", "/batches", data=msgspec.json.encode(order), headers=JSON)
            if answer and answer.is_good and isinstance(answer.said.get("id"), str):
                return str(answer.said["id"])
            if answer and not answer.is_good and not is_passing(answer.status):
                raise NotSubmitted(str(self._refused(answer, "submit a batch")))
            await self._flight.sleep(backoff_seconds(attempt) + self._asked_pause)
            if found := await self.find(token):
                return found
        raise NotSubmitted(
            f"{self._settings.where}: no batch could be submitted in {self._settings.attempts} attempts; run again"
        )

    async def find(self, token: str) -> str | None:
        """The provider's name of the batch that carries a token; None when it lists none."""
        after = ""
        for _ in range(_PAGES):
            path = "/batches?limit=100" + (f"&after={after}" if after else "")
            listed = (await self._ask("GET", path, f"list batches, to see whether {token} is among them")).said
            entries = [one for one in listed.get("data") or () if isinstance(one, dict)]
            for one in entries:
                metadata = one.get("metadata")
                if isinstance(metadata, dict) and metadata.get("quintain") == token:
                    return str(one["id"])
            if not entries or not listed.get("has_more"):
                return None
            after = str(entries[-1].get("id", ""))
        return None

    async def state(self, batch_id: str) -> dict[str, Any]:
        """The state of a batch."""
        return (await self._ask("GET", f"/batches/{batch_id}", f"look after the batch {batch_id}")).said

    async def content(self, file: str) -> bytes:
        """The content of a file."""
        return (await self._ask("GET", f"/files/{file}/content", f"send the file {file} of a batch")).body

    async def _ask(
        self, method: str, path: str, purpose: str, form: Callable[[], aiohttp.FormData] | None = None
    ) -> _Answer:
        """Ask for something that may be asked for again, until it is answered."""
        last = ""
        for attempt in range(1, self._settings.attempts + 1):
            answer = await self._once(method, path, data=form() if form else None)
            if answer and answer.is_good:
                return answer
            if answer and not is_passing(answer.status):
                raise self._refused(answer, purpose)
            last = f"HTTP {answer.status}: {self._reason(answer)}" if answer else "no reply"
            await self._flight.sleep(backoff_seconds(attempt) + self._asked_pause)
        raise ModelError(
            f"{self._settings.where}: it did not {purpose} in {self._settings.attempts} attempts; at last {last}. "
            "What was submitted goes on; run again later"
        )

    async def _once(self, method: str, path: str, **sent: Any) -> _Answer | None:
        """Send one request; None when no reply came."""
        self._asked_pause = 0.0
        timeout = aiohttp.ClientTimeout(
            total=_FILE_SECONDS if path.startswith("/files") else self._settings.timeout_seconds
        )
        url = f"{self._settings.base}{path}"
        try:
            async with self._session.request(method, url, timeout=timeout, allow_redirects=False, **sent) as response:
                body = self._key.hide_bytes(await read_reply_body(response, _MOST_FILE_BYTES))
                self._asked_pause = min(asked_seconds(response.headers), self._settings.deadline_seconds)
                return _Answer(response.status, body)
        except BodyRefused as error:
            raise ModelError(f"{self._settings.where}: {error}") from None
        except (aiohttp.ClientError, ConnectionError, TimeoutError, BodyBroken):
            return None

    def _reason(self, answer: _Answer) -> str:
        return self._key.hide(refusals.reason_in(answer.body))

    def _refused(self, answer: _Answer, purpose: str) -> ModelError:
        hint = (
            "this address has no batches, ask one by one (`mode: calls`)"
            if answer.status in (404, 405, 501)
            else "see what the provider says, or ask one by one (`mode: calls`)"
        )
        said = self._reason(answer)
        return ModelError(f"{self._settings.where} refuses to {purpose} with HTTP {answer.status}: {said}; {hint}")
