"""A picture in Graphviz's language: a graphviz.Digraph, and the wordless source of a layout."""

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import graphviz

from autograd import Value
from autograd.teaching.names import variables_of
from viz import layout
from viz.escape import columns, number, quoted
from viz.fold import Fold, folded
from viz.palette import LIGHT, sign
from viz.picture import Card, Picture, Wire, picture

PORTS = {"LR": "ew", "TB": "sn", "RL": "we", "BT": "ns"}  # by direction: out of one side, into one


class Digraph(graphviz.Digraph):
    """A graphviz.Digraph that can also be rendered where there is no `dot` program."""

    def pipe(self, format: str | None = None, *args: Any, **options: Any) -> Any:
        try:
            return super().pipe(format, *args, **options)
        except graphviz.ExecutableNotFound:
            engine = options.get("engine") or self.engine
            data = layout.bundled(self.source, format or self.format, engine)
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
        target.write_bytes(layout.bundled(self.source, format, options.get("engine") or "dot"))
        if options.get("cleanup"):
            Path(self.filepath).unlink()
        if options.get("view") or options.get("quiet_view"):
            graphviz.view(str(target), quiet=bool(options.get("quiet_view")))
        return str(target)


def draw_dot(
    y: Value,
    format: str = "svg",
    rankdir: str = "LR",
    *,
    names: Mapping[str, Any] | Literal[False] | None = None,
    fold: Fold = None,
) -> Digraph:
    """The graph of y as a graphviz.Digraph, which notebooks show, `render` saves, and whose
    `source` is the text in Graphviz's language.

    `format` is what `render` writes, as svg, png or pdf. `rankdir` is the direction in which it
    grows: LR, TB, RL or BT. `names` and `fold` are as for `draw`. Raises what `draw` raises, and
    ValueError for an unknown format.

    >>> y = Value(3.0, "x") ** 2
    >>> y.backward()
    >>> "rankdir=TB" in draw_dot(y, rankdir="TB").source
    True
    """
    if names is None:
        names = variables_of(sys._getframe(1))
    return digraph(picture(*folded(y, names or {}, fold)), format, rankdir)


def digraph(drawn: Picture, format: str = "svg", rankdir: str = "LR") -> Digraph:
    """The picture in Graphviz's hands: the colours of the light palette, in plain boxes."""
    mono = {"fontname": "Courier", "fontsize": "13", "fontcolor": LIGHT["text"]}
    graph = Digraph(
        "graph",
        format=format,
        graph_attr=skeleton(rankdir, drawn.crowded)
        | mono
        | {
            "label": graphviz.nohtml("".join(f"{quoted(n)}\\l" for n in wrapped(drawn.notes))),
            "labeljust": "l",
            "fontsize": "11",
        },
        node_attr=mono | {"shape": "box", "fixedsize": "true"},
        edge_attr=mono | {"fontsize": "12", "arrowsize": "0.7"} | ports(drawn, rankdir),
    )
    for card in drawn.cards:
        graph.node(card.id, **box(card))
    connect(graph, drawn, rankdir, line)
    return graph


def connect(
    graph: graphviz.Digraph,
    drawn: Picture,
    rankdir: str,
    attributes: Callable[[Wire, bool], dict[str, str]],
) -> None:
    """Add the wires to a graph. A trunk has edges of its own, which the wires that come from it
    name in their comment."""
    trunks: dict[tuple[str, str], list[Wire]] = defaultdict(list)
    for wire in drawn.wires:
        for leg in pairwise([wire.tail.id, *drawn.stops.get(wire.id, [])]):
            trunks[leg].append(wire)
    names = {leg: f"t{i}" for i, leg in enumerate(trunks)}
    begin, end = tuple(PORTS[rankdir])  # without these there would be a bend at every stop
    stops = dict.fromkeys(stop for _, stop in trunks)
    for stop in stops:
        graph.node(stop, shape="point", width="0.01", height="0.01")
    for (start, stop), wires in trunks.items():
        port = {"tailport": begin} if start in stops else {}
        graph.edge(
            start,
            stop,
            id=names[start, stop],
            arrowhead="none",
            headport=end,
            weight="2",  # it runs straighter than others
            tooltip=tooltip(", ".join(dict.fromkeys(wire.tail.name for wire in wires))),
            **stroke(max(wires, key=lambda wire: wire.strength)) | port,
        )
    for wire in drawn.wires:
        *legs, (start, _) = pairwise([wire.tail.id, *drawn.stops.get(wire.id, []), wire.head.id])
        trunk = {"tailport": begin, "comment": " ".join(names[leg] for leg in legs)} if legs else {}
        shown = attributes(wire, drawn.crowded) | trunk
        graph.edge(start, wire.head.id, id=wire.id, **shown)


def stroke(wire: Wire) -> dict[str, str]:
    return {
        "color": LIGHT[sign(wire.flow) or "line"],
        "penwidth": f"{1 + 4 * wire.strength:.2f}",
    }


def line(wire: Wire, crowded: bool) -> dict[str, str]:
    """The attributes of a wire as an edge in DOT."""
    notes = graphviz.nohtml(r"\n".join(map(quoted, wire.shown)))
    place = "xlabel" if crowded else "label"  # after the layout and where there is room
    return stroke(wire) | {"tooltip": tooltip(wire.sentence), place: notes}


def skeleton(rankdir: str, crowded: bool = False) -> dict[str, str]:
    """The attributes that layouts depend on. Raises ValueError for an unknown direction."""
    if rankdir not in PORTS:
        raise ValueError(f"rankdir is one of {', '.join(PORTS)}, not {rankdir!r}")
    sparse = {"rankdir": rankdir, "nodesep": "0.3", "ranksep": "0.3"}
    return sparse | (
        {"ranksep": "2.6", "splines": "line", "forcelabels": "false"} if crowded else {}
    )


def ports(drawn: Picture, rankdir: str) -> dict[str, str]:
    """Where wires begin and end: those of a crowd all in the middle of a side, as in the pictures
    of networks that everybody knows."""
    return dict(zip(("tailport", "headport"), PORTS[rankdir], strict=True)) if drawn.crowded else {}


def size(card: Card) -> dict[str, str]:
    """The attributes of a card that layouts depend on, in inches. Points are pixels, 72 to the
    inch."""
    attributes = {"width": f"{card.width / 72:.4f}", "height": f"{card.height / 72:.4f}"}
    if card.op not in ("+", "*"):  # a - b: what is subtracted stands below
        attributes["ordering"] = "in"
    return attributes


def box(card: Card) -> dict[str, str]:
    """The attributes of a card as a node in DOT."""
    lines = [] if card.kind == "constant" else [card.header, *card.rows]
    text = "".join(
        quoted(left + " " * (card.columns - columns(left + right)) + right) + r"\l"
        for left, right in lines
    )
    constant = card.kind == "constant"
    hue = sign(card.grad)
    folded = {"class": "folded", "peripheries": "2"} if card.inside else {}
    return (
        size(card)
        | folded
        | {
            "id": card.id,
            "label": graphviz.nohtml(text or quoted(number(card.value))),
            "tooltip": tooltip(card.label or card.sentence),
            "style": {"leaf": "rounded,filled", "operation": "filled"}.get(
                card.kind, "dashed,rounded"
            ),
            "fillcolor": mixed(
                LIGHT["card"], LIGHT[f"{hue}-fill" if hue else "card"], card.strength
            ),
            "color": LIGHT[hue or "line"],
            "penwidth": f"{1 + 2 * card.strength:.2f}",
            "fontcolor": LIGHT["muted" if constant else "text"],
        }
    )


def tooltip(text: str) -> str:
    return graphviz.nohtml(quoted(text.replace("\\", r"\\")))  # Graphviz reads these escapes twice


def mixed(one: str, other: str, share: float) -> str:
    """A colour between two."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def wrapped(notes: list[str], room: int = 64) -> list[str]:
    """The legend in lines of at most `room` columns."""
    from textwrap import wrap

    return [line for note in notes for line in wrap(note, room)]


def bare(drawn: Picture) -> str:
    """The picture as DOT without its words, for a layout: noughts of 16 points stand for the
    notes of 12 on the wires, which keeps the wires themselves away from them."""
    graph = graphviz.Digraph(
        graph_attr=skeleton("LR", drawn.crowded),
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"fontname": "Courier", "fontsize": "16", "arrowsize": "0.9"}
        | ports(drawn, "LR"),
    )
    for card in drawn.cards:
        graph.node(card.id, **size(card))
    connect(graph, drawn, "LR", room)
    return graph.source


def room(wire: Wire, crowded: bool) -> dict[str, str]:
    """What keeps the room for the notes of a wire."""
    notes = [] if crowded else wire.notes
    noughts = "0" * math.ceil(1 + max(map(columns, notes), default=0) * 0.75)
    return {"label": r"\n".join([noughts] * len(notes))}
