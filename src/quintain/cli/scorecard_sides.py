"""Find the scorecard and the judgements that a user means: a file, a student, a version, an alias."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from quintain.benchmarks.scorecard import Scorecard
from quintain.cli.json_lines import read_lines
from quintain.data_root import reports_root
from quintain.errors import ConfigError, RecordError
from quintain.records import Judgement
from quintain.registry.evidence import complaint_of
from quintain.registry.settings import find_project
from quintain.reporting.page import Side
from quintain.text.json_lines import read_json

_CARD = "scorecard.json"


def project_root() -> Path | None:
    """The project around the current folder, None outside of one."""
    try:
        return find_project(Path.cwd())
    except ConfigError:
        return None


def find_sides(wanted: Sequence[str], judgements: Sequence[Path], root: Path | None) -> list[Side]:
    """Find one model or two.

    Args:
        wanted: What the user typed for each.
        judgements: Files of verdicts for those that are scorecard files, in order.
        root: The project; None outside.

    Returns:
        One side per model, under names that differ.

    Raises:
        ConfigError: There is no such model, or there are more files of verdicts than scorecard files.
        RecordError: A file is missing, broken, or its verdicts do not give its scorecard's numbers.
    """
    named = iter(judgements)
    sides = [_find(each, named, root) for each in wanted]
    if next(named, None) is not None:
        raise ConfigError("--judgements goes with scorecard files, one for each, in the order of A and B")
    for side, spec in zip(sides, wanted, strict=True):
        _check_numbers(side, spec)
    if len({side.name for side in sides}) < len(sides):
        sides = [
            Side(f"{side.name} ({place})", side.scorecard, side.judgements)
            for side, place in zip(sides, "AB", strict=True)
        ]
    return sides


def measured_on(wanted: str, root: Path | None) -> list[str]:
    """Benchmarks that a student or a version was measured on.

    Args:
        wanted: What the user typed.
        root: The project; None outside.

    Returns:
        Their names, the headline first; none for a file, or where the user names a benchmark.

    Raises:
        ConfigError: There is no such version.
    """
    path = Path(wanted)
    if root is None or path.suffix == ".json" or path.is_file() or "/" in wanted:
        return []
    found = {each.parent.name for each in (reports_root(root) / wanted).glob(f"*/{_CARD}")}
    if found:
        declared = [name for name in _declared(root) if name in found]
        return [*declared, *sorted(found - set(declared))]
    if (reports_root(root) / wanted / _CARD).is_file():
        return []
    from quintain.cli.registry_store import project_registry
    from quintain.registry.measured import NAMED

    version = project_registry().version(wanted)
    return str(version.tags.get(NAMED, "")).split()


def _find(wanted: str, judgements: Iterator[Path], root: Path | None) -> Side:
    path = Path(wanted)
    if path.suffix == ".json" or path.is_file():
        return _from_files(path, next(judgements, None) or _beside(path))
    if root is None:
        raise ConfigError(
            f"{wanted!r} is no scorecard file, and {Path.cwd()} is in no Quintain project whose students and versions "
            "have names; give FILE.json, or change into a project"
        )
    student = _card_of(root, wanted)
    if student is not None:
        side = _from_files(student, _beside(student))
        return Side(wanted, side.scorecard, side.judgements)
    return _from_registry(wanted, root)


def _card_of(root: Path, wanted: str) -> Path | None:
    """Scorecard of a student, on the headline benchmark where none is named."""
    home = reports_root(root) / wanted
    if (home / _CARD).is_file():
        return home / _CARD
    found = {path.parent.name: path for path in home.glob(f"*/{_CARD}")}
    first = next((name for name in _declared(root) if name in found), None)
    return found[first] if first else next((found[name] for name in sorted(found)), None)


def _declared(root: Path) -> list[str]:
    """Benchmarks of the lifecycle that a plain run of the project takes, the headline first."""
    import yaml

    from quintain.environment import layers

    # An environment's lifecycle.yml stands in the place of that of conf/base.
    own = [path for layer in layers(root) if (path := root / "conf" / layer / "lifecycle.yml").is_file()]
    document = yaml.safe_load(own[-1].read_text(encoding="utf-8")) if own else {}
    named = (document or {}).get("benchmarks", [])
    return [str(name) for name in named] if isinstance(named, list) else []


def _beside(scorecard: Path) -> Path:
    """File of a scorecard's verdicts: beside it, or in a project's own layer for them."""
    beside = scorecard.with_name("judgements.jsonl")
    layer = Path(*("07_model_output" if part == "08_reporting" else part for part in beside.parts))
    return beside if beside.is_file() or not layer.is_file() else layer


def _from_files(scorecard: Path, judgements: Path) -> Side:
    document = read_json(scorecard)
    try:
        card = Scorecard.from_dict(document)
    except RecordError as error:
        raise RecordError(f"{scorecard}: {error}. What `quintain score` writes is no such card") from None
    if not judgements.is_file():
        raise RecordError(f"{judgements} does not exist; name the verdicts behind {scorecard} with --judgements FILE")
    return Side(card.model, card, read_lines(judgements, Judgement))


def _from_registry(wanted: str, root: Path) -> Side:
    from quintain.cli.registry_store import project_registry
    from quintain.registry.promotion import find_version, holder
    from quintain.registry.registration import versions
    from quintain.registry.stored_evidence import read_measured

    project = project_registry()
    wanted, _, benchmark = wanted.partition("/")
    if re.fullmatch(r"v?\d+", wanted):
        version = find_version(project.client, project.model_name, wanted)
    else:
        found = holder(project.client, project.model_name, wanted)
        if found is None:
            raise ConfigError(
                f"there is no model {wanted!r}: no scorecard file, no student with a scorecard (there are "
                f"{_listed(_students(root))}), no alias of {project.model_name} (there are "
                f"{_listed(_aliases(project.client, project.model_name))}) and no version (there are "
                f"{_listed(str(one.version) for one in versions(project.client, project.model_name))})"
                f"{project.environment_hint(wanted)}"
            )
        version = found
    measured = read_measured(project.client, version)
    if benchmark and benchmark not in measured:
        raise ConfigError(
            f"version {version.version} was not measured on {benchmark!r}; there are {', '.join(measured)}"
        )
    side = measured[benchmark or next(iter(measured))]
    name = f"{version.tags.get('student', side.scorecard.model)} v{version.version}"
    return Side(f"{name}, {benchmark}" if benchmark else name, side.scorecard, side.judgements)


def _students(root: Path) -> list[str]:
    home = reports_root(root)
    return sorted(path.parent.relative_to(home).as_posix() for path in home.rglob("scorecard.json"))


def _aliases(client: Any, name: str) -> list[str]:
    from mlflow.exceptions import MlflowException

    try:
        return sorted(client.get_registered_model(name).aliases)
    except MlflowException:
        return []


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"


def _check_numbers(side: Side, wanted: str) -> None:
    """Stop when verdicts and scorecard come from two different evaluations."""
    if complaint := complaint_of(side.scorecard, side.judgements):
        raise RecordError(
            f"{wanted}: the judgements do not belong to the scorecard: {complaint}; evaluate the model again, or name "
            "the right verdicts with --judgements"
        )
