"""Tokens of the Penn Treebank; each expectation was seen on nltk 3.10."""

import pytest

from quintain.benchmarks.verifiable.treebank import tokens, word_tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It's 3,000: don't!", "It 's 3,000 : do n't !"),
        ("They'll cannot, gonna go", "They 'll can not , gon na go"),
        ("dogs' toys (all)", "dogs ' toys ( all )"),
        ('Say "no", "yes"', "Say `` no '' , `` yes ''"),
        ("it’s “so”", "it ’ s “ so ”"),
        ("'hello' and 'tis", "' hello ' and ' tis"),
        ("well-known -- or—not", "well-known -- or — not"),
        ("Wait... e.g. U.S. now.", "Wait ... e.g . U.S. now ."),
        ("a/b c@d 5% *x*", "a/b c @ d 5 % * x *"),
        ("don't'", "do n't '"),
        ("He said (so.)", "He said ( so . )"),
        ("at 12:30, ok:x", "at 12:30 , ok : x"),
    ],
)
def test_tokens_are_parted_as_the_treebank_parts_them(text, found):
    assert " ".join(tokens(text)) == found


def test_a_mark_alone_is_no_word():
    assert word_tokens("Yes, it's -- 3!") == ["Yes", "it", "'s", "3"]
