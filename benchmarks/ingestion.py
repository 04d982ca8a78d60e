"""Archives to distinct pages: one process, several, Ray, and a thread per page, each in a process of its own.

    python benchmarks/ingestion.py [COPIES]

Reads ../shared/data/web (101 pages). COPIES (default 20) archives with the same texts under other addresses lie in a
temporary folder, so all but the first are duplicates. Seconds are wall time from start to end of the process, imports
and the start of workers included; peak memory is the largest sum of the resident memory of the process and its
children, looked at twenty times a second. Only the ratios carry over to other machines.
"""

import dataclasses
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from quintain.records import RawPage, WebPage
from quintain.web import IngestionParams, PageLimits, ingest, read_pages, write_warc

DATA = Path(__file__).parents[2] / "shared" / "data" / "web" / "pages.warc.gz"
SHARD_MIB = 1.0
MOST_MEMORY = 1.3

WAYS: dict[str, dict[str, Any]] = {
    "local, 1 worker": {"engine": "local", "workers": 1},
    "local, 2 workers": {"engine": "local", "workers": 2},
    "ray, 2 workers": {"engine": "ray", "workers": 2},
    "a thread per page, all in memory": {},
}


def main(copies: int) -> int:
    """Measure, print, and compare with the targets; 0 when all are met."""
    if not DATA.is_file():
        print(f"the real pages are not there: {DATA}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(copies):
            pages = [page for page in read_pages(DATA) if isinstance(page, RawPage)]
            renamed = [dataclasses.replace(page, url=f"{page.url}#copy-{number}") for page in pages]
            write_warc(renamed, root / "all" / f"{number:03}.warc.gz")
            if number == 0:
                write_warc(renamed, root / "one" / "000.warc.gz")
        runs = {(way, source): measured(way, root, source) for way in WAYS for source in ("one", "all")}

    print(f"{copies} copies of {len(pages)} pages")
    print(f"{'':34}{'pages/s':>9}{'x one worker':>14}{'MiB, 1 copy':>13}{f'{copies} copies':>12}{'ratio':>7}")
    base = runs["local, 1 worker", "all"]["seconds"]
    for way in WAYS:
        one, many = runs[way, "one"], runs[way, "all"]
        speed, ratio = many["pages"] / many["seconds"], many["peak_mib"] / one["peak_mib"]
        memory = f"{one['peak_mib']:13.0f}{many['peak_mib']:12.0f}{ratio:7.2f}"
        print(f"{way:34}{speed:9.1f}{base / many['seconds']:14.2f}{memory}")
    ours = [way for way in WAYS if WAYS[way]]
    met = {
        "the same records from every engine": len({runs[way, "all"]["records"] for way in ours}) == 1,
        f"memory of {copies} copies <= {MOST_MEMORY} x that of one": all(
            runs[way, "all"]["peak_mib"] <= MOST_MEMORY * runs[way, "one"]["peak_mib"] for way in ours
        ),
    }
    print()
    for target, reached in met.items():
        print(f"{'met   ' if reached else 'MISSED'}  {target}")
    return 0 if all(met.values()) else 1


def measured(way: str, root: Path, source: str) -> dict[str, float]:
    """Run one way over one source in a process of its own: seconds, peak memory, and what it printed."""
    start = time.monotonic()
    command = [sys.executable, __file__, way, str(root / source), str(root / f"{way} {source}")]
    job = subprocess.Popen(command, stdout=subprocess.PIPE)
    peak = 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.05):
            peak = max(peak, resident_mib(job.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = job.communicate()
    ended.set()
    watcher.join()
    if job.returncode:
        raise SystemExit(f"{way} over {source} ended with {job.returncode}")
    return {**json.loads(out.splitlines()[-1]), "seconds": time.monotonic() - start, "peak_mib": peak}


def resident_mib(pid: int) -> float:
    """Resident memory of a process and all below it, in MiB."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return pages * 4096 / 2**20 + sum(resident_mib(int(child)) for child in below)


def run(way: str, source: str, folder: str) -> None:
    limits = PageLimits()
    if not WAYS[way]:
        print(json.dumps({"pages": a_thread_per_page(source, limits), "records": ""}))
        return
    digest, count = hashlib.sha256(), 0
    for record in ingest(read_pages(source), limits, IngestionParams(folder=folder, shard_mib=SHARD_MIB, **WAYS[way])):
        digest.update(record.id.encode())
        count += 1
    print(json.dumps({"pages": count, "records": digest.hexdigest()}))


def a_thread_per_page(source: str, limits: PageLimits) -> int:
    """The released code's way: the list in memory, a thread for each item, then datasketch text after text."""
    from datasketch import MinHash, MinHashLSH

    from quintain.web import extract

    raw = list(read_pages(source))
    with ThreadPoolExecutor(len(raw)) as threads:
        pages = [page for page in threads.map(lambda one: extract(one, limits), raw) if isinstance(page, WebPage)]
    index = MinHashLSH(threshold=0.7, num_perm=128)
    for number, page in enumerate(pages):
        signature = MinHash(num_perm=128)
        for word in page.text.split():
            signature.update(word.encode())
        if not index.query(signature):
            index.insert(number, signature)
    return len(raw)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        run(*sys.argv[1:])
    else:
        raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
