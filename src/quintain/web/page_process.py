"""A process of its own for pages that may take a parser long: it is ended when a page has had its time.

Parsers in C cannot be interrupted from within, and some take time with the square of what a page holds. The time is
the processor's, so that a busy machine loses no page. The process is started at the first such page and serves all
that follow.
"""

import atexit
import contextlib
import json
import math
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from typing import IO, Any

from quintain import limits
from quintain.web.ingestion_params import Profile

OWN_PROCESS_BYTES = 200_000
"""A larger page is read in the process of its own."""
OWN_PROCESS_TAGS = 8_000
"""So is one with more tags."""

_LENGTH = struct.Struct("<Q")
_START = "from quintain.web.page_process import serve; serve()"
_ENDING_SECONDS = 1


class PageLostError(Exception):
    """The process ended over a page; `reason` is the word for the funnel."""

    def __init__(self, reason: str, said: str) -> None:
        super().__init__(said)
        self.reason = reason


def is_wanted(html: bytes | str) -> bool:
    """True for a page that is large, or has many tags."""
    mark: Any = b"<" if isinstance(html, bytes) else "<"
    return len(html) > OWN_PROCESS_BYTES or html.count(mark) > OWN_PROCESS_TAGS


def ask(job: str, html: bytes | str, profile: Profile, charset: str = "") -> dict[str, Any]:
    """Have the process read a page.

    Args:
        job: `page` for text and metadata, `text` for the text alone.
        html: The page.
        profile: `quality` or `bulk`.
        charset: Character set of the HTTP header, for bytes.

    Returns:
        What it answered: the fields of a reading, or `reason` and `said` of a page that cannot be read.

    Raises:
        PageLostError: The page took longer than `PAGE_SECONDS`, or its process broke.
    """
    is_text = isinstance(html, str)
    head = {"job": job, "profile": profile, "charset": charset, "is_text": is_text, "seconds": limits.PAGE_SECONDS}
    body = html.encode("utf-8", "surrogatepass") if isinstance(html, str) else html
    with _locks.setdefault(os.getpid(), threading.Lock()):
        process = _process()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            _send(process.stdin, json.dumps(head).encode())
            _send(process.stdin, body)
            answer = _receive(process.stdout)
        except BrokenPipeError:
            answer = b""
        except BaseException:
            _end()  # what it would still answer belongs to no page
            raise
        if answer:
            found: dict[str, Any] = json.loads(answer)
            return found
        _end()
    if process.returncode == -signal.SIGXCPU:
        raise PageLostError("too-slow", f"a page took more than {limits.PAGE_SECONDS:g} seconds (PAGE_SECONDS)")
    raise PageLostError("unreadable", f"the parser broke on a page: its process ended with {process.returncode}")


def serve() -> None:
    """Read pages from the standard input until it ends."""
    import resource

    from quintain.web import profiles

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    while head := _receive(source):
        asked = json.loads(head)
        body = _receive(source)
        html = body.decode("utf-8", "surrogatepass") if asked["is_text"] else body
        end = math.ceil(time.process_time() + asked["seconds"])
        resource.setrlimit(resource.RLIMIT_CPU, (end if most == resource.RLIM_INFINITY else min(end, most), most))
        _send(target, json.dumps(profiles.answer(asked["job"], html, asked["profile"], asked["charset"])).encode())


_locks: dict[int, threading.Lock] = {}
"""Process id → the lock that has its threads ask one at a time; a forked process has one of its own."""
_running: dict[int, subprocess.Popen[bytes]] = {}
"""Process id → the process that it started; a forked process starts one of its own."""


def _process() -> subprocess.Popen[bytes]:
    process = _running.get(os.getpid())
    if process is None or process.poll() is not None:
        _end()
        paths = os.pathsep.join(path for path in sys.path if path)
        process = subprocess.Popen(  # noqa: S603 - this very Python, no shell
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )
        _running[os.getpid()] = process
    return process


def _end() -> None:
    process = _running.pop(os.getpid(), None)
    if process is None:
        return
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe:
                pipe.close()
    # It ends by itself when its input does; one that is busy with a page is no longer needed.
    try:
        process.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


atexit.register(_end)


def _send(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    head = pipe.read(_LENGTH.size)
    return pipe.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
