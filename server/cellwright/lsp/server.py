"""The state of one connection: the client, its settings, and the documents it has open."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from cellwright.lsp.abilities import Abilities
from cellwright.lsp.consent import Answer, Consent, default_file
from cellwright.lsp.documents import Document
from cellwright.lsp.open import Open
from cellwright.lsp.progress import WorkDone
from cellwright.lsp.protocol import Protocol
from cellwright.lsp.settings import Settings
from cellwright.lsp.uris import lies_within, path_of
from cellwright.notebook.model import UnknownCell

logger = logging.getLogger(__name__)

ALLOW, ALWAYS, REFUSE = "Allow", "Always in this folder", "No"
ANSWERS: dict[str, Answer] = {ALLOW: "allow", ALWAYS: "always", REFUSE: "refuse"}

CLOSE_SECONDS = 10.0

T = TypeVar("T")


@dataclass
class TextBuffer:
    """A text that the client has open, and the task that reads a notebook in it."""

    text: str
    version: int
    reading: asyncio.Task[None] | None = None


class Server:
    """What handlers work on. All of it belongs to the event loop's thread."""

    def __init__(self, protocol: Protocol, leave: Callable[[], None]) -> None:
        self.abilities = Abilities()
        self.settings = Settings()
        self.user_settings = Settings()
        self.moments = itertools.count(1)
        self.settings_moment = 0
        self.folders: dict[str, Path] = {}
        self.texts: dict[str, TextBuffer] = {}
        self.works: dict[int | str, WorkDone] = {}
        self.initialized = False
        self.leave = leave
        self._protocol = protocol
        self._consent = Consent(default_file())
        self._documents: dict[str, Open] = {}
        self._by_cell: dict[str, Open] = {}
        self._background: set[asyncio.Task[None]] = set()

    # The client

    def notify(self, method: str, params: Any) -> None:
        """Send a notification; after `shutdown` none may be sent any more."""
        if not self._protocol.shut_down:
            self._protocol.notify(method, params)

    def structure(self, value: Any, cls: type[T]) -> T:
        """Return a value from the wire as one of our types. Raises `JsonRpcInvalidParams`."""
        structured: T = self._protocol.structure(cls, value)
        return structured

    def stop_work(self) -> None:
        """Refuse all further requests, and cancel those that run."""
        self._protocol.stop()

    async def ask(self, method: str, params: Any) -> Any:
        """Send a request and return its result, None when the client answers with an error."""
        try:
            result = await self._protocol.send_request_async(method, params)
        except JsonRpcException as error:
            logger.warning("the client refused %s: %s", method, error.code)
            return None
        return True if result is None else result

    async def approve(self, opened: Open, question: str, topic: str) -> bool:
        """Return whether the person allows something, asking once per workspace."""
        if self.settings.trials != "ask":
            return self.settings.trials == "always"
        folder = self.folder_of(path_of(opened.document.uri))
        place = str(folder) if folder is not None else opened.document.uri

        async def ask() -> Answer:
            choices = [ALLOW, ALWAYS, REFUSE] if folder is not None else [ALLOW, REFUSE]
            params = types.ShowMessageRequestParams(
                types.MessageType.Warning,
                question,
                [types.MessageActionItem(choice) for choice in choices],
            )
            chosen = await self.ask(types.WINDOW_SHOW_MESSAGE_REQUEST, params)
            return ANSWERS.get(getattr(chosen, "title", REFUSE), "refuse")

        return await self._consent.given(place, topic, ask, may_persist=folder is not None)

    def show(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a sentence to the person."""
        self.notify(types.WINDOW_SHOW_MESSAGE, types.ShowMessageParams(kind, message))

    def refresh_lenses(self) -> None:
        """Ask the client to ask again for code lenses, if it shows any."""
        if self.settings.code_lens and self.abilities.lens_refresh:
            self._protocol.send_request(types.WORKSPACE_CODE_LENS_REFRESH)

    def configure(self, settings: Settings) -> None:
        """Use other settings from now on."""
        self.settings = settings
        for opened in self._documents.values():
            opened.session.configure(settings.session)
            opened.client.redraw()
        self.refresh_lenses()

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # The documents

    def open(self, document: Document) -> Open:
        """Start to work on a document; one that was open already is closed first."""
        self.close_document(document.uri)
        path = path_of(document.uri)
        folder = self.folder_of(path)
        opened = Open(
            self,
            document,
            folder=path.parent if path is not None else next(iter(self.folders.values()), Path()),
            inside=folder is not None,
            label=path.name if path is not None else document.uri,
        )
        self._documents[document.uri] = opened
        self.know(opened, opened.document.cell_uris)
        return opened

    def know(self, opened: Open, cells: Iterable[str], removed: Iterable[str] = ()) -> None:
        """Take note of which cell documents belong to an open document."""
        for uri in removed:
            if self._by_cell.get(uri) is opened:
                del self._by_cell[uri]
        for uri in cells:
            self._by_cell[uri] = opened

    def close_document(self, uri: str) -> None:
        """Stop to work on a document. Its kernel ends in the background."""
        opened = self._documents.pop(uri, None)
        if opened is None:
            return
        self.know(opened, (), opened.document.cell_uris)
        self.in_background(opened.close())

    def find(self, uri: str) -> Open | None:
        """Return the open document that has this URI, or has a cell of this URI."""
        return self._documents.get(uri) or self._by_cell.get(uri)

    def get(self, uri: str) -> Open:
        """Return the open document of a URI. Raises `UnknownCell`."""
        opened = self.find(uri)
        if opened is None:
            raise UnknownCell(f"no notebook is open as {uri}")
        return opened

    @property
    def documents(self) -> tuple[Open, ...]:
        """All open documents."""
        return tuple(self._documents.values())

    def folder_of(self, path: Path | None) -> Path | None:
        """Return the workspace folder that a path is in, the innermost of several."""
        if path is None:
            return None
        holding = [folder for folder in self.folders.values() if lies_within(path, folder)]
        return max(holding, key=lambda folder: len(folder.parts), default=None)

    async def close(self) -> None:
        """End all sessions and their kernels, waiting a bounded time."""
        for uri in list(self._documents):
            self.close_document(uri)
        if self._background:
            await asyncio.wait(self._background, timeout=CLOSE_SECONDS)
