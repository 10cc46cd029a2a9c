"""Makes the notebooks of the lessons from their texts, run from top to bottom: `make outputs`.

A notebook follows from its text and from nothing else: ids are counted, times are not kept, so
running a lesson again changes only what came out differently.
"""

import re
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def blank(text: Path) -> nbformat.NotebookNode:
    """The notebook without outputs."""
    notebook = jupytext.read(text)
    for i, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{i}"
        cell.metadata.pop("lines_to_next_cell", None)
    return notebook


def with_answers(text: Path) -> nbformat.NotebookNode:
    """The notebook in which the code that is folded away in answers has cells of its own."""
    notebook = blank(text)
    for cell in list(notebook.cells):
        if cell.cell_type == "markdown":
            for answer in re.findall(r"<details>.*?</details>", cell.source, re.S):
                for code in re.findall(r"```python\n(.*?)```", answer, re.S):
                    notebook.cells.append(nbformat.v4.new_code_cell(code))
    return notebook


def executed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same notebook with outputs; raises CellExecutionError where a cell fails."""
    NotebookClient(
        notebook,
        timeout=1200,  # lesson 9 trains for minutes, and longer where others work too
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # in how many pieces a print arrives is a matter of luck
        store_widget_state=False,  # a page is kept instead, and looks the same without a network
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    ).execute()
    notebook.metadata.pop("language_info", None)  # the version of this Python
    notebook.metadata.pop("widgets", None)
    return notebook


def main(texts: list[Path]) -> None:
    for text in texts:
        print(text.name, flush=True)
        nbformat.write(executed(blank(text)), text.with_suffix(".ipynb"))


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]] or sorted(NOTEBOOKS.glob("[0-9]*.py")))
