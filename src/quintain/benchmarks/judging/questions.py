"""A judge for what no rule can check: it sees how the instruction grew, and what the response made of it.

Source: FollowBench, arXiv:2310.20410, section 3.2 (the constraint-evolution path); code/gpt4_based_evaluation.py of the
authors asks one request per item and wants a list of YES and NO on the last line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from quintain.benchmarks.judging.attempt import attempts_task
from quintain.benchmarks.judging.quotes import find_quotes
from quintain.benchmarks.judging.replies import ReplyRules, read_reply
from quintain.prompts import fingerprint, request
from quintain.records import Completion, ConstraintItem, Judgement, Origin, Request, Satisfied, by_judges

Unit = Literal["item", "constraint"]
ReplyFormat = Literal["structured", "list"]

_NOUNS = {
    "en": {
        "content": "one constraint on the content",
        "situation": "one circumstance of the situation that a right response has to take into account",
        "style": "one constraint on the style",
        "format": "one constraint on the format",
        "example": "one more way in which the examples can be written",
        "mixed": "one constraint, of whatever kind",
    },
    "zh": {
        "content": "一条内容约束",
        "situation": "一个正确回答必须考虑的情境条件",
        "style": "一条风格约束",
        "format": "一条格式约束",
        "example": "一种示例的写法",
        "mixed": "一条任意类型的约束",
    },
}
_CUT = {"en": "\n[… {n} characters left out …]\n", "zh": "\n[……此处省略 {n} 个字符……]\n"}


@dataclass(frozen=True, kw_only=True)
class Questioning:
    """Settings of asking judges and of reading their replies; part of a judge's identity.

    Raises:
        ValueError: A value is out of range.
    """

    unit: Unit = "item"
    """One request per `item`, as the authors ask, or one per `constraint`: level times the calls, each an easy one."""
    replies: ReplyFormat = "structured"
    """`structured` asks for JSON with the words that decided each verdict, `list` for the authors' list of YES and
    NO."""
    language: str = "en"
    """Language of the prompts, `en` or `zh`."""
    reading: ReplyRules = "tolerant"
    """`upstream-parity` reads lists as the authors' parser of that language does."""
    longest_response_chars: int = 20_000
    """What a judge is shown of a response; a longer one loses its middle."""

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise ValueError(f"unit must be one of {', '.join(get_args(Unit))}, got {self.unit!r}")
        if self.replies not in get_args(ReplyFormat):
            raise ValueError(f"replies must be one of {', '.join(get_args(ReplyFormat))}, got {self.replies!r}")
        if self.language not in _NOUNS:
            raise ValueError(f"language must be one of {', '.join(_NOUNS)}, got {self.language!r}")
        if self.reading == "upstream-parity" and (self.unit, self.replies) != ("item", "list"):
            raise ValueError("the authors' parser reads lists, one per item: take unit `item` and replies `list`")
        if self.longest_response_chars < 2:
            raise ValueError(f"longest_response_chars must be at least 2, got {self.longest_response_chars}")

    @property
    def prompt(self) -> str:
        """Name of the prompt."""
        return f"followbench/judge_{self.unit}_{self.language}"

    def judge_id(self, model: str) -> str:
        """Identity of a judge: the model, what it is asked, and how its reply is read."""
        return f"{model} ({fingerprint(self.prompt)}, {self.replies}, {self.reading})"


@dataclass(frozen=True)
class Case:
    """One response that a judge looks at."""

    item: ConstraintItem
    """What was asked."""
    earlier: tuple[str, ...]
    """The instructions of levels 0 to level - 1; level 0 is empty where a pack has no bare task."""
    response: str
    """What the model said, without reasoning."""


def make_cases(pack: Sequence[ConstraintItem], responses: Mapping[str, str]) -> list[Case]:
    """Put responses beside the path on which their instructions grew.

    Args:
        pack: All items; where an item does not bring its path along, the lower levels of its group are the path.
        responses: Response by item id, of the items to be judged.

    Returns:
        One case per response, in the order of the pack.
    """
    said = {(item.category, item.example_id, item.level): item.instruction for item in pack}
    return [
        Case(
            item,
            item.path or ("", *(said.get((item.category, item.example_id, low), "") for low in range(1, item.level))),
            responses[item.id],
        )
        for item in pack
        if item.id in responses
    ]


def ask_judge(case: Case, how: Questioning) -> list[Request]:
    """Ask about one case.

    Args:
        case: The response.
        how: How judges are asked.

    Returns:
        One request, or one per constraint; none for a response that is blank or repeats its instruction, unless
        everything is to be as the authors have it.
    """
    if not _is_asked(case, how):
        return []
    path = (*case.earlier, case.item.instruction)
    fields: dict[str, Any] = {
        "noun": _NOUNS[how.language].get(case.item.category, _NOUNS[how.language]["mixed"]),
        "response": _shown(case.response, how),
        "replies": how.replies,
    }
    origin = Origin(parents=(case.item.id,))
    if how.unit == "item":
        return [request(how.prompt, {**fields, "path": list(path), "level": case.item.level}, origin=origin)]
    return [
        request(
            how.prompt, {**fields, "path": list(path[step - 1 : step + 1]), "level": 1, "step": step}, origin=origin
        )
        for step in range(1, case.item.level + 1)
    ]


def read_judge(case: Case, completions: Sequence[Completion], how: Questioning, model: str) -> Judgement:
    """Read what a judge said of one case.

    Args:
        case: The response that was judged.
        completions: Its answers to `ask_judge`, in order.
        how: How it was asked.
        model: Name of the judging model.

    Returns:
        One verdict per constraint, None where the reply could not be read or the call failed. A response that is blank
        or repeats its instruction satisfies nothing, and nobody was asked.

    Raises:
        ValueError: There is not one completion per request.
    """
    asked = _is_asked(case, how)
    expected = 0 if not asked else 1 if how.unit == "item" else case.item.level
    if len(completions) != expected:
        raise ValueError(f"item {case.item.id}: {len(completions)} replies, expected {expected}")
    verdicts: tuple[Satisfied, ...] = () if asked else (False,) * case.item.level
    evidence: tuple[tuple[tuple[int, int], ...], ...] = ()
    for completion in completions:
        level = case.item.level if how.unit == "item" else 1
        failed = completion.finish_reason == "error"
        verdicts += (None,) * level if failed else read_reply(completion.text, level, how.language, how.reading)
        evidence += find_quotes(completion.response, case.response, level)
    return Judgement(
        item_id=case.item.id,
        example_id=case.item.example_id,
        category=case.item.category,
        level=case.item.level,
        satisfied=verdicts,
        base_task=None if how.reading == "upstream-parity" else asked,
        by=by_judges(how.judge_id(model)),
        response=case.response,
        evidence=evidence if any(evidence) else (),
        raw="\n\n".join(completion.text for completion in completions),
    )


def consensus(judgements: Sequence[Judgement]) -> Judgement:
    """Let several judges of one response vote on each constraint.

    Args:
        judgements: One per judge, of the same item and response.

    Returns:
        The verdict of the majority of those that could be read; None where they tie or none could. Evidence is that of
        the first judge who pointed at something.

    Raises:
        ValueError: There is none, or they are of different items.
    """
    if len({judgement.item_id for judgement in judgements}) != 1:
        raise ValueError("a consensus needs judgements of one item")
    first = judgements[0]
    if len(judgements) == 1:
        return first
    ordered = sorted(judgements, key=lambda judgement: judgement.by)
    return Judgement(
        item_id=first.item_id,
        example_id=first.example_id,
        category=first.category,
        level=first.level,
        satisfied=tuple(_majority(votes) for votes in zip(*(each.satisfied for each in ordered), strict=True)),
        base_task=first.base_task,
        by=by_judges(*(each.judge for each in ordered)),
        response=first.response,
        evidence=next((each.evidence for each in ordered if each.evidence), ()),
        raw="\n\n".join(f"{each.by}\n{each.raw}" for each in ordered),
    )


def _is_asked(case: Case, how: Questioning) -> bool:
    return how.reading == "upstream-parity" or attempts_task(case.item, case.response)


def _majority(votes: Sequence[Satisfied]) -> Satisfied:
    yes, no = votes.count(True), votes.count(False)
    return None if yes == no else yes > no


def _shown(response: str, how: Questioning) -> str:
    most = how.longest_response_chars
    if len(response) <= most:
        return response
    tail = most // 2
    return response[: most - tail] + _CUT[how.language].format(n=len(response) - most) + response[-tail:]
