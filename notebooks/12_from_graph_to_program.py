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
# four languages, train a network with it, and say when it would be wrong. It takes about 30 minutes.

# %%
import math
from time import perf_counter

import numpy as np
from IPython.display import Markdown

from autograd import Operand, Program, Value, grad, gradients, relu, tanh, topological_order, where
from nn import MLP, SGD, fit, hinge, moons
from viz import draw, plot_boundary

# %% [markdown]
# ## The same graph, over and over
#
# Training repeats the same thing for every example and every step: compute the loss, sweep, move the
# parameters. Each time a graph is recorded. *What changes in this graph from one example to the next?*

# %%
w, b = Value(2.0, "w"), Value(-0.5, "b")


def neuron(x):
    return tanh(w * x + b)


for number in (0.4, -1.0):
    nodes = topological_order(neuron(Value(number)))
    print([node.op.name for node in nodes if node.op], "->", f"{nodes[-1].data:.4f}")

# %% [markdown]
# Only the numbers. So it should be enough to record **once**, and keep the list of operations without the
# numbers.
#
# ## A name instead of a number
#
# The engine's arithmetic works on any `Operand`: an object that defines what happens when an operation is
# applied to it. A `Value` computes the result, and records the operation. The operand below has only a
# name, so it cannot compute. It writes the operation on a list, and returns a name for the result. We call
# it a **wire**.


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
# Now the same with a recorded graph. Every leaf gets a wire. Then, in the order of the forward pass, each
# node's operation is applied to the wires of its parents.


# %%
def with_wires(y):
    """Write y and its gradient into `lines`; return the wires of the gradients, by node."""
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
# `gradients(y, read=...)` is the sweep of `backward()`, and `read` says what stands for a node in the
# arithmetic: its float, a formula, or here its wire. The sweep multiplies local derivatives and adds up flows
# as always, but now they are wires. *The local derivative of tanh is* $1 - y^2$*. Which lines will you see
# for the gradient of* `w`*?*

# %%
found = with_wires(y)
print(*lines, sep="\n")
print("the gradient of w is", found[w].name, "and that of b is", found[b].name)

# %% [markdown]
# The list contains no graph and no derivative rule: the chain rule has been applied, once, while the list was
# written. Such a list is a **program**.
#
# ## Program
#
# `Program(y, inputs)` does this. The `inputs` change from example to example. All other leaves are
# parameters, and the program computes gradients for these. (If you leave `inputs` out, as in `Program(y)`, all
# leaves are parameters.) A program is text, so you can read it:

# %%
program = Program(y, inputs=[x])
print(program.source())

# %% [markdown]
# You can also run it, here with Python itself. *Which numbers must agree?*

# %%
space = {"tanh": math.tanh}
exec(program.source(), space)
value, found = space["program"](0.4, 2.0, -0.5)
print(f"value {value:.6f}, gradients {found[0]:.6f} and {found[1]:.6f}")
print("the same as in the graph:", value == y.data and found == (w.grad, b.grad))

# %% [markdown]
# A line says only *this operation on those names*. So it can be translated into other languages, and none of
# them needs any derivative rule. NumPy works on a whole column of examples, JavaScript runs in exported
# pages, and C runs anywhere. With `gradients=False`, `source` prints only the forward part.

# %%
for language in ("numpy", "javascript", "c"):
    print(program.source(language), end="\n\n")

# %% [markdown]
# ## Nothing is computed twice
#
# The program is one line shorter than our own list. To see why, write tanh as in a textbook. *How often does
# this formula contain an exponential? How many different exponentials are there?*

# %%
x, w = Value(0.7, "x"), Value(2.0, "w")
s = x * w
y = (s.exp() - (-s).exp()) / (s.exp() + (-s).exp())
y.backward()
draw(y, direction="TB")

# %%
with_wires(y)
program = Program(y, inputs=[x])
print(program.source())
asked, written = (str(text).count("exp(") for text in (lines, program.source()))
print(f"\nexponentials: {asked} as recorded, {written} in the program")

# %% [markdown]
# Before it writes a line, `Program` checks whether the same operation on the same wires is already in the list,
# and if so, uses that result again. Lines that are not needed are removed. (For example, `x` is an input, so
# its gradient is not needed.)
#
# *Which of these will shrink most: this tanh, a network with two hidden layers, or a third derivative,
# whose graph was made by three sweeps?*

# %%
model = MLP(2, [16, 16, 1], tanh, seed=0)
x1, x2, target = Value(0.3, "x1"), Value(0.4, "x2"), Value(1.0, "target")
loss = relu(1 - target * model([x1, x2]))


def counted(y, inputs):
    with_wires(y)
    return len(lines), Program(y, inputs).source().count(" = ")


third = grad(grad(grad(tanh(x * w), x), x), x)
rows = [
    ("tanh from a textbook", *counted(y, [x])),
    ("a network's loss", *counted(loss, [x1, x2, target])),
    ("a third derivative", *counted(third, [x])),
]
Markdown(
    "| | as recorded | in the program |\n|---|---|---|\n"
    + "\n".join(f"| {name} | {before} | {after} |" for name, before, after in rows)
)

# %% [markdown]
# The network shrinks only a little, since each of its weights has lines of its own. The third derivative
# shrinks more, because its three sweeps use the same local derivatives in many places.
#
# ## A whole batch, and every bit
#
# A program takes a **batch**: one row of inputs for every example. Are its results *about* those of the
# engine? They should be the **same**, to the last bit, because it does the same operations in the same
# order. We compare the loss and all its gradients for every point, with `==`.

# %%
data = moons(50, seed=1)
batch = np.array([[*point, 2 * label - 1] for point, label in data])  # the targets are -1 and 1
program = Program(loss, inputs=[x1, x2, target])
values, rows = program.value_and_gradients(batch, reduce="none")
print(f"losses {values.shape}, gradients {rows.shape}")

# %%
same = 0
for (across, up, sign_of_class), value, row in zip(batch, values, rows, strict=True):
    model.zero_grad()
    recorded = relu(1 - sign_of_class * model([across, up]))
    recorded.backward()
    grads = [parameter.grad for parameter in program.parameters]
    same += recorded.data == value and grads == row.tolist()
print(f"the same to the last bit: {same} of {len(batch)}")

# %% [markdown]
# (One exception: if no compiled engine is installed, NumPy runs large batches, and its functions such as
# `tanh` may differ from Python's in the last digit.)
#
# ## How much faster?
#
# **Predict.** Twice, five times, more than ten times? Times differ from run to run, so the cell does not print
# them. It prints the largest of a few factors that was exceeded.


# %%
def seconds(task):
    """The shortest of three runs, which other programs disturb least."""
    times = []
    for _ in range(3):
        start = perf_counter()
        task()
        times.append(perf_counter() - start)
    return min(times)


def node_by_node():
    for across, up, sign_of_class in batch:
        relu(1 - sign_of_class * model([across, up])).backward()


program.value_and_gradients(batch)  # the first run prepares the program
ratio = seconds(node_by_node) / seconds(lambda: program.value_and_gradients(batch))
passed = max(factor for factor in (0, 1, 2, 5, 10) if ratio > factor)
Markdown(f"The program is **more than {passed} times** faster than recording and sweeping.")

# %% [markdown]
# This is not an approximation. What the program saves is the recording: it makes no nodes, looks up no local
# derivatives, and sorts nothing. Besides, it takes the whole batch at once, in compiled code if there is a
# compiled engine. `docs/speed.md` has a table of carefully measured times.
#
# ## Training with a program
#
# A training step now consists of two parts: run the program, and move the parameters against the gradients.
# The parameters remain ordinary Values, and the program reads their numbers each time it runs.

# %%
model = MLP(2, [8, 1], tanh, seed=0)
loss = relu(1 - target * model([x1, x2]))
program = Program(loss, inputs=[x1, x2, target])
for step in range(301):
    value, found = program.value_and_gradients(batch, reduce="mean")
    if step % 100 == 0:
        print(f"step {step:3}: loss {value:.4f}")
    for parameter, gradient in zip(program.parameters, found, strict=True):
        parameter.data -= 0.5 * gradient

# %%
_ = plot_boundary(model, data)

# %% [markdown]
# `nn.fit` does exactly this. *So will its last loss be the same?*

# %%
again = MLP(2, [8, 1], tanh, seed=0)
history = fit(
    again, data, loss=hinge, optimizer=SGD(again.parameters(), 0.5), epochs=301, progress=False
)
print(f"by hand {value:.6f}, nn.fit {history.losses[-1]:.6f}")

# %% [markdown]
# ## When a program is wrong
#
# A recorded graph contains what **happened**, and not what could have happened. The function below has two
# branches. It is recorded at 2, where the first one is taken. *What will the program say at −3?*


# %%
def bent(x):
    return x * x if x.data > 0 else -x


x = Value(2.0, "x")
program = Program(bent(x), inputs=[x])
print("the program: ", program([[2.0], [-3.0]]))
print("the function:", [bent(Value(number)).data for number in (2.0, -3.0)])
print(program.source(gradients=False))

# %% [markdown]
# Only `x * x` was recorded. Python made the decision, and the engine cannot see it, so there is no node for
# it. The same holds for a `while` whose condition depends on data. The solution is to make the decision an
# operation. `x > 0` records a node with the value 1 or 0, and `where(condition, a, b)` chooses between two
# values. (`maximum`, `minimum`, `clip` and `relu` contain such a choice.)

# %%
x = Value(2.0, "x")
y = where(x > 0, x * x, -x)
program = Program(y, inputs=[x])
print("the program: ", program([[2.0], [-3.0]]))
print(program.source(gradients=False))

# %% [markdown]
# Now both branches are computed every time, and one of the results is chosen. That costs some extra work.
#
# A program has other limits too. It cannot be drawn or explained. And when a number leaves its range, it does
# not raise an error, but continues with infinities, as C does. So use recorded graphs to understand a
# computation, and programs to repeat it.
#
# ## A question for you
#
# $1 + 2x + 3x^2 + 4x^3 + 5x^4$ can also be written by *Horner's rule*, as
# $1 + x\,(2 + x\,(3 + x\,(4 + 5x)))$. **Which of the two makes the shorter program, first without
# and then with the gradient?** Count the lines of `Program(y).source(gradients=False)` and of
# `Program(y).source()` that contain ` = `. And which lines of the forward part does the gradient of the
# first one use again?

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
#     lengths = [Program(y).source(gradients=gradients).count(" = ") for gradients in (False, True)]
#     print("forward", lengths[0], "with the gradient", lengths[1])
# print(Program(powers).source())
# ```
#
# The powers take 11 lines, and 17 with the gradient. Horner's rule takes 8, and 15, without a single power. In
# the program of the powers, look for the line that multiplies by 5 a second time: the derivative of $5x^4$
# is $5 \cdot 4x^3$, and $4x^3$ has been computed already, as a term of the sum. The same is true of the
# $3x^2$ and the $2x$ that the next two derivatives need.
# </details>
