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
# # 8. When training goes wrong
#
# After this lesson you can tell from the gradients why a network does not learn, and fix the five most
# common causes.
#
# Every section takes one network that fails, in the same four steps: the **symptom**, a look at the
# **gradients**, the **cause** in a graph small enough to follow by hand, and the **fix**. The lesson takes
# about 40 minutes.

# %%
from math import inf, log, sqrt
from textwrap import fill

import matplotlib.pyplot as plt
from IPython.display import Markdown

from autograd import AutogradError, Value, exp, explain, grad, leaky_relu, relu, sigmoid, tanh
from nn import MLP, SGD, Neuron, TrainingStopped, dataset, fit, he, moons, xavier
from nn import binary_cross_entropy, cross_entropy, mse
from viz import draw, stepper


def table(heads, rows):
    """Rows of text and numbers, for the notebook to set."""
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [
        [f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines
    ]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in cells))


data = moons(60, noise=0.1, seed=0)

# %% [markdown]
# ## 1. Vanishing gradients
#
# **Symptom.** A deep network of sigmoids, with eight hidden layers of six neurons, is trained for 300 epochs,
# and at the end its loss is still that of pure guessing.

# %%
deep = MLP(2, [6] * 8 + [1], sigmoid, init=xavier, seed=1)
sgd = SGD(deep.parameters(), learning_rate=0.5)
print(fit(deep, data, loss="binary_cross_entropy", optimizer=sgd, epochs=300, progress=False))
print(f"the loss of pure guessing: log 2 = {log(2):.4f}")

# %% [markdown]
# **Gradients.** We run one backward pass on an untrained copy, and compute the typical size of a gradient in
# each layer: the square root of the mean square.
#
# **Predict.** Which layer has the largest gradients, the first or the last? By what factor do they
# differ?


# %%
def sizes(model):
    """The typical size of a parameter's gradient, layer by layer."""
    model.zero_grad()
    binary_cross_entropy([model(x) for x in data.inputs], data.targets).backward()
    return [
        sqrt(sum(p.grad**2 for p in layer.parameters()) / len(layer.parameters()))
        for layer in model.layers
    ]


faded = sizes(MLP(2, [6] * 8 + [1], sigmoid, init=xavier, seed=1))
table(["layer", *range(1, 10)], [["gradient", *[f"{size:.0e}" for size in faded]]])

# %% [markdown]
# The gradients are largest in the last layer, and become smaller and smaller towards the first. Parameters
# with such tiny gradients hardly move.
#
# **Cause.** Reduce the network to a single chain of sigmoids. The local derivative of `y = sigmoid(x)` is
# y · (1 − y).
#
# **Predict.** For which y is that largest, and how large is it? Then: after five sigmoids in a row, how much
# is left of a flow of 1 at best?

# %%
x = Value(0.5, "x")
y = x
for _ in range(5):
    y = sigmoid(y)
y.label = "y"
table(
    ["edge", "upstream gradient", "local derivative", "flow"],
    [[f"{e.name} → {e.parent_name}", e.upstream, e.slope, e.flow] for e in explain(y).backward],
)

# %% [markdown]
# Here is the same chain to step through. Every edge multiplies by ¼ or less. Click `x` and change it to 5:
# is the local derivative of the first sigmoid larger then, or smaller?

# %%
stepper(y)

# %%
y.backward()
Markdown(
    f"The gradient of `x` is {x.grad:.6f}, and it could not be more than ¼⁵ = {0.25**5:.6f}. With eight sigmoids "
    f"the bound is ¼⁸ = {0.25**8:.1e}. In a network there are also weights to multiply with. In a chain of single "
    f"neurons, only weights of at least {1 / 0.25:g} in size could make up for the sigmoids. In a wider layer, "
    "several flows are added at each neuron, so smaller weights can be enough, if the flows do not cancel."
)

# %% [markdown]
# **Fix.** Use an activation whose local derivative reaches 1: tanh reaches it at 0, relu has it for every
# positive input. And choose initial weights so that the size of values and gradients stays about the same
# from layer to layer: `xavier` for tanh, `he` for relu.
#
# **Predict.** How will the nine sizes look now?

# %%
healthy = sizes(MLP(2, [6] * 8 + [1], tanh, init=xavier, seed=1))
figure, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
ax.semilogy(range(1, 10), healthy, "o-", color="#2d79c4", label="tanh")
ax.semilogy(range(1, 10), faded, "s--", color="#c65f04", label="sigmoid")
ax.set(xlabel="layer", ylabel="typical gradient", xticks=range(1, 10))
ax.legend();

# %%
deep = MLP(2, [6] * 8 + [1], tanh, init=xavier, seed=1)
sgd = SGD(deep.parameters(), learning_rate=0.5)
fit(deep, data, loss="binary_cross_entropy", optimizer=sgd, epochs=300, progress=False)

# %% [markdown]
# ## 2. Dead neurons
#
# **Symptom.** A relu network is trained at the rate 2. After a few epochs the loss stays at exactly 1.

# %%
model = MLP(2, [8, 8, 1], relu, seed=0)
sgd = SGD(model.parameters(), learning_rate=2.0)
history = fit(model, data, loss="hinge", optimizer=sgd, epochs=60, progress=False)
print(history)
print("the last five losses:", [round(loss, 6) for loss in history.losses[-5:]])

# %% [markdown]
# **Gradients.** For a single point, gradients of 0 are nothing unusual: relu has the local derivative 0 where
# its sum is negative. A neuron is **dead** if its gradients are exactly 0 on *all* the data. One trap: the
# hinge loss itself has derivative 0 at every point that is right by a margin. So we test with cross-entropy,
# whose derivative is never 0.


# %%
def dead(model):
    """The names of the hidden neurons to whose parameters nothing flows, from any point."""
    model.zero_grad()
    binary_cross_entropy([model(x) for x in data.inputs], data.targets).backward()
    hidden = [neuron for layer in model.layers[:-1] for neuron in layer.neurons]
    return [neuron.name for neuron in hidden if all(p.grad == 0 for p in neuron.parameters())]


untrained = MLP(2, [8, 8, 1], relu, seed=0)
print("before training:", len(dead(untrained)), "of 16:", *dead(untrained))
print("after training: ", len(dead(model)), "of 16")

# %% [markdown]
# **Cause.** Take one relu neuron with a bias far below 0.
#
# **Predict.** It has three parameters, two weights and a bias, and the graph has five leaves, because the two
# inputs are leaves too. Which of the five have gradient 0?

# %%
x1, x2 = Value(1.0, "x1"), Value(0.5, "x2")
neuron = Neuron(2, relu, init=lambda *_: ([1.0, 2.0], -3.0), name="h")
h = neuron([x1, x2])
h.backward()
draw(h)

# %% [markdown]
# All five. The local derivative of relu is 0, so nothing flows past the first edge, and the weights and the
# bias do not move. One step that is too long can bring a neuron into this state. In the first layer this is
# permanent, because the inputs do not change. A dead neuron in a later layer can recover, if the neurons
# before it change their outputs.
#
# (What about the last neuron? Its bias still has a gradient. If all hidden neurons output 0, this bias is
# all that is left, so every point gets the same score. With as many points in one class as in the other,
# half of them are wrong: this gives the loss of 1 and the accuracy above.)
#
# **Fix.** Smaller steps, better initial weights (`he`), or an activation that is not flat: `leaky_relu` has
# the local derivative 0.01 where relu has 0.
#
# **Predict.** Of these fixes, each by itself, which leaves the fewest dead neurons? And does that one also
# give the smallest loss?

# %%
rows = []
for case, activation, init, rate in (
    ("as above", relu, None, 2.0),
    ("rate 0.1", relu, None, 0.1),
    ("he", relu, he, 2.0),
    ("leaky_relu", leaky_relu, None, 2.0),
    ("leaky_relu, he", leaky_relu, he, 2.0),
):
    settings = {"init": init} if init else {}
    network = MLP(2, [8, 8, 1], activation, seed=0, **settings)
    sgd = SGD(network.parameters(), learning_rate=rate)
    run = fit(network, data, loss="hinge", optimizer=sgd, epochs=60, progress=False)
    rows.append([case, len(dead(network)), run.losses[-1], f"{run.accuracies[-1]:.0%}"])
table(["", "dead of 16", "loss", "accuracy"], rows)

# %% [markdown]
# A few dead neurons do little harm as long as enough others work. Count them, and act when their number
# grows.
#
# ## 3. Steps too long, steps too short
#
# **Symptom.** Either the loss falls very slowly, or it jumps about and explodes. Both look like a broken
# network, but only the learning rate is wrong.
#
# **Cause.** Take the simplest loss there is: one weight, and L = (w − 3)².
#
# **Predict.** The gradient is 2 · (w − 3), and a step subtracts rate · gradient from w. By what factor does
# one step multiply the distance to 3? For which rates is the distance 0 after *one* step? For which does it
# stay the same, and for which does it grow?

# %%
def walk(rate, steps=12, start=0.0):
    w = Value(start, "w")
    path = [w.data]
    for _ in range(steps):
        w.zero_grad()
        loss = (w - 3) ** 2
        loss.backward()
        w.data -= rate * w.grad
        path.append(w.data)
    return path


rates = (0.01, 0.1, 0.5, 0.9, 1.0, 1.1)
rows = [[rate, 1 - 2 * rate, *[abs(w - 3) for w in walk(rate)[1:4]], walk(rate)[-1]] for rate in rates]
table(
    ["rate", "factor 1 − 2 · rate", "distance after 1 step", "after 2", "after 3", "w after 12"], rows
)

# %%
figure, axes = plt.subplots(1, 4, figsize=(11, 2.8), layout="constrained", sharey=True)
curve = [w / 10 for w in range(-30, 91)]
for ax, rate in zip(axes, (0.01, 0.1, 0.9, 1.1)):
    path = walk(rate, steps=5)
    ax.plot(curve, [(w - 3) ** 2 for w in curve], color="#999999")
    ax.plot(path, [(w - 3) ** 2 for w in path], ".-", color="#c65f04")
    ax.set(title=f"rate {rate}", xlabel="w", xlim=(-5.5, 11.5), ylim=(-1, 30))
axes[0].set_ylabel("loss");

# %% [markdown]
# **The network.** With many weights each direction has its own curvature, and the steepest one sets the
# limit (lesson 6). Beyond it the loss grows until the numbers are too large for a float. The engine stops
# *before* that update, and says where it happened.
#
# **Predict.** Four rates: 0.001, 0.01, 0.5 and 3. Which one is too slow, and which one explodes?

# %%
figure, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for rate, style in zip((0.001, 0.01, 0.5, 3.0), (":", "--", "-", "-.")):
    model = MLP(2, [8, 1], tanh, init=xavier, seed=0)
    sgd = SGD(model.parameters(), learning_rate=rate)
    try:
        history = fit(model, data, loss="mse", optimizer=sgd, epochs=200, progress=False)
    except TrainingStopped as stopped:
        history = stopped.history
        print(fill(f"rate {rate}: {stopped}", width=90))
    losses = [loss for loss in history.losses if loss < 1e6]  # the rest is off the paper
    ax.semilogy(range(1, len(losses) + 1), losses, style, label=f"rate {rate}")
ax.set(xlabel="epoch", ylabel="loss", ylim=(1e-2, 1e3))
ax.legend();

# %% [markdown]
# **Fix.** Begin with a rate that explodes, and divide it by 3 until the loss falls steadily. After
# `TrainingStopped` the model still has its last finite parameters, but they are too far off to be of use:
# make a new model.
#
# ## 4. Gradients that were not reset
#
# **Symptom.** The loss falls at first, rises again, falls, rises, and never settles. The loop is the one
# above, but its line `w.zero_grad()` is missing.
#
# **Predict.** Flows add up, and that is right *within* one backward pass. What happens to `w.grad` if it is
# never reset? Think of the steps as a velocity.

# %%
def walk_without_zero_grad(rate, steps):
    w = Value(0.0, "w")
    rows = []
    for step in range(1, steps + 1):
        loss = (w - 3) ** 2
        own = grad(loss, w).data  # the gradient of this loss alone
        loss.backward()
        rows.append([step, w.data, own, w.grad])
        w.data -= rate * w.grad
    return rows


swinging = walk_without_zero_grad(0.1, 60)
table(["step", "w", "gradient of this loss", "w.grad"], swinging[:8])

# %%
figure, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.plot([row[1] for row in swinging], "s--", markersize=3, color="#c65f04", label="without zero_grad")
ax.plot(walk(0.1, steps=59), "o-", markersize=3, color="#2d79c4", label="with zero_grad")
ax.set(xlabel="step", ylabel="w", ylim=(-0.5, 8))
ax.legend(loc="upper right", ncols=2);

# %% [markdown]
# **Gradients.** In the first row the last two columns agree. After that they differ: `w.grad` is the sum of
# all gradients so far.
#
# **Cause.** So w gains speed like a ball in a bowl without friction. It runs past the lowest point, turns
# round on the other side, and comes back just as fast.
#
# **Fix.** Call `model.zero_grad()` before each backward pass; `fit` does so by itself. To test for this
# mistake, compare `p.grad` with `grad(loss, p)` right after `backward()`, as the table does. Here is the same
# mistake in a network.

# %%
def plain_loop(zeroed, steps=120, rate=0.1):
    model = MLP(2, [6, 1], tanh, seed=0)
    losses = []
    for _ in range(steps):
        if zeroed:
            model.zero_grad()
        loss = mse([model(x) for x in data.inputs], data.targets)
        loss.backward()
        for p in model.parameters():
            p.data -= rate * p.grad
        losses.append(loss.data)
    return losses


figure, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.plot(plain_loop(zeroed=False), "--", color="#c65f04", label="without zero_grad")
ax.plot(plain_loop(zeroed=True), "-", color="#2d79c4", label="with zero_grad")
ax.set(xlabel="step", ylabel="loss", ylim=(0, None))
ax.legend();

# %% [markdown]
# One warning: with another loss or rate, this swinging may even bring the loss down faster for a while, as
# momentum does. So a falling loss does not prove that the gradients were reset. The comparison of gradients
# does.
#
# ## 5. Not a number
#
# **Symptom.** In many libraries, the loss suddenly becomes `nan` ("not a number") and stays so. Here, an error
# is raised instead.
#
# To turn scores into probabilities, take e^score for each, and divide by their sum. (This is called
# *softmax*.) Written down directly:


# %%
def naive_probabilities(scores):
    powers = [exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


print([round(p.data, 4) for p in naive_probabilities([Value(2.0), Value(1.0), Value(0.0)])])

# %% [markdown]
# **Predict.** What happens when a score is 1000? The largest float is about 1.8 · 10³⁰⁸.

# %%
try:
    naive_probabilities([Value(1000.0, "score 1"), Value(1.0, "score 2")])
except AutogradError as error:
    print(f"{type(error).__name__}: {error}")

# %% [markdown]
# **Cause.** e¹⁰⁰⁰ is too large for a float. Floating-point arithmetic that goes on regardless replaces it by
# infinity, and then divides infinity by infinity, which is not a number:

# %%
print("inf / inf =", inf / inf, "   nan + 1 =", inf / inf + 1, "   nan > 0 is", inf / inf > 0)

# %% [markdown]
# A nan spreads to everything that is computed from it: in the backward pass to every gradient, and with the
# next step to every weight. Then it is hard to find out where it began. So this engine raises an error at the
# first operation whose result is not a finite number, and names the operation and the label of the value.
# Here are three more errors, for expressions that look harmless on paper.

# %%
for attempt in (
    lambda: Value(0.0, "p").log(),
    lambda: Value(1.0, "hits") / Value(0.0, "tries"),
    lambda: Value(0.0, "distance").sqrt().backward(),
):
    try:
        attempt()
    except AutogradError as error:
        print(f"{type(error).__name__}: {error}")

# %% [markdown]
# The last one is about a derivative: √x is 0 at 0, which is finite, but its tangent is vertical there.
#
# **Fix.** Subtract the largest score from each of them first. The probabilities stay the same, since
# e^(a − m) / e^(b − m) = e^a / e^b, and no power is larger than 1. `nn.cross_entropy` does this.

# %%
scores = [Value(1000.0, "score 1"), Value(1.0, "score 2")]
loss = cross_entropy([scores], [1])  # the second class is the right one
loss.backward()
print("loss:", loss.data, "  gradients:", [score.grad for score in scores])

# %% [markdown]
# ## In short
#
# | symptom | look at | cause | fix |
# |---|---|---|---|
# | the loss does not fall at all | gradient sizes per layer | a product of local derivatives below 1 | tanh or relu, `xavier` or `he` |
# | the loss stops falling early | neurons with gradients exactly 0 on all data | relu with a negative sum on all data | smaller rate, `he`, `leaky_relu` |
# | the loss falls slowly, or explodes | the loss at three rates | rate too small or too large for the curvature | change the rate by factors of 3 |
# | the loss swings without end | `p.grad` beside `grad(loss, p)` | gradients of earlier passes | `zero_grad()` |
# | `nan`, or an error | the operation that is named | overflow, log 0, division by 0 | the library's losses |
#
# ## A question for you
#
# A sixth case. The moons are the same, but measured in other units, from another origin. This network does
# not learn. Find out why: symptom, gradients, cause, fix. Which activation is it, and what is its local
# derivative at a sum of several hundred? For the fix, remember what lesson 7 did with its columns.

# %%
far = dataset([(500 + 300 * a, -200 + 300 * b) for a, b in data.inputs], data.targets, classes=2)
failing = MLP(2, [8, 1], tanh, seed=0)
sgd = SGD(failing.parameters(), learning_rate=0.5)
fit(failing, far, loss="hinge", optimizer=sgd, epochs=200, progress=False)

# %%
# Your tests:

# %% [markdown]
# <details><summary>An answer</summary>
#
# The inputs are in the hundreds, so most sums are too. There tanh is almost exactly ±1, and its local derivative,
# 1 − tanh², almost exactly 0: the neurons are *saturated*. The few sums that happen to be near 0 do not help: a step
# changes their weights by a fraction of 1, and multiplied by an input in the hundreds this makes the sum large as
# well. After that, nothing moves. It is the vanishing gradient of section 1 in a single layer.
#
# The fix is to scale the data: `far.scaled()` moves every column to mean 0 and stretches it to standard deviation 1.
# New points are moved and stretched by the same amounts: `new.scaled(like=far)`.
#
# ```python
# from nn import hinge
#
# rows = []
# for case, points in (("as measured", far), ("scaled", far.scaled())):
#     network = MLP(2, [8, 1], tanh, seed=0)
#     for when, epochs in (("before", 0), ("after", 200)):
#         sgd = SGD(network.parameters(), learning_rate=0.5)
#         run = fit(network, points, loss="hinge", optimizer=sgd, epochs=epochs, progress=False)
#         outputs = [h.data for x in points.inputs for h in network.layers[0](x)]
#         saturated = sum(1 - h**2 < 1e-6 for h in outputs) / len(outputs)
#         network.zero_grad()
#         hinge([network(x) for x in points.inputs], points.targets).backward()
#         largest = max(abs(p.grad) for p in network.layers[0].parameters())
#         right = f"{run.accuracies[-1]:.0%}" if epochs else ""
#         rows.append([case, when, f"{saturated:.0%}", largest, right])
# heads = ["inputs", "training", "local derivatives below 10⁻⁶", "largest gradient in layer 1", "accuracy"]
# table(heads, rows)
# ```
#
# | inputs | training | local derivatives below 10⁻⁶ | largest gradient in layer 1 | accuracy |
# | --- | --- | --- | --- | --- |
# | as measured | before | 96% | 0.4529 |  |
# | as measured | after | 100% | 1.312e-06 | 50% |
# | scaled | before | 0% | 0.2672 |  |
# | scaled | after | 0% | 0.01742 | 100% |
#
# </details>
