"""Weights are found by what they are: in the project, in the registry, in DVC; else the error says who was asked."""

import json
import subprocess
import sys

import pytest

from quintain.errors import RegistryError
from quintain.models.folder import folder_digest
from quintain.registry.dvc_stages import dvc_md5
from quintain.registry.weights import Weights, copy_weights, find_weights


def run(folder, program, *arguments):
    # dvc is the one of this very environment, whether or not it is on the path
    tool = [sys.executable, "-m", "dvc"] if program == "dvc" else [program]
    done = subprocess.run([*tool, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def model(folder, text, name="config.json"):
    folder.mkdir(parents=True)
    (folder / name).write_text("{}")
    (folder / "model.safetensors").write_text(text)
    return folder


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A project whose two models, one an adapter on the other, are in a DVC remote, and no commit knows their hash."""
    home = tmp_path_factory.mktemp("home")
    root = home / "origin"
    model(root / "data/06_models/bmc", "base")
    model(root / "data/06_models/lte", "adapter", name="adapter_config.json")
    note = {"path": "../bmc", "digest": folder_digest(root / "data/06_models/bmc")}
    (root / "data/06_models/lte/base_model.json").write_text(json.dumps(note))
    run(root, "git", "init", "-q")
    run(root, "dvc", "init", "-q")
    run(root, "dvc", "remote", "add", "-q", "-d", "store", str(home / "store"))
    run(root, "git", "add", ".dvc")
    run(root, "git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "A project")
    run(root, "dvc", "add", "-q", "data/06_models/bmc", "data/06_models/lte")
    run(root, "dvc", "push", "-q")
    return root


@pytest.fixture
def clone(origin, tmp_path):
    run(tmp_path, "git", "clone", "-q", str(origin), "clone")
    return tmp_path / "clone"


def weights_of(origin, student, base=None):
    folder = origin / "data/06_models" / student
    return Weights(f"data/06_models/{student}", folder_digest(folder), dvc_md5(folder), base)


@pytest.fixture
def adapter(origin):
    return weights_of(origin, "lte", weights_of(origin, "bmc"))


def test_weights_of_the_project_are_taken_where_they_lie(origin, tmp_path):
    found = find_weights(weights_of(origin, "bmc"), origin, tmp_path / "scratch")
    assert found == origin / "data/06_models/bmc"
    assert find_weights(weights_of(origin, "bmc"), origin / "data/08_reporting", tmp_path / "scratch") == found
    assert not (tmp_path / "scratch").exists()


def test_a_fresh_clone_takes_them_out_of_the_remote_by_their_hash(origin, clone, tmp_path):
    found = find_weights(weights_of(origin, "bmc"), clone, tmp_path / "scratch")
    assert found == tmp_path / "scratch/bmc"
    assert folder_digest(found) == weights_of(origin, "bmc").digest


def test_an_adapter_brings_its_base_to_where_it_looks_for_it(adapter, clone, tmp_path):
    from quintain.models.folder import base_of

    found = find_weights(adapter, clone, tmp_path / "scratch")
    assert folder_digest(base_of(found)) == adapter.base.digest


def test_an_adapter_whose_base_lies_elsewhere_is_used_in_place_and_never_moved(origin, clone, tmp_path):
    base = model(tmp_path / "elsewhere/base", "base")
    lora = weights_of(origin, "lte", Weights(str(base), folder_digest(base)))
    assert find_weights(lora, origin, tmp_path / "scratch") == origin / lora.path
    with pytest.raises(RegistryError, match=f"its base {base} do not both lie in the project, so they cannot be moved"):
        find_weights(lora, clone, tmp_path / "scratch")


def test_copies_keep_the_way_from_an_adapter_to_its_base(adapter, origin, tmp_path):
    found = find_weights(adapter, origin, tmp_path / "scratch")
    assert copy_weights(adapter, found, tmp_path / "copy") == tmp_path / "copy/lte"
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["bmc", "lte"]
    with pytest.raises(RegistryError, match="copy/lte exists; name another folder"):
        copy_weights(adapter, found, tmp_path / "copy")


def test_what_the_registry_stores_is_taken_before_dvc_is_asked(adapter, origin, tmp_path):
    copy_weights(adapter, origin / adapter.path, tmp_path / "stored")
    found = find_weights(adapter, tmp_path / "nowhere", tmp_path / "scratch", tmp_path / "stored")
    assert found == tmp_path / "stored/lte"


def test_other_weights_at_the_place_are_told_and_not_taken(origin, clone, tmp_path):
    other = model(clone / "data/06_models/bmc", "other")
    lost = Weights("data/06_models/bmc", "f" * 64, "0" * 32 + ".dir")
    with pytest.raises(RegistryError, match=f"holds other weights, digest {folder_digest(other)[:12]}"):
        find_weights(lost, clone, tmp_path / "scratch")


def test_a_remote_that_lacks_them_is_named_without_its_password(origin, clone, tmp_path):
    lost = Weights("data/06_models/bmc", "f" * 64, "0" * 32 + ".dir")
    with pytest.raises(
        RegistryError, match=rf"the remote store \({origin.parent}/store\) does not hold it.*`dvc push`"
    ):
        find_weights(lost, clone, tmp_path / "scratch")
    run(clone, "dvc", "remote", "add", "-q", "-d", "web", "https://me:secret@127.0.0.1:9/store")
    with pytest.raises(RegistryError) as raised:
        find_weights(lost, clone, tmp_path / "scratch")
    assert "secret" not in str(raised.value)


def test_without_a_remote_the_error_says_so(origin, clone, tmp_path):
    run(clone, "dvc", "remote", "remove", "-q", "store")
    with pytest.raises(RegistryError, match="no DVC remote is configured"):
        find_weights(weights_of(origin, "bmc"), clone, tmp_path / "scratch")


def test_outside_of_a_clone_the_error_says_where_it_looked(origin, tmp_path):
    with pytest.raises(RegistryError, match=f"could not be asked in {tmp_path}"):
        find_weights(weights_of(origin, "bmc"), tmp_path, tmp_path / "scratch")


def test_a_version_without_a_hash_can_only_lie_in_the_project(tmp_path):
    with pytest.raises(RegistryError, match="knows no hash that DVC would have them under"):
        find_weights(Weights("data/06_models/base", "f" * 64), tmp_path, tmp_path / "scratch")


def test_a_hash_that_leads_to_another_model_is_refused(origin, clone, tmp_path):
    swapped = Weights("data/06_models/bmc", "f" * 64, weights_of(origin, "bmc").dvc_md5)
    with pytest.raises(RegistryError, match="is another model"):
        find_weights(swapped, clone, tmp_path / "scratch")


@pytest.mark.parametrize("outside", ["/models/llama", "../models/llama"])
def test_an_adapter_on_a_base_outside_the_project_is_not_moved(outside, tmp_path):
    with pytest.raises(RegistryError, match="do not both lie in the project"):
        Weights("data/06_models/lte", "a", base=Weights(outside, "b")).names()


def test_weights_survive_the_pointers_configuration(adapter):
    assert Weights.from_config(json.loads(json.dumps(adapter.config()))) == adapter
