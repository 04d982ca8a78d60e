"""Near-duplicates: what is proposed, what decides, what a cluster promises."""

import random
from importlib.metadata import version as rensa_version

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rensa import RMinHash

from quintain.web import duplicates, near_duplicates
from quintain.web.duplicates import PERMUTATIONS, bands, jaccard, resembling, shingles, signature_kind, signatures


def text(seed, words=80):
    rng = random.Random(seed)
    return " ".join(f"w{rng.randrange(5000)}" for _ in range(words))


def changed(original, edits, seed=0):
    tokens = original.split()
    rng = random.Random(seed)
    for at in rng.sample(range(len(tokens)), edits):
        tokens[at] = f"edit{rng.randrange(10**6)}"
    return " ".join(tokens)


def similarity(one, other, length=5):
    return jaccard(frozenset(shingles(one, length)), frozenset(shingles(other, length)))


def test_clusters_are_numbered_by_first_appearance():
    assert near_duplicates([text(1), text(2), text(1), text(3), text(2)]) == [0, 1, 0, 2, 1]


def test_letter_case_and_punctuation_make_no_difference():
    assert near_duplicates(["The ferry leaves at noon.", "the FERRY leaves: at noon!"]) == [0, 0]


def test_a_text_with_few_edits_joins_and_one_with_many_does_not():
    # An edit inside breaks 5 of the 76 shingles: one edit leaves 71 of 81, J = .88; four leave about 56 of 96, J = .58.
    assert near_duplicates([text(1), changed(text(1), 1), changed(text(1), 4)]) == [0, 0, 1]


def test_reversed_words_are_another_text_unless_order_is_ignored():
    backwards = " ".join(reversed(text(1).split()))
    assert near_duplicates([text(1), backwards]) == [0, 1]
    assert near_duplicates([text(1), backwards], shingle_words=1) == [0, 0]


def test_a_chain_of_neighbours_does_not_swallow_its_end():
    # 20 words each, every neighbour shares 17 of 23 (J = .74), the ends share 14 of 26 (J = .54).
    words = [f"w{i}" for i in range(26)]
    chain = [" ".join(words[start : start + 20]) for start in (0, 3, 6)]
    assert [round(similarity(chain[0], other, 1), 2) for other in chain[1:]] == [0.74, 0.54]
    assert near_duplicates(chain, shingle_words=1) == [0, 0, 1]


def test_empty_texts_are_one_cluster_and_symbols_are_compared_as_they_stand():
    assert near_duplicates(["", " ", "!!!", "???", "!!!"]) == [0, 0, 1, 2, 1]


def test_texts_without_spaces_are_compared_by_character():
    page = "漢字とかなを使って書かれた日本語の文章です。長い文章なので一文字くらい違っても同じです。"
    assert near_duplicates([page, page.replace("長", "短"), "全然違う文章がここにあります。"]) == [0, 0, 1]


def test_no_texts_have_no_clusters():
    assert near_duplicates([]) == []


def test_any_iterable_of_texts_will_do():
    assert near_duplicates(text(seed) for seed in (1, 1)) == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("one text",), "texts must be a collection of texts, got a single text"),
        ((["a"], 0.0), r"threshold must be in \(0, 1\], got 0.0"),
        ((["a"], 1.01), r"threshold must be in \(0, 1\], got 1.01"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        near_duplicates(*arguments)


def test_a_shingle_has_at_least_one_word():
    with pytest.raises(ValueError, match="shingle_words must be at least 1, got 0"):
        near_duplicates(["a"], shingle_words=0)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
def test_the_index_proposes_98_of_100_pairs_at_the_threshold(threshold):
    count, rows = bands(threshold)
    assert count * rows <= PERMUTATIONS
    assert 1 - (1 - threshold**rows) ** count >= 0.98


def test_signatures_estimate_similarity_as_well_as_datasketch():
    # Standard error of 128 hashes at J = .6 is sqrt(.6 x .4 / 128) = .043; over 60 pairs the mean error is .0056.
    pairs = [(text(seed), changed(text(seed), 4, seed)) for seed in range(60)]
    ours = signatures([side for pair in pairs for side in pair], 5)
    errors, theirs = [], []
    for number, (one, other) in enumerate(pairs):
        exact = similarity(one, other)
        errors.append(float((ours[2 * number] == ours[2 * number + 1]).mean()) - exact)
        sketches = []
        for side in (one, other):
            sketch = datasketch.MinHash(PERMUTATIONS)
            sketch.update_batch([shingle.encode() for shingle in shingles(side, 5)])
            sketches.append(sketch)
        theirs.append(sketches[0].jaccard(sketches[1]) - exact)
    assert abs(np.mean(errors)) < 0.02
    assert np.std(errors) < 1.5 * np.std(theirs)


def test_a_signature_depends_on_its_own_text_alone():
    alone = signatures([text(3)], 5)
    assert (signatures([text(seed) for seed in range(1500)], 5)[3] == alone[0]).all()


def test_planted_pairs_are_found_and_nothing_else_is_dropped():
    # 600 texts, 200 of them with a near copy of 1 to 3 edits; every planted pair of J >= .7 must share a cluster but
    # for the 2 % that the index may overlook at the threshold itself.
    originals = [text(seed, 100) for seed in range(600)]
    copies = [changed(originals[i], 1 + i % 3, i) for i in range(200)]
    clusters = near_duplicates([*originals, *copies])
    planted = [i for i in range(200) if similarity(originals[i], copies[i]) >= 0.7]
    assert len(planted) > 180
    assert sum(clusters[i] == clusters[600 + i] for i in planted) >= 0.99 * len(planted)
    assert len(set(clusters[:600])) == 600


def test_new_texts_are_compared_with_others_and_not_with_each_other():
    new = [text(1), text(9), changed(text(2), 1), text(9)]
    assert resembling(new, [text(2), text(1), text(1)]) == [1, None, 0, None]
    assert resembling(new, []) == [None] * 4
    assert resembling([], new) == []


@pytest.mark.parametrize("arguments", [{"threshold": 0.0}, {"threshold": 1.1}, {"shingle_words": 0}])
def test_other_texts_are_compared_within_limits(arguments):
    with pytest.raises(ValueError, match=r"threshold must be in \(0, 1\] and shingle_words at least 1"):
        resembling(["a"], ["b"], **arguments)


def test_signatures_say_what_they_were_made_with():
    kind = signature_kind(5)
    assert (kind.library, kind.permutations, kind.shingle_words) == ("rensa", PERMUTATIONS, 5)
    assert kind.version == rensa_version("rensa")
    # The seed named is the seed used: another one gives another signature.
    tokens = shingles(text(3), 5)
    assert (RMinHash.digests_from_token_sets([tokens], PERMUTATIONS, kind.seed) == signatures([text(3)], 5)).all()


SHORT = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(SHORT, max_size=25), st.sampled_from([0.5, 0.7, 0.9]))
def test_every_text_resembles_the_first_of_its_cluster(texts, threshold):
    clusters = near_duplicates(texts, threshold, shingle_words=2)
    firsts = {cluster: texts[clusters.index(cluster)] for cluster in set(clusters)}
    assert all(similarity(one, firsts[cluster], 2) >= threshold for one, cluster in zip(texts, clusters, strict=True))
    assert sorted(set(clusters)) == list(range(len(firsts)))


@settings(max_examples=30, deadline=None)
@given(st.lists(SHORT, max_size=20))
def test_equal_texts_always_share_a_cluster(texts):
    clusters = near_duplicates([*texts, *texts])
    assert clusters[: len(texts)] == clusters[len(texts) :]


def test_a_crowd_that_meets_in_one_bucket_is_not_compared_each_with_each(monkeypatch):
    """Pages share the first half of their words, so that nearly all meet and none is a duplicate of another."""
    compared = []
    monkeypatch.setattr(duplicates, "BUCKET_TEXTS", 5)
    monkeypatch.setattr(duplicates, "jaccard", lambda *sets: compared.append(1) or jaccard(*sets))
    common = " ".join(f"c{word}" for word in range(120))

    def crowd(size):
        compared.clear()
        texts = [common + " " + " ".join(f"t{text}w{word}" for word in range(60)) for text in range(size)]
        assert near_duplicates(texts, shingle_words=1) == list(range(size))
        return len(compared)

    assert crowd(400) < 2.5 * crowd(200)
    same = "one two three four five six seven"
    assert near_duplicates([same] * 50) == [0] * 50
