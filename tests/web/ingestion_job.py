"""Ingest a source as a process of its own, for tests that kill it: `python ingestion_job.py SOURCE FOLDER SETTINGS`.

SETTINGS is JSON: the fields of IngestionParams, `trouble` and `at`. Trouble comes to the shards whose name holds `at`,
or to all of a pass named so (`ShardWork`, `Rereading`), and leaves a mark beside their outputs: `slow` takes half a
second, `killed` ends the worker at the first try, `crash` at every try, `hang` takes for ever. It prints the ids of all
records, how many were kept, and the peak memory.
"""

import json
import os
import resource
import signal
import sys
import time

from quintain import web
from quintain.errors import QuintainError
from quintain.records import WebPage
from quintain.web import ingestion


class Trouble:
    """Work that meets what work meets."""

    def __call__(self, shard):
        if SETTINGS["at"] in f"{type(self).__name__} {shard.name}":
            mark = self.store.folder / f"{shard.name}.tried"
            first = not mark.exists()
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
            match SETTINGS["trouble"]:
                case "slow":
                    time.sleep(0.5)
                case "hang":
                    time.sleep(1000)
                case "killed" if first:
                    os.kill(os.getpid(), signal.SIGKILL)
                case "crash":
                    os.kill(os.getpid(), signal.SIGSEGV)
        super().__call__(shard)


class TroubledWork(Trouble, ingestion.ShardWork):
    """The first pass."""


class TroubledRereading(Trouble, ingestion.Rereading):
    """The second pass."""


# A spawned worker imports this file under the second name; pytest, which looks for doctests, under another.
if __name__ in ("__main__", "__mp_main__"):
    SOURCE, FOLDER, SETTINGS = sys.argv[1], sys.argv[2], {"trouble": "", "at": "", **json.loads(sys.argv[3])}

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if SETTINGS["trouble"]:
        ingestion.ShardWork, ingestion.Rereading = TroubledWork, TroubledRereading
    params = web.IngestionParams(
        folder=FOLDER, **{name: value for name, value in SETTINGS.items() if name not in ("trouble", "at", "ids")}
    )
    limits = web.PageLimits(min_words=5, min_stop_words=0)
    ids, kept = [], 0
    try:
        for record in web.ingest(web.read_pages(SOURCE), limits, params):
            kept += isinstance(record, WebPage)
            ids += [record.id] if SETTINGS.get("ids", True) else []
    except QuintainError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    peak_mib = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    sys.stdout.write(json.dumps({"ids": ids, "kept": kept, "peak_mib": peak_mib}) + "\n")
