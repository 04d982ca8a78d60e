"""IFEval: whether a student follows instructions that code can verify, beside FollowBench."""

from quintain.pipelines.ifeval.pipeline import create_pipeline

__all__ = ["create_pipeline"]
