"""Protection of DVC's cache from writes through links."""

import os
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl


class UnlinkBeforeSaveHook:
    """Breaks a link before a file is overwritten in place, since DVC's cache may be at its other end."""

    def __init__(self) -> None:
        self._catalog: Any = None

    @hook_impl
    def after_catalog_created(self, catalog: Any) -> None:
        """Keep the catalog, to look up paths."""
        self._catalog = catalog

    @hook_impl
    def before_dataset_saved(self, dataset_name: str) -> None:
        """Unlink the file when it is linked."""
        path = Path(str(getattr(self._catalog.get(dataset_name), "_filepath", "") or os.devnull))
        if path.is_file() and (path.is_symlink() or path.stat().st_nlink > 1):
            path.unlink()
