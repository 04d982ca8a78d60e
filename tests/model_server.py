"""A small server of OpenAI's routes, run as a command: `python model_server.py PORT [--name NAME] [options]`.

It answers every chat with its own arguments, so that a test sees what the command was filled in with.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--name", action="append", default=[], help="A model of the list.")
    parser.add_argument("--silent-seconds", type=float, default=0.0, help="Time until /health says that it is ready.")
    parser.add_argument("--deaf", action="store_true", help="SIGTERM does not end it.")
    parser.add_argument("--worker", action="store_true", help="Start another process, as engines do.")
    parser.add_argument("--last-calls", type=int, default=-1, help="After so many chats it exits with status 9.")
    parser.add_argument("--pids", default="", help="File that gets the ids of its processes.")
    return parser.parse_known_args()[0]


class Server(ThreadingHTTPServer):
    def __init__(self, options):
        super().__init__(("127.0.0.1", options.port), Handler)
        self.options = options
        self.started = time.monotonic()
        self.left = options.last_calls


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def reply(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            ready = time.monotonic() - self.server.started >= self.server.options.silent_seconds
            self.reply(200 if ready else 503, {})
        elif self.path == "/v1/models":
            self.reply(200, {"data": [{"id": name} for name in self.server.options.name]})
        else:
            self.reply(404, {})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.left == 0:
            sys.stderr.write("CUDA out of memory, as it were\n")
            sys.stderr.flush()
            os._exit(9)
        self.server.left -= 1
        message = {"role": "assistant", "content": " ".join([asked["model"], *sys.argv[2:]])}
        usage = {"prompt_tokens": 3, "completion_tokens": 2}
        self.reply(200, {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage})


def main():
    options = read_options()
    if options.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pids = [os.getpid()]
    if options.worker:
        pids.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid)
    if options.pids:
        with Path(options.pids).open("a") as file:
            file.write("".join(f"{pid}\n" for pid in pids))
    Server(options).serve_forever()


if __name__ == "__main__":  # pytest imports every module of the tests for its examples
    main()
