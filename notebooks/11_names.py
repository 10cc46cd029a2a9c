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
# beyond counting letters. It takes about 35 minutes.

# %%
import random
import re
from collections import Counter
from functools import partial
from itertools import pairwise
from math import exp, log
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
from IPython.display import Markdown

from autograd import Value, tanh
from nn import MLP, Adam, Dataset, Layer, Module, cross_entropy, evaluate, fit, softmax, xavier
from viz import draw, plot_loss

# %% [markdown]
# ## Invented names
#
# The file `names.txt` is in the same folder as this lesson. Its names were made up by a rule, and any
# resemblance to real names is coincidence. The list is in the public domain (CC0). You will see the rule
# at the end. First, read some names. *What do you notice about their vowels?*

# %%
lines = Path("names.txt").read_text().splitlines()
names = [line for line in lines if not line.startswith("#")]
letters = [".", *sorted(set("".join(names)))]
print(*names[:24])
print()
print(len(names), "names,", len(letters) - 1, "letters:", *letters[1:])

# %% [markdown]
# A **language model** answers one question: given the letters so far, which letter comes next? The dot
# marks the edge of a name: it comes before the first letter and after the last. So a name is a series of
# questions with known answers.

# %%
name = "." + names[0] + "."
print(*[f"after {a} comes {b}" for a, b in pairwise(name)], sep="\n")

# %% [markdown]
# Some names are held out: no model is trained on them, and at the end they are the test.

# %%
known, held_out = names[:280], names[280:]

# %% [markdown]
# ## Counting
#
# The simplest model looks at one letter only, and counts what comes after it. Letters that often follow `a`
# get a high probability after `a`.

# %%
pairs = Counter(pair for name in known for pair in pairwise("." + name + "."))
totals = Counter()
for (before, _), count in pairs.items():
    totals[before] += count
after_a = {b: pairs["a", b] / totals["a"] for b in letters if pairs["a", b]}
for letter, p in sorted(after_a.items(), key=lambda entry: -entry[1])[:6]:
    print(f"after a, {letter} has probability {p:.2f}")

# %% [markdown]
# How good is it? A good model gives a high probability to the letter that really comes next. If it gave
# that letter the probability $p$, its loss is $-\log p$: 0 if it was certain, large if it was surprised.
# The mean over all questions is the **cross-entropy**.
#
# **Predict.** What is the loss of a model that knows nothing, and gives all letters the same probability?

# %%
surprises = [n * -log(n / totals[before]) for (before, _), n in pairs.items()]
counted = sum(surprises) / pairs.total()
Markdown(
    f"Knowing nothing: log {len(letters)} = **{log(len(letters)):.3f}**. Counting: "
    f"**{counted:.3f}**. That is the uncertainty of a choice among {exp(counted):.1f} equally probable letters "
    f"instead of {len(letters)}."
)

# %% [markdown]
# ## The same by descent
#
# Now put the counts aside. Start with a table of random numbers, one for each pair of letters, and *train*
# it to give such probabilities. Its entries are called **logits**. They can be any numbers; `softmax` turns
# a row of them into probabilities, in proportion to $e^\text{logit}$.
#
# Here is one question with three letters to choose from; the first is the right one. *Which of the three
# gradients will be negative, and what will their sum be?*

# %%
row = [Value(1.0, "right"), Value(2.0, "other"), Value(-1.0, "third")]
loss = cross_entropy([row], [0])
loss.backward()
for logit, p in zip(row, softmax(row), strict=True):
    print(f"{logit.label:6} probability {p.data:.4f}   gradient {logit.grad:+.4f}")
draw(loss, direction="TB")

# %% [markdown]
# Compare the columns: the gradient is the probability, **minus 1 for the right letter**. Gradient descent
# raises the right logit, and lowers the others in proportion to their probabilities. Over all questions,
# these changes cancel when the probability of every letter equals its frequency. So descent comes to rest
# at the counted frequencies.
#
# To look up a row of the table with a network, we encode the letter as a row of **marks**: a 1 in its place
# and 0 elsewhere (this is called *one-hot encoding*). Each weighted sum of a layer then picks out a single
# weight, and a layer without an activation *is* the table (its biases are added to every row).


# %%
def marks(text):
    return [float(letter == one) for one in text for letter in letters]


def questions(names, context):
    """A data set: for every letter, the ones before it as marks, and its index as the target."""
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
# Descent has found the counts without counting. The loss comes close to that of the counts and never falls
# below it: no table of pairs can do better than the counts on the names that were counted. (It does not
# quite reach it either: for pairs that never occur, the best logit would be minus infinity.)
#
# ## Generating names
#
# To generate a name, begin at the edge, draw the next letter at random according to its probability, and
# continue from there until the edge comes again.


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
# You can pronounce most of them. But the model uses only the last letter, so it cannot take into account how
# long the name is already, or which vowels are in it.
#
# ## A longer context
#
# If the model looks at three letters, a table needs a row for every triple. *How many rows is that, and how
# many of them occur in so few names?*

# %%
rows = len(letters) ** 3
filled = {before for before, _ in questions(known, context=3)}
Markdown(f"{rows} rows, of which {len(filled)} ever occur.")

# %% [markdown]
# So we do not use a row for each triple. Instead, each letter gets a **place in the plane**: two numbers,
# which are parameters like any others. This is called an *embedding*. The input of the network is three
# places, so six numbers. Training can move letters that behave alike close together, and then what the
# network learns about one of them also holds for its neighbours.


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
# Gradients flow back through the hidden neurons to the embedding, as to any weight. The marks are 0 for all
# other letters, so nothing flows to their places. Training is the same call: as the model has no `if` that
# depends on a value, `fit` records it once and runs it on all questions together. The next lesson shows how
# that works.

# %%
history = fit(
    model,
    questions(known, context=3),
    loss="cross_entropy",
    optimizer=Adam(model.parameters(), learning_rate=0.05),
    epochs=120,
    progress=False,
)
axes = plot_loss(history)
axes.axhline(counted, color="gray", linestyle="--")
axes.text(120, counted + 0.03, "counting pairs", color="gray", ha="right", va="bottom")
plt.show()

# %%
rng = random.Random(1)
print(*[invent(model, 3, rng) for _ in range(16)])

# %% [markdown]
# And on the held-out names?

# %%
before, _ = evaluate(table, questions(held_out, context=1), "cross_entropy")
after, _ = evaluate(model, questions(held_out, context=3), "cross_entropy")
Markdown(
    f"| held-out names | loss | a choice among |\n|---|---|---|\n"
    f"| context of one letter | {before:.2f} | {exp(before):.1f} letters |\n"
    f"| context of three letters | {after:.2f} | {exp(after):.1f} letters |"
)

# %% [markdown]
# ## What it has learnt about letters
#
# The training data do not say which letters are vowels.
#
# **Predict.** Which letters behave alike, and so will have moved close together?

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
# The places are random at first; afterwards there are groups. The vowels have separated from the consonants,
# and they form **two groups**. This is the rule of these names: all vowels of a name are taken from `a o u`,
# or all from `e i`. Real languages have such rules too; it is called vowel harmony, and Finnish, Turkish and
# Hungarian are known for it. Among the consonants, too, some stand apart.
#
# Here is the complete rule, as a regular expression. Every name in the file follows it:

# %%
dark = "[aou]?([bdklmnrstv][aou][lnrs]?)*[bdklmnrstv][aou][nr]?"
bright = "[ei]?([bdklmnrstv][ei][lnrs]?)*[bdklmnrstv][ei][ls]?"


def follows(name):
    return bool(re.fullmatch(f"{dark}|{bright}", name))


print(sum(map(follows, names)), "of", len(names))

# %% [markdown]
# So `l n r s` are the consonants that may close a syllable, and only they come before another consonant. Look
# for them in the picture.
#
# Now we can test the models. *The table uses one letter only. How many of 200 of its names will follow the
# rule? How many of the other model's?*

# %%
for title, maker, context in (("one letter", table, 1), ("three letters", model, 3)):
    rng = random.Random(2)
    made = [invent(maker, context, rng) for _ in range(200)]
    right = [name for name in made if follows(name)]
    new = len(set(right) - set(names))
    print(f"context of {title}: {len(right) / len(made):.0%} follow the rule, {new} of them new")

# %% [markdown]
# The second model was given neither the rule nor the concept of a vowel. Still, most of its names follow the
# rule, and nearly all of these are new. All of this came from moving parameters against their gradients.
#
# ## For those who want more: attention
#
# The network above has weights for every place of its context, so a longer context costs more of them. Large
# language models do it differently. Every letter becomes a few numbers, its **vector**, plus a vector for its
# place. The last letter asks a **query**, every letter offers a **key**, and `softmax` turns the products of
# the query with the keys into shares that add up to 1. The letters' **values** are mixed in these shares. So
# the model computes, for every question anew, *where to look*. This is called *attention*. It is *causal*: no
# letter can look at those after it. Only the last one asks here, as we want no other letter's successor.


# %%
def numbers(rng, rows, columns):
    return [[Value(rng.gauss(0, 0.3)) for _ in range(columns)] for _ in range(rows)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


class AttentionModel(Module):
    def __init__(self, context, width, seed):
        rng = random.Random(seed)
        self.letters = numbers(rng, width, len(letters))
        self.places = numbers(rng, context, width)
        linear = partial(Layer, width, width, None, init=xavier, rng=rng)
        self.query, self.key, self.value = linear(), linear(), linear()
        self.network = MLP(width, [12, len(letters)], tanh, init=xavier, seed=seed)

    def vectors(self, marks):
        """The sum of the letter's vector and that of its place, for every place."""
        size = len(letters)
        for i, place in enumerate(self.places):
            one = marks[i * size : (i + 1) * size]
            yield [dot(row, one) + here for row, here in zip(self.letters, place, strict=True)]

    def shares(self, vectors):
        """How much of each letter the last one takes."""
        query = self.query(vectors[-1])
        return softmax([dot(query, self.key(v)) / len(query) ** 0.5 for v in vectors])

    def __call__(self, marks):
        vectors = list(self.vectors(marks))
        shares, values = self.shares(vectors), map(self.value, vectors)
        mixed = [dot(shares, column) for column in zip(*values, strict=True)]
        return self.network([a + b for a, b in zip(vectors[-1], mixed, strict=True)])


attentive = AttentionModel(context=5, width=4, seed=0)
print(f"{len(attentive.parameters())} parameters, and {len(model.parameters())} of the model before")

# %% [markdown]
# Training is again the same call. `softmax` and the products are operations like all others, and the model has
# no `if`, so `fit` records it, too. How much time does that save? A step with 20 questions is enough to compare.

# %%
some = questions(known, context=5)


def seconds_for_a_question(data, epochs, **how):
    start = perf_counter()
    fit(attentive, data, loss="cross_entropy", learning_rate=0.03, epochs=epochs, progress=False, **how)
    return (perf_counter() - start) / epochs / len(data)


slow = seconds_for_a_question(some[:20], epochs=1, engine="eager")
ratio = slow / seconds_for_a_question(some, epochs=150)
passed = max(factor for factor in (0, 1, 2, 5, 10, 50) if ratio > factor)
Markdown(f"As a program, training is **more than {passed} times** faster than node by node.")

# %%
last, _ = evaluate(attentive, questions(held_out, context=5), "cross_entropy")
Markdown(f"On the held-out names: **{last:.2f}**, after {after:.2f} for the network without attention.")

# %% [markdown]
# **Predict.** After a consonant often comes a vowel, and it has to match those before it. Where will the model
# look then, at the vowels or at the consonants?

# %%
seen = taken = count = 0
for name in held_out:
    for i in range(5, len(name) + 1):
        text = name[i - 5 : i]
        if text[-1] not in "aeiou":
            shares = attentive.shares(list(attentive.vectors(marks(text))))
            taken += sum(s.data for s, letter in zip(shares, text, strict=True) if letter in "aeiou")
            seen += sum(letter in "aeiou" for letter in text)
            count += 1
print(f"vowels are {seen / count / 5:.0%} of the letters, and get {taken / count:.0%} of the shares")

# %% [markdown]
# ## A question for you
#
# Is it the network that helps, or the longer context? Train a `NameModel` with `context=1` and otherwise the
# same settings, first for 120 and then for 600 epochs. **Before you do: can its loss on the known names be
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
#               progress=False)
# print(f"{history.losses[119]:.3f}, {history.losses[-1]:.3f}, and counting {counted:.3f}")
# ```
#
# It cannot be lower: whatever the network computes, it gives one row of probabilities for each letter, and of
# all such tables the counts have the lowest loss. It can be as low, but slowly: 2.151 after 120 epochs, and
# after 600 the 2.139 of the counts, although every row is computed from just two numbers per letter. So it is
# the longer context that helps. The network makes it affordable.
# </details>

