"""A Ray cluster, of this machine or a real one, by Ray Data.

Shards go out as blocks of one row, worked through by tasks: actors would hold every core and wait for each other.
"""

import logging
import os
import queue
import socket
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from quintain.errors import ConfigError, RecordError
from quintain.processors import usable_cores
from quintain.web.engines import TRIES, Work, stalled
from quintain.web.shards import Shard

if TYPE_CHECKING:
    from ray.data import Dataset

_SWITCHES = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Without it, a call after the end of a cluster silently starts another.
    "RAY_ENABLE_AUTO_CONNECT": "0",
}
"""Environment that Ray reads when it is imported."""

_OBJECT_STORE_BYTES = 100 << 20
"""Of a local cluster; only names and errors pass through it."""

_KNOCK_SECONDS = 10


def run(work: Work, shards: Sequence[Shard], workers: int, stall_seconds: float, address: str) -> list[Shard]:
    """Work through shards as tasks of a Ray cluster.

    Args:
        work: What to do with a shard; it must be picklable, and its files at the same paths on every machine.
        shards: The shards, in order.
        workers: Most tasks at once; 0 for one per core of the cluster.
        stall_seconds: Longest wait for a shard.
        address: The cluster; '' starts one on this machine and ends it afterwards.

    Returns:
        Shards whose worker died at every try.

    Raises:
        ConfigError: Ray is not installed, or the cluster cannot be reached.
        RecordError: The disk refused, or no shard was completed within `stall_seconds`.
    """
    with _cluster(address, workers):
        missing = {shard.name: shard for shard in shards}
        for name, error in _results(_tasks(work, shards, workers if address else 0), missing, stall_seconds):
            if error:
                raise RecordError(error)
            del missing[name]
        return list(missing.values())


@contextmanager
def _cluster(address: str, workers: int) -> Iterator[None]:
    for switch, value in _SWITCHES.items():
        os.environ.setdefault(switch, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ConfigError(
            f"ingestion.engine is `ray`, but {error.name} is not installed; "
            "run `pip install 'quintain[ray]'`, or set the engine to `local`"
        ) from None
    if ray.is_initialized():  # the caller's cluster, which stays
        yield
        return
    _require_listener(address)
    # "local" is said aloud: Ray would join whatever cluster an old address file names.
    machine: dict[str, Any] = {
        "address": "local",
        "num_cpus": workers or usable_cores(),
        "object_store_memory": _OBJECT_STORE_BYTES,
        "include_dashboard": False,
    }
    try:
        ray.init(**({"address": address} if address else machine), log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ConfigError(
            f"no Ray cluster at {address or 'this machine'} (ingestion.address): {error}. Where the cluster asks for a "
            "token, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN in the environment"
        ) from error
    except Exception as error:
        if type(error) is not Exception:  # Ray raises this very class where its processes need more than 30 s to start
            raise
        raise ConfigError(
            f"Ray did not start on this machine: {str(error).removesuffix('.')}. Run this again when less is running "
            "here, or set ingestion.engine to `local`"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _require_listener(address: str) -> None:
    """Knock first: Ray tries for minutes to reach a cluster that is not there."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():  # "auto", or this machine
        return
    try:
        socket.create_connection((host, int(port)), timeout=_KNOCK_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"no Ray cluster listens at {address} (ingestion.address): {error}; start one with `ray start --head`, or "
            "leave the address empty for one on this machine"
        ) from None


def _tasks(work: Work, shards: Sequence[Shard], most_at_once: int) -> "Dataset":
    import ray.data
    from ray.util.annotations import RayDeprecationWarning

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    # A shard that kills its worker must not end the others; those that are missing in the end are reported by name.
    context.max_errored_blocks = -1
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)

    def outcome(block: Any) -> Any:
        (shard,) = block["shard"]
        try:
            work(shard)
        except RecordError as error:
            return {"name": [shard.name], "error": [str(error)]}
        return {"name": [shard.name], "error": [""]}

    blocks = ray.data.from_items([{"shard": shard} for shard in shards], override_num_blocks=len(shards))
    with warnings.catch_warnings():
        # Ray 2.60 has no other way to bound the retries, which are endless by default.
        warnings.simplefilter("ignore", RayDeprecationWarning)
        return blocks.map_batches(
            outcome,
            batch_size=1,
            num_cpus=1,
            compute=ray.data.TaskPoolStrategy(size=most_at_once or None),
            ray_remote_args_fn=lambda: {"max_retries": TRIES - 1},
        )


def _results(dataset: "Dataset", missing: dict[str, Shard], stall_seconds: float) -> Iterator[tuple[str, str]]:
    """Name and error of each shard as it is completed; Ray waits for ever where a cluster has no free core."""
    results: queue.Queue[tuple[str, str] | BaseException | None] = queue.Queue()

    def follow() -> None:
        try:
            for row in dataset.iter_rows():
                results.put((row["name"], row["error"]))
            results.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            results.put(error)

    threading.Thread(target=follow, daemon=True).start()
    while True:
        try:
            result = results.get(timeout=stall_seconds)
        except queue.Empty:
            hint = "If they are only slow, raise the limit; `ray status` shows whether the cluster has free CPUs"
            raise stalled(stall_seconds, list(missing.values()), hint) from None
        if isinstance(result, BaseException):
            raise result
        if result is None:
            return
        yield result
