"""A worker: a forked process that runs the nodes that it is given, one after the other."""

import ctypes
import gc
import logging
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from kedro.io import CatalogProtocol
from kedro.pipeline.node import Node
from kedro.runner.task import Task

from quintain.errors import RunError
from quintain.runner.messages import Assignment, Failed, Finished
from quintain.runner.peak import peak_mib

GRACE_SECONDS = 1.0
"""What a worker that is told to end may spend on ending what its node started."""

_PR_SET_PDEATHSIG = 1


def serve(
    connection: Connection, nodes: Mapping[str, Node], catalog: CatalogProtocol, hooks: Any, run_id: str | None
) -> None:
    """Run nodes until nothing more comes.

    Args:
        connection: Where assignments come from and results go to.
        nodes: Every node of the run by name.
        catalog: This process's copy of the catalog.
        hooks: This process's copy of the plugin manager.
        run_id: Kedro's id of the run.
    """
    prefix = _NodePrefix()
    for handler in logging.getLogger().handlers:
        handler.addFilter(prefix)
    try:
        _end_with_parent()
        hooks.hook.after_worker_started()
        while (assignment := connection.recv()) is not None:
            prefix.node = assignment.node
            connection.send(_run(assignment, nodes[assignment.node], catalog, hooks, run_id))
    except (SystemExit, EOFError, OSError):  # told to end, or nobody is there to tell
        _end_group()


def is_in_memory(catalog: CatalogProtocol, name: str) -> bool:
    """True for a dataset that lives in the process that saved it and nowhere else."""
    return bool(getattr(catalog.get(name), "_EPHEMERAL", False))


def _run(
    assignment: Assignment, node: Node, catalog: CatalogProtocol, hooks: Any, run_id: str | None
) -> Finished | Failed:
    started = time.monotonic()
    try:
        for name in assignment.release:
            catalog.release(name)
        for name, data in assignment.memory.items():
            catalog.save(name, pickle.loads(data))  # noqa: S301 - from our own parent
        Task(node=node, catalog=catalog, hook_manager=hooks, is_async=False, run_id=run_id).execute()
        memory = {name: _pickled(name, node, catalog) for name in node.outputs if is_in_memory(catalog, name)}
    except Exception as error:  # noqa: BLE001 - every error of a node is the parent's to show
        return Failed(_portable(error))
    finished = Finished(time.monotonic() - started, peak_mib(), memory)
    _give_back_memory()
    return finished


def _give_back_memory() -> None:
    """Return to the system what the node freed: glibc would keep it, a gigabyte after a training."""
    gc.collect()
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):  # glibc alone has it
        libc.malloc_trim(0)


def _pickled(name: str, node: Node, catalog: CatalogProtocol) -> bytes:
    try:
        return pickle.dumps(catalog.load(name), protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise RunError(
            f"{name}, which node {node.name} makes, is kept in memory and cannot pass from one process to another: "
            f"{error}. Give it a file in the catalog, or run with --runner SequentialRunner"
        ) from error


def _portable(error: Exception) -> Exception:
    """An error that survives the way to the parent, with the traceback that it had here."""
    text = "".join(traceback.format_exception(error))
    try:
        copy: Exception = pickle.loads(pickle.dumps(error))  # noqa: S301 - made in this line
    except Exception:  # noqa: BLE001 - an error's own constructor may ask for anything
        copy = RunError(f"{type(error).__name__}: {error}")
    copy.add_note(f"In the worker:\n{text}")
    return copy


class _NodePrefix(logging.Filter):
    """Says in every line that a node logs which node it is, since nodes run side by side."""

    node = ""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = f"{self.node}: {record.getMessage()}", None
        return True


def _end_with_parent() -> None:
    """End when told to or when the parent is gone, with all that a node started: it shares this process's group."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(_signal: int, _frame: Any) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    timer = threading.Timer(GRACE_SECONDS, _end_group)
    timer.daemon = True
    timer.start()
    sys.exit()  # by way of every `finally` and `with` of the node


def _end_group() -> NoReturn:
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("a process outlived SIGKILL")
