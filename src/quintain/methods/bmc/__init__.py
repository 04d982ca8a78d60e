"""BMC: bridge the two responses of a preference pair, then let the loss see which tokens the bridge changed.

Source: Jiang et al. 2025, "Bridging and Modeling Correlations in Pairwise Data for Direct Preference Optimization",
arXiv:2408.07471.

Here stands the modeling phase, which needs torch alone; the bridging phase is `quintain.methods.bmc.bridge`.

    modified = modified_tokens(chosen_ids, rejected_ids)          # once per pair
    weights = token_weights(policy_logps, modified, delta=2.0)    # (2B, T), every step
    loss = preference_loss("dpo", policy_logps, reference_logps, weights, weights, mask, beta=0.1).mean()
"""

import importlib
from typing import TYPE_CHECKING, Any

from quintain.methods.bmc.masks import DIFFS, Diff, Modified, edit_distance, modified_tokens
from quintain.methods.bmc.variants import REFERENCE_FREE, VARIANTS, Variant

if TYPE_CHECKING:
    from quintain.methods.bmc.divergence import least_kl
    from quintain.methods.bmc.loss import preference_loss, token_weights

_HOMES = {"least_kl": "divergence", "preference_loss": "loss", "token_weights": "loss"}

__all__ = [
    "DIFFS",
    "REFERENCE_FREE",
    "VARIANTS",
    "Diff",
    "Modified",
    "Variant",
    "edit_distance",
    "least_kl",
    "modified_tokens",
    "preference_loss",
    "token_weights",
]


def __getattr__(name: str) -> Any:
    """Import what needs torch when it is asked for: settings and pairs do without."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
