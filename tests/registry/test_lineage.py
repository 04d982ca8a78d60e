"""Lineage reads git and DVC as they are."""

import subprocess

from quintain.registry.lineage import Lineage, dvc_md5, git_state


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments], cwd=folder, check=True, capture_output=True
    )


def test_a_commit_is_clean_until_tracked_code_changes(tmp_path):
    git(tmp_path, "init")
    (tmp_path / "code.py").write_text("1")
    (tmp_path / "README.md").write_text("1")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/report.json").write_text("1")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "-m", "one")
    commit, dirty = git_state(tmp_path)
    assert (len(commit), dirty) == (40, False)
    (tmp_path / "data/report.json").write_text("2")  # what a run writes is no change of code
    (tmp_path / "new.txt").write_text("untracked")
    assert git_state(tmp_path) == (commit, False)
    (tmp_path / "code.py").chmod(0o755)
    (tmp_path / "README.md").write_text("no model comes from this")
    assert git_state(tmp_path) == (commit, False)
    (tmp_path / "code.py").write_text("2")
    assert git_state(tmp_path) == (commit, True)


def test_outside_git_there_is_no_commit(tmp_path):
    assert git_state(tmp_path) == ("", False)


def test_the_hash_of_an_output_comes_from_dvc_lock(tmp_path):
    assert dvc_md5(tmp_path, "data/06_models/base") == ""
    (tmp_path / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  world:\n    cmd: x\n    outs:\n    - path: data/06_models/base\n      md5: abc.dir\n"
    )
    assert dvc_md5(tmp_path, "data/06_models/base") == "abc.dir"
    assert dvc_md5(tmp_path, "data/06_models/other") == ""


def test_empty_facts_make_no_tags():
    assert Lineage(git_commit="c", parents=("1", "2")).tags() == {
        "git.commit": "c", "git.dirty": "false", "parents": "1 2",
    }  # fmt: skip
