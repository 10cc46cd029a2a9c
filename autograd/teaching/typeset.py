"""A walk-through in LaTeX, Markdown and HTML."""

from autograd.formula import latex_name
from autograd.teaching.mathml import mathml
from autograd.teaching.sentences import FLOW, LOCAL_DERIVATIVE, Sentences, behind

TYPESET_AT_MOST = 300  # steps; a notebook typesets more only after a long wait
LEFT = 'style="text-align: left"'  # notebooks would set tables flush right
# In a cell of Markdown a bar ends the cell, and < may begin HTML.
IN_MARKDOWN = str.maketrans({"|": r"\vert ", "<": r"\lt ", ">": r"\gt "})


def latex(steps: Sentences) -> str:
    """Two `align*` environments: the forward pass, and the backward pass in two columns."""
    forward = [f"{name} &= {rule}" for name, rule in forward_rows(steps)]
    backward = [
        rf"{d} &= {rule}, & {gradient} &\mathrel{{+}}= {flow}"
        for d, rule, gradient, flow, _ in backward_rows(steps)
    ]
    return "\n".join(
        "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"
        for rows in (forward, backward)
        if rows
    )


def markdown(steps: Sentences) -> str:
    """The two tables, with formulas between dollar signs."""
    parts = []
    for heads, rows in tables(steps):
        lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        for row in rows:
            cells = [f"${cell.translate(IN_MARKDOWN)}$" for cell in row]
            lines.append(f"| {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def html(steps: Sentences) -> str:
    """The two tables, with formulas in MathML; of a long walk, its text."""
    from html import escape  # here, as its table of entities takes a while

    if len(steps.steps) > TYPESET_AT_MOST:
        return f"<pre>{escape(steps.text)}</pre>"
    parts = []
    for heads, rows in tables(steps):
        cells = [[f"<th {LEFT}>{escape(head)}</th>" for head in heads]]
        cells += [[f"<td {LEFT}>{formula(cell)}</td>" for cell in row] for row in rows]
        parts.append("<table>" + "".join(f"<tr>{''.join(row)}</tr>" for row in cells) + "</table>")
    return "".join(parts)


def formula(latex: str) -> str:
    """As MathML; what an operation of a user's own writes in LaTeX that no library reads, as it
    is."""
    from html import escape

    try:
        return mathml(latex)
    except ValueError:
        return f"<code>{escape(latex)}</code>"


def tables(steps: Sentences) -> list[tuple[list[str], list[list[str]]]]:
    """Heads and rows of the forward and of the backward table, in LaTeX."""
    backward = [
        [f"{d} = {rule}", flow, f"{gradient} = {total}"]
        for d, rule, gradient, flow, total in backward_rows(steps)
    ]
    both = [
        (["forward", "operation"], [list(row) for row in forward_rows(steps)]),
        ([LOCAL_DERIVATIVE, FLOW, "gradient so far"], backward),
    ]
    return [(heads, rows) for heads, rows in both if rows]


def forward_rows(steps: Sentences) -> list[tuple[str, str]]:
    """A row per operation: the name of its result, and how it was computed."""
    return [
        (
            latex_name(step.name),
            steps.chained([step.rule, step.rule_in_numbers, steps.number(step.value)], "latex"),
        )
        for step in steps.forward
    ]


def backward_rows(steps: Sentences) -> list[tuple[str, str, str, str, str]]:
    """A row per edge: the local derivative and its rule, then the gradient of the parent, what
    flows back to it, and the sum of that so far."""
    root, rows = steps.names[steps.root], []
    for edge in steps.backward:
        slope, flow = steps.slope(edge), steps.number(edge.flow).latex
        pieces = [edge.rule]
        if not edge.is_taken:
            flow += r" \text{ (branch not taken)}"
        else:
            pieces += [edge.rule_in_numbers, slope]
            if edge.slope is not None:
                upstream = steps.number(edge.upstream).latex
                flow = rf"{upstream} \cdot {behind(slope, 'latex')} = {flow}"
        rows.append(
            (
                derivative(edge.name, edge.parent_name),
                steps.chained(pieces, "latex"),
                derivative(root, edge.parent_name),
                flow,
                steps.number(edge.so_far).latex,
            )
        )
    return rows


def derivative(of: str, by: str) -> str:
    """The fraction ∂of/∂by."""
    return rf"\frac{{\partial {latex_name(of)}}}{{\partial {latex_name(by)}}}"
