"""Adoption of a foreign model, with a report that says where it comes from."""

from typing import Any

from quintain.datasets import ForeignModel


def adopt_model(foreign: ForeignModel) -> tuple[ForeignModel, dict[str, Any]]:
    """Take a foreign model over as it is: the model, and where it comes from in place of a report of its training."""
    report = {
        "source": foreign.source,
        "revision": foreign.revision,
        "source_digest": foreign.digest,
        "licence": foreign.licence,
    }
    return foreign, report
