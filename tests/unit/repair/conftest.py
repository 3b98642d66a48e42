"""A bench for rules: cells run in a real guest until one fails, a rule proposes, candidates run."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from cellwright.kernels.environment import Environment
from cellwright.notebook.apply import apply_edit
from cellwright.notebook.model import Cell, Notebook
from cellwright.repair.diagnose import failure_of
from cellwright.repair.engine import judge
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.trials.model import Evidence, Limits, Probe, Step, Verdict
from cellwright.trials.trial import Reproduction, run_through


@dataclass(frozen=True)
class Bench:
    """A failure, what a rule proposed for it, and the guest to try that in."""

    failure: Failure
    candidates: list[Candidate]
    baseline: Reproduction

    @property
    def probe(self) -> Probe:
        return self.baseline.probe

    @property
    def titles(self) -> list[str]:
        return [candidate.title for candidate in self.candidates]

    @property
    def best(self) -> Candidate:
        """The likeliest candidate: those that guess nothing first."""
        return min(self.candidates, key=lambda c: (bool(c.guesses), -c.prior))

    def sources(self, candidate: Candidate) -> list[str]:
        """Return the sources of all cells after a candidate's edit."""
        assert candidate.edit is not None
        return [cell.source for cell in apply_edit(self.failure.notebook, candidate.edit).notebook]

    def mended(self, candidate: Candidate | None = None) -> str:
        """Return the source of the failed cell after a candidate's edit (the best one's)."""
        place = self.failure.notebook.position(self.failure.cell.id)
        return self.sources(candidate or self.best)[place]

    async def evidence(self, candidate: Candidate | None = None) -> Evidence:
        """Try a candidate (the best one) as the engine does, the guards included."""
        return await judge(self.failure, candidate or self.best, self.baseline)

    async def passes(self, candidate: Candidate | None = None) -> bool:
        """Return whether a candidate (the best one) passes its trial."""
        return (await self.evidence(candidate)).verdict is Verdict.PASSED


RunBench = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[RunBench]:
    """Return a function that runs cells until one fails, and has rules propose for it.

    `run` gives the indices of the cells in the order they run (all, in document order, by
    default); cells left out stand in the notebook without having run. `files` are written to the
    notebook's folder, `folder` (below the test's own folder), first.
    """
    async with AsyncExitStack() as stack:

        async def run_bench(
            sources: Sequence[str],
            *rules: Rule,
            run: Sequence[int] | None = None,
            files: Mapping[str, str] | None = None,
            folder: str = ".",
        ) -> Bench:
            here = tmp_path / "home" / "work" / folder
            here.mkdir(parents=True, exist_ok=True)
            for name, text in (files or {}).items():
                path = here / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            cells = tuple(Cell(f"c{i}", "code", source) for i, source in enumerate(sources))
            notebook = Notebook(cells)
            order = range(len(cells)) if run is None else run
            steps = [Step(cells[i].id, cells[i].source) for i in order]
            environment = Environment((sys.executable,), str(here))
            limits = Limits(seconds=90)
            baseline = await run_through(environment, steps, limits, lambda result: None)
            assert baseline is not None, "no cell failed"
            await stack.enter_async_context(baseline)
            error = baseline.result.error
            assert error is not None
            cell = notebook.cell(baseline.failing.cell)
            failure = failure_of(notebook, cell, error, baseline.steps)
            found = [
                candidate
                for rule in rules
                if rule.enames & {error.ename, *error.bases}
                for candidate in await rule.propose(failure, baseline.probe)
            ]
            return Bench(failure, found, baseline)

        yield run_bench
