"""Runner that uses all cores: `kedro run --runner quintain.runner.BranchRunner`."""

from quintain.runner.branches import BranchRunner

__all__ = ["BranchRunner"]
