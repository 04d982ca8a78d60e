"""Registration: every student becomes a version with its scorecard, and the gate decides on the title."""

from quintain.pipelines.registration.pipeline import create_pipeline

__all__ = ["create_pipeline"]
