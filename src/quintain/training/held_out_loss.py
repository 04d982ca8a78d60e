"""Held-out loss inside a Trainer of transformers, whose own mean depends on how rows fall into batches."""

from typing import TYPE_CHECKING, Any

import torch
from transformers.trainer_utils import EvalLoopOutput

if TYPE_CHECKING:
    from accelerate import Accelerator
    from torch.utils.data import DataLoader


class HeldOutLoss:
    """Trainer that weighs held-out rows by what they hold; stands before the Trainer among the bases."""

    model: Any
    accelerator: "Accelerator"

    def row_losses(self, model: torch.nn.Module, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Loss of each row of a batch, summed up over what it weighs, and that weight. Shape (B, 2)."""
        raise NotImplementedError

    def evaluation_loop(
        self, dataloader: "DataLoader[Any]", *_: Any, metric_key_prefix: str = "eval", **__: Any
    ) -> EvalLoopOutput:
        """Mean loss over the weight of all rows, each counted once however many processes share them."""
        model: torch.nn.Module = self.model
        model.eval()
        rows = []
        for batch in dataloader:
            inputs = self._prepare_inputs(batch)  # type: ignore[attr-defined]  # the Trainer's
            with torch.no_grad(), self.compute_loss_context_manager():  # type: ignore[attr-defined]
                rows.append(self.accelerator.gather_for_metrics(self.row_losses(model, inputs)).cpu())
        whole = torch.cat(rows).double()
        loss, weight = whole.sum(dim=0).tolist()
        metrics = {f"{metric_key_prefix}_loss": loss / max(weight, 1.0)}
        return EvalLoopOutput(predictions=None, label_ids=None, metrics=metrics, num_samples=len(whole))  # type: ignore[arg-type]
