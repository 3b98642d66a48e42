"""codeAction/resolve: fills the edit in for clients that apply it themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellwright.lsp.features.code_action import edit_of
from cellwright.lsp.server import Server
from cellwright.session.offers import OfferWithdrawn


def resolve(server: Server, action: Any) -> Any:
    """Return the action with its edit; another server's action, or one without data, as it came.

    Editors send actions here that have only a command, and show an error as a notification.
    """
    data = action.get("data") if isinstance(action, Mapping) else None
    if not isinstance(data, Mapping) or "edit" in action:
        return action
    opened = server.find(str(data.get("notebook")))
    if opened is None or "offer" not in data:
        return action
    try:
        offer = opened.session.offer(str(data["offer"]))
    except OfferWithdrawn as error:
        return {**action, "disabled": {"reason": str(error)}}
    edit = edit_of(opened.document, server.abilities, offer)
    return action if edit is None else {**action, "edit": edit}
