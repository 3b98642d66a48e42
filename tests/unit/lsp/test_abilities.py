"""Client capabilities become plain booleans, whatever the client sends."""

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellwright.lsp.abilities import Abilities, resolve

FULL = {
    "general": {"positionEncodings": ["utf-8", "utf-16"]},
    "notebookDocument": {"synchronization": {"dynamicRegistration": True}},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True},
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "codeLens": {"refreshSupport": True},
    },
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}},
            "isPreferredSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
        "publishDiagnostics": {"relatedInformation": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "window": {"workDoneProgress": True},
    "experimental": {"cellwright": {"applyNotebookEdit": True, "output": True, "status": True}},
}


def test_a_client_that_can_do_everything():
    found = resolve(FULL)
    assert found.encoding == "utf-8"
    assert all(value for value in dataclasses.asdict(found).values())


def test_a_bare_client_can_do_nothing():
    assert resolve({}) == Abilities()
    assert not any(v for k, v in dataclasses.asdict(Abilities()).items() if k != "encoding")


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-32"], "utf-32"),
        (["ebcdic", "utf-16", "utf-8"], "utf-16"),
        (["ebcdic"], "utf-16"),
        ([], "utf-16"),
        (None, "utf-16"),
        ("utf-8", "utf-16"),
        ([None, {}, "utf-8"], "utf-8"),
    ],
)
def test_the_first_encoding_of_the_clients_that_is_known(offered, chosen):
    assert resolve({"general": {"positionEncodings": offered}}).encoding == chosen


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["workspace", "textDocument", "general", "codeAction", "hover", "window"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(list(FULL)), JSON))
def test_no_oddity_of_a_client_is_an_error(capabilities):
    assert isinstance(resolve(capabilities), Abilities)
