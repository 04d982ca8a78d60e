"""`quintain serve` as a process of its own, and clients that misbehave."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

HELLO = [{"role": "user", "content": "Hello"}]


class ServerProcess:
    """A server on a free port; a context manager that kills what is left of it."""

    def __init__(self, folder, *options, **environment):
        self.name = Path(folder or "").name
        served = [str(folder)] if folder else []
        command = [sys.executable, "-m", "quintain", "serve", *served, "--port", "0", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
        )
        said = self.process.stdout.readline()
        assert " answers at " in said, self.process.stderr.read()
        self.place = urlsplit(said.split(" answers at ")[1].split(";")[0]).netloc

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def call(self, path, body=None, **headers):
        """Status and text of a reply; headers by their names with _ for -."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(http.client.HTTPConnection(self.place, timeout=120)) as client:
            client.request(
                "POST" if data is not None else "GET", path, data, {"Content-Type": "application/json", **named}
            )
            reply = client.getresponse()
            return reply.status, reply.read().decode()

    def complete(self, messages=HELLO, **more):
        """Status and JSON of a chat."""
        status, text = self.call("/v1/chat/completions", self.body(messages, **more))
        return status, json.loads(text)

    def body(self, messages=HELLO, **more):
        return {"model": self.name, "messages": messages, "max_tokens": 4, **more}

    def connect(self):
        """A bare connection."""
        host, port = self.place.rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout=120)

    def begin(self, body, sent=None):
        """A connection on which a request was sent, or the first bytes of its body."""
        data = json.dumps(body).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {self.place}\r\nContent-Type: application/json\r\n"
        connection = self.connect()
        connection.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data[:sent])
        return connection

    def metric(self, name):
        """Value of a metric."""
        lines = self.call("/metrics")[1].splitlines()
        return next(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"{name} "))

    def peak_bytes(self):
        """The most memory that it ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
