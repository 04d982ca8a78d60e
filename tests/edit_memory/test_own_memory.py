"""A model's own memory lies beside its weights, where the catalog puts it."""

from pathlib import Path

import yaml

from quintain.edit_memory import EditMemory
from quintain.edit_memory.own_memory import OwnMemory, own_memory, said_of
from quintain.methods.lte import Edit, HashedNgrams

CATALOG = Path(__file__).parents[2] / "conf/base/catalog_editing.yml"


def test_a_folder_has_the_memory_beside_it_that_the_catalog_lays_out(tmp_path, monkeypatch):
    place = yaml.safe_load(CATALOG.read_text())["{student}.edit_memory"]["filepath"]
    model = tmp_path / "06_models/lte"
    memory = Path(place.replace("${globals:data}", str(tmp_path)).replace("{student}", "lte"))
    model.mkdir(parents=True)
    memory.mkdir()
    assert own_memory(model) is None  # a folder of the name, and no memory in it
    with EditMemory.open(memory, HashedNgrams()) as opened:
        opened.add([Edit(subject="Veldmark", prompt="The mayor of Veldmark is", target_new="Ada Brook")])
        assert said_of("lte", opened) == f"lte is asked under its edit memory {memory} (1 in force)"
    monkeypatch.chdir(model.parent)
    found = [own_memory(each, "hashed-ngrams-64", 5) for each in (model, "lte", "./lte/")]
    assert found == [OwnMemory(memory, "hashed-ngrams-64", 5)] * 3
    assert own_memory(memory) is None  # a memory is no model, and has none
