"""Source of FollowBench's files: a folder, or a dataset of the Hugging Face hub at a pinned revision."""

from pathlib import Path

from quintain.benchmarks.followbench.benchmark import load_benchmark
from quintain.errors import RecordError
from quintain.records import ConstraintItem


def load_pack(source: str, language: str) -> list[ConstraintItem]:
    """Read the benchmark from a folder or the hub.

    Args:
        source: A folder with `content_constraints.json` and five more, or `NAME@REVISION` of a dataset on the hub,
            such as YuxinJiang/FollowBench@ and a commit. There is no default revision: a branch moves, a commit stays.
        language: `en` or `zh`.

    Returns:
        Its items of levels 1-5, see `load_benchmark`.

    Raises:
        RecordError: It is not there, or does not hold what was released.
    """
    folder = Path(source) if Path(source).is_dir() else _from_hub(source, language)
    try:
        return load_benchmark(folder, language)  # type: ignore[arg-type]
    except ValueError as error:
        raise RecordError(str(error)) from None


def _from_hub(source: str, language: str) -> Path:
    name, at, revision = source.partition("@")
    if not at or not revision or name.count("/") != 1:
        raise RecordError(
            f"{source} is no folder; name one that holds content_constraints.json and five more, or a dataset of the "
            "hub with its revision, such as YuxinJiang/FollowBench@REVISION"
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    # The hub names the folders data_en and data_zh, and its own loader pools both languages: read by path.
    part = f"data_{language}"
    try:
        home = snapshot_download(name, repo_type="dataset", revision=revision, allow_patterns=f"{part}/*.json")
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise RecordError(f"{source} could not be fetched from the hub: {error}") from None
    return Path(home) / part
