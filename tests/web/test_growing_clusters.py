"""Near-duplicates in parts: the clusters of one pass, at a cost that grows with the texts and not with the parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.web import duplicates, growing_clusters, near_duplicates
from quintain.web.growing_clusters import GrowingClusters
from tests.web.test_duplicates import SHORT, changed, text


def in_parts(texts, sizes, threshold=0.7, shingle_words=5):
    clusters, found, at = GrowingClusters(threshold, shingle_words=shingle_words), [], 0
    for size in [*sizes, len(texts)]:
        found += clusters.add(texts[at : at + size])
        at += size
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(SHORT, max_size=30), st.lists(st.integers(0, 6), max_size=12), st.sampled_from([0.5, 0.7, 0.9]))
def test_parts_of_any_sizes_give_the_clusters_of_one_pass(texts, sizes, threshold):
    assert in_parts(texts, sizes, threshold, 2) == near_duplicates(texts, threshold, shingle_words=2)


def test_copies_join_the_cluster_of_a_part_long_ago():
    originals = [text(seed) for seed in range(120)]
    copies = [changed(originals[seed], 1, seed) for seed in range(0, 120, 3)]
    found = in_parts([*originals, *copies], [10] * 12)
    assert found == near_duplicates([*originals, *copies])
    assert found[:120] == list(range(120))
    assert found[120:] == list(range(0, 120, 3))


def test_a_crowd_in_one_bucket_is_cut_where_one_pass_cuts_it(monkeypatch):
    # All share 120 of 180 words, J = 120 / 240 = .5 each with each: at .55 none is a duplicate and all meet in buckets.
    monkeypatch.setattr(duplicates, "BUCKET_TEXTS", 3)
    monkeypatch.setattr(growing_clusters, "BUCKET_TEXTS", 3)
    common = " ".join(f"c{word}" for word in range(120))
    crowd = [common + " " + " ".join(f"t{one}w{word}" for word in range(60)) for one in range(40)]
    copies = [f"{one} more" for one in crowd[::4]]
    texts = [*crowd, *copies]
    once = near_duplicates(texts, 0.55, shingle_words=1)
    assert len(set(once)) >= 40
    assert in_parts(texts, [7] * 10, 0.55, 1) == once
    assert in_parts(texts, [1] * 50, 0.55, 1) == once


def test_twice_the_parts_are_twice_the_work(monkeypatch):
    # Keys that are sorted and texts that are compared; each part clustered with all before it would be four times.
    counted = {"keys": 0, "texts": 0}
    sort, find = growing_clusters._sorted, growing_clusters.near_duplicates

    def sorting(keys, clusters):
        counted["keys"] += len(keys)
        return sort(keys, clusters)

    def finding(texts, *others, **options):
        counted["texts"] += len(texts)
        return find(texts, *others, **options)

    monkeypatch.setattr(growing_clusters, "_sorted", sorting)
    monkeypatch.setattr(growing_clusters, "near_duplicates", finding)
    texts = [text(seed, 30) for seed in range(640)]
    work = []
    for count in (320, 640):
        counted.update(keys=0, texts=0)
        assert in_parts(texts[:count], [5] * (count // 5)) == list(range(count))
        work.append(dict(counted))
    half, whole = work
    assert whole["texts"] == 640
    assert whole["keys"] < 2.5 * half["keys"]


@pytest.mark.parametrize("arguments", [{"threshold": 0.0}, {"threshold": 1.1}, {"shingle_words": 0}])
def test_limits_are_those_of_one_pass(arguments):
    with pytest.raises(ValueError, match=r"threshold must be in|shingle_words must be at least 1"):
        GrowingClusters(**arguments).add(["a b c"])


def test_signatures_of_texts_that_begin_no_cluster_are_not_kept():
    clusters = GrowingClusters()
    clusters.add([text(1), text(1), text(2)])
    kept = clusters._signatures
    assert len(kept) == 2
    assert all(row.base is None for row in kept)
    assert not np.array_equal(*kept)
