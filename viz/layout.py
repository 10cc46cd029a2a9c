"""Graphviz: pictures of DOT sources, and where in them things stand.

The `dot` program does it when there is one, else the Graphviz that pygraphviz brings along.
"""

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import IO, Any

from autograd.errors import AutogradError

_one_at_a_time = threading.Lock()  # Graphviz's library is not made for threads

Point = tuple[float, float]


class LayoutError(AutogradError, RuntimeError):
    """No Graphviz here, or a source that it cannot draw."""


@dataclass(frozen=True)
class Positions:
    """Where things stand, in points, with y growing downwards.

    `cards` holds the centres of nodes by name; `wires` by id the Bézier curves of edges: a start,
    three points for each piece, and at the end the tip of the arrow; `notes` the centres of the
    labels of edges.
    """

    width: float
    height: float
    cards: dict[str, Point]
    wires: dict[str, list[Point]]
    notes: dict[str, Point]


def positions(source: str) -> Positions:
    """The layout of a DOT source whose edges all carry an `id`.

    An edge that comes from a trunk names the trunk's edges in its `comment`: its curve begins with
    theirs.
    """
    graph = json.loads(rendered(source, "json0"))
    left, bottom, right, top = map(float, graph["bb"].split(","))

    def point(text: str) -> Point:
        x, y = map(float, text.split(","))
        return x - left, top - y

    def curve(text: str) -> list[Point]:
        points = [point(p) for p in text.removeprefix("e,").split()]
        return [*points[1:], points[0]] if text.startswith("e,") else points

    edges = graph.get("edges", [])  # in an order that differs between versions: go by their ids
    legs = {edge["id"]: curve(edge["pos"]) for edge in edges}

    def whole(edge: dict[str, Any]) -> list[Point]:
        before = [point for leg in edge.get("comment", "").split() for point in legs[leg][:-1]]
        return before + legs[edge["id"]]

    return Positions(
        width=right - left,
        height=top - bottom,
        cards={node["name"]: point(node["pos"]) for node in graph["objects"]},
        wires={edge["id"]: whole(edge) for edge in edges},
        notes={edge["id"]: point(edge["lp"]) for edge in edges if "lp" in edge},
    )


def whose() -> str:
    """Which Graphviz draws here."""
    if shutil.which("dot"):
        return "the program dot"
    return "the one inside pygraphviz" if find_spec("pygraphviz") else "none"


def rendered(source: str, format: str, engine: str = "dot") -> bytes:
    """The source drawn by Graphviz as svg, png, pdf, json0, ...

    Raises LayoutError when no Graphviz can draw it.
    """
    if program := shutil.which("dot"):
        command = [program, f"-K{engine}", f"-T{format}"]
        done = subprocess.run(command, input=source.encode(), capture_output=True)
        if done.returncode == 0:
            return done.stdout
    return bundled(source, format, engine)


def bundled(source: str, format: str, engine: str = "dot") -> bytes:
    """The same by the Graphviz inside pygraphviz, which starts no program."""
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
