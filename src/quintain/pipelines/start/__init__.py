"""Start: students that somebody else trained become students of this project."""

from quintain.pipelines.start.pipeline import create_pipeline

__all__ = ["create_pipeline"]
