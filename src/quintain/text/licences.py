"""Licences of pages, however they are written, and a list of those that are allowed."""

import re
from collections.abc import Iterable

UNSTATED = "unstated"
"""Entry of a list that lets pages pass which name no licence."""

_CC_ADDRESS = re.compile(r"creativecommons\.org/licen[cs]es/([a-z-]+?)/(?:(\d\.\d)\b)?")
_CC_CODE = re.compile(r"\bcc[\s_-]+(by(?:[\s_-]+(?:nc|sa|nd))*)(?![a-z])(?:[\s_-]*v?(\d(?:\.\d)?))?")
_CC_ZERO = re.compile(r"publicdomain/zero|\bcc[\s_-]?(?:0|zero)(?![a-z])|creative commons zero")
_PUBLIC_DOMAIN = re.compile(r"publicdomain/mark|public[\s_-]domain|\bpdm\b")
_CC_WORDS = (("by", "attribution"), ("nc", "non-?commercial"), ("sa", "share-?alike"), ("nd", "no-?deriv"))
_VERSION = re.compile(r"(\d(?:\.\d)?)")
_OTHERS = tuple(
    (family, re.compile(pattern))
    for family, pattern in (
        ("agpl", r"\bagpl|affero"),
        ("lgpl", r"\blgpl|lesser general public"),
        ("gfdl", r"\bg?fdl\b|free documentation"),
        ("gpl", r"\bgpl|gnu general public"),
        ("mpl", r"\bmpl\b|mozilla public"),
        ("apache", r"\bapache\b"),
        ("bsd", r"\bbsd\b|\d-clause-bsd"),
        ("mit", r"\bmit\b"),
        ("isc", r"\bisc\b"),
        ("odc-by", r"\bodc[\s_-]by|open data commons attribution"),
        ("odbl", r"\bodbl\b|open database"),
        ("ogl", r"\bogl\b|open government"),
        ("unlicense", r"\bunlicense\b"),
    )
)


def licence_of(named: str) -> tuple[str, str]:
    """Recognise a licence by its address, its code or its name.

    Args:
        named: What a page or a column says.

    Returns:
        Family, such as `cc-by-sa`, and version, such as `4.0`, empty where none is said. What is not recognised is a
        family of its own, in lower case with hyphens for spaces.

    >>> licence_of("https://creativecommons.org/licenses/by-sa/4.0/deed.de"), licence_of("CC BY-NC")
    (('cc-by-sa', '4.0'), ('cc-by-nc', ''))
    >>> licence_of("Creative Commons Attribution-ShareAlike 3.0 Unported"), licence_of("MIT License")
    (('cc-by-sa', '3.0'), ('mit', ''))
    """
    text = " ".join(named.lower().split())
    if _CC_ZERO.search(text):
        return "cc0", ""
    if _PUBLIC_DOMAIN.search(text):
        return "public-domain", ""
    if found := _CC_ADDRESS.search(text if text.endswith("/") else f"{text}/") or _CC_CODE.search(text):
        return "cc-" + re.sub(r"[\s_]+", "-", found[1]), _whole(found[2] or "")
    if "creative commons" in text:
        parts = [code for code, word in _CC_WORDS if re.search(word, text)]
        if parts[:1] == ["by"]:
            version = _VERSION.search(text)
            return f"cc-{'-'.join(parts)}", _whole(version[1] if version else "")
    for family, pattern in _OTHERS:
        if pattern.search(text):
            version = None if family in ("bsd", "mit", "isc") else _VERSION.search(text)
            return family, _whole(version[1] if version else "")
    return text.replace(" ", "-"), ""


def _whole(version: str) -> str:
    return f"{version}.0" if version and "." not in version else version


def is_allowed(licence: str, allowed: Iterable[str]) -> bool:
    """True when a licence is on a list, or the list is empty.

    Args:
        licence: What the page says; empty where it says nothing.
        allowed: Licences in any spelling. One without a version stands for all its versions; `unstated` for none.

    Returns:
        Whether the page may be used.

    >>> is_allowed("https://creativecommons.org/licenses/by/4.0/", ["cc-by"]), is_allowed("CC BY-NC 4.0", ["cc-by"])
    (True, False)
    """
    allowed = tuple(allowed)
    if not allowed:
        return True
    if not licence.strip():
        return UNSTATED in allowed
    family, version = licence_of(licence)
    return any(family == one and wanted in ("", version) for one, wanted in map(licence_of, allowed))


def require_known(licences: Iterable[str]) -> None:
    """Refuse a list that could not mean what it says.

    Args:
        licences: The list.

    Raises:
        ValueError: An entry is empty, or names no family of Creative Commons that there is.
    """
    for one in licences:
        family = licence_of(one)[0] if isinstance(one, str) and one.strip() else ""
        if not family or family in ("cc", "creative-commons"):
            raise ValueError(
                f"licences must be names such as 'cc-by', 'cc-by-sa-4.0', 'cc0', 'mit' or '{UNSTATED}', got {one!r}"
            )
