"""Notebooks of nbformat 1 to 3, upgraded to 4 by the nbformat library."""

from __future__ import annotations

from cellwright.notebook.shapes.ipynb.scan import NotebookFormatError


def upgraded(text: str, major: int) -> str:
    """Return an old notebook as text of nbformat 4.5; the same file gives the same text.

    Raises `NotebookFormatError`.
    """
    # nbformat brings jsonschema: only old files pay for it.
    import nbformat
    from nbformat import v4

    try:
        old = nbformat.reader.reads(text.removeprefix("\ufeff"))  # type: ignore[no-untyped-call]
        notebook = nbformat.convert(old, 4)  # type: ignore[no-untyped-call]
        for index, cell in enumerate(notebook.cells):
            cell.id = f"cell-{index + 1}"  # nbformat draws them at random
        return str(v4.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]
    except (
        nbformat.ValidationError,
        nbformat.reader.NotJSONError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise NotebookFormatError(
            f"This notebook of the old format {major} could not be upgraded: {error}. "
            "Try `jupyter nbconvert --to notebook`, or open and save it in Jupyter."
        ) from None
