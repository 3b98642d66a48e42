"""Who may set what: privileged settings come from the user, never from a workspace."""

import json

import pytest

from cellwright.lsp import settings
from cellwright.lsp.settings import SETTINGS, Settings, overlay, users_own

PRIVILEGED = {"kernel": "evil", "trials": "always"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(settings, "user_file", lambda: tmp_path / "settings.json")
    for name in ("KERNEL", "TRIALS", "FIX_SECONDS", "CODE_LENS"):
        monkeypatch.delenv(f"CELLWRIGHT_{name}", raising=False)
    return tmp_path


def test_a_workspace_cannot_choose_an_interpreter_or_a_permission(caplog):
    assert overlay(Settings(), PRIVILEGED, trusted=False) == Settings()
    assert "kernel" in caplog.text
    assert "evil" not in caplog.text


def test_exactly_what_chooses_an_interpreter_or_a_permission_is_privileged():
    assert {name for name, s in SETTINGS.items() if s.privileged} == set(PRIVILEGED)


def test_the_user_can():
    chosen = users_own(PRIVILEGED)
    assert chosen.session.kernel_name == "evil"
    assert chosen.trials == "always"


def test_a_workspace_can_set_the_rest():
    sent = {"codeLens": True, "diagnostics": False, "fixSeconds": 5, "automaticFixes": False}
    chosen = overlay(Settings(), sent, trusted=False)
    assert (chosen.code_lens, chosen.diagnostics) == (True, False)
    assert chosen.session.fix_seconds == 5
    assert chosen.session.trials_automatic is False


def test_file_then_editor_then_environment(nothing_set, monkeypatch):
    (nothing_set / "settings.json").write_text(
        json.dumps({"kernel": "file", "fixSeconds": 1, "trials": "never"})
    )
    assert users_own(None).session.kernel_name == "file"
    chosen = users_own({"kernel": "editor", "fixSeconds": 2})
    assert (chosen.session.kernel_name, chosen.session.fix_seconds) == ("editor", 2)
    assert chosen.trials == "never"
    monkeypatch.setenv("CELLWRIGHT_KERNEL", "env")
    monkeypatch.setenv("CELLWRIGHT_FIX_SECONDS", "3.5")
    monkeypatch.setenv("CELLWRIGHT_CODE_LENS", "true")
    chosen = users_own({"kernel": "editor", "fixSeconds": 2})
    assert (chosen.session.kernel_name, chosen.session.fix_seconds) == ("env", 3.5)
    assert chosen.code_lens is True


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        "text",
        {"unknown": 1},
        {"codeLens": "perhaps"},
        {"fixSeconds": -1},
        {"fixSeconds": float("nan")},
        {"fixSeconds": 10**9},
        {"fixSeconds": True},
        {"fixSeconds": []},
        {"kernel": 3},
        {"trials": "sure"},
        {"diagnostics": None},
    ],
)
def test_what_cannot_be_used_is_left_out(values):
    assert overlay(Settings(), values, trusted=True) == Settings()


@pytest.mark.parametrize("content", ["{", "[]", "3", ""])
def test_a_broken_file_of_the_users_is_no_reason_to_fail(nothing_set, content):
    (nothing_set / "settings.json").write_text(content)
    assert users_own(None) == Settings()
