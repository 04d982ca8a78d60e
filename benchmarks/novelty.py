"""Is a new instruction too near to one of 52,000? The authors' way and NoveltyFilter, CPU time per candidate.

Their way, written anew: the pool is cut into tokens once; for each candidate a process pool is started and maps a
pure-Python longest common subsequence over all of it. Ours runs in one thread. Both decide the same, which is asserted.

`python benchmarks/novelty.py`
"""

import random
import resource
import statistics
import time
from functools import partial
from multiprocessing import Pool

from quintain.methods.lion.novelty import NoveltyFilter, rouge_tokens

POOL, CANDIDATES_THEIRS, CANDIDATES_OURS = 52_000, 3, 200
PROCESSES = 2
THRESHOLD = 0.7
LEAST_RATIO = 300


def texts(count: int, seed: int) -> list[str]:
    """Instructions of 4 to 30 words from 20,000 with Zipf frequencies, a fifth of them rewordings of others."""
    rng = random.Random(seed)
    words = [f"w{i}" for i in range(20_000)]
    weights = [1 / (i + 1) for i in range(20_000)]
    made: list[str] = []
    while len(made) < count:
        if made and rng.random() < 0.2:
            text = rng.choice(made[-1000:]).split()
            text[rng.randrange(len(text))] = rng.choice(words)
        else:
            text = rng.choices(words, weights, k=min(30, 4 + int(rng.expovariate(1 / 8))))
        made.append(" ".join(text))
    return made


def longest_common_subsequence(one: list[str], other: list[str]) -> int:
    """The dynamic programme as rouge-score has it: a whole table of Python lists."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            if one[i - 1] == other[j - 1]:
                table[i][j] = table[i - 1][j - 1] + 1
            else:
                table[i][j] = max(table[i - 1][j], table[i][j - 1])
    return table[-1][-1]


def f1(candidate: list[str], known: list[str]) -> float:
    """ROUGE-L F1 of two texts."""
    total = len(candidate) + len(known)
    return 2 * longest_common_subsequence(candidate, known) / total if total else 0.0


def cpu_seconds() -> float:
    """Time of this process and of its children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def their_way(pool: list[list[str]], candidates: list[str]) -> tuple[list[float], list[float]]:
    """Scores, and CPU seconds per candidate."""
    scores, seconds = [], []
    for text in candidates:
        started = cpu_seconds()
        with Pool(PROCESSES) as processes:
            scores.append(max(processes.map(partial(f1, rouge_tokens(text)), pool)))
            processes.close()
            processes.join()
        seconds.append(cpu_seconds() - started)
        if scores[-1] <= THRESHOLD:
            pool.append(rouge_tokens(text))
    return scores, seconds


def main() -> None:
    known, candidates = texts(POOL, seed=0), texts(CANDIDATES_OURS, seed=1)
    theirs, their_seconds = their_way([rouge_tokens(text) for text in known], candidates[:CANDIDATES_THEIRS])
    started = time.process_time()
    gate = NoveltyFilter(known, THRESHOLD)
    build_seconds = time.process_time() - started
    ours, our_seconds = [], []
    for text in candidates:
        started = time.process_time()
        ours.append(gate.admit(text))
        our_seconds.append(time.process_time() - started)
    assert [one.score for one in ours[:CANDIDATES_THEIRS]] == theirs
    assert [one.accepted for one in ours[:CANDIDATES_THEIRS]] == [score <= THRESHOLD for score in theirs]
    old, new = statistics.fmean(their_seconds), statistics.fmean(our_seconds)
    print(f"pool of {POOL:,}, built in {build_seconds:.2f} s of CPU time")
    print(f"process pool over pure-Python LCS  {old * 1000:10.1f} ms of CPU time per candidate ({CANDIDATES_THEIRS})")
    print(f"NoveltyFilter                      {new * 1000:10.2f} ms of CPU time per candidate ({CANDIDATES_OURS})")
    print(f"ratio {old / new:.0f}")
    assert old / new >= LEAST_RATIO, f"{LEAST_RATIO} is promised"


if __name__ == "__main__":
    main()
