"""Settings of preference training."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from quintain.fields import NotNegative, Positive, Share
from quintain.methods.bmc import REFERENCE_FREE, Variant
from quintain.methods.bmc.variants import WITH_ALPHA, WITH_GAMMA
from quintain.training.trainer_settings import TrainerParams

WeightSource = Literal["policy", "own"]
ReferencePass = Literal["cached", "live"]


@dataclass(frozen=True, kw_only=True)
class PreferenceParams(TrainerParams):
    """Variant of the loss, its weights, and how to optimise it.

    Four names of the paper are two settings: DPO trains on original pairs with `delta: null`, MC on original pairs with
    a delta, BC on bridged pairs with `delta: null`, BMC on bridged pairs with a delta. With `lora` the reference is the
    start with the adapter off.

    Raises:
        ValueError: A value is out of range, or would have no effect on this variant.
    """

    variant: Variant = "dpo"
    """dpo, ipo, r_dpo, dpop, simpo or orpo."""
    beta: Positive = 0.1
    """β, the coefficient of the KL penalty to the reference; τ for ipo, λ of the odds ratio for orpo."""
    alpha: NotNegative = 0.0
    """Price of length (r_dpo) or of what the chosen response loses (dpop)."""
    gamma: NotNegative = 0.0
    """Margin that simpo asks for."""
    delta: Annotated[float, Meta(ge=1)] | None = 2.0
    """Cap on the weight 1/p of an edited token, at least 1; null gives every token the weight 1."""
    weight_source: WeightSource = "policy"
    """Whose probabilities weigh the reference's side: the `policy`'s (paper) or its `own` (released code)."""
    reference: ReferencePass = "cached"
    """`cached` asks the reference once per pair, before the training; `live` at every step."""
    warmup_ratio: Share = 0.1
    """Share of the steps in which the rate rises from 0."""
    most_displacement_nats: Positive = 20.0
    """Alarm when the chosen responses lose more than this against the reference, per response."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._refuse_what_has_no_effect()

    def _refuse_what_has_no_effect(self) -> None:
        idle = {
            "alpha": self.alpha != 0 and self.variant not in WITH_ALPHA,
            "gamma": self.gamma != 0 and self.variant not in WITH_GAMMA,
            "weight_source: own": self.weight_source == "own" and (self.delta is None or self.reference_free),
            "reference: live": self.reference == "live" and self.reference_free,
        }
        if named := [name for name, has_none in idle.items() if has_none]:
            weights = "without weights" if self.delta is None else f"with delta {self.delta}"
            raise ValueError(f"{' and '.join(named)} would have no effect on {self.variant} {weights}; take it out")
        if self.variant == "r_dpo" and self.alpha <= 0:
            raise ValueError(f"alpha must be positive for r_dpo, which without it is dpo, got {self.alpha}")
        if self.variant == "dpop" and self.alpha <= 0:
            raise ValueError(f"alpha must be positive for dpop, which without it is dpo, got {self.alpha}")

    @property
    def reference_free(self) -> bool:
        """True when the variant never looks at the reference."""
        return self.variant in REFERENCE_FREE
