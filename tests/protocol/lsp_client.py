"""A strict LSP client over stdio: it records all, and leaves nothing unread.

At its end it checks what ruff's harness checks: every message was expected by the test. On top of
that, no process that the server started may be left.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PATIENCE = float(os.environ.get("TEST_PATIENCE", "60"))
"""Seconds that any one thing may take: the machine may be loaded."""

MARK = "CELLWRIGHT_TEST_MARK"


class ResponseError(Exception):
    """The server answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]


class LspClient:
    """One server process, and everything it has said.

    `ignored` are notifications that are not kept; `settled` such as may be left unread, because
    each of them says a state that a later one replaces.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.mark = uuid.uuid4().hex
        self.environment = {**environment, MARK: self.mark}
        self.inbox: list[tuple[str, Any]] = []
        self.requests: list[tuple[str, Any]] = []
        self.answers: dict[str, Callable[[Any], Any]] = {}
        self.ignored: set[str] = set()
        self.settled: set[str] = set()
        self.strays: list[Any] = []
        self.stderr = b""
        self._pending: dict[Any, asyncio.Future[Any]] = {}
        self._arrived = asyncio.Event()
        self._ids = iter(range(1, 1_000_000))

    async def start(self, *arguments: str) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cellwright", "lsp", *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
        )
        self._tasks = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._drain())]

    # Sending

    def send_raw(self, body: bytes, header: bytes = b"Content-Length: %d\r\n\r\n") -> None:
        self.process.stdin.write(header % len(body) + body)

    def send(self, message: Mapping[str, Any]) -> None:
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Any]]:
        """Send a request and return its id and its answer to come."""
        number = next(self._ids)
        future = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        self.send({"id": number, "method": method, "params": params})
        return number, future

    async def request(self, method: str, params: Any = None) -> Any:
        return await asyncio.wait_for(self.begin(method, params)[1], PATIENCE)

    def cancel(self, number: Any) -> None:
        self.notify("$/cancelRequest", {"id": number})

    async def execute(self, command: Mapping[str, Any]) -> Any:
        """Execute a command as an editor does."""
        wanted = {"command": command["command"], "arguments": command.get("arguments")}
        return await self.request("workspace/executeCommand", wanted)

    # Receiving

    async def expect(self, method: str, where: Callable[[Any], bool] = lambda params: True) -> Any:
        """Wait for a notification and take it out of the inbox."""
        return (await self._take(self.inbox, method, where))[1]

    async def expect_request(
        self, method: str, where: Callable[[Any], bool] = lambda params: True
    ) -> Any:
        """Wait for a request of the server's (it has been answered) and take it out."""
        return (await self._take(self.requests, method, where))[1]

    async def diagnostics(
        self, uri: str, where: Callable[[list[Any]], bool] = lambda shown: True
    ) -> list[Any]:
        """Wait until a document shows diagnostics like these; drop what it showed before that."""

        def last(params: Any) -> bool:
            return params["uri"] == uri and where(params["diagnostics"])

        method = "textDocument/publishDiagnostics"
        params = (await self._take(self.inbox, method, last))[1]
        earlier = self._before.get(id(params), 0)
        kept = [
            entry
            for at, entry in enumerate(self.inbox)
            if at >= earlier or entry[0] != method or entry[1]["uri"] != uri
        ]
        self.inbox[:] = kept
        return params["diagnostics"]

    async def _take(
        self, box: list[tuple[str, Any]], method: str, where: Callable[[Any], bool]
    ) -> tuple[str, Any]:
        async def found() -> tuple[str, Any]:
            while True:
                for at, entry in enumerate(box):
                    if entry[0] == method and where(entry[1]):
                        del box[at]
                        self._before = {id(entry[1]): at}
                        return entry
                self._arrived.clear()
                await self._arrived.wait()

        try:
            return await asyncio.wait_for(found(), PATIENCE)
        except asyncio.TimeoutError:
            said = self.stderr.decode(errors="replace")[-3000:]
            raise AssertionError(f"no {method} came; there is {box!r}\n{said}") from None

    async def _read(self) -> None:
        stream = self.process.stdout
        try:
            while True:
                length = 0
                while (line := await stream.readline()) not in {b"\r\n", b""}:
                    name, _, value = line.partition(b":")
                    assert name.lower() in {b"content-length", b"content-type"}, line
                    if name.lower() == b"content-length":
                        length = int(value)
                if not line:
                    break
                self._received(json.loads(await stream.readexactly(length)))
                self._arrived.set()
        finally:
            for future in self._pending.values():
                if not future.done():
                    future.set_exception(ConnectionError("the server is gone"))

    def _received(self, message: Any) -> None:
        assert message["jsonrpc"] == "2.0"
        method = message.get("method")
        if method is None:
            self._answered(message)
        elif "id" not in message:
            if method not in self.ignored:
                self.inbox.append((method, message.get("params")))
        else:
            self._asked(message, method)

    def _answered(self, message: Any) -> None:
        future = self._pending.pop(message["id"], None)
        if future is None:
            self.strays.append(message)
        elif not future.done():
            if "error" in message:
                future.set_exception(ResponseError(message["error"]))
            else:
                future.set_result(message["result"])

    def _asked(self, message: Any, method: str) -> None:
        answer = self.answers.get(method)
        if answer is None:
            self.requests.append((method, message.get("params")))
            error = {"code": -32601, "message": "the test did not expect this"}
            self.send({"id": message["id"], "error": error})
            return
        result = answer(message.get("params"))
        if asyncio.iscoroutine(result):
            task = asyncio.ensure_future(result)
            task.add_done_callback(
                lambda done: self.send({"id": message["id"], "result": done.result()})
            )
            self._tasks.append(task)
        else:
            self.send({"id": message["id"], "result": result})

    async def _drain(self) -> None:
        while chunk := await self.process.stderr.read(65536):
            self.stderr += chunk

    # The end

    async def initialize(
        self,
        capabilities: Mapping[str, Any],
        folders: tuple[Path, ...] = (),
        options: Any = None,
    ) -> Any:
        listed = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        result = await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None,
                "capabilities": capabilities,
                "workspaceFolders": listed,
                "initializationOptions": options,
            },
        )
        self.notify("initialized", {})
        return result

    async def close(self) -> int:
        """Shut down in order; nothing may be left, neither messages nor processes."""
        assert await self.request("shutdown") is None
        self.notify("exit")
        code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        await self.gone()
        unread = [entry for entry in self.inbox if entry[0] not in self.settled]
        left = [*unread, *self.requests, *self.strays]
        assert left == [], f"unread: {left}"
        return code

    async def gone(self) -> None:
        """Wait until the server and all that it ever started are gone."""
        await asyncio.wait_for(self.process.wait(), PATIENCE)
        for _ in range(int(PATIENCE * 10)):
            if not (left := self.processes()):
                break
            await asyncio.sleep(0.1)
        assert left == {}, self.stderr.decode(errors="replace")[-2000:]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def processes(self) -> dict[int, str]:
        """Return the processes that carry this server's mark: pid → command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    line = (folder / "cmdline").read_bytes()
                    if line:  # a zombie has none
                        found[int(folder.name)] = line.replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def kill(self) -> None:
        """End what is left after a failed test, and only that."""
        for pid in self.processes():
            try:
                os.kill(pid, 9)
            except OSError:
                continue
