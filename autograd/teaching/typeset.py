"""A walk-through in LaTeX, Markdown and HTML."""

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from autograd.formula import Formula, latex_name

if TYPE_CHECKING:
    from autograd.teaching.explain import Explanation

LEFT = 'style="text-align: left"'  # notebooks would set tables flush right
TYPESET_AT_MOST = 300  # steps; a notebook typesets more only after a long wait


def latex(told: "Explanation") -> str:
    """Two `align*` environments: the forward pass, and the backward pass in two columns."""
    forward = [f"{name} &= {rule}" for name, rule in forward_rows(told)]
    backward = [
        rf"{d} &= {rule}, & {gradient} &\mathrel{{+}}= {flow}"
        for d, rule, gradient, flow, _ in backward_rows(told)
    ]
    return "\n".join(
        "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"
        for rows in (forward, backward)
        if rows
    )


def markdown(told: "Explanation") -> str:
    """The two tables, with formulas between dollar signs."""
    parts = []
    for heads, rows in tables(told):
        lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        for row in rows:
            cells = [f"${cell}$".replace("|", r"\vert ") for cell in row]  # a bar ends the cell
            lines.append(f"| {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def html(told: "Explanation") -> str:
    """The two tables, with formulas that notebooks typeset; plain text for a very long walk."""
    if len(told.steps) > TYPESET_AT_MOST:
        return f"<pre>{escape(told.text)}</pre>"
    parts = []
    for heads, rows in tables(told):
        cells = [[f"<th {LEFT}>{escape(head)}</th>" for head in heads]]
        cells += [[f"<td {LEFT}>${escape(cell)}$</td>" for cell in row] for row in rows]
        parts.append("<table>" + "".join(f"<tr>{''.join(row)}</tr>" for row in cells) + "</table>")
    return "".join(parts)


def tables(told: "Explanation") -> list[tuple[list[str], list[list[str]]]]:
    """Heads and rows of the forward and of the backward table, in LaTeX."""
    backward = [
        [f"{d} = {rule}", flow, f"{gradient} = {total}"]
        for d, rule, gradient, flow, total in backward_rows(told)
    ]
    both = [
        (["forward", "operation"], [list(row) for row in forward_rows(told)]),
        (["backward: local derivative", "upstream · local = flow", "total so far"], backward),
    ]
    return [(heads, rows) for heads, rows in both if rows]


def forward_rows(told: "Explanation") -> list[tuple[str, str]]:
    """A row per operation: the name of its result, and how it was computed."""
    return [
        (
            latex_name(step.name),
            chained([step.rule, step.rule_in_numbers, told.number(step.value)], "latex"),
        )
        for step in told.forward
    ]


def backward_rows(told: "Explanation") -> list[tuple[str, str, str, str, str]]:
    """A row per edge: the local derivative and its rule, the gradient, its flow and its total."""
    root, rows = told.names[told.root], []
    for edge in told.backward:
        slope, flow, total = told.slope(edge), told.number(edge.flow), told.number(edge.so_far)
        product = rf"{told.number(edge.upstream).latex} \cdot {behind(slope, 'latex')}"
        rows.append(
            (
                derivative(edge.name, edge.parent_name),
                chained([edge.rule, edge.rule_in_numbers, slope], "latex"),
                derivative(root, edge.parent_name),
                flow.latex if edge.slope is None else f"{product} = {flow.latex}",
                total.latex,
            )
        )
    return rows


def derivative(of: str, by: str) -> str:
    return rf"\frac{{\partial {latex_name(of)}}}{{\partial {latex_name(by)}}}"


def chained(pieces: Iterable[Formula], form: str = "text") -> str:
    """The pieces between equals signs; `f = f = 2` would say one thing twice."""
    return " = ".join(dict.fromkeys(getattr(piece, form) for piece in pieces))


def behind(factor: Formula, form: str = "text") -> str:
    """A factor behind a multiplication sign: 2 · (-3)."""
    if not factor.text.startswith("-"):
        return getattr(factor, form)
    return f"({factor.text})" if form == "text" else rf"\left({factor.latex}\right)"
