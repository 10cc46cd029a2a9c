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
# # 10. Derivatives of derivatives
#
# After this lesson you can differentiate a gradient, draw the graph it is made of, use curvature to
# jump to the bottom of a bowl, and say which way through a graph is the cheaper one. It takes about
# twenty minutes.

# %%
import numpy as np
from IPython.display import Markdown

from autograd import Value, chain_rule, grad, hessian, jacobian, jvp, tanh, topological_order
from nn import MLP, mse
from viz import draw, plot_surface, stepper

# %% [markdown]
# ## A gradient is a value too
#
# `y.backward()` leaves gradients behind as plain numbers. `grad(y, x)` gives the same number with
# a history: the sweep wrote its own products and sums down as it went.
#
# **Predict.** What are the first and the second derivative of $x^3$ at $x = 3$?

# %%
x = Value(3.0, "x")
y = x**3
first = grad(y, x)
second = grad(first, x)
print("first: ", first.data)
print("second:", second.data)

# %% [markdown]
# What does the first derivative consist of? It has parents, so it can be drawn.

# %%
first.label = "dy/dx"
first.backward()
draw(first)

# %% [markdown]
# That is $3 x^2$, read off the table of operations and put together from ordinary nodes. The
# gradient that stands at `x` in this picture is the second derivative: the sweep that found it
# walked along *these* edges, and does not know that it was walking over a derivative. This is all
# there is to higher orders.
#
# Slopes often use the result itself: the slope of $\tanh$ is $1 - y^2$.
#
# **Predict.** How should the gradient's graph have `y` in it: as a copy, or as the very node that was
# there before?

# %%
x, w = Value(0.5, "x"), Value(2.0, "w")
s = x * w
y = tanh(s)
slope = grad(y, w)
Markdown(
    f"The graph of `y` has {len(topological_order(y))} nodes, that of its gradient "
    f"{len(topological_order(slope))}. Is the node `y` among these? "
    f"**{y in topological_order(slope)}**."
)

# %% [markdown]
# It is the node itself. So the second sweep goes down through the gradient's part and on through
# the forward part. Step through it, and watch `x`: *along how many edges does it receive something?*

# %%
stepper(slope)

# %%
flows = [flow for _, _, parent, _, flow, _ in chain_rule(slope) if parent is x]
print("x receives", " and ".join(f"{flow:.4f}" for flow in flows))
print("in total  ", f"{sum(flows):.4f}", "=", f"{grad(slope, x).data:.4f}", "from grad(slope, x)")

# %% [markdown]
# One flow comes from the slope of the product, which *is* `x`; the other from the way `x` moves
# `y`, and with it the slope of tanh.
#
# ## All the way down
#
# **Predict.** Differentiate $x^4$ four times in your head. What is left, and what is the fifth
# derivative?

# %%
x = Value(1.5, "x")
y = x**4
for order in range(6):
    there_is = "a" if x in topological_order(y) else "no"
    print(f"derivative {order}: {y.data:g}, with {there_is} path to x")
    y = grad(y, x)

# %% [markdown]
# The fourth is the same number at every `x`, and yet a path still leads to `x`, by way of $x^0$. The
# slope of an edge on it is exactly 0. After that there is no path any more. Both make a derivative 0,
# and they are not the same thing: along one nothing flows, and the other is not there.
#
# ## Two directions, four second derivatives
#
# A function of two numbers has a gradient of two numbers, and each of these can be differentiated
# by each input. The table of the results is the **Hessian**. It says how the slopes themselves
# change as one moves: the curvature.
#
# **Predict.** For the bowl below, which of the four entries can you see in the formula? Which two
# must be equal?

# %%
p, q = Value(4.0, "p"), Value(3.0, "q")


def bowl():
    return (p - 1) ** 2 + 5 * (q + 1) ** 2 + p * q


for row in hessian(bowl(), [p, q]):
    print(row)

# %% [markdown]
# Gradient descent knows only the slope, and so it has to guess how far to go. If slope and
# curvature are both known, there is a better answer. Pretend that the function is a bowl exactly,
# and go where the slope of that bowl is 0. In one dimension this is
# $x \leftarrow x - f'(x) / f''(x)$. In two it is a pair of equations, which the Hessian and the
# gradient fill in.


# %%
def newton_step(f):
    """Move p and q to where the bowl that fits f here has its bottom."""
    y = f()
    along_p, along_q = jacobian([y], [p, q])[0]
    (a, b), (_, c) = hessian(y, [p, q])
    determinant = a * c - b * b
    step = (c * along_p - b * along_q) / determinant, (a * along_q - b * along_p) / determinant
    p.data, q.data = p.data - step[0], q.data - step[1]


# %% [markdown]
# **Predict.** How many of these steps will the bowl take?

# %%
newton_step(bowl)
at_bottom = jacobian([bowl()], [p, q])[0]
Markdown(
    f"After one step p = {p.data:.4f}, q = {q.data:.4f}, and the gradient is "
    f"({abs(at_bottom[0]):.1f}, {abs(at_bottom[1]):.1f})."
)

# %% [markdown]
# One, from anywhere: the pretence was true. Now a function that is no bowl. Rosenbrock's has a
# bent, narrow valley, with its lowest point at (1, 1).
#
# **Predict.** The first step goes towards the bottom of the valley. What may the second one do?


# %%
def rosenbrock():
    return (1 - p) ** 2 + 100 * (q - p**2) ** 2


p.data, q.data = -1.2, 1.0
path = [(p.data, q.data)]
print(f"start:  {rosenbrock().data:.4g}")
while rosenbrock().data > 1e-12:
    newton_step(rosenbrock)
    path.append((p.data, q.data))
    print(f"step {len(path) - 1}: {rosenbrock().data:.4g}")

# %%
axes = plot_surface(rosenbrock, p, q, path)
_ = axes.set_title("Newton's steps through the valley")

# %% [markdown]
# The path jumps out of the valley, far up its wall, and falls back nearly to the goal: where the
# curvature changes quickly, the fitted bowl is wrong, and a step along it may climb. Near the end it
# is right, and then every step about doubles the number of correct digits. Plain gradient descent
# is more careful, and this is the price:

# %%
newton_steps = len(path) - 1
p.data, q.data = -1.2, 1.0
for _ in range(1000):
    y = rosenbrock()
    along_p, along_q = jacobian([y], [p, q])[0]
    p.data, q.data = p.data - 0.001 * along_p, q.data - 0.001 * along_q
Markdown(
    f"Newton arrived after {newton_steps} steps. After 1000 steps of gradient descent the loss is "
    f"still {rosenbrock().data:.2f}, at ({p.data:.2f}, {q.data:.2f})."
)

# %% [markdown]
# Then why are networks not trained this way? A Hessian has a row and a column for every parameter.
# And the step goes to where the slope is 0, be that a bottom, a top or a saddle.
#
# ## A puzzle
#
# A derivative may stand inside the function that another one differentiates:
#
# $$\frac{d}{dx}\left[\,x \cdot \frac{d}{dy}\,(x + y)\right] \quad\text{at } x = 1,\ y = 1$$
#
# *Work it out on paper, from the inside. Then meet an engine that gets it wrong.*
#
# The engine below carries two numbers forward: how large something is, and how fast it changes as
# the input moves, its tangent. Sum and product are all it knows.


# %%
class Pair:
    def __init__(self, number, tangent):
        self.number, self.tangent = number, tangent

    def __add__(self, other):
        return Pair(self.number + other.number, self.tangent + other.tangent)

    def __mul__(self, other):
        product = self.number * other.number
        return Pair(product, self.tangent * other.number + self.number * other.tangent)


def careless(f, at):
    """df/dx: let x move at speed 1, and see how fast f moves."""
    return f(Pair(at, 1.0)).tangent


print("right: ", careless(lambda x: x * x, 3.0))
print("puzzle:", careless(lambda x: x * Pair(careless(lambda y: x + y, 1.0), 0.0), 1.0))

# %% [markdown]
# The inner derivative asks how `x + y` changes when **y** moves. But `x` has a speed of its own,
# meant for the outer question, and `Pair` cannot tell whose speed is whose: it adds them. This slip
# has a name, *perturbation confusion*, and real libraries have made it.
#
# With a recorded graph there is nothing to confuse, because `grad` is told which node to ask about:

# %%
x, y = Value(1.0, "x"), Value(1.0, "y")
inner = grad(x + y, y)
print(grad(x * inner, x).data)

# %% [markdown]
# And `jvp` below carries tangents forward as `Pair` does, but gives every derivative a level of its
# own, so that speeds of different levels are never added.


# %%
def derivative(f, at):
    return jvp(f, [at], [1.0])[1]


print(derivative(lambda x: x * derivative(lambda y: x + y, 1.0), 1.0))

# %% [markdown]
# ## Two ways through a graph
#
# So slopes can be multiplied up in either direction. Here are both sweeps, on a recorded graph.
# *Compare them line by line: what differs?*


# %%
def reverse(nodes, y):
    """∂y/∂node for every node, and how many edges were walked."""
    carried, walked = dict.fromkeys(nodes, 0.0) | {y: 1.0}, 0
    for node in reversed(nodes):
        for i, parent in enumerate(node.parents):
            carried[parent] += carried[node] * node.slope(i)
            walked += 1
    return carried, walked


def forward(nodes, x):
    """∂node/∂x for every node, and how many edges were walked."""
    carried, walked = dict.fromkeys(nodes, 0.0) | {x: 1.0}, 0
    for node in nodes:
        for i, parent in enumerate(node.parents):
            carried[node] += node.slope(i) * carried[parent]
            walked += 1
    return carried, walked


# %% [markdown]
# The reverse sweep starts at one **result** and asks of every node: how much does the result feel
# you? The forward sweep starts at one **input** and asks of every node: how much do you feel the
# input?

# %%
a, b = Value(2.0, "a"), Value(3.0, "b")
t = a * b
u = t + a
y = t * u
for name, node in {"t": t, "u": u, "y": y}.items():
    node.label = name
y.backward()
draw(y)

# %% [markdown]
# *Fill in one row of the table before you look: what are ∂y/∂t and ∂t/∂a?*

# %%
nodes = topological_order(y)
back, _ = reverse(nodes, y)
ahead, _ = forward(nodes, a)
rows = [f"| {n.label} | {n.data:g} | {back[n]:g} | {ahead[n]:g} |" for n in nodes]
head = "| node | number | reverse carries ∂y/∂node | forward carries ∂node/∂a |\n|---|---|---|---|"
Markdown("\n".join([head, *rows]))

# %% [markdown]
# Both arrive at ∂y/∂a: one at the row of `a`, the other at the row of `y`. On its way the reverse
# sweep has also found ∂y/∂b. The forward sweep has not, and has to start again from `b`. But had
# there been a second result, it would have found that as well.
#
# ## What it costs
#
# With n inputs and m results the **Jacobian** is a table of m × n slopes. A reverse sweep fills a
# row, a forward sweep a column, and each walks along every edge once. *Below are three inputs and
# two results. How many sweeps does each way need, and how many edges does it walk?*

# %%
a, b, c = xs = Value(2.0, "a"), Value(3.0, "b"), Value(0.5, "c")
s = a * b + c.sin()
ys = [s * s, s - c]
nodes = sorted({n for y in ys for n in topological_order(y)}, key=lambda n: n.number)
edges = sum(len(n.parents) for n in nodes)

by_rows = [reverse(nodes, y) for y in ys]
by_columns = [forward(nodes, x) for x in xs]
Markdown(
    f"The graph has {edges} edges. Reverse walked {sum(w for _, w in by_rows)} = "
    f"{len(ys)} × {edges}, forward {sum(w for _, w in by_columns)} = {len(xs)} × {edges}."
)

# %%
from_rows = [[carried[x] for x in xs] for carried, _ in by_rows]
from_columns = [[carried[y] for carried, _ in by_columns] for y in ys]
for row in jacobian(ys, xs):
    print([round(slope, 6) for slope in row])
agree = [np.allclose(mine, jacobian(ys, xs), rtol=1e-12) for mine in (from_rows, from_columns)]
print("to 12 digits the same by rows and by columns:", *agree)

# %% [markdown]
# A network has many inputs to its loss, all its parameters, and a single result. *Guess how much
# more the forward way has to walk.*

# %%
model = MLP(2, [8, 8, 1], tanh, seed=0)
loss = mse([model([0.5, -1.0])], [1.0])
nodes = topological_order(loss)
parameters = model.parameters()

found, walked_back = reverse(nodes, loss)
walked_ahead, farthest = 0, 0.0
for parameter in parameters:
    carried, walked = forward(nodes, parameter)
    walked_ahead += walked
    farthest = max(farthest, abs(carried[loss] - found[parameter]))
print("the same gradients:", farthest < 1e-12)
Markdown(
    f"{len(parameters)} parameters, one loss. Reverse walks **{walked_back}** edges, forward "
    f"**{walked_ahead}**, which is {walked_ahead // walked_back} times as many."
)

# %% [markdown]
# That factor is the number of parameters, and it is why backpropagation goes back.
#
# The opposite case is a curve: one input, the time, and several results. Here a single forward
# sweep gives them all. And it needs no recorded graph, so nothing has to be kept. `jvp(f, xs, vs)`
# does it: the results, and how fast each moves when the inputs move along `vs`.

# %%
place, velocity = jvp(lambda t: [t.cos(), t.sin(), t / 2], [0.0], [1.0])
print("on a spiral stair, at", place)
print("moving along", velocity)

# %% [markdown]
# | | reverse | forward |
# |---|---|---|
# | starts at | one result | one input, or a direction |
# | carries | ∂result/∂node | ∂node/∂input |
# | one sweep gives | a row of the Jacobian | a column, or a mixture of columns |
# | for n inputs and m results | m sweeps | n sweeps |
# | has to keep | the graph | nothing |
#
# ## A question for you
#
# Newton's step needs the whole Hessian. Often only *Hessian times a direction* is wanted: how does
# the gradient change as one moves along $v$? Find it for Rosenbrock's function at (−1.2, 1) and
# $v = (1, 2)$ with two calls of `grad`, however many inputs there are, and **without** ever making
# the Hessian. Check yourself with `hessian`.

# %%
p.data, q.data = -1.2, 1.0
y = rosenbrock()
v = (1.0, 2.0)
# your two calls of grad here

# %% [markdown]
# <details><summary>An answer</summary>
#
# The gradient, times v, is a single number again: how fast y changes along v. *Its* gradient is
# what was wanted.
#
# ```python
# g = grad(y, [p, q])
# along = grad(g[0] * v[0] + g[1] * v[1], [p, q])
# print([round(one.data, 9) for one in along])
# print([sum(h * one for h, one in zip(row, v)) for row in hessian(y, [p, q])])
# ```
#
# Both lines print 2290.0 and 880.0. The first took two sweeps, and would with a million inputs. The
# Hessian takes one for the gradient and another for every row.
# </details>
