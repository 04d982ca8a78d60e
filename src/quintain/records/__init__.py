"""The records that cross pipeline boundaries: frozen dataclasses with an id made from their content, and an origin."""

from quintain.records.calls import Completion, FinishReason, Request
from quintain.records.constraint_items import ConstraintItem, Proof, Rule
from quintain.records.distillation import Difficulty, Gap, GapLabel, Instruction, Response, Review, ReviewOrder
from quintain.records.dropped import SHOWN_CHARACTERS, Dropped
from quintain.records.edits import OUT_OF_SCOPE, EditAspect, EditCase, EditProbe, EditResult, EditSetting
from quintain.records.instruction_pairs import InstructionPair, PairKind
from quintain.records.judgements import NO_JUDGE, Judgement, Satisfied, by_judges, by_nobody, by_rules
from quintain.records.messages import Message
from quintain.records.pages import RawPage, WebPage
from quintain.records.preference_pairs import ChosenSource, PreferencePair, TokenizedPair
from quintain.records.record import Origin, Record, content_id

__all__ = [
    "NO_JUDGE",
    "OUT_OF_SCOPE",
    "SHOWN_CHARACTERS",
    "ChosenSource",
    "Completion",
    "ConstraintItem",
    "Difficulty",
    "Dropped",
    "EditAspect",
    "EditCase",
    "EditProbe",
    "EditResult",
    "EditSetting",
    "FinishReason",
    "Gap",
    "GapLabel",
    "Instruction",
    "InstructionPair",
    "Judgement",
    "Message",
    "Origin",
    "PairKind",
    "PreferencePair",
    "Proof",
    "RawPage",
    "Record",
    "Request",
    "Response",
    "Review",
    "ReviewOrder",
    "Rule",
    "Satisfied",
    "TokenizedPair",
    "WebPage",
    "by_judges",
    "by_nobody",
    "by_rules",
    "content_id",
]
