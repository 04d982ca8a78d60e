"""The index of all reports, written when a run has ended, and named."""

import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain import pipeline_registry
from quintain.data_root import reports_root
from quintain.environment import versioned_environment
from quintain.errors import RegistryError
from quintain.lifecycle import Student
from quintain.registry.settings import TrackingSettings, tracking_settings

logger = logging.getLogger(__name__)


class IndexPageHook:
    """Writes `index.html` into the reports of a run's environment, from what lies there, and says where it is.

    No node writes it: it is about all students, whatever part of the lifecycle a run was asked for.
    """

    def __init__(self) -> None:
        self._root = Path()
        self._settings: TrackingSettings | None = None

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Keep the project's folder, and where its registry is."""
        self._root = Path(context.project_path)
        self._settings = tracking_settings(context.config_loader["tracking"])

    @hook_impl(trylast=True)
    def after_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Write the page whole or not at all; a run that has ended well does not fail for it.

        Args:
            run_params: Kedro's arguments of the run.
        """
        from quintain.reporting.index import index_page

        environment = run_params.get("env") or ""
        folder = reports_root(self._root, environment)
        lifecycle = pipeline_registry.lifecycle
        if lifecycle is None or not folder.is_dir():
            return
        champion, registered = self._titles()
        page = index_page(
            folder,
            project=self._root.name,
            environment=environment or versioned_environment(self._root),
            written=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            made={student.name: made_by(student) for student in lifecycle.students},
            benchmarks=lifecycle.benchmarks,
            champion=champion,
            registered=registered,
        )
        aside = folder / f".index.{os.getpid()}.tmp"
        try:
            aside.write_text(page, encoding="utf-8")
            aside.replace(folder / "index.html")
        except OSError as error:
            logger.warning("no index of the reports: %s", error)
        else:
            logger.info("All reports: %s", os.path.relpath(folder / "index.html"))

    def _titles(self) -> tuple[str, dict[str, str]]:
        """Version of the champion, and the day that each version was registered; none where no registry answers."""
        if self._settings is None or not self._settings.enabled:
            return "", {}
        from quintain.registry.promotion import CHAMPION, holder
        from quintain.registry.registration import versions
        from quintain.registry.store import answering, open_store

        uri, name = self._settings.address(self._root), self._settings.model_name
        try:
            client = open_store(uri)
            with answering(uri):
                known = versions(client, name)
                champion = holder(client, name, CHAMPION) if known else None
        except RegistryError as error:
            logger.warning("the index of the reports names no champion: %s", error)
            return "", {}
        days = {str(each.version): day_of(each.creation_timestamp) for each in known}
        return str(champion.version) if champion else "", days


def day_of(milliseconds: int) -> str:
    """Day of a time stamp of MLflow, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d")


def made_by(student: Student) -> str:
    """Say in a few words how a student comes about.

    >>> made_by(Student(name="webr", parent="base", by="finetuning"))
    'finetuning of base'
    """
    if student.round_of:
        return f"a round of {student.round_of}: {student.by} of {student.parent}"
    if student.start:
        return "import of a model made elsewhere" if student.foreign else "pre-training from scratch"
    return f"{student.by} of {student.parent}"
