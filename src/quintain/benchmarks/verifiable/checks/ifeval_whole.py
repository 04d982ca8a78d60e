"""Checks of the whole response: case, language, punctuation, how it starts and ends, what it is made of."""

import re

from quintain.benchmarks.verifiable.instructions import Count, Relation, Text, checks, compare
from quintain.benchmarks.verifiable.language import Language, language_of
from quintain.benchmarks.verifiable.reading import capital_words

_ENGLISH_SHARE = 0.9
_LETTER = re.compile(r"[^\W\d_]")
_ENGLISH_LETTER = re.compile(r"[A-Za-z]")


@checks("language:response_language")
def response_language(response: str, *, language: Language) -> bool:
    """The response is in this language; one without a letter is in none."""
    return language_of(response) == language


@checks("change_case:english_capital")
def english_capital(response: str) -> bool:
    """All letters are capital, and nine of ten are English ones."""
    return response.isupper() and _looks_english(response)


@checks("change_case:english_lowercase")
def english_lowercase(response: str) -> bool:
    """All letters are small, and nine of ten are English ones."""
    return response.islower() and _looks_english(response)


@checks("change_case:capital_word_frequency")
def capital_word_frequency(response: str, *, capital_frequency: Count, capital_relation: Relation) -> bool:
    """So many words are all capital."""
    return compare(len(capital_words(response)), capital_relation, capital_frequency)


@checks("punctuation:no_comma")
def no_comma(response: str) -> bool:
    """No comma occurs."""
    return "," not in response


@checks("startend:end_checker")
def end_checker(response: str, *, end_phrase: Text) -> bool:
    """The response ends with the phrase, in any case; quotation marks around the whole do not count."""
    return response.strip().strip('"').lower().endswith(end_phrase.strip().lower())


@checks("startend:quotation")
def quotation(response: str) -> bool:
    """The response stands in double quotation marks."""
    text = response.strip()
    return len(text) > 1 and text[0] == text[-1] == '"'


@checks("combination:two_responses")
def two_responses(response: str) -> bool:
    """Six asterisks part exactly two texts, which differ; none between two dividers may be empty."""
    texts = [text.strip() for text in response.split("******")]
    given = list(filter(None, texts))
    return all(texts[1:-1]) and len(given) == 2 and given[0] != given[1]


@checks("combination:repeat_prompt")
def repeat_prompt(response: str, *, prompt_to_repeat: Text) -> bool:
    """The response starts with the prompt, in any case."""
    return response.strip().lower().startswith(prompt_to_repeat.strip().lower())


def _looks_english(response: str) -> bool:
    # Letters, not the detector: the case of the letters is what the instruction is about, and detectors misread
    # short texts in capitals.
    return len(_ENGLISH_LETTER.findall(response)) >= _ENGLISH_SHARE * len(_LETTER.findall(response))
