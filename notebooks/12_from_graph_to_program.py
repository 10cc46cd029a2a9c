# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 12. From a graph to a program
#
# After this lesson you can turn a recorded graph and its gradient into a short program, read it in
# four languages, train a network with it, and say when it would be wrong. It takes about twenty
# minutes.

# %%
import math
from time import perf_counter

import numpy as np
from IPython.display import Markdown

from autograd import Operand, Program, Value, grad, gradients, relu, sign, tanh, topological_order
from nn import MLP, SGD, fit, hinge, moons
from viz import draw, plot_boundary

# %% [markdown]
# ## The same graph, over and over
#
# Training a network computes its loss, sweeps, moves the parameters, and does all this again, for
# every example and every step. *Of the graph that is recorded each time, what changes from one
# example to the next?*

# %%
w, b = Value(2.0, "w"), Value(-0.5, "b")


def neuron(x):
    return tanh(w * x + b)


for number in (0.4, -1.0):
    nodes = topological_order(neuron(Value(number)))
    print([node.op.name for node in nodes if node.op], "->", f"{nodes[-1].data:.4f}")

# %% [markdown]
# The numbers, and nothing else. So it should be enough to record **once**, and keep what was done,
# in order, without the numbers.
#
# ## A number that does not exist yet
#
# The engine's arithmetic works on any `Operand`: a thing that knows what to do when an operation is
# applied to it. A `Value` computes, and remembers. The one below cannot compute, as it has only a
# name. It writes the operation on a list, and hands out a name for the result. Call it a **wire**.


# %%
class Wire(Operand):
    def __init__(self, name):
        self.name = name

    def apply(self, op, args):
        names = [arg.name if isinstance(arg, Wire) else str(arg) for arg in args]
        result = Wire(f"v{len(lines)}")
        lines.append(f"{result.name} = {op.name}({', '.join(names)})")
        return result


lines = []
tanh(Wire("w") * Wire("x") + Wire("b"))
print(*lines, sep="\n")

# %% [markdown]
# Now the same with a graph. Every leaf gets a wire; going forward, each node's operation is applied
# to the wires of its parents.


# %%
def with_wires(y):
    """Write y and its gradient into `lines`; give the wires on which the gradients come out."""
    lines.clear()
    wires = {}
    for node in topological_order(y):
        if node.op is None:
            wires[node] = Wire(node.label)
        else:
            args = [wires[arg] if isinstance(arg, Value) else arg for arg in node.args]
            wires[node] = node.op(*args)
    return gradients(y, read=wires.__getitem__)


x = Value(0.4, "x")
y = neuron(x)
y.backward()
draw(y)

# %% [markdown]
# `gradients(y, read=...)` is the sweep of `backward()`, and `read` says what a node stands for in
# it: its number, a formula, or here its wire. The sweep multiplies slopes and adds up flows as ever,
# but what it multiplies are wires. *The slope of tanh is* $1 - y^2$*. Which lines will you see for
# the gradient of* `w`*?*

# %%
found = with_wires(y)
print(*lines, sep="\n")
print("the gradient of w is", found[w].name, "and that of b is", found[b].name)

# %% [markdown]
# No graph is left, and no calculus: the chain rule is over when this list is written. That is a
# program.
#
# ## The real one
#
# `Program(y, inputs)` does this. The `inputs` change from example to example; all other leaves are
# parameters, and it is for these that it computes gradients. It is text, so it can be read:

# %%
program = Program(y, inputs=[x])
print(program.source())

# %% [markdown]
# And run, here by Python itself. *With what must its numbers agree?*

# %%
space = {"tanh": math.tanh}
exec(program.source(), space)
value, slopes = space["program"](0.4, 2.0, -0.5)
print(f"value {value:.6f}, gradients {slopes[0]:.6f} and {slopes[1]:.6f}")
print("those of the graph:", value == y.data and slopes == (w.grad, b.grad))

# %% [markdown]
# A line says only *this operation on those names*. So it can be said in another language, which
# needs to know no derivative either: NumPy runs a whole column of examples, JavaScript the exported
# pages, and C whatever you like.

# %%
for language in ("numpy", "javascript", "c"):
    print(program.source(language), end="\n\n")

# %% [markdown]
# ## Nothing is computed twice
#
# The program was a line shorter than our own list, and that is no accident. Here is tanh, written
# out the way one finds it in a book. *How often is an exponential asked for? How many different
# ones are there?*

# %%
x, w = Value(0.7, "x"), Value(2.0, "w")
s = x * w
y = (s.exp() - (-s).exp()) / (s.exp() + (-s).exp())
y.backward()
draw(y, rankdir="TB")

# %%
with_wires(y)
program = Program(y, inputs=[x])
print(program.source())
asked, written = (str(text).count("exp(") for text in (lines, program.source()))
print(f"\nexponentials: {asked} as recorded, {written} in the program")

# %% [markdown]
# Before a program writes a line, it looks whether the same operation on the same wires stands there
# already; then it uses that result again. And a line that nobody needs is struck out. (The slope
# towards `x` is such a case: `x` is an input, and nobody asked.)
#
# *Which of these will shrink most: that tanh, a network with two hidden layers, or a third
# derivative, whose graph was made by sweep upon sweep?*

# %%
model = MLP(2, [16, 16, 1], tanh, seed=0)
x1, x2, target = Value(0.3, "x1"), Value(0.4, "x2"), Value(1.0, "target")
loss = relu(1 - target * model([x1, x2]))


def counted(y, inputs):
    with_wires(y)
    return len(lines), Program(y, inputs).source().count(" = ")


third = grad(grad(grad(tanh(x * w), x), x), x)
rows = [
    ("tanh from a book", *counted(y, [x])),
    ("a network's loss", *counted(loss, [x1, x2, target])),
    ("a third derivative", *counted(third, [x])),
]
Markdown(
    "| | as recorded | in the program |\n|---|---|---|\n"
    + "\n".join(f"| {name} | {before} | {after} |" for name, before, after in rows)
)

# %% [markdown]
# The network has little to gain, since each of its weights has lines of its own. A third derivative
# has more: its three sweeps ask for the same slopes in many places.
#
# ## A whole batch, and every bit
#
# A program takes a batch: a row of numbers for every example. Are its results *about* those of the
# engine? They should be the **same**, to the last bit, because it does the same operations in the
# same order. We compare one loss and all its gradients for every point, with `==`.

# %%
data = moons(50, seed=1)
batch = np.array([[*point, 2 * label - 1] for point, label in data])  # the targets are -1 and 1
program = Program(loss, inputs=[x1, x2, target])
values, slopes = program.value_and_gradients(batch, reduce="none")
print(f"losses {values.shape}, gradients {slopes.shape}")

# %%
same = 0
for (across, up, wanted), value, row in zip(batch, values, slopes, strict=True):
    model.zero_grad()
    eager = relu(1 - wanted * model([across, up]))
    eager.backward()
    grads = [parameter.grad for parameter in program.parameters]
    same += eager.data == value and grads == row.tolist()
print(f"the same to the last bit: {same} of {len(batch)}")

# %% [markdown]
# (One exception: on NumPy, which takes over for large batches where no compiled engine is
# installed, functions like `tanh` may differ from Python's in the last digit.)
#
# ## How much faster?
#
# **Predict.** Twice, five times, more than ten times? Clocks differ from run to run, so the cell prints
# no times, but the largest of a few factors that was passed.


# %%
def seconds(task):
    """The best of three, so that other programs disturb it less."""
    times = []
    for _ in range(3):
        start = perf_counter()
        task()
        times.append(perf_counter() - start)
    return min(times)


def node_by_node():
    for across, up, wanted in batch:
        relu(1 - wanted * model([across, up])).backward()


program.value_and_gradients(batch)  # the first run makes it ready
ratio = seconds(node_by_node) / seconds(lambda: program.value_and_gradients(batch))
passed = max(factor for factor in (0, 1, 2, 5, 10) if ratio > factor)
Markdown(f"The program is **more than {passed} times** faster than recording and sweeping.")

# %% [markdown]
# Nothing was approximated for that. What is saved is the recording: no node is made, no slope is
# looked up, and no order is sought. Besides, the program takes the whole batch at once, on a compiled
# machine if there is one. `docs/speed.md` has a table of times that were measured with more care.
#
# ## Training is: run, then move
#
# A step of training is now two lines: run the program, and move the parameters against what comes
# out. They stay ordinary Values, and the program reads their numbers each time that it runs.

# %%
model = MLP(2, [8, 1], tanh, seed=0)
loss = relu(1 - target * model([x1, x2]))
program = Program(loss, inputs=[x1, x2, target])
for step in range(301):
    value, slopes = program.value_and_gradients(batch, reduce="mean")
    if step % 100 == 0:
        print(f"step {step:3}: loss {value:.4f}")
    for parameter, slope in zip(program.parameters, slopes, strict=True):
        parameter.data -= 0.5 * slope

# %%
_ = plot_boundary(model, data)

# %% [markdown]
# `nn.fit` does just that. *Then will its last loss be the same?*

# %%
again = MLP(2, [8, 1], tanh, seed=0)
history = fit(
    again, data, loss=hinge, optimizer=SGD(again.parameters(), 0.5), epochs=301, progress=False
)
print(f"by hand {value:.6f}, nn.fit {history.losses[-1]:.6f}")

# %% [markdown]
# ## When a program is wrong
#
# A recorded graph holds what **happened**, not what might have. The function below has two
# branches. It is recorded at 2, where the first one is taken. *What will the program say at −3?*


# %%
def bent(x):
    return x * x if x.data > 0 else -x


x = Value(2.0, "x")
program = Program(bent(x), inputs=[x])
print("the program: ", program([[2.0], [-3.0]]))
print("the function:", [bent(Value(number)).data for number in (2.0, -3.0)])
print(program.source(slopes=False))

# %% [markdown]
# Only `x * x` was recorded; Python took the decision before the engine could see it, and left no
# node. The same goes for a `while` that looks at data. The way out is to make the decision an
# operation: `maximum`, `minimum`, `clip`, `relu` and `sign` are nodes like any others.
# `sign(relu(x))` is 1 where x is positive, and otherwise 0.

# %%
x = Value(2.0, "x")
y = -x + (x * x + x) * sign(relu(x))
program = Program(y, inputs=[x])
print("the program: ", program([[2.0], [-3.0]]))
print(program.source(slopes=False))

# %% [markdown]
# Both sides are computed now, and the right one is chosen. That is the price.
#
# A program has forgotten other things too. It cannot be drawn or explained. It does not stop with a
# sentence where a number is out of range, but goes on with infinities, as C does. So record node by node to understand, and as a program to repeat.
#
# ## A question for you
#
# $1 + 2x + 3x^2 + 4x^3 + 5x^4$ can also be written by *Horner's rule*, as
# $1 + x\,(2 + x\,(3 + x\,(4 + 5x)))$. **Which of the two makes the shorter program, first without
# and then with the gradient?** And what does the gradient of the first find ready-made among its
# forward lines?

# %%
x = Value(1.5, "x")
powers = 1 + 2 * x + 3 * x**2 + 4 * x**3 + 5 * x**4
horner = 1 + x * (2 + x * (3 + x * (4 + x * 5)))
# your programs here

# %% [markdown]
# <details><summary>An answer</summary>
#
# ```python
# for y in (powers, horner):
#     lengths = [Program(y).source(slopes=slopes).count(" = ") for slopes in (False, True)]
#     print("forward", lengths[0], "with the gradient", lengths[1])
# print(Program(powers).source())
# ```
#
# Powers take 11 lines, and 17 with the gradient. Horner takes 8, and 15, without a single power. In
# the program of powers, look for the line that multiplies by 5 a second time: the slope of $5x^4$
# is $5 \cdot 4x^3$, and $4x^3$ had been computed already, as a term of the sum. So had the
# $3x^2$ and the $2x$ that the next two slopes need.
# </details>
