"""Train a student on preference pairs, through TRL, with BMC's loss."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from quintain.errors import ModelError, RecordError
from quintain.models.folder import folder_digest, is_adapter
from quintain.models.open_folder import open_tokenizer
from quintain.records import TokenizedPair, content_id
from quintain.training.adapter_config import adapter_config
from quintain.training.checkpoints import scratch_folder
from quintain.training.finite import finite_training
from quintain.training.launcher import is_launched, train_in_processes, world_of
from quintain.training.order import length_grouped_order
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.reference import PairLogps, cached_logps
from quintain.training.processes import require_all, world_size
from quintain.training.start_model import on_device, open_start, open_to_train
from quintain.training.trainer_settings import trainer_settings
from quintain.training.training_run import early_stopping, run
from quintain.training.validation import best_of, curve_of, held_out

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_SHARED = ("weights/", "rewards/", "displacement/", "kl/", "logps/")


@dataclass(frozen=True)
class PreferenceTrained:
    """A student trained on preferences and how it came about."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    curve: list[dict[str, float]]
    """Points of the curves: step, loss, learning_rate, and what the trainer notes of weights, rewards,
    displacement, and the least KL to the reference."""
    validation: list[dict[str, float]]
    """Points of the loss on held-out pairs: step, loss; empty where nothing is held out."""
    summary: dict[str, Any]
    """Settings that name the arm, steps, rows, last values of the curves, the alarm; the step that is kept and its
    held-out loss; seconds of this process."""


def train_on_preferences(
    start: Path,
    rows: Sequence[TokenizedPair],
    params: PreferenceParams,
    scratch: Path,
    reference: Path | None = None,
) -> PreferenceTrained:
    """Train a student to prefer the chosen responses.

    A killed training continues at its last checkpoint and ends as if it had not been killed. Where prompts are held
    out, the student with the lowest loss on them is kept, and the last one else.

    Args:
        start: Folder of the student to start from.
        rows: Tokenized pairs, by the tokenizer of the start.
        params: Loss and optimiser.
        scratch: Folder for checkpoints and for the reference's log-probabilities, which stay there for other trainings.
        reference: Folder of the model to stay close to; the start itself when None.

    Returns:
        The student, its curves and a summary.

    Raises:
        ModelError: A folder holds no model, the reference has another vocabulary, or gives no numbers; or the training
            lost its numbers.
        RecordError: There are no rows, or one is longer than the model's context.
        ConfigError: Another process is at this very training, or a library that the settings ask for is not here.
        RunError: One of several processes ended before the training did.
    """
    import torch

    torch.set_num_threads(params.threads)
    on_adapter = is_adapter(start)
    if on_adapter and params.lora:
        raise ModelError(
            f"{start} is an adapter, which is itself trained on; take preference.training.lora out, or merge "
            "the adapter into its base model first"
        )
    if reference and (params.lora or on_adapter):
        raise ModelError("with LoRA the reference is the start as it was; take the reference or the adapter out")
    if reference:
        _same_vocabulary(open_tokenizer(start), reference)
    digest = folder_digest(start)
    anchor, anchor_digest = (reference, folder_digest(reference)) if reference else (start, digest)
    identity = content_id(asdict(params), params.number_format, [row.id for row in rows], digest, anchor_digest)
    if world_of(params.launcher) > 1 and not is_launched():
        job = {
            "start": str(start),
            "rows": list(rows),
            "params": params,
            "scratch": str(scratch),
            "reference": str(reference) if reference else None,
        }
        folder = scratch / f"{identity}.launch"
        made = train_in_processes("preference", job, start, params.launcher, folder, params.threads)
        return PreferenceTrained(**made)
    model, tokenizer = open_to_train(start, params)
    _fit(rows, model)
    logps, live = None, None
    if not params.reference_free and params.reference == "cached":
        asked = open_start(anchor)[0] if reference else model
        identity_of_asked = anchor_digest if not params.quantization else f"{anchor_digest}-{params.quantization}"
        asked = on_device(asked)
        logps = cached_logps(asked, rows, scratch, identity_of_asked, params.batch_size, params.number_format)
    elif not params.reference_free and not params.lora and not on_adapter:
        live = open_start(anchor)[0]
    columns = list(zip(rows, columns_of(rows, logps), strict=True))
    split = held_out(columns, lambda one: one[0].prompt_ids, params.validation_share, "preference.training")
    learned, unseen = ([column for _, column in some] for some in split)
    with scratch_folder(scratch, identity) as folder, finite_training(params, "preference.training", folder):
        trained, log, seconds = _train(model, live, tokenizer, learned, unseen, params, folder)
    curve, losses = _curve(log), curve_of(log)
    summary = _summary(params, len(learned), int(log[-1]["step"]), curve, seconds) | best_of(losses)
    return PreferenceTrained(trained, tokenizer, curve, losses, summary)


def _same_vocabulary(tokenizer: "PreTrainedTokenizerBase", reference: Path) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(reference, local_files_only=True, trust_remote_code=False).get_vocab()
    ours = tokenizer.get_vocab()
    if theirs != ours:
        differing = len(ours.items() ^ theirs.items())
        raise ModelError(
            f"the reference {reference} has another vocabulary than the start ({len(theirs)} and {len(ours)} tokens, "
            f"{differing} entries differ), so their log-probabilities do not compare; take a reference with the same "
            "tokenizer"
        )


def _fit(rows: Sequence[TokenizedPair], model: "PreTrainedModel") -> None:
    if not rows:
        raise RecordError("there is no pair to learn from; the dataset of dropped pairs says why")
    longest = max(rows, key=_length)
    config = model.config.get_text_config()
    context = getattr(config, "max_position_embeddings", None)
    if context and _length(longest) > context:
        raise RecordError(
            f"pair {longest.pair_id} has {_length(longest)} tokens, the model's context is {context}; "
            "lower preference.rows.max_length"
        )
    largest = max(max(row.prompt_ids + row.chosen_ids + row.rejected_ids) for row in rows)
    if largest >= config.vocab_size:
        raise RecordError(
            f"a row holds the token id {largest}, but the start has {config.vocab_size} tokens: "
            "the rows were made with another tokenizer; make them again"
        )


def _length(row: TokenizedPair) -> int:
    return len(row.prompt_ids) + max(len(row.chosen_ids), len(row.rejected_ids))


def columns_of(rows: Sequence[TokenizedPair], logps: list[PairLogps] | None) -> list[dict[str, list[float]]]:
    """Columns that the collator reads: ids, marks and, where the reference is cached, its log-probabilities."""
    columns = [
        {
            name: list(getattr(row, name))
            for name in ("prompt_ids", "chosen_ids", "rejected_ids", "chosen_modified", "rejected_modified")
        }
        for row in rows
    ]
    if logps is not None:
        for column, pair in zip(columns, logps, strict=True):
            column |= {"chosen_reference": pair.chosen.tolist(), "rejected_reference": pair.rejected.tolist()}
    return columns


def _train(
    model: "PreTrainedModel",
    live: "PreTrainedModel | None",
    tokenizer: "PreTrainedTokenizerBase",
    columns: list[dict[str, list[float]]],
    validation: list[dict[str, list[float]]],
    params: PreferenceParams,
    scratch: Path,
) -> tuple["PreTrainedModel", list[dict[str, float]], float]:
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import DPOConfig

    from quintain.training.finite_guard import FiniteGuard
    from quintain.training.preference.trainer import PreferenceTrainer, WeightedPreferenceCollator
    from quintain.training.progress import ProgressLog

    peft_config = None
    if params.lora:
        peft_config = adapter_config(model, params.lora)
    lengths = [len(row["prompt_ids"]) + max(len(row["chosen_ids"]), len(row["rejected_ids"])) for row in columns]
    batches = params.steps * params.accumulation_steps * world_size()
    order = length_grouped_order(lengths, params.batch_size, batches, params.seed)
    progress = ProgressLog()
    trainer = PreferenceTrainer(
        params=params,
        model=model,
        ref_model=live,
        args=DPOConfig(
            **trainer_settings(params, scratch),
            beta=params.beta,
            precompute_ref_log_probs=params.reference != "live",  # spares TRL's own copy of the reference
            remove_unused_columns=False,
            include_num_input_tokens_seen="non_padding",
        ),
        data_collator=WeightedPreferenceCollator(pad_token_id=tokenizer.pad_token_id),
        train_dataset=Dataset.from_list(columns).select(order),
        eval_dataset=Dataset.from_list(validation) if validation else None,
        processing_class=tokenizer,
        peft_config=peft_config,
        callbacks=[progress, FiniteGuard(), *early_stopping(params)],
    )
    require_all(trainer.args.world_size)
    trainer.remove_callback(PrinterCallback)  # ProgressLog says it in one line
    if params.reference != "live":
        _forget_reference(trainer.model)
    with progress:
        run(trainer, scratch)
    _forget_reference(trainer.model)
    return cast("PreTrainedModel", trainer.model), trainer.state.log_history, round(progress.seconds, 1)


def _forget_reference(model: Any) -> None:
    """Drop the copy that TRL keeps of an adapter that training starts from; the cache stands for it."""
    if "ref" in getattr(model, "peft_config", {}):
        model.delete_adapter("ref")


def _curve(log_history: list[dict[str, float]]) -> list[dict[str, float]]:
    return [
        {name: entry[name] for name in ("step", "loss", "learning_rate", "grad_norm")}
        | {name: value for name, value in entry.items() if name.startswith(_SHARED)}
        for entry in log_history
        if "loss" in entry
    ]


def _summary(
    params: PreferenceParams, rows: int, steps: int, curve: list[dict[str, float]], seconds: float
) -> dict[str, Any]:
    last = {name.replace("/", "_"): value for name, value in curve[-1].items() if name.startswith(_SHARED)}
    lost = curve[-1].get("displacement/chosen", 0.0)
    alarm = lost < -params.most_displacement_nats
    if alarm:
        logger.warning(
            "the chosen responses lost %.1f nats against the reference, the limit is %.1f "
            "(preference.training.most_displacement_nats): the student may forget how to write them; lower the "
            "learning rate, raise beta, or take the variant dpop",
            -lost, params.most_displacement_nats,
        )  # fmt: skip
    return {
        "variant": params.variant,
        "weighted": params.delta is not None,
        "beta": params.beta,
        "effective_beta": round(params.beta * curve[0]["weights/mean"], 4),
        "steps": steps,
        "rows": rows,
        "first_loss": curve[0]["loss"],
        "last_loss": curve[-1]["loss"],
        **last,
        "displacement_alarm": int(alarm),
        "seconds": seconds,
    }
