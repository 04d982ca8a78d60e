"""Names of files that are made from the names of others."""

import os

from quintain.limits import NAME_BYTES


def shown_name(name: str) -> str:
    r"""A file's name as it can be written down: bytes that are not UTF-8 are shown, as \xff.

    >>> shown_name("a\udcff.html")
    'a\\xff.html'
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def short_name(name: str) -> str:
    """The beginning of a name that leaves room for what is added to it; file systems hold 255 bytes.

    >>> short_name("pages.warc")
    'pages.warc'
    """
    return shown_name(name).encode()[:NAME_BYTES].decode("utf-8", "ignore")
