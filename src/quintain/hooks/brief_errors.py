"""An error that a user can act on is shown in one screen; its traceback is kept in a file."""

import errno
import re
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from quintain.errors import QuintainError

TRACEBACK = Path("scratch/last_traceback.txt")

# By name and by message, so that asking does not import Kedro: its errors of settings and data, never of programming.
_KEDRO_MESSAGES = ("Failed to find the pipeline named", "Pipeline does not contain", "Pipeline contains no nodes")
_NAMESPACES = "Pipeline does not contain nodes with the following namespaces"
_DISK = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EIO}
"""What a disk or its owner says, and no slip of a program."""
_KEDRO_ERRORS = {"DatasetError", "ParameterValidationError", "MissingConfigException", "KedroSessionError"}


def is_expected(error: BaseException) -> bool:
    """True when the message alone tells the user what to do."""
    return (
        isinstance(error, QuintainError)
        or (isinstance(error, OSError) and error.errno in _DISK and bool(error.filename))
        or type(error).__name__ in _KEDRO_ERRORS
        or str(error).startswith(_KEDRO_MESSAGES)
    )


def show(error: BaseException) -> None:
    """Print what happened and, in a project, where the traceback is; elsewhere no file is left behind."""
    kept = ""
    if Path("pyproject.toml").is_file():
        # A folder that takes no file has said so already, or has nothing to do with it.
        with suppress(OSError):
            TRACEBACK.parent.mkdir(exist_ok=True)
            TRACEBACK.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
            kept = f"\n(traceback: {TRACEBACK})"
    run_log = sys.modules.get("quintain.hooks.run_log")  # where there was no run, none is imported to ask
    if run_log and (log := run_log.current_log()):
        kept += f"\n(log of the run: {log})"
    print(f"\n{type(error).__name__}: {_said(error)}{kept}", file=sys.stderr)  # noqa: T201 - the last words of a process


def _said(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename:
        return (
            f"{error.filename}: {error.strerror}; fix the permissions of its folder, free some space, or work in "
            "another folder"
        )
    return f"{error}{_names_that_there_are(error)}"


def _names_that_there_are(error: BaseException) -> str:
    """For an unknown namespace the nearest ones of the pipelines; Kedro names none."""
    said = str(error)
    if not said.startswith(_NAMESPACES):
        return ""
    from kedro.framework.project import pipelines

    from quintain.field_words import unknown

    namespaces = {node.namespace for pipeline in pipelines.values() for node in pipeline.nodes if node.namespace}
    # `lion` runs `lion.almanac` too.
    known = namespaces | {name.partition(".")[0] for name in namespaces}
    asked = re.findall(r"'([^']+)'", said)
    return "".join(f"\n{unknown(name, sorted(known))}" for name in asked)


def install() -> None:
    """Show expected errors briefly when they reach the top; leave every other one to the former hook.

    Outside of a project's folder Kedro puts its own hook back, so that what runs later asks again.
    """
    former = sys.excepthook
    if getattr(former, "__module__", "") == __name__:
        return

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if is_expected(error):
            show(error)
        else:
            former(kind, error, trace)

    sys.excepthook = hook
