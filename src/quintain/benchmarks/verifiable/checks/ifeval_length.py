"""Lengths: words, sentences, paragraphs."""

from quintain.benchmarks.verifiable.instructions import Count, Position, Relation, Text, checks, compare
from quintain.benchmarks.verifiable.reading import sentences, word_count

_END_OF_FIRST_WORD = str.maketrans(dict.fromkeys(".,?!'\"", " "))


@checks("length_constraints:number_words")
def number_words(response: str, *, num_words: Count, relation: Relation) -> bool:
    """There are so many words."""
    return compare(word_count(response), relation, num_words)


@checks("length_constraints:number_sentences")
def number_sentences(response: str, *, num_sentences: Count, relation: Relation) -> bool:
    """There are so many sentences."""
    return compare(len(sentences(response)), relation, num_sentences)


@checks("length_constraints:number_paragraphs")
def number_paragraphs(response: str, *, num_paragraphs: Count) -> bool:
    """Dividers of three asterisks part exactly so many paragraphs; none between two dividers may be empty."""
    paragraphs = [paragraph.strip() for paragraph in response.split("***")]
    return all(paragraphs[1:-1]) and sum(map(bool, paragraphs)) == num_paragraphs


@checks("length_constraints:nth_paragraph_first_word")
def nth_paragraph_first_word(
    response: str, *, num_paragraphs: Count, nth_paragraph: Position, first_word: Text
) -> bool:
    """Empty lines part exactly so many paragraphs, and one of them starts with the word.

    Source: the published code counts the paragraphs without the blank ones but looks the position up among all; here
    both go without.
    """
    paragraphs = [paragraph for paragraph in response.split("\n\n") if paragraph.strip()]
    if len(paragraphs) != num_paragraphs or nth_paragraph > num_paragraphs:
        return False
    start = paragraphs[nth_paragraph - 1].split(maxsplit=1)[0].lstrip("'\"")
    return start.translate(_END_OF_FIRST_WORD).partition(" ")[0].lower() == first_word.strip().lower()
