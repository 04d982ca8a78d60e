"""Sign of life of a node that tells nothing by itself: a line every ten seconds says how long it has been at work."""

import logging
import threading
import time

from quintain import progress

logger = logging.getLogger(__name__)


class Heartbeat:
    """Tells that a node is still at work, as long as no progress tells more.

    Args:
        name: The node, as the beginning of the lines; empty where whoever writes them names it.
    """

    def __init__(self, name: str = "") -> None:
        self._lead = f"{name}: " if name else ""
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="heartbeat", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Fall silent; no line comes afterwards."""
        self._ended.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._ended.wait(progress.LINE_SECONDS):
            if not progress.is_telling():
                logger.info("%s%s so far", self._lead, progress.duration(time.monotonic() - self._started))
