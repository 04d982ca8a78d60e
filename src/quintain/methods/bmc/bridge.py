"""The bridging phase: turn the worse response of a pair into a better one by targeted edits only.

    pairs, dropped = read_bridges(pairs, bridger.generate(ask_bridges(pairs, params)), params)
    pairs, dropped = read_comparisons(pairs, judge.generate(ask_comparisons(pairs)))

Source: arXiv:2408.07471, section 3.1. The wordings are our own; the release holds finished data, no prompt and no code.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta

from quintain import prompts
from quintain.fields import check
from quintain.methods.bmc.masks import edit_distance
from quintain.records import SHOWN_CHARACTERS, Completion, Dropped, Origin, PreferencePair, Request

Domain = Literal["instruction", "qa", "math"]
STAGES = ("losers", "bridge", "comparison", "tokens")
"""Where a pair can be dropped, in order."""

_GOOD_ENOUGH = re.compile(r"\W*(good enough|none)\W*", re.IGNORECASE)
_REFUSAL = re.compile(r"\W*(i('m| am) (sorry|unable)|sorry,|i (can('|’)?t|cannot|won't)|as an ai\b)", re.IGNORECASE)
_MARKS = re.compile(r"</?(worse|better|prompt)>")
_VERDICT = re.compile(r"\W*(first|second|equal)\W*", re.IGNORECASE)
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, kw_only=True)
class BridgeParams:
    """Settings of bridging.

    Raises:
        ValueError: A value is out of range.
    """

    domain: Domain = "instruction"
    """Wording of the request: instruction, qa or math."""
    most_growth: Annotated[float, Meta(ge=1)] = 3.0
    """A bridge with more than this times the words of both its neighbours is a new text, not an edit."""

    def __post_init__(self) -> None:
        check(self)


class Bridged(NamedTuple):
    """Output of a bridging step: the pairs that pass and the dropped ones."""

    pairs: list[PreferencePair]
    """The pairs that go on."""
    dropped: list[Dropped]
    """The others, with the reason and what the model said."""


def ask_bridges(pairs: Sequence[PreferencePair], params: BridgeParams) -> list[Request]:
    """Ask to mend the worse response of each pair, the better one at hand."""
    return [
        prompts.request(
            f"bmc/bridge_{params.domain}", {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected}
        )
        for pair in pairs
    ]


def read_bridges(pairs: Sequence[PreferencePair], completions: Sequence[Completion], params: BridgeParams) -> Bridged:
    """Put the mended response in the place of the better one.

    Args:
        pairs: The pairs that were asked about.
        completions: What the bridger said, in the same order.
        params: Domain and limit of growth.

    Returns:
        The bridged pairs, whose origin names the original first; and the dropped ones, with one of the reasons
        `error`, `truncated`, `empty`, `refused`, `good-enough`, `unchanged` (the worse response again), `marks` (pieces
        of the request in it), `overgrown`, and `not-closer` (no closer to the worse response than the better one was).
    """
    return _read(pairs, completions, "bridge", lambda pair, said: _bridge(pair, said, params))


def ask_comparisons(pairs: Sequence[PreferencePair]) -> list[Request]:
    """Ask which of the two responses is better; half of the pairs, by their ids, show the better one second."""
    return [
        prompts.request(
            "bmc/compare",
            {
                "prompt": pair.prompt,
                "first": pair.rejected if _turned(pair) else pair.chosen,
                "second": pair.chosen if _turned(pair) else pair.rejected,
            },
        )
        for pair in pairs
    ]


def read_comparisons(pairs: Sequence[PreferencePair], completions: Sequence[Completion]) -> Bridged:
    """Keep the pairs whose bridged response is at least as good as the worse one.

    Args:
        pairs: The pairs that were asked about.
        completions: What the judge said, in the same order.

    Returns:
        The pairs, and the dropped ones, with one of the reasons `error`, `truncated`, `unread` and `worse`.
    """
    return _read(pairs, completions, "comparison", _compare)


def _bridge(pair: PreferencePair, said: Completion, params: BridgeParams) -> PreferencePair | str:
    text = said.response.strip()
    if fault := _unusable(said):
        return fault
    if _GOOD_ENOUGH.fullmatch(text):
        return "good-enough"
    if _REFUSAL.match(text) and not _REFUSAL.match(pair.chosen):
        return "refused"
    if text == pair.rejected.strip():
        return "unchanged"
    if _MARKS.search(text):
        return "marks"
    words, chosen, rejected = (_WORD.findall(each) for each in (text, pair.chosen, pair.rejected))
    if len(words) > params.most_growth * max(len(chosen), len(rejected)):
        return "overgrown"
    if edit_distance(words, rejected) >= edit_distance(chosen, rejected):
        return "not-closer"
    prompt = prompts.fingerprint(f"bmc/bridge_{params.domain}")
    origin = Origin(parents=(pair.id, said.request_id), prompt=prompt, model=said.origin.model, seed=said.origin.seed)
    return replace(pair, id="", chosen=text, chosen_source="bridged", origin=origin)


def _compare(pair: PreferencePair, said: Completion) -> PreferencePair | str:
    if fault := _unusable(said):
        return fault
    verdict = _VERDICT.fullmatch(said.response.strip())
    if verdict is None:
        return "unread"
    return "worse" if verdict[1].lower() == ("first" if _turned(pair) else "second") else pair


def _unusable(said: Completion) -> str:
    if said.finish_reason == "error":
        return "error"
    if said.finish_reason == "length":
        return "truncated"
    return "" if said.response.strip() else "empty"


def _turned(pair: PreferencePair) -> bool:
    return int(pair.id, 16) % 2 == 1


def _read(
    pairs: Sequence[PreferencePair],
    completions: Sequence[Completion],
    stage: str,
    read: Callable[[PreferencePair, Completion], PreferencePair | str],
) -> Bridged:
    passed = Bridged([], [])
    for pair, said in zip(pairs, completions, strict=True):
        outcome = read(pair, said)
        if isinstance(outcome, PreferencePair):
            passed.pairs.append(outcome)
        else:
            text = said.text[:SHOWN_CHARACTERS]
            passed.dropped.append(Dropped(stage=stage, reason=outcome, where=f"pair {pair.id}", text=text))
    return passed
