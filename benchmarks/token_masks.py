"""Token masks beside Python's difflib on the same pairs, in one process.

    python benchmarks/token_masks.py [PAIRS]

A pair is a response of token ids whose frequencies fall as in text (Zipf) and a copy with a share of its tokens
deleted, substituted or followed by an insertion. The anchor is difflib with autojunk, as the authors' code calls it;
all sides return the same two lists of marks. Pairs per CPU-second, best of three rounds.
"""

import difflib
import random
import sys
import time
from collections.abc import Callable, Sequence

from quintain.methods.bmc import DIFFS, Modified, modified_tokens

Pair = tuple[list[int], list[int]]
SETTINGS = ((128, 0.1), (512, 0.1), (512, 0.4), (2048, 0.1))
LEAST_RATIO = {"levenshtein": 8.0, "lcs": 8.0, "released": 3.2}
ROUNDS = 3
_VOCABULARY = range(32_000)
_ZIPF = [1 / (rank + 10) for rank in _VOCABULARY]


def edited_pair(rng: random.Random, tokens: int, share: float) -> Pair:
    """Draw a response and an edited copy of it."""
    chosen = rng.choices(_VOCABULARY, _ZIPF, k=tokens)
    rejected: list[int] = []
    for token in chosen:
        kind = rng.choice(("delete", "substitute", "insert")) if rng.random() < share else "keep"
        fresh = rng.choices(_VOCABULARY, _ZIPF, k=1)
        rejected += {"delete": [], "substitute": fresh, "insert": [token, *fresh], "keep": [token]}[kind]
    return chosen, rejected


def by_difflib(chosen: Sequence[int], rejected: Sequence[int]) -> Modified:
    """Mark the modified tokens with the standard library."""
    marks = bytearray(len(chosen)), bytearray(len(rejected))
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, rejected, chosen).get_opcodes():
        if tag != "equal":
            marks[0][j1:j2] = b"\1" * (j2 - j1)
            marks[1][i1:i2] = b"\1" * (i2 - i1)
    return Modified(*map(list, marks))


def speed(mark: Callable[[Sequence[int], Sequence[int]], Modified], pairs: list[Pair]) -> float:
    """Pairs per CPU-second."""
    start = time.process_time()
    for chosen, rejected in pairs:
        mark(chosen, rejected)
    return len(pairs) / (time.process_time() - start)


def main(count: int) -> int:
    """Measure, print, and compare with the targets; 0 when all are met."""
    rng, met = random.Random(0), True
    sides = {"difflib": by_difflib} | {
        diff: lambda chosen, rejected, diff=diff: modified_tokens(chosen, rejected, diff) for diff in DIFFS
    }
    targets = ", ".join(f"{diff} {ratio}" for diff, ratio in LEAST_RATIO.items())
    print(f"{count} pairs each, pairs per CPU-second and ratio to difflib (targets: {targets})")
    for tokens, share in SETTINGS:
        pairs = [edited_pair(rng, tokens, share) for _ in range(count)]
        best = dict.fromkeys(sides, 0.0)
        for _ in range(ROUNDS):
            best = {side: max(best[side], speed(mark, pairs)) for side, mark in sides.items()}
        masks = {side: [mark(*pair) for pair in pairs] for side, mark in sides.items()}
        print(f"{tokens} tokens, {share:.0%} edited")
        for side, found in best.items():
            ratio = found / best["difflib"]
            same = sum(a == b for a, b in zip(masks[side], masks["difflib"], strict=True)) / count
            marked = sum(sum(marks.chosen) for marks in masks[side]) / (count * tokens)
            missed = ratio < LEAST_RATIO.get(side, 0) or (side == "released" and same < 1)
            met = met and not missed
            print(
                f"  {side:12}{found:9.0f}{ratio:7.1f} x   masks equal to difflib's {same:4.0%}, "
                f"marked {marked:.1%}{'   MISSED' if missed else ''}"
            )
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(int((sys.argv[1:] or ["100"])[0])))
