"""What the shape of the lifecycle depends on in an environment.

conf/<env>/lifecycle.yml names the pipelines that it leaves out, the parameter `distillation.rounds` says how many
rounds there are. Kedro builds pipelines from neither, so both are told to the registry before it is asked.
"""

from collections.abc import Mapping
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain import pipeline_registry
from quintain.errors import ConfigError


class LifecycleHook:
    """Tells the registry what `__default__` leaves out and how many rounds there are, before Kedro asks for them."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: Any) -> None:
        """Read the environment's document.

        Args:
            context: Kedro's context of the run.

        Raises:
            ConfigError: The document names a pipeline that does not exist, or the number of rounds is none.
        """
        left_out = context.config_loader["lifecycle"].get("without") or []
        if unknown := set(left_out) - set(pipeline_registry.LIFECYCLE):
            raise ConfigError(
                f"conf/{context.env or 'base'}/lifecycle.yml leaves out {', '.join(sorted(unknown))}, which is no "
                f"pipeline; there are {', '.join(pipeline_registry.LIFECYCLE)}"
            )
        pipeline_registry.left_out = tuple(left_out)
        # Not `context.params`: Kedro reads the pipelines to type those.
        pipeline_registry.rounds = rounds_in(context.config_loader["parameters"])


def rounds_in(parameters: Mapping[str, Any]) -> int:
    """Read the number of rounds.

    Args:
        parameters: Nested parameters of an environment.

    Returns:
        `distillation.rounds`; 1 where nothing is said of distillation.

    Raises:
        ConfigError: It is no whole number, or below 1.
    """
    rounds = (parameters.get("distillation") or {}).get("rounds", 1)
    if not isinstance(rounds, int) or isinstance(rounds, bool) or rounds < 1:
        raise ConfigError(
            f"distillation.rounds (conf/base/parameters_distillation.yml) must be a whole number from 1, got {rounds!r}"
        )
    return rounds
