"""Fine-tuning that holds a student to what it was on the rows where it shall stay so."""

import contextlib
from collections.abc import Callable
from typing import Any

import torch
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from quintain.training.autocast import NumberFormat, computed_in
from quintain.training.response_trainer import ResponseTrainer
from quintain.training.token_rows import IGNORED

Collate = Callable[[list[Any]], dict[str, Any]]


class AnchoredTrainer(ResponseTrainer):
    """ResponseTrainer that adds the divergence from the start model on the rows whose `anchored` is true.

    The loss is the mean over learned tokens of -log q(y), plus on anchored rows kl_weight · KL(p‖q) over the whole
    vocabulary, in nats; p is the start model, q the student.

    Args:
        kl_weight: Weight of the divergence.
        start: The start model; None where the student is an adapter that had learned nothing, so that the model
            without it is the start.
        **arguments: Those of ResponseTrainer.
    """

    def __init__(self, *, kl_weight: float, start: torch.nn.Module | None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._kl_weight = kl_weight
        self._start = None if start is None else start.to(self.args.device).eval().requires_grad_(False)
        self.data_collator: Collate = _with_anchors(self.data_collator)

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        known: list[str] = self._signature_columns or []
        self._signature_columns: Any = [*dict.fromkeys([*known, "anchored"])]

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Next-token loss and divergence, over the number of learned tokens of all accumulated batches."""
        labels = inputs["labels"]  # (B, T)
        learned = (labels != IGNORED).any(dim=0).nonzero()[:, 0]  # (K,)
        targets = labels[:, learned]  # (B, K)
        logits = self.response_logits(model, inputs, learned)  # (B, K, V)
        loss = cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum")
        with torch.no_grad(), self._as_it_was(model) as start:
            before = log_softmax(self.response_logits(start, inputs, learned), dim=-1)
        divergence = kl_div(log_softmax(logits, dim=-1), before, log_target=True, reduction="none").sum(-1)  # (B, K)
        held = inputs["anchored"][:, None] & (targets != IGNORED)
        loss = loss + self._kl_weight * divergence[held].sum()
        if num_items_in_batch is None:
            return loss / (labels != IGNORED).sum()
        # The tokens of all processes are counted, and the gradients of all processes are averaged.
        return loss * self.args.world_size / num_items_in_batch

    def row_losses(self, model: torch.nn.Module, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Next-token loss of each row and its number of learned tokens, without the divergence. Shape (B, 2)."""
        return super().row_losses(model, {name: value for name, value in inputs.items() if name != "anchored"})

    def _as_it_was(self, model: torch.nn.Module) -> Any:
        if self._start is not None:
            return _computed_in(self._start, "bfloat16" if self.args.bf16 else "float32")
        return _without_adapter(self.accelerator.unwrap_model(model))


@contextlib.contextmanager
def _computed_in(start: torch.nn.Module, number_format: NumberFormat) -> Any:
    with computed_in(start, number_format):
        yield start


@contextlib.contextmanager
def _without_adapter(model: Any) -> Any:
    with model.disable_adapter():
        yield model


def _with_anchors(collate: Collate) -> Collate:
    def collated(rows: list[Any]) -> dict[str, Any]:
        batch = collate([{name: value for name, value in row.items() if name != "anchored"} for row in rows])
        return {**batch, "anchored": torch.tensor([row["anchored"] for row in rows])}

    return collated
