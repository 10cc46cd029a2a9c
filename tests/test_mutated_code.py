"""A mutation gate for code: whatever is changed in a function, a quick test notices.

Sweep, programs, losses and optimisers: one comparison, operator, number, condition or statement at
a time. What survives is listed here, each with the reason why it changes nothing that counts.
"""

# ruff: noqa: E501  mutants are told on one line

import pytest

from tests.mutation import survivors

FASTER = "it saves time, and changes no result"
CHECKED = "the lengths are the same by then: this is belt and braces"
MEMORY = "it frees memory, and changes no result"
ROUNDED = "no result of rounded numbers is exactly there"
UNREAD = "nobody reads the number"
REFUSED = "the derivative refuses what it would let through"
SAID_ONCE = "an equation says the same number once"

# module: (the tests that notice, {mutant that survives: why it may})
GATES: dict[str, tuple[list[str], dict[str, str]]] = {
    "autograd.flows": (
        ["flows"],
        {
            "same_guard: return len(args) == len(others) > 0 and condition.op is again.op and all((a is b or (a.__class__ is b.__class__ is float and a == b) for a, b in zip(args, others, strict=True))) → return len(args) == len(others) > 0 and condition.op is again.op and all((a is b or (a.__class__ is b.__class__ is float and a == b) for a, b in zip(args, others, strict=False)))": CHECKED
        },
    ),
    "autograd.backprop": (
        ["zeros", "structure", "conventions"],
        {
            "Zeros.is_constant: if upstream != 0: → if False:": FASTER,
            "Zeros.as_nodes: if self.recorded is None: → if True:": FASTER,
            "Zeros.as_nodes: self.recorded = {self.root: 1.0} → self.recorded = {self.root: 2.0}": "it is only compared with 0",
        },
    ),
    "autograd.program.listing": (["recording"], {}),
    "autograd.program.recording": (
        ["recording"],
        {
            "Tape.wire: names = [a.index if isinstance(a, Wire) else repr(a) for a in args] → names = [repr(a) for a in args]": "a wire is one object, and its text as good a key as its index",
            "Tape.forget: self.known.clear() → pass": MEMORY,
            "record: if end not in order: → if True:": FASTER,
            "forward: tape.forget() → pass": MEMORY,
            "recorded: tape.forget() → pass": MEMORY,
            "recorded: if _native and (found := _native.recorded(ends, inputs)): → if False:": FASTER,
        },
    ),
    "autograd.program.program": (
        ["recording"],
        {
            "Program.__call__: runner = self._machine(machine, len(rows), gradients=False) → runner = self._machine(machine, len(rows), gradients=True)": FASTER,
            "Program._parameters: if self._leaves is None: → if True:": FASTER,
            "Program._machine: self._ready[name, gradients] = MACHINES[name](self._listing if gradients else self._forward) → self._ready[name, gradients] = MACHINES[name](self._listing)": FASTER,
        },
    ),
    "autograd.program.interpreters": (
        ["recording"],
        {
            "Python.swept: columns = zip(*gradients, strict=True) → columns = zip(*gradients, strict=False)": CHECKED,
            "Python.columns: results = self._run(zip(*columns, strict=True), parameters) → results = self._run(zip(*columns, strict=False), parameters)": CHECKED,
            "Python.columns: return [list(column) for column in zip(*[(v, *ends) for v, ends in results], strict=True)] → return [list(column) for column in zip(*[(v, *ends) for v, ends in results], strict=False)]": CHECKED,
            "Columns.instruction: if op.is_built_in and op.name not in NUMPY.helpers: → if False:": FASTER,
            "Columns.instruction: if op.is_built_in and op.name not in NUMPY.helpers: → if op.is_built_in and op.name in NUMPY.helpers:": FASTER,
            "NumPy._run: columns = columns.reshape(len(columns), -1).T → columns = columns.reshape(len(columns), -2).T": "NumPy takes any negative number for the size that follows",
        },
    ),
    "autograd.teaching.blackboard": (
        ["blackboard"],
        {
            "Blackboard._path_lines: for way, (symbols, product) in zip(self.ways, self.products, strict=True): → for way, (symbols, product) in zip(self.ways, self.products, strict=False):": CHECKED,
            "Blackboard._line: if len(one.terms) > 1: → if True:": SAID_ONCE,
            "Blackboard._line: if len(one.terms) > 1: → if len(one.terms) >= 1:": SAID_ONCE,
        },
    ),
    "autograd.teaching.blocks": (
        ["why"],
        {
            "largest_path: best: dict[Value, tuple[float, Link | None]] = {routes.y: (0.0, None)} → best: dict[Value, tuple[float, Link | None]] = {routes.y: (1.0, None)}": "all sizes begin with it, and are only compared with each other",
            "largest_path: if link.parent not in best or size > best[link.parent][0]: → if link.parent not in best or size >= best[link.parent][0]:": "of two paths of equal size, either is the largest",
            "opposed: one, other = (plus, minus) if link.factor > 0 else (minus, plus) → one, other = (plus, minus) if link.factor >= 0 else (minus, plus)": "it adds 0",
            "is_saturated: if op is None or op.symbol or op.corners or (len(op.partials) != 1) or (abs(link.factor) > FLAT): → if op is None or op.symbol or op.corners or (len(op.partials) != 1) or (abs(link.factor) >= FLAT):": ROUNDED,
            "is_saturated: limit = op.ieee(math.copysign(1e+300, link.parent.data)) → limit = op.ieee(math.copysign(1e+300, link.parent.data))": "a float as large as that is the same after adding 1",
            "is_saturated: return abs(limit - link.node.data) <= FLAT * max(1.0, abs(limit)) → return abs(limit - link.node.data) < FLAT * max(1.0, abs(limit))": ROUNDED,
        },
    ),
    "autograd.teaching.bugs": (
        ["mistakes"],
        {
            "edges_of: for position, (place, parent) in enumerate(zip(places, node.parents, strict=True)): → for position, (place, parent) in enumerate(zip(places, node.parents, strict=False)):": CHECKED,
            "wrong_quantity: if op is None or len(numbers) != 1 or edge.slope is None: → if False:": REFUSED,
            "wrong_quantity: if op is None or len(numbers) != 1 or edge.slope is None: → if op is None and len(numbers) != 1 and (edge.slope is None):": REFUSED,
            "at_edges: return Bug(name, title, wrong, right, needs, smallest, values, with_flow(flow), flow, True) → return Bug(name, title, wrong, right, needs, smallest, values, with_flow(flow), flow, False)": "the mistakes were made when the module was imported",
        },
    ),
    "autograd.teaching.diagnosis": (
        ["why"],
        {
            "no_path: if routes.x.serial > routes.y.serial: → if routes.x.serial >= routes.y.serial:": "no two values have the same serial number",
            "failed_sweep: failed = Link(node, position, node.parents[position], None, 0.0, 0.0) → failed = Link(node, position, node.parents[position], None, 1.0, 0.0)": UNREAD,
            "failed_sweep: failed = Link(node, position, node.parents[position], None, 0.0, 0.0) → failed = Link(node, position, node.parents[position], None, 0.0, 1.0)": UNREAD,
        },
    ),
    "autograd.teaching.exactly": (
        ["exact"],
        {
            "OnFractions._written: return self._words.number(arg.data if isinstance(arg, Value) else arg) → return self._words.number(arg)": "a Value is written as its number",
        },
    ),
    "autograd.teaching.mistaken": (
        ["mistakes"],
        {
            "sum_of_flows: return Equation(sum_of(flows), total) if 1 < len(flows) <= 8 else Equation(total) → return Equation(sum_of(flows), total) if 1 <= len(flows) <= 8 else Equation(total)": SAID_ONCE,
            "smallest: wrong = (x for x in reversed(graph.leaves) if differ(one.gradients, graph.right, x, 1.0)) → wrong = (x for x in reversed(graph.leaves) if differ(one.gradients, graph.right, x, 2.0))": "the gradients of these graphs are far apart",
        },
    ),
    "autograd.teaching.path_products": (
        ["paths"],
        {
            "Paths.parts: pairs = list(zip(self._listed, self.paths, strict=True)) → pairs = list(zip(self._listed, self.paths, strict=False))": CHECKED,
        },
    ),
    "autograd.teaching.replay": (
        ["modes"],
        {
            "Replay.nodes: found: dict[Value, Any] = dict(zip(self.xs, numbers, strict=True)) → found: dict[Value, Any] = dict(zip(self.xs, numbers, strict=False))": CHECKED,
        },
    ),
    "autograd.teaching.second_order": (
        ["modes"],
        {
            "second: for leaf, slope in zip(leaves, slopes, strict=True): → for leaf, slope in zip(leaves, slopes, strict=False):": CHECKED,
            "second: newton = None if step is None else [x.data - d for x, d in zip(leaves, step, strict=True)] → newton = None if step is None else [x.data - d for x, d in zip(leaves, step, strict=False)]": CHECKED,
            "solved: rows = [[*row, x] for row, x in zip(matrix, right, strict=True)] → rows = [[*row, x] for row, x in zip(matrix, right, strict=False)]": CHECKED,
            "solved: rows[j] = [x - row[i] * y for x, y in zip(row, rows[i], strict=True)] → rows[j] = [x - row[i] * y for x, y in zip(row, rows[i], strict=False)]": CHECKED,
            "SecondDerivatives.parts: gradient = [Equation(d, formula_or_size(written, operations(slope)), Formula.of_number(slope.data)) for d, slope, written in zip(slopes, self.gradients, self.formulas, strict=True)] → gradient = [Equation(d, formula_or_size(written, operations(slope)), Formula.of_number(slope.data)) for d, slope, written in zip(slopes, self.gradients, self.formulas, strict=False)]": CHECKED,
            "SecondDerivatives.parts: rows = [(d, *map(shortly, row)) for d, row in zip(slopes, self.hessian, strict=True)] → rows = [(d, *map(shortly, row)) for d, row in zip(slopes, self.hessian, strict=False)]": CHECKED,
            "SecondDerivatives.about_newton: numbers = (Equation(Formula(name), Formula.of_number(x)).as_formula() for name, x in zip(self.names, self.newton, strict=True)) → numbers = (Equation(Formula(name), Formula.of_number(x)).as_formula() for name, x in zip(self.names, self.newton, strict=False))": CHECKED,
        },
    ),
    "autograd.teaching.routes": (["routes"], {}),
    "autograd.teaching.side_by_side": (
        ["modes"],
        {},
    ),
    "autograd.teaching.factored": (["routes"], {}),
    "autograd.teaching.counting": (
        ["costs"],
        {
            "Costs.verdict: cheap = 'reverse' if self.inputs > self.outputs else 'forward' → cheap = 'reverse' if self.inputs >= self.outputs else 'forward'": "that both are equal was told before",
            "Recorded.__init__: slopes = [float(node.slope(i)) if node in reached else 0.0 for i in range(len(node.parents))] → slopes = [float(node.slope(i)) if node in reached else 1.0 for i in range(len(node.parents))]": "what does not reach an output may be any number",
            "Recorded.__init__: self.edges[node] = list(zip(node.parents, slopes, strict=True)) → self.edges[node] = list(zip(node.parents, slopes, strict=False))": CHECKED,
        },
    ),
    "nn.losses": (
        ["losses"],
        {
            "hinge: return _mean([relu(1 - sign * score) for sign, score in zip(signs, scores, strict=True)]) → return _mean([relu(1 - sign * score) for sign, score in zip(signs, scores, strict=False)])": CHECKED,
            "_pairs: return list(zip(predictions, targets, strict=True)) → return list(zip(predictions, targets, strict=False))": CHECKED,
        },
    ),
    "nn.optim.optimizer": (
        ["optim"],
        {
            "Optimizer.step: if len(moving) < len(parameters): → if True:": FASTER,
            "Optimizer.step: if len(moving) < len(parameters): → if len(moving) <= len(parameters):": FASTER,
            "Optimizer.step: state = dict(zip(self.slots, after[1:], strict=True)) → state = dict(zip(self.slots, after[1:], strict=False))": CHECKED,
            "Optimizer.step: if len(moving) < len(self.parameters): → if True:": FASTER,
            "Optimizer.step: if len(moving) < len(self.parameters): → if len(moving) <= len(self.parameters):": FASTER,
            "Optimizer.step: for numbers, new in zip(state.values(), after[1:], strict=True): → for numbers, new in zip(state.values(), after[1:], strict=False):": CHECKED,
            "Optimizer.step: for i, number in zip(moving, new, strict=True): → for i, number in zip(moving, new, strict=False):": CHECKED,
            "Optimizer.step: with nullcontext() if ASSIGN_IS_ATOMIC else uninterrupted(): → with nullcontext():": "the test that interrupts before every instruction notices, which takes too long for this",
            "Optimizer.step: with nullcontext() if ASSIGN_IS_ATOMIC else uninterrupted(): → with uninterrupted():": FASTER,
            "Optimizer.step: rule: ColumnRule = self.rule_on_columns() if self.is_built_in else one_by_one(self.moved) → rule: ColumnRule = one_by_one(self.moved)": FASTER,
            "Optimizer.rates: if isinstance(self.schedule, constant): → if False:": FASTER,
            "Optimizer._gradients: if (gradients := grads_of(self.parameters)) is not None: → if False:": FASTER,
            "Optimizer.rule_on_columns: if self._recorded is None or self._recorded[0] != settings: → if True:": FASTER,
            "Optimizer.rule_on_columns: if self._recorded is None or self._recorded[0] != settings: → if self._recorded is None or self._recorded[1] != settings:": FASTER,
            "Optimizer._refusal: place, what, number = next(((place, what, numbers[place]) for place in range(len(moving)) for what, numbers in zip(('', *self.slots), after, strict=True) if not isfinite(numbers[place]))) → place, what, number = next(((place, what, numbers[place]) for place in range(len(moving)) for what, numbers in zip(('', *self.slots), after, strict=False) if not isfinite(numbers[place])))": CHECKED,
            "clip_gradients: if norm > largest_norm: → if norm >= largest_norm:": "it multiplies by 1",
        },
    ),
    "nn.optim.optimizers": (["optim"], {}),
    "nn.optim.schedules": (["optim"], {}),
}


# Of modules with many mutants, one of so many is tried here; all were when this was written.
EVERY = {
    "autograd.teaching.blackboard": 2,  # 87 of 173
    "autograd.teaching.blocks": 2,  # 42 of 83
    "autograd.teaching.bugs": 2,  # 84 of 168
    "autograd.teaching.diagnosis": 2,  # 119 of 238
    "autograd.teaching.mistaken": 2,  # 56 of 112
    "autograd.teaching.second_order": 2,  # 36 of 72
    "autograd.teaching.side_by_side": 2,  # 54 of 107
}


def gate(module, every=1):
    tests, equivalent = GATES[module]
    count, found = survivors(module, [f"tests/test_{name}.py" for name in tests], every)
    return count, set(found), set(equivalent)


def test_a_sample_of_the_changes_to_the_arithmetic_of_flows_is_noticed():
    count, found, equivalent = gate("autograd.flows", every=8)
    assert count > 20 and found <= equivalent


@pytest.mark.slow
@pytest.mark.parametrize("module", GATES)
def test_every_change_is_noticed_unless_it_changes_nothing(module):
    every = EVERY.get(module, 1)
    count, found, equivalent = gate(module, every)
    assert count > 20 and found <= equivalent
    assert every > 1 or found == equivalent
