"""Synthesis: web pages in, instruction pairs out."""

from quintain.pipelines.synthesis.pipeline import create_pipeline

__all__ = ["create_pipeline"]
