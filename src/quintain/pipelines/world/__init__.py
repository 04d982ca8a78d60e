"""The embedded world, its pages, its evaluation pack, and a base student trained from scratch."""

from quintain.pipelines.world.pipeline import create_pipeline

__all__ = ["create_pipeline"]
