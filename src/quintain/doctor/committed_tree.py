"""Uncommitted changes, with which no student of a run can win a title."""

from collections.abc import Iterator, Mapping

from quintain.doctor.finding import Finding, good, warning
from quintain.doctor.plan import Plan
from quintain.registry.lineage import git_state

_REGISTERS = "register_"


def committed_tree(plan: Plan) -> Iterator[Finding]:
    """See that what a run registers can be traced back to a commit, where `clean_tree` of the gate asks for one."""
    policies = [file.content for file in plan.files.of("promotion") if isinstance(file.content, Mapping)]
    asked = [policy["clean_tree"] for policy in policies if "clean_tree" in policy][-1:]
    if asked != [True] or not any((node.namespace or "").startswith(_REGISTERS) for node in plan.pipeline.nodes):
        return
    commit, dirty = git_state(plan.root)
    if dirty:
        yield warning(
            "git",
            "there are uncommitted changes, so that no student of this run can win a title",
            "`git commit --all` first, or set `clean_tree: false`",
            plan.files.place("promotion", ("clean_tree",)),
        )
    elif commit:
        yield good("git", f"what is registered is made of commit {commit[:12]}")
