"""A server on loopback that speaks OpenAI's batch interface: files go up, a batch works on them, files come down.

with BatchServer(lambda body: completion("x")) as server:
    EndpointModel(EndpointSettings(address=server.address, model="m", mode="batch"), Sampling())
"""

import json
import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.endpoint_server import EndpointServer, Said, said

Answer = Callable[[dict[str, Any]], Said]


class BatchServer(EndpointServer):
    """The server; single chats are answered as well, for probes.

    Args:
        answer: What to say to the body of a chat.
        polls: Looks at a batch until it has ended.
        ends: Status in which a batch ends.
    """

    def __init__(self, answer: Answer, polls: int = 1, ends: str = "completed") -> None:
        super().__init__(lambda call: answer(call.body))
        self.answer = answer
        self.polls = polls
        self.ends = ends
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        """Last turn of every chat of every batch, in order."""
        self.failing: list[tuple[str, int]] = []
        """Next failures: method and path, and the status in place of a reply; 0 drops the connection after the work."""

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/files", self._upload)
        app.router.add_post("/v1/batches", self._create)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._look)
        app.router.add_get("/v1/files/{id}/content", self._download)
        app.middlewares.append(self._failures)

    @web.middleware
    async def _failures(self, request: web.Request, handler: Any) -> web.StreamResponse:
        here = f"{request.method} {request.path}"
        if not self.failing or not here.startswith(self.failing[0][0]):
            return await handler(request)
        status = self.failing.pop(0)[1]
        if status:
            return web.json_response({"error": {"message": "on purpose"}}, status=status)
        await handler(request)
        request.transport.abort()
        return web.Response()

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["purpose"] == "batch"
        name = f"file-{len(self.files)}"
        self.files[name] = form["file"].file.read()
        return web.json_response({"id": name, "object": "file"})

    async def _create(self, request: web.Request) -> web.Response:
        order = await request.json()
        assert order["endpoint"] == "/v1/chat/completions"
        assert order["completion_window"] == "24h"
        name = f"batch-{secrets.token_hex(4)}"
        lines = [json.loads(line) for line in self.files[order["input_file_id"]].splitlines()]
        assert len({line["custom_id"] for line in lines}) == len(lines)
        self.asked += [line["body"]["messages"][-1]["content"] for line in lines]
        self.batches[name] = {"id": name, "status": "validating", "looks": 0, "lines": lines, **order}
        return web.json_response(self._state(name))

    def _state(self, name: str) -> dict[str, Any]:
        return {key: value for key, value in self.batches[name].items() if key not in ("looks", "lines")}

    async def _list(self, request: web.Request) -> web.Response:
        names = list(self.batches)
        after = request.query.get("after")
        rest = names[names.index(after) + 1 :] if after else names
        return web.json_response({"data": [self._state(name) for name in rest[:2]], "has_more": len(rest) > 2})

    async def _look(self, request: web.Request) -> web.Response:
        batch = self.batches[request.match_info["id"]]
        batch["looks"] += 1
        if batch["looks"] < self.polls:
            batch["status"] = "in_progress"
        elif "output_file_id" not in batch:
            self._finish(batch)
        return web.json_response(self._state(batch["id"]))

    def _finish(self, batch: dict[str, Any]) -> None:
        good, bad = [], []
        for line in batch["lines"]:
            reply = self.answer(line["body"])
            if reply is None:
                continue
            response = {"status_code": reply.status, "request_id": "r", "body": json.loads(reply.body)}
            made = {"id": "x", "custom_id": line["custom_id"], "response": response, "error": None}
            (good if reply.status == 200 else bad).append(json.dumps(made))
        for field, made in (("output_file_id", good), ("error_file_id", bad)):
            name = f"file-{len(self.files)}"
            self.files[name] = "\n".join(reversed(made)).encode()
            batch[field] = name if made else None
        batch["status"] = self.ends
        if self.ends == "failed":
            batch["errors"] = {"data": [{"code": "invalid", "message": "the file is no good"}]}

    async def _download(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["id"]], content_type="application/jsonl")


def loud(body: dict[str, Any]) -> Said:
    """The last turn in capitals."""
    return said(body["messages"][-1]["content"].upper())
