"""Write the badges of README into docs/assets: what pyproject.toml says, as pictures that no host has to draw.

Run it after a change of version, licence or Python: `python docs/generate_badges.py`. A test fails when one is behind.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
ASSETS = ROOT / "docs" / "assets"
_CHARACTER = 6.6
"""Mean width of a character in pixels, at 11 pixels of DejaVu Sans or Verdana."""


def badges() -> dict[str, str]:
    """Name of a file in docs/assets → its picture."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source = (ROOT / "src/quintain/__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', source, flags=re.MULTILINE)
    python = re.fullmatch(r">=(3\.\d+),<3\.(\d+)", project["requires-python"])
    if version is None or python is None:
        raise ValueError("the version or the range of Python is written in another way; see docs/generate_badges.py")
    return {
        "badge-version.svg": badge("version", version[1], "#0969da"),
        "badge-python.svg": badge("Python", f"{python[1]} to 3.{int(python[2]) - 1}", "#3776ab"),
        "badge-licence.svg": badge("licence", project["license"], "#1a7f37"),
        "badge-telemetry.svg": badge("telemetry", "off", "#1a7f37"),
    }


def badge(left: str, right: str, colour: str) -> str:
    """A badge of two words, grey and coloured."""
    first, second = (round(len(text) * _CHARACTER) + 12 for text in (left, right))
    middle, last = first / 2, first + second / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="20" role="img" '
        f'aria-label="{left}: {right}">\n'
        f'<clipPath id="r"><rect width="{first + second}" height="20" rx="4"/></clipPath>\n'
        f'<g clip-path="url(#r)"><rect width="{first}" height="20" fill="#555"/>'
        f'<rect x="{first}" width="{second}" height="20" fill="{colour}"/></g>\n'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{middle:g}" y="14">{left}</text><text x="{last:g}" y="14">{right}</text></g>\n</svg>\n'
    )


if __name__ == "__main__":
    for name, picture in badges().items():
        (ASSETS / name).write_text(picture, encoding="utf-8")
