"""Open the MLflow store, once at a time."""

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.errors import RegistryError

if TYPE_CHECKING:
    from mlflow import MlflowClient

_SQLITE = "sqlite:///"
_LOCK_SECONDS = 120
# MLflow's own patience is two minutes and seven tries; a wrong address should be known at once.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}


def exclusive(uri: str) -> AbstractContextManager[object]:
    """Hold the store for oneself while this lasts; a server keeps order by itself.

    Args:
        uri: Tracking address, absolute.

    Returns:
        A context to work in; `filelock.Timeout` on entry when another process held it for two minutes.
    """
    if not uri.startswith(_SQLITE):
        return nullcontext()
    from filelock import FileLock

    path = Path(uri.removeprefix(_SQLITE))
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(f"{path}.lock", timeout=_LOCK_SECONDS)


def open_store(uri: str) -> "MlflowClient":
    """Point MLflow at a store and make sure that it answers.

    The first contact with a sqlite file creates its tables; two processes that do so at once ruin the file for good, so
    they take turns.

    Args:
        uri: Tracking address, absolute.

    Returns:
        A client of the store.

    Raises:
        RegistryError: The store does not answer, or is locked.
    """
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    import mlflow
    from filelock import Timeout
    from mlflow.exceptions import MlflowException

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    try:
        with exclusive(uri):
            client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
            client.search_experiments(max_results=1)
    except Timeout:
        raise RegistryError(f"{uri} is locked by another process; wait for it, or remove its .lock file") from None
    except MlflowException as error:
        raise RegistryError(
            f"the MLflow store {uri} does not answer: {str(error)[:300]}. Check tracking.yml or MLFLOW_TRACKING_URI, "
            "and that the server runs"
        ) from error
    else:
        return client


def experiment_id(client: "MlflowClient", name: str, uri: str) -> str:
    """Id of an experiment, made when it is missing."""
    with exclusive(uri):
        found = client.get_experiment_by_name(name)
        return str(found.experiment_id) if found else str(client.create_experiment(name))
