"""Packs for real models: English instructions whose every constraint is checked exactly, without a judge."""
