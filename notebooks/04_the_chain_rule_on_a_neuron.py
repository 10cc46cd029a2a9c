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
# inputs, two weights, a bias, and tanh around their sum. The lesson takes about 30 minutes. Have paper
# and pencil ready: every section asks first and answers afterwards.
#
# Four terms are enough:
#
# - A value has **parents**, the values it was computed from.
# - An **edge**, from a value to a parent, has a **local derivative**: how many times as far the value moves
#   as the parent does, for a small step of the parent, while the other parents hold still.
# - A **flow** runs back along an edge: upstream gradient times local derivative.
# - The sum of all flows that arrive at a value is its **gradient**.

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
# One operation per line, so that every intermediate value has a name.

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
# **Predict.** What are `p1`, `p2`, `s` and `n`? And `o`: tanh maps every number to one between −1
# and 1, and hardly changes the small ones. Is `o` nearer to 0 or nearer to 1?

# %%
print(explain(o).forward_text)

# %%
Markdown(
    f"The odd bias is no accident. It makes `n` the logarithm of 1 + √2, which is {n:.6f}; so `o` is "
    f"1/√2, and `o`² is {o.data**2:.6g}. You will see in a moment why that is convenient."
)

# %% [markdown]
# ## Local derivatives
#
# A local derivative belongs to one edge, and does not depend on the rest of the graph. Three rules
# cover this neuron:
#
# | the value | its local derivative towards a parent | why |
# |---|---|---|
# | `s = p1 + p2` | 1 | if `p1` grows by a little, `s` grows by just as much |
# | `p1 = x1 * w1` | the *other* factor | if `w1` grows by a little, `p1` grows by `x1` times as much |
# | `o = tanh(n)` | 1 − `o`² | tanh is steepest at 0, and flat where `o` comes near ±1 |
#
# **Predict.** The neuron has nine edges. Write down their nine local derivatives.

# %%
draw(o, direction="TB")

# %% [markdown]
# The local derivatives stand on the edges, behind a ×. The gradients are still missing, because no
# backward pass has run yet.
#
# ## Backward
#
# The backward pass begins at `o`, whose gradient is 1: if `o` grows by a little, `o` grows by just as
# much. Then the same small thing happens along every edge:
#
# **flow = upstream gradient × local derivative**
#
# The *upstream gradient* is the gradient of the value that the edge starts from, and the flow arrives at
# the parent. This is the chain rule, and nothing else is needed.
#
# **Predict.** How much flows to `n`? How much of it flows on, through the two sums, to `b`, `p1` and `p2`?
# And then: which of the five leaves has the largest gradient, and which has gradient 0? (A *leaf* is a
# value without parents.)

# %%
into_n = 1.0 * (1 - o.data**2)
into_s = into_n * 1.0
into_b = into_n * 1.0
into_p1 = into_s * 1.0
into_p2 = into_s * 1.0
into_x1, into_w1 = into_p1 * w1.data, into_p1 * x1.data  # each times the other factor
into_x2, into_w2 = into_p2 * w2.data, into_p2 * x2.data

# %% [markdown]
# Those were nine multiplications by hand. `o.backward()` does the same ones.

# %%
o.backward()
by_hand = {"x1": into_x1, "w1": into_w1, "x2": into_x2, "w2": into_w2, "b": into_b}
leaves = {"x1": x1, "w1": w1, "x2": x2, "w2": w2, "b": b}
table(
    ["leaf", "its value", "gradient by hand", "gradient by the engine"],
    [[f"`{name}`", leaf.data, by_hand[name], leaf.grad] for name, leaf in leaves.items()],
)

# %% [markdown]
# Now step through it yourself, with the arrow keys or the buttons. Stop before each edge of the backward
# pass: you know the upstream gradient and the local derivative, so say the flow first.

# %%
stepper(o)

# %% [markdown]
# ## Why is the gradient of w2 zero?
#
# `w2` is 1, and as much flows to `p2` as to `p1`. Still, nothing flows to `w2`.
#
# **Predict.** At which edge does the flow end, and what would you change to let it through?

# %%
print(explain(o, to=w2).backward_text)

# %% [markdown]
# It ends at the last edge. The local derivative of `p2 = x2 * w2` towards `w2` is the other factor, `x2`,
# and that is 0. As long as this input is 0, no change in its weight has any effect on the neuron. Towards
# `x2` the local derivative is `w2`, and there the flow gets through.
#
# A gradient can also be small for quite another reason.
#
# **Predict.** We set `x2` to 1; separately, we raise the bias, first to 10 and then to 30. What does each
# change do to the local derivative of tanh, and to the gradients of the two weights?

# %%
def neuron(x1=2.0, x2=0.0, w1=-3.0, w2=1.0, b=b.data):
    return tanh(x1 * w1 + x2 * w2 + b)


def row(case, x2, b):
    w1, w2 = Value(-3.0), Value(1.0)
    o = neuron(x2=x2, w1=w1, w2=w2, b=b)
    return [case, o.data, 1 - o.data**2, *[gradient.data for gradient in grad(o, [w1, w2])]]


table(
    ["", "`o`", "local derivative of tanh", "gradient of `w1`", "gradient of `w2`"],
    [
        row("as it was", 0.0, b.data),
        row("`x2` is 1", 1.0, b.data),
        row("bias is 10", 0.0, 10.0),
        row("`x2` is 1, bias is 10", 1.0, 10.0),
        row("`x2` is 1, bias is 30", 1.0, 30.0),
    ],
)

# %% [markdown]
# Two causes, and similar symptoms.
#
# - The gradient of `w2` was exactly 0 because *the only path* to it has an edge with local derivative 0. Had
#   there been a second path, something could still have flowed along that one. This is fixed by a non-zero
#   input.
# - All gradients of the neuron are tiny when tanh is **saturated**: `o` is so close to 1 that a step of
#   `n` hardly moves it. Far enough out, `o` is rounded to 1 exactly, and then these gradients are exactly
#   0 as well, as in the last row. This is fixed by moving `n` back towards 0.

# %%
print("tanh(4) =", tanh(4.0), "   tanh(19.1) =", tanh(19.1))

# %% [markdown]
# ## What if
#
# A gradient makes a forecast: *if this value moves by a small δ, the result moves by about gradient · δ.*
# Forecasts can be checked. We move `w1`, compute the neuron again, and compare.
#
# **Predict.** What is the forecast for δ = 0.1? And when δ becomes ten times smaller, how many times
# smaller does the forecast's error become: ten times, or more?

# %%
rows = []
for delta in (0.1, 0.01, 0.001):
    forecast = w1.grad * delta
    actual = neuron(w1=w1.data + delta) - o.data
    rows.append([delta, forecast, actual, actual - forecast])
table(["δ", "forecast: gradient · δ", "actual change", "error"], rows)

# %% [markdown]
# A hundred times. The forecast follows the tangent, the neuron follows the curve, and near the point
# where they touch, their distance grows with the *square* of δ.

# %%
def output(w1):
    return neuron(w1=w1)

plot_tangent(output, at=Value(w1.data, "w1"), width=2.0);

# %% [markdown]
# And `w2`? Its gradient is 0, so the forecast is that nothing changes. Here is a rather large δ:

# %%
print("w2 moved by 1000:  o changes by", neuron(w2=w2.data + 1000) - o.data)

# %% [markdown]
# The stepper above makes the same comparison: click a leaf, type another number, and it shows the
# forecast change of `o` beside the actual one. (This also works in a saved copy of this lesson.)
#
# ## A value that is used twice
#
# Every value of the neuron was used once, so one flow arrived at each. In the next graph, which is
# also in the lecture, `u` and `v` are both used twice: in a product and in a sum. It is a well-known test
# for a bug.
#
# **Predict.** Two flows arrive at `u`, one through `d` and one through `e`. How large is each, and what is
# their sum? Then the same for `v`.

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
# Read the lines about `u`: after the first flow, its sum is not its gradient yet, and the line says that
# one more use is still to come. With the second flow the sum is complete. Flows from different uses
# **add up**, because a step of `u` changes the result through both uses at once.

# %%
flows = [flow for _, _, parent, _, flow, _ in chain_rule(f) if parent is u]
Markdown(
    f"The bug: an engine that *stores* each flow where it should *add* it keeps only the last one. For "
    f"`u` that would be {flows[-1]:g} instead of {flows[0]:g} + {flows[1]:g} = {u.grad:g}."
)

# %% [markdown]
# The order of the backward pass follows from this too. A value passes its gradient on only when all its
# uses have been counted. So `d` and `e` come before `u` and `v`, and in any graph a value comes after
# everything that was made from it.
#
# ## In short
#
# - Start with 1 at the result. Along every edge: upstream gradient × local derivative = flow.
# - Flows that arrive at the same value add up, and only the complete sum is passed on.
# - A gradient is exactly zero when every path to the value has an edge with local derivative 0 (or when
#   the flows cancel). It is small when the local derivatives on the way are small.
# - gradient · δ forecasts the effect of a small step, with an error that shrinks like δ².
#
# ## A question for you
#
# The lecture takes tanh apart: with `t = exp(2 * n)`, tanh is `(t - 1) / (t + 1)`. Now `t` is used
# twice. Take `n` with the value it had in the neuron, and find
#
# 1. the two flows that arrive at `t`, and their sum,
# 2. the gradient of `n`, *before* you compute it: you know it already. Why?
#
# You need two more local derivatives. That of `exp(m)` is `exp(m)` itself. That of `p / q` is 1 / `q`
# towards `p`, and −`p` / `q`² towards `q`. Then let the engine check your result in the cell below.

# %%
# from autograd import exp
# n = Value(n.data)
# t = …

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# 1. One flow comes through `q`, about −0.1036, and the other through `p`, about 0.1464. They add up
#    to the gradient of `t`, about 0.0429. (The engine writes the local derivative −`p` / `q`² as
#    −`o` / `q`, which is the same number with one division less.)
# 2. The gradient of `n` is 0.5, the local derivative of tanh that you know from the neuron. It is the same
#    function, so it has the same derivative, no matter how many operations you write it with.
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
