"""Frames on the wire, and what is no frame."""

import io
import os
import subprocess
import sys
import threading

import pytest

from cellwright.lsp.transport import Outbox, frames


def frame(body, header=b"Content-Length: %d\r\n\r\n"):
    return header % len(body) + body


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: %d\r\n\r\n",
        b"content-length:%d\r\n\r\n",
        b"Content-Length: %d\n\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: %d\r\nContent-Type: x\r\n\r\n",
    ],
)
def test_headers_in_every_form(header):
    body = b"{}"
    assert list(frames(io.BytesIO(frame(body, header) * 2))) == [body, body]


def test_a_body_may_hold_anything():
    body = b"\r\n\r\nContent-Length: 3\r\n\r\n" + "é".encode()
    assert list(frames(io.BytesIO(frame(body)))) == [body]


def test_noise_between_frames_is_skipped():
    stream = b"hello\r\n\r\nContent-Length: x\r\n" + frame(b"[]") + b"\x00\xff\n" + frame(b"{}")
    assert list(frames(io.BytesIO(stream))) == [b"[]", b"{}"]


@pytest.mark.parametrize("stream", [b"", b"Content-Length: 9\r\n", b"Content-Length: 9\r\n\r\nab"])
def test_the_end_in_the_middle_of_a_frame_is_the_end(stream):
    assert list(frames(io.BytesIO(stream))) == []


def test_the_outbox_keeps_the_order_and_does_not_wait_for_the_reader():
    read, write = os.pipe()
    outbox = Outbox(os.fdopen(write, "wb"), broken=lambda: None)
    parts = [bytes([65 + i % 26]) * 50_000 for i in range(20)]
    for part in parts:  # a megabyte, far more than a pipe holds: this must not block
        outbox.write(part)
    received = []
    reader = threading.Thread(target=lambda: received.append(os.fdopen(read, "rb").read(1_000_000)))
    reader.start()
    reader.join(30)
    outbox.close()
    assert received == [b"".join(parts)]


def test_the_outbox_tells_when_the_reader_is_gone():
    read, write = os.pipe()
    broken = threading.Event()
    outbox = Outbox(os.fdopen(write, "wb"), broken=broken.set)
    os.close(read)
    outbox.write(b"x")
    assert broken.wait(30)
    outbox.close()


def test_nothing_else_can_write_to_stdout_or_read_stdin():
    program = """
import os, subprocess, sys
from cellwright.lsp.transport import claim_stdio
stdin, stdout = claim_stdio()
print("a stray print")
os.write(1, b"a stray write")
subprocess.run([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"])
stdout.write(stdin.read())
stdout.flush()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], input=b"protocol", capture_output=True, timeout=60
    )
    assert done.stdout == b"protocol"
    assert b"a stray print" in done.stderr
    assert b"a stray write" in done.stderr
    assert b"''" in done.stderr
