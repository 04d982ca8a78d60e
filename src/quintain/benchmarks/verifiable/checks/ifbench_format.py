"""IFBench's rules about layout: lists, quotation marks, brackets, lines, templates."""

import re
import string
from collections import defaultdict, deque
from itertools import pairwise

from quintain.benchmarks.verifiable.emoji import is_emoji
from quintain.benchmarks.verifiable.english_words import bare, without_punctuation
from quintain.benchmarks.verifiable.instructions import Text, checks
from quintain.benchmarks.verifiable.punkt import sentences
from quintain.benchmarks.verifiable.treebank import tokens

_BRACKETS = {")": "(", "]": "[", "}": "{"}
_BRACKET_DEPTH = 5
_QUOTE_DEPTH = 3
_LETTERED = re.compile(r"\W*[aA]\W*[bB]\W*[cC]\W*")
_AROUND_A_QUOTE = string.digits + string.punctuation.replace('"', "")
_TEMPLATE = ("My Answer:", "My Conclusion:", "Future Outlook:")
_ITALICS = (("<i>", "</i>"), ("<em>", "</em>"))


@checks("format:options")
def options(response: str, *, options: Text) -> bool:
    """The response is an option: a lettered one to the character, others in any case and without marks around."""
    parting = next((mark for mark in ("/", "or") if mark in options), ",")
    offered = [option.strip() for option in options.split(parting)]
    if _LETTERED.match(options):
        return response in offered
    return bare(response).lower() in [bare(option).lower() for option in offered]


@checks("format:newline")
def newline(response: str) -> bool:
    """As many lines as words; empty lines and punctuation do not count."""
    text = without_punctuation(response).strip()
    return sum(line != "" for line in text.split("\n")) == len(text.split())


@checks("format:emoji")
def emoji(response: str) -> bool:
    """Each sentence ends with an emoji, or the next one starts with it; punctuation does not count."""
    ends = [without_punctuation(one).strip() for one in sentences(response)]
    return all(
        bool(end) and (any(map(is_emoji, end[-2:])) or is_emoji(following[:1]))
        for end, following in zip(ends, (*ends[1:], ""), strict=True)
    )


@checks("format:line_indent")
def line_indent(response: str) -> bool:
    """Each line is indented by more spaces than the line before.

    Source: as in the published code, of several blank lines in a row every second one counts as a line.
    """
    indents = [len(line) - len(line.lstrip(" ")) for line in _without_blanks(response.split("\n"))]
    return all(later > earlier for earlier, later in pairwise(indents))


def _without_blanks(lines: list[str]) -> list[str]:
    """Take out blank lines, passing over the line behind each: so does who removes from a list while walking it."""
    kept: dict[int, str] = {}
    blanks: dict[str, deque[int]] = defaultdict(deque)
    passed_over = False
    for place, line in enumerate(lines):
        blank = not line.strip()
        if blank and not passed_over:
            passed_over = True
            # The first line that equals it goes, which may be one that was passed over before.
            if blanks[line]:
                del kept[blanks[line].popleft()]
                blanks[line].append(place)
                kept[place] = line
            continue
        passed_over = False
        kept[place] = line
        if blank:
            blanks[line].append(place)
    return list(kept.values())


@checks("format:quote_unquote")
def quote_unquote(response: str) -> bool:
    """No double quotation mark directly behind another, and none at the end, but for digits and other marks."""
    text = "".join(response.replace("'\"'", "").split())
    return '""' not in text and not text.strip(_AROUND_A_QUOTE).endswith('"')


@checks("format:list")
def marked_list(response: str, *, sep: Text) -> bool:
    """The mark of the items occurs twice or more."""
    return response.count(sep) > 1


@checks("format:thesis")
def thesis(response: str) -> bool:
    """The first text between tags of HTML's italics is not empty, and some text follows it."""
    start = _first(response, [opening for opening, _ in _ITALICS])
    end = _first(response[start:], [closing for _, closing in _ITALICS]) if start >= 0 else -1
    if end < 0:
        return False
    # Both are cut by the length of the short tag, whichever it is.
    inner, outer = response[start + len("<i>") : start + end], response[start + end + len("</i>") :]
    return bool(inner.strip()) and bool(outer.strip())


def _first(text: str, tags: list[str]) -> int:
    """Place of the first tag of the list that occurs; -1: none does."""
    return next((at for tag in tags if (at := text.find(tag)) >= 0), -1)


@checks("format:sub-bullets")
def sub_bullets(response: str) -> bool:
    """A dash follows each asterisk before the next one."""
    return all("-" in bullet for bullet in response.split("*")[1:])


@checks("format:no_bullets_bullets")
def no_bullets_bullets(response: str) -> bool:
    """Two sentences or more, then two lines or more that start with an asterisk, and nothing behind them.

    Source: as in the published code, one empty line may stand between the two parts, and none behind them.
    """
    said = bullets = 0
    speaking = True
    for line in map(str.strip, response.split("\n")):
        if line.startswith("*"):
            speaking = False
            bullets += 1
            if said < 2:
                return False
        elif speaking:
            found = len(sentences(line))
            said += found
            speaking = found > 0
        else:
            return False
    return bullets > 1


@checks("format:output_template")
def output_template(response: str) -> bool:
    """The three headings of the template occur."""
    return all(heading in response for heading in _TEMPLATE)


@checks("format:no_whitespace")
def no_whitespace(response: str) -> bool:
    """No white space occurs."""
    return not any(map(str.isspace, response))


@checks("format:title_case")
def title_case(response: str) -> bool:
    """No token that starts with a letter is in small letters, or small at its start and capital behind it."""
    return not any(map(_is_untitled, tokens(response)))


def _is_untitled(token: str) -> bool:
    if not token[0].isalpha() or not token[0].islower():
        return False
    return len(token) == 1 or token[1:].islower() or token[1:].isupper()


@checks("format:parentheses")
def parentheses(response: str) -> bool:
    """A bracket closes with five open, itself one; one that closes nothing, or another kind, ends them all."""
    opened: list[str] = []
    deepest = 0
    for character in response:
        if character in "([{":
            opened.append(character)
            deepest = max(deepest, len(opened))
        elif character in _BRACKETS:
            if not opened or opened.pop() != _BRACKETS[character]:
                opened, deepest = [], 0
            elif deepest >= _BRACKET_DEPTH:
                return True
    return False


@checks("format:quotes")
def quotes(response: str) -> bool:
    """Double and single quotation marks in turn are three deep, and close three levels below the deepest."""
    opened: list[str] = []
    deepest = 0
    for character in response:
        if opened and character == opened[-1]:
            opened.pop()
            if deepest - len(opened) >= _QUOTE_DEPTH:
                return True
        elif character in "\"'":
            opened.append(character)
            deepest = max(deepest, len(opened))
    return False
