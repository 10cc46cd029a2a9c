"""Large graphs folded by module: a neuron, a network or a loss becomes a node of its own.

>>> from autograd import explain
>>> from nn import Neuron
>>> x, neuron = Value(3.0, "x"), Neuron(1, init=lambda *_: ([2.0], 1.0), name="h")
>>> y, _ = folded(neuron([x]), fold="neuron")
>>> print(explain(y).backward_text)
Backward, an edge a line, starting with ∂h/∂h = 1
  local derivative                           flows back: upstream · local
  ∂h/∂x = sign(h) * h.w1 = sign(7) * 2 = 2   to x: 1 · 2 = 2
<BLANKLINE>
Gradients: ∂h/∂x = 2
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autograd.backprop import topological_order
from autograd.op import TABLE
from autograd.ops import add, multiply
from autograd.teaching import folding
from autograd.value import Value, made_node
from viz.graph.inside import Folded, Inside, Use

MAX_DRAWN = 400  # beyond it a picture has many pages, and its reader needs a lifetime
MAX_WIRES = 1000  # the same for edges, of which layers of neurons have many

LEVELS = ("neuron", "network", "loss")  # each folds what the one before folds, and more
Fold = str | Literal[False] | None  # one of these, or the name of an operation
Unfold = str | Value | Sequence[str | Value]  # operations by name, or nodes; none for ()

PARAMETER = re.compile(r"(?:(.*)\.)?(w[0-9]+|b)", re.DOTALL)  # what nn calls them
NEURON_OF_LAYER = re.compile(r"(.*?)layer([0-9]+)\.neuron[0-9]+", re.DOTALL)


# What there is to fold


@dataclass(frozen=True, eq=False)
class Neuron:
    """One application of a neuron in a graph: its operations, the last of which is `out`, its
    parameters, and where plain numbers come in, by the label of their weight."""

    name: str
    out: Value
    nodes: set[Value]
    parameters: set[Value]
    constants: dict[Use, Hashable]

    def feeds(self, other: "Neuron") -> bool:
        """Whether both are of one network, as far as names tell: of layers that follow on."""
        mine, its = NEURON_OF_LAYER.fullmatch(self.name), NEURON_OF_LAYER.fullmatch(other.name)
        if mine is None or its is None:
            return self.name != other.name  # a neuron that feeds itself is another example's
        return mine[1] == its[1] and int(mine[2]) + 1 == int(its[2])


def neurons_of(order: Sequence[Value], users: Mapping[Value, list[Value]]) -> list[Neuron]:
    """The neurons: sums, as large as can be, of a bias and of products with weights that are
    labelled as those of one neuron, and the activation that has the sum to itself."""
    weights: dict[Value, tuple[str, str]] = {}
    sums: dict[Value, tuple[str, frozenset[str]]] = {}  # whose, and which parameters it is made of
    absorbed: set[Value] = set()
    for node in order:
        if node.op is None:
            if match := PARAMETER.fullmatch(node.label):
                name, last = match[1] or "", match[2]
                if last == "b":
                    sums[node] = name, frozenset(["b"])
                else:
                    weights[node] = name, last
        elif node.op is multiply:
            for arg in node.args:
                if isinstance(arg, Value) and arg in weights:
                    name, last = weights[arg]
                    sums[node] = name, frozenset([last])
                    break
        elif node.op is add:
            both = [sums.get(arg) for arg in node.args if isinstance(arg, Value)]
            if len(both) == 2 and both[0] and both[1]:
                (name, some), (other, more) = both[0], both[1]
                alone = all(arg.op is None or len(users[arg]) == 1 for arg in node.args)
                if name == other and alone and some.isdisjoint(more):
                    sums[node] = name, some | more
                    absorbed.update(node.args)
    return [
        neuron(node, name, sums, weights, users)
        for node, (name, made_of) in sums.items()
        if node.op is add and "b" in made_of and node not in absorbed
    ]


def neuron(
    total: Value,
    name: str,
    sums: Mapping[Value, Any],
    weights: Mapping[Value, tuple[str, str]],
    users: Mapping[Value, list[Value]],
) -> Neuron:
    """The neuron whose weighted sum is `total`."""
    nodes: set[Value] = set()
    parameters: set[Value] = set()
    constants: dict[Use, Hashable] = {}
    waiting = [total]
    while waiting:
        node = waiting.pop()
        if node.op is None:
            parameters.add(node)
            continue
        nodes.add(node)
        if node.op is add:
            waiting.extend(node.args)
            continue
        (place, weight) = next(
            (i, a) for i, a in enumerate(node.args) if isinstance(a, Value) and a in weights
        )
        parameters.add(weight)
        x = node.args[1 - place]
        if not isinstance(x, Value):
            constants[node, 1 - place] = weights[weight][1], repr(x)
    out = total
    if len(users[total]) == 1 and total.label == (f"{name}.sum" if name else "sum"):
        (user,) = users[total]
        if len(user.args) == 1:
            out = user
            nodes.add(out)
    return Neuron(name, out, nodes, parameters, constants)


# Folding


def folded(
    y: Value,
    variables: Mapping[str, Any] | None = None,
    fold: Fold = None,
    limit: int = MAX_DRAWN,
) -> tuple[Value, dict[str, Any]]:
    """The graph of y with its modules folded, and the variables with what has become of them.

    `fold` says how far: "neuron" makes every application of a neuron a node, "network" those of
    whole networks, "loss" also all that comes after them. None does what is needed for a picture
    of at most `limit` cards, and not too many edges if that can be, which may be nothing. False
    never folds. The name of an operation, such as "tanh", makes one of it wherever its formula is
    written out. The leaves that can be seen are those of y, and all nodes hold the gradients that
    they hold there.

    Raises ValueError when the folded graph has more than `limit` nodes still, for an unknown
    `fold`, and for an operation whose formula is not there; StaleGraph when a leaf was changed
    after the graph was recorded.
    """
    variables = dict(variables or {})
    if fold is not None and fold is not False and fold not in (*LEVELS, *TABLE):
        raise ValueError(
            f"fold is one of {', '.join(LEVELS)}, the name of an operation, None or False, "
            f"not {fold!r}"
        )
    if fold is False or not isinstance(y, Value):
        return y, variables
    if isinstance(fold, str) and fold not in LEVELS:
        return renamed(folding.folded(y, [fold]), y, variables)
    order = topological_order(y)
    if fold is None and len(order) <= limit:
        return y, variables
    users: dict[Value, list[Value]] = defaultdict(list)
    for node in order:
        for parent in node.parents:
            users[parent].append(node)
    neurons = neurons_of(order, users)
    if not neurons:
        return y, variables
    shown = {use: name for neuron in neurons for use, name in neuron.constants.items()}
    found: tuple[set[Value], dict[Value, Inside]] | None = None
    for level in LEVELS if fold is None else (fold,):
        hidden = hidden_at(level, y, order, users, neurons)
        seen = [node for node in order if node not in hidden]
        fewest = len(seen)
        if fewest > limit:
            continue
        insides = insides_of(seen, hidden, shown)
        if sum(not isinstance(one, Value) for one in inputs_of_all(seen, insides)) > limit:
            insides = insides_of(seen, hidden, {})
        found = hidden, insides
        if sum(isinstance(one, Value) for one in inputs_of_all(seen, insides)) <= MAX_WIRES:
            break
    if found is None:
        further = "" if fold in (None, "loss") else "fold further, or "
        raise ValueError(
            f"this graph has {len(order)} nodes, {fewest} when it is folded, and a picture holds "
            f"at most {limit}: {further}draw a part, such as the loss of fewer examples, or an "
            "intermediate value"
        )
    new = rebuilt(order, *found, {neuron.out for neuron in neurons})
    return renamed(new, y, variables)


def unfolded(
    y: Value, variables: Mapping[str, Any] | None, unfold: Unfold
) -> tuple[Value, dict[str, Any]]:
    """The graph of y with operations replaced by their formulas, and the variables with what has
    become of them. Raises what `unfold` of autograd.teaching raises."""
    variables = dict(variables or {})
    what = [unfold] if isinstance(unfold, str | Value) else list(unfold)
    return renamed(folding.unfolded(y, what), y, variables) if what else (y, variables)


def renamed(
    new: Mapping[Value, Value], y: Value, variables: Mapping[str, Any]
) -> tuple[Value, dict[str, Any]]:
    """What stands for y in another graph, and what the variables hold there."""
    return new[y], {name: moved(held, new) for name, held in variables.items()}


def drawable(order: Sequence[Value], most: int = MAX_DRAWN) -> None:
    """Raises ValueError for too many nodes."""
    if len(order) > most:
        raise ValueError(
            f"this graph has {len(order)} nodes, and a picture holds at most {most}: draw a "
            "part, such as an intermediate value or a graph of fewer inputs, or read it with "
            "`explain`"
        )


def inputs_of_all(nodes: Sequence[Value], insides: Mapping[Value, Inside]) -> Iterator[Any]:
    """What goes into these nodes, an entry for each use."""
    return (one for node in nodes for one in inputs_of(node, insides))


def inputs_of(node: Value, insides: Mapping[Value, Inside]) -> Sequence[Any]:
    """What goes into a node, where those in `insides` are folded."""
    return [one.node for one in insides[node].inputs] if node in insides else node.args


def hidden_at(
    level: str,
    y: Value,
    order: Sequence[Value],
    users: Mapping[Value, list[Value]],
    neurons: Sequence[Neuron],
) -> set[Value]:
    """The nodes that are folded away at a level: never y itself, nor what is used elsewhere."""
    hidden = {node for neuron in neurons for node in neuron.nodes if node is not neuron.out}
    owner = {node: neuron for neuron in neurons for node in neuron.nodes}
    if level != "neuron":
        for neuron in neurons:
            after = [owner.get(user) for user in users[neuron.out]]
            if after and all(next is not None and neuron.feeds(next) for next in after):
                hidden.add(neuron.out)
    if level == "loss":
        leads_on = {node for neuron in neurons for node in neuron.nodes}
        for node in reversed(order):
            if node in leads_on:
                leads_on.update(node.parents)
        hidden.update(
            node for node in order if node.op is not None and node not in leads_on and node is not y
        )
    folds = {node for node in order if not hidden.isdisjoint(node.parents)} | hidden
    for parameter in {one for neuron in neurons for one in neuron.parameters}:
        if folds.issuperset(users[parameter]):
            hidden.add(parameter)
    return hidden


def insides_of(
    seen: Sequence[Value], hidden: set[Value], constants: Mapping[Use, Hashable]
) -> dict[Value, Inside]:
    """What is inside the nodes that have something hidden behind them."""
    insides: dict[Value, Inside] = {}
    for node in seen:
        if hidden.isdisjoint(node.parents):
            continue
        nodes, waiting = {node}, [node]
        while waiting:
            for parent in waiting.pop().parents:
                if parent in hidden and parent.op is not None and parent not in nodes:
                    nodes.add(parent)
                    waiting.append(parent)
        insides[node] = Inside(sorted(nodes, key=lambda one: one.serial), hidden, constants)
    return insides


def rebuilt(
    order: Sequence[Value],
    hidden: set[Value],
    insides: Mapping[Value, Inside],
    outputs: set[Value],
) -> dict[Value, Value]:
    """What stands in the folded graph for the nodes that can still be seen. Leaves stay."""
    new: dict[Value, Value] = {}
    for node in order:
        if node in hidden:
            continue
        if node.op is None:
            new[node] = node
            continue
        op = node.op
        if node in insides:
            inside = insides[node]
            found = sum(one in outputs for one in inside.nodes)
            kind = "loss" if node not in outputs else "neuron" if found == 1 else "network"
            op = Folded(kind, inside)
        ins = inputs_of(node, insides)
        args = tuple([new[arg] if isinstance(arg, Value) else arg for arg in ins])
        copy = new[node] = made_node(op, args, node.data)  # no operation is performed again
        copy.label, copy.grad = node.label, node.grad
    return new


def moved(held: Any, new: Mapping[Value, Value]) -> Any:
    """What a variable holds, with the nodes of the folded graph for those of the whole one."""
    if isinstance(held, Value):
        return new.get(held, held)
    if type(held) in (list, tuple) and len(held) <= 100:  # further in, no names are looked for
        return [new.get(one, one) if isinstance(one, Value) else one for one in held]
    return held
