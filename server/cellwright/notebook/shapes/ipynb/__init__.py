"""The `.ipynb` shape: text in, text out, and every byte that an edit does not touch as it was."""

from cellwright.notebook.shapes.ipynb.read import IpynbFile, parse
from cellwright.notebook.shapes.ipynb.runs import with_runs
from cellwright.notebook.shapes.ipynb.scan import NotebookFormatError
from cellwright.notebook.shapes.ipynb.write import new, render, text_edits, update

__all__ = [
    "IpynbFile",
    "NotebookFormatError",
    "new",
    "parse",
    "render",
    "text_edits",
    "update",
    "with_runs",
]
