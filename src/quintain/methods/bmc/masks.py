"""Masks of the tokens that a correction changed, from the token ids of the two responses of a pair.

`levenshtein` is what the paper says: the tokens that a shortest series of insertions, deletions and substitutions
touches. `lcs` keeps the most tokens that can stay. `released` is what the authors' code runs, Python's difflib, which
is not minimal and, from 200 tokens on, never anchors on a token that makes up more than 1 % of the chosen response
(its "autojunk"). Responses alone are compared; the released code compares prompts and padding too, so that there a
mask depends on the other pairs of the batch, and takes English stop words out, which only a SentencePiece tokenizer
lets it find.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, get_args

Diff = Literal["levenshtein", "lcs", "released"]
DIFFS: tuple[Diff, ...] = get_args(Diff)


class Modified(NamedTuple):
    """1 where a token was changed, 0 where it stands in both responses."""

    chosen: list[int]
    """One number per token of the chosen response."""
    rejected: list[int]
    """One number per token of the rejected response."""


def modified_tokens(chosen: Sequence[int], rejected: Sequence[int], diff: Diff = "levenshtein") -> Modified:
    """Mark the tokens that turning the rejected response into the chosen one touches.

    >>> modified_tokens(chosen=[7, 1, 8, 2], rejected=[7, 3, 8])
    Modified(chosen=[0, 1, 0, 1], rejected=[0, 1, 0])

    Args:
        chosen: Token ids of the better response.
        rejected: Token ids of the worse one.
        diff: One of DIFFS.

    Returns:
        The marks of both.

    Raises:
        ValueError: There is no such diff.

    Source: arXiv:2408.07471, section 3.2; the authors' scripts/dpo_bmc_trainer.py, `find_modifications`.
    """
    if diff not in DIFFS:
        raise ValueError(f"there is no diff {diff!r}; there are {', '.join(DIFFS)}")
    marks = bytearray(len(chosen)), bytearray(len(rejected))
    if diff == "released":
        from cydifflib import SequenceMatcher

        for tag, i1, i2, j1, j2 in SequenceMatcher(None, rejected, chosen).get_opcodes():
            if tag != "equal":
                marks[0][j1:j2] = b"\1" * (j2 - j1)
                marks[1][i1:i2] = b"\1" * (i2 - i1)
    else:
        for tag, i, j in _edits(chosen, rejected, diff):
            if tag != "delete":
                marks[0][j] = 1
            if tag != "insert":
                marks[1][i] = 1
    return Modified(*map(list, marks))


def _edits(chosen: Sequence[int], rejected: Sequence[int], diff: Diff) -> Iterable[Any]:
    # Imported here: who needs the loss alone needs torch alone.
    from rapidfuzz.distance import Indel, Levenshtein

    if diff == "lcs":
        return Indel.editops(rejected, chosen).as_list()
    # The hint changes the speed alone, of long pairs: a narrow band is tried first, a wider one where it is too narrow.
    longest = max(len(chosen), len(rejected))
    hint = longest // 8 if longest > 1000 else None
    return Levenshtein.editops(rejected, chosen, score_hint=hint).as_list()


def edit_distance(chosen: Sequence[int] | Sequence[str], rejected: Sequence[int] | Sequence[str]) -> float:
    """Levenshtein distance of two responses over the length of the longer one: 0 equal, 1 nothing in common.

    >>> edit_distance([7, 1, 8, 2], [7, 3, 8])
    0.5

    Args:
        chosen: Token ids, or words.
        rejected: The same.

    Returns:
        The distance, in [0, 1]; 0 for two empty responses.
    """
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_distance(rejected, chosen))
