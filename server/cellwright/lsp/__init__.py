"""The room that knows LSP: `cellwright lsp` over stdio."""

from __future__ import annotations

from pathlib import Path


def serve(log_level: str = "warning", log_file: Path | None = None) -> int:
    """Serve one client over stdin and stdout until it goes; return the exit code.

    `log_level` is a level name of `logging`; the log goes to `log_file`, else to stderr.
    """
    from cellwright.lsp.transport import claim_stdio

    stdin, stdout = claim_stdio()
    from cellwright.lsp.main import run

    return run(stdin, stdout, log_level=log_level, log_file=log_file)
