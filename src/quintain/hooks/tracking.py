"""MLflow tracking: one run per `kedro run`."""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain.environment import versioned_environment
from quintain.errors import RegistryError
from quintain.hooks.chosen_nodes import chosen_nodes
from quintain.hooks.tracked_numbers import flat
from quintain.hooks.tracked_runs import Output, log_numbers
from quintain.models.folder import folder_digest
from quintain.registry.lineage import git_state
from quintain.registry.runs import CURRENT_RUN, MAKES, made_tag
from quintain.registry.settings import TrackingSettings, tracking_settings

logger = logging.getLogger(__name__)

_LONGEST_PARAMETER = 6000
_MADE = (".model@hf", ".model@adopted")
"""Views of a model folder through which a pipeline writes it."""


class TrackingHooks:
    """One MLflow run per `kedro run`, written by the parent process from what the run persisted.

    Nodes may run in other processes, where hooks have no memory of the parent; the persisted datasets are the same
    for every runner. A dataset takes part by `metadata.mlflow`: `metrics`, `artifact`, `curve`, or `round`; see
    `log_numbers` for which run shows which number.
    """

    def __init__(self) -> None:
        self._settings: TrackingSettings | None = None
        self._root = Path()
        self._parameters: dict[str, Any] = {}
        self._catalog: Any = None
        self._in_worker = False
        self._to_make: set[str] = set()
        self._run_id = ""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Read tracking.yml and make its address absolute for everything this process starts."""
        self._root = Path(context.project_path)
        self._settings = tracking_settings(context.config_loader["tracking"])
        os.environ["MLFLOW_TRACKING_URI"] = self._settings.address(self._root)
        self._parameters = dict(context.params)

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Any, catalog: Any) -> None:
        """Start the run, unless nothing of this pipeline is to be tracked."""
        if self._settings is None or not self._settings.enabled:
            return
        self._catalog = catalog
        from quintain.registry.store import exclusive, experiment_id, open_store

        uri = os.environ["MLFLOW_TRACKING_URI"]
        client = open_store(uri)
        commit, dirty = git_state(self._root)
        # A student that is kept was made by the run that made it, with the parameters of that run.
        self._to_make = _students_made(chosen_nodes(run_params, pipeline, catalog).all_outputs())
        names = run_params.get("pipeline_names") or ["__default__"]
        tags = {
            "kedro.pipelines": " ".join(names),
            "kedro.env": run_params.get("env") or versioned_environment(self._root),
            "kedro.namespaces": " ".join(run_params.get("namespaces") or []),
            "git.commit": commit,
            "git.dirty": str(dirty).lower() if commit else "",
            "dvc.stage": os.environ.get("DVC_STAGE", ""),
            "dvc.exp": os.environ.get("DVC_EXP_NAME", ""),
            MAKES: " ".join(sorted(self._to_make)),
        }
        home = experiment_id(client, self._settings.experiment, uri)
        with exclusive(uri):
            run = client.create_run(
                home,
                run_name=" ".join(names).replace("__default__", "lifecycle"),
                tags={name: value for name, value in tags.items() if value},
            )
            self._run_id = os.environ[CURRENT_RUN] = run.info.run_id
            self._log_parameters(client, pipeline)

    def _log_parameters(self, client: Any, pipeline: Any) -> None:
        from mlflow.entities import Param

        used = {name.removeprefix("params:").split(".")[0] for name in pipeline.inputs() if name.startswith("params:")}
        raw = {name: value for name, value in self._parameters.items() if name in used}
        entries = [Param(name, str(value)[:_LONGEST_PARAMETER]) for name, value in flat(_plain(raw))]
        for start in range(0, len(entries), 100):
            client.log_batch(self._run_id, params=entries[start : start + 100])

    @hook_impl
    def after_worker_started(self) -> None:
        """Leave the tracking to the parent."""
        self._in_worker = True

    @hook_impl
    def after_dataset_saved(self, dataset_name: str) -> None:
        """Write down which student was made; the run may be stopped before its end."""
        if not self._in_worker:
            self._tag_made(_students_made([dataset_name]))

    @hook_impl
    def after_worker_node_run(self, node: Any) -> None:
        """Write down which student a worker made."""
        self._tag_made(_students_made(node.outputs))

    def _tag_made(self, students: set[str]) -> None:
        if not (self._run_id and students):
            return
        import mlflow

        from quintain.registry.store import exclusive

        with exclusive(os.environ["MLFLOW_TRACKING_URI"]):
            for student in sorted(students):
                folder = Path(str(self._catalog.get(f"{student}{_MADE[0]}")._filepath))
                mlflow.MlflowClient().set_tag(self._run_id, made_tag(student), folder_digest(folder))
        self._to_make -= students

    @hook_impl
    def after_pipeline_run(self, pipeline: Any, catalog: Any) -> None:
        """Write metrics, curves and artefacts of everything the run persisted."""
        if not self._run_id:
            return
        from quintain.registry.store import exclusive

        self._tag_made(set(self._to_make))  # under runners whose workers tell this process nothing
        with exclusive(os.environ["MLFLOW_TRACKING_URI"]):
            self._log_outputs(pipeline, catalog)
        self._run_id = ""

    def _log_outputs(self, pipeline: Any, catalog: Any) -> None:
        import mlflow

        client = mlflow.MlflowClient()
        outputs = list(_tracked(pipeline, catalog))
        log_numbers(client, self._run_id, [one for one in outputs if one.role != "artifact"])
        for one in outputs:
            client.log_artifact(self._run_id, str(one.dataset._filepath), artifact_path=one.name.partition(".")[0])
        client.set_terminated(self._run_id, "FINISHED")

    @hook_impl
    def on_pipeline_error(self, error: Exception) -> None:
        """Mark the run as failed, with the first line of the reason."""
        if not self._run_id:
            return
        import mlflow

        from quintain.registry.store import exclusive

        run_id, self._run_id = self._run_id, ""
        os.environ.pop(CURRENT_RUN, None)
        try:
            with exclusive(os.environ["MLFLOW_TRACKING_URI"]):
                client = mlflow.MlflowClient()
                client.set_tag(run_id, "error", f"{type(error).__name__}: {error}"[:500])
                client.set_terminated(run_id, "FAILED")
        except RegistryError as second:  # the first error is the one to be told
            logger.warning("The run could not be marked as failed: %s", second)


def _tracked(pipeline: Any, catalog: Any) -> Iterator[Output]:
    """Outputs that the run persisted and the catalog lets take part."""
    for name in sorted(pipeline.all_outputs()):
        dataset = catalog.get(name)
        role = (getattr(dataset, "metadata", None) or {}).get("mlflow")
        if role is not None and dataset.exists():
            yield Output(name, role, dataset)


def _students_made(outputs: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in outputs if name.endswith(_MADE)}


def _plain(value: Any) -> Any:
    """Typed parameters back as mappings."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, Mapping) else value
