"""Fluency as the model-editing papers measure it: how varied the word n-grams of a generated text are."""

import math
import re
from collections import Counter
from collections.abc import Sequence

_TOKEN = re.compile(r"\w+|[^\w\s]")


def ngram_entropy_bits(tokens: Sequence[str], n: int) -> float:
    """Entropy of the n-grams of a text; 0 for a text with fewer than n tokens.

    Args:
        tokens: Words and marks of the text.
        n: Tokens per n-gram, at least 1.

    Returns:
        Bits.

    >>> ngram_entropy_bits("a b a b".split(), 1)
    1.0
    """
    counts = Counter(zip(*(tokens[start:] for start in range(n)), strict=False))
    total = counts.total()
    return sum(count / total * math.log2(total / count) for count in counts.values())


def fluency(text: str) -> float:
    """Weighted entropy of bigrams and trigrams, times 100: (H₂ / 3 + 2 H₃ / 3) · 100.

    High for a varied text, and for a rambling one; 0 for one that repeats itself, and for an answer of two words. So it
    compares texts of one length only.

    Args:
        text: A generated text, without its prompt.

    Returns:
        The measure, at least 0.

    >>> round(fluency("one two three four"), 1), fluency("yes")
    (119.5, 0.0)

    Source: `n_gram_entropy` in EasyEdit's evaluate_utils.py, from ROME; the authors include the prompt in the text.
    """
    tokens = _TOKEN.findall(text)
    return 100 * (ngram_entropy_bits(tokens, 2) + 2 * ngram_entropy_bits(tokens, 3)) / 3
