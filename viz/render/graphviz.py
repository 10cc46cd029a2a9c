"""Graphviz, for those who want its pictures: the `dot` program where there is one, else what is
inside pygraphviz, if that is installed."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import graphviz

from autograd.errors import AutogradError
from viz.render.svg import image_html

_one_at_a_time = threading.Lock()  # Graphviz's library is not made for threads


class LayoutError(AutogradError, RuntimeError):
    """No Graphviz here, or a source that it cannot draw."""


class Digraph(graphviz.Digraph):
    """A graphviz.Digraph that can also be rendered where there is no `dot` program, and that
    notebooks show with a text for those who do not see it."""

    alternative = "Computation graph"

    def pipe(self, format: str | None = None, *args: Any, **options: Any) -> Any:
        try:
            return super().pipe(format, *args, **options)
        except graphviz.ExecutableNotFound:
            engine = options.get("engine") or self.engine
            data = bundled(self.source, format or self.format, engine)
            encoding = options.get("encoding")
            return data.decode(encoding) if encoding else data

    def render(self, *args: Any, **options: Any) -> str:
        try:
            return super().render(*args, **options)
        except graphviz.ExecutableNotFound:
            pass  # by now the source is saved, at self.filepath
        names = ("filename", "directory", "view", "cleanup", "format")
        options.update(zip(names, args, strict=False))
        outfile = options.get("outfile")
        if outfile is None:
            format = options.get("format") or self.format
            target = Path(f"{self.filepath}.{format}")
        else:
            target = Path("" if options.get("directory") else self.directory, outfile)
            format = options.get("format") or target.suffix[1:]
        target.write_bytes(bundled(self.source, format, options.get("engine") or "dot"))
        if options.get("cleanup"):
            Path(self.filepath).unlink()
        if options.get("view") or options.get("quiet_view"):
            graphviz.view(str(target), quiet=bool(options.get("quiet_view")))
        return str(target)

    def _repr_mimebundle_(self, *args: Any, **options: Any) -> dict[str, str]:
        shown = super()._repr_mimebundle_(*args, **options)
        if svg := shown.get("image/svg+xml"):
            shown["text/html"] = image_html(svg, self.alternative)
        return shown


def whose() -> str:
    """Which Graphviz draws here."""
    if shutil.which("dot"):
        return "the program dot"
    return "the one inside pygraphviz" if find_spec("pygraphviz") else "none"


def bundled(source: str, format: str, engine: str = "dot") -> bytes:
    """The source drawn as svg, png, pdf, … by the Graphviz inside pygraphviz, which starts no
    program. Raises LayoutError where it cannot."""
    try:
        import pygraphviz
    except ImportError as error:
        raise LayoutError(
            "no Graphviz to draw with: install the program `dot`, or `pip install pygraphviz`"
        ) from error
    with _one_at_a_time, _complaints() as complaints:
        try:
            graph = pygraphviz.AGraph(string=source)
            try:
                return graph.draw(format=format, prog=engine)
            finally:
                graph.close()
        except Exception as error:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").strip()
            raise LayoutError(f"Graphviz could not draw this: {said or error}") from error


@contextmanager
def _complaints() -> Iterator[IO[bytes]]:
    """What C code writes to standard error meanwhile: mostly noise about fonts, sometimes the
    line of a mistake. `sys.stderr` knows nothing of it, so file descriptor 2 itself is moved."""
    with tempfile.TemporaryFile() as file:
        try:
            stderr = os.dup(2)
        except OSError:  # a program without a console has none
            yield file
            return
        os.dup2(file.fileno(), 2)
        try:
            yield file
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
