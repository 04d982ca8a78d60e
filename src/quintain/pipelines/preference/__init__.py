"""Preference: losing responses are bridged, and the student learns to prefer the bridge."""

from quintain.pipelines.preference.pipeline import create_pipeline

__all__ = ["create_pipeline"]
