"""TRL's trainer, with the vocabulary projection where it is needed.

TRL scores every position of a batch when there is no GPU, prompts and padding included; on the embedded student that is
a third to a half of a step (benchmarks/finetuning.py).
"""

import inspect
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from trl import SFTTrainer

from quintain.training.finite_guard import FiniteLoss
from quintain.training.held_out_loss import HeldOutLoss
from quintain.training.sharding import ShardedAnywhere
from quintain.training.token_rows import IGNORED


class ResponseTrainer(FiniteLoss, HeldOutLoss, ShardedAnywhere, SFTTrainer):
    """SFTTrainer that on a CPU projects only the positions from the first learned token of a batch on.

    The loss is the same: the mean over learned tokens, in nats. TRL's entropy and accuracy per token are not measured.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        model = self.accelerator.unwrap_model(self.model)
        forward = type(model.get_base_model() if hasattr(model, "peft_config") else model).forward
        self._projects_responses = (
            self.args.device.type == "cpu"
            and not self.padding_free
            and "logits_to_keep" in inspect.signature(forward).parameters
        )

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Mean next-token loss over the learned tokens of all accumulated batches."""
        if return_outputs or not self._projects_responses:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        labels = inputs["labels"]  # (B, T)
        learned = (labels != IGNORED).any(dim=0).nonzero()[:, 0]  # (K,)
        logits = self.response_logits(model, inputs, learned)
        total = cross_entropy(logits.flatten(0, 1), labels[:, learned].flatten(), ignore_index=IGNORED, reduction="sum")
        if num_items_in_batch is None:
            return total / (labels != IGNORED).sum()
        # The tokens of all processes are counted, and the gradients of all processes are averaged.
        return total * self.args.world_size / num_items_in_batch

    def row_losses(self, model: torch.nn.Module, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Next-token loss of each row, summed up over its learned tokens, and their number. Shape (B, 2)."""
        tokens: Any = model(**inputs, use_cache=False, fused_lm_head=True)
        both = torch.stack([-tokens.log_probs.float(), tokens.label_mask.float()], dim=-1)  # (B, T - 1, 2)
        if "seq_idx" not in inputs:
            return both.sum(dim=1)
        row = inputs["seq_idx"][0, 1:].long()  # packed rows lie behind each other
        return both.new_zeros(int(inputs["seq_idx"].max()) + 1, 2).index_add_(0, row, both[0])

    def response_logits(
        self, model: torch.nn.Module, inputs: dict[str, torch.Tensor], learned: torch.Tensor
    ) -> torch.Tensor:
        """Scores of the vocabulary for the tokens at some positions of a batch.

        Args:
            model: Causal language model.
            inputs: `input_ids` and `attention_mask`, each (B, T).
            learned: Positions of the tokens, (K,), none of them 0.

        Returns:
            Logits in single precision, (B, K, V).
        """
        named = {"input_ids": inputs["input_ids"], "attention_mask": inputs["attention_mask"], "use_cache": False}
        before = learned - 1  # the position before predicts the token
        if self._projects_responses:
            return torch.as_tensor(model(**named, logits_to_keep=before).logits).float()
        return torch.as_tensor(model(**named).logits)[:, before].float()
