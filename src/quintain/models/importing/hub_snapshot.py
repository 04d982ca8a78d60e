"""A model of the Hugging Face hub at a pinned revision, in the hub's own cache."""

from pathlib import Path

from quintain.errors import ModelError

# Weights as safetensors, never pickles; no code. Some repositories hold the same weights once more in their maker's own
# layout, in one file or in a folder.
_WANTED = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model", "README.md", "LICENSE*")
_UNWANTED = ("*/*", "consolidated*")


def fetch_snapshot(name: str, revision: str) -> Path:
    """Fetch a model, or find it in the cache.

    Args:
        name: `owner/name` on the hub.
        revision: Commit, 40 digits.

    Returns:
        Folder of the cache.

    Raises:
        ModelError: The hub cannot be reached, has no such model or revision, or does not give it to this user.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(name, revision=revision, allow_patterns=list(_WANTED), ignore_patterns=list(_UNWANTED))
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        why = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(
            f"{name}@{revision} could not be fetched from the hub: {why.rstrip('.')}. Give this "
            "machine access (a gated model also wants HF_TOKEN), or bring the folder over and name that"
        ) from None
