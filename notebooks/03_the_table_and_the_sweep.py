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
# an operation of your own, which the engine explains, draws and checks like the built-in ones.
#
# It takes about 30 minutes. In lesson 2 we built an engine in which every operation carried a function
# that let gradients flow back. It worked, but it could not say what it did. Here is the way out.

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
# Everything this engine knows about calculus stands in one table, `autograd/ops.py`. Each row is an
# operation. This is the row of tanh, as it is written there:

# %%
print(" ".join(inspect.getsource(tanh.partials[0]).split()))

# %% [markdown]
# First comes its name, then how to compute its value, then its local derivatives: one for every argument,
# so here just one. A local derivative is a small function of `y`, the *result* of the operation, and of `a`,
# its argument.
#
# **Predict.** The result of tanh at 0 is 0. What is its local derivative there?

# %%
a = 0.0
y = tanh.on_floats(a)
tanh.partials[0](y, a)

# %% [markdown]
# Why write the local derivative using `y`? It is shorter, and it is cheaper: by the time the local
# derivative is needed, the result has already been computed. No second tanh is necessary.
#
# **Predict.** What is the local derivative of exp, in terms of `y` and `a`? Of the square root? Of a · b,
# towards a and towards b? Of a / b, towards b?
#
# The functions in the table work on anything that behaves like a number. So give them letters instead of
# numbers, and they print themselves. (The *sigmoid* in this list is 1 / (1 + e⁻ᵃ), a smooth step from 0
# to 1.)

# %%
def local_derivatives(op):
    letters = [Formula(letter) for letter in "abc"[: len(op.partials)]]
    return [str(partial(Formula("y"), *letters)) for partial in op.partials]

for op in [add, multiply, divide, exp, sqrt, sin, tanh, sigmoid]:
    print(f"{op.name:10}", "   ".join(local_derivatives(op)))

# %% [markdown]
# A classic mistake can be seen here: the local derivative of a · b towards a is *the other factor*, b.
#
# Is a row correct? Lesson 1 showed how to find out without trusting anyone: measure.

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
# An edge has a local derivative: that of the operation towards one of the parents. `slope(i)` looks it
# up; the parents are counted from 0.
#
# **Predict.** c is 5 and d is 6. What is the local derivative of p towards c, its parent number 0?

# %%
p.slope(0), p.slope(1)

# %% [markdown]
# So the picture of a graph can show all local derivatives before any gradient exists:

# %%
draw(y)

# %% [markdown]
# ## The sweep, edge by edge
#
# `chain_rule(y)` goes from y back to the inputs, visits a value only when all its uses have been counted,
# and reports each edge on the way. Along an edge,
#
# $$\text{flow} = \text{upstream gradient} \cdot \text{local derivative}$$
#
# where the *upstream gradient* is the gradient of the value that the edge comes from. The gradient of a
# value is the sum of all flows that arrive at it.
#
# **Predict.** How many edges are there, and so how many lines? Along which of them does something flow to
# a? Fill in the last column for a, with the picture above.

# %%
for value, position, parent, slope, flow, so_far in chain_rule(y):
    edge = f"from {value.label} to {parent.label}"
    print(f"{edge}   local {slope:g}   flow {flow:2g}   {parent.label} has {so_far:2g} so far")

# %% [markdown]
# That is all of backpropagation, and it fits into four lines. Read them aloud. Not one of them mentions
# an operation: the table has no graph in it, and the sweep has no calculus in it.

# %%
gradient = {y: 1.0}
for value in reversed(topological_order(y)):
    for position, parent in enumerate(value.parents):
        gradient[parent] = gradient.get(parent, 0.0) + gradient[value] * value.slope(position)

y.backward()
print("four lines:", gradient[a], gradient[b])
print("the engine:", a.grad, b.grad)

# %% [markdown]
# ## Let it explain itself
#
# Local derivatives are now looked up instead of hidden in functions, so the engine can say what it does.
# `explain` writes down both passes: each rule in letters, then in numbers.

# %%
explain(y)

# %% [markdown]
# With `to=a`, it explains only what lies on the way to a. And `draw` shows gradients too, now that there
# are some: the more flows along an edge, the thicker it is.

# %%
draw(y)

# %% [markdown]
# `stepper` is the same thing at your own pace. Click into it, and step with the arrow keys. At each
# edge, say what will flow before you press the key. Watch a and b, where more than one flow arrives.

# %%
stepper(y)

# %% [markdown]
# ## An operation of your own
#
# You can extend the table. *Softsign* is a gentler relative of tanh, a / (1 + |a|):

# %%
def softsign_of(a):
    return a / (1 + abs(a))

for at in [-9.0, -1.0, 0.0, 1.0, 9.0]:
    print(f"{at:4g} becomes {softsign_of(at):g}")

# %% [markdown]
# Its local derivative shrinks as y moves away from 0. Suppose a friend suggests 1 − |y|. Let us make an
# operation of it; `check` measures and compares.
#
# **Predict.** At a = 1, the result is ½. What is the suggested local derivative there? And is it right?
# (You can decide with the quotient rule from school.)

# %%
softsign = Op("softsign", softsign_of, (lambda y, a: 1 - abs(y),))

try:
    check(softsign, [1.0])
except GradientMismatch as error:
    print(error)

# %% [markdown]
# The measurement gives half as much. And at a = 3?

# %%
try:
    check(softsign, [3.0])
except GradientMismatch as error:
    print(error)

# %% [markdown]
# There it is a quarter of the suggestion. And 1 − |y| itself is a quarter there, as it was a half before.
# So another factor 1 − |y| is missing:
#
# $$y' = \frac{1}{(1 + |a|)^2} = (1 - |y|)^2$$

# %%
softsign = Op("softsign", softsign_of, (lambda y, a: (1 - abs(y)) ** 2,))

for at in [1.0, 3.0, -0.2]:
    print(check(softsign, [at]))

# %% [markdown]
# That is all: you did not have to write a `backward`. The operation can now be used in any expression,
# and everything that works for the built-in operations works for it.
#
# (You could even have left the local derivative out. The value is a formula of other operations, so the
# engine can differentiate it with the chain rule. But ours is shorter, and now you know that it is right.)

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
# One more idea. The four lines of the sweep add and multiply *something*. So far it has been floats. Give
# them formulas, and the same four lines write the derivative down instead of computing it.
#
# **Predict.** z = softsign(w · x). What is ∂z/∂w, as a formula?

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
# One for each value that was made from a, and no more: paths that meet in d, or in c, continue as one
# flow, which is the sum in parentheses. That is why the sweep stays cheap even in graphs with millions
# of paths.
#
# The engine has no rules for algebra. It is the same table and the same sweep, on another kind of number:
#
# | `gradients(y, read=…)` | what a value is in the arithmetic | what comes out |
# |---|---|---|
# | `as_float`, the default | its float | gradients |
# | `in_full` | its formula | derivatives, written down |
# | `as_node` | itself, a `Value` | gradients that can be differentiated again (lesson 10) |
#
# ## A question for you
#
# The *bell* is e^(−a²). Make an operation of it: what is its local derivative, in terms of y and a, as
# cheaply as you can? Check it at three points. Then find out where the bell rises most steeply, and how
# steep it is there.

# %%
def bell_of(a):
    return exp(-a * a)

# bell = Op("bell", bell_of, (lambda y, a: ...,))
# print(check(bell, [0.3]))

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# The derivative of e^(−a²) is e^(−a²) · (−2a), and e^(−a²) is y itself. So the local derivative is
# −2 · a · y: two products, and no exponential.
#
# ```python
# bell = Op("bell", bell_of, (lambda y, a: -2 * a * y,))
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
# It rises most steeply at a = −1/√2 ≈ −0.707, left of the peak, with a slope of √(2/e) ≈ 0.858. You can
# also find that by hand: there the *derivative of the slope* is 0. In lesson 10 the engine does it.
# </details>
