"""Near-duplicates: ours beside datasketch, datatrove and the authors' way, on planted pairs.

    python benchmarks/near_duplicates.py [TEXTS]

A seeded corpus of texts of 120 to 280 words; every tenth has a copy with a few words changed, so that the exact Jaccard
similarity of the 5-word shingles is known. All indexes have 25 bands of 5 rows. Speed is texts per CPU-second with
shingling; only the ratios carry over to other machines. Datatrove runs in an environment of its own, over the first
2,000 texts.
"""

import json
import math
import random
import sys
import tempfile
import time
from pathlib import Path

import datasketch
import xxhash
from peers.environment import ask_datatrove

from quintain.text.words import words
from quintain.web import near_duplicates
from quintain.web.duplicates import bands, jaccard, shingles

THRESHOLD = 0.7
ROUNDS = 3
DATATROVE_TEXTS = 2000
LEAST_OVER_DATASKETCH = 1.8
LEAST_OVER_DATATROVE = 25
MOST_RECALL_LOST = 0.003
MOST_FALSE_DROPS = 0.001


def corpus(size: int) -> tuple[list[str], dict[int, int]]:
    """Texts, and the place of the original for each copy, which stands later."""
    rng = random.Random(0)
    vocabulary = [f"{rng.choice('bdfgklmnprst')}{rng.choice('aeiou')}{n:x}" for n in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    originals = [rng.choices(vocabulary, weights, k=rng.randint(120, 280)) for _ in range(size - size // 10)]
    texts = [" ".join(tokens) for tokens in originals]
    original_of = {}
    for original in rng.sample(range(len(originals)), size // 10):
        tokens = list(originals[original])
        for at in rng.sample(range(len(tokens)), rng.randint(1, 7)):
            tokens[at] = rng.choice(vocabulary)
        original_of[len(texts)] = original
        texts.append(" ".join(tokens))
    return texts, original_of


def datasketch_loop(texts: list[str], tokens_of, index_params, **sketch) -> list[int]:
    """The plain loop: sketch, ask the index, keep the first; nothing is verified."""
    index = datasketch.MinHashLSH(THRESHOLD, 128, params=index_params)
    clusters: list[int] = []
    for i, text in enumerate(texts):
        minhash = datasketch.MinHash(128, **sketch)
        minhash.update_batch([token.encode() for token in tokens_of(text)])
        found = index.query(minhash)
        clusters.append(clusters[min(found)] if found else i)
        if not found:
            index.insert(i, minhash)
    return clusters


def unigrams(text: str) -> set[str]:
    return set(words(text))


SYSTEMS = {
    "quintain near_duplicates": near_duplicates,
    "datasketch, xxh32": lambda texts: datasketch_loop(
        texts, lambda text: shingles(text, 5), bands(THRESHOLD), hashfunc=xxhash.xxh32_intdigest
    ),
    "the authors' way, unigram sets": lambda texts: datasketch_loop(texts, unigrams, None),
}


def main(size: int) -> int:
    """Measure, print, and compare with the targets; 0 when all are met."""
    texts, original_of = corpus(size)
    sets = {i: frozenset(shingles(texts[i], 5)) for pair in original_of.items() for i in pair}
    similarity = {copy: jaccard(sets[copy], sets[original]) for copy, original in original_of.items()}
    planted = {copy: original for copy, original in original_of.items() if similarity[copy] >= THRESHOLD}
    count, rows = bands(THRESHOLD)
    theory = sum(1 - (1 - similarity[copy] ** rows) ** count for copy in planted) / len(planted)

    seconds = dict.fromkeys(SYSTEMS, math.inf)
    clusters = {}
    for _ in range(ROUNDS):
        for name, system in SYSTEMS.items():
            start = time.process_time()
            clusters[name] = system(texts)
            seconds[name] = min(seconds[name], time.process_time() - start)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "texts.json"
        given.write_text(json.dumps(texts[:DATATROVE_TEXTS]), encoding="utf-8")
        asked = min(ask_datatrove("near_duplicates", texts=str(given))["seconds"] for _ in range(2))
    speed = {name: size / spent for name, spent in seconds.items()}
    speed["datatrove, stages 1 and 2"] = min(DATATROVE_TEXTS, size) / asked

    ours, *peers = speed
    recall = {
        name: sum(found[c] == found[o] for c, o in planted.items()) / len(planted) for name, found in clusters.items()
    }
    false_drops = {name: drops_of_others(found, planted) / size for name, found in clusters.items()}
    print(f"{size:,} texts, {len(planted):,} planted pairs of J >= {THRESHOLD}, datasketch {datasketch.__version__}")
    print(f"recall by theory {theory:.4f}, the best of {ROUNDS} rounds in CPU-seconds")
    print(f"{'':34}{'texts/s':>9}{'ours is':>9}{'recall':>9}{'false drops':>13}")
    for name, texts_per_second in speed.items():
        ratio = "" if name == ours else f"{speed[ours] / texts_per_second:.1f} x"
        found = f"{recall[name]:9.4f}{false_drops[name]:13.2%}" if name in recall else ""
        print(f"{name:34}{texts_per_second:9.0f}{ratio:>9}{found}")

    met = {
        f"speed >= {LEAST_OVER_DATASKETCH} x datasketch": speed[ours] >= LEAST_OVER_DATASKETCH * speed[peers[0]],
        f"speed >= {LEAST_OVER_DATATROVE} x datatrove": speed[ours] >= LEAST_OVER_DATATROVE * speed[peers[-1]],
        f"recall >= theory - {MOST_RECALL_LOST}": recall[ours] >= theory - MOST_RECALL_LOST,
        f"false drops <= {MOST_FALSE_DROPS:.1%}": false_drops[ours] <= MOST_FALSE_DROPS,
    }
    print()
    for target, reached in met.items():
        print(f"{'met   ' if reached else 'MISSED'}  {target}")
    return 0 if all(met.values()) else 1


def drops_of_others(clusters: list[int], planted: dict[int, int]) -> int:
    """Count the texts that joined an earlier one although they are no planted copy of J >= the threshold."""
    seen: set[int] = set()
    dropped = 0
    for i, cluster in enumerate(clusters):
        dropped += cluster in seen and i not in planted
        seen.add(cluster)
    return dropped


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
