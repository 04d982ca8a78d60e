"""Sharding of weights, gradients and optimiser over processes (FSDP2), on GPUs and on processors.

accelerate shards over processes that each have a GPU; over others it would quietly keep the whole model in each, though
torch's `fully_shard` works on both.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accelerate import Accelerator
    from torch import Tensor


def own_part(tensor: "Tensor") -> "Tensor":
    """The part of a weight or gradient that this process holds: all of it where nothing is shared out."""
    return tensor.to_local() if hasattr(tensor, "to_local") else tensor


class ShardedAnywhere:
    """Trainer whose strategy fsdp2 shards on processors too; stands before the Trainer among the bases."""

    accelerator: "Accelerator"
    args: Any
    model: Any
    state: Any
    is_fsdp_enabled: bool

    def create_accelerator_and_postprocess(self) -> None:
        """Tell accelerate to shard where it would not of itself, and to add gradients up in float32."""
        super().create_accelerator_and_postprocess()  # type: ignore[misc]
        if not self.args.fsdp:
            return
        from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin

        state: Any = self.accelerator.state
        if self.args.device.type == "cpu":
            plugin = FullyShardedDataParallelPlugin(**self.args.fsdp_plugin_args)
            state.distributed_type, state.fsdp_plugin, self.is_fsdp_enabled = DistributedType.FSDP, plugin, True
        if self.args.bf16:
            import torch
            from torch.distributed.fsdp import MixedPrecisionPolicy

            state.fsdp_plugin.mixed_precision_policy = MixedPrecisionPolicy(
                param_dtype=torch.bfloat16, reduce_dtype=torch.float32
            )

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        # The Trainer takes a step for the best one if the folder of its checkpoint is there, and of a sharded model
        # nothing is written before it looks.
        Path(self.args.output_dir, f"checkpoint-{self.state.global_step}").mkdir(parents=True, exist_ok=True)
        super()._save_checkpoint(model, trial)  # type: ignore[misc]

    def _load_best_model(self) -> None:
        from torch.distributed.fsdp import FSDPModule

        for module in self.model.modules():
            if isinstance(module, FSDPModule):
                module.reshard()  # what the last look left whole would go on being computed with
        super()._load_best_model()  # type: ignore[misc]
