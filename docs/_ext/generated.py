"""Parts of pages that are made from the code: the table of operations, the output of the command,
the stepper and the playground."""

import os
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import viz
from autograd import explain
from autograd.docstrings import Found, at_zero
from autograd.expression import evaluate
from autograd.formula import Formula, formula, written
from autograd.op import BUILT_IN, TABLE, Op
from viz.apps.playground.core import Playground
from viz.cli.lessons import lessons
from viz.cli.main import main

LECTURE = "v = a*b + c; L = v*f", {"a": 2, "b": -3, "c": 10, "f": -2}
BOARD = (
    "h = tanh(w*x); L = (u1*h - t1)**2 + (u2*h - t2)**2",
    {"w": 0.5, "x": 2, "u1": 1.5, "u2": -0.8, "t1": 1, "t2": -1},
)
VALLEY = "L = (1-x)**2 + 10*(y-x**2)**2", {"x": -1.2, "y": 1}
FLAT = "h = tanh(x*w + b); y = h*h", {"x": 0, "w": 2, "b": 0.5}
HEADS = ("name", "value", "local derivatives", "at zero: value; local derivatives")


class Operations(SphinxDirective):
    """The table of `autograd/ops.py`, with its formulas typeset: a row for each operation."""

    def run(self) -> list[nodes.Node]:
        python = self.env.domains.python_domain
        rows = []
        for op in TABLE.values():
            if op.name not in BUILT_IN:
                continue
            anchor = f"autograd.{op.name}"
            name = nodes.literal(op.name, op.name)
            python.note_object(anchor, "function", anchor, location=name)
            row = nodes.row("", *[cell(*content) for content in contents(op, name)], ids=[anchor])
            rows.append(row)
        head = nodes.row("", *[cell(nodes.Text(text)) for text in HEADS])
        group = nodes.tgroup("", cols=len(HEADS))
        group += [nodes.colspec(colwidth=1) for _ in HEADS]
        group += [nodes.thead("", head), nodes.tbody("", *rows)]
        return [nodes.table("", group, classes=["operations"], align="left")]


def contents(op: Op, name: nodes.Node) -> Iterator[list[nodes.Node]]:
    """The content of the cells of a row: each node becomes a paragraph."""
    count = len(op.partials)
    y, args = Formula("y"), tuple(Formula(letter) for letter in "abc"[:count])
    call = written(op, args)
    yield [name, nodes.literal(call.text, call.text)] if op.symbol else [name]
    domain = [nodes.Text(f"for {op.domain}")] if op.domain else []
    textbook: list[nodes.Node] = []
    if op.textbook and op.formula:
        textbook = [nodes.math("", f"y = {op.formula.at(*args).latex}")]
    yield [nodes.math("", f"y = {call.latex}"), nodes.Text(op.meaning), *textbook, *domain]
    partials = [formula(op.slope(i, y, args)).latex for i in range(count)]
    yield [
        nodes.math("", rf"\frac{{\partial y}}{{\partial {arg}}} = {partial}")
        for arg, partial in zip("abc", partials, strict=False)
    ]
    yield [nodes.Text(at_zero_text(op))]


def at_zero_text(op: Op) -> str:
    value, slopes = at_zero(op)
    return "; ".join([text_of(value), *([", ".join(map(text_of, slopes))] if slopes else [])])


def text_of(found: Found) -> str:
    return found.__name__ if isinstance(found, type) else f"{found:.6g}"


def cell(*content: nodes.Node) -> nodes.entry:
    return nodes.entry("", *[nodes.paragraph("", "", one) for one in content])


class Lessons(SphinxDirective):
    """Every lesson, with its first sentence."""

    def run(self) -> list[nodes.Node]:
        items = []
        for lesson in lessons():
            target = f"lessons/{lesson.notebook.stem}"
            link = pending_xref(
                "", nodes.inline("", lesson.title), refdomain="std", reftype="doc",
                reftarget=target, refexplicit=True, refwarn=True,
            )  # fmt: skip
            link["refdoc"] = self.env.docname
            title = nodes.term("", f"{lesson.number}. ", link)
            promise = nodes.definition("", nodes.paragraph("", lesson.promise))
            items.append(nodes.definition_list_item("", title, promise))
        return [nodes.definition_list("", *items)]


class Prints(SphinxDirective):
    """A command line of `stepgrad`, and its output."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        return [block for line in self.content for block in printed(line)]


class EveryHelp(SphinxDirective):
    """A section for every command of `stepgrad`, with its help text."""

    def run(self) -> list[nodes.Node]:
        commands = [
            line.split()[0]
            for line in output("stepgrad --help").splitlines()
            if line.startswith("    ") and line[4:5].isalpha()
        ]
        sections: list[nodes.Node] = []
        for name in commands:
            title = nodes.title("", f"stepgrad {name}")
            section = nodes.section("", title, ids=[f"stepgrad-{name}"])
            section += printed(f"stepgrad {name} --help")
            sections.append(section)
        return sections


def printed(line: str) -> list[nodes.Node]:
    text = f"$ {line}\n{output(line)}"
    return [nodes.literal_block(text, text, language="console")]


def output(line: str) -> str:
    os.environ |= {"COLUMNS": "88", "NO_COLOR": "1"}  # of what argparse writes
    said = StringIO()
    with redirect_stdout(said), suppress(SystemExit):
        main(shlex.split(line)[1:])
    return said.getvalue()


def framed_pages(app: Sphinx, error: Exception | None) -> None:
    """What pages show in a frame."""
    if error is None:
        y, _ = evaluate(*LECTURE)
        viz.save(y, Path(app.outdir) / "stepper.html", names=False)
        playground = Playground(data="moons", layers=[6, 4], optimizer="adam", rate=0.03)
        viz.save(playground, Path(app.outdir) / "play.html")
        L, known = evaluate(*BOARD)
        board = explain(L, to=known["w"], form="blackboard", digits=4, names=False)
        viz.save(board, Path(app.outdir) / "board.html")
        L, known = evaluate(*VALLEY)
        viz.save(
            viz.descent(L, known["x"], known["y"], rate=0.02),
            Path(app.outdir) / "descent-page.html",
        )
        y, _ = evaluate(*FLAT)
        viz.save(y, Path(app.outdir) / "flat.html", names=False)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("operations", Operations)
    app.add_directive("lessons", Lessons)
    app.add_directive("prints", Prints)
    app.add_directive("every-help", EveryHelp)
    app.connect("build-finished", framed_pages)
    return {"parallel_read_safe": False}  # what is printed goes through sys.stdout
