"""Servers for the tests of the protocol: real processes, in a home of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lsp_client import LspClient


@pytest.fixture
def home(tmp_path):
    """A home folder without any setting, and nothing of the developer's own."""
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def environment(home):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CELLWRIGHT_", "XDG_"))}
    return {**kept, "HOME": str(home), "IPYTHONDIR": str(home / "ipython")}


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "ws"
    folder.mkdir()
    return folder


@pytest.fixture
async def launch(environment):
    """Start servers; those that a failed test leaves behind are ended."""
    clients = []

    async def start(*arguments, **variables):
        client = LspClient({**environment, **variables})
        clients.append(client)
        await client.start(*arguments)
        return client

    yield start
    for client in clients:
        client.kill()
        client.process._transport.close()
