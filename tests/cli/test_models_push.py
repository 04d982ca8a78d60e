"""`quintain models push`: a model to a hub, in one commit, and never more public than was asked for."""

import pytest
from huggingface_hub import constants

from quintain.models.folder import folder_digest
from tests.console import quintain
from tests.hub_server import TOKEN, HubServer, Repository

# Of the library itself, about how it sends large files.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with HubServer() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield hub


def test_a_model_is_pushed_in_one_commit_to_a_private_repository(hub, tiny_student, tmp_path):
    done = quintain(tmp_path, "models", "push", tiny_student, "me/tiny")
    assert done.returncode == 0, done.stderr
    assert f"is at {hub.address}/me/tiny (private)" in done.stdout
    made = hub.repositories["me/tiny"]
    assert (made.private, len(made.commits)) == (True, 1)
    assert {"README.md", "model.safetensors", "config.json", "chat_template.jinja", "tokenizer.json"} <= set(made.files)
    home = tmp_path / "fetched"
    home.mkdir()
    for name, data in made.files.items():
        (home / name).write_bytes(data)
    assert folder_digest(home) == folder_digest(tiny_student)
    assert "pipeline_tag: text-generation" in made.files["README.md"].decode()
    # Once more: another commit, and still private.
    assert quintain(tmp_path, "models", "push", tiny_student, "me/tiny").returncode == 0
    assert (made.private, len(made.commits)) == (True, 2)


def test_a_repository_that_everybody_sees_takes_nothing_unasked(hub, tiny_student, tmp_path):
    hub.repositories["me/seen"] = Repository(private=False)
    done = quintain(tmp_path, "models", "push", tiny_student, "me/seen")
    assert (done.returncode, hub.repositories["me/seen"].files) == (1, {})
    assert "me/seen is there and public" in done.stderr
    assert "--public" in done.stderr
    done = quintain(tmp_path, "models", "push", tiny_student, "me/seen", "--public")
    assert (done.returncode, len(hub.repositories["me/seen"].commits)) == (0, 1)


def test_what_stands_in_the_way_is_one_error_before_anything_is_made(hub, tiny_student, tmp_path, monkeypatch):
    def complaint(repository="me/tiny", model=tiny_student):
        done = quintain(tmp_path, "models", "push", model, repository)
        assert done.returncode == 1
        assert TOKEN not in done.stderr
        return done.stderr

    for name in ("tiny", "a/b/c", "../x", "me/a b", "me/", "me/a--b"):
        assert "write OWNER/NAME" in complaint(name)
    assert "does not exist" in complaint(model="no/model")
    hub.refuses_commits = True
    assert "did not take the model (me/tiny)" in complaint()
    assert hub.repositories["me/tiny"].files == {}
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "cannot be asked (me/tiny)" in complaint()
    monkeypatch.delenv("HF_TOKEN")
    assert "there is no token for the hub; set HF_TOKEN" in complaint()
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert "http://127.0.0.1:1 cannot be asked" in complaint()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE is set" in complaint()
