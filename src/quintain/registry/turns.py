"""Turns on an MLflow server, which can neither lock a model nor move a title only if nobody else has."""

import contextlib
import logging
import os
import platform
import time
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

from quintain.registry.store import SQLITE, exclusive

if TYPE_CHECKING:
    from mlflow import MlflowClient

logger = logging.getLogger(__name__)

CLAIM = "quintain.turn."
"""Beginning of the tag by which a process says that it wants the model for itself; its end is the process's own."""
_PATIENCE_SECONDS = 600
"""Longer than any gate takes; a process that is killed inside costs the next one this much."""
_PAUSE_SECONDS = 0.2


@contextlib.contextmanager
def turn(client: "MlflowClient", uri: str, name: str) -> Iterator[None]:
    """Have a registered model's titles to oneself while this lasts, on a file as on a server.

    On a server this is the one-bit algorithm, with a tag for the bit: each process writes its own tag and then reads
    all of them. Of two at least one sees the other. The younger takes its tag away and waits; the older waits until it
    has. So there is never more than one inside, whatever the clocks say, as long as what was written is what is read:
    a server that reads from a lagging copy of its database promises less.

    Args:
        client: Client of the store.
        uri: Address of the store, absolute.
        name: Name of the registered model.

    Yields:
        Nothing; the model is held.

    Raises:
        RegistryError: The store failed.

    Source: L. Lamport, The mutual exclusion problem, part II, J. ACM 33 (1986), section 3.1.
    """
    with exclusive(uri):
        if uri.startswith(SQLITE) or not client.search_registered_models(f"name = '{name}'"):
            yield
            return
        # The order of these is that of age where clocks agree, and any order will do.
        mine = f"{CLAIM}{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
        try:
            _wait_inside(client, name, mine)
            yield
        finally:
            client.delete_registered_model_tag(name, mine)


def _wait_inside(client: "MlflowClient", name: str, mine: str) -> None:
    """Return when nobody else wants the model who is not waiting for us."""
    watch = _Watch(client, name, mine)
    while True:
        client.set_registered_model_tag(name, mine, f"{platform.node()}, process {os.getpid()}")
        others = watch.others()
        if not any(other < mine for other in others):
            break
        client.delete_registered_model_tag(name, mine)
        while any(other < mine for other in watch.others()):
            time.sleep(_PAUSE_SECONDS)
    while any(other > mine for other in watch.others()):  # an older one that comes now waits for us
        time.sleep(_PAUSE_SECONDS)


class _Watch:
    """The claims of others, less those of processes that died with theirs."""

    def __init__(self, client: "MlflowClient", name: str, mine: str) -> None:
        self._client, self._name, self._mine = client, name, mine
        self._seen: dict[str, float] = {}

    def others(self) -> list[str]:
        tags = self._client.get_registered_model(self._name).tags
        claims = {key: who for key, who in tags.items() if key.startswith(CLAIM) and key != self._mine}
        for key in claims.keys() - self._seen.keys():
            logger.info("%s is at the titles of %s; waiting for it", claims[key], self._name)
        # By our own watch: clocks of other machines may be wrong, and a claim that goes and comes back is alive.
        now = time.monotonic()
        self._seen = {key: self._seen.get(key, now) for key in claims}
        for key, since in self._seen.items():
            if now - since > _PATIENCE_SECONDS:
                logger.warning(
                    "%s has held the titles of %s for %d s and is taken for dead", claims[key], self._name, now - since
                )
                self._client.delete_registered_model_tag(self._name, key)
        return list(claims)
