"""Which pipelines make up the whole lifecycle in an environment: conf/<env>/lifecycle.yml."""

from typing import Any

from kedro.framework.hooks import hook_impl

from quintain import pipeline_registry
from quintain.errors import ConfigError


class LifecycleHook:
    """Tells the registry what `__default__` leaves out, before Kedro asks for the pipelines."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: Any) -> None:
        """Read the environment's document.

        Args:
            context: Kedro's context of the run.

        Raises:
            ConfigError: The document names a pipeline that does not exist.
        """
        left_out = context.config_loader["lifecycle"].get("without") or []
        if unknown := set(left_out) - set(pipeline_registry.LIFECYCLE):
            raise ConfigError(
                f"conf/{context.env or 'base'}/lifecycle.yml leaves out {', '.join(sorted(unknown))}, which is no "
                f"pipeline; there are {', '.join(pipeline_registry.LIFECYCLE)}"
            )
        pipeline_registry.left_out = tuple(left_out)
