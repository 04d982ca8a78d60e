"""Text files, such as pages of HTML, that are saved whole or not at all."""

from kedro_datasets.text import TextDataset as KedroTextDataset

from quintain.datasets.atomic import WholeSave


class TextDataset(WholeSave, KedroTextDataset):  # type: ignore[misc]  # kedro_datasets ships without types
    """Kedro's text dataset, with a save that leaves the former file where it fails.

    Example:
        ```yaml
        "{student}.scorecard_page":
          type: quintain.datasets.TextDataset
          filepath: data/08_reporting/{student}/scorecard.html
        ```
    """
