"""What happens when nobody expected it."""

from __future__ import annotations

import pytest

from cellwright import __main__, cli


def broken() -> None:
    raise RuntimeError("no such state\nwith details")


def test_an_unexpected_error_ends_in_a_message_and_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "main", broken)
    monkeypatch.delenv("CELLWRIGHT_DEBUG", raising=False)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "RuntimeError: no such state" in said
    assert "CELLWRIGHT_DEBUG=1" in said
    assert "Traceback" not in said


def test_its_traceback_is_shown_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "main", broken)
    monkeypatch.setenv("CELLWRIGHT_DEBUG", "1")
    with pytest.raises(RuntimeError):
        __main__.main()
