"""Judging by language models: questions, replies, calibration and agreement of judges."""
