"""Guards of finite numbers inside a Trainer of transformers, which itself hides a loss that is nan."""

from typing import TYPE_CHECKING, Any

import torch
from transformers import TrainerCallback

from quintain.training.finite import require_finite_number, require_finite_weights
from quintain.training.sharding import own_part

if TYPE_CHECKING:
    from transformers import TrainerState


class FiniteLoss:
    """Trainer that stops at a loss which is no number; stands before the Trainer among the bases."""

    state: "TrainerState"

    def training_step(self, *arguments: Any, **named: Any) -> torch.Tensor:
        """Loss of a batch, after its backward pass."""
        loss: torch.Tensor = super().training_step(*arguments, **named)  # type: ignore[misc]
        require_finite_number("the loss", loss.item(), self.state.global_step + 1)
        return loss


class FiniteGuard(TrainerCallback):
    """Stops a training at gradients that are no numbers, and before weights that are none become a checkpoint."""

    def on_pre_optimizer_step(self, args: Any, state: "TrainerState", control: Any, **named: Any) -> None:
        """Look at the gradients before they reach the weights."""
        gradients = [own_part(weight.grad) for weight in named["model"].parameters() if weight.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        require_finite_number("the gradient norm", norm.item(), state.global_step + 1)

    def on_step_end(self, args: Any, state: "TrainerState", control: Any, **named: Any) -> None:
        """Look at the weights where a checkpoint is due, and at the end."""
        if state.global_step % args.save_steps == 0 or state.global_step >= state.max_steps:
            require_finite_weights(named["model"], state.global_step)

    def on_log(self, args: Any, state: "TrainerState", control: Any, logs: Any = None, **_: Any) -> None:
        """Look at the norm before it was clipped: clipped by infinity, gradients are all 0."""
        for name, what in (("loss", "the loss"), ("grad_norm", "the gradient norm")):
            require_finite_number(what, float((logs or {}).get(name, 0.0)), state.global_step)
