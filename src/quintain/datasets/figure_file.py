"""Pictures that are saved whole or not at all."""

from kedro_datasets.matplotlib import MatplotlibDataset

from quintain.datasets.atomic import WholeSave


class FigureDataset(WholeSave, MatplotlibDataset):  # type: ignore[misc]  # kedro_datasets ships without types
    """Kedro's Matplotlib dataset for one figure, with a save that leaves the former file where it fails.

    Example:
        ```yaml
        "{student}.radar":
          type: quintain.datasets.FigureDataset
          filepath: data/08_reporting/{student}/radar.png
        ```
    """
