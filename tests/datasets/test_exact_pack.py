"""A pack that is built when it is asked for."""

import pytest
from kedro.io import DataCatalog, DatasetError

from quintain.datasets.exact_pack import ExactPackDataset
from quintain.errors import ConfigError


def test_a_catalog_entry_gives_the_pack_of_its_seed():
    entry = {"type": "quintain.datasets.exact_pack.ExactPackDataset", "size": "core", "seed": 3}
    items = DataCatalog.from_config({"pack": entry}).load("pack")
    assert len(items) == 1200
    assert items != ExactPackDataset(seed=4).load()


def test_it_is_not_saved_and_has_no_other_size():
    with pytest.raises(DatasetError, match="is built from its size and seed"):
        ExactPackDataset().save([])
    with pytest.raises(ConfigError, match="there is no exact pack 'huge'; there are core, extended"):
        ExactPackDataset(size="huge")
