"""Trainings before they start: their rows, their memory, and the time of three real steps."""

from collections.abc import Generator, Iterator
from pathlib import Path

from quintain.doctor.finding import Finding, MarkedRow, fault, good, warning
from quintain.doctor.model_room import model_room
from quintain.doctor.model_shape import OpenedShape, opened_shape
from quintain.doctor.plan import Plan
from quintain.doctor.side_by_side import processes_that_fit
from quintain.doctor.sizes import duration, gib
from quintain.doctor.starts import broken_starts, start_folder
from quintain.doctor.trained_rows import TrainedRows, trained_rows
from quintain.doctor.trainings import Training, trainings
from quintain.doctor.trial import STEPS, try_training
from quintain.errors import QuintainError, RecordError
from quintain.training.memory import BatchShape, MemoryPart, training_memory
from quintain.training.preference.params import PreferenceParams
from quintain.training.trainer_settings import TrainerParams

_BYTES = {"float32": 4, "bfloat16": 2}
_NF4_BYTES = 0.52
"""Four bits, and scales of 64 weights in a byte (QLoRA, section 3)."""
_TIGHT = 0.85
"""Share of the memory that is left above which a training may be ended by its neighbours."""


def checked_trainings(plan: Plan) -> Iterator[Finding]:
    """Look at every training that has rows already: what is learned, what is dropped, memory and time."""
    broken, largest_bytes = broken_starts(plan), 0
    for training in trainings(plan):
        if training.start.start in broken:
            continue
        try:
            folder = start_folder(plan, training.start)
        except QuintainError:
            continue  # said where the starts are looked at
        if folder is None:
            yield good(training.name, "the run trains its start first; come back when that is done")
            continue
        try:
            rows = trained_rows(plan, training, folder)
            if rows is None:
                yield good(training.name, "the run makes its rows first; come back when they are there")
            else:
                taken_bytes = yield from _examined(plan, training, folder, rows)
                largest_bytes = max(largest_bytes, taken_bytes)
        except RecordError as error:
            if not {training.data, training.student.on} & set(plan.inputs()):  # said where given records are read
                yield fault(training.name, str(error), "", _place(plan, training))
        except QuintainError as error:
            yield fault(training.name, str(error), "", _place(plan, training))
    yield from processes_that_fit(largest_bytes)


def _examined(plan: Plan, training: Training, folder: Path, rows: TrainedRows) -> Generator[Finding, None, int]:
    """Yield what is found; return the memory that the process took, 0 where it was not tried or took a GPU's."""
    survey = rows.survey
    facts = [("rows from", rows.origin), *survey.facts()]
    marked: list[MarkedRow] = survey.marked_rows()
    if rows.refusal or not survey.kept:
        yield good(training.name, "what becomes of its rows", facts=facts, rows=marked)
        yield fault(training.name, rows.refusal or f"none of {survey.seen:,} rows is left ({survey.reasons})", "",
                    plan.place("parameters", *rows.limits.split("."), "max_length"))  # fmt: skip
        return 0
    shape = opened_shape(folder, dict(training.params.lora))
    parts = _parts(training, shape, rows)
    room = model_room()
    needed = sum(part.size_bytes for part in parts)
    facts += [(f"  {part.name}", f"{gib(part.size_bytes)} = {part.formula}") for part in parts]
    facts.insert(-len(parts), ("memory", f"{gib(needed)} by formula; {gib(room.size_bytes)} left ({room.limited_by})"))
    if needed > room.size_bytes:
        yield good(training.name, "what it will take", facts=facts, rows=marked)
        yield fault(
            training.name, f"it needs about {gib(needed)} of memory; {room.limited_by} has {gib(room.size_bytes)} left",
            _smaller(training), _place(plan, training, "batch_size"),
        )  # fmt: skip
        return 0
    trial = try_training(folder, rows.rows, rows.lengths, training.params)
    if trial.fault:
        yield good(training.name, "what it will take", facts=facts, rows=marked)
        yield fault(training.name, f"its first steps failed: {trial.fault}", _smaller(training), _place(plan, training))
        return 0
    params = training.params
    total = params.steps * params.accumulation_steps * params.batch_size * survey.mean_tokens
    facts += [
        ("time", f"about {duration(total / trial.tokens_per_second)} for {params.steps:,} steps of "
         f"{params.batch_size * params.accumulation_steps} rows"),
        ("  measured", f"{STEPS} real steps on one batch each: {trial.step_seconds:.2g} s a step, "
         f"{trial.tokens_per_second:,.0f} tokens/s, at most {gib(trial.peak_bytes)} of memory"),
    ]  # fmt: skip
    yield good(training.name, "it takes its first steps", facts=facts, rows=marked)
    if shape.context_tokens and survey.longest > shape.context_tokens:
        yield warning(
            training.name, f"the longest row has {survey.longest:,} tokens, more than the model's context of "
            f"{shape.context_tokens:,}", "lower max_length", _place(plan, training, "max_length"),
        )  # fmt: skip
    if needed > _TIGHT * room.size_bytes:
        yield warning(training.name, f"{gib(needed)} of {gib(room.size_bytes)} of memory is close", _smaller(training),
                      _place(plan, training, "batch_size"))  # fmt: skip
    return 0 if room.is_gpu else max(round(needed), trial.peak_bytes)


def _parts(training: Training, shape: OpenedShape, rows: TrainedRows) -> tuple[MemoryPart, ...]:
    params = training.params
    sides, live = 1, False
    if isinstance(params, PreferenceParams):
        sides, live = 2, params.reference == "live" and not params.reference_free
    anchored = bool(getattr(params, "kl_weight", 0.0))
    return training_memory(
        shape.model,
        BatchShape(rows=params.batch_size * sides, tokens=max(rows.lengths), scored=rows.scored),
        weight_bytes=_weight_bytes(params, shape),
        activation_bytes=_BYTES[params.number_format],
        checkpointing=params.gradient_checkpointing,
        copies=int((live or anchored) and not params.lora),
    )


def _weight_bytes(params: TrainerParams, shape: OpenedShape) -> float:
    """Bytes of a weight in memory: what is trained is in single precision, what lies under an adapter is not."""
    if params.quantization:
        return _NF4_BYTES
    return _BYTES[params.number_format if shape.model.trainable < shape.model.parameters else "float32"]


def _smaller(training: Training) -> str:
    params = training.params
    steps = [f"lower {training.group}.batch_size (now {params.batch_size}) and raise accumulation_steps"]
    if not params.gradient_checkpointing:
        steps.append("set gradient_checkpointing: true")
    if not params.lora:
        steps.append("train an adapter (lora)")
    return ", ".join(steps)


def _place(plan: Plan, training: Training, *setting: str) -> str:
    return plan.place("parameters", *training.group.split("."), *setting)
