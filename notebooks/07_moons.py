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
# measure how much of that holds for new points.
#
# You know the parts already: a neuron is a weighted sum followed by a function such as tanh, a backward
# pass gives every weight its gradient, and a step against the gradient makes the loss smaller. Now they
# work together, on a task in the plane, so that a picture can show all of it. The lesson takes about
# 40 minutes.

# %%
from statistics import fmean, pstdev

import matplotlib.pyplot as plt
from IPython.display import Markdown

from autograd import Value, grad, tanh, topological_order
from nn import MLP, SGD, Adam, EarlyStopping, evaluate, fit, hinge, moons
from viz import draw, playground, plot_boundary, plot_loss, plot_surface, stepper


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
# Two half circles reach into each other. Each point has two coordinates, `x1` and `x2`, and belongs to
# class 0 or class 1. Half of the points are for training. The other half is **held out**: no training step
# uses them, so they show later how well the network does on points it was not trained on.

# %%
train, held_out = moons(120, noise=0.15, seed=0).split(share=0.5)
print(train)
print("the first point:", train[0])

# %% [markdown]
# Both coordinates are about 1 in size, which suits tanh: it changes most between −2 and 2. Measured data may
# come in metres or in millimetres. Then `train.scaled()` moves every column to mean 0 and stretches it to
# standard deviation 1, and `held_out.scaled(like=train)` moves and stretches other points by the same
# amounts. We do not need it here, but remember it.

# %%
for name, points in [("as they are:", train), ("scaled:     ", train.scaled())]:
    columns = zip(*points.inputs)  # z: a zero has no minus sign
    print(name, *[f"  mean {fmean(x):z.2f}, deviation {pstdev(x):.2f}" for x in columns])

# %% [markdown]
# ## A network before training
#
# Two inputs, six tanh neurons, and one neuron that takes a weighted sum of these six and outputs a
# **score**. A score above 0 means class 1. The neurons between the inputs and the output are called
# *hidden*.
#
# **Predict.** Every neuron has a weight per input and a bias. The weights and biases are the
# **parameters** of the network. How many are there?

# %%
model = MLP(2, [6, 1], tanh, seed=0)
print(model.summary())

# %% [markdown]
# The weights are random, the biases 0. Even so, the network gives a score to every point of the plane.
#
# **Predict.** What share of the training points does it get right? And what will the line look like
# on which its score is 0?

# %%
loss_before, right_before = evaluate(model, train, "hinge")
print(f"right: {right_before:.0%}   loss: {loss_before:.3f}")
plot_boundary(model, train);

# %% [markdown]
# The shades show how far the score is from 0, the line is where it changes sign, and there is a ring
# around each point that the network gets wrong. It has learnt nothing yet, and is still right about some
# points: a line in a random place has some points on the right side by luck.
#
# ## One point
#
# The **hinge loss** of a point is relu(1 − s · score), where s is +1 for class 1 and −1 for class 0, and
# relu(x) is x for positive x and 0 otherwise. So the loss is 0 when the score has the right sign and is at
# least 1 in size; otherwise it grows in proportion to what is missing. Here is the network with a single
# point that it gets wrong, each neuron folded into one node.
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
# A larger score makes the loss smaller by just as much, so its gradient is −1. The score is a sum of six
# products and a bias. A sum has the local derivative 1 towards each of its terms, so the *whole* gradient
# flows to each of the six products: nothing is divided among them. There it is multiplied by the weight of
# the product, and flows on through the neuron to that neuron's own weights.
#
# Let us open one of the six. Step through it with the arrow keys. **Predict** before the backward pass
# begins: which of `w1` and `w2` gets the larger gradient? The local derivative of a product is the other
# factor.

# %%
neuron = model.layers[0].neurons[0]
h = neuron([x1, x2])
stepper(h)

# %% [markdown]
# Those were the gradients of the *neuron's output*. But how does the *loss* depend on these weights? The
# chain rule needs just one more number: the gradient of the loss with respect to the neuron's output.
# Multiply.

# %%
in_loss = next(node for node in topological_order(loss) if node.label == neuron.name)
rows = []
for name, p, own in zip(["w1", "w2", "b"], [*neuron.w, neuron.b], grad(h, [*neuron.w, neuron.b])):
    rows.append([f"`{name}`", in_loss.grad, own.data, in_loss.grad * own.data, p.grad])
table(["", "∂loss/∂neuron", "∂neuron/∂parameter", "their product", "∂loss/∂parameter, by the engine"], rows)

# %% [markdown]
# The last two columns agree: a network needs no rule beyond the one for a single neuron. All that a neuron
# needs to know about the rest of the network is one number, the gradient of its output.
#
# ## Training
#
# `fit` does this for all 60 points, takes the mean of the losses, moves each parameter against its
# gradient, and begins again. One pass through all the training points is called an **epoch**; here there
# are 200. The learning rate is 0.5.
#
# **Predict.** Sketch the loss against the epochs. Does it fall evenly? And will the network do better, worse
# or equally well on the held-out points?

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
# The loss falls quickly at first, then slowly, and then faster again while the boundary changes from a
# straight line to a curve. The held-out loss stays above the training loss, but falls with it, and the
# accuracies end close together: what the network learnt from one half of the points also holds for most of
# the other half.
#
# ## Before and after
#
# The same seed gives the same initial weights, so we can easily make the untrained network again.
#
# **Predict.** There are six neurons, and each has a smooth step along a straight line. What shape can the
# new boundary have?

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained", sharey=True)
plot_boundary(MLP(2, [6, 1], tanh, seed=0), train, left).set_title("before training")
plot_boundary(model, train, right).set_title("after training");

# %% [markdown]
# And here are the six, each drawn as if it were a network by itself: shaded by its output, with the
# line on which its sum is 0. The number is its weight in the last neuron.

# %%
figure, axes = plt.subplots(2, 3, figsize=(11, 6.4), layout="constrained", sharex=True, sharey=True)
weights = model.layers[1].neurons[0].w
for ax, one, weight in zip(axes.flat, model.layers[0].neurons, weights):
    plot_boundary(one, train, ax, resolution=25)
    ax.get_legend().remove()
    for ring in ax.collections[-1:]:
        ring.remove()  # only the whole network is right or wrong about a point
    ax.set_title(f"{one.name}, weight {weight.data:+.2f}", fontsize="medium")
    ax.set(xlabel="", ylabel="")

# %% [markdown]
# Each of them separates the plane along one straight line, and can do no more. The curve between the moons
# comes from their weighted sum.
#
# ## Watch it learn
#
# The same network, before its first step, in the playground. Each neuron has a map of what it answers, each
# weight is a line, and the triangle on it is its gradient. Press Space, watch the six lines turn, and press
# Space again.
#
# **Predict.** Go back to the first step and click a neuron. Press P: which way will its weights move? Say it
# before each step.

# %%
playground(MLP(2, [6, 1], tanh, seed=0), train, loss="hinge", rate=0.5, held_out=0.0)

# %% [markdown]
# Click a point, then *Open its chain rule*: these are the numbers of one example at one step, as in *One
# point* above. Most points get a gradient of 0 after a while. Why? The hinge loss is 0 for all points beyond
# the margin, so only points near the boundary still move the weights.
#
# ## The loss surface
#
# Training goes downhill in as many dimensions as there are parameters. A picture has room for two, so we
# hold all parameters still except the two weights of one neuron. We set these to bad values, and train
# *only them*.
#
# **Predict.** For one weight and a squared error, the loss was a parabola. Will this surface be a bowl?

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
# It is no bowl: there is a high plain at the top left, and a long, narrow valley at the lower right. The path
# crosses the contour lines at right angles, since the gradient points straight uphill. It is not the
# shortest way to the star, because each step uses only the gradient at the current point.

# %%
p.data, q.data = learnt  # back to the trained values

# %% [markdown]
# ## Overfitting
#
# Now a harder case: only 30 points, scattered more widely, and a network with far more parameters than
# points. The loss is **binary cross-entropy**, −log of the probability that the network gives to the right
# class. Unlike the hinge loss it never becomes exactly 0, so training never comes to rest.
#
# **Predict.** How high can the training accuracy go? What does the held-out loss do meanwhile?

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


large, overfitted = trained()
print(f"{len(large.parameters())} parameters, {len(few)} points")
plot_loss(overfitted);

# %%
best = min(range(len(overfitted)), key=lambda epoch: overfitted.held_out_losses[epoch])
all_right = overfitted.accuracies.index(1.0)
Markdown(
    f"The held-out loss is lowest, {overfitted.held_out_losses[best]:.3f}, after epoch {best + 1}. From then on "
    f"the network fits its 30 points more and more closely, and does worse elsewhere: after epoch "
    f"{len(overfitted)} the held-out loss is {overfitted.held_out_losses[-1]:.3f}, while "
    f"{overfitted.accuracies[-1]:.0%} of the training points are right and "
    f"{overfitted.held_out_accuracies[-1]:.0%} of the fresh ones. If we had stopped as soon as all training "
    f"points were classified correctly, the rule mentioned in lesson 6, that would have been after epoch "
    f"{all_right + 1}, with a held-out loss of {overfitted.held_out_losses[all_right]:.3f}."
)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
plot_boundary(large, few, left, resolution=40).set_title("the points it was trained on")
plot_boundary(large, fresh, right, resolution=40).set_title("the same network, fresh points");

# %% [markdown]
# Look at the left picture: the boundary bends around single stray points, and every bend is a claim about
# places where there are no training points. The right picture shows that many of these claims are wrong.
# The network has learnt the noise in its training points. This is called **overfitting**.
#
# Three things help: more data; stopping when the held-out loss no longer falls (*early stopping*); and a
# **penalty** on large weights, which are needed for sharp bends.
#
# **Predict.** Which of the last two will do better here?

# %%
rows = []
for case, settings in {
    "as above": {},
    "stop after 10 epochs without progress": {"callbacks": [EarlyStopping(patience=10)]},
    "penalty 0.01 · sum of parameter²": {"penalty": 0.01},
}.items():
    network, run = trained(**settings)
    right = run.accuracies[-1], run.held_out_accuracies[-1]
    rows.append([case, len(run), f"{right[0]:.0%}", f"{right[1]:.0%}", run.held_out_losses[-1]])
table(["", "epochs", "training points right", "fresh points right", "held-out loss"], rows)

# %% [markdown]
# Two notes on the middle row. Training stops ten epochs after the held-out loss was lowest, and the network
# stays as it is then; if you want the best one, save its `state_dict()` during training. And if the held-out
# points decide when to stop, they have influenced the result. Then you need a third set, used for nothing
# else, for the final figure.
#
# ## In short
#
# - A tanh neuron has one smooth step along a straight line; a weighted sum of several makes a curve.
# - One number connects a neuron with the loss: the gradient of its output. Multiplied by the neuron's own
#   derivatives, it gives the gradients of its weights.
# - Training accuracy says how well the training points were learnt, held-out accuracy how well that
#   carries over to new points.
#
# ## A question for you
#
# How many hidden neurons do the moons need? Train `MLP(2, [n, 1], tanh, seed=0)` as in *Training* for n =
# 1, 2, 3, 4, 6 and 8 with 300 epochs, and note the accuracy on the training points and on the held-out
# ones. Before you start: what shape must the boundary have for n = 1, however long you train, and why?

# %%
# for n in (1, 2, 3, 4, 6, 8):
#     …

# %% [markdown]
# <details><summary>An answer</summary>
#
# With one hidden neuron the score is v · tanh(sum) + c. It is 0 where tanh(sum) equals −c / v, so where the
# *sum* has one particular value; and a sum `w1*x1 + w2*x2 + b` is constant along a straight line. Training
# can turn and shift that line, but never bend it. More neurons can bend it in more places; the table below
# shows how much that helps. Do not expect every additional neuron to improve the result: each of these
# networks starts from different random weights.
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
