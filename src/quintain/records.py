"""The records that cross pipeline boundaries.

Every record is a frozen dataclass whose `id` is a hash of its content (all fields except `id` and `origin`), so equal
content has equal identity on every machine, and whose `origin` says where it came from.
"""

import dataclasses
import functools
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from quintain.reasoning import Told, tell_apart

FinishReason = Literal["stop", "length", "error"]
PairKind = Literal[
    "web-as-instruction", "web-as-response", "distilled", "in-scope", "out-of-scope", "free-text", "given"
]
ChosenSource = Literal["original", "bridged", "refined"]
Difficulty = Literal["seed", "hard", "easy"]
ReviewOrder = Literal["teacher-first", "student-first"]
GapLabel = Literal["hard", "easy", "unread"]
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
Satisfied = bool | None
OUT_OF_SCOPE: tuple[EditAspect, ...] = ("relation-specificity", "forgetfulness", "far")
"""Aspects of probes whose answer an edit must leave as it was; it changes the others."""


UNHASHED_WHEN_EMPTY = {"unhashed_when_empty": True}
"""Metadata of a field that came later: records without it keep the ids that they had before."""


def content_id(*parts: object) -> str:
    """Hash JSON-able parts to 16 hexadecimal digits, equal on every machine.

    >>> content_id("page", 1) == content_id("page", 1)
    True
    """
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Provenance of a record, enough to make it again."""

    parents: tuple[str, ...] = ()
    """Ids of the records it was made from, nearest first."""
    prompt: str = ""
    """Prompt fingerprint, `name@hash`; empty when no model was asked."""
    model: str = ""
    """Identity of the model that wrote it, `backend:name@digest`."""
    seed: int | None = None
    """Seed of the random choices that shaped it."""
    knobs: dict[str, str] = field(default_factory=dict)
    """Sampled settings that shaped it, such as a length budget or a page section."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Base of all records: an id made from the content, and an origin."""

    id: str = ""
    """Hash of the content; filled in when empty."""
    origin: Origin = field(default_factory=Origin)
    """Where the record comes from; not part of its identity."""

    def __post_init__(self) -> None:
        if not self.id:
            content = {
                f.name: _plain(value)
                for f in dataclasses.fields(self)
                if f.name not in ("id", "origin")
                and ((value := getattr(self, f.name)) or f.metadata != UNHASHED_WHEN_EMPTY)
            }
            object.__setattr__(self, "id", content_id(type(self).__name__, content))

    @functools.cached_property
    def is_intact(self) -> bool:
        """True where the id is the hash of the content; False where one was changed without the other."""
        return dataclasses.replace(self, id="").id == self.id


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


SHOWN_CHARACTERS = 2000
"""Length to which the text of something dropped is cut: enough to see why, little enough for a million of them."""


@dataclass(frozen=True, kw_only=True)
class Dropped(Record):
    """Something that a filter took out, kept so that a person can look."""

    stage: str
    """The filter that dropped it, such as `quality` or `near-duplicates`."""
    reason: str
    """One word for why, such as `too-short`; counted in the funnel."""
    where: str
    """Where it stood: a url, a file and offset, or a record id."""
    text: str = ""
    """The dropped text, shortened to its first `SHOWN_CHARACTERS`."""


# --- pages ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RawPage:
    """One page as it came from the web, before anything was read out of it."""

    url: str
    """Address the page was fetched from."""
    html: bytes
    """Body of the response, undecoded."""
    charset: str = ""
    """Character set named by the HTTP header, empty when it names none."""
    where: str = ""
    """File and position it was read from, for messages about broken pages."""
    is_text: bool = False
    """Whether `html` holds the main text already, such as that of a WET record or a Markdown file, and no markup."""
    title: str = ""
    """Title that stands beside the page, such as in a column; empty where there is none."""
    language: str = ""
    """ISO 639-1 code that stands beside the page."""
    licence: str = ""
    """Licence that stands beside the page."""


@dataclass(frozen=True, kw_only=True)
class WebPage(Record):
    """The main text of one web page."""

    url: str
    """Address the page was fetched from."""
    text: str
    """Main text; paragraphs separated by newlines, no navigation or footer."""
    title: str = ""
    """Title of the page, empty when it has none."""
    language: str = ""
    """ISO 639-1 code from the page's markup, empty when it gives none."""
    licence: str = ""
    """Licence named by the page or its source, empty when unknown."""


# --- instruction data ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    """Who speaks."""
    content: str
    """What is said."""


@dataclass(frozen=True, kw_only=True)
class InstructionPair(Record):
    """One row of instruction data: what the user asks, what the assistant responds."""

    instruction: str
    """The whole user turn, the page included where the page is the instruction."""
    response: str
    """The assistant turn."""
    kind: PairKind
    """How the pair was made."""
    page_id: str = ""
    """Id of the page it was made from, empty for other kinds."""
    request: str = ""
    """The request alone, without the page."""
    rollout: str = ""
    """The response before refinement; empty where there was none."""
    context: tuple[Message, ...] = field(default=(), metadata=UNHASHED_WHEN_EMPTY)
    """Turns before the user turn, a system turn first; empty where the chat begins with it."""


# --- preference data ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PreferencePair(Record):
    """Two responses to one prompt, the first better than the second."""

    prompt: str
    """The whole user turn."""
    chosen: str
    """The better response."""
    rejected: str
    """The worse one."""
    chosen_source: ChosenSource = "original"
    """How the better one was made: `original` as the dataset has it, `bridged` by correcting the worse one in few
    places (BMC), `refined` by improving it with a web page at hand (WebR)."""
    context: tuple[Message, ...] = field(default=(), metadata=UNHASHED_WHEN_EMPTY)
    """Turns before the user turn, a system turn first; empty where the chat begins with it."""


@dataclass(frozen=True, kw_only=True)
class TokenizedPair(Record):
    """A preference pair as a student sees it: token ids, and which of them the correction changed."""

    pair_id: str
    """Id of the PreferencePair."""
    prompt_ids: tuple[int, ...]
    """Tokens of the prompt, up to where the response begins."""
    chosen_ids: tuple[int, ...]
    """Tokens of the better response, its end included."""
    rejected_ids: tuple[int, ...]
    """Tokens of the worse response, its end included."""
    chosen_modified: tuple[int, ...]
    """1 where a token of the better response was changed, else 0."""
    rejected_modified: tuple[int, ...]
    """1 where a token of the worse response was changed, else 0."""
    edit_distance: float
    """Levenshtein distance of the two responses over the length of the longer one, in [0, 1]."""
    original_distance: float
    """The same between the worse response and the better one as it was before bridging."""


# --- distillation --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Instruction(Record):
    """A user's request, alone: no response yet."""

    text: str
    """The instruction."""
    input: str = ""
    """Material that the instruction speaks of, empty where there is none."""
    category: str = ""
    """Family of the task, empty when unknown; a generated instruction has that of its seed."""
    difficulty: Difficulty = "seed"
    """`seed` as it came, `hard` or `easy` by the label of the seed it was generated from."""
    round: int = 0
    """Round that generated it; 0 for those that the loop starts with."""

    @property
    def prompt(self) -> str:
        """The whole user turn, input included."""
        return f"{self.text}\n\n{self.input}" if self.input.strip() else self.text


@dataclass(frozen=True, kw_only=True)
class Response(Record):
    """Text of the teacher or the student in response to an instruction."""

    instruction_id: str
    """Id of the Instruction."""
    role: Literal["teacher", "student"]
    """Who answered."""
    text: str
    """The response; empty where `finish_reason` is `error`."""
    finish_reason: FinishReason
    """How it ended; only what ended by itself is ever taught."""


@dataclass(frozen=True, kw_only=True)
class Review(Record):
    """Scores of the referee for the two responses to one instruction, in one order."""

    instruction_id: str
    """Id of the Instruction."""
    order: ReviewOrder
    """Whose response was shown first."""
    sample: int = 0
    """0 for the first opinion, 1 for the second."""
    teacher_score: float | None = None
    """1-10; None when the review could not be read."""
    student_score: float | None = None
    """1-10; None when the review could not be read."""
    fault: str = ""
    """Why it could not be read, in one word such as `out-of-range`; empty when it was."""
    text: str = ""
    """What the referee wrote."""


@dataclass(frozen=True, kw_only=True)
class Gap(Record):
    """Distance of the student behind the teacher on one instruction, over all reviews."""

    instruction_id: str
    """Id of the Instruction."""
    label: GapLabel
    """`hard` when the gap reaches the threshold, else `easy`; `unread` when no review could be read."""
    teacher_score: float | None
    """Mean over the orders; None when unread."""
    student_score: float | None
    """Mean over the orders; None when unread."""
    conflict: bool = False
    """The two orders prefer different responses."""
    response_id: str = ""
    """Id of the student's Response that was judged; while that stays the same, so does the gap."""

    @property
    def gap(self) -> float | None:
        """Teacher's score minus student's, in points of the referee's scale."""
        if self.teacher_score is None or self.student_score is None:
            return None
        return self.teacher_score - self.student_score


# --- calls to a model ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """One question to a language model.

    A rule-based backend answers from `fields`, any other model from `messages`, through the same code.
    """

    prompt: str
    """Fingerprint of the prompt that was rendered, `name@hash`."""
    fields: dict[str, Any]
    """What the prompt was rendered from; JSON-able."""
    messages: tuple[Message, ...]
    """The rendered chat."""
    sample: int = 0
    """Index among several samples of the same question."""


@dataclass(frozen=True, kw_only=True)
class Completion(Record):
    """Text that a language model generated for a request."""

    request_id: str
    """Id of the request."""
    text: str
    """The completion, without special tokens; reasoning of its own stands before the response, between `<think>` and
    `</think>`, however the model marks it."""
    finish_reason: FinishReason
    """`stop` at an end token, `length` at the token limit, `error` when the model could not answer."""
    prompt_tokens: int = 0
    """Tokens read."""
    completion_tokens: int = 0
    """Tokens written."""

    @property
    def response(self) -> str:
        """Words of the model to its user: what is learned, judged and shown."""
        return self.told.response

    @functools.cached_property
    def told(self) -> Told:
        """The text, its response told apart from the reasoning before it; an error's text is its reason."""
        return Told(self.text, "") if self.finish_reason == "error" else tell_apart(self.text)


# --- evaluation ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One constraint that code can check."""

    kind: str
    """Name of the check, such as `count` or `list`."""
    value: str
    """Its parameter, such as `3` or `dash`."""


@dataclass(frozen=True, kw_only=True)
class ConstraintItem(Record):
    """One instruction with `level` constraints; the items of a group share `category` and `example_id`."""

    example_id: str
    """Group: the same base instruction with one more constraint per level."""
    category: str
    """content, situation, style, format, example or mixed."""
    level: int
    """Number of constraints, 1-5."""
    instruction: str
    """What the model is asked."""
    rules: tuple[Rule, ...] = ()
    """Checkable constraints in the order they were added; empty where a judge is needed."""
    target: str = ""
    """What the base task asks for; its form belongs to the pack."""
    source: str = ""
    """Where the group comes from, such as a dataset's name."""
    path: tuple[str, ...] = ()
    """The instructions of the levels before, the bare one first: how a judge sees which constraint came when."""
    context: tuple[Message, ...] = field(default=(), metadata=UNHASHED_WHEN_EMPTY)
    """The turns before the instruction, a system turn first; empty where the instruction stands alone."""

    @property
    def cluster(self) -> str:
        """The group: it is drawn together where intervals are drawn."""
        return self.example_id

    @property
    def prompt(self) -> str:
        """The instruction, as every item of a benchmark calls it; behind the turns before it where there are any."""
        turns = [f"[{turn.role}]\n{turn.content}" for turn in self.context]
        return "\n\n".join([*turns, f"[user]\n{self.instruction}"]) if turns else self.instruction


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A response that was written so that the exact verdict on each constraint is known."""

    item: ConstraintItem
    """What it responds to, with its path."""
    response: str
    """The response."""
    satisfied: tuple[bool, ...]
    """The verdicts: all True for a witness, all but one for a mutant."""


@dataclass(frozen=True, kw_only=True)
class Judgement(Record):
    """The verdict on a response to one item of a benchmark: a yes or no per constraint, or a score.

    Raises:
        ValueError: The score is no share.
    """

    item_id: str
    """Id of the item."""
    example_id: str
    """Cluster of the item: what is drawn together where intervals are drawn."""
    category: str
    """Category of the item; empty where its benchmark has none."""
    level: int
    """Level of the item, from 1; always 1 where its benchmark has none."""
    satisfied: tuple[Satisfied, ...] = ()
    """One verdict per constraint: True, False, or None when unread or not scored; empty where a score is given."""
    loose: tuple[Satisfied, ...] = ()
    """The same verdicts on forgiving readings of the response; empty where the benchmark has one reading only."""
    score: float | None = None
    """How good the response is, in [0, 1], where it is graded and not checked constraint by constraint."""
    base_task: Satisfied = None
    """Whether the base task was done at all; None when the benchmark does not check it."""
    by: str
    """Who said so: `rule:<rule set>`, `judge:<model>`, or `unscored:<why>` when nobody could. Read it through the
    properties."""
    response: str = ""
    """The response that was judged."""
    evidence: tuple[tuple[tuple[int, int], ...], ...] = ()
    """Per constraint the stretches of `response` that decided it, as character offsets [start, end); empty where the
    check points at nothing."""
    raw: str = ""
    """What the judge said, read or not; empty when rules judged."""

    def __post_init__(self) -> None:
        if self.score is not None and not 0 <= self.score <= 1:
            raise ValueError(f"item {self.item_id}: a score must be in [0, 1], got {self.score}")
        super().__post_init__()

    @property
    def is_scored(self) -> bool:
        """True where a rule or a judge looked at it, read or unread."""
        return bool(self.satisfied or self.score is not None) and not self.unscored_because

    @property
    def is_ruled(self) -> bool:
        """True where a rule scored it."""
        return self.by.startswith(_RULE)

    @property
    def judge(self) -> str:
        """Identity of the judge or judges; empty where none scored it."""
        return self.by.removeprefix(_JUDGE) if self.by.startswith(_JUDGE) else ""

    @property
    def unscored_because(self) -> str:
        """Reason why nobody scored it, such as `no-judge` or `error`; empty where somebody did."""
        return self.by.removeprefix(_UNSCORED) if self.by.startswith(_UNSCORED) else ""

    @property
    def needs_judge(self) -> bool:
        """True where it waits for a judge: no rule can tell."""
        return self.unscored_because == NO_JUDGE

    @property
    def hard(self) -> Satisfied:
        """True when every constraint and the base task hold or the score is full, None when that cannot be known."""
        if self.score is not None:
            return self.score == 1
        verdicts = self.satisfied if self.base_task is None else (*self.satisfied, self.base_task)
        if False in verdicts:
            return False
        return None if None in verdicts or not self.satisfied else True


NO_JUDGE = "no-judge"
"""Why a response is left unscored that only a judge can tell."""
_RULE, _JUDGE, _UNSCORED = "rule:", "judge:", "unscored:"


def by_rules(name: str) -> str:
    """Say in `Judgement.by` that a rule set judged."""
    return f"{_RULE}{name}"


def by_judges(*identities: str) -> str:
    """Say in `Judgement.by` that one judge said so, or several by majority."""
    return _JUDGE + " + ".join(identities)


def by_nobody(why: str) -> str:
    """Say in `Judgement.by` why nobody judged, such as `no-judge`."""
    return f"{_UNSCORED}{why}"


# --- edits ---------------------------------------------------------------------------------------------------------


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
