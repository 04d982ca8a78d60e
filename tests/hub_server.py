"""A hub on loopback that takes models, as much of the Hugging Face hub as an upload asks for."""

import asyncio
import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field

from aiohttp import web

TOKEN = "hf_of_the_test"  # noqa: S105 - of a stub


@dataclass
class Repository:
    """A repository of the stub."""

    private: bool
    commits: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


class HubServer:
    """The hub, in a thread of this process; files with weights go the way of large files."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.large: dict[str, bytes] = {}
        self.refuses_commits = False
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()), daemon=True)

    def __enter__(self) -> "HubServer":
        self._thread.start()
        assert self._ready.wait(timeout=100)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        app = web.Application(client_max_size=1 << 28, middlewares=[self._let_in])
        app.router.add_get("/api/whoami-v2", self._whoami)
        app.router.add_get("/api/models/{owner}/{name}", self._info)
        app.router.add_post("/api/repos/create", self._create)
        app.router.add_post("/api/validate-yaml", self._validate)
        app.router.add_post("/api/models/{owner}/{name}/preupload/main", self._preupload)
        app.router.add_post("/{owner}/{name}.git/info/lfs/objects/batch", self._large_files)
        app.router.add_put("/large/{oid}", self._put)
        app.router.add_post("/api/models/{owner}/{name}/commit/main", self._commit)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._end.wait()
        await runner.cleanup()

    @web.middleware
    async def _let_in(self, request: web.Request, handler) -> web.StreamResponse:
        if request.method != "PUT" and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "Invalid user token."}, status=401)
        return await handler(request)

    def _of(self, request: web.Request) -> str:
        return f"{request.match_info['owner']}/{request.match_info['name']}"

    async def _whoami(self, _: web.Request) -> web.Response:
        return web.json_response({"type": "user", "name": "me", "orgs": []})

    async def _info(self, request: web.Request) -> web.Response:
        found = self.repositories.get(self._of(request))
        if found is None:
            return web.json_response({"error": "no"}, status=404, headers={"X-Error-Code": "RepoNotFound"})
        return web.json_response({"id": self._of(request), "private": found.private, "siblings": [], "tags": []})

    async def _create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        name = f"{asked.get('organization') or 'me'}/{asked['name']}"
        if name in self.repositories:
            return web.json_response({"error": "You already created this model repo", "url": name}, status=409)
        private = asked.get("private", False) or asked.get("visibility") == "private"
        self.repositories[name] = Repository(private)
        return web.json_response({"url": f"{self.address}/{name}", "name": name, "id": name})

    async def _validate(self, _: web.Request) -> web.Response:
        return web.json_response({"errors": [], "warnings": []})

    async def _preupload(self, request: web.Request) -> web.Response:
        files = (await request.json())["files"]
        modes = [
            {"path": file["path"], "shouldIgnore": False,
             "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular"}
            for file in files
        ]  # fmt: skip
        return web.json_response({"files": modes})

    async def _large_files(self, request: web.Request) -> web.Response:
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.address}/large/{one['oid']}", "header": {}}}}
            for one in (await request.json())["objects"]
        ]
        return web.json_response({"transfer": "basic", "objects": objects})

    async def _put(self, request: web.Request) -> web.Response:
        body = await request.read()
        assert hashlib.sha256(body).hexdigest() == request.match_info["oid"]
        self.large[request.match_info["oid"]] = body
        return web.Response()

    async def _commit(self, request: web.Request) -> web.Response:
        if self.refuses_commits:
            return web.json_response({"error": f"storage is full, {TOKEN}"}, status=403)
        found = self.repositories[self._of(request)]
        for line in (await request.text()).splitlines():
            said = json.loads(line)
            value = said["value"]
            if said["key"] == "header":
                found.commits.append(value["summary"])
            elif said["key"] == "file":
                found.files[value["path"]] = base64.b64decode(value["content"])
            else:
                found.files[value["path"]] = self.large[value["oid"]]
        url = f"{self.address}/{self._of(request)}/commit/abc"
        return web.json_response({"success": True, "commitOid": "a" * 40, "commitUrl": url})
