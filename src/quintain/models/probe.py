"""Probes of an endpoint, for servers leave out silently what they do not know.

The probes are ordinary calls: they go through the ledger, so each is paid once per address.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import aiohttp
import msgspec

from quintain.errors import ConfigError, ModelError
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.http_session import proxy_of
from quintain.models.language_model import LanguageModel, Sampling
from quintain.models.reply_body import ACCEPTED_ENCODINGS, BodyBroken, BodyRefused, read_reply_body
from quintain.prompts import request
from quintain.records import Completion

logger = logging.getLogger(__name__)

PROBE_SCHEMA = {
    "type": "object",
    "properties": {"greeting": {"type": "string"}},
    "required": ["greeting"],
    "additionalProperties": False,
}
_INVENT = "endpoint/invent"
GREET = "endpoint/greet"
TRIAL_TOKENS = 16
"""Longest reply where only it matters whether the request is taken; OpenAI takes no less."""
_LEAST_TOKENS = 64
_SECONDS = 5
_TRANSFORMERS_ROUTES = {"/v1/chat/completions", "/load_model", "/reset"}


def probe_sampling(sampling: Sampling) -> Sampling:
    """Sampling for the probes: temperature 1, where two draws of a few lines do not come out equal by chance."""
    most = max(_LEAST_TOKENS, sampling.max_new_tokens)
    return Sampling(temperature=1.0, max_new_tokens=most, seed=sampling.seed)


def check_draws(model: LanguageModel, address: str) -> None:
    """See that two seeds give two texts.

    Args:
        model: The endpoint, with the sampling for probes.
        address: Its address.

    Raises:
        ModelError: It cannot be asked, or says the same twice.
    """
    first, second = model.generate([request(_INVENT, {"address": address}, sample=sample) for sample in (0, 1)])
    _require_answer(first, address)
    _require_answer(second, address)
    if first.text == second.text:
        raise ModelError(
            f"{address} says the same for two seeds at temperature 1: it does not sample, whatever it is asked for. "
            "Set sampling.temperature to 0 for this role, or take a server that samples, such as vLLM"
        )


def check_format(model: LanguageModel, address: str) -> None:
    """See that a reply is held to a JSON schema.

    Args:
        model: The endpoint, which asks for PROBE_SCHEMA with the prompt GREET.
        address: Its address.

    Raises:
        ModelError: It cannot be asked, or answers freely.
    """
    completion = model.generate([request(GREET, {"address": address})])[0]
    if fault := completion.origin.knobs.get("repaired"):
        raise ModelError(
            f"{address} does not hold its replies to a JSON schema, whatever it is asked for (response_format): "
            f"{fault}. Take `structured` out of this role, or take a server that does"
        )
    _require_answer(completion, address)


def _require_answer(completion: Completion, address: str) -> None:
    if completion.finish_reason == "error" or not completion.text.strip():
        raise ModelError(f"{address} could not be tried out: {completion.text or 'it said nothing'}")


def refuse_smoke_test_servers(role: str, settings: EndpointSettings) -> bool:
    """Keep `transformers serve` away from every role but the student.

    Args:
        role: Role that would ask.
        settings: Where it would ask.

    Returns:
        Whether it is `transformers serve`, good for a smoke test of a student.

    Raises:
        ConfigError: It is, and the role is another one.
    """
    if not _serves_transformers(settings.address):
        return False
    flaws = "leaves out temperature, top_p, n and response_format silently"
    if role != "student":
        raise ConfigError(
            f"roles.bindings.{role}: {settings.address} is `transformers serve`, which {flaws}: good for a smoke test "
            f"of a student, not for the role {role}. Serve the model with vLLM or SGLang (docs/how-to/endpoints.md)"
        )
    logger.warning("%s is `transformers serve`, which %s: a smoke test, no measurement", settings.address, flaws)
    return True


def _serves_transformers(address: str) -> bool:
    parts = urlsplit(address)
    with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own
        routes = thread.submit(asyncio.run, _routes(f"{parts.scheme}://{parts.netloc}/openapi.json")).result()
    return routes >= _TRANSFORMERS_ROUTES


async def _routes(url: str) -> set[str]:
    session = aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=_SECONDS),
        headers={"Accept-Encoding": ACCEPTED_ENCODINGS},
        auto_decompress=False,
        proxy=proxy_of(url),
    )
    try:
        async with session, session.get(url, allow_redirects=False) as reply:
            described = msgspec.json.decode(await read_reply_body(reply))
    except (aiohttp.ClientError, TimeoutError, ConnectionError, BodyBroken, BodyRefused, ValueError, RecursionError):
        return set()  # no description of itself; whether it is there at all, the calls will tell
    paths = described.get("paths") if isinstance(described, dict) else None
    return set(paths) if isinstance(paths, dict) else set()
