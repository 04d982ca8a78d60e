"""The two nodes that guard a dataset."""

from functools import partial, update_wrapper

from kedro.pipeline import Node, node

from quintain.quality.check import check
from quintain.quality.gate import gate


def checked(name: str, *, output: str = "") -> list[Node]:
    """Guard a dataset: `check_<name>` reports, `gate_<name>` lets it pass or stops the run.

    Nodes downstream read `<name>`, which only the gate writes, so nobody can go around it. In a pipeline with a
    namespace the four datasets move into the namespace; the catalog finds the same suite file for every student.

    >>> [node.name for node in checked("pages")]
    ['check_pages', 'gate_pages']

    Args:
        name: The dataset, without a namespace; the suite is conf/base/expectations/<name>.yml.
        output: Name under which the checked dataset goes on, where it is not `name`.

    Returns:
        Nodes from `<name>_candidate` and `<name>_suite` to `<name>_report` and `<name>`.
    """
    return [
        node(
            update_wrapper(partial(check, name), check),
            inputs=[f"{name}_candidate", f"{name}_suite"],
            outputs=f"{name}_report",
            name=f"check_{name}",
            tags=["quality"],
        ),
        node(
            gate,
            inputs=[f"{name}_candidate", f"{name}_report"],
            outputs=output or name,
            name=f"gate_{name}",
            tags=["quality"],
        ),
    ]
