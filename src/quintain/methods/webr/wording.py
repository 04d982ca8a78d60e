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
    start = 0
    while lead := _SUBORDINATE.match(request, start) or _LEAD_IN.match(request, start):
        start = lead.end()
    return next(iter(words(request[start:])), "")


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
    # A suffix automaton of the response, read along the page: its states are the runs of the response, each with the
    # state of its longest end that goes on otherwise, so that time and memory grow with the words alone.
    following: list[dict[str, int]] = [{}]
    shorter, longest = [-1], [0]
    last = 0
    for word in words(response):
        state, last = last, len(longest)
        following.append({})
        shorter.append(0)
        longest.append(longest[state] + 1)
        while state >= 0 and word not in following[state]:
            following[state][word] = last
            state = shorter[state]
        if state < 0:
            continue
        met = following[state][word]
        if longest[met] > longest[state] + 1:
            copy = len(longest)
            following.append(dict(following[met]))
            shorter.append(shorter[met])
            longest.append(longest[state] + 1)
            shorter[met] = copy
            while state >= 0 and following[state].get(word) == met:
                following[state][word] = copy
                state = shorter[state]
            met = copy
        shorter[last] = met
    state = run = most = 0
    for word in words(page):
        while state and word not in following[state]:
            state = shorter[state]
            run = longest[state]
        if word in following[state]:
            state, run = following[state][word], run + 1
            most = max(most, run)
    return most


def _ngrams(tokens: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)]
