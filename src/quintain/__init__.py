"""Quintain: an MLOps-managed model lifecycle for LLM alignment."""

__version__ = "0.1.0"
