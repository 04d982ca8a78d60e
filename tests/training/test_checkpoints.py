"""A training finds its own whole checkpoints again and leaves nothing behind."""

import logging

import pytest
from filelock import FileLock

from quintain.errors import ConfigError
from quintain.training.checkpoints import last_checkpoint, scratch_folder


def write_checkpoint(folder, step, state='{"global_step": 1}'):
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    (path / "model.safetensors").write_bytes(b"weights")
    if state is not None:
        (path / "trainer_state.json").write_text(state)
    return path


def test_the_folder_goes_when_the_training_has_ended(tmp_path):
    with scratch_folder(tmp_path / "stage", "a1") as folder:
        (folder / "file").write_text("x")
    assert list((tmp_path / "stage").iterdir()) == []


def test_the_folder_stays_when_the_training_failed(tmp_path):
    with pytest.raises(ValueError, match="diverged"), scratch_folder(tmp_path, "a1") as folder:  # noqa: PT012
        (folder / "file").write_text("x")
        raise ValueError("diverged")
    with scratch_folder(tmp_path, "a1") as folder:
        assert (folder / "file").read_text() == "x"


def test_another_training_has_another_folder_and_is_told_of_the_first(tmp_path, caplog):
    (tmp_path / "a1").mkdir()
    with caplog.at_level(logging.INFO), scratch_folder(tmp_path, "b2") as folder:
        assert folder == tmp_path / "b2"
    assert "checkpoints of other trainings: ['a1']" in caplog.text
    assert (tmp_path / "a1").is_dir()


def test_two_at_the_same_training_are_refused(tmp_path):
    with (
        FileLock(tmp_path / "a1.lock"),
        pytest.raises(ConfigError, match=r"another process is at the same training .*a1\.lock"),
        scratch_folder(tmp_path, "a1"),
    ):
        pass


def test_the_last_whole_checkpoint_counts(tmp_path):
    assert last_checkpoint(tmp_path) is None
    write_checkpoint(tmp_path, 90)
    hundred = write_checkpoint(tmp_path, 100)  # as a number, not as text, the greater
    assert last_checkpoint(tmp_path) == hundred


@pytest.mark.parametrize("state", [None, "", '{"global_step": '])
def test_a_checkpoint_that_a_kill_cut_off_is_cleared_away(tmp_path, state):
    whole = write_checkpoint(tmp_path, 10)
    torn = write_checkpoint(tmp_path, 20, state=state)
    assert last_checkpoint(tmp_path) == whole
    assert not torn.exists()
