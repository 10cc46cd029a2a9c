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
# # 6. Gradient descent
#
# After this lesson you can follow a gradient down to a minimum, say which learning rates converge, which
# are slow and which diverge, and explain what momentum is good for.
#
# It takes about 45 minutes. So far we have *found* gradients. Now we use them: take a step against the
# gradient, compute the gradient again, take the next step. This is called **gradient descent**, and
# networks are trained with it. The main question is how long the steps should be.

# %%
from math import cos, radians, sin

import matplotlib.pyplot as plt
from IPython.display import Markdown

from autograd import Value, chain_rule, grad
from nn import SGD
from viz import plot_surface, plot_tangent
from viz.palette import LIGHT


def table(heads, rows):
    """Rows of text and numbers, for the notebook to set."""
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [
        [f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines
    ]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in cells))


def listed(numbers):
    return ", ".join(f"{number:g}" for number in numbers)


# %% [markdown]
# ## One weight, three points
#
# The smallest model there is: `y = W * x`. It should pass through (0, 0), (1, 2) and (2, 4). You can see
# which `W` does that. The program cannot: it can only compute how wrong a given `W` is. The model, the
# points and the three weights below come from the article *Backpropagation — Edureka*
# (<https://medium.com/edureka/backpropagation-bd2cf8fdde81>).
#
# **Predict.** For `W` = 4, 3 and 2: what are the three outputs, how far is each from its target, and what
# are the squares of these errors?

# %%
points = [(0, 0), (1, 2), (2, 4)]


def errors(W):
    return [W * x - target for x, target in points]


table(
    ["`W`", "outputs", "absolute errors", "squared errors"],
    [
        [
            f"{W:g}",
            listed(W * x for x, _ in points),
            listed(abs(error) for error in errors(W)),
            listed(error**2 for error in errors(W)),
        ]
        for W in (4.0, 3.0, 2.0)
    ],
)

# %% [markdown]
# (If you compare with the article: its last table is wrong in the row of input 1. The absolute error
# for `W` = 3, its square, and the output for `W` = 2 are not the ones above.)
#
# To say with *one* number how wrong a `W` is, people take the sum of the squares, or their mean, or half
# of their sum. These are three different errors, so `W` has three different gradients.
#
# **Predict.** The sum falls as `W` goes from 4 to 3 to 2. Is its gradient at 3 half of that at 4? Less than
# half? And what is it at 2?

# %%
def total(W):
    return sum(error**2 for error in errors(W))

def mean(W):
    return total(W) / 3

def half(W):
    return total(W) / 2

rows = []
for start in (4.0, 3.0, 2.0):
    W = Value(start, "W")
    row = [f"{start:g}"]
    for error in (total, mean, half):
        E = error(W)
        row += [E.data, f"**{grad(E, W).data:.6g}**"]
    rows.append(row)
table(["`W`", "sum", "gradient", "mean", "gradient", "half sum", "gradient"], rows)

# %% [markdown]
# The gradient at 3 is half of that at 4: half as far from 2, half as steep. Each point contributes. `W` is
# used three times, so three flows arrive at it and add up to its gradient.
#
# **Predict.** From one of the three points nothing flows to `W`. From which?

# %%
W = Value(3.0, "W")
E = total(W)
uses = [(y, slope, flow) for y, _, parent, slope, flow, _ in chain_rule(E) if parent is W]
table(
    ["output", "upstream gradient", "local derivative towards `W`: the input", "flow to `W`"],
    [[y.data, grad(E, y).data, slope, flow] for y, slope, flow in reversed(uses)]
    + [["", "", "**gradient**", f"**{grad(E, W).data:g}**"]],
)

# %% [markdown]
# Where the input is 0, the local derivative is 0, and nothing flows. Keep the point (0, 0) in mind: we
# will need it again.
#
# ## Which way?
#
# The sign of the gradient says which way is up. At `W` = 3 it is positive, so a larger `W` makes the error
# larger, and the way down is to the left. Where the gradient is negative, the way down is to the right.
# Going *against* the gradient covers both cases:
#
# **new `W` = `W` − rate · gradient**
#
# with a positive factor of our choice, the **learning rate**.

# %%
_, ax = plt.subplots(figsize=(7, 4.8), layout="constrained")
plot_tangent(total, Value(2.0, "W"), ax, width=5.2)
for start in (4.0, 3.0, 1.0):
    plot_tangent(total, Value(start, "W"), ax, width=0.8)
ax.set(ylabel="sum of the squared errors", ylim=(-3, 34))
ax.legend();

# %% [markdown]
# Orange tangents rise, blue ones fall. The gradient also tells you something about the distance: far from
# the minimum it is large, close to it small, and at the minimum it is 0. Steps proportional to the
# gradient become shorter by themselves as they approach it.
#
# ## How far?
#
# Take the sum, and start from `W` = 4, with the gradient that you see above.
#
# **Predict.** Which rate reaches 2 in *one* step? And would the same rate also do so from `W` = 3? From −7?

# %%
def descent(error, start, rate, steps):
    """All the places on the way, the first one included."""
    path = [start]
    for _ in range(steps):
        W = Value(path[-1], "W")
        path.append(W.data - rate * grad(error(W), W).data)
    return path


table(
    ["start", "gradient there", "rate 0.05", "rate 0.1", "rate 0.15"],
    [
        [f"{start:g}", grad(total(W := Value(start)), W).data]
        + [descent(total, start, rate, 1)[-1] for rate in (0.05, 0.1, 0.15)]
        for start in (4.0, 3.0, 2.0, -7.0)
    ],
)

# %% [markdown]
# One of them works from everywhere. You can find it without knowing where the minimum is, because the
# engine can say how fast the *gradient* changes. A gradient found by `grad` is a value with parents, so
# you can differentiate it with `grad` again. The result is the second derivative, the **curvature**; we
# call it λ.
#
# **Predict.** From the gradients in the table above: how much does the gradient of the sum change when `W`
# moves by 1?

# %%
def curvature(error, at):
    W = Value(at, "W")
    return grad(grad(error(W), W), W).data


print("λ at 4, 3, 2 and -7: ", *[curvature(total, at) for at in (4.0, 3.0, 2.0, -7.0)])

# %% [markdown]
# It is the same everywhere, because the error is a parabola. So at a distance d from the minimum the
# gradient is λ · d, and a step goes rate · λ · d towards it. What is left of the distance is
#
# $$d_{\text{new}} = (1 - \text{rate} \cdot \lambda) \; d$$
#
# The factor 1 − rate · λ decides everything about gradient descent on a parabola.
#
# **Predict.** For which rate is the factor 0? For which is it negative, and what does that look like?
# From which rate on does the distance *grow*?

# %%
lam = curvature(total, 4.0)
Markdown(
    f"The factor is 0 for the rate 1/λ = **{1 / lam:g}**: one step is enough. Above this rate it is negative: "
    f"each step lands on the other side. It is −1 for 2/λ = **{2 / lam:g}**, and beyond that each step ends "
    f"further away than it began."
)

# %%
figure, axes = plt.subplots(1, 4, figsize=(11, 3), layout="constrained", sharey=True)
wide = [-0.6 + 0.05 * i for i in range(105)]
for ax, rate in zip(axes, (0.03, 0.1, 0.18, 0.21)):
    path = descent(total, 3.5, rate, 7)
    ax.plot(wide, [total(W) for W in wide], color=LIGHT["muted"], lw=1)
    ax.plot(path, [total(W) for W in path], ".-", color=LIGHT["positive"])
    ax.plot(path[0], total(path[0]), "o", ms=8, mfc="white", mew=2, color=LIGHT["positive"])
    ax.set(title=f"rate {rate:g}, factor {1 - rate * lam:.2g}", xlabel="W", xlim=(-0.8, 4.8), ylim=(-2, 35))
axes[0].set_ylabel("sum of the squared errors");

# %% [markdown]
# From left to right: slow convergence; convergence in one step; convergence with overshooting; divergence.
#
# ## On the border
#
# The border between convergence and divergence is 2/λ.
#
# **Predict.** Start from `W` = 3 with exactly this rate. Where are you after one step, after two, after
# a thousand? And with a rate that is one percent smaller, or larger?

# %%
print("the first steps on the border:", descent(total, 3.0, 2 / lam, 5))
table(
    ["rate · λ", "rate", "`W` after 10 steps", "after 100", "after 1000"],
    [
        [f"{share:g}", share / lam]
        + [descent(total, 3.0, share / lam, steps)[-1] for steps in (10, 100, 1000)]
        for share in (1.98, 2.0, 2.02)
    ],
)

# %% [markdown]
# On the border the distance only changes its sign, forever. Slightly below the border, descent converges,
# though slowly; slightly above it, descent diverges, however near it started.
#
# Does the border depend on the error? The mean and the half sum have their minimum at the same `W`.
#
# **Predict.** Which of the three can take the largest rate?

# %%
rows = []
for name, error in [("sum", total), ("mean", mean), ("half sum", half)]:
    lam_of = curvature(error, 4.0)
    landed = descent(error, 4.0, 1 / lam_of, 1)[-1]
    rows.append([name, lam_of, 1 / lam_of, repr(landed), 2 / lam_of])
table(["error", "λ", "1/λ", "`W` after one such step from 4", "border 2/λ"], rows)

# %% [markdown]
# A rate is neither large nor small by itself; rate · λ is. If you replace a sum by a mean, you have changed
# the effect of the rate as well. This is why a rate copied from another program can fail in yours.
#
# ## Two parameters
#
# Now the line may also be shifted: `y = W * x + b`. And we leave out (0, 0) for a while, the point from
# which nothing flowed. Two points, two parameters, and still a single minimum, where `W` is 2 and `b` is 0.
#
# From the minimum you can move in any direction, and along a straight line the error is a parabola again.
# The engine finds its curvature: the distance `t` along the line is the only leaf.
#
# **Predict.** When `W` and `b` grow *together*, the line rises at both points. When one grows and the other
# falls, the two changes partly cancel. In which direction is the valley steep, and in which is it flat?

# %%
two_points = [(1, 2), (2, 4)]


def squares(W, b, points=two_points):
    return sum((W * x + b - target) ** 2 for x, target in points)


def curvature_towards(degrees, points=two_points):
    t = Value(0.0, "t")
    E = squares(2 + t * cos(radians(degrees)), t * sin(radians(degrees)), points)
    return grad(grad(E, t), t).data


def extremes(points=two_points):
    """The steepest and the flattest of all directions, in whole degrees, with their curvatures."""
    every = [(curvature_towards(degrees, points), degrees) for degrees in range(180)]
    return max(every), min(every)


(steep, steep_way), (flat, flat_way) = extremes()
table(
    ["direction", "degrees", "a step of 1 moves `W` by", "and `b` by", "λ"],
    [
        [name, way, f"{cos(radians(way)):.2f}", f"{sin(radians(way)):.2f}", f"{lam:.3g}"]
        for name, way, lam in [("steep", steep_way, steep), ("flat", flat_way, flat)]
    ],
)

# %% [markdown]
# There are two borders now, one for each direction, but only one rate.
#
# **Predict.** Which of the two directions decides how large the rate may be? And how does descent behave in
# the other one at that rate?

# %%
rate = 0.13
Markdown(
    f"The steep one decides: the rate has to stay below 2/λ = {2 / steep:.3f}. We take {rate:g}. In the "
    f"steep direction the factor is 1 − {rate:g} · {steep:.3g} = **−{rate * steep - 1:.2f}**, so descent jumps "
    f"from side to side. In the flat direction it is 1 − {rate:g} · {flat:.3g} = **{1 - rate * flat:.2f}**, so "
    f"descent is slow. The flat direction alone could take a rate {steep / flat:.0f} times as large."
)

# %% [markdown]
# ## Momentum
#
# A ball that rolls down a narrow valley does better. It keeps some of its speed: pushes from side to side
# cancel, and pushes along the valley, which all point the same way, add up. This is **momentum**:
#
# **velocity ← momentum · velocity + gradient**, and then **parameter ← parameter − rate · velocity**
#
# With momentum 0 this is plain gradient descent. `nn.SGD` does both.
#
# **Predict.** Both runs below start at `W` = 4, `b` = 0, with the same rate. Does either of them go
# straight to the minimum?


# %%
def run(momentum, steps, points=two_points):
    """The pairs (W, b) on the way."""
    W, b = Value(4.0, "W"), Value(0.0, "b")
    sgd = SGD([W, b], learning_rate=rate, momentum=momentum)
    path = [(W.data, b.data)]
    for _ in range(steps):
        sgd.zero_grad()
        squares(W, b, points).backward()
        sgd.step()
        path.append((W.data, b.data))
    return path


figure, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained", sharey=True)
for ax, momentum in zip(axes, (0.0, 0.7)):
    W, b = Value(2.5, "W"), Value(0.0, "b")  # the middle of the map
    plot_surface(lambda: squares(W, b), W, b, run(momentum, 40), ax, span=2.5)
    ax.set_title(f"momentum {momentum:g}, 40 steps")

# %% [markdown]
# Neither goes straight. Plain descent jumps from side to side until it has settled in the steep direction,
# and then moves slowly along the valley. With momentum the path swings out at first and even overshoots
# the minimum, but along the valley it is fast.

# %%
table(
    ["steps", "plain: error", "momentum 0.7: error"],
    [
        [str(steps), *[f"{squares(*run(momentum, steps)[-1]):.2g}" for momentum in (0.0, 0.7)]]
        for steps in (0, 1, 5, 10, 20, 40)
    ],
)

# %%
kept = 0.7
Markdown(
    f"Why is it fast? While the gradient g stays about the same, the velocity grows to g + {kept:g} g + "
    f"{kept**2:g} g + …, which is g / (1 − {kept:g}), or **{1 / (1 - kept):.2f} g**."
)

# %% [markdown]
# **Predict.** So is more momentum always better? What would a ball do that keeps 99 percent of its speed in
# every step?

# %%
table(
    ["momentum", "error after 40 steps", "after 80"],
    [
        [f"{momentum:g}", *[f"{squares(*run(momentum, steps)[-1]):.2g}" for steps in (40, 80)]]
        for momentum in (0.0, 0.5, 0.7, 0.9, 0.99)
    ],
)

# %% [markdown]
# It rolls through the minimum, up the other side, and back. Too much momentum is as bad as too little.
#
# ## Local and global minimum
#
# So far there was only one place to arrive at. That is because the errors were parabolas. The article by
# Edureka says that one must reach the *global* minimum, the lowest point of all. Here is a curve with two
# valleys, and a descent from either side.
#
# **Predict.** Where does each of them end? What is the gradient there? And does it help to know the
# gradient there, if you want to find out which of the two you are in?

# %%
def two_valleys(w):
    return (w * w - 1) ** 2 + 0.3 * w


figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
curve = [-1.7 + 0.02 * i for i in range(171)]
ax.plot(curve, [two_valleys(w) for w in curve], color=LIGHT["muted"], lw=1)
rows = []
for start, colour in ((-1.6, LIGHT["negative"]), (1.6, LIGHT["positive"])):
    path = descent(two_valleys, start, 0.05, 60)
    ax.plot(path, [two_valleys(w) for w in path], ".-", color=colour)
    ax.plot(path[0], two_valleys(path[0]), "o", ms=8, mfc="white", mew=2, color=colour)
    w = Value(path[-1], "w")
    E = two_valleys(w)
    rows.append([f"{start:g}", f"{w.data:.4f}", f"{E.data:.4f}", f"{abs(grad(E, w).data):.0e}"])
ax.set(xlabel="w", ylabel="error", ylim=(-0.6, 3))
table(["start", "end", "error there", "size of the gradient there"], rows)

# %% [markdown]
# Both end where the gradient is 0. The left one is the global minimum, the right one only a **local
# minimum**: lower than everything near it. Descent cannot tell them apart, because a gradient describes
# only the immediate neighbourhood of a point. The result depends on the start, on the rate (a longer step
# may jump over the hill), and on momentum.
#
# The error of a network has many minima, if only because exchanging two hidden neurons changes nothing
# that the network computes. In practice one does not look for the global one. One looks for a low error on
# data that was not used for training, and several starts from different random weights show how much
# depends on luck.
#
# ## When to stop
#
# At a minimum the gradient is 0, so a small gradient is a sign that you are near one. It is no proof: in a
# flat direction the gradient is small even when the minimum is far away.
#
# **Predict.** We stop plain descent as soon as the gradient is shorter than 0.1. How far from the minimum
# are we: about 0.1? Nearer? Further?

# %%
def length(u, v):
    return (u * u + v * v) ** 0.5


way = run(0.0, 400)
rows = []
for limit in (1.0, 0.1, 0.01):
    for step, (W, b) in enumerate(way):
        W, b = Value(W), Value(b)
        if length(*[g.data for g in grad(squares(W, b), [W, b])]) < limit:
            break
    rows.append([f"{limit:g}", str(step), f"{length(W.data - 2, b.data):.2g}"])
table(["gradient shorter than", "after steps", "distance from the minimum"], rows)

# %%
Markdown(
    f"Further, by a factor of about 1/λ of the flat direction, which is {1 / flat:.1f}: the gradient is λ · d, so d "
    f"is the gradient divided by λ. (In the first row the steep direction still contributed to the gradient.)"
)

# %% [markdown]
# So one stops at a small gradient *or* after a fixed number of steps. The article gives another rule: go on
# *until all examples are classified correctly*, or until some other criterion is met. The first half alone
# does not work. If two points of different classes coincide, or if the network is too small, that moment
# never comes, and the loop never ends. And if it comes, it says nothing about new data. A better reason to
# stop is that the error on **held-out** points, which are not used for training, no longer falls. Lesson 7
# compares the two.
#
# ## In short
#
# - Step against the gradient. Its sign says which way, its size says how steep.
# - On a parabola a step multiplies the distance from the minimum by 1 − rate · λ. With the rate 1/λ you
#   arrive at once; from 2/λ on you never do.
# - With several directions, the steepest sets the limit for the rate, and the flattest costs you steps.
# - With momentum, pushes in the same direction add up, and pushes in opposite directions cancel.
# - Descent finds *a* minimum, and the gradient cannot tell a local one from the global one.
#
# ## A question for you
#
# Put the point (0, 0) back. With one weight, nothing flowed from it. With a weight *and a bias*:
#
# 1. What flows from it to `W`, and what to `b`?
# 2. Which curvature will it change more, the steep one or the flat one? Is the rate of the lesson still
#    below the border?
# 3. Will plain descent need more steps than before, or fewer, until the error is below a millionth?
#
# Think first, then measure. `extremes` and `run` take a list of points.

# %%
# Your measurement. For example: extremes(points)

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# Its output is `W * 0 + b`. The local derivative towards `W` is still 0, so nothing flows there. Towards `b`
# it is 1, and the whole upstream gradient flows: the point holds the line in place at input 0. It hardly
# makes the steep direction steeper. But in the flat direction the line *tilts* about a place between the
# two points. That changes little at the two points and much at input 0, where the error now counts too.
#
# ```python
# for name, some in [("two points  ", two_points), ("three points", points)]:
#     (steep, _), (flat, _) = extremes(some)
#     way = run(0.0, 400, some)
#     steps = next(n for n, place in enumerate(way) if squares(*place, some) < 1e-6)
#     print(f"{name} λ {steep:.3g} and {flat:.3g}, border {2 / steep:.4f}, {steps} steps;",
#           f"factors {1 - rate * steep:.2f} and {1 - rate * flat:.2f}")
# ```
#
# 1. Nothing flows to `W`. To `b` flows the whole gradient of the point's output.
# 2. The flat curvature grows much more, from 0.292 to 1.68; the steep one only from 13.7 to 14.3. The
#    border falls from 0.1459 to 0.1396, and a rate of 0.13 stays below it.
# 3. Fewer: 57 instead of 156. The flat direction was the slow one, with a factor of 0.96. Now its factor is
#    0.78, and the steep direction, with −0.86, has become the slower of the two.
# </details>
