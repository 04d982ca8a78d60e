"""Files of records that a student learns from, read from the pipelines and the catalog."""

from pathlib import Path

from quintain.environment import asked_environment
from quintain.versioning.dvc_yaml import read_project

_FORMATS = (".jsonl.gz", ".jsonl", ".parquet")
_MODEL = ".model@hf"


def record_format(path: str) -> str:
    """Ending of a file of records; empty for any other."""
    return next((each for each in _FORMATS if path.endswith(each)), "")


def record_files(root: Path) -> tuple[set[str], dict[str, set[str]]]:
    """Find the files of records of a project, in the environment asked for, or else the versioned one.

    Args:
        root: The project.

    Returns:
        All of them, by their paths from the root, and for each student those whose rows its training reads.
    """
    from kedro.pipeline import Pipeline

    project = read_project(root, asked_environment(root))
    whole = sum(project.pipelines.values(), Pipeline([]))
    paths = {
        name: str(entry["filepath"])
        for name in whole.datasets()
        if not name.startswith("params:") and "filepath" in (entry := project.catalog.resolve_pattern(name))
    }
    writers = {name: node for node in whole.nodes for name in node.outputs}

    def read_by(name: str) -> set[str]:
        """Files behind a dataset: those that its node reads, past what passes between nodes in memory."""
        found: set[str] = set()
        for read in writers[name].inputs if name in writers else ():
            found |= {paths[read]} if read in paths else read_by(read)
        return found

    students = [name for name in whole.all_outputs() if name.endswith(_MODEL)]
    learnt = {name.removesuffix(_MODEL): set(filter(record_format, read_by(name))) for name in students}
    return set(filter(record_format, paths.values())), learnt
