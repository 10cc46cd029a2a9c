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
# # 5. The network of the articles
#
# After this lesson you can work through a whole network by hand, train it, and find out what went
# wrong when a printed figure is not the one you get.
#
# Many people have met backpropagation in one small network with two inputs, two hidden and two output
# neurons. We follow these texts about it:
#
# - Matt Mazur, *A Step by Step Backpropagation Example*, 17 March 2015
#   (<https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/>), which prints the
#   most figures;
# - *Understanding the Backpropagation Algorithm*, published by Towards AI, with the same network and
#   fewer digits;
# - *What is Backpropagation?*, which gives no figures, but the rule behind them;
# - *Backpropagation — Edureka* (<https://medium.com/edureka/backpropagation-bd2cf8fdde81>, first published
#   in Edureka's own blog by Saurabh, 2017), which has the same network and the example of lesson 6.
#
# They are good texts, and every one of their steps is in this lesson. But nine of the figures that we
# will look at are not what the network gives. Nothing teaches the chain rule better than finding out
# why. The lesson takes about 50 minutes.

# %%
from IPython.display import Markdown

from autograd import Value, chain_rule, explain, sigmoid, topological_order
from viz import stepper


def table(heads, rows):
    """Rows of text and numbers, for the notebook to set."""
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [
        [f"{cell:.9f}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines
    ]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in cells))

# %% [markdown]
# A program compares more carefully than the eye. This small function takes a number and a figure as it
# was printed, and rounds the number to the same number of decimals.

# %%
def verdict(number, printed):
    decimals = len(printed.split(".")[1])
    rounded = f"{number:.{decimals}f}"
    if rounded == printed:
        return "agrees"
    if f"{number:.17f}"[: len(printed)] == printed:
        return f"cut; rounded it is {rounded}"
    return f"**differs**: {rounded}"

# %% [markdown]
# ## Forward
#
# Every neuron computes a weighted sum of its inputs plus a bias, its `net`. The sigmoid, 1 / (1 + e⁻ⁿᵉᵗ),
# then turns it into a number between 0 and 1. The error `E` is half the squared distance from the target,
# summed over both outputs.

# %%
i1, i2 = Value(0.05), Value(0.10)  # inputs
t1, t2 = Value(0.01), Value(0.99)  # targets: what o1 and o2 should be
b1, b2 = Value(0.35), Value(0.60)  # biases, each shared by the two neurons of a layer
w1, w2, w3, w4 = Value(0.15), Value(0.20), Value(0.25), Value(0.30)
w5, w6, w7, w8 = Value(0.40), Value(0.45), Value(0.50), Value(0.55)

net_h1 = w1 * i1 + w2 * i2 + b1
net_h2 = w3 * i1 + w4 * i2 + b1
h1, h2 = sigmoid(net_h1), sigmoid(net_h2)

net_o1 = w5 * h1 + w6 * h2 + b2
net_o2 = w7 * h1 + w8 * h2 + b2
o1, o2 = sigmoid(net_o1), sigmoid(net_o2)

E1, E2 = (t1 - o1) ** 2 / 2, (t2 - o2) ** 2 / 2
E = E1 + E2

# %% [markdown]
# **Predict.** All inputs, weights and biases are positive, so every `net` is positive, and the sigmoid of
# a positive number is more than ½. Which of the two outputs is further from its target? Which of `E1`
# and `E2` is larger: by a little, or several times?

# %%
forward = [
    ["net_h1", net_h1, "0.3775"],
    ["h1", h1, "0.593269992"],
    ["h2", h2, "0.596884378"],
    ["net_o1", net_o1, "1.105905967"],
    ["o1", o1, "0.75136507"],
    ["o2", o2, "0.772928465"],
    ["E1", E1, "0.274811083"],
    ["E2", E2, "0.023560026"],
    ["E", E, "0.298371109"],
]
table(
    ["", "here", "printed by Mazur", ""],
    [[f"`{name}`", y.data, printed, verdict(y.data, printed)] for name, y, printed in forward],
)

# %%
Markdown(
    f"All of them agree. `o1` should be {t1.data:g} and is {o1.data:.2f}, so `E1` is "
    f"{E1.data / E2.data:.1f} times as large as `E2`."
)

# %% [markdown]
# ## The way back to w5
#
# `w5` is the weight from `h1` to the first output. We know what to do: start with 1 at `E`, and along
# every edge, upstream gradient × local derivative = flow.
#
# **Predict.** Three factors on this way are not simply 1. Half the square has the derivative `o1` − `t1`;
# the sigmoid has the local derivative `o1` · (1 − `o1`); and then there is the product `w5 * h1`. Write
# down the three numbers. Will a larger `w5` make the error larger or smaller?

# %%
into_o1 = o1.data - t1.data
into_net_o1 = into_o1 * o1.data * (1 - o1.data)
into_w5 = into_net_o1 * h1.data
table(
    ["", "here", "printed by Mazur", ""],
    [
        [name, number, printed, verdict(number, printed)]
        for name, number, printed in [
            ["flows to `o1`", into_o1, "0.74136507"],
            ["local derivative of the sigmoid", o1.data * (1 - o1.data), "0.186815602"],
            ["flows to `net_o1`", into_net_o1, "0.138498562"],
            ["flows to `w5`", into_w5, "0.082167041"],
        ]
    ],
)

# %% [markdown]
# The gradient is positive: a larger `w5` would make the error larger, so `w5` has to shrink. (The article
# by Edureka computes this gradient too, from the same three factors.) And here is the same way, edge by
# edge, in the engine's words. Values that we did not name, such as `w5 * h1`, are called v7 and so on.

# %%
def way_back(explanation):
    """The edges of a walk-through, a row each."""
    return table(
        ["local derivative", "what flows back"],
        [
            [f"`{explanation.local_derivative(e)}`", explanation.flow(e)]
            for e in explanation.backward
        ],
    )

way_back(explain(E, to=w5))

# %% [markdown]
# ## The way back to w1
#
# `w1` is one layer further from the error. It affects `h1` only, but `h1` is used twice, by `net_o1` and
# by `net_o2`. So *two* flows arrive at `h1`.
#
# **Predict.** The first output is too large, the second too small. What are the signs of the two flows,
# then, and which one is larger? Looking at the errors helps.

# %%
E.backward()
meeting = {users: flow for users, _, parent, _, flow, _ in chain_rule(E) if parent is h1}
by_o2, by_o1 = meeting.values()
table(
    ["", "here", "printed by Mazur", ""],
    [
        [name, number, printed, verdict(number, printed)]
        for name, number, printed in [
            ["to `h1` through `net_o1`", by_o1, "0.055399425"],
            ["to `h1` through `net_o2`", by_o2, "-0.019049119"],
            ["together", h1.grad, "0.036350306"],
            ["local derivative of the sigmoid", h1.data * (1 - h1.data), "0.241300709"],
            ["flows to `w1`", w1.grad, "0.000438568"],
        ]
    ],
)

# %% [markdown]
# There is the first misprint, a small one: a last digit.

# %%
Markdown(
    f"The flow is {by_o2:.12f}, which does not round to …119. Yet the printed sum is right. Add the "
    f"*rounded* flows, and you see what may have happened: {by_o1:.9f} − {-by_o2:.9f} = "
    f"{round(by_o1, 9) + round(by_o2, 9):.9f}, one too many in the last place. Perhaps the figure was "
    "adjusted so that the column adds up. Round at the end, and only there."
)

# %% [markdown]
# There is also a misprint in a formula. In the backward part, the article writes the sum as *net_h1 =
# w1 · i1 + w3 · i2 + b1*. Does `w3` belong there? The graph can tell: from which weights does a path lead
# to `net_h1`?

# %%
table(
    ["", "a path to `net_h1`"],
    [
        [f"`{name}`", "yes" if w in topological_order(net_h1) else "no"]
        for name, w in [("w1", w1), ("w2", w2), ("w3", w3)]
    ],
)

# %% [markdown]
# It should be `w2`. No figure depends on it, and the forward pass of the same article has it right.
#
# A smaller `h1` would bring the first output nearer to its target, and the second one further away. The
# first flow is larger, because its error is so much larger; the second cancels about a third of it. Then
# the sum is multiplied by the local derivative of the sigmoid, and by the small input:

# %%
way_back(explain(E, to=w1))

# %% [markdown]
# Step through it yourself, with the arrow keys or the buttons. Stop where the second flow arrives at `h1`:
# only now is its sum complete, and only now is it passed on.

# %%
stepper(E)

# %% [markdown]
# ## All eight, and one step
#
# One sweep has given us all gradients at once. The step is the same for every weight: *old weight −
# rate · gradient*, with a **learning rate** of 0.5.
#
# The biases stay as they are. *What is Backpropagation?* says that the values of biases do not change, and
# Mazur leaves them alone too. That is a choice of these texts, not a rule: a bias has a gradient like any
# weight, and in most networks it is trained like one. The question at the end of the lesson lets them
# move.
#
# **Predict.** Which of `w5`, `w6`, `w7`, `w8` will grow? And why are the gradients of `w1` … `w4` so
# much smaller than the others?

# %%
RATE = 0.5
weights = {"w1": w1, "w2": w2, "w3": w3, "w4": w4, "w5": w5, "w6": w6, "w7": w7, "w8": w8}
printed_weights = {
    "w1": "0.149780716", "w2": "0.19956143", "w3": "0.24975114", "w4": "0.29950229",
    "w5": "0.35891648", "w6": "0.408666186", "w7": "0.511301270", "w8": "0.561370121",
}  # fmt: skip
gradient = {name: w.grad for name, w in weights.items()}
stepped = {name: w.data - RATE * w.grad for name, w in weights.items()}
table(
    ["", "gradient", "weight before", "weight after", "printed by Mazur", ""],
    [
        [
            f"`{name}`",
            gradient[name],
            f"{w.data:.2f}",
            stepped[name],
            printed,
            verdict(stepped[name], printed),
        ]
        for (name, w), printed in zip(weights.items(), printed_weights.values(), strict=True)
    ],
)

# %% [markdown]
# All eight agree. (Of the gradients, the article prints those of `w5` and `w1`, which we have seen.)
# `w7` and `w8` grow, because `o2` is too small. The flows to `w1` … `w4` passed a second sigmoid, whose
# local derivative is never more than ¼, and were then multiplied by small inputs.
#
# **Predict.** What change of the error do the gradients forecast for this step? Each weight moves by
# δ = −rate · gradient, and the forecast for a move is gradient · δ. So each weight contributes
# −rate · gradient², and the contributions add up.

# %%
START = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]


def network(weights, b1=0.35, b2=0.60, t2=0.99):
    """The same network for any eight weights: its error, hidden values and outputs."""
    w1, w2, w3, w4, w5, w6, w7, w8 = weights
    h1 = sigmoid(w1 * 0.05 + w2 * 0.10 + b1)
    h2 = sigmoid(w3 * 0.05 + w4 * 0.10 + b1)
    o1 = sigmoid(w5 * h1 + w6 * h2 + b2)
    o2 = sigmoid(w7 * h1 + w8 * h2 + b2)
    return (0.01 - o1) ** 2 / 2 + (t2 - o2) ** 2 / 2, h1, h2, o1, o2


E_before, E_after = network(START)[0], network(stepped.values())[0]
forecast = -RATE * sum(g**2 for g in gradient.values())
Markdown(
    f"Forecast: {forecast:.6f}. Actual change: {E_after - E_before:.6f}, "
    f"from {E_before:.9f} to {E_after:.9f}."
)

# %% [markdown]
# A good forecast. And now compare with the article, which prints 0.291027924 for the error after this step:

# %%
printed_E = "0.291027924"
Markdown(f"{printed_E}: {verdict(E_after, printed_E)}")

# %% [markdown]
# It differs only in the seventh decimal. But so far no figure was wrong by more than one in its last
# decimal, and all eight new weights agree. Rounding cannot explain this. To see what can, we look at the
# same sweep in another notation.
#
# ## The generalised delta rule
#
# Most texts on networks write the sweep down for layers of neurons only, as *What is Backpropagation?*
# does. Every neuron gets a number **delta**. Let f′ be the derivative of the sigmoid, and t the target:
#
# | neuron | its delta |
# |---|---|
# | an output | (t − o) · f′(net) |
# | a hidden one | (sum over the neurons it feeds: weight · that neuron's delta) · f′(net) |
#
# Then every weight moves by *+ rate · delta · the input of that weight.*
#
# The *delta rule* proper, by Widrow and Hoff (1960), is for a single layer of linear neurons: the first
# line, without f′. With both lines it is the **generalised** delta rule, which Rumelhart, Hinton and Williams made known in 1986. By
# then the idea had been used far more generally: in 1980 Bert Speelpenning's thesis *Compiling Fast Partial
# Derivatives of Functions Given by Algorithms* described JAKE, a compiler that differentiated arbitrary
# programs by a backward sweep. So engines did not grow out of networks.
#
# **Predict.** You have already seen these numbers, except for the sign. At which values of our graph?

# %%
def deltas(o1, o2, h1, h2, w5, w6, w7, w8):
    delta_o1 = (0.01 - o1) * o1 * (1 - o1)
    delta_o2 = (0.99 - o2) * o2 * (1 - o2)
    delta_h1 = (w5 * delta_o1 + w7 * delta_o2) * h1 * (1 - h1)
    delta_h2 = (w6 * delta_o1 + w8 * delta_o2) * h2 * (1 - h2)
    return delta_o1, delta_o2, delta_h1, delta_h2


_, *values = network(START)
by_rule = deltas(*values[2:], *values[:2], *START[4:])
table(
    ["", "delta by the rule", "gradient from the sweep"],
    [
        [f"`{name}`", delta, net.grad]
        for name, delta, net in zip(
            ["net_o1", "net_o2", "net_h1", "net_h2"],
            by_rule,
            [net_o1, net_o2, net_h1, net_h2],
            strict=True,
        )
    ],
)

# %% [markdown]
# (Where the article says this in words, f′ is missing for the hidden neurons. It belongs there: without
# it, you have the gradient of `h1`, and not that of `net_h1`.)
#
# A delta is the gradient of a `net` with the opposite sign: **delta = −∂E/∂net**. The sign is a
# convention: this rule takes *t − o* and then adds its step, and we subtract. (In Mazur's text, delta
# stands for +∂E/∂net. Before you compare two texts, compare their signs.)
#
# So this rule is our sweep in other words. The weight *w* from `h1` to a neuron is the local derivative of
# that edge, *w* · delta is the flow along it, the sum is what happens where flows arrive at the same
# value, and f′ is the local derivative of the last edge, from `h1` to its `net`.
#
# ## The fault
#
# There is one question that this rule does not answer by itself. The delta of a hidden neuron needs
# `w5` … `w8`. But these weights move too, in the same round. Should it use the weights before their step,
# or after it? (*Understanding the Backpropagation Algorithm* updates `w5` … `w8` first, and the others
# afterwards, with the help of these. That can be read both ways.)
#
# **Predict.** What does the chain rule say? And what would change if a program moved `w5` … `w8` first?

# %%
def rounds_by_rule(count, moved_first):
    """Train with the delta rule, and return the weights."""
    w1, w2, w3, w4, w5, w6, w7, w8 = START
    for _ in range(count):
        _, h1, h2, o1, o2 = network([w1, w2, w3, w4, w5, w6, w7, w8])
        old = w5, w6, w7, w8
        d_o1, d_o2, _, _ = deltas(o1, o2, h1, h2, *old)
        w5, w6 = w5 + RATE * d_o1 * h1, w6 + RATE * d_o1 * h2
        w7, w8 = w7 + RATE * d_o2 * h1, w8 + RATE * d_o2 * h2
        new = w5, w6, w7, w8
        _, _, d_h1, d_h2 = deltas(o1, o2, h1, h2, *(new if moved_first else old))
        w1, w2 = w1 + RATE * d_h1 * 0.05, w2 + RATE * d_h1 * 0.10
        w3, w4 = w3 + RATE * d_h2 * 0.05, w4 + RATE * d_h2 * 0.10
    return [w1, w2, w3, w4, w5, w6, w7, w8]


rows = []
for case, moved_first in [("old `w5` … `w8`", False), ("`w5` … `w8` moved first", True)]:
    after = rounds_by_rule(1, moved_first)
    E_then = network(after)[0]
    rows.append([case, after[0], f"{E_then:.12f}", verdict(E_then, printed_E)])
table(["hidden deltas through", "`w1` after", "`E` after", f"printed: {printed_E}"], rows)

# %% [markdown]
# The second row agrees in all nine decimals. The chain rule takes every local derivative at the point of
# the forward pass, and there `w5` was still 0.4. A delta computed with the new weights is not the gradient
# of anything: it mixes two networks.
#
# The article even contradicts itself, because the `w1` it prints is the one in the first row. The figure
# seems to come from the author's program, which did the two steps in the wrong order. He corrected the
# program two days before the date of the article, with a note to check the text again
# (<https://github.com/mattm/simple-neural-network/commit/4b6faac>), but the printed figures stayed.
#
# With an engine you avoid this fault by working as we did: **first all gradients, then all steps.**
#
# ## Ten thousand rounds
#
# The article continues for 10,000 rounds, and prints the result. Older copies give another error than
# newer ones:
#
# | | printed |
# |---|---|
# | error, in older copies | 0.000035085 |
# | error, in newer copies | 0.0000351085 |
# | outputs | 0.015912196 and 0.984065734 |
#
# We know two ways of doing a round, the right one and the faulty one. And a count may be off by one.
#
# **Predict.** Does the fault matter more after 10,000 rounds, or less?

# %%
def descend(count):
    """Train with the engine, all gradients first, and return the weights."""
    weights = [Value(number) for number in START]
    for _ in range(count):
        for w in weights:
            w.zero_grad()
        network(weights)[0].backward()
        for w in weights:
            w.data -= RATE * w.grad
    return [w.data for w in weights]


ends = {
    "right, 10,000 rounds": network(descend(10_000)),
    "right, 9,999 rounds": network(descend(9_999)),
    "faulty, 10,000 rounds": network(rounds_by_rule(10_000, moved_first=True)),
    "faulty, 9,999 rounds": network(rounds_by_rule(9_999, moved_first=True)),
}
table(
    ["", "`E`", "`o1`", "`o2`"],
    [[case, f"{E:.14f}", o1, o2] for case, (E, _, _, o1, o2) in ends.items()],
)

# %% [markdown]
# Take a minute to find the printed figures in this table. Then let the program do it.

# %%
questions = [
    ("error, older copies", 0, "0.000035085"),
    ("error, newer copies", 0, "0.0000351085"),
    ("`o1`", 3, "0.015912196"),
    ("`o2`", 4, "0.984065734"),
]
table(
    ["", "printed", "is given by"],
    [
        [
            name,
            printed,
            ", ".join(way for way, end in ends.items() if verdict(end[which], printed) == "agrees"),
        ]
        for name, which, printed in questions
    ],
)

# %%
E_right, E_faulty = ends["right, 10,000 rounds"][0], ends["faulty, 10,000 rounds"][0]
Markdown(
    "Three of the figures come from the faulty program. The error in the newer copies seems to come from "
    "a correct one, measured *before* its last step: at least, every printed digit fits. After 10,000 "
    f"correct rounds the error is {E_right:.10f}. The fault does little harm: in the end "
    f"the two errors differ by {abs(E_faulty / E_right - 1):.2%}, and both programs have learnt. "
    "That is why such faults survive for years."
)

# %% [markdown]
# ## The second article
#
# *Understanding the Backpropagation Algorithm* has the same network, and prints four new weights. It gives
# the second target as T2 = 0.22.
#
# **Predict.** `o2` starts at about 0.77. With a target of 0.22, which way would `w7` and `w8` go? The
# article has them going from 0.5 to 0.511, and from 0.55 to 0.561.

# %%
def one_step(t2):
    weights = [Value(number) for number in START]
    E = network(weights, t2=t2)[0]
    E.backward()
    return E.data, [w.data - RATE * w.grad for w in weights]


printed_there = {"w5": "0.3595", "w6": "0.4086", "w7": "0.511", "w8": "0.561"}
(E_022, with_022), (E_099, with_099) = one_step(0.22), one_step(0.99)
table(
    ["", "printed", "with T2 = 0.22", "", "with T2 = 0.99", ""],
    [
        [f"`{name}`", printed, a, verdict(a, printed), b, verdict(b, printed)]
        for (name, printed), a, b in zip(
            printed_there.items(), with_022[4:], with_099[4:], strict=True
        )
    ],
)

# %% [markdown]
# With 0.22, `w7` and `w8` would *fall*. We can also turn the question round and solve for the target: which
# T2 moves `w7` to something that rounds to 0.511, and `w8` to something that rounds to 0.561?

# %%
def target_for(weight, start, h):
    return o2.data - (start - weight) / (RATE * h.data * o2.data * (1 - o2.data))

lowest = max(target_for(0.5105, 0.50, h1), target_for(0.5605, 0.55, h2))
highest = min(target_for(0.5115, 0.50, h1), target_for(0.5615, 0.55, h2))
Markdown(f"One between **{lowest:.4f}** and **{highest:.4f}**, and no other.")

# %% [markdown]
# So the article computed with 0.99, and 0.22 is a misprint. `w6` is right except for its last digit,
# which was cut off instead of rounded.
#
# That leaves `w5`, with a third decimal that no correct computation gives. But the last digit of `w6` is a
# clue.
#
# **Predict.** Cut all three factors of the gradient off after three decimals, and their product too. What
# is `w5` then?

# %%
def cut(number):
    return float(f"{number:.17f}"[:5])  # 0.741365… becomes 0.741


factors = [cut(into_o1), cut(o1.data * (1 - o1.data)), cut(h1.data)]
product = factors[0] * factors[1] * factors[2]
Markdown(
    f"{' · '.join(map(str, factors))} = {product:.6f}, cut {cut(product)}; and "
    f"0.4 − {RATE} · {cut(product)} = {0.4 - RATE * cut(product):.4f}, as printed. "
    f"Without cuts it is {with_099[4]:.4f}."
)

# %% [markdown]
# We cannot know that this is what happened. But it gives all four digits, and it is a warning: each cut
# was smaller than 0.001, and together they changed the third decimal of a weight.
#
# ## In short
#
# - A network is a graph like any other. Where a value is used by two neurons, two flows arrive and add up.
# - A delta is the gradient of a `net` (in some texts with the opposite sign), and the generalised delta
#   rule is the sweep, written for layers of neurons.
# - First all gradients, then all steps. A local derivative belongs to the point of the forward pass.
# - Round at the end. And if a printed figure differs from yours, look for a computation that produces it.
#
# ## A question for you
#
# The texts hold the biases fixed. Now train them too. `b1` is *one* value, shared by both hidden neurons,
# and `b2` is shared by both outputs.
#
# 1. The gradients of `b1` and `b2` come straight from the table of deltas, with one addition each. What are
#    they?
# 2. If the biases move as well, is the error after one round larger or smaller than before? And
#    after 10,000 rounds? Guess first, then measure.
#
# The cell below is yours.

# %%
# weights, b1, b2 = [Value(number) for number in START], Value(0.35), Value(0.60)
# E = network(weights, b1, b2)[0]
# …

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# 1. The local derivative of a net towards its bias is 1, so the flow to the bias equals the gradient of
#    the net. Two nets use the same bias, so two flows add up (with the signs of the deltas reversed):
#    0.008771 + 0.009954 = 0.018726 for `b1`, and 0.138499 − 0.038098 = 0.100400 for `b2`.
# 2. After one round it is 0.285751, smaller than the 0.291028 with fixed biases. `b2` has a larger
#    gradient than any weight, and every value that is allowed to move contributes to the forecast.
#    After 10,000 rounds it is 0.0000043553, about an eighth of 0.0000351019.
#
# ```python
# def with_biases(count):
#     weights, b1, b2 = [Value(number) for number in START], Value(0.35), Value(0.60)
#     for _ in range(count):
#         for leaf in [*weights, b1, b2]:
#             leaf.zero_grad()
#         network(weights, b1, b2)[0].backward()
#         gradients = b1.grad, b2.grad
#         for leaf in [*weights, b1, b2]:
#             leaf.data -= RATE * leaf.grad
#     return gradients, network(weights, b1, b2)[0].data
#
# (of_b1, of_b2), E_one = with_biases(1)
# _, E_many = with_biases(10_000)
# print(f"{of_b1:.6f} {of_b2:.6f} {E_one:.6f} {E_many:.10f}")
# assert f"{of_b1:.6f} {of_b2:.6f}" == "0.018726 0.100400"
# assert f"{E_one:.6f} {E_many:.10f}" == "0.285751 0.0000043553"
# ```
# </details>
