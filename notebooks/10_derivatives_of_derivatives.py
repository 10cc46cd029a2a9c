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
# jump to the minimum of a bowl, and say whether forward or reverse mode is cheaper for a given graph. It
# takes about 40 minutes.

# %%
import numpy as np
from IPython.display import Markdown

from autograd import Value, chain_rule, grad, hessian, jacobian, jvp, tanh, topological_order
from nn import MLP, mse
from viz import draw, plot_surface, stepper

# %% [markdown]
# ## A gradient is a value too
#
# `y.backward()` stores gradients as plain numbers. `grad(y, x)` returns the same number as a Value: the
# sweep records its own products and sums as it goes.
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
# What is the first derivative made of? It has parents, so we can draw it.

# %%
first.label = "dy/dx"
first.backward()
draw(first)

# %% [markdown]
# That is $3 x^2$, built from the table's rules and made of ordinary nodes. The gradient at `x` in this
# picture is the second derivative: the sweep that found it went along *these* edges. To the sweep, a
# derivative is a graph like any other. This is all there is to higher orders.
#
# Local derivatives often use the result itself: that of $\tanh$ is $1 - y^2$.
#
# **Predict.** Does the graph of the gradient contain a copy of `y`, or the very node that was there
# before?

# %%
x, w = Value(0.5, "x"), Value(2.0, "w")
s = x * w
y = tanh(s)
gradient = grad(y, w)
Markdown(
    f"The graph of `y` has {len(topological_order(y))} nodes, that of its gradient "
    f"{len(topological_order(gradient))}. Is the node `y` among these? "
    f"**{y in topological_order(gradient)}**."
)

# %% [markdown]
# It is the node itself. So the second sweep goes first through the nodes of the gradient and then through
# those of the forward pass. Step through it, and watch `x`: *along how many edges does something flow to
# it?*

# %%
stepper(gradient)

# %%
flows = [flow for _, _, parent, _, flow, _ in chain_rule(gradient) if parent is x]
print("flows to x:", " and ".join(f"{flow:.4f}" for flow in flows))
print("their sum: ", f"{sum(flows):.4f}", "=", f"{grad(gradient, x).data:.4f}", "by grad(gradient, x)")

# %% [markdown]
# One flow comes through the local derivative of the product, which *is* `x`. The other comes through `y`:
# `x` changes `y`, and with it the local derivative of tanh.
#
# ## Higher derivatives
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
# The fourth derivative is the same number at every `x`, and yet a path still leads to `x`, through $x^0$. An
# edge on this path has the local derivative 0. After that there is no path any more. In both cases the
# next derivative is 0, but for different reasons: a path along which nothing flows, or no path at all.
#
# ## Two inputs, four second derivatives
#
# A function of two numbers has a gradient of two numbers, and each of these can be differentiated with
# respect to each input. The table of the results is the **Hessian**. It says how the gradient changes from
# point to point, and so describes the curvature.
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
# Gradient descent uses only the gradient, so you have to guess how far to go. If you also know the
# curvature, there is a better way. Assume that the function is exactly a bowl (a parabola in every
# direction), and go to the point where the gradient of that bowl is 0. This is **Newton's method**. In one
# dimension the step is $x \leftarrow x - f'(x) / f''(x)$. In two dimensions it is the solution of two
# linear equations, whose coefficients are the Hessian and the gradient.


# %%
def newton_step(f):
    """Move p and q to the minimum of the bowl that fits f at this point."""
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
# One, from anywhere, because the assumption was true. Now a function that is not a bowl. Rosenbrock's
# function has a narrow, curved valley, with its minimum at (1, 1).
#
# **Predict.** The first step goes to the floor of the valley. What may the second one do?


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
# The path jumps far up the side of the valley, and comes back close to the minimum: where the curvature
# changes quickly, the fitted bowl is wrong, and a step may go uphill. Near the minimum the bowl fits well,
# and then every step roughly doubles the number of correct digits. Plain gradient descent takes small,
# safe steps, and needs many of them:

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
# Then why are networks not trained this way? A Hessian has a row and a column for every parameter. And
# Newton's step goes to a point where the gradient is 0, which may be a minimum, a maximum or a saddle.
#
# ## A puzzle
#
# A derivative may stand inside the function that another one differentiates:
#
# $$\frac{d}{dx}\left[\,x \cdot \frac{d}{dy}\,(x + y)\right] \quad\text{at } x = 1,\ y = 1$$
#
# *Work it out on paper, from the inside out. Then look at an engine that gets it wrong.*
#
# The engine below computes derivatives in the *forward* direction. It carries two numbers along: the value,
# and how fast the value changes as the input moves, called its **tangent**. It supports only sums and
# products.


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
    """df/dx: the tangent of f when that of x is 1."""
    return f(Pair(at, 1.0)).tangent


print("right: ", careless(lambda x: x * x, 3.0))
print("puzzle:", careless(lambda x: x * Pair(careless(lambda y: x + y, 1.0), 0.0), 1.0))

# %% [markdown]
# The inner derivative asks how `x + y` changes when **y** moves. But `x` already has a tangent, which
# belongs to the outer question, and `Pair` cannot tell the two apart: it adds them. This bug is known as
# *perturbation confusion*, and real libraries have had it.
#
# With a recorded graph it cannot happen, because `grad` names the node to differentiate with respect to:

# %%
x, y = Value(1.0, "x"), Value(1.0, "y")
inner = grad(x + y, y)
print(grad(x * inner, x).data)

# %% [markdown]
# `jvp` (for *Jacobian-vector product*) carries tangents forward as `Pair` does, but every derivative has a
# level of its own, and tangents of different levels are never added.


# %%
def derivative(f, at):
    return jvp(f, [at], [1.0])[1]


print(derivative(lambda x: x * derivative(lambda y: x + y, 1.0), 1.0))

# %% [markdown]
# ## Two ways through a graph
#
# So the chain rule can be applied in either direction. Here are both sweeps, on a recorded graph.
# *Compare them line by line: what differs?*


# %%
def reverse(nodes, y):
    """∂y/∂node for every node, and how many edges were visited."""
    carried, visited = dict.fromkeys(nodes, 0.0) | {y: 1.0}, 0
    for node in reversed(nodes):
        for i, parent in enumerate(node.parents):
            carried[parent] += carried[node] * node.slope(i)
            visited += 1
    return carried, visited


def forward(nodes, x):
    """∂node/∂x for every node, and how many edges were visited."""
    carried, visited = dict.fromkeys(nodes, 0.0) | {x: 1.0}, 0
    for node in nodes:
        for i, parent in enumerate(node.parents):
            carried[node] += node.slope(i) * carried[parent]
            visited += 1
    return carried, visited


# %% [markdown]
# The reverse sweep starts at one **result**, and finds how the result depends on every node. The forward
# sweep starts at one **input**, and finds how every node depends on the input.

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
# *Work out one row of the table before you look: what are ∂y/∂t and ∂t/∂a?*

# %%
nodes = topological_order(y)
back, _ = reverse(nodes, y)
ahead, _ = forward(nodes, a)
rows = [f"| {n.label} | {n.data:g} | {back[n]:g} | {ahead[n]:g} |" for n in nodes]
head = "| node | value | reverse carries ∂y/∂node | forward carries ∂node/∂a |\n|---|---|---|---|"
Markdown("\n".join([head, *rows]))

# %% [markdown]
# Both find ∂y/∂a: the reverse sweep in the row of `a`, the forward sweep in the row of `y`. The reverse
# sweep has also found ∂y/∂b on its way. The forward sweep has not, and has to start again from `b`. But if
# there were a second result, the forward sweep would have found its derivative too.
#
# ## What it costs
#
# With n inputs and m results there are m × n derivatives; the table of them is the **Jacobian**. A reverse
# sweep fills one row, a forward sweep one column, and each visits every edge once. *Below are three inputs
# and two results. How many sweeps does each direction need, and how many edges does it visit?*

# %%
a, b, c = xs = Value(2.0, "a"), Value(3.0, "b"), Value(0.5, "c")
s = a * b + c.sin()
ys = [s * s, s - c]
nodes = sorted({n for y in ys for n in topological_order(y)}, key=lambda n: n.serial)
edges = sum(len(n.parents) for n in nodes)

by_rows = [reverse(nodes, y) for y in ys]
by_columns = [forward(nodes, x) for x in xs]
Markdown(
    f"The graph has {edges} edges. Reverse visited {sum(w for _, w in by_rows)} = "
    f"{len(ys)} × {edges}, forward {sum(w for _, w in by_columns)} = {len(xs)} × {edges}."
)

# %%
from_rows = [[carried[x] for x in xs] for carried, _ in by_rows]
from_columns = [[carried[y] for carried, _ in by_columns] for y in ys]
for row in jacobian(ys, xs):
    print([round(derivative, 6) for derivative in row])
agree = [np.allclose(ours, jacobian(ys, xs), rtol=1e-12) for ours in (from_rows, from_columns)]
print("the same to 12 digits, by rows and by columns:", *agree)

# %% [markdown]
# For a network, the inputs are all its parameters, and there is a single result, the loss. *Guess how many
# times as many edges the forward direction visits.*

# %%
model = MLP(2, [8, 8, 1], tanh, seed=0)
loss = mse([model([0.5, -1.0])], [1.0])
nodes = topological_order(loss)
parameters = model.parameters()

found, visited_back = reverse(nodes, loss)
visited_ahead, difference = 0, 0.0
for parameter in parameters:
    carried, visited = forward(nodes, parameter)
    visited_ahead += visited
    difference = max(difference, abs(carried[loss] - found[parameter]))
print("the same gradients:", difference < 1e-12)
Markdown(
    f"{len(parameters)} parameters, one loss. Reverse visits **{visited_back}** edges, forward "
    f"**{visited_ahead}**, which is {visited_ahead // visited_back} times as many."
)

# %% [markdown]
# That factor is the number of parameters, and it is the reason why backpropagation goes backward.
#
# The opposite case is a curve: one input, the time, and several results. Here a single forward sweep gives
# all derivatives. And it needs no recorded graph, so nothing has to be stored. `jvp(f, xs, vs)` does this:
# it returns the results, and how fast each changes when the inputs move in the direction `vs`.

# %%
place, velocity = jvp(lambda t: [t.cos(), t.sin(), t / 2], [0.0], [1.0])
print("place on a spiral staircase:", place)
print("velocity:                   ", velocity)

# %% [markdown]
# | | reverse | forward |
# |---|---|---|
# | starts at | one result | one input, or a direction |
# | carries | ∂result/∂node | ∂node/∂input |
# | one sweep gives | a row of the Jacobian | a column, or a weighted sum of columns |
# | for n inputs and m results | m sweeps | n sweeps |
# | has to store | the graph | nothing |
#
# ## A question for you
#
# Newton's step needs the whole Hessian. Often you need only *the Hessian times a vector*: how does the
# gradient change if you move in the direction $v$? Find it for Rosenbrock's function at (−1.2, 1) and
# $v = (1, 2)$ with two calls of `grad`, no matter how many inputs there are, and **without** computing the
# Hessian. Check your result with `hessian`.

# %%
p.data, q.data = -1.2, 1.0
y = rosenbrock()
v = (1.0, 2.0)
# your two calls of grad here

# %% [markdown]
# <details><summary>An answer</summary>
#
# The gradient times v is a single number: how fast y changes in the direction v. The gradient of *this
# number* is the Hessian times v.
#
# ```python
# g = grad(y, [p, q])
# along = grad(g[0] * v[0] + g[1] * v[1], [p, q])
# print([round(one.data, 9) for one in along])
# print([sum(h * one for h, one in zip(row, v)) for row in hessian(y, [p, q])])
# ```
#
# Both lines print 2290.0 and 880.0. The first needs two sweeps, even with a million inputs. The Hessian
# needs one for the gradient and another for every row.
# </details>
