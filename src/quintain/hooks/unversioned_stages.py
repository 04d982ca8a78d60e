"""Stages of an environment that dvc.yaml does not version, for the lineage of its students."""

import logging
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain.environment import LOCAL, asked_environment, versioned_environment
from quintain.errors import ConfigError

logger = logging.getLogger(__name__)

_REGISTRATION = "registration"
_HEADER = "# Written by `kedro run` for the lineage of the students below; DVC does not read it.\n"


class UnversionedStagesHook:
    """Writes down, before students are registered, the stages that DVC would have in the environment of the run."""

    def __init__(self) -> None:
        self._loader: Any = None

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Keep the loader of the run's configuration."""
        self._loader = context.config_loader

    @hook_impl
    def before_pipeline_run(self, pipeline: Any) -> None:
        """Write the file that lineage reads the stages from, beside the environment's data.

        Args:
            pipeline: The nodes that were asked for.
        """
        root = Path(self._loader.conf_source).parent.resolve()
        environment = asked_environment(root) or versioned_environment(root)
        if environment == LOCAL or not any(_REGISTRATION in node.tags for node in pipeline.nodes):
            return
        from quintain import pipeline_registry
        from quintain.datasets import atomic
        from quintain.registry.dvc_stages import stages_file
        from quintain.versioning.dvc_yaml import project_of, render
        from quintain.versioning.stages import lifecycle_stages

        file = stages_file(root, environment)
        if file == root / "dvc.yaml":
            return
        package = __name__.partition(".")[0]
        try:
            project = project_of(root, environment, package, pipeline_registry.register_pipelines(), self._loader)
            text = _HEADER + render(lifecycle_stages(project))
        except ConfigError as error:
            logger.warning("the lineage of what this run registers will name no stages: %s", error)
            return
        with atomic.written(file) as temporary:
            temporary.write_text(text, encoding="utf-8")
