"""A Kedro project opened for looking: its settings, its family tree and its data, without a run."""

from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DatasetError

from quintain.cli.forecast_project import Project
from quintain.configuration import check_configuration
from quintain.errors import ConfigError, QuintainError, RecordError
from quintain.models.roles import Roles


@contextmanager
def opened_project(root: Path, env: str, response_tokens: int = 400) -> Iterator[Project]:
    """Open a project.

    Args:
        root: Its folder.
        env: Its environment.
        response_tokens: Expected length of a response, for forecasts.

    Yields:
        Project: Parameters as they are written, roles, family tree, and a loader of datasets.

    Raises:
        ConfigError: A setting is wrong.
    """
    bootstrap_project(root)
    with chdir(root):  # paths of the configuration are the project's
        yield from _opened(root, env, response_tokens)


def _opened(root: Path, env: str, response_tokens: int) -> Iterator[Project]:
    session: Any = KedroSession.create(project_path=root, env=env)
    with session:
        context = session.load_context()

        def load(name: str) -> Any:
            try:
                return context.catalog.load(name)
            except DatasetError as error:
                raise (
                    error.__cause__ if isinstance(error.__cause__, QuintainError) else RecordError(str(error))
                ) from None

        # as written: Kedro's own view of them is typed for the nodes
        parameters = context.config_loader["parameters"]
        try:
            roles = Roles(**parameters["roles"])
        except (TypeError, ValueError) as error:
            raise ConfigError(f"conf/{env}/parameters_roles.yml: {error}") from None
        lifecycle = check_configuration(context.config_loader)
        yield Project(root, env, parameters, roles, lifecycle, load, response_tokens)
