# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 11. A machine that makes up names
#
# After this lesson you can train a small language model, letter by letter, and say what it has learnt
# that counting could not tell. It takes about twenty minutes.

# %%
import random
import re
from collections import Counter
from itertools import pairwise
from math import exp, log
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.display import Markdown

from autograd import Value, tanh
from nn import MLP, Adam, Dataset, Module, cross_entropy, evaluate, fit, softmax, xavier
from viz import draw, plot_loss

# %% [markdown]
# ## Names that nobody has
#
# The file `names.txt` lies beside this lesson. Its names are made up by a rule, a likeness to
# anybody's is chance, and they belong to everybody: the list is in the public domain (CC0). You
# will see the rule at the end. First, read some names. *What do you notice about their vowels?*

# %%
lines = Path("names.txt").read_text().splitlines()
names = [line for line in lines if not line.startswith("#")]
letters = [".", *sorted(set("".join(names)))]
print(*names[:24])
print()
print(len(names), "names,", len(letters) - 1, "letters:", *letters[1:])

# %% [markdown]
# A **language model** answers one question: given what stands here, which letter comes next? The
# dot stands for the edge of a name: it comes before the first letter, and after the last. So a name
# is a row of questions with known answers.

# %%
name = "." + names[0] + "."
print(*[f"after {a} comes {b}" for a, b in pairwise(name)], sep="\n")

# %% [markdown]
# Some names are held out: no model gets to see them until the end, when they are the test.

# %%
known, held_out = names[:280], names[280:]

# %% [markdown]
# ## Counting
#
# The simplest model looks at one letter and has counted what came after it. Letters that came
# often after `a` get a high probability after `a`.

# %%
pairs = Counter(pair for name in known for pair in pairwise("." + name + "."))
totals = Counter()
for (before, _), count in pairs.items():
    totals[before] += count
after_a = {b: pairs["a", b] / totals["a"] for b in letters if pairs["a", b]}
for letter, p in sorted(after_a.items(), key=lambda entry: -entry[1])[:6]:
    print(f"after a, {letter} has probability {p:.2f}")

# %% [markdown]
# How good is it? A model should find what really comes next **probable**. Where it gave that
# letter the probability $p$, its loss is $-\log p$: nothing for certainty, much for a surprise.
# The mean over all questions is the **cross-entropy**.
#
# **Predict.** What would the loss be of a model that knows nothing, and finds all letters equally
# probable?

# %%
surprises = [n * -log(n / totals[before]) for (before, _), n in pairs.items()]
counted = sum(surprises) / pairs.total()
Markdown(
    f"Knowing nothing: log {len(letters)} = **{log(len(letters)):.3f}**. Counting: "
    f"**{counted:.3f}**. That is as unsure as choosing among {exp(counted):.1f} letters instead of "
    f"{len(letters)}."
)

# %% [markdown]
# ## The same by descent
#
# Now forget the counts. Let a table of numbers, one for each pair of letters, begin at random and
# *learn* to give such probabilities. Its numbers are **logits**: any number at all, and `softmax`
# makes probabilities of a row of them, in proportion to $e^\text{logit}$.
#
# Here is one question with three letters to choose from; the first is right. *Which of the three
# gradients will be negative, and what will they add up to?*

# %%
row = [Value(1.0, "right"), Value(2.0, "other"), Value(-1.0, "third")]
loss = cross_entropy([row], [0])
loss.backward()
for logit, p in zip(row, softmax(row), strict=True):
    print(f"{logit.label:6} probability {p.data:.4f}   gradient {logit.grad:+.4f}")
draw(loss, rankdir="TB")

# %% [markdown]
# Compare the columns: the gradient is the probability, **less 1 for the right letter**. Descent
# raises the right logit, and lowers the others, each as much as it was probable. Over all
# questions these pushes are balanced when every letter is as probable as it is frequent: descent
# comes to rest at the counted shares.
#
# For the program to look up a row of the table, the letter becomes a row of **marks**: a 1 in its
# place, and 0 elsewhere. The weighted sums of a layer then pick out one weight each, and a layer
# without an activation *is* the table (its biases are a row for all letters in common).


# %%
def marks(text):
    return [float(letter == one) for one in text for letter in letters]


def questions(names, context):
    """For every letter, those before it as marks, and its number."""
    inputs, answers = [], []
    for name in names:
        padded = "." * context + name + "."
        for i in range(context, len(padded)):
            inputs.append(marks(padded[i - context : i]))
            answers.append(letters.index(padded[i]))
    return Dataset(inputs, answers, classes=len(letters))


print("the marks of a:", *[f"{mark:g}" for mark in marks("a")])
table = MLP(len(letters), [len(letters)], init=xavier, seed=0)
print(table.summary())

# %% [markdown]
# **Predict.** Where will the loss start, about, and where will it end?

# %%
history = fit(
    table,
    questions(known, context=1),
    loss="cross_entropy",
    optimizer=Adam(table.parameters(), learning_rate=0.1),
    epochs=150,
    progress=False,
)
Markdown(
    f"From {history.losses[0]:.3f} down to **{history.losses[-1]:.3f}**; counting gave "
    f"**{counted:.3f}**."
)

# %%
axes = plot_loss(history)
axes.axhline(counted, color="gray", linestyle="--")
axes.text(150, counted - 0.03, "counting", color="gray", ha="right", va="top")
plt.show()

# %% [markdown]
# Descent has found the counts without counting. It comes close and never goes below: no table of
# pairs can beat the counts on the names that were counted. (It does not quite touch them either.
# Pairs that never occur ask for a logit of minus infinity, and that takes a while.)
#
# ## Let it talk
#
# To make a name, begin at the edge, draw the next letter by its probability, and go on from there
# until the edge comes again.


# %%
def invent(model, context, rng):
    text = "." * context
    while True:
        chances = [p.data for p in softmax(model(marks(text[-context:])))]
        text += rng.choices(letters, chances)[0]
        if text.endswith("."):
            return text.strip(".")


rng = random.Random(1)
print(*[invent(table, 1, rng) for _ in range(16)])

# %% [markdown]
# They can be pronounced, more or less. But the model has forgotten everything except the last
# letter, and so it cannot know how long a name is already, or which vowels are in it.
#
# ## A longer memory
#
# With three letters to look at, a table would need a row for every triple. *How many rows is that,
# and how many of them can so few names fill?*

# %%
rows = len(letters) ** 3
filled = {before for before, _ in questions(known, context=3)}
Markdown(f"{rows} rows, of which {len(filled)} ever occur.")

# %% [markdown]
# So instead of a row of its own, each letter gets a **place in the plane**, two numbers that are
# parameters like any others: an *embedding*. The network sees three places, six numbers. Letters
# that behave alike may move close together, and what is learnt about one then holds for its
# neighbours.


# %%
class NameModel(Module):
    def __init__(self, context, hidden, seed):
        rng = random.Random(seed)
        self.across = [Value(rng.gauss(0, 1)) for _ in letters]
        self.up = [Value(rng.gauss(0, 1)) for _ in letters]
        self.network = MLP(2 * context, [hidden, len(letters)], tanh, init=xavier, seed=seed)

    def __call__(self, marks):
        places = []
        for start in range(0, len(marks), len(letters)):
            one = marks[start : start + len(letters)]
            for coordinates in (self.across, self.up):
                places.append(sum(mark * c for mark, c in zip(one, coordinates, strict=True)))
        return self.network(places)


model = NameModel(context=3, hidden=12, seed=0)
start = [(x.data, y.data) for x, y in zip(model.across, model.up, strict=True)]
print(f"{len(model.parameters())} parameters")

# %% [markdown]
# The gradient of an embedding flows back through the hidden neurons, as to any weight; the mark of
# 0 on all other letters keeps it from them. Training is the same call. `engine="program"` says that
# the model never branches on a number, so that it may be recorded once and run on all questions
# together; the next lesson shows how that works.

# %%
history = fit(
    model,
    questions(known, context=3),
    loss="cross_entropy",
    optimizer=Adam(model.parameters(), learning_rate=0.05),
    epochs=120,
    progress=False,
    engine="program",
)
axes = plot_loss(history)
axes.axhline(counted, color="gray", linestyle="--")
axes.text(120, counted + 0.03, "counting pairs", color="gray", ha="right", va="bottom")
plt.show()

# %%
rng = random.Random(1)
print(*[invent(model, 3, rng) for _ in range(16)])

# %% [markdown]
# And on the names that were held out?

# %%
before, _ = evaluate(table, questions(held_out, context=1), "cross_entropy")
after, _ = evaluate(model, questions(held_out, context=3), "cross_entropy")
Markdown(
    f"| held-out names | loss | as unsure as among |\n|---|---|---|\n"
    f"| one letter back | {before:.2f} | {exp(before):.1f} letters |\n"
    f"| three letters back | {after:.2f} | {exp(after):.1f} letters |"
)

# %% [markdown]
# ## What it knows about letters
#
# Nobody told the model what a vowel is.
#
# **Predict.** Where will the letters have gone: which of them behave alike?

# %%
end = [(x.data, y.data) for x, y in zip(model.across, model.up, strict=True)]
figure, panels = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
for axes, places, title in zip(panels, (start, end), ("before", "after"), strict=True):
    for letter, (x, y) in zip(letters, places, strict=True):
        colour = "#b35806" if letter in "aeiou" else "#2166ac" if letter != "." else "#1a1a1a"
        shown = "edge" if letter == "." else letter
        axes.text(x, y, shown, color=colour, fontsize=15, ha="center", va="center")
    axes.set(title=f"{title} training", xlabel="across", ylabel="up")
    axes.update_datalim(places)
    axes.margins(0.12)
    axes.autoscale_view()
plt.show()

# %% [markdown]
# Random at first; afterwards there are camps. The vowels left the consonants, and they left in
# **two groups**. That is the rule of these names: a name takes all its vowels from `a o u`, or all
# from `e i`. Real languages have such rules too; it is called vowel harmony, and Finnish, Turkish
# and Hungarian are known for it. Among the consonants, too, some stand apart.
#
# Here is the rule in full, as a pattern. Every name in the file follows it:

# %%
dark = "[aou]?([bdklmnrstv][aou][lnrs]?)*[bdklmnrstv][aou][nr]?"
bright = "[ei]?([bdklmnrstv][ei][lnrs]?)*[bdklmnrstv][ei][ls]?"


def follows(name):
    return bool(re.fullmatch(f"{dark}|{bright}", name))


print(sum(map(follows, names)), "of", len(names))

# %% [markdown]
# So `l n r s` are the consonants that may close a syllable, and only they come before another
# consonant. Look for them in the picture.
#
# Now we can mark the models' work. *The table sees one letter only. How many of 200 of its names
# will follow the rule? How many of the other model's?*

# %%
for title, maker, context in (("one letter back", table, 1), ("three letters back", model, 3)):
    rng = random.Random(2)
    made = [invent(maker, context, rng) for _ in range(200)]
    right = [name for name in made if follows(name)]
    new = len(set(right) - set(names))
    print(f"{title}: {len(right) / len(made):.0%} follow the rule, {new} of them new")

# %% [markdown]
# The second model was shown neither the rule nor the word *vowel*, and most of its names keep to
# it; those that follow the rule are nearly all new. All it ever did was to move numbers by their
# gradients.
#
# ## A question for you
#
# Is it the network that helps, or the longer memory? Train a `NameModel` with `context=1`, and the
# same settings otherwise, and then for 600 epochs. **Before you do: can its loss on the known names be
# lower than the loss of the counts? Can it be as low?**

# %%
# your model here

# %% [markdown]
# <details><summary>An answer</summary>
#
# ```python
# small = NameModel(context=1, hidden=12, seed=0)
# history = fit(small, questions(known, context=1), loss="cross_entropy",
#               optimizer=Adam(small.parameters(), learning_rate=0.05), epochs=600,
#               progress=False, engine="program")
# print(f"{history.losses[119]:.3f}, {history.losses[-1]:.3f}, and counting {counted:.3f}")
# ```
#
# It cannot be lower: whatever the network does, it gives one row of probabilities for each letter,
# and of all such tables the counts have the lowest loss. It can be as low, and gets there slowly: 2.151
# after 120 epochs, and after 600 it has the 2.139 of the counts, with all rows made from two numbers
# for each letter. So it is the memory that helps; the network is what makes a long memory affordable.
# </details>
