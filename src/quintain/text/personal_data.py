"""Personal data in texts: mail addresses, telephone numbers, IBANs and card numbers, found by rules.

IBANs are told by the length that their country gives them and by their check digits (ISO 13616, ISO 7064 mod 97-10),
card numbers by their first digits and by Luhn's check (ISO/IEC 7812). For telephone numbers there is no check: they are
told by a country's prefix, by the groups of a national number, or by a word such as `tel.` before them.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

Kind = Literal["mail", "phone", "iban", "card"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_AT = r"(?:@|\s?[\[({]\s?at\s?[\])}]\s?)"
_DOT = r"(?:\.|\s?[\[({]\s?dot\s?[\])}]\s?)"
_MAIL = re.compile(
    rf"(?<![\w.+%-])\w[\w.%+-]{{0,63}}{_AT}(?:\w[\w-]{{0,62}}{_DOT}){{1,8}}[^\W\d_]{{2,24}}(?![\w@-])", re.IGNORECASE
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \u00a0-]?[A-Za-z0-9])")
_DIGIT_RUN = re.compile(r"(?<![\w.,])\d(?:[ \u00a0-]?\d){12,}(?![.,]\d)")
_DIGITS = re.compile(r"\d+")
_GAP = "[ \\u00a0().\\-/]{0,3}"
_ABROAD = re.compile(rf"(?<![\w+])(?<!\d[ ])(?:\+[ ]?|00)[1-9](?:{_GAP}\d){{6,14}}(?!\d)")
_AMERICAN = re.compile(
    r"(?<![\w.\-/])(?:1[-. ])?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[-.])[2-9]\d{2}[-. ]\d{4}(?![\w/]|[-.]\d)"
)
_NATIONAL = re.compile(
    r"(?<![\w.,\-/])(?<!\d[ \u00a0])\(?0[1-9]\d{0,3}\)?[ \u00a0/-]{1,3}\d{2,}(?:[ \u00a0-]\d{2,}){0,4}(?![\w]|[.,/-]\d)"
)
_LABELLED = re.compile(
    r"\b(?:tel(?:e(?:phone|fon|fono|fax))?|t[eé]l(?:[eé]phone)?|phone|fax|mobile|mobil|cell|whatsapp|handy)\b"
    rf"[.:]{{0,2}}\s{{0,3}}(?:(?:no|nr|number)\.?:?\s)?(?P<number>\(?\d(?:{_GAP}\d){{5,14}})(?!\d)",
    re.IGNORECASE,
)
_FEWEST_NATIONAL_DIGITS = 9
_MOST_PHONE_DIGITS = 15
_CARD_DIGITS = range(13, 20)
_MOST_CARD_GROUPS = 5
_FEWEST_IN_CARD_GROUP = 3

_IBAN_CHARACTERS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""Country → characters of its IBANs (SWIFT's registry, release 98)."""


@dataclass(frozen=True)
class Found:
    """A stretch of personal data."""

    kind: Kind
    """What it is."""
    start: int
    """Its first character."""
    end: int
    """The first character after it."""


def find_personal(text: str, kinds: Collection[str] = KINDS) -> list[Found]:
    """Find personal data.

    Args:
        text: The text.
        kinds: What to look for.

    Returns:
        The stretches in their order, none over another.

    >>> [one.kind for one in find_personal("Write to a.b@c.example or pay to DE89 3704 0044 0532 0130 00.")]
    ['mail', 'iban']
    """
    found: list[Found] = []
    taken = bytearray(len(text))
    for kind, find in _FINDERS.items():
        if kind in kinds:
            for start, end in find(text):
                if not any(taken[start:end]):
                    taken[start:end] = b"\1" * (end - start)
                    found.append(Found(kind, start, end))
    return sorted(found, key=lambda one: one.start)


def masked(text: str, found: list[Found]) -> str:
    """Put the kind of each stretch, in brackets, in its place.

    >>> masked("Call +49 30 1234567 now", find_personal("Call +49 30 1234567 now"))
    'Call [phone] now'
    """
    parts: list[str] = []
    at = 0
    for one in found:
        parts += [text[at : one.start], f"[{one.kind}]"]
        at = one.end
    return "".join([*parts, text[at:]])


def is_iban(text: str) -> bool:
    """True for an IBAN: a country's length, and check digits that fit.

    >>> is_iban("GB82WEST12345698765432"), is_iban("GB83WEST12345698765432")
    (True, False)
    """
    text = text.upper()
    if not (text.isascii() and text.isalnum()) or len(text) != _IBAN_CHARACTERS.get(text[:2]):
        return False
    # Letters count as two digits from 10 on; the remainder of a right number by 97 is 1.
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def is_card(digits: str) -> bool:
    """True for a card number: the first digits and length of an issuer, and Luhn's check.

    >>> is_card("4111111111111111"), is_card("4111111111111112")
    (True, False)
    """
    return bool(_issued(digits)) and _luhn(digits) % 10 == 0


def _issued(digits: str) -> bool:
    length, four = len(digits), int(digits[:4] or 0)
    if length not in _CARD_DIGITS:
        return False
    return (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((51 <= four // 100 <= 55 or 2221 <= four <= 2720) and length == 16)
        or (four // 100 in (34, 37) and length == 15)
        or ((300 <= four // 10 <= 305 or four // 100 in (36, 38, 39)) and length in range(14, 20))
        or ((3528 <= four <= 3589) and length >= 16)
        or ((four // 100 in (60, 62, 64, 65, 81, 82) or 2200 <= four <= 2205 or four == 9792) and length >= 16)
        or ((four // 100 == 50 or 56 <= four // 100 <= 69) and length in _CARD_DIGITS)
    )


def _luhn(digits: str) -> int:
    """Sum of the digits, every second from the right doubled and its own digits summed up."""
    return sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits)))


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for head in _IBAN.finditer(text):
        length = _IBAN_CHARACTERS.get(head[0][:2].upper())
        characters, at = head[0], head.end()
        while length and len(characters) < length and at < len(text):
            step = 1 if text[at] in " \u00a0-" else 0
            character = text[at + step : at + step + 1]
            if not (character.isascii() and character.isalnum()):
                break
            characters += character
            at += step + 1
        if is_iban(characters) and not text[at : at + 1].isalnum():
            yield head.start(), at


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for run in _DIGIT_RUN.finditer(text):
        if text[run.end() : run.end() + 1].isalpha():
            continue
        groups = [(run.start() + one.start(), run.start() + one.end()) for one in _DIGITS.finditer(run[0])]
        first = 0
        while first < len(groups):
            # An expiry date or the like may stand behind the number.
            sizes = range(min(_MOST_CARD_GROUPS, len(groups) - first), 0, -1)
            size = next((size for size in sizes if _is_grouped_card(text, groups[first : first + size])), 0)
            if size:
                yield groups[first][0], groups[first + size - 1][1]
            first += size or 1


def _is_grouped_card(text: str, groups: list[tuple[int, int]]) -> bool:
    """True when groups of digits are a card number together, written as people write one."""
    lengths = [end - start for start, end in groups]
    if sum(lengths) not in _CARD_DIGITS or any(length < _FEWEST_IN_CARD_GROUP for length in lengths[:-1]):
        return False
    separators = {text[one[1] : other[0]] for one, other in pairwise(groups)}
    return len(separators) <= 1 and is_card("".join(text[start:end] for start, end in groups))


def _mails(text: str) -> Iterator[tuple[int, int]]:
    if "@" in text or "at" in text:
        yield from (one.span() for one in _MAIL.finditer(text))


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for pattern, fewest in ((_ABROAD, 7), (_LABELLED, 6), (_AMERICAN, 10), (_NATIONAL, _FEWEST_NATIONAL_DIGITS)):
        for one in pattern.finditer(text):
            start, end = one.span("number") if "number" in pattern.groupindex else one.span()
            if fewest <= sum(map(str.isdigit, text[start:end])) <= _MOST_PHONE_DIGITS:
                yield start, end


_FINDERS: dict[Kind, Callable[[str], Iterator[tuple[int, int]]]] = {
    "iban": _ibans,
    "card": _cards,
    "mail": _mails,
    "phone": _phones,
}
"""In the order in which they claim a stretch: those with a check first."""
