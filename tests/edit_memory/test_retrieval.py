"""The parts that propose edits: vectors, BM25, names."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.edit_memory.lexical import LexicalIndex
from quintain.edit_memory.vectors import nearest_rows
from quintain.methods.lte import HashedNgrams
from quintain.methods.lte.names import NameIndex


@given(st.lists(st.text(st.characters(exclude_categories=())), max_size=5))
def test_every_text_gets_a_unit_vector_of_its_own_content(texts):
    vectors = HashedNgrams(64)(texts)
    assert vectors.shape == (len(texts), 64)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors, np.concatenate([HashedNgrams(64)([text]) for text in texts]) if texts else vectors)


def test_the_embedder_sees_through_spelling_and_function_words():
    embed = HashedNgrams()
    near, accent, far = embed(["Who is Veldmark's mayor?", "The mayor of Véldmark is", "The mayor of Ostheim is"])
    question = embed(["The mayor of Veldmark is"])[0]
    assert question @ near > 0.9
    assert question @ accent == pytest.approx(1, abs=1e-6)
    assert question @ far < 0.6


def test_an_embedder_without_dimension_is_refused():
    with pytest.raises(ValueError, match="dimension must be positive, got 0"):
        HashedNgrams(0)


@given(st.integers(1, 3000), st.integers(1, 12), st.integers(0, 50), st.integers(0, 2**32 - 1))
def test_the_nearest_rows_come_in_the_order_of_a_full_sort(count, wanted, n_dead, seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-3, 4, (count, 3)).astype(np.float32)  # few values: many ties
    question = rng.standard_normal(3).astype(np.float32)
    dead = rng.integers(0, count, n_dead)
    scores = rows @ question
    scores[dead] = -np.inf
    expected = np.sort(scores[scores > -np.inf])[::-1][:wanted]
    found = dict(islice(nearest_rows(rows, question, dead), wanted))
    assert list(found.values()) == pytest.approx(expected.tolist())
    assert not set(found) & set(dead.tolist())


def test_bm25_finds_texts_of_the_bulk_and_of_the_tail():
    index = LexicalIndex()
    index.extend([f"The mayor of town{number} is" for number in range(1500)])
    assert next(iter(index.best("town77 mayor", 3))) == 77
    index.extend(["The river of Ostheim is Elv"])
    assert list(index.best("Which river flows through Ostheim?", 1)) == [1500]
    assert index.best("unheard", 3) == {}
    assert LexicalIndex().best("anything", 3) == {}


def test_names_are_found_whatever_the_number_of_edits_and_common_ones_name_nobody():
    index = NameIndex()
    for number in range(10_000):
        index.add((f"town{number}",), number)
        index.add(("canada",), number)
    index.add(tuple("the ten ships that lay in the old harbour of ostheim".split()), 10_000)
    assert index.named_in(("mayor", "of", "town77", "canada")) == {77}
    assert index.named_in(tuple("who wrote the ten ships that lay in the old".split())) == {10_000}
    index.add((), 1)
    assert index.named_in(()) == set()
