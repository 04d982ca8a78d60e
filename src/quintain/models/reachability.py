"""Reachability of an endpoint, found out without asking its model anything."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import aiohttp

from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.http_session import open_session
from quintain.models.keys import Key

_SECONDS = 10
_REFUSED = {401, 403}


def why_unreachable(settings: EndpointSettings, key: Key) -> str:
    """Look an endpoint up, by the list of its models; servers that have none say so, and are there.

    Args:
        settings: Where it is.
        key: Its key.

    Returns:
        The reason why it cannot be reached or refuses the key; empty where it can.

    Raises:
        ConfigError: The environment names a proxy that is none.
    """
    with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own
        return thread.submit(asyncio.run, _reason(settings, key)).result()


async def _reason(settings: EndpointSettings, key: Key) -> str:
    url = f"{settings.address.rstrip('/')}/models"
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with (
            open_session(settings.address, key) as session,
            session.get(url, timeout=timeout, allow_redirects=False) as reply,
        ):
            return f"it refuses the key (HTTP {reply.status})" if reply.status in _REFUSED else ""
    except TimeoutError:
        return f"no reply within {_SECONDS} s"
    except (aiohttp.ClientError, OSError) as error:
        return key.hide(" ".join(str(error).split()) or type(error).__name__)
