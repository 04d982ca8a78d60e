"""BMC's loss inside TRL's trainer.

TRL's documented place for a loss of one's own is `compute_loss`. The forward pass is TRL's, token by token; what is
compared and how stands in `quintain.methods.bmc`. tests/training/preference/test_trainer.py holds TRL to what this
file relies on: the collator's keys, the fused head's `log_probs`, a loss that is not scaled for accumulation.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, cast

import torch
from accelerate.utils import is_peft_model
from datasets import Dataset
from torch import Tensor
from torch.nn.functional import pad
from trl import DPOTrainer
from trl.models.utils import disable_gradient_checkpointing
from trl.trainer.dpo_trainer import DataCollatorForPreference
from trl.trainer.utils import use_adapter

from quintain.methods.bmc import least_kl, preference_loss, token_weights
from quintain.training.finite_guard import FiniteLoss
from quintain.training.held_out_loss import HeldOutLoss
from quintain.training.preference.params import PreferenceParams
from quintain.training.sharding import ShardedAnywhere

_IGNORED = -100


@dataclass
class WeightedPreferenceCollator(DataCollatorForPreference):
    """TRL's collator, which also pads the marks of changed tokens and, where it is cached, the reference."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """Batch examples: rows [chosen…|rejected…], padded on the right."""
        batch = super().torch_call(examples)
        width = batch["input_ids"].size(1)
        columns = {"modified": ("chosen_modified", "rejected_modified")}
        if "chosen_reference" in examples[0]:
            columns["reference_logps"] = ("chosen_reference", "rejected_reference")
        for name, sides in columns.items():
            rows = [[0.0] * len(example["prompt_ids"]) + list(example[side]) for side in sides for example in examples]
            batch[name] = torch.stack([pad(torch.tensor(row), (0, width - len(row))) for row in rows])  # (2B, T)
        return batch


class PreferenceTrainer(FiniteLoss, HeldOutLoss, ShardedAnywhere, DPOTrainer):
    """DPOTrainer whose loss weighs tokens, in all variants of `quintain.methods.bmc`.

    Args:
        params: Variant and weights.
        **arguments: What DPOTrainer takes; the dataset is tokenized already.
    """

    def __init__(self, *, params: PreferenceParams, **arguments: Any) -> None:
        self._params = params
        super().__init__(**arguments)

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset  # rows come as token ids, from `tokenize_pairs`

    def _precompute_ref_logps(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset  # TRL keeps one sum per response, which no weight of the policy can be applied to

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """Mean loss of the pairs of a batch."""
        if return_outputs:
            raise ValueError("PreferenceTrainer returns no outputs: the fused head makes no logits")
        return self._pair_losses(model, inputs).mean()

    def row_losses(self, model: torch.nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        """Loss of each pair, and the weight 1. Shape (B, 2)."""
        losses = self._pair_losses(model, inputs).float()
        return torch.stack([losses, torch.ones_like(losses)], dim=-1)

    def _pair_losses(self, model: torch.nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        params = self._params
        completion = inputs["completion_mask"][:, 1:]  # (2B, T)
        modified = inputs["modified"][:, 1:]
        forward = {
            "input_ids": inputs["input_ids"],
            "attention_mask": inputs["attention_mask"],
            "labels": inputs["input_ids"].masked_fill(inputs["completion_mask"] == 0, _IGNORED),
            "use_cache": False,
            "fused_lm_head": True,
        }
        # Prompt tuning puts virtual tokens in front.
        policy = model(**forward).log_probs[:, -completion.size(1) :]
        reference = None if params.reference_free else self._reference(forward, inputs)
        weights = self._weights(policy, modified)
        theirs = self._weights(reference, modified) if params.weight_source == "own" and reference is not None else None
        losses = preference_loss(
            params.variant, policy, reference, weights, theirs, completion, params.beta, params.alpha, params.gamma
        )  # (B,)
        self._note(policy.detach(), reference, weights, modified, completion)
        return losses

    def _weights(self, logps: Tensor, modified: Tensor) -> Tensor:
        delta = self._params.delta
        return torch.ones_like(logps) if delta is None else token_weights(logps, modified, delta)

    def _reference(self, forward: dict[str, Any], inputs: dict[str, Tensor]) -> Tensor:
        width = inputs["input_ids"].size(1) - 1
        if self._params.reference == "cached":
            return inputs["reference_logps"][:, 1:]
        policy: Any = self.accelerator.unwrap_model(self.model)
        as_it_was: Any = nullcontext()
        if is_peft_model(policy):  # a new adapter is off; of one that was there, TRL keeps a copy named "ref"
            as_it_was = use_adapter(policy, "ref" if "ref" in policy.peft_config else None)
        settings: Any = self.args.gradient_checkpointing_kwargs
        with torch.no_grad(), disable_gradient_checkpointing(policy, settings), as_it_was:
            asked: Any = self.ref_model or self.model
            return cast("Tensor", asked(**forward).log_probs[:, -width:])

    def _note(
        self, policy: Tensor, reference: Tensor | None, weights: Tensor, modified: Tensor, completion: Tensor
    ) -> None:
        """Keep what the loss curve shows; rewards without weights compare with any DPO run."""
        edited = modified.bool() & completion.bool()
        total, tokens = edited.sum(), completion.sum()
        noted = {
            "weights/edited_share": total / tokens,
            "weights/mean": (weights * completion).sum() / tokens,
            "logps/chosen": policy.chunk(2)[0].sum(1).mean(),
            "logps/rejected": policy.chunk(2)[1].sum(1).mean(),
        }
        if self._params.delta is not None:
            found = weights[edited] if total else weights.new_ones(1)
            noted["weights/clamped_share"] = (found >= 1 + self._params.delta).float().mean()
            low, middle, high = found.quantile(found.new_tensor([0.1, 0.5, 0.9]))
            noted |= {"weights/edited_p10": low, "weights/edited_p50": middle, "weights/edited_p90": high}
        if reference is not None:
            noted["kl/at_least"] = (least_kl(policy, reference) * completion).sum() / tokens
            ratios = (policy - reference) * completion
            for name, sums in (("", ratios.sum(1)), ("weighted_", (weights * ratios).sum(1))):
                chosen, rejected = (self._params.beta * sums).chunk(2)
                noted |= {
                    f"rewards/{name}chosen": chosen.mean(),
                    f"rewards/{name}rejected": rejected.mean(),
                    f"rewards/{name}margin": (chosen - rejected).mean(),
                    f"rewards/{name}accuracy": (chosen > rejected).float().mean(),
                }
            lost, gained = ratios.sum(1).chunk(2)
            noted |= {"displacement/chosen": lost.mean(), "displacement/rejected": gained.mean()}
        gathered = self.accelerator.gather(torch.stack([value.float() for value in noted.values()])[None]).mean(0)
        mode = "train" if torch.is_grad_enabled() else "eval"
        for name, value in zip(noted, gathered.tolist(), strict=True):
            self._metrics[mode][name].append(value)
