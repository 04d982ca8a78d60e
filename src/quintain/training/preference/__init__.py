"""Preference training: pairs of responses as token rows, a cached reference, and BMC's loss inside TRL's trainer."""
