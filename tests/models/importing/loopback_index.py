"""A package index on this machine, whose one wheel does not come as it should."""

import hashlib
import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

_WHEEL = "quince_model-1.0-py3-none-any.whl"
_CONTENT = b"PK" * 50_000


@contextmanager
def index_of(fault: Literal["cut", "changed"]) -> Iterator[dict[str, str]]:
    """Serve quince-model 1.0: half of its wheel, or one with another hash than the index states.

    Args:
        fault: What happens to the wheel.

    Yields:
        dict[str, str]: Settings by which pip asks this index alone.
    """
    stated = hashlib.sha256(_CONTENT if fault == "cut" else b"another one").hexdigest()
    page = f'<a href="/{_WHEEL}#sha256={stated}">{_WHEEL}</a>'.encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        """Sends the page of the package, or its wheel."""

        def do_GET(self) -> None:
            """Answer one request, and close the connection."""
            body = _CONTENT if self.path.endswith(_WHEEL) else page
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream" if body is _CONTENT else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if fault == "cut" and body is _CONTENT else body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield pip_settings(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def pip_settings(port: int) -> dict[str, str]:
    """Environment in which pip asks an index of this machine and nobody else, twice at most."""
    return {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "1",
        "PIP_RESUME_RETRIES": "1",
        "no_proxy": "127.0.0.1",
    }
