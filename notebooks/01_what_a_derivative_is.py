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
# # 1. What a derivative is
#
# After this lesson you can measure the derivative of any function with two points and a division,
# say how far to trust the measurement, and let the engine find the derivative without measuring.
#
# It takes about 30 minutes. Run the cells from top to bottom with Shift + Enter. When a question
# stands above a cell, answer it first, on paper or aloud: you remember what surprised you.
#
# You need school mathematics and a little Python: functions, loops, and the fact that a function can
# be handed to another function like any other object. In a string such as `f"{x:.2f}"`, the part in
# braces is replaced by the value of `x`, here with two decimals.

# %%
import math
from statistics import median

import matplotlib.pyplot as plt
from IPython.display import Markdown

from autograd import Value, absolute, check, exp, sin
from viz import plot_tangent
from viz.palette import LIGHT

# %% [markdown]
# ## How fast does it grow?
#
# Here is a function that you know, and a point on it.

# %%
def square(x):
    return x * x

square(3.0)

# %% [markdown]
# **Predict.** When x goes up by 0.1, from 3 to 3.1, how far does x² go up? By 0.1? By 0.01? By
# something else?

# %%
h = 0.1
rise = square(3.0 + h) - square(3.0)
Markdown(f"x² goes up by **{rise:.2f}**. That is **{rise / h:.1f} times** as far as x went.")

# %% [markdown]
# That factor, *how far the result moves for each step of the input*, is what this lesson is about:
#
# $$\frac{\text{how far } f \text{ went}}{\text{how far } x \text{ went}}
#   = \frac{f(x + h) - f(x)}{h}$$
#
# It is called a *difference quotient*, or a *finite difference*. Its value depends on the step `h`.

# %%
def quotient(f, x, h):
    return (f(x + h) - f(x)) / h


# %% [markdown]
# **Predict.** With smaller and smaller steps, which number does the quotient of x² at 3 approach?

# %%
for h in [2, 1, 0.5, 0.1, 0.01, 0.001]:
    print(f"h = {h:<6}  quotient = {quotient(square, 3.0, h):.4g}")

# %% [markdown]
# You can see why without a computer:
#
# $$\frac{(3 + h)^2 - 9}{h} = \frac{6h + h^2}{h} = 6 + h$$
#
# As `h` shrinks, so does the excess over 6. The limit is **the derivative** of x² at 3. In a picture,
# the quotient is the slope of a line through two points of the curve. Move the second point towards
# the first, and the line turns into the *tangent*, which has the direction of the curve itself.
#
# The derivative is written $\frac{dy}{dx}$ for y = f(x): the change of y per change of x.

# %%
ax = plot_tangent(square, 3.0)
for h, shade in [(2, 0.35), (1, 0.6)]:
    slope = quotient(square, 3.0, h)
    ax.axline((3, 9), slope=slope, color=LIGHT["muted"], alpha=shade, label=f"h = {h}: slope {slope:g}")
    ax.plot(3 + h, square(3 + h), "o", color=LIGHT["muted"])
ax.legend();

# %% [markdown]
# ## What the number is good for
#
# A derivative is an exchange rate: it converts a small change in the input into the expected change
# in the result. If the rate is 6, a step of δ changes the result by about 6 · δ.
#
# **Predict.** The forecast is slightly off, because the curve bends away from its tangent. If δ is
# *half* as large, is the forecast off by half as much?

# %%
for step in [0.2, 0.1, 0.05, 0.025]:
    actual = square(3 + step) - square(3)
    print(f"δ = {step:<5}  forecast {6 * step:.3f}  actual {actual:.6f}  off by {actual - 6 * step:.6f}")

# %% [markdown]
# Half the step, a *quarter* of the error. Close to the point, you can hardly tell the curve from its
# tangent. That is all the information that training a network uses: which way is up, and roughly how
# steep it is.
#
# Where the derivative is positive, the function rises; where it is negative, the function falls; where
# it is 0, the tangent is level. The tangents below are orange where they rise, blue where they fall,
# and grey where they are level. The engine computed the slopes in the legend.

# %%
def hill_and_valley(x):
    return x**3 / 3 - x

ax = plot_tangent(hill_and_valley, 0.0)
for at in [-1.0, 1.75]:
    plot_tangent(hill_and_valley, at, ax, width=1)

# %% [markdown]
# ## Exchange rates multiply
#
# If one euro buys 2 crowns, and one crown buys 5 pence, then one euro buys 2 · 5 pence. Derivatives
# are exchange rates, so the same holds for them. Take sin(x²): first u = x², then y = sin(u). A small
# step δ of x moves u by about $\frac{du}{dx} \cdot δ$. That is a small step of u, so it moves y by about
# $\frac{dy}{du}$ times as much:
#
# $$\frac{dy}{dx} = \frac{dy}{du} \cdot \frac{du}{dx}$$
#
# This is the **chain rule**, and the rest of the course is built on it. (Both "about"s become exact in
# the limit of small steps, just as 6 + h became 6.)
#
# **Predict.** The rate of x² is 2x. The rate of sin, you may remember from school, is cos. What is the
# rate of sin(x²) at x = 1.5, and what will the quotient say?

# %%
x = 1.5
u = x * x
rates = math.cos(u), 2 * x
print(f"rate of the sine {rates[0]:.6f}, rate of the square {rates[1]:g}")
print(f"their product    {rates[0] * rates[1]:.6f}")
print(f"measured         {quotient(lambda x: math.sin(x * x), x, 1e-7):.6f}")

# %% [markdown]
# (`lambda x: math.sin(x * x)` is a function without a name: `x` goes in, and what stands after the
# colon comes out.)
#
# ## Is a smaller step always better?
#
# You can judge a measurement if you know the true value. The derivative of sin at x = 1 is cos(1).

# %%
truth = math.cos(1.0)
truth

# %% [markdown]
# **Predict.** Measure it with h = 10⁻¹, 10⁻², … down to 10⁻¹⁶. Does the measurement improve with every
# step? What comes out at the end?

# %%
for k in range(1, 17):
    measured = quotient(math.sin, 1.0, 10.0**-k)
    print(f"h = 10^-{k:<2}  measured {measured:.12f}  error {abs(measured - truth):.0e}")

# %% [markdown]
# It improves, and then it gets worse and worse, until at the end nothing is left. To see how regular
# this is, plot the error against `h`, on scales where each tick is a factor of ten.

# %%
def central(f, x, h):
    """One step to either side, instead of one to the right."""
    return (f(x + h) - f(x - h)) / (2 * h)

steps = [10 ** (-k / 4) for k in range(2, 65)]

def errors(measure):
    return [abs(measure(math.sin, 1.0, h) - truth) for h in steps]

# %%
truncation = [h * math.sin(1) / 2 for h in steps]
rounding = [1e-16 * math.sin(1) / h for h in steps]

_, ax = plt.subplots(figsize=(7, 4.8), layout="constrained")
orange, blue, grey = LIGHT["positive"], LIGHT["negative"], LIGHT["muted"]
ax.loglog(steps, errors(quotient), "o-", ms=4, lw=1, color=orange, label="one side")
ax.loglog(steps, errors(central), "s-", ms=4, lw=1, color=blue, label="both sides")
ax.loglog(steps, truncation, "--", color=grey, label="truncation: h · |f″| / 2")
ax.loglog(steps, rounding, ":", color=grey, label="rounding: 10⁻¹⁶ · |f| / h")
ax.set(xlabel="h", ylabel="error", ylim=(1e-13, 10))
ax.legend();

# %% [markdown]
# Read the plot from right to left, as `h` shrinks. It is a valley with two sides, and each side has
# its own cause.
#
# **The right side: truncation.** The line through two points is not the tangent, because the curve
# bends between them. The error is proportional to `h`: a tenth of the step, a tenth of the error. (For
# x² it was exactly `h`.) With one point on either side, most of the bend cancels. The error is then
# proportional to h², and the blue line is twice as steep.
#
# **The left side: rounding.** A float keeps about sixteen digits. As `h` shrinks, sin(1) and sin(1 + h)
# agree in more and more of them, so fewer and fewer digits of their difference mean anything. The error
# in the last digit is then divided by a tiny `h`: a tenth of the step, ten times the error. This side is
# ragged because each rounding error is a matter of luck.
#
# The sum 1 + h is rounded too, so x does not move by exactly `h`. How much does that matter? Divide by
# the step that was really taken, and compare:

# %%
def by_the_step_taken(f, x, h):
    there = x + h
    return (f(there) - f(x)) / (there - x)

for h in [1e-9, 1e-12, 1e-13]:
    one, other = quotient(math.sin, 1.0, h), by_the_step_taken(math.sin, 1.0, h)
    print(f"h = {h:g}, taken {(1.0 + h) - 1.0:.8g}: error {abs(one - truth):.1e}, then {abs(other - truth):.1e}")

# %% [markdown]
# Often it helps, sometimes several times over: part of the error was in the step and not in the
# function. The rest comes from the rounding of sin itself, and no choice of divisor removes that.
#
# At h = 10⁻¹⁶ the step disappears entirely. A sum is rounded to the nearest float, and the next
# float after 1 is some distance away. So a step gets through only if it is more than half of this gap:

# %%
print("gap to the next float: ", math.ulp(1.0))
for h in [1e-16, 1.2e-16]:
    print(f"1 + {h} == 1:  ", 1.0 + h == 1.0)

# %% [markdown]
# How good is the best measurement? A single point at the bottom of the valley may just have been lucky.
# So we also print the median of the seven points around it.

# %%
for name, measure in [("one side:  ", quotient), ("both sides:", central)]:
    found = errors(measure)
    best = found.index(min(found))
    around = median(found[best - 3 : best + 4])
    print(f"{name} best at h = {steps[best]:.0e}, error {found[best]:.0e}; around it {around:.0e}")

# %% [markdown]
# Even in the valley, a good part of the sixteen digits is lost.
#
# ## Without measuring
#
# The engine of this course takes no small steps, so neither kind of error can occur. A `Value` is a
# number that remembers how it was made, and `backward()` goes back through that record.
#
# **Predict.** How far is its derivative of sin at 1 from cos(1)?

# %%
x = Value(1.0, "x")
y = sin(x)
y.backward()
print("engine ", x.grad)
print("cos(1) ", truth)
print("error  ", x.grad - truth)

# %% [markdown]
# The engine knows one rule per operation (the derivative of sin is cos) and one rule for combining
# operations, the chain rule. That is enough for functions that you would not like to differentiate by
# hand:

# %%
def wild(x):
    return exp(sin(x * x)) / (1 + x * x)

ax = plot_tangent(wild, 1.3, width=4)

# %% [markdown]
# Is that slope right? Here measuring is useful: as a *second opinion*, found in a completely different
# way. `check` measures with steps of many sizes, finds the bottom of the valley by itself, and raises an
# error if the two answers differ.

# %%
check(wild, [1.3])

# %% [markdown]
# ## Where there is no derivative
#
# |x| has a corner at 0. To the right of it the slope is 1, and to the left it is −1.
#
# **Predict.** What does the quotient with a step to the right say at 0? With a step to the left? And
# the one with a step to both sides?

# %%
for h in [0.1, 0.001]:
    right, left, both = quotient(abs, 0.0, h), quotient(abs, 0.0, -h), central(abs, 0.0, h)
    print(f"h = {h:<5}  right {right:g}   left {left:g}   both {both:g}")

# %% [markdown]
# The two sides differ, and no smaller `h` will change that: at 0, |x| has no derivative. The two-sided
# quotient hides this behind an average, which is the slope of neither side.
#
# Networks are full of corners. Their most popular building block is **relu**, the larger of x and 0: a
# level line that turns into a rising one at 0. So an engine has to answer *something* at a corner. For
# |x| at 0 this one also answers with the average of the two sides. Away from the corner, all agree again:

# %%
x = Value(0.0, "x")
y = absolute(x)
y.backward()
print("at 0 the engine says", x.grad)
print(check(absolute, [-0.5]))

# %% [markdown]
# ## A question for you
#
# A friend measures the derivative of f(x) = 1000 + sin(x) at x = 1 with the one-sided quotient and
# h = 10⁻¹². The derivative is cos(1), just as before: adding a constant changes no slope.
#
# Which side of the valley is that on, and has that side moved? How many digits of the friend's answer
# are right? And what would you have done instead? Think first, then measure in the cell below.

# %%
# Your measurement. For example: quotient(math.sin, 1.0, 1e-12)

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# h = 10⁻¹² is far out on the left side, where rounding dominates. The rounding error is proportional to
# the size of the *values* of f. They are now about a thousand times as large as those of the sine
# alone, so the whole left side moves up by a factor of about a thousand. The right side stays where it
# is, because adding a constant bends nothing. So the bottom of the valley moves to the right, to larger
# steps.
#
# ```python
# def f(x):
#     return 1000 + sin(x)
#
# for h in [1e-12, 1e-7, 1e-5]:
#     print(h, quotient(f, 1.0, h), abs(quotient(f, 1.0, h) - truth))
# print(central(f, 1.0, 1e-4), abs(central(f, 1.0, 1e-4) - truth))
# print(check(f, [1.0]))
# ```
#
# With h = 10⁻¹² the friend gets 0.568…, where 0.540… is right: one correct digit of sixteen. A larger
# step does better, a step to both sides does better still. Best is the engine, which never subtracts
# two values of the function.
# </details>
