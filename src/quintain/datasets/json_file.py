"""JSON files that are saved whole or not at all."""

from kedro_datasets.json import JSONDataset as KedroJSONDataset

from quintain.datasets.atomic import WholeSave


class JSONDataset(WholeSave, KedroJSONDataset):  # type: ignore[misc]  # kedro_datasets ships without types
    """Kedro's JSON dataset, with a save that leaves the former file where it fails.

    Example:
        ```yaml
        "{student}.scorecard":
          type: quintain.datasets.JSONDataset
          filepath: data/08_reporting/{student}/scorecard.json
        ```
    """
