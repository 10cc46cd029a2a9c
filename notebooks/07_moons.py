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
# # 7. Two moons
#
# After this lesson you can build a small network, train it, see in pictures what it has learnt, and
# tell how much of that holds for points it has never met.
#
# You know the parts already: neurons are sums with a squashing function behind them, a backward pass
# gives every weight its gradient, and a step against the gradient makes the loss smaller. Now they
# work together, on a task that you can look at as a whole because it lies in the plane. The lesson
# takes about twenty minutes.

# %%
import matplotlib.pyplot as plt
from IPython.display import Markdown

from autograd import Value, grad, tanh, topological_order
from nn import MLP, SGD, Adam, EarlyStopping, evaluate, fit, hinge, moons
from viz import draw, plot_boundary, plot_loss, plot_surface, stepper


def table(heads, rows):
    """Rows of text and numbers, for the notebook to set."""
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [
        [f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines
    ]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in cells))


# %% [markdown]
# ## Points of two kinds
#
# Two half circles reach into each other. Each point has two coordinates, `x1` and `x2`, and the class
# 0 or 1. Half of the points are for training. The other half is **held out**: no step of training
# will ever look at it, and so it can tell us the truth later.

# %%
train, held_out = moons(120, noise=0.15, seed=0).split(share=0.5)
print(train)
print("the first point:", train[0])

# %% [markdown]
# ## A network, before it knows anything
#
# Two inputs, six tanh neurons that look at them, and one neuron that weighs these six and says a
# score. A score above 0 means class 1.
#
# **Predict.** Every neuron has a weight per input and a bias. How many parameters are there?

# %%
model = MLP(2, [6, 1], tanh, seed=0)
print(model.summary())

# %% [markdown]
# The weights are random, the biases 0. All the same, the network has an opinion about every point of
# the plane.
#
# **Predict.** What share of the training points does it get right? And what will the line look like
# on which its score is 0?

# %%
loss_before, right_before = evaluate(model, train, "hinge")
print(f"right: {right_before:.0%}   loss: {loss_before:.3f}")
plot_boundary(model, train);

# %% [markdown]
# The shades show how sure the network is, the line is where its score changes sign, and a ring is
# around each point it gets wrong. It knows nothing, and was still not wrong everywhere: a line in a
# random place has some points on the right side by luck.
#
# ## One point
#
# The **hinge loss** of a point is relu(1 − s · score), where s is +1 for class 1 and −1 for class 0. It
# is 0 when the score has the right sign and is at least 1 in size; below that it grows evenly. Here is
# the network at work on a single point that it gets wrong, each neuron folded into one node.
#
# **Predict.** The point is of class 1, so its loss is 1 − score as long as that is positive. What is the
# gradient of the score?

# %%
point, target = next((x, y) for x, y in train if y == 1 and model(x).data < 0)  # which is wrong
x1, x2 = Value(point[0], "x1"), Value(point[1], "x2")
score = model([x1, x2])
loss = hinge([score], [target])
loss.backward()
print(f"score {score.data:.4f}, loss {loss.data:.4f}")
draw(score, fold="neuron")  # with the gradients of the loss

# %% [markdown]
# A larger score makes the loss smaller by just as much. From the output the flow parts into six: it is
# multiplied by the weight with which the output listens to a neuron. Through each neuron it goes on to that
# neuron's own weights.
#
# Let us open one of the six. Step through it with the arrow keys. **Predict** before the backward pass
# begins: which of `w1` and `w2` gets the larger gradient? The slope of a product is the other factor.

# %%
neuron = model.layers[0].neurons[0]
h = neuron([x1, x2])
stepper(h)

# %% [markdown]
# That was the gradient of the *neuron's output*. The loss wants to know more: how does *it* depend on
# these weights? The chain rule needs one number for that, the gradient that arrives at the neuron from
# the loss. Multiply.

# %%
in_loss = next(node for node in topological_order(loss) if node.label == neuron.name)
rows = []
for name, p, slope in zip(["w1", "w2", "b"], [*neuron.w, neuron.b], grad(h, [*neuron.w, neuron.b])):
    rows.append([f"`{name}`", in_loss.grad, slope.data, in_loss.grad * slope.data, p.grad])
table(["", "loss → neuron", "neuron → parameter", "their product", "loss → parameter, by the engine"], rows)

# %% [markdown]
# The last two columns agree: a network needs no rule beyond the one for a single neuron. All that a
# neuron ever hears from the loss is one number.
#
# ## Training
#
# `fit` does this for all 60 points, takes their mean, moves each parameter against its gradient, and
# begins again: 200 times here, which are called **epochs**. The rate 0.5 says how far to move.
#
# **Predict.** Sketch the loss against the epochs. Does it fall evenly? And will the points held out do
# better, worse, or the same as those trained on?

# %%
history = fit(
    model,
    train,
    loss="hinge",
    optimizer=SGD(model.parameters(), learning_rate=0.5),
    epochs=200,
    held_out=held_out,
    progress=False,
)
history

# %%
plot_loss(history);

# %% [markdown]
# A quick start, a long slope, and a bend where the network discovers that the line may curve. The
# held-out loss stays above the other one, but falls with it, and the accuracies end close together:
# what was learnt from one half of the points holds for most of the other half.
#
# ## Before and after
#
# Equal seeds make equal networks, so the untrained one is easily made again.
#
# **Predict.** Six neurons, each with a soft step along a straight line of its own. What shape can the
# new boundary have?

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained", sharey=True)
plot_boundary(MLP(2, [6, 1], tanh, seed=0), train, left).set_title("before training")
plot_boundary(model, train, right).set_title("after training");

# %% [markdown]
# And here are the six, each drawn as if it were a network by itself: shaded by its output, with the
# line on which its sum is 0. The number is the weight with which the last neuron listens to it.

# %%
figure, axes = plt.subplots(2, 3, figsize=(11, 6.4), layout="constrained", sharex=True, sharey=True)
listens = model.layers[1].neurons[0].w
for ax, one, weight in zip(axes.flat, model.layers[0].neurons, listens):
    plot_boundary(one, train, ax, resolution=25)
    ax.get_legend().remove()
    for ring in ax.collections[-1:]:
        ring.remove()  # right and wrong are the whole network's affair
    ax.set_title(f"{one.name}, heard with {weight.data:+.2f}", fontsize="medium")
    ax.set(xlabel="", ylabel="")

# %% [markdown]
# Every one of them draws one straight line, and can do no more. The bend between the moons is their
# weighted sum.
#
# ## The landscape
#
# Training is a walk downhill in as many dimensions as there are parameters. Paper has two, so we hold
# all parameters still but two: the weights of one neuron. We set these to a bad place and let *only
# them* walk.
#
# **Predict.** For one weight and a squared error, the loss is a bowl. Will this be one?

# %%
p, q = model.layers[0].neurons[1].w
learnt = p.data, q.data
p.data, q.data = -3.0, 2.0
path = [(p.data, q.data)]

two = fit(
    model,
    train,
    loss="hinge",
    optimizer=SGD([p, q], learning_rate=1.0),
    epochs=80,
    callbacks=[lambda trainer: path.append((p.data, q.data))],
    progress=False,
)


# %%
def loss_here():
    return hinge([model(x) for x in train.inputs], train.targets)


plot_surface(loss_here, p, q, path=path, resolution=30).set_aspect("equal");

# %% [markdown]
# No bowl: a high plain lies at the top left, and the valley, long and narrow, at the lower right. The walk crosses the contour lines at right angles, since the gradient points straight uphill. It
# is not the shortest way to the star. A step knows only the slope under its feet.

# %%
p.data, q.data = learnt  # back to where training had brought them

# %% [markdown]
# ## Learning by heart
#
# Now a harder case: 30 points only, strewn more widely, and a network with far more parameters than
# points. The loss is binary cross-entropy, −log of the probability the network gives to the right class.
# Unlike the hinge it is never content, so the network can always be pushed to be surer still.
#
# **Predict.** How far can training accuracy go? What does the held-out loss do meanwhile?

# %%
few = moons(30, noise=0.3, seed=3)
fresh = moons(60, noise=0.3, seed=7)


def trained(penalty=0.0, callbacks=()):
    large = MLP(2, [10, 10, 1], tanh, seed=0)
    adam = Adam(large.parameters(), learning_rate=0.05)
    history = fit(
        large,
        few,
        loss="binary_cross_entropy",
        optimizer=adam,
        epochs=100,
        held_out=fresh,
        penalty=penalty,
        callbacks=callbacks,
        progress=False,
    )
    return large, history


large, by_heart = trained()
print(f"{len(large.parameters())} parameters, {len(few)} points")
plot_loss(by_heart);

# %%
best = min(range(len(by_heart)), key=lambda epoch: by_heart.held_out_losses[epoch])
Markdown(
    f"The held-out loss is lowest, {by_heart.held_out_losses[best]:.3f}, after epoch {best + 1}. From then on "
    f"the network grows surer of its 30 points, and pays for it elsewhere: after epoch {len(by_heart)} the "
    f"held-out loss is {by_heart.held_out_losses[-1]:.3f}, while {by_heart.accuracies[-1]:.0%} of the training "
    f"points are right and {by_heart.held_out_accuracies[-1]:.0%} of the fresh ones."
)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
plot_boundary(large, few, left, resolution=40).set_title("the points it was trained on")
plot_boundary(large, fresh, right, resolution=40).set_title("the same network, fresh points");

# %% [markdown]
# Look at the left picture: the boundary bends around single points that have strayed, and every bend is a promise
# about places where nothing was measured. The right picture shows what such promises are worth.
#
# Three things help: more data; to stop when the held-out loss no longer falls; and a **penalty** on
# large weights, which makes steep walls between the classes expensive.
#
# **Predict.** Which of the last two will do better here?

# %%
rows = []
for told, settings in {
    "as above": {},
    "stop after 10 epochs without progress": {"callbacks": [EarlyStopping(patience=10)]},
    "penalty 0.01 · Σ parameter²": {"penalty": 0.01},
}.items():
    network, run = trained(**settings)
    right = run.accuracies[-1], run.held_out_accuracies[-1]
    rows.append([told, len(run), f"{right[0]:.0%}", f"{right[1]:.0%}", run.held_out_losses[-1]])
table(["", "epochs", "training points right", "fresh points right", "held-out loss"], rows)

# %% [markdown]
# Two words about the middle row. Training stops ten epochs after the held-out loss was at its lowest, and the
# network stays what it is by then; to have the best one, keep its `state_dict()` on the way. And to stop by
# the held-out points is to look at them. When you have chosen anything by them, keep a third set aside
# for the final number.
#
# ## In short
#
# - A tanh neuron draws one soft straight line; a layer of them, weighed and added up, makes a curve.
# - A neuron hears one number from the loss. Times its own slopes, that is what its weights get.
# - Training accuracy says what was learnt, held-out accuracy what it is worth.
#
# ## A question for you
#
# How many hidden neurons do the moons need? Train `MLP(2, [n, 1], tanh, seed=0)` as in *Training* for n =
# 1, 2, 3, 4, 6 and 8 with 300 epochs, and note the accuracy on the training points and on those held out.
# Before you start: what shape must the boundary have for n = 1, however long you train, and why?

# %%
# for n in (1, 2, 3, 4, 6, 8):
#     …

# %% [markdown]
# <details><summary>An answer</summary>
#
# With one hidden neuron the score is v · tanh(sum) + c. It is 0 where tanh(sum) has one certain value, so
# where the *sum* has one certain value; and a sum `w1*x1 + w2*x2 + b` is constant along a straight line.
# Training can turn and shift that line, and never bend it. More neurons bend it in more places; the table
# below counts what that is worth. Do not expect every neuron to improve on the one before: each of these
# networks starts from other random weights.
#
# ```python
# rows = []
# for n in (1, 2, 3, 4, 6, 8):
#     network = MLP(2, [n, 1], tanh, seed=0)
#     sgd = SGD(network.parameters(), learning_rate=0.5)
#     fit(network, train, loss="hinge", optimizer=sgd, epochs=300, progress=False)
#     shares = [f"{evaluate(network, part, 'hinge')[1]:.0%}" for part in (train, held_out)]
#     rows.append([n, len(network.parameters()), *shares])
# table(["hidden neurons", "parameters", "training points right", "held out right"], rows)
# ```
#
# | hidden neurons | parameters | training points right | held out right |
# | --- | --- | --- | --- |
# | 1 | 5 | 92% | 87% |
# | 2 | 9 | 90% | 87% |
# | 3 | 13 | 90% | 90% |
# | 4 | 17 | 95% | 95% |
# | 6 | 25 | 100% | 98% |
# | 8 | 33 | 97% | 98% |
#
# </details>
