"""Evaluation: what a student can do when instructions carry one to five constraints."""

from quintain.pipelines.evaluation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
