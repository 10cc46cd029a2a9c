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
# say how far the measurement is to be trusted, and let the engine find it without measuring.
#
# It takes about fifteen minutes. Run the cells from top to bottom with Shift + Enter. Where a question
# stands above a cell, answer it first, on paper or aloud: a wrong guess teaches more than none.

# %%
import math

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
# It is called a *difference quotient*, or a *finite difference*. Its size depends on the step `h`.

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
# The quotient is 6 and a little more, and the little more goes away together with `h`. What is left
# is **the derivative** of x² at 3. In a picture, the quotient is the slope of a line through two
# points of the curve. Push the second point towards the first, and the line turns into the
# *tangent*: the line that has the direction of the curve itself.

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
# A derivative is an exchange rate: it turns a small change of the input into the change of the result
# that is to be expected. If the rate is 6, then a step of δ changes the result by about 6 · δ.
#
# **Predict.** The prediction is off by a little, because the curve bends away from its tangent. When δ
# is *half* as large, is the prediction off by half as much?

# %%
for step in [0.2, 0.1, 0.05, 0.025]:
    actual = square(3 + step) - square(3)
    print(f"δ = {step:<5}  predicted {6 * step:.3f}  actual {actual:.6f}  off by {actual - 6 * step:.6f}")

# %% [markdown]
# Half the step, a *quarter* of the error. Close to the point, the curve and its tangent are hardly to
# be told apart, and this is all that training a network needs: to know which way is up, and about how
# steep it is.
#
# Where the derivative is positive the function rises, where it is negative it falls, and where it is
# 0 the tangent is level. Here the tangents are orange where they rise, blue where they fall, and grey where they are
# level. The slopes in the legend come from the engine.

# %%
def hill_and_valley(x):
    return x**3 / 3 - x

ax = plot_tangent(hill_and_valley, 0.0)
for at in [-1.0, 1.75]:
    plot_tangent(hill_and_valley, at, ax, width=1)

# %% [markdown]
# ## Smaller is better, or is it?
#
# A measurement can be judged where the true value is known. The derivative of sin is cos, as you may
# remember from school, so at x = 1 it is cos(1).

# %%
truth = math.cos(1.0)
truth

# %% [markdown]
# **Predict.** Measure it with h = 10⁻¹, 10⁻², … down to 10⁻¹⁶. Does the measurement become better at
# every step? What comes out at the end?

# %%
for k in range(1, 17):
    measured = quotient(math.sin, 1.0, 10.0**-k)
    print(f"h = 10^-{k:<2}  measured {measured:.12f}  error {abs(measured - truth):.0e}")

# %% [markdown]
# Better, better, better, and then worse and worse, until at the end nothing is left at all. To see how
# regular this is, plot the error against `h`, on scales where each tick is a factor of ten.

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
# Read it from right to left, as `h` shrinks. There are two flanks, and each has a reason of its own.
#
# **The right flank: truncation.** The line through two points is not the tangent, because the curve
# bends between them. The error is proportional to `h`: a tenth of the step, a tenth of the error. (For
# x² it was exactly `h`.) With one point on either side most of the bend cancels, and the error is
# proportional to h²: the blue flank is twice as steep.
#
# **The left flank: rounding.** A float keeps about sixteen digits. sin(1) and sin(1 + h) agree in more
# and more of them as `h` shrinks, so their difference consists of fewer and fewer digits that mean
# anything. Whatever is wrong in the last digit is then divided by a tiny `h`: a tenth of the step, ten
# times the error. That flank *rises* to the left, and is ragged, because rounding is a matter of luck.

# %%
for name, measure in [("one side:  ", quotient), ("both sides:", central)]:
    error, h = min(zip(errors(measure), steps))
    print(f"{name} the best of these steps is about {h:.0e}, and its error {error:.0e}")

# %% [markdown]
# In the valley between the flanks, measuring is as good as it gets, and a good part of the sixteen
# digits is lost even there. At 10⁻¹⁶ the step is lost as a whole, because the next float after 1 is
# further away than that:

# %%
1.0 + 1e-16 == 1.0

# %% [markdown]
# ## Without measuring
#
# The engine of this course takes no small steps, so it stands on neither flank. `Value` is a number
# that remembers how it was made, and `backward()` walks back through what it remembers.
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
# It knows one rule per operation (the derivative of sin is cos) and one rule for putting operations
# together, the *chain rule*. So it does as well on something that you would not like to differentiate
# by hand:

# %%
def wild(x):
    return exp(sin(x * x)) / (1 + x * x)

ax = plot_tangent(wild, 1.3, width=4)

# %% [markdown]
# Is that slope right? This is what measuring is good for: it is a *second opinion*, found in a wholly
# different way. `check` measures with steps of many sizes, finds the valley by itself, and complains
# if the two opinions differ.

# %%
check(wild, [1.3])

# %% [markdown]
# ## Where there is none
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
# Each side has an opinion, they differ, and no smaller `h` will reconcile them: at 0 the function has
# no derivative. The two-sided quotient hides that behind an average, which is nobody's slope.
# Engines have to answer *something*, because networks are full of corners. For |x|, this one answers
# with the average, too. A step to the side, all agree again:

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
# h = 10⁻¹². The derivative is cos(1), just as before: the 1000 does not change as x does.
#
# Which flank is that on, and has it moved? How many digits of the friend's answer are right? And what
# would you have done instead? Think first, then measure in the cell below.

# %%
# Your measurement. For example: quotient(math.sin, 1.0, 1e-12)

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# h = 10⁻¹² is far out on the left flank, where rounding rules. Rounding goes with the size of the
# *values*, and they are now about a thousand times as large as those of the sine alone, so the whole
# flank moves up by a factor of about a thousand. The right flank stays where it is: adding a constant
# bends nothing. So the valley moves to the right, to larger steps.
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
# With h = 10⁻¹² the friend gets 0.568…, where 0.540… is right: one digit is left of sixteen. A larger
# step does better, both sides do better still, and so does the engine, which takes no difference of
# two values of the function.
# </details>
