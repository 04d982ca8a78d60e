"""A project that has a registry and nothing in it."""

from pathlib import Path

MODEL_NAME = "quintain-student"


def empty_project(root: Path) -> Path:
    """Lay out the least that the registry's commands work in; return its folder."""
    (root / "pyproject.toml").write_text("[tool.kedro]\n")
    (root / "conf/base").mkdir(parents=True)
    (root / "conf/base/tracking.yml").write_text(
        f"uri: sqlite:///mlflow.db\nexperiment: quintain\nmodel_name: {MODEL_NAME}\n"
    )
    return root
