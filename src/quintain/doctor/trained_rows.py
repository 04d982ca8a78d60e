"""Rows that a training will see, where they are there already or can be drawn without asking anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from quintain.doctor.plan import Plan
from quintain.doctor.row_survey import RowSurvey, learned_of_pairs, learned_of_preferences
from quintain.doctor.trainings import Training, takes_given
from quintain.errors import RecordError
from quintain.models.open_folder import open_tokenizer
from quintain.records import Dropped, InstructionPair, PreferencePair, TokenizedPair
from quintain.training.dropped_rows import refuse_dropped
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.tokenized_pairs import UNREADABLE, TokenizationParams, tokenize_pairs
from quintain.training.row_rendering import RenderedRow, encoder_of_folder, render_responses
from quintain.training.sft import SftParams
from quintain.training.token_rows import chat_of

_MOST_ROWS = 20_000
"""Rows that are looked at: more tell little new, and rendering one takes a millisecond."""
_ROWS = "preference.rows"


@dataclass(frozen=True, kw_only=True)
class TrainedRows:
    """Rows of a training."""

    origin: str
    """Where they come from, for the report."""
    limits: str
    """Dotted name of the parameters that say which rows are kept."""
    survey: RowSurvey
    """Counts, lengths, and some to look at."""
    rows: Sequence[InstructionPair] | Sequence[TokenizedPair]
    """Those that are learned from."""
    lengths: Sequence[int]
    """Their tokens."""
    scored: int
    """Most positions of one row that are scored."""
    refusal: str
    """Error with which the training would refuse them, since too many are dropped; empty where it takes them."""


def trained_rows(plan: Plan, training: Training, folder: Path) -> TrainedRows | None:
    """Find the rows of a training, and see what becomes of each.

    Args:
        plan: The run.
        training: The training.
        folder: Folder with the tokenizer of its start.

    Returns:
        The rows; None where the run has yet to make them.

    Raises:
        QuintainError: They cannot be read, or the tokenizer has no chat template.
    """
    params = training.params
    if isinstance(params, PreferenceParams):
        return _of_preferences(plan, training, folder)
    if not isinstance(params, SftParams) or not plan.keeps(training.data):
        return None
    pairs: list[InstructionPair] = plan.read(training.data)[:_MOST_ROWS]
    encoder = encoder_of_folder(folder)
    survey = RowSurvey(params.max_length, open_tokenizer(folder), learned_of_pairs)
    kept: list[tuple[InstructionPair, list[RenderedRow]]] = []
    dropped: list[Dropped] = []
    for pair in pairs:
        chat = chat_of(pair.context, pair.instruction, pair.response)
        responses = render_responses(
            encoder,
            chat,
            params.max_length,
            learn=params.learn,
            unlearned=pair.unlearned,
            keep_reasoning=params.keep_reasoning,
        )
        for number, row in enumerate(responses, start=1):
            survey.add(pair.id if len(responses) == 1 else f"{pair.id}, response {number}", row)
        if reason := responses[-1].reason:
            dropped.append(Dropped(stage="tokens", reason=reason, where=f"pair {pair.id}"))
        else:
            kept.append((pair, responses))
    return TrainedRows(
        origin=training.data,
        limits=training.group,
        survey=survey,
        rows=[pair for pair, _ in kept],
        lengths=[len(rows[-1].prompt_ids) + len(rows[-1].learned_ids) for _, rows in kept],
        scored=max((sum(len(row.learned_ids) for row in rows) for _, rows in kept), default=0),
        refusal=_refusal(dropped, len(pairs), params.most_dropped, training.group),
    )


def _of_preferences(plan: Plan, training: Training, folder: Path) -> TrainedRows | None:
    tokenizer = open_tokenizer(folder)
    limits = training.sibling(_ROWS) if plan.parameter(training.sibling(_ROWS)) else _ROWS
    params = plan.typed(limits, TokenizationParams)
    survey = RowSurvey(params.max_length, tokenizer, learned_of_preferences)
    dropped: list[Dropped] = []
    if plan.keeps(training.data):
        origin, rows = training.data, plan.read(training.data)[:_MOST_ROWS]
        seen = len(rows)
    elif takes_given(training) and plan.keeps(training.student.on):
        pairs: list[PreferencePair] = plan.read(training.student.on)[:_MOST_ROWS]
        origin, seen = f"{training.student.on} as they are; bridging will change what is chosen", len(pairs)
        rows, dropped = tokenize_pairs(encoder_of_folder(folder), pairs, params)
    else:
        return None
    for one in dropped:
        survey.drop(one.where, one.reason)
    for row in rows:
        prompt = tokenizer.decode(row.prompt_ids)
        for side, ids in (("chosen", row.chosen_ids), ("rejected", row.rejected_ids)):
            # Decoded behind the prompt: alone, some vocabularies drop the blank before the first word.
            learned = tokenizer.decode(row.prompt_ids + ids)[len(prompt) :]
            survey.add(f"{row.pair_id} {side}", RenderedRow("", prompt, learned, row.prompt_ids, ids))
    longest = [max(len(row.chosen_ids), len(row.rejected_ids)) for row in rows]
    return TrainedRows(
        origin=origin,
        limits=limits,
        survey=survey,
        rows=rows,
        lengths=[len(row.prompt_ids) + most for row, most in zip(rows, longest, strict=True)],
        scored=max(longest, default=0),
        refusal=_refusal([one for one in dropped if one.reason in UNREADABLE], seen, params.most_dropped, limits),
    )


def _refusal(dropped: Sequence[Dropped], total: int, most_dropped: float, setting: str) -> str:
    try:
        refuse_dropped(dropped, total, most_dropped, setting)
    except RecordError as error:
        return str(error)
    return ""
