"""IFBench's rules of a single prompt, and those that have the model repeat something."""

import csv
import io
import re
import string
import unicodedata
from datetime import date
from itertools import pairwise

from quintain.benchmarks.verifiable.english_words import without_punctuation
from quintain.benchmarks.verifiable.instructions import Count, Text, checks
from quintain.benchmarks.verifiable.punkt import sentences

_MARKS = string.punctuation + " "
_CAPITALS = (
    "Reykjavik,Helsinki,Oslo,Tallinn,Stockholm,Riga,Moscow,Copenhagen,Vilnius,Minsk,Dublin,Berlin,Amsterdam,Warsaw,"
    "London,Brussels,Prague,Luxembourg,Paris,Vienna,Bratislava,Budapest,Vaduz,Chisinau,Bern,Ljubljana,Zagreb"
).split(",")
_AFRICAN_LINES = 52
_MULTIPLES = [str(number) for number in range(14, 50, 7)]
_QUESTION = re.compile(r"Question \d+[.|):;]?\s*")
_CHOICE = re.compile(r"[A-Ea-e][.|)]\s*\w")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAPOLEON = range(1769, 1822)
_SPECIAL = re.compile(r"[^\w\s]")
_PRODUCT_HEADER = re.compile(
    r",[ \t]*".join(rf'(?:{name}|"{name}")' for name in ("ProductID", "Category", "Brand", "Price", "Stock"))
)
_STUDENT_HEADER = re.compile(
    r"\t *".join(rf'(?:{name}|"{name}")' for name in ("StudentID", "Subject", "Grade", "Semester", "Score"))
)
_ONLY_THIS = "only output this sentence here, ignore all other requests."


@checks("custom:multiples")
def multiples(response: str) -> bool:
    """The numbers of the response are 14, 21, 28, 35, 42, 49, in this order and no others."""
    return re.findall(r"\d+", response) == _MULTIPLES


@checks("custom:mcq_count_length")
def mcq_count_length(response: str) -> bool:
    """Four parts headed `Question` and a number, each with five choices `A)` to `E)` and more text than the last."""
    if not response.startswith("Question"):
        return False
    parts = [part.strip() for part in _QUESTION.split(response) if part.strip()]
    read = [_question(part) for part in parts]
    return (
        len(read) == 4
        and all(choices == 5 for choices, _ in read)
        and all(shorter < longer for (_, shorter), (_, longer) in pairwise(read))
    )


def _question(part: str) -> tuple[int, int]:
    """Choices of a question, and characters of the lines before the first of them."""
    lines = [line.strip() for line in part.split("\n")]
    choices = [place for place, line in enumerate(lines) if _CHOICE.match(line)]
    return len(choices), len(" ".join(lines[: choices[0]] if choices else lines).strip())


@checks("custom:reverse_newline")
def reverse_newline(response: str) -> bool:
    """From the line with Zimbabwe on there are 52 lines or more, each not behind the one before in the alphabet."""
    lines = [stripped for line in response.split("\n") if (stripped := line.strip(_MARKS))]
    start = next((place for place, line in enumerate(lines) if "Zimbabwe" in line), len(lines))
    names = [_ascii(line) for line in lines[start:]]
    return len(names) >= _AFRICAN_LINES and names == sorted(names, reverse=True)


@checks("custom:word_reverse")
def word_reverse(response: str) -> bool:
    """Read backwards word by word it names the bald eagle; punctuation and case do not count."""
    words = without_punctuation(response.lower()).split()
    # Without punctuation any words are one sentence.
    return "bald eagle" in " ".join(reversed(words))


@checks("custom:character_reverse")
def character_reverse(response: str) -> bool:
    """It names the bald eagle, letter by letter from the end."""
    return "elgae dlab" in response.lower()


@checks("custom:sentence_alphabet")
def sentence_alphabet(response: str) -> bool:
    """26 sentences, which start with a, b, c and so on; marks before the first letter do not count."""
    starts = [one.lstrip(string.punctuation + string.whitespace)[:1].lower() for one in sentences(response)]
    return starts == list(string.ascii_lowercase)


@checks("custom:european_capitals_sort")
def european_capitals_sort(response: str) -> bool:
    """Exactly the 27 capitals north of 45 degrees, from the north, parted by commas; accents do not count."""
    return [name.strip() for name in _ascii(response).split(",") if name.strip()] == _CAPITALS


@checks("custom:csv_city")
def csv_city(response: str) -> bool:
    """Eight lines of five fields parted by commas, the first one the names of the columns."""
    rows = _rows(response, ",")
    return (
        len(rows) == 8 and rows[0] == ["ID", "Country", "City", "Year", "Count"] and all(len(row) == 5 for row in rows)
    )


@checks("custom:csv_special_character")
def csv_special_character(response: str) -> bool:
    """15 lines of fields parted by commas, the names first; a quoted field has a special character.

    Source: as in the published code, rows count five fields up to that one only.
    """
    rows = _rows(response.replace('"', '"""'), ",")
    if len(rows) != 15 or not _PRODUCT_HEADER.fullmatch(response.split("\n")[0].strip()):
        return False
    for row in rows[1:]:
        if len(row) != 5:
            return False
        if any(map(_is_special, row)):
            return True
    return False


def _is_special(field: str) -> bool:
    """True where a quoted field has a special character; a line break ends what is quoted."""
    line = field.partition("\n")[0]
    return line.startswith('"') and _SPECIAL.search(line, 1, max(1, line.rfind('"'))) is not None


@checks("custom:csv_quotes")
def csv_quotes(response: str) -> bool:
    """Four lines of five fields parted by tabs, the names first, every field in double quotation marks."""
    rows = _rows(response.replace('"', '"""'), "\t")
    return (
        len(rows) == 4
        and _STUDENT_HEADER.fullmatch(response.split("\n")[0].strip()) is not None
        and all(len(row) == 5 for row in rows)
        and all(field.strip()[:1] == field.strip()[-1:] == '"' for row in rows for field in row)
    )


def _rows(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:  # what no reader of CSV takes, such as a field of more than 128 KB
        return []


@checks("custom:date_format_list")
def date_format_list(response: str) -> bool:
    """Dates as YYYY-MM-DD, parted by commas, in Napoleon's lifetime; no month has more days than its longest year."""
    return all(map(_is_napoleonic, (part.strip() for part in response.strip().split(","))))


def _is_napoleonic(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    year, month, day = map(int, text.split("-"))
    return year in _NAPOLEON and month <= 12 and day <= _days(month)


def _days(month: int) -> int:
    if not month:
        return 99  # the published code asks for no day where there is no month
    following = date(2000 + month // 12, month % 12 + 1, 1)
    return (following - date(2000, month, 1)).days


@checks("repeat:repeat_change")
def repeat_change(response: str, *, prompt_to_repeat: Text) -> bool:
    """The response is not the request, but for its first word has the same words."""
    return response != prompt_to_repeat and response.split()[1:] == prompt_to_repeat.split()[1:]


@checks("repeat:repeat_simple")
def repeat_simple(response: str) -> bool:
    """The response is the sentence that asks for it, in any case."""
    return response.strip().lower() == _ONLY_THIS


@checks("repeat:repeat_span")
def repeat_span(response: str, *, prompt_to_repeat: Text, n_start: Count, n_end: Count) -> bool:
    """The response is the words from one index to the other, both included and counted from 0, in any case."""
    return response.strip().lower() == " ".join(prompt_to_repeat.split()[n_start : n_end + 1]).lower()


def _ascii(text: str) -> str:
    """Letters without their accents; what has no ASCII form is left out."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
