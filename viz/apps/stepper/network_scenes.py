"""The scenes of a network that a page draws: all neurons closed, and each of them opened.

What a network shows beside the numbers of its cards, such as the products inside a neuron, says
under which keys its numbers are.
"""

import re
from collections.abc import Iterator, Sequence, Set
from typing import Any

from viz.apps.stepper.looks import seen
from viz.apps.stepper.neurons import keys_of, neuron_of
from viz.apps.stepper.plan import Plan
from viz.apps.stepper.scene import Styles, font_of, group_of, scene_as_json
from viz.graph import marks, network_marks
from viz.graph.network_scene import DIMMED, Arrangement
from viz.graph.sheet import Page
from viz.graph.sizes import Live
from viz.render.scene import PULL, Group, Scene, rounded

PAGES = ((1280, 520), (1280, 640), (1900, 760), (1900, 1000), (1900, 1400))
LEAST_SCALE = 0.62  # of the first that is taken


class Scenes:
    """The scenes of the walk through a network."""

    def __init__(self, plan: Plan) -> None:
        assert plan.network is not None
        self.plan, self.network = plan, plan.network
        self.index = {node: i for i, node in enumerate(plan.told.names)}
        self.layers = plan.network.drawn.examples[0].layers
        self.styles: Styles = {}

    def arranged(self, page: Page, open: tuple[int, int] | None = None) -> Arrangement:
        return Arrangement(self.network.drawn, 0, "weight", page, open, True, Live)

    def largest(self, open: tuple[int, int] | None = None) -> Arrangement:
        """On the smallest page on which all can be read."""
        for size in PAGES:
            made = self.arranged(Page(*size), open)
            if made.scale >= LEAST_SCALE:
                break
        return made

    def as_json(self) -> dict[str, Any]:
        """The closed one, with those of opened neurons by the ids of their nodes."""
        closed = self.largest()
        opened = {
            self.plan.id_of[self.network.neurons[f"n{at}.{number}"]]: self.largest((at, number))
            for at, layer in enumerate(self.layers, 1)
            for number in range(1, len(layer) + 1)
        }
        drawn = {id: (one, one.scene()) for id, one in {"": closed, **opened}.items()}
        scenes = {id: self.scene(one, scene) for id, (one, scene) in drawn.items()}
        texts = [group for _, scene in drawn.values() for group in scene.groups]
        everything = Scene(0.0, 0.0, "", texts)
        first = scenes.pop("")
        for one in scenes.values():
            one |= without_lines(one["groups"], first["groups"])
        for one in (first, *scenes.values()):
            one["groups"] = likened(one["groups"])
        return (
            first
            | scene_as_json(self.styles)
            | {
                "font": font_of(everything),
                "opened": scenes,
                "home": self.home,
                "layers": self.layers_of_weights,
            }
        )

    @property
    def layers_of_weights(self) -> list[list[str]]:
        """The ids of all weights, layer by layer: the largest of each is the widest."""
        return [
            [
                self.card(f"w{at}.{neuron.number}.{place}")
                for neuron in layer
                for place in range(1, len(neuron.weights) + 1)
            ]
            for at, layer in enumerate(self.layers, 1)
        ]

    @property
    def home(self) -> dict[str, str]:
        """By the id of a neuron, or of a weight or a bias: the neuron that is opened for it."""
        home = {}
        for name, neuron in self.network.neurons.items():
            id = home[self.plan.id_of[neuron]] = self.plan.id_of[neuron]
            for which, parameter in self.network.parameters.items():
                if which[1:] == name[1:] or which[1:].startswith(f"{name[1:]}."):
                    home[self.plan.id_of[parameter]] = id
        return home

    def scene(self, arranged: Arrangement, scene: Scene) -> dict[str, Any]:
        of_numbers = [text.size for group in scene.groups for text in texts_of(group)]
        return {
            "width": scene.width,
            "height": scene.height,
            "title": scene.title,
            "type": round(min(of_numbers), 2),
            "weights": {
                "scale": arranged.scale, "thinnest": network_marks.THINNEST,
                "thickest": network_marks.THICKEST, "faintest": network_marks.FAINTEST,
                "dash": marks.DASH, "dimmed": DIMMED, "pull": PULL,
            },
            "groups": [self.group(group, arranged) for group in scene.groups],
        }  # fmt: skip

    # Stills

    def seen_at(self, at: int, arranged: Arrangement, current: Set[str]) -> Iterator[Group]:
        """What is seen of the closed network at a step that is about these cards and edges."""
        for column in arranged.columns:
            for node in column.nodes:
                node.grad = self.plan.gradient_at(at, self.node(node.id))
        for group in arranged.groups():
            about = dict(self.about(group, arranged))
            looks = [look for look, step in about.get("until", {}).items() if at < step]
            if not current.isdisjoint(about.get("of", "").split()):
                looks.append("current")
            if shown := seen(group, looks):
                yield shown

    # Groups

    def group(self, group: Group, arranged: Arrangement) -> dict[str, Any]:
        """A group, about nodes and edges of the walk instead of parts of the drawing."""
        return group_of(group, {}, self.styles) | dict(self.about(group, arranged))

    def about(self, group: Group, arranged: Arrangement) -> Iterator[tuple[str, Any]]:
        """What a group is about, from which step on it is known, and where its numbers are."""
        kind, of = group.kind, group.of
        if kind in ("card", "input") and of:
            id = self.card(of)
            yield "of", id
            yield "until", {"unknown": self.plan.made.get(id, 0)}
            if kind == "input":
                yield "shows", {"value": self.key("v", of)}
        elif kind == "weight":
            yield "of", self.card(of)
        elif kind == "line" and of:
            edges = self.edges_of(of)
            yield "of", " ".join(edges)
            yield "ends", self.ends_of(edges[0])
            if of.startswith("w"):
                at, head, _ = of[1:].split(".")
                yield "gap", int(at)
                yield "weight", self.card(of)
                if arranged.panel and arranged.panel.node.id != f"n{at}.{head}":
                    yield "dimmed", 1
        elif kind == "square":
            yield "of", self.edge(f"n{of[1:]}", of)
            yield "shows", {"value": self.key("v", of)}
        elif kind == "tag":
            edge = self.edges_of(of)[0]
            yield "of", edge
            yield "until", {"hidden": self.plan.walked_at[edge]}
        elif kind in ("sum", "chip"):
            yield from self.inside(kind, of)
        elif kind == "product":
            yield "of", ""
            yield "shows", {"value": self.products(of)}
            yield "until", {"unknown": self.made(self.neuron_of(of.split()[0]))}

    def inside(self, kind: str, of: str) -> Iterator[tuple[str, Any]]:
        """The sum of a neuron, and the local derivative of its activation."""
        node = self.network.neurons[of]
        total, local, gradient = keys_of(self.index[node], 0)
        walked = min(at for at, _ in self.plan.walked[node])
        yield "of", ""
        if kind == "chip":
            yield "shows", {"local": local}
            yield "until", {"hidden": walked}
        else:
            yield "shows", {"value": total, "total": gradient, "since": walked}
            yield "until", {"unknown": self.made(of)}

    def products(self, of: str) -> str:
        """The keys of products, or that of a bias."""
        if of.startswith("b"):
            return self.key("v", of)
        keys = []
        for which in of.split():
            node = self.network.neurons[self.neuron_of(which)]
            neuron = neuron_of(node.op)
            assert neuron is not None
            weight = self.network.parameters[which]
            at = [
                place
                for place, product in enumerate(neuron.products)
                if any(getattr(arg, "node", None) is weight for arg in product.args)
            ]
            keys.append(keys_of(self.index[node], len(neuron.products))[3 + at[0]])
        return " ".join(keys)

    # Where the parts of the drawing are in the walk

    def node(self, of: str) -> Any:
        network = self.network
        known = {**network.inputs, **network.neurons, **network.parameters, "result": network.root}
        return known[of]

    def card(self, of: str) -> str:
        return self.plan.id_of[self.node(of)]

    def key(self, letter: str, of: str) -> str:
        return f"{letter}{self.index[self.node(of)]}"

    def made(self, of: str) -> int:
        return self.plan.made[self.card(of)]

    def neuron_of(self, of: str) -> str:
        """The neuron of a weight, or of a bias."""
        return "n" + ".".join(of[1:].split(".")[:2])

    def edges_of(self, of: str) -> list[str]:
        """The edges that a line stands for: that of the input, and that of the weight."""
        if of.startswith("l"):
            return [self.edge("result", f"n{of[1:]}")]
        at, number, place = of[1:].split(".")
        before = f"x{place}" if at == "1" else f"n{int(at) - 1}.{place}"
        neuron = f"n{at}.{number}"
        return [self.edge(neuron, before), self.edge(neuron, of)]

    def ends_of(self, id: str) -> list[str]:
        (edge,) = (one for one in self.plan.graph.edges if one.id == id)
        return [edge.tail.id, edge.head.id]

    def edge(self, head: str, tail: str) -> str:
        node = self.node(head)
        return self.plan.edges[node, node.parents.index(self.node(tail))].id


Marks = list[list[Any]]
NUMBERS = re.compile(r"-?[\d.]+")


def likened(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of groups that look as an earlier one does, only by how much they are moved, and the texts
    that are their own."""
    seen: dict[tuple[Any, ...], list[int]] = {}
    made = []
    for i, group in enumerate(groups):
        marks: Marks = group["marks"]
        earlier = seen.setdefault((group["kind"], *(mark[0] for mark in marks)), [])
        for k in earlier:
            if (moved := moved_from(groups[k]["marks"], marks)) is not None:
                group = {name: of for name, of in group.items() if name != "marks"}
                group |= {"like": k, "moved": moved[0]} | ({"own": moved[1]} if moved[1] else {})
                break
        else:
            earlier.append(i)
        made.append(group)
    return made


def moved_from(first: Marks, second: Marks) -> tuple[list[float], Marks] | None:
    """By how much marks are moved, and the texts with their rooms that differ; None where that is
    not all."""
    by: list[float] | None = None
    own: Marks = []
    for i, (one, other) in enumerate(zip(first, second, strict=True)):
        places, more = placed(one)
        others, more_of_other = placed(other)
        if len(places) != len(others):
            return None
        if by is None:
            by = [rounded(b - a) for a, b in zip(places[:2], others[:2], strict=True)]
        if [rounded(x + by[at % 2]) for at, x in enumerate(places)] != others:
            return None
        if more != more_of_other:
            if isinstance(one[1], str):  # a path
                return None
            own.append([i, *more_of_other])
    return (by, own) if by else None


def placed(mark: list[Any]) -> tuple[list[float], list[Any]]:
    """The coordinates of a mark, and what else is its own."""
    if isinstance(mark[1], str):
        return list(map(float, NUMBERS.findall(mark[1]))), [NUMBERS.sub("", mark[1]), *mark[2:]]
    return mark[1:3], mark[3:]


LINE = re.compile(r"M([\d.-]+),([\d.-]+)C.* ([\d.-]+),([\d.-]+)")


def without_lines(groups: Sequence[Any], first: Sequence[Any]) -> dict[str, list[Any]]:
    """The groups of a scene without lines that are in the first, too. Those are told by their
    numbers there, with other ends, and 1 where they are dimmed."""
    numbers = {one["of"]: i for i, one in enumerate(first) if "weight" in one}
    lines, others = [], []
    for group in groups:
        if "weight" not in group or group["of"] not in numbers:
            others.append(group)
            continue
        [[_, path, *_]] = group["marks"]
        ends = LINE.fullmatch(path)
        assert ends is not None
        lines.append([numbers[group["of"]], *map(float, ends.groups()), group.get("dimmed", 0)])
    return {"lines": lines, "groups": others}


def texts_of(group: Group) -> Iterator[Any]:
    return (mark for mark in group.marks if hasattr(mark, "text"))
