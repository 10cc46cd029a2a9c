# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. The chain rule on a neuron
#
# After this lesson you can take any gradient apart, edge by edge, and say why it is large, small
# or exactly zero.
#
# The neuron is the one from Andrej Karpathy's lecture *The spelled-out intro to neural networks
# and backpropagation: building micrograd* (<https://www.youtube.com/watch?v=VMj-3S1tku0>): two
# inputs, two weights, a bias, and tanh around their sum. It takes about fifteen minutes. Have paper
# and pencil ready: the lesson asks before it tells, and what you have written down you will not forget.
#
# Four words carry it:
#
# - A value has **parents**, the values it was computed from.
# - An edge, from a value to a parent, has a **slope**: by how many times a small step of the parent
#   the value changes, while its other parents hold still. Books call it the local derivative.
# - What travels back along an edge is a **flow**.
# - What has arrived at a value adds up to its **gradient**.

# %%
from IPython.display import Markdown

from autograd import Value, chain_rule, explain, grad, tanh
from viz import draw, plot_tangent, stepper


def table(heads, rows):
    """Rows of text and numbers, for the notebook to set."""
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [
        [f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines
    ]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in cells))

# %% [markdown]
# ## Forward
#
# One operation a line, so that every value in between has a name.

# %%
x1, x2 = Value(2.0), Value(0.0)  # inputs
w1, w2 = Value(-3.0), Value(1.0)  # weights
b = Value(6.8813735870195432)  # bias

p1 = x1 * w1
p2 = x2 * w2
s = p1 + p2
n = s + b
o = tanh(n)

# %% [markdown]
# **Predict.** What are `p1`, `p2`, `s` and `n`? And `o`: tanh presses every number in between −1
# and 1, and hardly touches the small ones. Is `o` nearer to 0 or nearer to 1?

# %%
print(explain(o).forward_text)

# %%
Markdown(
    f"The odd bias is no accident. It makes `n` the logarithm of 1 + √2, which is {n:.6f}; so `o` is "
    f"1/√2, and `o`² is {o.data**2:.6g}. You will see in a moment why that is handy."
)

# %% [markdown]
# ## Slopes
#
# A slope belongs to one edge, and needs to know nothing of the rest of the graph. Three rules
# cover this neuron:
#
# | the value | its slope towards a parent | why |
# |---|---|---|
# | `s = p1 + p2` | 1 | if `p1` grows by a little, `s` grows by just as much |
# | `p1 = x1 * w1` | the *other* factor | if `w1` grows by a little, `p1` grows by `x1` times as much |
# | `o = tanh(n)` | 1 − `o`² | tanh is steepest at 0, and flat where `o` comes near ±1 |
#
# **Predict.** The neuron has nine edges. Write down their nine slopes.

# %%
draw(o, rankdir="TB")

# %% [markdown]
# The slopes stand on the edges, behind a ×. Gradients are still missing: nobody has asked yet how
# `o` depends on anything.
#
# ## Backward
#
# Now somebody asks. The walk begins at `o`, whose gradient is 1: if `o` grows by a little, `o` grows
# by just as much. Then every edge does the same small thing:
#
# **flow = upstream × slope**
#
# where *upstream* is the gradient of the value the edge belongs to, and the flow arrives at the
# parent. That is the chain rule. All of it.
#
# **Predict.** What arrives at `n`? What do the two sums make of it on its way to `b`, `p1` and
# `p2`? And then: which of the five leaves has the largest gradient, and which has none?

# %%
into_n = 1.0 * (1 - o.data**2)
into_s = into_n * 1.0
into_b = into_n * 1.0
into_p1 = into_s * 1.0
into_p2 = into_s * 1.0
into_x1, into_w1 = into_p1 * w1.data, into_p1 * x1.data  # each times the other factor
into_x2, into_w2 = into_p2 * w2.data, into_p2 * x2.data

# %% [markdown]
# That was nine multiplications by hand. `o.backward()` makes the same ones.

# %%
o.backward()
by_hand = {"x1": into_x1, "w1": into_w1, "x2": into_x2, "w2": into_w2, "b": into_b}
leaves = {"x1": x1, "w1": w1, "x2": x2, "w2": w2, "b": b}
table(
    ["leaf", "its value", "gradient by hand", "gradient by the engine"],
    [[f"`{name}`", leaf.data, by_hand[name], leaf.grad] for name, leaf in leaves.items()],
)

# %% [markdown]
# Here is the walk with a handrail. Step through it with the arrow keys or the buttons, and stop
# before each edge of the way back: you know the upstream and the slope, so say the flow first.

# %%
stepper(o)

# %% [markdown]
# ## Why is the gradient of w2 zero?
#
# `w2` is 1, and as much flow reaches `p2` as reaches `p1`. Still nothing comes through to `w2`.
#
# **Predict.** At which edge does the flow end, and what would you change to let it through?

# %%
print(explain(o, to=w2).backward_text)

# %% [markdown]
# The last edge ends it. The slope of `p2 = x2 * w2` towards `w2` is the other factor, `x2`, and that
# is 0. While this input is silent, its weight can be turned as far as you like, and the neuron will
# not notice. Towards `x2` the slope is `w2`, and there the flow gets through.
#
# A gradient can also be *nearly* zero for quite another reason.
#
# **Predict.** We wake `x2` up by setting it to 1; separately, we raise the bias to 10. What does each
# do to the slope of tanh, and what to the gradients of the two weights?

# %%
def neuron(x1=2.0, x2=0.0, w1=-3.0, w2=1.0, b=b.data):
    return tanh(x1 * w1 + x2 * w2 + b)


def row(told, x2, b):
    w1, w2 = Value(-3.0), Value(1.0)
    o = neuron(x2=x2, w1=w1, w2=w2, b=b)
    return [told, o.data, 1 - o.data**2, *[slope.data for slope in grad(o, [w1, w2])]]


table(
    ["", "`o`", "slope of tanh", "gradient of `w1`", "gradient of `w2`"],
    [
        row("as it was", 0.0, b.data),
        row("`x2` is 1", 1.0, b.data),
        row("bias is 10", 0.0, 10.0),
        row("both", 1.0, 10.0),
    ],
)

# %% [markdown]
# Two diseases with one symptom. A gradient is *exactly* zero when some edge on its way has slope 0.
# It is *tiny*, and so is every other gradient of the neuron, when tanh is **saturated**: `o` is so
# close to 1 that a step of `n` hardly moves it. The first is cured by an input that speaks, the
# second by bringing `n` back towards 0.
#
# ## What if
#
# A gradient is a promise: *if this value moves by a small δ, the result moves by about gradient · δ.*
# Promises can be checked. We move `w1`, compute the neuron again, and compare.
#
# **Predict.** What does it promise for δ = 0.1? And when δ becomes ten times smaller, how many times
# smaller does the miss become: ten times, or more?

# %%
rows = []
for delta in (0.1, 0.01, 0.001):
    predicted = w1.grad * delta
    actual = neuron(w1=w1.data + delta) - o.data
    rows.append([delta, predicted, actual, actual - predicted])
table(["δ", "predicted: gradient · δ", "what happens", "miss"], rows)

# %% [markdown]
# A hundred times. The promise follows the tangent, the neuron follows the curve, and close to the
# point where they touch they part with the *square* of the distance.

# %%
def output(w1):
    return neuron(w1=w1)

plot_tangent(output, at=Value(w1.data, "w1"), width=2.0);

# %% [markdown]
# And `w2`? Its promise is that nothing happens. Here is a rather large δ:

# %%
print("w2 moved by 1000:  o changes by", neuron(w2=w2.data + 1000) - o.data)

# %% [markdown]
# The stepper above makes the same comparison: click a leaf, type another number, and it shows the
# predicted change of `o` beside the one that came. (In a saved copy of this lesson it does so, too.)
#
# ## A value that is used twice
#
# Every value of the neuron was used once, so one flow arrived at each. In the next graph, which is
# also in the lecture, `u` and `v` are both used twice: in a product and in a sum. A famous bug hides here.
#
# **Predict.** Two flows arrive at `u`, one by way of `d` and one by way of `e`. How large is each, and
# what do they add up to? Then the same for `v`.

# %%
u, v = Value(-2.0), Value(3.0)
d = u * v
e = u + v
f = d * e
print(explain(f))

# %%
f.backward()
draw(f)

# %% [markdown]
# Read the lines about `u`: after the first flow its total is not yet its gradient, and the line says
# that one more use is to come. With the second flow the total is complete. Flows from different
# uses **add up**, because a step of `u` acts on the result through both uses at once.

# %%
flows = [flow for _, _, parent, _, flow, _ in chain_rule(f) if parent is u]
Markdown(
    f"The bug: an engine that *stores* each flow, where it should *add* it, ends with the last one. For "
    f"`u` that would be {flows[-1]:g} instead of {flows[0]:g} + {flows[1]:g} = {u.grad:g}."
)

# %% [markdown]
# It also follows in which order the walk has to go. A value may pass on its gradient only when all
# its uses have reported; so `d` and `e` speak before `u` and `v` do, and in any graph a value comes
# after everything that was made from it.
#
# ## In short
#
# - Start with 1 at the result. Along every edge: upstream × slope = flow.
# - Flows that arrive at the same value add up, and only the complete sum is passed on.
# - A gradient is exactly zero when every way back has an edge of slope 0 on it (or when the flows
#   cancel), and small when the slopes on its way are small.
# - gradient · δ is what a small step will change, with a miss that shrinks like δ².
#
# ## A question for you
#
# The lecture takes tanh apart: with `t = exp(2 * n)`, tanh is `(t - 1) / (t + 1)`. Now `t` is used
# twice. Take `n` with the value it had in the neuron, and find
#
# 1. the two flows that arrive at `t`, and their sum,
# 2. the gradient of `n`, *before* you compute it: you know it already. Why?
#
# You need two more slopes. That of `exp(m)` is `exp(m)` itself. That of `p / q` is 1 / `q` towards
# `p`, and −`p` / `q`² towards `q`. Then let the engine check you; the cell below is yours.

# %%
# from autograd import exp
# n = Value(n.data)
# t = …

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# 1. One flow comes by way of `q`, about −0.1036, and the other by way of `p`, about 0.1464. They add up
#    to the gradient of `t`, about 0.0429. (The engine writes the slope −`p` / `q`² as −`o` / `q`, which is
#    the same number with one division less.)
# 2. The gradient of `n` is 0.5, the slope of tanh that you know from the neuron: the same function, so
#    the same slope, into however many operations it is cut.
#
# ```python
# from autograd import exp
#
# n = Value(n.data)
# m = 2 * n
# t = exp(m)
# p = t - 1
# q = t + 1
# o = p / q
# o.backward()
# flows = [flow for _, _, parent, _, flow, _ in chain_rule(o) if parent is t]
# print(flows, t.grad)
# print(n.grad, "=", t.grad, "·", t.data, "· 2")
# assert [f"{flow:.4f}" for flow in [*flows, t.grad]] == ["-0.1036", "0.1464", "0.0429"]
# print(explain(o, to=n).backward_text)
# ```
#
# </details>
