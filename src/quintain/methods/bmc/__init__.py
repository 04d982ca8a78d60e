"""BMC: bridge the two responses of a preference pair, then let the loss see which tokens the bridge changed.

Source: Jiang et al. 2025, "Bridging and Modeling Correlations in Pairwise Data for Direct Preference Optimization",
arXiv:2408.07471.

Here stands the modeling phase, which needs torch alone; the bridging phase is `quintain.methods.bmc.bridge`.

    modified = modified_tokens(chosen_ids, rejected_ids)          # once per pair
    weights = token_weights(policy_logps, modified, delta=2.0)    # (2B, T), every step
    loss = preference_loss("dpo", policy_logps, reference_logps, weights, weights, mask, beta=0.1).mean()
"""

from quintain.methods.bmc.divergence import least_kl
from quintain.methods.bmc.loss import REFERENCE_FREE, VARIANTS, Variant, preference_loss, token_weights
from quintain.methods.bmc.masks import DIFFS, Diff, Modified, edit_distance, modified_tokens

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
