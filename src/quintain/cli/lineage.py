"""`quintain lineage ROW_ID`: from a row of data to what it was made from, and to the models trained on it."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.tree import Tree

    from quintain.datasets.descent import Descent, Source
    from quintain.registry.learners import Learner
    from quintain.registry.lineage import Lineage

_WIDE = 400


@click.command("lineage")
@click.argument("row_id")
def command(row_id: str) -> None:
    """Follow the row with ROW_ID both ways: up to what it was made from, down to the versions trained on it.

    All files of records of an environment are read, that of KEDRO_ENV or else the versioned one, and those of former
    runs that DVC's cache still has.
    """
    from rich.console import Console

    from quintain.cli.registry_store import project_registry
    from quintain.cli.training_data import record_files
    from quintain.datasets.descent import follow
    from quintain.environment import asked_environment, versioned_environment
    from quintain.errors import RecordError
    from quintain.registry.ancestry import read_lineage
    from quintain.registry.learners import find_learners

    project = project_registry()
    lineages = [(version, read_lineage(project.client, version)) for version in reversed(project.versions())]
    records, learnt = record_files(project.root)
    names, sources = _sources(project.root, records, [lineage for _, lineage in lineages])
    descent = follow(row_id, sources.values())
    if row_id not in descent.places:
        environment = asked_environment(project.root) or versioned_environment(project.root)
        raise RecordError(
            f"no row has the id {row_id!r}: looked into {len(sources)} files of the environment "
            f"{environment}, others are read under KEDRO_ENV; ids are the field `id` of a row, "
            "16 hexadecimal digits"
        )

    def rows_in(path: str, md5: str) -> set[str] | None:
        source = sources.get(md5)
        return None if source is None else {each for each in descent.descendants if source in descent.places[each]}

    learners = find_learners(lineages, learnt, rows_in)
    console = Console()
    wide = console if console.is_terminal else Console(width=_WIDE)
    wide.print(_tree(row_id, descent, names, _calls(project.root, descent), learners))


def _sources(
    root: Path, records: set[str], lineages: "list[Lineage]"
) -> "tuple[dict[Source, list[str]], dict[str, Source]]":
    """Names of every content, and DVC's hash → that content: what lies in the project, and what only the cache has."""
    from quintain.cli.training_data import record_format
    from quintain.datasets.descent import Source
    from quintain.registry.dvc_stages import dvc_md5
    from quintain.registry.learners import recorded_hashes

    names: dict[Source, list[str]] = {}
    sources: dict[str, Source] = {}
    for path in sorted(records):
        if (root / path).is_file():
            source = sources.setdefault(dvc_md5(root / path), Source(root / path, record_format(path)))
            names.setdefault(source, []).append(path)
    kept = _cache(root)
    for lineage in lineages:
        for path, md5 in recorded_hashes(lineage).items():
            if path in records and md5 and md5 not in sources and kept and (file := Path(kept(md5))).is_file():
                sources[md5] = Source(file, record_format(path))
                names[sources[md5]] = [f"{path} as it was ({md5[:8]})"]
    return names, sources


def _cache(root: Path) -> Any:
    """Path of a hash in DVC's cache; None where the project is not under DVC."""
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    try:
        with Repo(str(root)) as repo:
            return repo.cache.local.oid_to_path
    except NotDvcRepoError:
        return None


def _calls(root: Path, descent: "Descent") -> dict[str, str]:
    """Id of a call to a model among the ancestors → who was asked with which prompt."""
    import yaml

    from quintain.environment import layers
    from quintain.models.trace import trace
    from quintain.records import Origin, Record

    ledger = root / "data/ledger.sqlite"
    for layer in layers(root):
        file = root / "conf" / layer / "parameters_roles.yml"
        named = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
        ledger = root / (named or {}).get("roles", {}).get("ledger", ledger)
    asked = tuple({each for parents in descent.parents.values() for each in parents} - descent.parents.keys())
    if not asked or not ledger.is_file():
        return {}
    calls = trace(Record(id="row", origin=Origin(parents=asked)), ledger)
    return {call.request.id: f"call to {call.role} {call.model} with {call.request.prompt}" for call in calls}


def _tree(
    row_id: str, descent: "Descent", names: "dict[Source, list[str]]", calls: dict[str, str], learners: "list[Learner]"
) -> "Tree":
    from rich.text import Text
    from rich.tree import Tree

    def places(each: str) -> list[str]:
        return sorted(name for source in descent.places.get(each, ()) for name in names[source])

    def told(each: str) -> str:
        if each in calls:
            return f"{each} {calls[each]}"
        first, *others = places(each) or ["nowhere here"]
        return f"{each} in {first}" + (f" and {len(others)} more" if others else "")

    def climb(place: Tree, each: str) -> None:
        for parent in descent.parents.get(each, ()):
            climb(place.add(Text(told(parent))), parent)

    root = Tree(Text(f"row {row_id}", style="bold"))
    files = root.add(Text("lies in", style="cyan"))
    for name in places(row_id):
        files.add(Text(name))
    if descent.parents.get(row_id):
        climb(root.add(Text("made from", style="cyan")), row_id)
    below = Counter(places(each)[0] for each in descent.descendants - {row_id})
    if below:
        rows = root.add(Text(f"{below.total():,} rows descend from it", style="cyan"))
        for name, count in sorted(below.items()):
            rows.add(Text(f"{count:,} in {name}"))
    models = root.add(Text("models", style="cyan"))
    for learner in learners:
        models.add(Text(_verdict(learner)))
    return root


def _verdict(learner: "Learner") -> str:
    from quintain.registry.registration import students_of

    name = f"version {learner.version.version} ({' = '.join(students_of(learner.version))})"
    said = [f"trained on {count:,} of these rows in {path}" for path, count in learner.read.items()]
    said += [f"descends from version {parent}, which did" for parent in learner.inherits]
    said += [
        f"not known of {path}: its content {md5 or 'of that time'} is neither there nor in DVC's cache"
        for path, md5 in learner.unknown.items()
    ]
    return f"{name}: {'; '.join(said) or 'did not learn from it'}"
