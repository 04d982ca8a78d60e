"""Groups of equal and near-duplicate texts, over all shards."""

import random

import numpy as np
import pytest

from quintain.records import Dropped, WebPage
from quintain.web import near_duplicates
from quintain.web.duplicates import jaccard, shingles, signatures
from quintain.web.groups import group_pages, share_a_band
from quintain.web.shard_store import SHINGLE_WORDS, Batch, ShardStore


def planted(seed, count):
    """Texts of 60 words, of which a third are an earlier one with up to 6 words changed, or the same."""
    draw = random.Random(seed)
    texts = []
    for i in range(count):
        if texts and draw.random() < 0.33:
            words = draw.choice(texts).split()
            for _ in range(draw.randrange(7)):
                words[draw.randrange(len(words))] = f"new{draw.randrange(1000)}"
        else:
            words = [f"w{i}x{j}" for j in range(60)]
        texts.append(" ".join(words))
    return texts


def store_of(folder, shards):
    store = ShardStore(folder)
    for name, texts in shards.items():
        pages = [WebPage(url=f"https://{name}.example/{i}", text=text) for i, text in enumerate(texts)]
        lost = Dropped(stage="read", reason="truncated", where=name)
        halves = (pages[:7], [lost]), (pages[7:], [])
        store.write(
            name,
            [Batch([*kept, *drops], signatures([page.text for page in kept], SHINGLE_WORDS)) for kept, drops in halves],
        )
    return store


@pytest.mark.parametrize("seed", range(3))
def test_shards_are_grouped_as_one_list_of_texts_would_be(tmp_path, seed):
    texts = planted(seed, 200)
    store = store_of(tmp_path, {"a": texts[:90], "b": [], "c": texts[90:]})
    groups = group_pages(store, ["a", "b", "c"], 0.7)
    distinct = list(dict.fromkeys(texts))
    clusters = near_duplicates(distinct, 0.7)
    first_in_cluster = {}
    for text, cluster in zip(distinct, clusters, strict=True):
        first_in_cluster.setdefault(cluster, text)
    head = {text: first_in_cluster[cluster] for text, cluster in zip(distinct, clusters, strict=True)}
    for i, text in enumerate(texts):
        first_equal = texts.index(text)
        assert groups.equal[i] == (first_equal != i)
        assert groups.first[i] == (first_equal if first_equal != i else texts.index(head[text]))
    assert 30 < len(set(groups.first.tolist())) < 190


def test_at_a_similarity_of_one_only_equal_texts_are_grouped(tmp_path):
    texts = ["one two three four five six.", "one two three four five six!", "one two three four five six."]
    groups = group_pages(store_of(tmp_path, {"a": texts}), ["a"], 1.0)
    assert groups.first.tolist() == [0, 1, 0]
    assert groups.equal.tolist() == [False, False, True]


def test_no_pages_make_no_groups(tmp_path):
    assert len(group_pages(store_of(tmp_path, {"a": []}), ["a"], 0.7).first) == 0
    assert len(group_pages(ShardStore(tmp_path), [], 0.7).first) == 0


def test_all_signatures_that_share_a_band_are_marked():
    # 0 and 2 share the last band of 5 rows (rows 120 to 124 of 25 bands), 1 shares nothing.
    rows = np.arange(3 * 128, dtype=np.uint32).reshape(3, 128)
    rows[2, 120:125] = rows[0, 120:125]
    assert share_a_band(rows, 0.7).tolist() == [True, False, True]
    rows[2, 124] += 1
    assert share_a_band(rows, 0.7).tolist() == [False, False, False]


def test_planted_pairs_above_the_threshold_are_found(tmp_path):
    texts = planted(7, 300)
    groups = group_pages(store_of(tmp_path, {"a": texts}), ["a"], 0.7)
    sets = [frozenset(shingles(text, SHINGLE_WORDS)) for text in texts]
    stayed = [i for i in range(300) if groups.first[i] == i]
    missed = sum(jaccard(sets[i], sets[j]) >= 0.7 for n, i in enumerate(stayed) for j in stayed[:n])
    # The index proposes a pair at the threshold with a probability of 98 %; most are far above it.
    assert missed <= 2
