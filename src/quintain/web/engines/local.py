"""Processes of this machine; one worker is this process itself."""

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack

from quintain.errors import RecordError
from quintain.processors import usable_cores
from quintain.progress import Progress
from quintain.web.engines import TRIES, Work, stalled
from quintain.web.shards import Shard

_log = logging.getLogger(__name__)
_WHAT = "reading pages, shards"


def run(work: Work, shards: Sequence[Shard], workers: int, stall_seconds: float) -> list[Shard]:
    """Work through shards in processes; with one worker or one shard, in this process.

    Args:
        work: What to do with a shard; it must be picklable.
        shards: The shards, in order.
        workers: Number of processes; 0 for one per core.
        stall_seconds: Longest wait for a shard.

    Returns:
        Shards whose process died at every try.

    Raises:
        RecordError: The disk refused, no worker starts, or no shard was completed within `stall_seconds`.
    """
    workers = min(workers or usable_cores(), len(shards))
    if workers <= 1:
        with Progress(_WHAT, len(shards)) as progress:
            for shard in shards:
                work(shard)
                progress.advance(1)
        return []
    waiting: deque[Shard] = deque(shards)
    crashed: list[Shard] = []
    while waiting:
        suspects = _until_a_worker_dies(work, waiting, workers, stall_seconds)
        if suspects and not _workers_start():
            raise RecordError(
                "worker processes end before they begin. A script that ingests must do so under "
                "`if __name__ == '__main__':`, since every worker imports it; or set ingestion.workers to 1"
            )
        # Who of those under way killed a worker is seen when each has one of its own.
        crashed += [
            suspect
            for suspect in suspects
            if not any(_survives(work, suspect, stall_seconds) for _ in range(TRIES - 1))
        ]
    return crashed


def _workers_start() -> bool:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        try:
            executor.submit(os.getpid).result()
        except BrokenProcessPool:
            return False
    return True


def _survives(work: Work, shard: Shard, stall_seconds: float) -> bool:
    return not _until_a_worker_dies(work, deque([shard]), 1, stall_seconds)


def _until_a_worker_dies(work: Work, waiting: deque[Shard], workers: int, stall_seconds: float) -> list[Shard]:
    """Take shards off the queue until it is empty or a worker dies; give those that were under way then."""
    # A spawned process has no threads or locks of this one, which may hold torch.
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _follow_the_parent)
    under_way: dict[Future[None], Shard] = {}
    telling = ExitStack()
    progress = telling.enter_context(Progress(_WHAT, len(waiting)))
    try:
        while waiting or under_way:
            while waiting and len(under_way) < workers:
                under_way[executor.submit(work, waiting[0])] = waiting[0]
                waiting.popleft()
            done, _ = wait(under_way, stall_seconds, FIRST_COMPLETED)
            if not done:
                raise stalled(stall_seconds, list(under_way.values()), "If they are only slow, raise the limit")
            for future in done:
                future.result()
                del under_way[future]
            progress.advance(len(done))
    except BrokenProcessPool:
        _log.warning("a worker died; under way: %s", "; ".join(map(str, under_way.values())))
        return list(under_way.values())
    finally:
        telling.close()
        # After an error or Ctrl-C nobody waits for the shards under way: they are done again.
        if under_way:
            for process in set(multiprocessing.active_children()) - others:
                process.kill()
        executor.shutdown(cancel_futures=True)
    return []


def _follow_the_parent() -> None:
    """End with the parent however it ends; an orphan would wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
