"""Fine-tuning: a student learns from instruction pairs."""

from quintain.pipelines.finetuning.pipeline import create_pipeline

__all__ = ["create_pipeline"]
