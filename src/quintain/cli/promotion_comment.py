"""A decision of the gate as the comment of a pull request: outcome, tables, links."""

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from quintain.benchmarks.scorecard import Scorecard
    from quintain.cli.registry_store import ProjectRegistry
    from quintain.registry.promotion import Promotion


def promotion_comment(project: "ProjectRegistry", promotion: "Promotion") -> str:
    """Say what the gate decided on a version, in Markdown.

    Args:
        project: The registry that the decision was made in.
        promotion: The decision, and whether the title moved.

    Returns:
        Outcome; each benchmark with candidate and champion; the conditions; where both are, with a final newline.
    """
    from quintain.registry.decision_note import conditions

    candidate = project.version(promotion.version)
    champion = project.version(promotion.champion) if promotion.champion else None
    if champion is not None and champion.version == candidate.version:
        parts = [f"### {_label(candidate)} is the champion already"]
    else:
        parts = [_outcome(promotion, candidate, champion), *_benchmarks(project, promotion, candidate, champion)]
    if promotion.decision.verdicts:
        parts.append(f"<details><summary>Conditions</summary>\n\n{conditions(promotion.decision)}\n\n</details>")
    found = [_place(project, each) for each in (candidate, champion) if each is not None]
    return "\n\n".join([*parts, "<br>\n".join(dict.fromkeys(found))]) + "\n"


def _outcome(promotion: "Promotion", candidate: "ModelVersion", champion: "ModelVersion | None") -> str:
    outcome, label = promotion.decision.outcome, _label(candidate)
    over = f"over {_label(champion)}" if champion else "the first champion"
    if promotion.moved:
        told = "It is champion now." if outcome == "promoted" else "It was made champion by force."
    elif outcome == "promoted":
        told = f"The gate agrees, and the title has not moved: `quintain promote {candidate.version}` moves it."
    elif champion:
        told = f"The title stays with {_label(champion)}."
    else:
        told = "Nobody is champion."
    return f"### {label}: {outcome}, {over}\n\n{told}"


def _benchmarks(
    project: "ProjectRegistry", promotion: "Promotion", candidate: "ModelVersion", champion: "ModelVersion | None"
) -> list[str]:
    """A table for each benchmark, the champion's row where the two were compared, and the difference in words."""
    from quintain.reporting.paired import headline
    from quintain.reporting.table import leaderboard_table

    ours = _cards(project, candidate)
    theirs = _cards(project, champion) if champion else {}
    parts = []
    for name, card in ours.items():
        rows, said = {_label(candidate): card}, ""
        comparison = promotion.decision.comparisons.get(name)
        if comparison and champion and name in theirs:
            rows[_label(champion)] = theirs[name]
            said = f"\n\n{headline(list(rows), comparison, card)}"
        parts.append(f"**{name}**\n\n{leaderboard_table(rows)}{said}")
    return parts


def _cards(project: "ProjectRegistry", version: "ModelVersion") -> "dict[str, Scorecard]":
    """Benchmark → scorecard; none where they cannot be read, which is a condition of the gate and said there."""
    from quintain.errors import RecordError
    from quintain.registry.stored_evidence import read_unchecked

    try:
        return {name: each.scorecard for name, each in read_unchecked(project.client, version).items()}
    except RecordError:
        return {}


def _label(version: "ModelVersion") -> str:
    return f"{version.tags.get('student', '?')} v{version.version}"


def _place(project: "ProjectRegistry", version: "ModelVersion") -> str:
    """Links to the pages of a version and of its run, or their names where no server shows them."""
    from quintain.registry.store import shown

    commit = version.tags.get("git.commit", "")[:12]
    made = f", commit `{commit}`" if commit else ""
    home = _pages(project.uri)
    if not home:
        return f"{_label(version)}: version {version.version} of {project.model_name} in {shown(project.uri)}{made}"
    run = project.client.get_run(str(version.run_id)).info
    page = f"{home}/#/models/{quote(project.model_name)}/versions/{version.version}"
    files = f"{home}/#/experiments/{run.experiment_id}/runs/{run.run_id}/artifacts"
    return f"{_label(version)}: [version]({page}), [scorecards and judgements]({files}){made}"


def _pages(uri: str) -> str:
    """Address of the registry in a browser, without a password; empty where no server stands before it.

    >>> _pages("https://me:secret@mlflow.team:5000/")
    'https://mlflow.team:5000'
    >>> _pages("sqlite:///mlflow.db")
    ''
    """
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
