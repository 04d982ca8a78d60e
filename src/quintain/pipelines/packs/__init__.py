"""Packs: training items and edits of the exact packs, as data that students learn from."""

from quintain.pipelines.packs.pipeline import create_pipeline

__all__ = ["create_pipeline"]
