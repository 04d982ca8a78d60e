"""CSV files that are saved whole or not at all."""

from kedro_datasets.pandas import CSVDataset as KedroCSVDataset

from quintain.datasets.atomic import WholeSave


class CSVDataset(WholeSave, KedroCSVDataset):  # type: ignore[misc]  # kedro_datasets ships without types
    """Kedro's CSV dataset, with a save that leaves the former file where it fails.

    Example:
        ```yaml
        "{student}.loss_curve":
          type: quintain.datasets.CSVDataset
          filepath: data/08_reporting/{student}/loss_curve.csv
        ```
    """
