"""The `cellwright` command."""

from __future__ import annotations

import os
import sys

DEBUG = "CELLWRIGHT_DEBUG"
"""Set this environment variable to see the traceback of an error that nobody expected."""


def main() -> None:
    """Run the command line."""
    from cellwright.cli import main as run

    try:
        run()
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        said = str(error).partition("\n")[0][:500]
        print(
            f"cellwright: unexpected {type(error).__name__}: {said}\n"
            f"If this looks like a bug, report it with what {DEBUG}=1 cellwright … says.",
            file=sys.stderr,
        )
        sys.exit(2)


if __name__ == "__main__":
    main()
