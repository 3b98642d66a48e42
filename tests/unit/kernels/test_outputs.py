import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright.kernels import wire
from cellwright.kernels.outputs import Cap, OutputLimits, from_message
from cellwright.notebook.run import Output

LIMITS = OutputLimits(text=10, data=100, displays=2)


def stream(text, name="stdout"):
    return Output("stream", name, text)


def test_output_within_the_limits_is_left_alone():
    cap = Cap(LIMITS)
    output = stream("0123456789")
    assert cap.admit(output, 10) is output
    assert cap.summary() == []


def test_text_beyond_the_limit_is_cut_announced_and_counted():
    cap = Cap(LIMITS)
    cap.admit(stream("01234"), 5)
    crossing = cap.admit(stream("56789abc"), 8)
    assert crossing.text.startswith("56789\n[output beyond 10 characters")
    assert cap.admit(stream("more"), 4) is None
    (notice,) = cap.summary()
    assert (notice.name, notice.cut) == ("stdout", 7)
    assert "7 characters were left out" in notice.text


def test_both_streams_share_the_limit_and_are_counted_apart():
    cap = Cap(LIMITS)
    cap.admit(stream("0123456789"), 10)
    assert cap.admit(stream("ab", "stderr"), 2).text.startswith("\n[output beyond")
    assert cap.admit(stream("abc"), 3) is None
    assert {notice.name: notice.cut for notice in cap.summary()} == {"stderr": 2, "stdout": 3}


def test_a_display_too_large_is_replaced_by_a_notice():
    cap = Cap(LIMITS)
    large = Output("display_data", data={"image/png": "x" * 200})
    shown = cap.admit(large, 200)
    assert shown.kind == "display_data"
    assert shown.cut == 200
    assert "200 bytes" in shown.data["text/plain"]
    small = Output("display_data", data={"text/plain": "x"})
    assert cap.admit(small, 20) is small


def test_displays_beyond_the_number_are_counted():
    cap = Cap(LIMITS)
    display = Output("display_data", data={"text/plain": "x"})
    assert [cap.admit(display, 1) for _ in range(4)] == [display, display, None, None]
    (notice,) = cap.summary()
    assert "2 further displays" in notice.text


def test_cleared_outputs_no_longer_count():
    cap = Cap(LIMITS)
    cap.admit(stream("0123456789abc"), 13)
    cap.cleared()
    output = stream("0123456789")
    assert cap.admit(output, 10) is output
    assert cap.summary() == []


@pytest.mark.parametrize("kind", ["status", "comm_msg", "execute_input", "error"])
def test_other_messages_are_no_outputs(kind):
    assert from_message(kind, {}) is None


def test_a_result_has_its_plain_text_and_its_bundle():
    data = {"text/plain": "1", "text/html": "<b>1</b>"}
    output = from_message("execute_result", {"data": data, "metadata": {"a": 1}})
    assert (output.kind, output.text, output.data) == ("execute_result", "1", data)
    assert output.metadata == {"a": 1}


@given(st.text(min_size=1), st.booleans(), st.integers(min_value=40, max_value=60))
def test_the_beginning_of_a_stream_message_is_a_prefix_of_its_text(text, ascii_only, limit):
    raw = json.dumps({"name": "stdout", "text": text * 20}, ensure_ascii=ascii_only)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "_LARGE", limit)
        beginning = wire.stream_beginning(memoryview(raw.encode("utf-8", "surrogatepass")))
    assert beginning["name"] == "stdout"
    assert (text * 20).startswith(beginning["text"])


def test_a_stream_message_of_another_form_is_not_cut():
    assert wire.stream_beginning(memoryview(b'{"text": "a", "name": "stdout"}')) is None
