"""Mutants of functions: one change in the source of a module at a time, and the tests that notice.

`survivors(module, tests)` runs in a process of its own, which pytest has brought the tests into.
Every mutant is a fork of it, in which the code of one function is exchanged: nothing has to be
imported again, and whatever a mutant breaks is gone with its process.

    STEPGRAD_ENGINE=python python -m tests.mutation autograd.flows 1 tests/test_flows.py
"""

import ast
import copy
import gc
import inspect
import json
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from time import process_time
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
# In seconds of the processor, which do not depend on what else the machine does.
PATIENCE = 10  # a mutant that takes longer goes round in circles, which is noticed
LONGEST = 300.0  # seconds by the clock, for mutants that wait for something


class Mutant(NamedTuple):
    """One function with one change, which is told as `function: before → after`."""

    function: str  # its qualified name
    change: str
    code: CodeType

    @property
    def name(self) -> str:
        return f"{self.function}: {self.change}"


# What is changed


COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


def expressions_for(node: ast.AST) -> Iterator[ast.AST]:
    """What is put in the place of an expression."""
    match node:
        case ast.Compare(left, operators, others):
            for i, operator in enumerate(operators):
                changed = [*operators[:i], COMPARISONS[type(operator)](), *operators[i + 1 :]]
                yield ast.Compare(left, changed, others)
        case ast.BinOp(left, operator, right):
            if type(operator) in OPERATORS:
                yield ast.BinOp(left, OPERATORS[type(operator)](), right)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.And() if isinstance(operator, ast.Or) else ast.Or(), values)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.IfExp(_, body, orelse):
            yield body
            yield orelse


def statements_for(node: ast.AST) -> Iterator[ast.AST]:
    """What is put in the place of a statement."""
    match node:
        case ast.If(_, body, orelse):
            yield ast.If(ast.Constant(True), body, orelse)
            yield ast.If(ast.Constant(False), body, orelse)
        case ast.While(_, body, orelse):
            yield ast.While(ast.Constant(False), body, orelse)
        case ast.AugAssign(target, operator, value) if type(operator) in OPERATORS:
            yield ast.AugAssign(target, OPERATORS[type(operator)](), value)
        case ast.Expr(ast.Constant()):
            return  # a docstring
        case ast.Expr(ast.Yield()):
            return  # the function would be no generator any more
        case ast.Raise():
            yield ast.Pass()
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Delete():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()


TEXT = (ast.JoinedStr, ast.Raise)  # what is said is not changed, and neither are annotations


def changes(function: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every change of a function: what it is, and the function with it."""
    for place, (statement, node) in enumerate(_parts(function)):
        for other in [*expressions_for(node), *statements_for(node)]:
            twin = copy.deepcopy(function)
            old = _parts(twin)[place][1]
            changed = _Exchange(old, other).visit(twin)
            after = _parts_statement(changed, function, statement)
            yield f"{_told(statement)} → {_told(other) if node is statement else after}", changed


def _parts(function: ast.AST) -> list[tuple[ast.AST, ast.AST]]:
    """Every node that may be changed, with the statement that it is in."""
    found: list[tuple[ast.AST, ast.AST]] = []

    def walk(node: ast.AST, statement: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            statement = node
            found.append((statement, node))
            if isinstance(node, ast.Raise):
                return
        elif isinstance(node, ast.expr):
            found.append((statement, node))
        if isinstance(node, (ast.JoinedStr, ast.arguments)):
            return
        for field, child in ast.iter_fields(node):
            if field in ("decorator_list", "returns", "annotation"):
                continue
            for one in child if isinstance(child, list) else [child]:
                if isinstance(one, ast.AST):
                    walk(one, statement)

    for node in function.body:
        walk(node, node)
    return found


def _parts_statement(changed: ast.AST, function: ast.AST, statement: ast.AST) -> str:
    """The statement after the change: the one at the same place."""
    for before, after in zip(_statements(function), _statements(changed), strict=False):
        if before is statement:
            return _told(after)
    raise AssertionError("the change has moved statements")


def _statements(function: ast.AST) -> list[ast.AST]:
    return [node for node in ast.walk(function) if isinstance(node, ast.stmt)]


def _told(statement: ast.AST) -> str:
    """A statement on one line; of one that holds others, the line that it begins with."""
    return ast.unparse(ast.fix_missing_locations(copy.deepcopy(statement))).splitlines()[0]


class _Exchange(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.old:
            return ast.copy_location(self.new, node)
        return super().generic_visit(node)


def mutants(module: Any) -> list[Mutant]:
    """Every mutant of every function and method of a module."""
    path = Path(inspect.getfile(module))
    found = []
    for outer in ast.parse(path.read_text(encoding="utf-8")).body:
        inner = outer.body if isinstance(outer, ast.ClassDef) else [outer]
        for i, function in enumerate(inner):
            if not isinstance(function, ast.FunctionDef):
                continue
            name = function.name if outer is function else f"{outer.name}.{function.name}"
            for change, changed in changes(function):
                if isinstance(outer, ast.ClassDef):
                    changed = _with_method(outer, i, changed)
                tree = ast.fix_missing_locations(ast.Module([changed], []))
                try:
                    code = compile(tree, str(path), "exec")
                except SyntaxError:
                    continue
                found.append(Mutant(name, change, _code(code, name)))
    return found


def _with_method(outer: ast.ClassDef, i: int, method: ast.AST) -> ast.ClassDef:
    changed = copy.copy(outer)
    changed.body = [*outer.body[:i], method, *outer.body[i + 1 :]]
    return changed


def _code(code: CodeType, name: str) -> CodeType:
    """The code of the function of that qualified name, in the code of a module."""
    for part in name.split("."):
        code = next(one for one in code.co_consts if getattr(one, "co_name", None) == part)
    return code


def function_of(module: Any, name: str) -> FunctionType:
    """The function itself, from behind a property or a decorator."""
    holder, *rest = name.split(".")
    thing = vars(module)[holder]
    for part in rest:
        thing = vars(thing)[part]
    while not isinstance(thing, FunctionType) or hasattr(thing, "__wrapped__"):
        match thing:
            case property():
                thing = thing.fget
            case staticmethod() | classmethod():
                thing = thing.__func__
            case cached_property():
                thing = thing.func
            case _:
                thing = thing.__wrapped__
    return thing


# Who notices


class Gate:
    """A plugin of pytest, which runs the tests that it collected on every mutant."""

    def __init__(self, module: str, every: int) -> None:
        self.module, self.every = module, every
        self.count = 0
        self.survivors: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [  # doctests run only once, and hypothesis makes its examples smaller for long
            item
            for item in items
            if isinstance(item, pytest.Function)
            and not hasattr(item.obj, "hypothesis")
            and not item.get_closest_marker("unsteady")
        ]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        module = import_module(self.module)
        gc.freeze()  # a mutant that collects garbage looks at what is its own
        cost: dict[pytest.Item, float] = {}
        for item in session.items:
            start = process_time()
            if passes(item) and passes(item):  # twice: what is asked again leaves nothing behind
                cost[item] = process_time() - start
        assert cost, "no test is left to notice anything"
        tests = sorted(cost, key=cost.__getitem__)  # so that most mutants are noticed at once
        for mutant in mutants(module)[:: self.every]:
            self.count += 1
            noticed_by = in_a_fork(lambda mutant=mutant: noticed(module, mutant, tests))
            if noticed_by is None:
                self.survivors.append(mutant.name)
            elif noticed_by < len(tests):
                tests.insert(0, tests.pop(noticed_by))  # it will notice its neighbours, too
        return True


def passes(item: pytest.Item) -> bool:
    from _pytest.runner import runtestprotocol

    reports = runtestprotocol(item, nextitem=None, log=False)
    return not any(report.failed for report in reports)


def noticed(module: Any, mutant: Mutant, tests: list[pytest.Item]) -> int | None:
    """The first test that fails on a mutant, if there is one."""
    try:
        function_of(module, mutant.function).__code__ = mutant.code
    except ValueError:  # it uses other variables of the function around it
        return len(tests)
    return next((i for i, item in enumerate(tests) if not passes(item)), None)


def in_a_fork(job: Callable[[], int | None]) -> int | None:
    """What a job returns in a process of its own; a large number where it comes to no end."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
            result = job()
            os.write(theirs, json.dumps(result).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    try:
        ready, _, _ = select.select([ours], [], [], LONGEST)
        told = os.read(ours, 100) if ready else b""
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ours)
    return json.loads(told) if told else sys.maxsize


def survivors(module: str, tests: list[str], every: int = 1) -> tuple[int, list[str]]:
    """How many mutants there are, and those that no test notices; on the engine to read. Of all
    mutants, or of `every` so many."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutation", module, str(every), *tests],
        cwd=ROOT,
        env=os.environ | {"STEPGRAD_ENGINE": "python"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    return told["count"], told["survivors"]


def main(module: str, every: str, *tests: str) -> int:
    gate = Gate(module, int(every))
    words = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow", *tests]
    status = pytest.main(words, plugins=[gate])
    print()
    print(json.dumps({"count": gate.count, "survivors": gate.survivors}, ensure_ascii=False))
    return int(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
