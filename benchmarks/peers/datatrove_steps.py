"""Jobs for datatrove, run by its own Python: `datatrove_steps.py JOB ARGUMENTS`; the last line is the result."""

import json
import resource
import sys
import tempfile
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import C4QualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.readers import WarcReader
from datatrove.utils.hashing import HashConfig


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def config() -> MinhashConfig:
    return MinhashConfig(n_grams=5, num_buckets=25, hashes_per_bucket=5, hash_config=HashConfig(precision=32))


def counted(documents, counts: dict, name: str):
    for document in documents:
        counts[name] = counts.get(name, 0) + 1
        yield document


def warc_to_signature(folder: str) -> dict:
    """Reader, extractor, Gopher quality, signature: CPU-seconds without imports."""
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as out:
        start = cpu_seconds()
        documents = counted(WarcReader(folder).run(None, 0, 1), counts, "read")
        documents = counted(Trafilatura().run(documents, 0, 1), counts, "extracted")
        documents = counted(GopherQualityFilter().run(documents, 0, 1), counts, "kept")
        MinhashDedupSignature(out, config=config()).run(documents, 0, 1)
        seconds = cpu_seconds() - start
    return {"seconds": seconds, **counts}


def near_duplicates(texts: str) -> dict:
    """Stage 1 (signatures) and stage 2 (pairs that share a bucket): CPU-seconds without imports."""
    documents = [Document(text=text, id=str(i)) for i, text in enumerate(json.loads(Path(texts).read_text()))]
    with tempfile.TemporaryDirectory() as signatures, tempfile.TemporaryDirectory() as buckets:
        start = cpu_seconds()
        MinhashDedupSignature(signatures, config=config()).run(documents, 0, 1)
        for bucket in range(25):
            MinhashDedupBuckets(signatures, buckets, config=config()).run(None, bucket, 25)
        seconds = cpu_seconds() - start
    return {"seconds": seconds}


def decisions(texts: str) -> dict:
    """What its filters keep."""
    kept: dict[str, list[bool] | float] = {}
    for quality in (GopherQualityFilter(), GopherRepetitionFilter(), C4QualityFilter(filter_no_terminal_punct=False)):
        start = cpu_seconds()
        given = json.loads(Path(texts).read_text())
        kept[type(quality).__name__] = [
            quality.filter(Document(text=text, id=str(i))) is True for i, text in enumerate(given)
        ]
        kept[f"{type(quality).__name__} seconds"] = cpu_seconds() - start
    return kept


if __name__ == "__main__":
    GopherQualityFilter().filter(Document(text="Loads the tokenizer, which nobody is charged for.", id="0"))
    result = globals()[sys.argv[1]](**json.loads(sys.argv[2]))
    print(json.dumps(result))
