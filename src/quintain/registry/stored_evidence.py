"""Stored evidence: the scorecards and judgements that the registry keeps of a version, checked against its tags."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from quintain.benchmarks.scorecard import Scorecard
from quintain.errors import RecordError
from quintain.records import Judgement
from quintain.registry.evidence import broken_evidence
from quintain.registry.measured import NAMED, Measured, seals

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_EVIDENCE, _CARD, _JUDGEMENTS = "scorecard", "scorecard.json", "judgements.jsonl"
_AGAIN = "`kedro run --pipelines evaluation,registration` measures and registers its student anew"


def log_measured(client: "MlflowClient", run_id: str, measured: Mapping[str, Measured]) -> None:
    """Keep scorecards, judgements and pages with a run.

    Args:
        client: Client of the store.
        run_id: Run of a registration.
        measured: Benchmark → what was measured.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, each in measured.items():
            home = Path(folder) / name
            home.mkdir()
            (home / _CARD).write_text(json.dumps(each.scorecard.as_dict(), indent=1), encoding="utf-8")
            (home / _JUDGEMENTS).write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in each.judgements))
            if each.page:
                (home / "scorecard.html").write_text(each.page, encoding="utf-8")
        client.log_artifacts(run_id, folder, _EVIDENCE)


def read_measured(client: "MlflowClient", version: "ModelVersion") -> dict[str, Measured]:
    """Fetch the scorecards and the judgements that a version was registered with.

    Args:
        client: Client of the store.
        version: The version.

    Returns:
        Benchmark → what was measured, the headline first.

    Raises:
        RecordError: A file is missing or broken, is of a version before 0.2, or is not what was registered.
    """
    measured = read_unchecked(client, version)
    student, digest = version.tags.get("student", "?"), version.tags.get("model.digest", "")
    complaints = [broken_evidence(each, name, student, digest) for name, each in measured.items()]
    for complaint in filter(None, [*complaints, *unlike_registered(version, measured).values()]):
        raise RecordError(f"version {version.version}: {complaint}")
    return measured


def read_unchecked(client: "MlflowClient", version: "ModelVersion") -> dict[str, Measured]:
    """Fetch what `read_measured` does, for who says itself what is wrong with it.

    Args:
        client: Client of the store.
        version: The version.

    Returns:
        Benchmark → what was measured, the headline first.

    Raises:
        RecordError: A file is missing or broken, or is of a version before 0.2.
    """
    from mlflow.exceptions import MlflowException

    names = version.tags.get(NAMED, "").split()
    if not names:
        raise RecordError(
            f"version {version.version} was registered before 0.2, its scorecard is not read any more; {_AGAIN}"
        )
    with tempfile.TemporaryDirectory() as folder:
        try:
            home = Path(client.download_artifacts(str(version.run_id), _EVIDENCE, folder))
            return {name: _read(home / name) for name in names}
        except (OSError, ValueError, RecordError, RecursionError, MlflowException) as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise RecordError(
                f"version {version.version}: the scorecards that the registry keeps of it cannot be read "
                f"({reason}); {_AGAIN}"
            ) from None


def unlike_registered(version: "ModelVersion", measured: Mapping[str, Measured]) -> dict[str, str]:
    """Say what the registry keeps of a version that is not what it was registered with, as its tags have it.

    Args:
        version: The version.
        measured: What the registry keeps of it.

    Returns:
        Benchmark → one sentence that names what differs, and the command that mends it; no entry where nothing does.
    """
    found = {}
    for name, tags in seals(measured).items():
        if differing := next((key for key, value in tags.items() if version.tags.get(key) != value), ""):
            found[name] = (
                f"the registry keeps a scorecard on {name} with {differing} {tags[differing]}, version "
                f"{version.version} was registered with {version.tags.get(differing, 'none')}; {_AGAIN}"
            )
    return found


def _read(folder: Path) -> Measured:
    decoder = msgspec.json.Decoder(Judgement)
    card = Scorecard.from_dict(json.loads((folder / _CARD).read_bytes()))
    with (folder / _JUDGEMENTS).open("rb") as file:
        return Measured(card, [decoder.decode(line) for line in file])
