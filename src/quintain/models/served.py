"""A model folder behind a server of its own, which is started when the first call needs it."""

import logging
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from quintain.errors import ModelError
from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.finite import require_finite
from quintain.models.flight import Batch
from quintain.models.folder import base_of, is_adapter
from quintain.models.language_model import Sampling
from quintain.models.server_process import ServerProcess, close_shared, open_shared
from quintain.models.server_settings import ServerSettings
from quintain.records import Completion, Request

logger = logging.getLogger(__name__)

Connect = Callable[[EndpointSettings], EndpointModel]
"""Opens the served model at the address that the settings carry."""


class ServedModel:
    """Completes chats through a server that it starts, and ends when it is closed or forgotten.

    Args:
        folder: Folder of the model, whole or an adapter.
        name: Identity of the model.
        sampling: How tokens are drawn.
        server: The command.
        endpoint: How the served model is asked; address and name are filled in.
        connect: Opens the served model.

    Raises:
        ConfigError: The command does not go with the folder.
        ModelError: The base model of an adapter is missing or another one.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        sampling: Sampling,
        server: ServerSettings,
        endpoint: EndpointSettings,
        connect: Connect,
    ) -> None:
        self.name = name
        self.sampling = sampling
        self._folder = folder
        self._server = server
        self._endpoint = endpoint
        self._connect = connect
        self._command = server.arguments(folder)
        self._process: ServerProcess | None = None
        self._model: EndpointModel | None = None
        self._release: weakref.finalize[..., ServedModel] | None = None

    @property
    def computed(self) -> dict[str, str]:
        """The engine; a server does not say in which number format it computes."""
        return {"engine": f"server:{self._server.program}"}

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order."""
        done = {index: completion for batch in self.stream(requests) for index, completion in batch}
        return [done[index] for index in range(len(requests))]

    def stream(self, requests: Sequence[Request]) -> Iterator[Batch]:
        """Complete the requests at the same time; the first of them starts the server.

        Args:
            requests: What to ask.

        Yields:
            Completions that arrived together, each with the position of its request.

        Raises:
            ConfigError: There is no such program.
            ModelError: The weights are no numbers; the server did not become ready, serves another model, or ended.
        """
        model, process = self._opened()
        try:
            yield from model.stream(requests)
        except ModelError as error:
            if process.ended:
                raise process.failure() from error
            raise
        if process.ended:  # some of the last requests may have come back as errors
            raise process.failure()

    def close(self) -> None:
        """Give the server back; with its last user it ends."""
        if self._release is not None:
            self._release()
        self._process = self._model = self._release = None

    def _opened(self) -> tuple[EndpointModel, ServerProcess]:
        if self._model is None or self._process is None:
            for each in {self._folder, base_of(self._folder) if is_adapter(self._folder) else self._folder}:
                require_finite(each)  # a server would serve them without a word
            logger.info("%s: starting `%s`", self.name, " ".join(self._command))
            self._process, names = open_shared(self._command, self._folder.name, self._server.ready_seconds)
            self._release = weakref.finalize(self, close_shared, self._command)
            try:
                served = _served_as(self._server.model, self._folder, names, self._process)
            except ModelError:
                self.close()
                raise
            logger.info("%s: %s is ready; its log is %s", self.name, self._process.address, self._process.log)
            settings = msgspec.structs.replace(self._endpoint, address=self._process.address, model=served)
            self._model = self._connect(settings)
        return self._model, self._process


def _served_as(wanted: str, folder: Path, names: Sequence[str], process: ServerProcess) -> str:
    """The name under which the server knows the model."""
    if wanted in names:
        return wanted
    if not wanted:
        # vLLM and SGLang list a model by the path they were given, others by the last part of it.
        fitting = [name for name in names if name == folder.name or Path(name).resolve() == folder.resolve()]
        if fitting:
            return fitting[0]
    raise ModelError(
        f"the server at {process.address} serves {', '.join(names) or 'no model'} and not "
        f"{wanted or folder.name} (roles.bindings.student.command; the setting `model` names it where the server calls "
        f"it something else); its log is {process.log}"
    )
