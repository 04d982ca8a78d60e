"""Edits of knowledge: cases with the probes that test them, and results."""

from dataclasses import dataclass
from typing import Literal

from quintain.records.record import Record

EditAspect = Literal[
    "rewrite",
    "rephrase",
    "subject-aliasing",
    "reasoning",
    "logical-generalization",
    "relation-specificity",
    "forgetfulness",
    "far",
]
EditSetting = Literal["single", "batch", "sequential"]
OUT_OF_SCOPE: tuple[EditAspect, ...] = ("relation-specificity", "forgetfulness", "far")
"""Aspects of probes whose answer an edit must leave as it was; it changes the others."""


@dataclass(frozen=True, kw_only=True)
class EditProbe:
    """A question that shows how far an edit reaches."""

    aspect: EditAspect
    """What it probes."""
    prompt: str
    """The question."""
    answers: tuple[tuple[str, ...], ...]
    """Answers that are right, each in every spelling; for `rephrase` the new target."""

    @property
    def in_scope(self) -> bool:
        """True when the edit shall change the answer."""
        return self.aspect not in OUT_OF_SCOPE


@dataclass(frozen=True, kw_only=True)
class EditCase(Record):
    """An edit with the probes that test it."""

    subject: str
    """What the fact is about."""
    relation: str = ""
    """Which of its properties; empty where the source names none."""
    prompt: str
    """A question or the beginning of a sentence that the target completes."""
    target_new: str
    """What the model shall answer."""
    ground_truth: tuple[str, ...] = ()
    """Former answers in every spelling; empty for knowledge that is new."""
    aliases: tuple[str, ...] = ()
    """Other names of the subject."""
    paraphrases: tuple[str, ...] = ()
    """Other ways to ask."""
    probes: tuple[EditProbe, ...] = ()
    """All probes, in the source's order."""


@dataclass(frozen=True, kw_only=True)
class EditResult(Record):
    """Response of a model to one probe of an edit, under the edits that a memory found."""

    setting: EditSetting
    """`single`: the edit alone in the memory; `batch`: beside others, asked when all are there; `sequential`: others
    came after it one by one."""
    gated: bool
    """Whether the slot gate decided; otherwise every edit that was found went to the model."""
    memory_size: int
    """Edits in the memory when the question was asked."""
    age: int
    """Edits that came after the probed one."""
    case_id: str
    """Id of the EditCase."""
    probe: int
    """Place of the probe among those of its case, from 0; -1 for `rewrite`."""
    aspect: EditAspect
    """What the probe probes; `rewrite` asks the edit's own prompt."""
    prompt: str
    """The question."""
    response: str
    """What was generated, to its natural end."""
    former: str
    """What the original model says to the same question, without any edit."""
    plain: str
    """What the aligned model says to it, without any edit."""
    correct: bool
    """Whether the response is one of the right answers, normalised and compared whole."""
    named: bool
    """Whether one of the right answers stands in the response as a phrase; more lenient than `correct`."""
    unchanged: bool
    """Whether the response is, normalised, what the original model says."""
    unchanged_aligned: bool
    """Whether it is what the aligned model says, the authors' comparison."""
    rank: int
    """Place of the probed edit among those the memory found, from 1; 0 when it found it not."""
    admitted: bool
    """Whether the probed edit went to the model."""
    passed: int
    """Edits that went to the model."""
    token_ratio: float | None = None
    """Share of tokens that the model predicts right when it is given all right ones before, in [0, 1]; for `upstream-
    parity`, None where it was not measured. Out of scope, the share that stays as the aligned model has it."""
