"""Preflight: everything that a run lacks is said in one message before its first node."""

import logging
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain.errors import ConfigError
from quintain.hooks.chosen_nodes import chosen_nodes

logger = logging.getLogger(__name__)


class PreflightHook:
    """Looks for files, start models, roles with keys and addresses, libraries and disk, as `quintain doctor` does.

    It looks at what the nodes of the run need and at nothing else, opens no model and asks nobody.
    """

    def __init__(self) -> None:
        self._loader: Any = None

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Keep the loader of the run's configuration."""
        self._loader = context.config_loader

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Any, catalog: Any) -> None:
        """Refuse a run that cannot end, and warn of what will not come out as meant.

        Args:
            run_params: Kedro's parameters of the run.
            pipeline: The nodes that were asked for.
            catalog: Where `--only-missing-outputs` looks which of them will run.

        Raises:
            ConfigError: Something is missing; the message has a line for each thing.
        """
        from quintain.doctor.checks import troubles_before
        from quintain.doctor.others_students import claim_students
        from quintain.doctor.plan import plan_of

        chosen = chosen_nodes(run_params, pipeline, catalog)
        plan = plan_of(self._loader, chosen, run_params.get("env") or "")
        # A run that has nothing to do lacks nothing.
        troubles = troubles_before(plan) if chosen.nodes else []
        for each in troubles:
            if each.grade == "warning":
                logger.warning(each.line)
        faults = [each for each in troubles if each.grade == "fault"]
        if faults:
            things = "one thing is missing" if len(faults) == 1 else f"{len(faults)} things are missing"
            lines = "\n  ".join(fault.line for fault in faults)
            raise ConfigError(f"this run cannot work, {things}; nothing was started:\n  {lines}")
        claim_students(plan)
