"""Archive to signatures: reading, main text, Gopher quality, MinHash; ours beside datatrove and the authors' way.

    python benchmarks/warc_to_signature.py [COPIES]

Datatrove's reader passes on fewer records than there are; its speed counts those that it passes on.

Reads COPIES copies of ../shared/data/web (101 pages) under distinct addresses. Figures are records per CPU-second,
children included; only the ratios carry over to other machines. Datatrove runs in an environment of its own.
"""

import json
import math
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import datasketch
import trafilatura
from peers.environment import ask_datatrove

from quintain.records import Dropped, RawPage, WebPage
from quintain.web import PageLimits, extract, main_text, read_pages, write_warc
from quintain.web.duplicates import signatures
from quintain.web.ingestion_params import Profile
from quintain.web.page_limits import MAX_BYTES
from quintain.web.quality import FILTERS, MeasuredText
from quintain.web.warc_fast import read_warc_fast

DATA = Path(__file__).parents[2] / "shared" / "data" / "web" / "pages.warc.gz"
LEAST_QUALITY = 2.5
LEAST_BULK = 12
ROUNDS = 2
BATCH_PAGES = 256
GOPHER = PageLimits(max_top_ngrams=(), max_repeated_ngrams=(), max_repeated_lines=1, max_repeated_line_characters=1)
"""Gopher's quality rules without its repetition rules, as datatrove's filter has them."""
RULES = {
    "GopherQualityFilter": (
        "few-words", "many-words", "word-length", "symbols", "bullets", "ellipses", "letters", "stop-words",
    ),
    "GopherRepetitionFilter": ("repeated-lines", "repeated-line-characters", "top-ngram", "repeated-ngrams"),
    "C4QualityFilter": ("few-sentences", "placeholder", "braces", "notices"),
}  # fmt: skip


def ours(raw_pages: Iterator[RawPage | Dropped], profile: Profile) -> int:
    """Batch by batch, so that memory does not grow; the number of pages signed."""
    signed = 0
    while batch := list(islice(raw_pages, BATCH_PAGES)):
        found = [extract(raw, GOPHER, profile) for raw in batch if isinstance(raw, RawPage)]
        signed += len(signatures([page.text for page in found if isinstance(page, WebPage)], 5))
    return signed


def authors_way(archive: Path) -> int:
    """A thread per page, the whole list in memory, a plain loop over unigram sets; no quality rules."""
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda html=raw.html: texts.append(trafilatura.extract(html) or ""))
        for raw in [page for page in read_pages(archive) if isinstance(page, RawPage)]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for text in texts:
        minhash = datasketch.MinHash(128)
        for token in set(re.findall(r"\w+", text)):
            minhash.update(token.encode())
    return len(texts)


SYSTEMS = {
    "quintain quality": lambda archive: ours(iter(read_pages(archive)), "quality"),
    "quintain bulk": lambda archive: ours(read_warc_fast(archive, MAX_BYTES), "bulk"),
    "quintain two_pass": lambda archive: ours(read_warc_fast(archive, MAX_BYTES), "two_pass"),
    "the authors' way": authors_way,
}


def main(copies: int) -> int:
    """Measure, print, and compare with the targets; 0 when all are met."""
    if not DATA.is_file():
        print(f"the real pages are not there: {DATA}")
        return 0
    raw = [page for page in read_pages(DATA) if isinstance(page, RawPage)]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "pages.warc.gz"
        write_warc((replace(page, url=f"{page.url}?copy={copy}") for copy in range(copies) for page in raw), archive)
        size = copies * len(raw)
        seconds = dict.fromkeys(SYSTEMS, math.inf)
        signed = {}
        for _ in range(ROUNDS):
            for name, system in SYSTEMS.items():
                start = time.process_time()
                signed[name] = system(archive)
                seconds[name] = min(seconds[name], time.process_time() - start)
        peer = ask_datatrove("warc_to_signature", folder=folder)
        speed = {name: size / spent for name, spent in seconds.items()} | {"datatrove": peer["read"] / peer["seconds"]}
        signed["datatrove"] = peer.get("kept", 0)
        print(f"{size} records, trafilatura {trafilatura.__version__}; datatrove read {peer.get('read', 0)}")
        print(f"{'':20}{'records/s':>11}{'signed':>8}{'of datatrove':>15}")
        for name, records_per_second in speed.items():
            ratio = records_per_second / speed["datatrove"]
            print(f"{name:20}{records_per_second:11.1f}{signed[name]:8}{ratio:13.1f} x")
        agreement(raw, Path(folder) / "texts.json")

    met = {
        f"quality >= {LEAST_QUALITY} x datatrove": speed["quintain quality"] >= LEAST_QUALITY * speed["datatrove"],
        f"bulk >= {LEAST_BULK} x datatrove": speed["quintain bulk"] >= LEAST_BULK * speed["datatrove"],
    }
    print()
    for target, reached in met.items():
        print(f"{'met   ' if reached else 'MISSED'}  {target}")
    return 0 if all(met.values()) else 1


def agreement(raw: list[RawPage], given: Path) -> None:
    """Compare the filters' decisions on the same texts, ours on `quintain.text.words`, datatrove's on spaCy's."""
    texts = list(filter(None, (main_text(page.html) for page in raw)))
    given.write_text(json.dumps(texts), encoding="utf-8")
    theirs = ask_datatrove("decisions", texts=str(given))
    limits = PageLimits(min_sentences=5, max_braces=0)
    print(f"\ndecisions on the same {len(texts)} texts, all taken for English, as datatrove takes them")
    print(f"{'':26}{'agree':>8}{'we keep':>9}{'they keep':>11}{'texts/s':>9}{'theirs':>8}")
    for name, rules in RULES.items():
        start = time.process_time()
        kept = [
            not any(FILTERS[rule](page, limits) for rule in rules)
            for page in (MeasuredText(one, "en") for one in texts)
        ]
        spent = time.process_time() - start
        agree = sum(one == other for one, other in zip(kept, theirs[name], strict=True)) / len(texts)
        speeds = f"{len(texts) / spent:9.0f}{len(texts) / theirs[f'{name} seconds']:8.0f}"
        print(f"{name:26}{agree:8.1%}{sum(kept):9}{sum(theirs[name]):11}{speeds}")


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
