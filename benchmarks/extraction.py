"""Main text of real pages: our profiles beside trafilatura's default and the authors' way, in one process.

    python benchmarks/extraction.py [ROUNDS]

Reads ../shared/data/web (101 pages, main text marked by people). Speed is pages per CPU-second of one core. The
extractors take turns, each over all pages as in a real run, and of each page the fastest of all rounds counts; only the
ratio carries over to other machines. Pages come as bytes, but to the rows that say "decoded": those get text, of which
Python keeps the UTF-8 form from the first round on.
"""

import functools
import gzip
import json
import logging
import math
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from quintain.records import RawPage
from quintain.web import PAGE_STAGES, PageLimits, extract_pages, funnel, main_text, read_pages
from quintain.web.encoding import decode
from quintain.web.scoring import score_extraction

DATA = Path(__file__).parents[2] / "shared" / "data" / "web"
LEAST_F1 = 0.95
LEAST_RATIO = 1.35
MOST_F1_LOST = 0.006
LEAST_BULK_F1 = 0.92
LEAST_BULK_RATIO = 12


def in_a_thread(html: bytes) -> str:
    """The authors' way: a thread for each page, its result in a list."""
    texts: list[str] = []
    thread = threading.Thread(target=lambda: texts.append(trafilatura.extract(html) or ""))
    thread.start()
    thread.join()
    return texts[0]


def resiliparse_alone(html: bytes) -> str:
    """What the bulk profile cannot be faster than: UTF-8 taken for granted, nothing checked."""
    return extract_plain_text(
        html.decode("utf-8", "replace"),
        main_content=True,
        comments=False,
        alt_texts=False,
        form_fields=False,
        noscript=False,
        post_meta=False,
    )


EXTRACTORS: dict[str, Callable[..., str]] = {
    "quintain quality": main_text,
    "quintain bulk": functools.partial(main_text, profile="bulk"),
    "quintain two_pass": functools.partial(main_text, profile="two_pass"),
    "trafilatura default": lambda html: trafilatura.extract(html) or "",
    "trafilatura default, no comments": lambda html: trafilatura.extract(html, include_comments=False) or "",
    "a thread per page": in_a_thread,
    "resiliparse alone": resiliparse_alone,
    "quintain bulk, decoded": functools.partial(main_text, profile="bulk"),
    "trafilatura default, decoded": lambda html: trafilatura.extract(html) or "",
}


def main(rounds: int) -> int:
    """Measure, print, and compare with the targets; 0 when all are met."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    if not DATA.is_dir():
        print(f"the real pages are not there: {DATA}")
        return 0
    raw = [page for page in read_pages(DATA / "pages.warc.gz") if isinstance(page, RawPage)]
    with gzip.open(DATA / "ground_truth.json.gz", "rt", encoding="utf-8") as file:
        expected = json.load(file)

    texts: dict[str, dict[str, str]] = {name: {} for name in EXTRACTORS}
    seconds = {name: [math.inf] * len(raw) for name in EXTRACTORS}
    names = list(EXTRACTORS)
    decoded = [decode(page.html) for page in raw]
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            for number, page in enumerate(raw):
                html = decoded[number] if name.endswith("decoded") else page.html
                start = time.process_time()
                texts[name][page.url] = EXTRACTORS[name](html)
                seconds[name][number] = min(seconds[name][number], time.process_time() - start)
    scores = {name: score_extraction(expected, found) for name, found in texts.items()}
    speed = {name: len(raw) / sum(fastest) for name, fastest in seconds.items()}
    quality, bulk, anchor, plain = names[0], names[1], "trafilatura default", "trafilatura default, no comments"

    print(f"{len(raw)} pages, {rounds} rounds, trafilatura {trafilatura.__version__}")
    print(f"{'':34}{'F1':>7}{'precision':>11}{'recall':>8}{'pages/s':>9}{'of default':>12}")
    for name, score in scores.items():
        ratio = f"{speed[name] / speed[anchor]:.2f} x"
        print(f"{name:34}{score.f1:7.4f}{score.precision:11.4f}{score.recall:8.4f}{speed[name]:9.1f}{ratio:>12}")

    start = time.process_time()
    pages, dropped = extract_pages(read_pages(DATA / "pages.warc.gz"), PageLimits())
    print(f"\nfunnel, archive to pages in {time.process_time() - start:.2f} CPU-seconds")
    for stage, count in funnel(len(pages), dropped, PAGE_STAGES).items():
        reasons = ", ".join(f"{number} {reason}" for reason, number in count["dropped"].items())
        print(f"  {stage:12}{count['entered']:5} in {count['passed']:5} out   {reasons}")

    least_f1 = max(scores[anchor].f1, scores[plain].f1) - MOST_F1_LOST
    met = {
        f"quality: F1 >= {LEAST_F1}": scores[quality].f1 >= LEAST_F1,
        f"quality: F1 >= trafilatura's - {MOST_F1_LOST}": scores[quality].f1 >= least_f1,
        f"quality: speed >= {LEAST_RATIO} x trafilatura's default": speed[quality] >= LEAST_RATIO * speed[anchor],
        f"bulk: F1 >= {LEAST_BULK_F1}": scores[bulk].f1 >= LEAST_BULK_F1,
        f"bulk: speed >= {LEAST_BULK_RATIO} x trafilatura's default": speed[bulk] >= LEAST_BULK_RATIO * speed[anchor],
        f"bulk, decoded: speed >= {LEAST_BULK_RATIO} x trafilatura's default": speed["quintain bulk, decoded"]
        >= LEAST_BULK_RATIO * speed["trafilatura default, decoded"],
    }
    print()
    for target, reached in met.items():
        print(f"{'met   ' if reached else 'MISSED'}  {target}")
    return 0 if all(met.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
