"""The referee: two responses side by side, a score for each, and a reading that knows when it cannot read."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from quintain import prompts
from quintain.methods.lion.params import Dialect, LionParams
from quintain.records import Completion, Instruction, Origin, Request, Response, Review, ReviewOrder

ORDERS: tuple[ReviewOrder, ReviewOrder] = ("teacher-first", "student-first")
LOWEST, HIGHEST = 1.0, 10.0
_PROMPTS: dict[Dialect, str] = {"last-lines": "lion/referee", "first-line": "lion/referee_scores_first"}
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"
_MARKUP = re.compile(r"[*_`#>]|^[^\S\n]*[-•]\s+", re.MULTILINE)
# What may be left out is taken whole or not at all, and nothing before the label goes over a line: time is linear.
_LABELLED = re.compile(
    rf"^[^\w\n]*+(?:the\s++)?(?:(?:assistant|response|answer|score|助手)\W*+(?:of\W++)?(?:assistant\W*+)?)?"
    rf"(?P<label>\d++)\b[^:：=|\n]*+[:：=|]\s*+[\[(]?(?P<score>{_NUMBER}|nan|[-+]?inf(?:inity)?)"
    r"(?:\s*+(?:/|out of)\s*+10)?(?:\s*+points?)?(?:\s*+\([^()\n]*+\))?[^\w\n]*+$",
    re.IGNORECASE | re.MULTILINE,
)
_FIRST_LINE = re.compile(rf"\W*?({_NUMBER})(?:/10)?(?:\s*[,;]\s*|\s+)({_NUMBER})(?:/10)?\W*")


class Scores(NamedTuple):
    """Scores of the response shown first and of the other one, or why there are none."""

    first: float | None
    second: float | None
    fault: str = ""


class Matchup(NamedTuple):
    """Two responses to one instruction, in the order in which the referee reads them."""

    instruction: Instruction
    teacher: Response
    student: Response
    order: ReviewOrder
    sample: int = 0


def matchups(
    instructions: Sequence[Instruction],
    teacher: Mapping[str, Response],
    student: Mapping[str, Response],
    params: LionParams,
    sample: int = 0,
) -> list[Matchup]:
    """Lay out what the referee is to be asked: every instruction in both orders, or in one.

    Args:
        instructions: What is to be judged.
        teacher: Teacher's responses by instruction id; an instruction without one is left out.
        student: Student's responses, the same way.
        params: Whether both orders are asked.
        sample: 0 for the first opinion, 1 for the second.

    Returns:
        The questions, those of one instruction next to each other.
    """
    orders = ORDERS if params.both_orders else ORDERS[:1]
    return [
        Matchup(instruction, teacher[instruction.id], student[instruction.id], order, sample)
        for instruction in instructions
        if instruction.id in teacher and instruction.id in student
        for order in orders
    ]


def ask_referee(matchups: Sequence[Matchup], params: LionParams) -> list[Request]:
    """Ask for a score from 1 to 10 for each of two responses."""
    return [
        prompts.request(
            _PROMPTS[params.dialect],
            {
                "instruction": asked.instruction.prompt,
                "first": (asked.teacher if asked.order == "teacher-first" else asked.student).text,
                "second": (asked.student if asked.order == "teacher-first" else asked.teacher).text,
            },
            sample=asked.sample,
        )
        for asked in matchups
    ]


def read_reviews(matchups: Sequence[Matchup], completions: Sequence[Completion], params: LionParams) -> list[Review]:
    """Turn what the referee wrote into reviews; one that cannot be read says why and has no scores."""
    reviews = []
    for asked, completion in zip(matchups, completions, strict=True):
        scores = (
            Scores(None, None, "model-error")
            if completion.finish_reason == "error"
            else read_review(completion.response, params.dialect, strict=params.strict)
        )
        teacher, student = scores[:2] if asked.order == "teacher-first" else (scores.second, scores.first)
        parents = (completion.request_id, asked.instruction.id, asked.teacher.id, asked.student.id)
        reviews.append(
            Review(
                instruction_id=asked.instruction.id,
                order=asked.order,
                sample=asked.sample,
                teacher_score=teacher,
                student_score=student,
                fault=scores.fault,
                text=completion.text,
                origin=Origin(
                    parents=parents,
                    prompt=prompts.fingerprint(_PROMPTS[params.dialect]),
                    model=completion.origin.model,
                    seed=completion.origin.seed,
                ),
            )
        )
    return reviews


def read_review(text: str, dialect: Dialect = "last-lines", *, strict: bool = False) -> Scores:
    r"""Read the two scores out of a review.

    >>> read_review("Both are fine.\nAssistant 1: 8/10\n**Assistant 2: 7**")
    Scores(first=8.0, second=7.0, fault='')
    >>> read_review("Both are fine.\nAssistant 1: 80\nAssistant 2: 7")
    Scores(first=None, second=None, fault='out-of-range')
    >>> read_review("8, 7\nBoth are fine.", "first-line")
    Scores(first=8.0, second=7.0, fault='')

    Args:
        text: What the referee wrote.
        dialect: Where the scores stand.
        strict: Read as the authors' code does: the very last two lines with nothing after the number, or exactly two
            words on the first line; no check of the range.

    Returns:
        Two scores, 1-10 unless strict; or None twice and one word for why.

    Source: the authors' src/chatgpt_referee.py (last-lines) and its version of May 2023 (first-line).
    """
    if strict:
        return _read_last_lines_strictly(text) if dialect == "last-lines" else _read_first_line_strictly(text)
    return _read_last_lines(text) if dialect == "last-lines" else _read_first_line(text)


def _read_last_lines(text: str) -> Scores:
    # The last line of a label counts: an explanation may weigh scores before it settles.
    found = {match["label"]: match["score"] for match in _LABELLED.finditer(_MARKUP.sub("", text))}
    if not found.keys() & {"1", "2"}:
        return Scores(None, None, "no-scores")
    if not found.keys() >= {"1", "2"}:
        return Scores(None, None, "one-score")
    return _in_range(found["1"], found["2"])


def _read_first_line(text: str) -> Scores:
    first_line = next((line for line in _MARKUP.sub("", text).split("\n") if line.strip()), "")
    match = _FIRST_LINE.fullmatch(first_line)
    return _in_range(match[1], match[2]) if match else Scores(None, None, "no-scores")


def _in_range(first: str, second: str) -> Scores:
    scores = float(first), float(second)
    if not all(LOWEST <= score <= HIGHEST for score in scores):  # also false for nan
        return Scores(None, None, "out-of-range")
    return Scores(*scores)


def _read_last_lines_strictly(text: str) -> Scores:
    lines = text.split("\n")[-2:]
    labels = [line.rpartition(":")[0] for line in lines]
    if len(lines) < 2 or "1" not in labels[0] or "2" not in labels[1]:
        return Scores(None, None, "no-scores")
    return _floats([line.rpartition(":")[2] for line in lines])


def _read_first_line_strictly(text: str) -> Scores:
    words = text.split("\n")[0].replace(",", " ").split()
    return _floats(words) if len(words) == 2 else Scores(None, None, "no-scores")


def _floats(words: Sequence[str]) -> Scores:
    try:
        first, second = map(float, words)
    except ValueError:
        return Scores(None, None, "no-number")
    return Scores(first, second)
