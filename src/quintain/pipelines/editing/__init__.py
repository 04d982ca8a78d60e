"""Editing: the student learns to use edits that stand in its prompt, and a memory holds the edits."""

from quintain.pipelines.editing.pipeline import create_pipeline

__all__ = ["create_pipeline"]
