"""The lessons: notebooks that come with the package, to be listed and to be copied."""

import os
import re
from contextlib import suppress
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

from autograd.disk import replace
from nn.interrupts import uninterrupted
from viz.cli.user_input import UsageError

# In what pip installs they lie in the package, in the repository beside it.
PLACES = tuple(Path(__file__).parents[up] / "notebooks" for up in (1, 2))

WIDTH, INDENT = 88, "    "  # of the list


class Lesson(NamedTuple):
    """A pair of files: the notebook, and beside it the text that it is made from."""

    number: int
    title: str
    promise: str  # its first sentence, which says what one will be able to do
    notebook: Path


def lessons() -> list[Lesson]:
    """All of them, in their order. Raises UsageError where none came with the package."""
    for place in PLACES:
        if texts := sorted(place.glob("[0-9][0-9]_*.py")):
            return [_lesson(text) for text in texts]
    raise UsageError("no lessons came with this copy of stepgrad: pip install it again")


def _lesson(text: Path) -> Lesson:
    """What the head of a lesson says: a title, and a paragraph below it."""
    _, _, told = text.read_text(encoding="utf-8").partition("\n# # ")
    title, _, body = told.partition("\n")
    lines = [line.removeprefix("#").strip() for line in body.splitlines()]
    paragraph = re.split(r"\n{2,}", "\n".join(lines).strip())[0].replace("\n", " ")
    promise = re.split(r"(?<=[.!?])\s", paragraph)[0]
    return Lesson(
        int(text.name[:2]),
        _plain(re.sub(r"^(Lesson )?\d+\s*[:.·–—-]*\s*", "", title)),
        _plain(promise),
        text.with_suffix(".ipynb"),
    )


def _plain(markdown: str) -> str:
    return re.sub(r"[*`$]", "", markdown).strip()


def listing() -> str:
    """Number, title and promise of each."""
    told = [
        f"{one.number:2}  {one.title}\n"
        + fill(one.promise, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
        for one in lessons()
    ]
    return "\n".join([*told, "", "To work through them: stepgrad lessons --to FOLDER"])


def copy(to: str | os.PathLike[str]) -> list[Path]:
    """Copy the notebooks, and the data they read, into a folder, which is made if need be, and
    return their new paths.

    All are copied or none is. Raises UsageError when one of them is there already, and when the
    folder cannot be made, as where its parent is missing, or written to.
    """
    if not str(to).strip():
        raise UsageError("the folder for the lessons has no name: name one, as in --to lessons")
    folder = Path(os.path.expanduser(to))
    try:
        return _copied(folder)
    except OSError as error:
        reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
        raise UsageError(
            f"the lessons cannot be written to {folder} ({reason}): choose another folder"
        ) from None


def _copied(folder: Path) -> list[Path]:
    for place in (folder, folder.parent):
        if place.is_symlink() and not place.exists():
            raise UsageError(f"{place} is a link to nothing: choose another folder")
        if place.exists() and not place.is_dir():
            raise UsageError(f"{place} is a file: the lessons need a folder")
    if not folder.parent.is_dir():
        raise UsageError(f"there is no folder {folder.parent}: make it first")
    notebooks = [one.notebook for one in lessons()]
    data = sorted(path for path in notebooks[0].parent.iterdir() if path.suffix in (".txt", ".csv"))
    pairs = [(path, folder / path.name) for path in [*notebooks, *data]]
    for _, path in pairs:
        if path.exists():
            raise UsageError(f"{path} is there already: choose another folder")
    is_new = not folder.exists()
    try:
        with uninterrupted():
            folder.mkdir(exist_ok=True)
            for ours, path in pairs:
                replace(path, ours.read_bytes())
    except OSError:
        for _, path in pairs:
            path.unlink(missing_ok=True)
        if is_new:
            with suppress(OSError):  # it was not made yet, or somebody uses it
                folder.rmdir()
        raise
    return [path for _, path in pairs[: len(notebooks)]]
