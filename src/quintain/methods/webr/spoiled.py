"""Texts that no row shall hold: our own prompt or its marks, another language, mixed scripts, or one thing repeated."""

import functools
import re
from collections.abc import Iterator

from quintain import prompts
from quintain.prompts.marks import closing_marks
from quintain.records import WebPage
from quintain.text.repetition import repeated_share
from quintain.text.scripts import LATIN, other_language, scripts_by_word, scripts_of
from quintain.text.words import words

_OF_THE_PAGE = "page"
_PROMPTS = (
    "webr/author",
    "webr/instruction_request",
    "webr/instruction_response",
    "webr/response_request",
    "webr/response_rollout",
    "webr/response_refinement",
)
_ECHO_WORDS = 7
"""Words in a row of one of our prompts that nobody writes by chance."""
_MOST_REPEATED = 0.5
_FEWEST_REPEATED_WORDS = 30
_MOST_FOREIGN_WORDS = 1
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)
_BLOCK_OR_VALUE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_NAMES_A_LANGUAGE = re.compile(
    r"""
      \b(?:translat\w+|bilingual|multilingual|pinyin|transliterat\w+
          |(?:in|into|to|the|from)\ (?:\w+\ )?(?:chinese|mandarin|japanese|korean|russian|arabic|hindi|greek|hebrew|thai
            |spanish|french|german|italian|portuguese|dutch|swedish|polish|turkish|vietnamese|indonesian|english|latin)
          |übersetz\w+|auf\ (?:englisch|deutsch|französisch)|tradu\w+)\b
    | 翻译|翻譯|译成|译为|(?:用|以|中|成)(?:英文|英语|中文|汉语|法语|德语|日语|俄语|西班牙语)|双语
    """,
    re.IGNORECASE | re.VERBOSE,
)


def spoiled_text(text: str, page: WebPage, language: str, *, request: str = "") -> str:
    """Name what keeps a text of the teacher from being half of a row.

    Args:
        text: A request, a roll-out or a response.
        page: The page that it was written for.
        language: ISO 639-1 code of the language that rows shall be in; `page` for that of each page.
        request: The request that a response was written to; one that names a language may have its response in it.

    Returns:
        `prompt-echo`, `other-language`, `mixed-scripts`, `repetition`, or '' for a sound text. Nothing is said of
        languages where the page's is not known.
    """
    prose = _CODE.sub(" ", text)
    if echoes_prompt(text) or _mark().search(prose):
        return "prompt-echo"
    if not _NAMES_A_LANGUAGE.search(request or text):
        wanted = page.language if language == _OF_THE_PAGE else language
        if other_language(prose, wanted):
            return "other-language"
        if _foreign_words(prose, page, wanted) > _MOST_FOREIGN_WORDS:
            return "mixed-scripts"
    repeats = len(words(text)) >= _FEWEST_REPEATED_WORDS and repeated_share(text) > _MOST_REPEATED
    return "repetition" if repeats else ""


def echoes_prompt(text: str) -> bool:
    """True for a text with seven words in a row from one of our own prompts.

    >>> echoes_prompt("It asks for something new made from the material, with demands on the result.")
    True
    >>> echoes_prompt("Write a timeline of the ferry, with one line for each year.")
    False
    """
    return any(run in _prompt_runs() for run in _runs(text))


def _foreign_words(text: str, page: WebPage, language: str) -> int:
    """Words in scripts that neither the language nor the page has; names and terms in Latin letters are at home."""
    if not (own := scripts_of(language)):
        return 0
    counts = scripts_by_word(text)
    if counts.keys() <= own | {LATIN}:
        return 0
    at_home = own | {LATIN} | scripts_by_word(page.text).keys()
    return sum(count for script, count in counts.items() if script not in at_home)


@functools.cache
def _mark() -> re.Pattern[str]:
    """The marks around what is filled into our prompts, such as `<page>`; in code they may be somebody else's."""
    names = frozenset[str]().union(*(closing_marks(prompts.source(name)) for name in _PROMPTS))
    return re.compile(rf"</?\s*(?:{'|'.join(sorted(names))})\s*>", re.IGNORECASE)


@functools.cache
def _prompt_runs() -> frozenset[tuple[str, ...]]:
    """Runs of the fixed words of our prompts; what is filled in begins a new one."""
    return frozenset(
        run for name in _PROMPTS for part in _BLOCK_OR_VALUE.split(prompts.source(name)) for run in _runs(part)
    )


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    said = words(text)
    return (tuple(said[start : start + _ECHO_WORDS]) for start in range(len(said) - _ECHO_WORDS + 1))
