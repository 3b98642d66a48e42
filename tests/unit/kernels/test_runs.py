import asyncio

from cellwright.kernels.outputs import OutputLimits
from cellwright.kernels.protocol import (
    DisplayUpdated,
    Finished,
    OutputAdded,
    OutputsCleared,
    Started,
)
from cellwright.kernels.runs import Run, RunLog, record
from cellwright.kernels.wire import Message
from cellwright.notebook.run import CellError, Output


def text(value, name="stdout"):
    return Output("stream", name, value)


def display(value):
    return Output("display_data", data={"text/plain": value}, text=value)


def printed(value):
    return Message("stream", "", {"name": "stdout", "text": value}, size=len(value))


def shown(value, display_id=None, kind="display_data"):
    content = {"data": {"text/plain": value}, "transient": {"display_id": display_id}}
    return Message(kind, "", content, size=len(value))


def folded(*events):
    log = RunLog("cell", "source", started=100.0, clock=iter([5.0, 7.5]).__next__)
    for event in events:
        log.add(event)
    return log.record()


class TestRecord:
    def test_text_of_one_stream_in_a_row_is_joined(self):
        run = folded(
            OutputAdded(text("a")),
            OutputAdded(text("b")),
            OutputAdded(text("e", "stderr")),
            OutputAdded(text("c")),
            Finished("completed", 4),
        )
        assert run.outputs == (text("ab"), text("e", "stderr"), text("c"))

    def test_what_was_cut_is_summed(self):
        cut = Output("stream", "stdout", "[cut]", cut=7)
        assert folded(OutputAdded(text("a")), OutputAdded(cut)).outputs[0].cut == 7

    def test_cleared_outputs_are_gone(self):
        run = folded(OutputAdded(text("a")), OutputsCleared(), OutputAdded(text("b")))
        assert run.outputs == (text("b"),)

    def test_an_update_changes_every_display_of_its_id(self):
        run = folded(
            OutputAdded(display("1"), "x"),
            OutputAdded(display("other"), "y"),
            OutputAdded(display("2"), "x"),
            DisplayUpdated("x", display("3")),
        )
        assert [output.text for output in run.outputs] == ["3", "other", "3"]

    def test_the_end_is_recorded(self):
        error = CellError("E", "e")
        run = folded(Started(3), Finished("failed", None, error))
        assert (run.status, run.error, run.execution_count) == ("failed", error, 3)
        assert (run.started, run.duration) == (100.0, 2.5)

    def test_a_run_without_an_end_died(self):
        assert folded(Started(3)).status == "died"


async def finish(run, status="completed"):
    run.finish(Finished(status))
    return await record("cell", "", run.events())


class TestRun:
    async def test_a_clear_that_waits_comes_with_the_next_output(self):
        run = Run(None, OutputLimits())
        run.message(printed("a"))
        run.message(Message("clear_output", "", {"wait": True}))
        run.message(printed("b"))
        run.message(Message("clear_output", "", {"wait": True}))
        assert (await finish(run)).outputs == (text("b"),)

    async def test_events_nobody_has_taken_are_merged(self):
        run = Run(None, OutputLimits())
        for number in range(10_000):
            run.message(Message("clear_output", "", {"wait": False}))
            run.message(printed(str(number)))
            run.message(shown("x", "id", "update_display_data"))
        run.finish(Finished("completed"))
        events = [event async for event in run.events()]
        assert [type(event) for event in events] == [
            OutputsCleared,
            OutputAdded,
            DisplayUpdated,
            Finished,
        ]
        assert events[1].output.text == "9999"

    async def test_waiting_text_is_joined_into_one_event(self):
        run = Run(None, OutputLimits())
        for number in range(5):
            run.message(printed(str(number)))
        run.finish(Finished("completed"))
        events = [event async for event in run.events()]
        assert events == [OutputAdded(text("01234")), Finished("completed")]

    async def test_what_was_left_out_is_said_before_the_end(self):
        run = Run(None, OutputLimits(text=3))
        run.message(printed("abcdef"))
        (output,) = (await finish(run)).outputs
        assert output.text.startswith("abc\n[output beyond 3 characters")
        assert "3 characters were left out" in output.text
        assert output.cut == 3

    async def test_reply_and_idle_end_a_run_in_either_order(self):
        idle = Message("status", "", {"execution_state": "idle"})
        reply = Message("execute_reply", "", {"status": "ok"})
        run = Run(None, OutputLimits())
        over = asyncio.ensure_future(run.over())
        run.message(idle)
        await asyncio.sleep(0)
        assert not over.done()
        run.reply(reply)
        await asyncio.wait_for(over, 1)

    async def test_a_lost_idle_does_not_hold_up_a_run(self):
        run = Run(None, OutputLimits())
        run.reply(Message("execute_reply", "", {"status": "ok"}))
        await asyncio.wait_for(run.over(), 30)

    async def test_a_listener_that_leaves_costs_nothing_more(self):
        run = Run(None, OutputLimits())
        run.message(printed("a"))
        events = run.events()
        await anext(events)
        await events.aclose()
        run.message(printed("b"))
        assert not run._pending
