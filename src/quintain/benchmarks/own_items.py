"""Items of the user's own: questions with known answers, from a file of any kind that training data is read from."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from quintain.benchmarks.benchmark import Benchmark, Item
from quintain.errors import RecordError
from quintain.given.faults import RowFault
from quintain.given.sources import file_source
from quintain.given.turns import read_text
from quintain.records import Judgement
from quintain.text.words import words

Match = Literal["contains", "exact", "number"]
_PROMPTS = ("prompt", "instruction", "question")
_ANSWERS = ("answers", "answer", "target")
_KEYS = ("key", "id")
_NUMBER = re.compile(r"[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


class OwnItems(Benchmark):
    """Questions with known answers; a response is right or wrong.

    Raises:
        ValueError: There is no such way to compare.
    """

    name = "own"

    def __init__(self, *, filepath: str, match: Match = "contains", language: str = "en") -> None:
        """Name the file.

        Args:
            filepath: JSON lines, a JSON array, CSV, TSV or Parquet. A row has `prompt` (or `instruction`, `question`)
                and `answer` (or `target`, or `answers`, a list of spellings of which one is enough), and where it likes
                `category`, `level` from 1, `cluster`: rows of one cluster stand or fall together, and `key` (or `id`),
                by which outputs made elsewhere name it.
            match: `contains`: the words of an answer stand in the response, in a row; `exact`: the response has these
                words and no other; `number`: its last number is the answer's.
            language: ISO 639-1 code of the prompts.
        """
        if match not in get_args(Match):
            raise ValueError(f"match must be one of {', '.join(get_args(Match))}, got {match!r}")
        self._filepath = Path(filepath)
        self._match = match
        self.rules = f"own-{match}-1"
        self.language = language

    def load_items(self) -> Iterable[Item]:
        """Read the items.

        Raises:
            RecordError: The file cannot be read, or a row is no item; names file and line.
        """
        for row in file_source(self._filepath).rows():
            try:
                if row.fault:
                    raise row.fault
                yield _item(row.values, numbers=self._match == "number")
            except RowFault as fault:
                raise RecordError(f"{row.where}: {fault}; correct the item") from None

    def judge(self, item: Item, response: str) -> Judgement:
        """Score 1 where one of the answers is given, else 0."""
        return self.judged(item, response, score=float(any(self._is_right(response, each) for each in item.target)))

    def _is_right(self, response: str, answer: str) -> bool:
        if self._match == "number":
            numbers = _NUMBER.findall(response)
            return bool(numbers) and _value(numbers[-1]) == _value(answer)
        said, right = words(response), words(answer)
        if self._match == "exact":
            return said == right
        return any(said[start : start + len(right)] == right for start in range(len(said) - len(right) + 1))


def _item(row: Mapping[str, Any], *, numbers: bool) -> Item:
    name = next((each for each in _PROMPTS if row.get(each)), "")
    if not name:
        raise RowFault("no-prompt", f"none of {', '.join(_PROMPTS)} holds a text")
    prompt = read_text(row[name], name)
    given = next((row[each] for each in _ANSWERS if row.get(each) not in (None, "", [])), None)
    answers = [
        str(one) if isinstance(one, int | float) and not isinstance(one, bool) else read_text(one, "answer")
        for one in (given if isinstance(given, list) else [given])
    ]
    for answer in answers:
        if not words(answer) or (numbers and not _NUMBER.fullmatch(answer.strip())):
            raise RowFault("no-answer", f"{answer!r} is no {'number' if numbers else 'text with a word in it'}")
    level = row.get("level") or 1
    if not str(level).isascii() or not str(level).isdecimal():
        raise RowFault("no-level", f"level is {level!r}, not a whole number from 1")
    try:
        return Item(
            prompt=prompt,
            target=tuple(answers),
            category=read_text(row.get("category"), "category"),
            level=int(level),
            cluster=read_text(row.get("cluster"), "cluster"),
            key=next((row[each] for each in _KEYS if isinstance(row.get(each), int | str) and row[each] != ""), ""),
        )
    except ValueError as error:
        raise RowFault("no-item", str(error)) from None


def _value(number: str) -> float:
    return float(number.strip().replace(",", "").replace("−", "-"))
