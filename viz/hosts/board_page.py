"""A blackboard as a page that stands alone: one derivative in one formula, path by path, and as
backprop computes it. It has no script: what speaks of one edge is lit together by styles."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from autograd.formula import Formula
from autograd.teaching.blackboard import Blackboard
from autograd.teaching.factored import Term
from autograd.teaching.parts import Equation
from autograd.teaching.routes import Link
from autograd.teaching.typeset import formula
from autograd.value import Value
from viz.escape import shortened
from viz.graph.notation import name as notation_name
from viz.hosts.page import fingerprint, styles_in
from viz.palette import sign, theme

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src {policy}">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main class="sg-board">
<h1>{defined}</h1>
<p class="given">{given}</p>
{sections}
<section><p class="costs">{costs}</p></section>
</main>
</body>
</html>
"""

STEP, LINE, RADIUS = 74, 60, 20  # of the small graphs, in units of their drawing
LONGEST_NAME = 3  # letters that have room in a circle
LONG = 100  # characters of a formula, beyond which its type is smaller
MANY = 5  # factors of a path, beyond which the type is smaller

Ids = Mapping[Link, str]


def board_page(board: Blackboard) -> str:
    """The page of a blackboard. Whatever speaks of one edge is lit when it is pointed at."""
    ids = {link: f"e{i}" for i, link in enumerate(board.routes.links)}
    y, x = board.words.names[board.y], board.words.names[board.x]
    style = f"{theme('body')}\n{styles_in(Path(__file__).parent / 'board.css')}\n{lit(ids)}"
    return PAGE.format(
        policy=fingerprint(style),
        title=escape(f"∂{y}/∂{x}, on the blackboard"),
        style=style,
        defined="".join(f"<span>{one.html}</span>" for one in definitions(board)),
        given="".join(
            f"<span>{formula(one.latex)}</span>"
            for one in board.givens()
            if isinstance(one, Formula)
        ),
        sections="\n".join(sections(board, ids)),
        costs=escape(board.costs()),
    )


def lit(ids: Ids) -> str:
    """The rules that light every mark of an edge when one of them is pointed at."""
    rules = []
    for id in ids.values():
        here = f".sg-board:has(.{id}:hover)"
        rules.append(f"{here} .cell.{id}{{box-shadow:0 0 0 3px var(--sg-current)}}")
        rules.append(f"{here} mrow.{id}{{outline:2px solid var(--sg-current);outline-offset:3px}}")
        rules.append(f"{here} .edge.{id}{{stroke:var(--sg-current);stroke-width:11}}")
    return "\n".join(rules)


def definitions(board: Blackboard) -> Iterator[Equation]:
    """How the values are computed that have names."""
    for node in board.defined():
        yield board.definition(node)


def sections(board: Blackboard, ids: Ids) -> Iterator[str]:
    gradient = board.words.derivative(board.y, board.x)
    if board.closed is not None:
        marked = board.closed_with(
            lambda link, local: local.with_latex(rf"\class{{{ids[link]}}}{{{local.latex}}}")
        )
        assert marked is not None  # it is as long as the one without marks
        made = Equation(gradient, marked).html
        kind = "closed many" if len(board.closed.text) > LONG else "closed"
        yield section("in one formula", f'<div class="{kind}" tabindex="0">{made}</div>')
    if board.ways:
        y, x = (formula(board.words.name(one).latex) for one in (board.y, board.x))
        many = "one product for each path" if board.count > 1 else "along the only path"
        end = ", then the sum" if board.count > 1 else ""
        kind = " many" if max(map(len, board.ways)) > MANY else ""
        yield section(f"{many} from {y} back to {x}{end}", table(path_rows(board, ids), kind))
    else:
        yield section(f"{board.count} paths: too many for a board", "")
    if board.count > 1:
        head = "as backprop computes it: what the paths share is multiplied once"
        yield section(head, "".join(station_rows(board, ids)))


def section(head: str, content: str) -> str:
    return f"<section><h2>{head}</h2>{content}</section>"


def table(rows: Iterable[str], kind: str) -> str:
    made = "".join(f"<tr{row}</tr>" for row in rows)
    return f'<div class="scrolls{kind}" tabindex="0"><table>{made}</table></div>'


# Path by path


def path_rows(board: Blackboard, ids: Ids) -> Iterator[str]:
    """A row for each path: the graph, its factors, those that all paths share apart, and what flows
    back along it."""
    shared = len(common_end(board.ways)) if board.count > 1 else 0
    graph = Graph(board)
    for path, way, (_, product) in zip(board.paths, board.ways, board.products, strict=True):
        own, rest = way[: len(way) - shared], way[len(way) - shared :]
        cells = [f'<td class="graph">{graph.drawn(path, ids)}</td>']
        dot = times() if own and rest else ""
        cells.append(f"<td>{factors([local(board, one, ids) for one in own], dot)}</td>")
        if shared:
            row = factors([local(board, one, ids) for one in rest])
            cells.append(f'<td class="shared">{row}</td>')
        cells.append(f"<td>=</td><td>{flow(board, product)}</td>")
        yield ">" + "".join(cells)
    if shared:
        note = "the same in both" if board.count == 2 else "the same in all"
        yield f' class="note"><td></td><td></td><td>{note}</td><td></td><td></td>'
    if board.count > 1:
        d = formula(board.words.derivative(board.y, board.x).latex)
        total = f'<div class="factors">{d} = {gradient_of(board, board.gradient)}</div>'
        yield f' class="sum"><td colspan="{3 if shared else 2}"></td><td colspan="2">{total}</td>'


def common_end(ways: Sequence[Sequence[Link]]) -> list[Link]:
    """The edges that all paths end with.

    >>> common_end([[1, 2, 5], [3, 2, 5]])
    [2, 5]
    """
    found = []
    for links in zip(*(reversed(way) for way in ways), strict=False):
        if any(link is not links[0] for link in links):
            break
        found.append(links[0])
    return found[::-1]


def factors(cells: Sequence[str], end: str = "") -> str:
    """Cells with dots between them."""
    return f'<div class="factors">{times().join(cells)}{end}</div>'


def times() -> str:
    return '<span class="times">·</span>'


def local(board: Blackboard, link: Link, ids: Ids) -> str:
    """A local derivative: its symbols over its number."""
    number = board.words.number(link.factor).latex if link.slope is not None else r"\text{none}"
    symbols = formula(board.local(link).latex)
    return cell(symbols, f'<span class="chip">{formula(number)}</span>', ids[link])


def cell(symbols: str, number: str, id: str = "") -> str:
    return f'<span class="cell {id}"><span>{symbols}</span>{number}</span>'


def flow(board: Blackboard, x: float) -> str:
    return f'<span class="flow {sign(x)}">{signed(board, x)}</span>'


def gradient_of(board: Blackboard, x: float) -> str:
    return f'<span class="grad {sign(x)}">{signed(board, x)}</span>'


def signed(board: Blackboard, x: float) -> str:
    """A number with a sign, and as many digits as the board has."""
    number = board.words.number(x).text.replace("-", "−")
    return f"+{number}" if x > 0 else number


# As backprop computes it


def station_rows(board: Blackboard, ids: Ids) -> Iterator[str]:
    """A row for each gradient: what flows back to it, and the sum."""
    gradients = {one.node: one.gradient for one in board.stations}
    for one in board.stations:
        d = formula(board.words.derivative(board.y, one.node).latex)
        terms = [term_of(board, term, gradients, ids) for term in one.terms]
        told = plus().join(terms)
        flows = plus().join(flow(board, term.flow) for term in one.terms)
        result = gradient_of(board, one.gradient)
        links = [d, told, *([flows] if len(terms) > 1 else []), result]
        row = '<span class="times">=</span>'.join(
            f'<span class="factors">{x}</span>' for x in links
        )
        yield f'<div class="station">{row}</div>'


def term_of(board: Blackboard, term: Term, gradients: Mapping[Value, float], ids: Ids) -> str:
    cells = [local(board, link, ids) for link in term.links]
    if term.above is not board.y:
        d = formula(board.words.derivative(board.y, term.above).latex)
        cells.insert(0, cell(d, gradient_of(board, gradients[term.above])))
    return times().join(cells or [f'<span class="chip">{formula("1")}</span>'])


def plus() -> str:
    return '<span class="times">+</span>'


# The graph


class Graph:
    """The graph between the result, on the left, and the value, read backwards: a column for each
    number of edges that lead there at most."""

    def __init__(self, board: Blackboard) -> None:
        self.board = board
        links = board.routes.links
        column: dict[Value, int] = defaultdict(int, {board.y: 0})
        for link in links:  # in the order of the sweep: a node is complete before its edges come
            column[link.parent] = max(column[link.parent], column[link.node] + 1)
        columns: dict[int, list[Value]] = defaultdict(list)
        for node, at in column.items():
            columns[at].append(node)
        most = max(map(len, columns.values()))
        for at in sorted(columns)[1:]:  # beside those that they are reached from
            rows = {node: i for i, node in enumerate(columns[at - 1])}
            columns[at].sort(key=lambda node, rows=rows: self.row_of(node, rows))  # type: ignore
        self.width, self.height = 2 * (RADIUS + 4) + STEP * max(columns), most * LINE
        self.places = {
            node: (RADIUS + 4 + STEP * at, LINE * (i + (most - len(nodes)) / 2 + 0.5))
            for at, nodes in columns.items()
            for i, node in enumerate(nodes)
        }
        self.uses: dict[tuple[Value, Value], list[Link]] = defaultdict(list)
        for link in links:
            self.uses[link.node, link.parent].append(link)

    def row_of(self, node: Value, rows: Mapping[Value, int]) -> float:
        """The mean row of the nodes in the column before from which edges lead here."""
        before = [rows[link.node] for link in self.board.routes.links
                  if link.parent is node and link.node in rows]  # fmt: skip
        return sum(before) / len(before) if before else 0.0

    def drawn(self, path: Sequence[Link], ids: Ids) -> str:
        """The graph with one path lit."""
        on = {node for link in path for node in (link.node, link.parent)}
        names = self.board.words.names
        told = " to ".join([names[self.board.y], *(names[link.parent] for link in path)])
        edges = [
            f'<path class="edge {ids[link]} {"on" if link in path else ""}" '
            f'd="{self.curve(link)}"/>'
            for link in self.board.routes.links
        ]
        nodes = [self.circle(node, node in on) for node in self.places]
        return (
            f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-label="{escape(f"the path from {told}")}">{"".join(edges + nodes)}</svg>'
        )

    def curve(self, link: Link) -> str:
        """A line; edges between the same two nodes, and those that pass a column, are bent."""
        (x, y), (end_x, end_y) = self.places[link.node], self.places[link.parent]
        beside = self.uses[link.node, link.parent]
        bend = 30 * (beside.index(link) - (len(beside) - 1) / 2)
        if end_x - x > STEP and y == end_y:
            bend -= 0.8 * LINE
        middle = (x + end_x) / 2, (y + end_y) / 2 + bend
        return f"M{x:g},{y:g}Q{middle[0]:g},{middle[1]:g} {end_x:g},{end_y:g}"

    def circle(self, node: Value, is_on: bool) -> str:
        x, y = self.places[node]
        name = shortened(notation_name(self.board.words.names[node]), LONGEST_NAME)
        mark = ' class="on"' if is_on else ""
        return (
            f'<circle{mark} cx="{x:g}" cy="{y:g}" r="{RADIUS}"/>'
            f'<text x="{x:g}" y="{y + 7:g}" text-anchor="middle">{escape(name)}</text>'
        )
