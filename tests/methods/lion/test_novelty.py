"""The novelty gate decides as a comparison with every known text would."""

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.methods.lion import Admission, NoveltyFilter, novelty
from quintain.methods.lion.novelty import rouge_tokens, unicode_tokens


def lcs(one, other):
    """Longest common subsequence, by the textbook."""
    row = [0] * (len(other) + 1)
    for left in one:
        above = row[:]
        for j, right in enumerate(other, start=1):
            row[j] = above[j - 1] + 1 if left == right else max(above[j], row[j - 1])
    return row[-1]


def brute_force(pool, candidates, threshold, split):
    known = list(pool)
    for text in candidates:
        scores = [
            Fraction(2 * lcs(split(text), split(other)), max(1, len(split(text)) + len(split(other))))
            for other in known
        ]
        best = max(scores, default=Fraction(0))
        accepted = best <= Fraction(str(threshold))
        yield Admission(accepted, float(best), known[scores.index(best)] if known else None)
        if accepted:
            known.append(text)


words = st.lists(st.sampled_from("a b c d e f g h".split()), max_size=12).map(" ".join)
wild = st.one_of(words, st.text(max_size=30))


@settings(max_examples=300)
@given(
    st.lists(wild, max_size=12),
    st.lists(wild, max_size=12),
    st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.9, 1.0]),
    st.sampled_from(["rouge", "unicode"]),
)
def test_score_decision_and_nearest_are_those_of_brute_force(pool, candidates, threshold, tokens):
    gate = NoveltyFilter(pool, threshold, tokens)
    split = rouge_tokens if tokens == "rouge" else unicode_tokens
    assert [gate.admit(text) for text in candidates] == list(brute_force(pool, candidates, threshold, split))


# Fractions by hand: "Write a poem about" are 4 of 5 and 5 words, 2·4/10; "radius" 8 of 9 and 9 words.
@pytest.mark.parametrize(
    ("known", "text", "score"),
    [
        ("Write a poem about rivers", "Write a poem about mountains", 0.8),
        ("Find the area of a circle with radius 5", "Find the area of a circle with radius 7", 16 / 18),
        ("Explain A", "Explain A in simple words for young children", 4 / 10),
        ("写一首关于河流的诗", "写一首关于山的诗", 0.0),
        ("Don't STOP", "don t stop", 1.0),
    ],
)
def test_rouge_tokens_score_as_the_authors_did(known, text, score):
    admission = NoveltyFilter([known]).admit(text)
    assert admission == Admission(score <= 0.7, score, known)


def test_a_score_at_the_threshold_is_admitted():
    # 7 of 10 and 10 words: 14/20.
    known = "a b c d e f g h i j"
    assert NoveltyFilter([known]).admit("a b c d e f g x y z") == Admission(True, 0.7, known)
    assert not NoveltyFilter([known], threshold=0.69).admit("a b c d e f g x y z").accepted


def test_unicode_tokens_compare_scripts_without_spaces():
    # 9 and 8 characters, 写一首关于的诗 are 7 in order: 14/17.
    assert NoveltyFilter(["写一首关于河流的诗"], tokens="unicode").admit("写一首关于山的诗").score == 14 / 17


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Größe, STRASSE straße", ["grösse", "strasse", "strasse"]),
        ("２０ ＡＢ", ["20", "ab"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("snake_case don't", ["snake", "case", "don", "t"]),
        ("東京tower", ["東", "京", "tower"]),
        ("", []),
    ],
)
def test_unicode_tokens_are_words_of_any_language(text, tokens):
    assert unicode_tokens(text) == tokens


def test_an_accepted_text_joins_the_pool_and_a_rejected_one_does_not():
    gate = NoveltyFilter([])
    assert gate.admit("one two three") == Admission(True, 0.0, None)
    assert gate.admit("one two three four") == Admission(False, 6 / 7, "one two three")
    assert gate.admit("four five six") == Admission(True, 0.0, "one two three")
    assert len(gate) == 2


def test_more_distinct_tokens_than_the_basic_plane_has_stay_apart():
    # 70,000 tokens reach beyond the surrogates and into the planes above.
    tokens = [f"t{i}" for i in range(70_000)]
    gate = NoveltyFilter(" ".join(tokens[i : i + 7]) for i in range(0, 70_000, 7))
    for start in (0, 0xD800 - 3, 0xE000 - 3, 0x10000 - 3, 69_993):
        start -= start % 7
        near = [*tokens[start : start + 6], "other"]  # 6 of 7 and 7: 12/14
        assert gate.admit(" ".join(near)) == Admission(False, 12 / 14, " ".join(tokens[start : start + 7]))
    assert gate.admit(" ".join(tokens[::7_000])).score == 2 / 17  # 10 tokens of ten texts of 7


def test_code_points_never_fall_on_surrogates(monkeypatch):
    gate = NoveltyFilter([" ".join(f"t{i}" for i in range(0xE100))])
    gate._codes[0].encode("utf-8")  # half of a pair would refuse


def test_too_many_tokens_are_refused_by_number(monkeypatch):
    monkeypatch.setattr(novelty, "_MOST_TOKENS", 2)
    with pytest.raises(ValueError, match="more than 2 distinct tokens"):
        NoveltyFilter(["one two three"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 1.1}, r"threshold must be in \[0, 1\], got 1.1"),
        ({"tokens": "words"}, "tokens must be one of rouge, unicode, got 'words'"),
        ({"pool": "one text"}, "pool must hold texts, got a single text"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        NoveltyFilter(**{"pool": [], **arguments})


def test_the_public_name_needs_nothing_of_the_platform():
    code = (
        "import sys; from quintain.methods.lion import NoveltyFilter; NoveltyFilter(['a']).admit('b'); "
        "print(sorted({'kedro', 'mlflow', 'torch', 'transformers', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
