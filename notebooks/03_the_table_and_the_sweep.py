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
# # 3. The table and the sweep
#
# After this lesson you can read any row of the engine's table, follow its sweep edge by edge, and add
# an operation of your own, which the engine explains, draws and checks as if it had always been there.
#
# It takes about twenty minutes. In lesson 2 we built an engine in which every operation carried a
# function that sent gradients back. It worked, and could not say what it did. Here is the way out.

# %%
import inspect
import math

from IPython.display import Math

from autograd import (
    Formula, GradientMismatch, Op, Value,
    add, chain_rule, check, divide, exp, explain, gradients, in_full, multiply,
    sigmoid, sin, sqrt, tanh, topological_order,
)
from viz import draw, plot_tangent, stepper

# %% [markdown]
# ## A row of the table
#
# Everything this engine knows about calculus stands in one table, `autograd/ops.py`. A row is an
# operation. Here is the one of tanh, as it is written there:

# %%
print(" ".join(inspect.getsource(tanh.partials[0]).split()))

# %% [markdown]
# First its name, then how to compute it on floats, and then its slope, one for every argument: it has
# only one. The slope is a small function of `y`, the *result* of the operation, and of `a`, its
# argument.
#
# **Predict.** The result of tanh at 0 is 0. What is its slope there?

# %%
a = 0.0
y = tanh.on_floats(a)
tanh.partials[0](y, a)

# %% [markdown]
# Why is the slope told in terms of `y`? Because that is shorter, and cheaper: when the slope is wanted,
# the result has been computed already. Nobody has to compute a tanh a second time.
#
# **Predict.** What is the slope of exp, in terms of `y` and `a`? Of the square root? Of a · b, towards
# a and towards b? Of a / b, towards b?
#
# The functions of the table work on whatever behaves like a number. So give them letters instead of
# numbers, and they print themselves:

# %%
def slopes(op):
    letters = [Formula(letter) for letter in "abc"[: len(op.partials)]]
    return [str(partial(Formula("y"), *letters)) for partial in op.partials]

for op in [add, multiply, divide, exp, sqrt, sin, tanh, sigmoid]:
    print(f"{op.name:10}", "   ".join(slopes(op)))

# %% [markdown]
# A classic mistake can be seen here: the slope of a · b towards a is *the other one*, b.
#
# Is a row true? Lesson 1 told you how to find out without believing anybody: measure.

# %%
a, h = 0.5, 1e-5
measured = (math.tanh(a + h) - math.tanh(a - h)) / (2 * h)
print("table   ", tanh.partials[0](math.tanh(a), a))
print("measured", measured)

# %% [markdown]
# ## What is recorded
#
# A `Value` that was computed holds its number, its row of the table, and its parents. Everything else
# can be looked up. Here is the graph of lesson 2 again.

# %%
a, b = Value(2.0, "a"), Value(3.0, "b")
c, d = a + b, a * b
s, p = c + d, c * d
y = s + p
for value, label in [(c, "c"), (d, "d"), (s, "s"), (p, "p"), (y, "y")]:
    value.label = label

print(p.label, "was made by", p.op.name, "from", " and ".join(parent.label for parent in p.parents))

# %% [markdown]
# An edge has a slope: that of the operation, towards one of the parents. The parents are counted from
# 0.
#
# **Predict.** c is 5 and d is 6. What is the slope of p towards c, its parent number 0?

# %%
p.slope(0), p.slope(1)

# %% [markdown]
# So the picture of a graph can carry all its slopes before any gradient exists:

# %%
draw(y)

# %% [markdown]
# ## The sweep, edge by edge
#
# `chain_rule(y)` walks from y back to the inputs, in an order in which nobody sends before everybody
# who uses it has sent, and reports each edge as it goes. Along an edge flows
#
# $$\text{flow} = \text{gradient of the value} \cdot \text{slope of the edge}$$
#
# and the gradient of a value is the sum of the flows that arrive at it.
#
# **Predict.** How many edges are there, so how many lines? Which of them bring something to a? Fill in
# the last column for a, with the picture above.

# %%
for value, position, parent, slope, flow, so_far in chain_rule(y):
    edge = f"from {value.label} to {parent.label}"
    print(f"{edge}   slope {slope:g}   flow {flow:2g}   {parent.label} has {so_far:2g} so far")

# %% [markdown]
# That is the whole of backpropagation, and it fits into four lines. Read them aloud. Not one of them
# knows about any operation: the table has no graph in it, and the sweep has no calculus in it.

# %%
received = {y: 1.0}
for value in reversed(topological_order(y)):
    for position, parent in enumerate(value.parents):
        received[parent] = received.get(parent, 0.0) + received[value] * value.slope(position)

y.backward()
print("four lines:", received[a], received[b])
print("the engine:", a.grad, b.grad)

# %% [markdown]
# ## Let it explain itself
#
# Since slopes are looked up and not buried in functions, the engine can tell what it does. `explain`
# writes both passes down: each rule in letters, then in numbers.

# %%
explain(y)

# %% [markdown]
# With `to=`, only what is on the way to one value. And `draw` shows gradients too, now that there are
# some: the thicker an edge, the more flows along it.

# %%
draw(y)

# %% [markdown]
# `stepper` is the same walk at your own pace. Click into it, and step with the arrow keys. At each
# edge, say what will arrive before you press the key; watch a and b, which receive more than once.

# %%
stepper(y)

# %% [markdown]
# ## A row of your own
#
# The table is not closed. *Softsign* is a gentler relative of tanh, a / (1 + |a|):

# %%
def softsign_on_floats(a):
    return a / (1 + abs(a))

for at in [-9.0, -1.0, 0.0, 1.0, 9.0]:
    print(f"{at:4g} becomes {softsign_on_floats(at):g}")

# %% [markdown]
# Its slope, they say, is the smaller the further y is from 0: somebody suggests 1 − |y|. Let us make a
# row of it. `check` measures, and compares.
#
# **Predict.** At a = 1, the result is ½. What does the suggested slope say there? And is it right? (The
# quotient rule of school decides.)

# %%
softsign = Op("softsign", softsign_on_floats, (lambda y, a: 1 - abs(y),))

try:
    check(softsign, [1.0])
except GradientMismatch as error:
    print(error)

# %% [markdown]
# The measurement says half as much. At a = 3?

# %%
try:
    check(softsign, [3.0])
except GradientMismatch as error:
    print(error)

# %% [markdown]
# A quarter as much as suggested, and 1 − |y| is just a quarter there, as it was a half before. So what
# is missing is another factor of 1 − |y|:
#
# $$y' = \frac{1}{(1 + |a|)^2} = (1 - |y|)^2$$

# %%
softsign = Op("softsign", softsign_on_floats, (lambda y, a: (1 - abs(y)) ** 2,))

for at in [1.0, 3.0, -0.2]:
    print(check(softsign, [at]))

# %% [markdown]
# A row, and nothing else: no `backward` was written. Now it can be used in any expression, and
# everything that works for the engine's own operations works for it.

# %%
x, w = Value(1.5, "x"), Value(-2.0, "w")
z = softsign(w * x)
z.backward()
explain(z)

# %%
draw(z)

# %%
plot_tangent(softsign, 1.0, width=8);

# %% [markdown]
# ## Reading formulas instead of numbers
#
# One more trick. The four lines of the sweep add and multiply *something*. It has been floats so far.
# Hand it formulas, and the same four lines write the derivative down instead of computing it.
#
# **Predict.** z = softsign(w · x). What is the derivative of z with respect to w, as a formula?

# %%
formula = gradients(z, read=in_full)[w]
print(formula)
Math(r"\frac{\partial z}{\partial w} = " + formula.latex)

# %% [markdown]
# And the graph from above. **Predict.** Lesson 2 found that four paths lead from y to a. How many terms
# will the sum have?

# %%
formula = gradients(y, read=in_full)[a]
print(formula)
Math(r"\frac{\partial y}{\partial a} = " + formula.latex)

# %% [markdown]
# One for each value that was made from a, and no more: paths that meet in d, or in c, go on as one
# flow, which is the sum between the parentheses. That is how the sweep stays cheap in graphs that have
# millions of paths.
#
# Nobody has told the engine how to do algebra. The same rows, the same sweep, another kind of number:
#
# | `gradients(y, read=…)` | a value stands for | what comes out |
# |---|---|---|
# | `number`, if you say nothing | its float | gradients |
# | `in_full` | its formula | derivatives, written down |
# | `itself` | itself, a `Value` | gradients that can be differentiated again (lesson 10) |
#
# ## A question for you
#
# The *bell* is e^(−a²). Write its row: what is its slope, in terms of y and a, as cheaply as you can?
# Check it at three points. Then find out where the bell rises most steeply, and how steep it is there.

# %%
def bell_on_floats(a):
    return math.exp(-a * a)

# bell = Op("bell", bell_on_floats, (lambda y, a: ...,))
# print(check(bell, [0.3]))

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# The derivative of e^(−a²) is e^(−a²) · (−2a), and e^(−a²) is y itself. So the slope is −2 · a · y:
# two products, and no exponential.
#
# ```python
# bell = Op("bell", bell_on_floats, (lambda y, a: -2 * a * y,))
# for at in [-1.0, 0.3, 2.0]:
#     print(check(bell, [at]))
#
# def slope_at(at):
#     x = Value(at)
#     return gradients(bell(x))[x]
#
# steepest = max((i / 1000 for i in range(-3000, 3001)), key=slope_at)
# print(steepest, slope_at(steepest), -1 / math.sqrt(2), math.sqrt(2 / math.e))
# plot_tangent(bell, steepest);
# ```
#
# It rises most steeply at a = −1/√2 ≈ −0.707, left of the summit, with a slope of √(2/e) ≈ 0.858. You
# can find that by hand, too: there the *derivative of the slope* is 0. In lesson 10 the engine does it.
# </details>
