"""Wording of requests and responses: verbs, demands, variety, copied runs of words. Rules for English."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from quintain.text.words import words

_LEAD_IN = re.compile(
    r"""\W*(?:
        (?:please|kindly|now|then|hi|hello|hey)\b
      | (?:can|could|would|will)\ you\b
      | i(?:['’]d|\ would)?\ (?:want|need|like)\ (?:you\ )?to\b
      | i['’]?m\ looking\ for\ (?:you\ to\b)?
      | let['’]s\b
      | help\ me\ (?:to\ )?(?=\w)
    )[\s,]*""",
    re.IGNORECASE | re.VERBOSE,
)
_SUBORDINATE = re.compile(
    r"\W*(?:as|using|based|given|with|for|in|from|after|before|considering|drawing|imagine|if|while|when)\b"
    r"[^,.;:\n]*[,:]",
    re.IGNORECASE,
)

_NUMBER = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|a\ few|several)"
_DEMANDS = {
    "length": rf"""
        \b{_NUMBER}(?:[-\ ]\w+){{0,2}}?[-\ ](?:words?|sentences?|paragraphs?|lines?|points?|bullets?|items?|facts?
            |steps?|characters?|pages?|examples?|tips)\b
        | \b(?:at\ most|at\ least|no\ more\ than|fewer\ than|less\ than|exactly|up\ to)\b
        | \b(?:brief(?:ly)?|concise(?:ly)?|short)\b""",
    "format": r"""
        \b(?:bullets?|bulleted|bullet\ points?|numbered|number\ the|lists?|table|json|yaml|csv|markdown|html|headings?
            |subheadings|outline|columns?|key\ and\ value|keys\ and\ values|dialogue|email|letter|memo|poem|haiku
            |timeline|faq|pattern)\b
        | \bbehind\ a\ (?:dash|star)\b | \b(?:quotes|stars)\ around\b | \bbetween\ (?:quotes|stars)\b""",
    "style": r"""
        \b(?:tones?|styles?|formal|informal|conversational|humorous|persuasive|polite(?:ly)?|plain|simple|capitals|vivid
            |objective|neutral|exclamation|question\ mark|as\ a\ question|excited|voice|rhym\w+)\b""",
    "audience": r"""
        \b(?:audience|readers?|beginners?|experts?|laypeople|newcomers|children|students|colleagues|travell?ers
            |aimed\ at|suitable\ for|tailored\ to|you\ speak\ to)\b""",
    "role": r"""
        \b(?:you\ are\ an?|speak\ as|write\ as|act\ as|from\ the\ perspective|point\ of\ view|in\ the\ role)\b""",
    "inclusion": r"""
        \b(?:mention|include|includes|including|cover(?:ing)?|highlight(?:ing)?|focus(?:ing|es)?\ on|emphasi[sz]\w+
            |contain|must\ appear|use\ the\ word|make\ sure|ensure|add|says?\ kindly|says\ truly)\b""",
    "exclusion": r"""
        \b(?:do\ not|don['’]t|avoid(?:ing)?|without|leave\ out|omit(?:ting)?|exclude|excluding|never)\b""",
    "structure": r"""
        \b(?:begins?|starts?|opens?|ends?|finish|close|closes|closing|conclud(?:e|es|ing)|first\ word|last\ words?
            |every\ sentence|each\ sentence|introduction|conclusion|sections?)\b""",
}
_CUES = {kind: re.compile(cue, re.IGNORECASE | re.VERBOSE) for kind, cue in _DEMANDS.items()}
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")


def request_verb(request: str) -> str:
    """Name what a request asks to do: the first word of its main clause, lower-case.

    Greetings, politeness and wishes ("please", "could you", "I want you to") are passed over, and so is a subordinate
    clause in front, up to its comma. A question gives its question word.

    >>> request_verb("As a teacher, could you please explain tides?")
    'explain'
    """
    rest = request
    while lead := _SUBORDINATE.match(rest) or _LEAD_IN.match(rest):
        rest = rest[lead.end() :]
    return next(iter(words(rest)), "")


def entropy_bits(values: Iterable[str]) -> float:
    """Entropy of how often values occur, in bits; 0 when there is one value or none."""
    counts = Counter(values)
    total = counts.total()
    return sum(count / total * math.log2(total / count) for count in counts.values())


def distinct_share(texts: Iterable[str], length: int) -> float:
    """Share of different n-grams among all n-grams of the texts, distinct-n; 0 without any.

    Args:
        texts: The texts; no n-gram goes over from one to the next.
        length: Words per n-gram.

    Returns:
        A share in [0, 1]. It falls with the number of words, so only equal amounts of text compare.

    Source: Li et al. 2016, arXiv:1510.03055, section 5.
    """
    grams = [gram for text in texts for gram in _ngrams(words(text), length)]
    return len(set(grams)) / len(grams) if grams else 0.0


def demand_count(request: str) -> int:
    """Count what a request demands of the result.

    Cues of eight kinds are looked up: length, format, style, audience, role, inclusion, exclusion, structure. A kind
    counts once in each sentence.

    >>> demand_count("Sum it up in exactly 3 bullet points. Keep a formal tone and do not name the author.")
    4
    """
    sentences = _SENTENCE_END.split(request)
    return sum(bool(cue.search(sentence)) for sentence in sentences for cue in _CUES.values())


def copied_words(response: str, page: str) -> int:
    """Length of the longest run of words that a response has from a page."""
    said, read = words(response), words(page)
    low, high = 0, min(len(said), len(read))
    while low < high:  # a common run of n words holds one of n - 1
        middle = (low + high + 1) // 2
        if set(_ngrams(said, middle)) & set(_ngrams(read, middle)):
            low = middle
        else:
            high = middle - 1
    return low


def _ngrams(tokens: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)]
