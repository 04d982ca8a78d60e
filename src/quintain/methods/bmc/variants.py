"""Variants of the preference loss: their names, and what each of them needs."""

from typing import Literal, get_args

Variant = Literal["dpo", "ipo", "r_dpo", "dpop", "simpo", "orpo"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
REFERENCE_FREE: tuple[Variant, ...] = ("simpo", "orpo")
"""Variants that never look at the reference."""
WITH_ALPHA: tuple[Variant, ...] = ("r_dpo", "dpop")
WITH_GAMMA: tuple[Variant, ...] = ("simpo",)
