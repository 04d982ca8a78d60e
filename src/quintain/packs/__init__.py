"""Exact packs: items with witnesses, mutants and proofs, and training items, edits and an oracle beside them."""
