"""`quintain models export VERSION --to FOLDER`: a student in the formats in which others take it."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from quintain.cli.registry_store import ProjectRegistry
    from quintain.models.exporting.gguf_file import GgufCheck

_BASE = "base_model"
_GGUF = "model.gguf"


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """Wishes of whoever exports a model."""

    format: str = "hf"
    """`hf`, `gguf` or `ollama`."""
    merge: bool = False
    """Merge an adapter into its base; for GGUF it always is."""
    dtype: str = "auto"
    """Number format of merged weights; `auto`: the base's."""
    outtype: str = "auto"
    """Number format of a GGUF file."""
    converter: Path | None = None
    """llama.cpp's converter; by default the one on the PATH."""


@dataclass(frozen=True)
class _Source:
    """A model on this machine, and the version that it is of, if any."""

    folder: Path
    name: str
    project: "ProjectRegistry | None" = None
    version: "ModelVersion | None" = None

    @property
    def sampling(self) -> dict[str, Any]:
        """Sampling that it was scored with; greedy for a folder."""
        from dataclasses import asdict

        from quintain.models.language_model import Sampling

        if self.version is None:
            return asdict(Sampling())
        return asdict(Sampling()) | dict(json.loads(self.version.tags["sampling"]))


@click.command("export")
@click.argument("wanted", metavar="VERSION|ALIAS|FOLDER")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="New folder, or an empty one.")
@click.option(
    "--format", "kind", type=click.Choice(("hf", "gguf", "ollama")), default="hf", show_default=True,
    help="hf: a folder that transformers, vLLM and SGLang load; gguf: for llama.cpp; ollama: that, and a Modelfile.",
)  # fmt: skip
@click.option(
    "--merge", is_flag=True, help="Merge an adapter into its base, if the logits stay what they are; gguf always does."
)
@click.option(
    "--dtype", type=click.Choice(("auto", "float32", "bfloat16", "float16")), default="auto", show_default=True,
    help="Number format of merged weights; auto: the base's.",
)  # fmt: skip
@click.option(
    "--outtype", type=click.Choice(("auto", "f32", "f16", "bf16", "q8_0")), default="auto", show_default=True,
    help="Number format of a GGUF file; auto: 16 bits.",
)  # fmt: skip
@click.option(
    "--converter", type=click.Path(path_type=Path),
    help="llama.cpp's convert_hf_to_gguf.py, where it is not on the PATH.",
)  # fmt: skip
def command(
    wanted: str,
    folder: Path,
    kind: str,
    merge: bool,
    dtype: str,
    outtype: str,
    converter: Path | None,
) -> None:
    """Export a registered version or a model folder, with chat template, end tokens, card and scorecard.

    The folder takes its name only when it is whole. An adapter is merged only when base and adapter together, and the
    merged folder that was written, give the same logits; else it is refused, and nothing is left.
    """
    from quintain.quiet_tools import hide_progress_bars

    hide_progress_bars()
    options = ExportOptions(format=kind, merge=merge, dtype=dtype, outtype=outtype, converter=converter)
    _require_fitting(options)
    for line in export_model(wanted, folder, options):
        click.echo(line)


def export_model(wanted: str, folder: Path, options: ExportOptions) -> list[str]:
    """Export a model into a folder, which takes its name only when it is whole.

    Args:
        wanted: Number or alias of a version, or a model folder.
        folder: What is made; new, or empty.
        options: Wishes.

    Returns:
        Lines on what was made.

    Raises:
        ConfigError: The folder holds something already.
        RegistryError: There is no such version, or its weights are nowhere to be found.
        ModelError: The model cannot be merged or converted without saying something else.
        RecordError: The disk refused.
    """
    from quintain.datasets.atomic import written
    from quintain.models.exporting.gguf_file import find_converter
    from quintain.models.finite import require_finite

    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise ConfigError(f"{folder} holds something already; name a folder that is new or empty")
    converter = [] if options.format == "hf" else find_converter(options.converter)  # before anything is copied
    with _opened(wanted) as source, written(folder) as made:
        require_finite(source.folder)
        made.mkdir()
        if options.format == "hf":
            lines, merged = _lay_folder(source.folder, made, options)
            loading = _of_adapter() if not merged and (made / _BASE).is_dir() else ""
        else:
            lines, merged, loading = _lay_gguf(source, made, options, converter)
        _lay_evidence(source, made, merged=merged, loading=loading)
    return [f"{source.name} is in {folder}", *lines]


def _require_fitting(options: ExportOptions) -> None:
    if options.format == "hf" and (options.outtype != "auto" or options.converter):
        raise ConfigError("--outtype and --converter are for --format gguf or ollama; leave them out, or name one")
    if options.format == "hf" and options.dtype != "auto" and not options.merge:
        raise ConfigError("--dtype is the number format of merged weights; add --merge, or leave it out")


@contextmanager
def _opened(wanted: str) -> Iterator[_Source]:
    if Path(wanted).is_dir() or "/" in wanted:
        from quintain.models.folder import require_model

        require_model(Path(wanted))
        yield _Source(Path(wanted), Path(wanted).resolve().name)
        return
    from quintain.cli.registry_store import project_registry
    from quintain.registry.kept import kept_weights
    from quintain.registry.weights import Weights, find_weights

    project = project_registry()
    version = project.version(wanted)
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        weights = Weights.from_tags(version.tags)
        found = find_weights(weights, project.root, scratch / "dvc", kept_weights(version, scratch / "stored"))
        yield _Source(found, f"Version {version.version} of {project.model_name}", project, version)


def _lay_folder(source: Path, target: Path, options: ExportOptions) -> tuple[list[str], bool]:
    """Lay a model in Hugging Face layout; lines on it, and whether an adapter was merged."""
    from quintain.models.exporting.merging import merge_adapter
    from quintain.models.folder import ADAPTER_NOTE, base_of, folder_digest, is_adapter

    if not is_adapter(source):
        _copy_model(source, target)
        return (["It is a whole model already, so --merge had nothing to do"] if options.merge else []), False
    if options.merge:
        merged = merge_adapter(source, target, options.dtype)
        untied = "; input and output embedding were one and are two now" if merged.untied else ""
        return [
            f"The adapter is merged in {merged.number_format}: the logits differ by {merged.error:.2g} where it moves "
            f"them by {merged.effect:.2g}{untied}"
        ], True
    base = base_of(source)
    _copy_model(source, target)
    (target / _BASE).mkdir()
    _copy_model(base, target / _BASE)
    # Seen from the adapter: wherever the folder goes, the two stay together.
    note = {"path": _BASE, "digest": folder_digest(target / _BASE)}
    (target / ADAPTER_NOTE).write_text(json.dumps(note, indent=2), encoding="utf-8")
    stored = target / "adapter_config.json"
    settings = json.loads(stored.read_text(encoding="utf-8")) | {"base_model_name_or_path": _BASE}
    stored.write_text(json.dumps(settings, indent=2, sort_keys=True), encoding="utf-8")
    return [f"It is an adapter; its base lies below it, in {_BASE} (--merge makes one model of them)"], False


def _lay_gguf(
    source: _Source, target: Path, options: ExportOptions, converter: list[str]
) -> tuple[list[str], bool, str]:
    """Lay a GGUF file and, for Ollama, a Modelfile; lines on it, whether an adapter was merged, how to load it."""
    from quintain.models.exporting.gguf_file import write_gguf
    from quintain.models.exporting.modelfile import modelfile, ollama_template

    with tempfile.TemporaryDirectory(prefix=".whole.", dir=target) as scratch:
        whole = Path(scratch) / source.folder.resolve().name
        whole.mkdir()
        merging = ExportOptions(merge=True, dtype=options.dtype)
        lines, merged = _lay_folder(source.folder, whole, merging)
        check = write_gguf(whole, target / _GGUF, converter, options.outtype, str(source.folder))
        lines = [*(lines if merged else []), _checked(check)]
        if options.format == "gguf":
            return lines, merged, f"```bash\nllama-cli -m {_GGUF} -cnv\n```"
        template = ollama_template(whole, adds_bos=check.header.adds_bos)
        text = modelfile(_GGUF, whole, template, source.sampling)
    (target / "Modelfile").write_text(text, encoding="utf-8")
    lines.append("`ollama create NAME -f Modelfile`, called in that folder, takes it in")
    return lines, merged, "```bash\nollama create NAME -f Modelfile\nollama run NAME\n```"


def _checked(check: "GgufCheck") -> str:
    stored = f"{_GGUF}: {check.header.architecture}, {check.header.quantisation}"
    if check.error is None:
        return f"{stored}; its logits were not compared, for it could not be read back here ({check.why_unread})"
    return f"{stored}; its logits differ from the folder's by {check.error:.1%} of their spread"


def _copy_model(source: Path, target: Path) -> None:
    """Copy what makes a model what it is, and its terms."""
    from quintain.models.folder import model_files

    for path in (*model_files(source), *source.glob("LICENSE*"), *source.glob("NOTICE*")):
        if path.is_file() and not (target / path.name).exists():
            shutil.copyfile(path, target / path.name)


def _lay_evidence(source: _Source, target: Path, *, merged: bool, loading: str) -> None:
    from quintain.cli.model_export import write_evidence
    from quintain.reporting.folder_card import folder_card

    if source.project is not None and source.version is not None:
        write_evidence(source.project, source.version, target, merged=merged, loading=loading)
        return
    own = source.folder / "README.md"
    if own.is_file() and not merged and not loading:
        shutil.copyfile(own, target / own.name)
        return
    from quintain.models.folder import folder_digest
    from quintain.models.importing.model_report import read_report

    report = read_report(source.folder)
    card = folder_card(
        source.name,
        digest=folder_digest(source.folder),
        start=report.source if report else "",
        licence=report.licence if report else "",
        merged=merged,
        loading=loading,
    )
    (target / "README.md").write_text(card, encoding="utf-8")


def _of_adapter() -> str:
    return (
        "```python\n"
        "from peft import PeftModel\n"
        "from transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
        'tokenizer = AutoTokenizer.from_pretrained(".")\n'
        f'model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("{_BASE}"), ".")\n'
        "```"
    )
