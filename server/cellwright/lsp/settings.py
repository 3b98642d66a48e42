"""Settings, and who may set them: a workspace may not choose an interpreter or a permission."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import platformdirs

from cellwright.session.settings import Settings as SessionSettings

logger = logging.getLogger(__name__)

Trials = Literal["ask", "always", "never"]


@dataclass(frozen=True)
class Settings:
    """What a user has set. `trials` is the permission to run trials without a sandbox."""

    session: SessionSettings = field(default_factory=SessionSettings)
    code_lens: bool = False
    diagnostics: bool = True
    trials: Trials = "ask"


@dataclass(frozen=True)
class Setting:
    """How one name on the wire is read. `read` returns None for a value of the wrong type."""

    read: Callable[[Any], Any]
    put: Callable[[Settings, Any], Settings]
    privileged: bool = False


def _flag(value: Any) -> bool | None:
    texts = {"1": True, "true": True, "0": False, "false": False}
    return texts.get(value.lower()) if isinstance(value, str) else _only(bool, value)


def _only(kind: type, value: Any) -> Any:
    return value if isinstance(value, kind) else None


def _seconds(value: Any) -> float | None:
    try:
        number = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    return number if number is not None and 0 < number <= MAX_SECONDS else None


def _session(field: str) -> Callable[[Settings, Any], Settings]:
    return lambda settings, value: replace(
        settings, session=replace(settings.session, **{field: value})
    )


def _own(field: str) -> Callable[[Settings, Any], Settings]:
    return lambda settings, value: replace(settings, **{field: value})


MAX_SECONDS = 3600.0

SETTINGS: Mapping[str, Setting] = {
    "kernel": Setting(lambda value: _only(str, value), _session("kernel_name"), privileged=True),
    "trials": Setting(
        lambda value: value if value in ("ask", "always", "never") else None,
        _own("trials"),
        privileged=True,
    ),
    "automaticFixes": Setting(_flag, _session("trials_automatic")),
    "fixSeconds": Setting(_seconds, _session("fix_seconds")),
    "replaySeconds": Setting(_seconds, _session("replay_seconds")),
    "cellSeconds": Setting(_seconds, _session("cell_seconds")),
    "codeLens": Setting(_flag, _own("code_lens")),
    "diagnostics": Setting(_flag, _own("diagnostics")),
}
"""Name on the wire → how it is read. In the environment `fixSeconds` is CELLWRIGHT_FIX_SECONDS."""


def overlay(base: Settings, values: Any, *, trusted: bool) -> Settings:
    """Return the settings with those of a mapping on top; what cannot be read is left out.

    `trusted` says that the values come from the user or the machine. From anywhere else the
    privileged ones are ignored. The log names settings, never their values.
    """
    settings = base
    for name, value in values.items() if isinstance(values, Mapping) else ():
        setting = SETTINGS.get(name)
        if setting is None or value is None:
            continue
        if setting.privileged and not trusted:
            logger.warning("setting %s is ignored: only the user's own settings may set it", name)
            continue
        read = setting.read(value)
        if read is None:
            logger.warning("setting %s has a value that cannot be used", name)
            continue
        settings = setting.put(settings, read)
    return settings


def users_own(from_editor: Any) -> Settings:
    """Return what the user and the machine set: the user's file, the editor, the environment."""
    settings = overlay(Settings(), _from_file(), trusted=True)
    settings = overlay(settings, from_editor, trusted=True)
    return overlay(settings, _from_environment(os.environ), trusted=True)


def user_file() -> Path:
    """Return where the user's own settings are kept."""
    return Path(platformdirs.user_config_dir("cellwright")) / "settings.json"


def _from_file() -> Any:
    try:
        return json.loads(user_file().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        logger.warning("the user's settings file cannot be read: it is no JSON object")
        return {}


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    found = {name: environment.get(_variable(name)) for name in SETTINGS}
    return {name: value for name, value in found.items() if value is not None}


def _variable(name: str) -> str:
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in name)
    return f"CELLWRIGHT_{words.upper()}"
