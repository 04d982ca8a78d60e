"""A repository of a hub that takes a model folder, in one commit."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,94}[A-Za-z0-9_])?/[A-Za-z0-9_](?:[\w.-]{0,94}[A-Za-z0-9_])?", re.ASCII)
_HUB = "https://huggingface.co"


@dataclass(frozen=True)
class Hub:
    """A hub and one repository of it."""

    api: "HfApi"
    """Client, with the token."""
    repository: str
    """`owner/name`."""
    public: bool
    """Whether everybody may see it."""

    def push(self, folder: Path, message: str) -> str:
        """Upload a folder in one commit.

        Args:
            folder: The folder.
            message: Message of the commit.

        Returns:
            Address of the repository.

        Raises:
            ModelError: The hub refuses or does not answer; an upload that was begun is no commit.
        """
        from huggingface_hub.errors import HTTPError

        try:
            self.api.create_repo(self.repository, private=not self.public, exist_ok=True)
            self.api.upload_folder(repo_id=self.repository, folder_path=folder, commit_message=message)
        except (HTTPError, OSError, ValueError, RuntimeError) as error:
            raise ModelError(self._complaint("did not take the model", error)) from None
        return f"{self.api.endpoint}/{self.repository}"

    def require_writable(self) -> None:
        """Refuse a repository that shows more than is wished, before anything is made for it.

        Raises:
            ConfigError: It is public, and that was not asked for.
            ModelError: The hub does not answer, or refuses the token.
        """
        from huggingface_hub.errors import HTTPError, RepositoryNotFoundError

        try:
            self.api.whoami()
            private = self.api.model_info(self.repository).private
        except RepositoryNotFoundError:
            return  # it will be made
        except (HTTPError, OSError, ValueError, RuntimeError) as error:
            raise ModelError(self._complaint("cannot be asked", error)) from None
        if not private and not self.public:
            raise ConfigError(
                f"{self.repository} is there and public, so everybody would see the model; add --public if that is "
                "meant, or name another repository"
            )

    def _complaint(self, what: str, error: Exception) -> str:
        # Of a file that did not get through, the library says why underneath.
        found = [str(each) for each in (error, error.__cause__) if each is not None]
        said = " ".join(": ".join(found).split())[:400] or type(error).__name__
        token = self.api.token if isinstance(self.api.token, str) else ""
        shown = said.replace(token, "[token]") if token else said
        return (
            f"{self.api.endpoint} {what} ({self.repository}): {shown.rstrip('.')}. See that HF_TOKEN may write there, "
            "and that this machine reaches the hub (HF_ENDPOINT); run again, nothing half was published"
        )


def open_hub(repository: str, *, public: bool) -> Hub:
    """Open the hub that the environment names, and look at a repository.

    Args:
        repository: `owner/name`.
        public: Whether everybody may see it.

    Returns:
        The hub.

    Raises:
        ConfigError: The name is none, there is no token, the hub is switched off, or the repository is public.
        ModelError: The hub does not answer, or refuses the token.
    """
    if not _NAME.fullmatch(repository) or ".." in repository or "--" in repository:
        raise ConfigError(f"{repository!r} is no name of a repository; write OWNER/NAME, in letters, digits, - _ and .")
    from huggingface_hub import HfApi, get_token

    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise ConfigError("HF_HUB_OFFLINE is set, so nothing can be pushed; unset it for this command")
    token = get_token()
    if not token:
        raise ConfigError("there is no token for the hub; set HF_TOKEN to one that may write, or run `hf auth login`")
    hub = Hub(HfApi(endpoint=os.environ.get("HF_ENDPOINT", _HUB).rstrip("/"), token=token), repository, public)
    hub.require_writable()
    return hub
