"""Distillation: a student learns from its teacher what a referee finds that it cannot do, round after round."""

from quintain.pipelines.distillation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
