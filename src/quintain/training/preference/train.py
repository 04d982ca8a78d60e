"""Train a student on preference pairs, through TRL, with BMC's loss."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from quintain.errors import ModelError, RecordError
from quintain.models.folder import folder_digest, is_adapter
from quintain.records import TokenizedPair, content_id
from quintain.training.adapter_config import adapter_config
from quintain.training.checkpoints import last_checkpoint, scratch_folder
from quintain.training.finite import finite_training
from quintain.training.order import length_grouped_order
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.reference import PairLogps, cached_logps
from quintain.training.processes import require_all, world_size
from quintain.training.start_model import open_start
from quintain.training.trainer_settings import trainer_settings

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
    summary: dict[str, Any]
    """Settings that name the arm, steps, rows, last values of the curves, the alarm; seconds of this process."""


def train_on_preferences(
    start: Path,
    rows: Sequence[TokenizedPair],
    params: PreferenceParams,
    scratch: Path,
    reference: Path | None = None,
) -> PreferenceTrained:
    """Train a student to prefer the chosen responses.

    A killed training continues at its last checkpoint and ends as if it had not been killed.

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
        ConfigError: Another process is at this very training.
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
    model, tokenizer = open_start(start, half=bool(params.lora))
    if reference:
        _same_vocabulary(tokenizer, reference)
    _fit(rows, model)
    digest = folder_digest(start)
    anchor, anchor_digest = (reference, folder_digest(reference)) if reference else (start, digest)
    logps, live = None, None
    if not params.reference_free and params.reference == "cached":
        asked = open_start(anchor)[0] if reference else model
        logps = cached_logps(asked, rows, scratch, anchor_digest, params.batch_size)
    elif not params.reference_free and not params.lora and not on_adapter:
        live = open_start(anchor)[0]
    identity = content_id(asdict(params), [row.id for row in rows], digest, anchor_digest)
    with scratch_folder(scratch, identity) as folder, finite_training(params, "preference.training", folder):
        trained, curve, seconds = _train(model, live, tokenizer, columns_of(rows, logps), params, folder)
    return PreferenceTrained(trained, tokenizer, curve, _summary(params, rows, curve, seconds))


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
        ),
        data_collator=WeightedPreferenceCollator(pad_token_id=tokenizer.pad_token_id),
        train_dataset=Dataset.from_list(columns).select(order),
        processing_class=tokenizer,
        peft_config=peft_config,
        callbacks=[progress, FiniteGuard()],
    )
    require_all(trainer.args.world_size)
    trainer.remove_callback(PrinterCallback)  # ProgressLog says it in one line
    if params.reference != "live":
        _forget_reference(trainer.model)
    checkpoint = last_checkpoint(scratch)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    _forget_reference(trainer.model)
    return cast("PreTrainedModel", trainer.model), _curve(trainer.state.log_history), round(progress.seconds, 1)


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
    params: PreferenceParams, rows: Sequence[TokenizedPair], curve: list[dict[str, float]], seconds: float
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
        "steps": params.steps,
        "rows": len(rows),
        "first_loss": curve[0]["loss"],
        "last_loss": curve[-1]["loss"],
        **last,
        "displacement_alarm": int(alarm),
        "seconds": seconds,
    }
