"""Bindings of roles to the oracle of a world that a test made."""

import json
from pathlib import Path


def oracle_binding(folder, document, **settings):
    """Write the JSON of a world below a folder, and bind the oracle to it."""
    path = Path(folder) / "world.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return {"backend": "oracle", "world": str(path), **settings}
