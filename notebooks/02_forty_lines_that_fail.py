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
# # 2. Forty lines that fail
#
# After this lesson you can write a small autograd engine of your own, recognise three mistakes that are
# easy to make in a first one, and fix them.
#
# It takes about 35 minutes. You need lesson 1: what a derivative is, how to measure it, and that
# exchange rates multiply. The Python you need is explained where it first appears.

# %%
from autograd import Value
from viz import draw

# %% [markdown]
# ## The idea
#
# A long computation is a chain of small ones, and the derivatives of the small ones are well known. The
# chain rule of lesson 1 says how to combine them: on the way from the result back to an input,
# *multiply*.
#
# A product a · b depends on two numbers, so there are two derivatives to ask for. Move only a, and hold
# b still: each step of a is worth b steps of the product. This is the **partial derivative** of the
# product with respect to a. It is written with a curly d:
#
# $$\frac{\partial (a b)}{\partial a} = b \qquad\qquad \frac{\partial (a b)}{\partial b} = a$$
#
# Some words that we use throughout the course:
#
# * A value that was computed has **parents**: the values it was computed from.
# * An **edge** leads from a value to each of its parents. It has a **local derivative**: the partial
#   derivative of the value with respect to that parent. "Local" means that nothing else in the
#   computation matters.
# * The **gradient** of a value is the derivative of the final result with respect to it.
# * Along an edge, a **flow** runs back: the gradient of the value times the local derivative of the edge.
#
# So each value has to know its parents, and how to let gradients flow back to them. That is an engine.
#
# In Python, `a + b` calls `a.__add__(b)`, and `a * b` calls `a.__mul__(b)`. A class that defines these
# two methods decides for itself what `+` and `*` do.

# %%
class Number:
    """A float that remembers its parents, and how gradients flow back to them."""

    def __init__(self, data, parents=(), name=""):
        self.data = data
        self.parents = parents
        self.name = name
        self.grad = 0.0
        self.flow_back = lambda: None  # without parents, nothing flows

    def __add__(self, other):
        y = Number(self.data + other.data, (self, other))

        def flow_back():
            self.collect(y.grad * 1)  # the local derivative of a + b towards a is 1
            other.collect(y.grad * 1)

        y.flow_back = flow_back
        return y

    def __mul__(self, other):
        y = Number(self.data * other.data, (self, other))

        def flow_back():
            self.collect(y.grad * other.data)  # that of a · b towards a is b
            other.collect(y.grad * self.data)

        y.flow_back = flow_back
        return y

    def collect(self, flow):
        self.grad = flow

    def backward(self):
        self.grad = 1.0
        self.walk()

    def walk(self):
        self.flow_back()
        for parent in self.parents:
            parent.walk()

# %%
print("lines:", len(_i.splitlines()))  # _i is the cell before this one

# %% [markdown]
# Every `+` and every `*` makes a new `Number`, and with it a small function, `flow_back`. It remembers
# the numbers that existed where it was defined: `self`, `other` and `y`. A function with such a memory is
# called a *closure*. `backward` starts with the gradient 1 at the end (the result changes exactly as fast
# as itself) and walks back.
#
# ## Watch it work
#
# **Predict.** L = (a · b + c) · f at a = 2, b = −3, c = 10, f = −2. What is ∂L/∂a? Take the edges from L
# to a one after another, and multiply their local derivatives.

# %%
a, b, c, f = Number(2.0), Number(-3.0), Number(10.0), Number(-2.0)
L = (a * b + c) * f
L.backward()
print("L =", L.data)
print("gradients of a, b, c, f:", a.grad, b.grad, c.grad, f.grad)

# %% [markdown]
# Is that right? In lesson 1 we measured. Our engine uses ordinary `+` and `*`, so the same function also
# runs on floats. (In a definition, `*xs` collects all further arguments in a tuple; in a call, it spreads
# a sequence over the arguments.)

# %%
def measured(function, *xs, h=1e-6):
    """The partial derivative with respect to each input, by small steps to either side."""
    partials = []
    for i in range(len(xs)):
        up, down = list(xs), list(xs)
        up[i] += h
        down[i] -= h
        partials.append((function(*up) - function(*down)) / (2 * h))
    return [round(partial, 4) for partial in partials]

measured(lambda a, b, c, f: (a * b + c) * f, 2.0, -3.0, 10.0, -2.0)

# %% [markdown]
# All four agree, to every digit shown. The engine seems to be finished. From here on, we compare the two
# on whatever comes to mind:

# %%
def compare(function, *xs):
    inputs = [Number(x) for x in xs]
    function(*inputs).backward()
    engine = [number.grad for number in inputs]
    truth = measured(function, *xs)
    verdict = "right" if engine == truth else "WRONG"
    print(f"engine {engine}   measured {truth}   {verdict}")

compare(lambda a, b: a * b + b, 2.0, -3.0)

# %% [markdown]
# ## The first failure: a value used twice
#
# That was quick. The measured derivatives are right, and the engine's are not. Shorter examples fail
# as well.
#
# **Predict.** What does the engine say about a + a, whose derivative is 2 everywhere? And about a · a
# at 3, where it should be 6? Go through `flow_back` line by line, with `self` and `other` the same
# number.

# %%
compare(lambda a: a + a, 3.0)
compare(lambda a: a * a, 3.0)

# %% [markdown]
# Each time, half is missing. Two edges lead from a · a to a, and a flow runs back along each. But when
# the second one arrives, `collect` **overwrites** the first.
#
# A value that is used twice changes the result in two ways at once, and the two effects *add up*:

# %%
a = Value(3.0, "a")
y = a * a
y.backward()
draw(y)

# %% [markdown]
# This picture comes from the engine of this course, which gets it right: two edges, a flow of 3 along
# each, and a gradient of 6 at a. The fix takes a single character. (Python lets us replace a method of
# an existing class.)

# %%
def collect(self, flow):
    self.grad += flow

Number.collect = collect

compare(lambda a: a + a, 3.0)
compare(lambda a: a * a, 3.0)
compare(lambda a, b: a * b + b, 2.0, -3.0)

# %% [markdown]
# Remember the `+=`. **Flows add up**: this is the first half of what makes backpropagation more than a
# product.
#
# ## The second failure: passing on too early
#
# Now share values that are not inputs. Both c and d are used twice here, once in the sum and once in
# the product:

# %%
a, b = Value(2.0), Value(3.0)
c, d = a + b, a * b
s, p = c + d, c * d
y = s + p
draw(y)

# %% [markdown]
# **Predict.** There is nothing wrong with `collect` any more. So will the gradients of a and b be
# right?

# %%
def shared(a, b):
    c, d = a + b, a * b
    s, p = c + d, c * d
    return s + p

compare(shared, 2.0, 3.0)

# %% [markdown]
# Too *much* this time. To see where it comes from, print each visit during the walk.

# %%
def walk_and_print(number):
    if number.parents:
        print(f"{number.name} passes on {number.grad:g} times its local derivatives")
    number.flow_back()
    for parent in number.parents:
        walk_and_print(parent)

a, b = Number(2.0, name="a"), Number(3.0, name="b")
c, d = a + b, a * b
s, p = c + d, c * d
y = s + p
c.name, d.name, s.name, p.name, y.name = "cdspy"

y.grad = 1.0
walk_and_print(y)
print("in the end, a has", a.grad)

# %% [markdown]
# Look at the two lines of c. At the first visit, only the flow from s has arrived, and c passes it on.
# Then p is visited, its flow arrives at c, and c is visited again. Now c passes on *everything* it has,
# **including what it passed on before**. The same happens to d.
#
# So the rule is: **a value passes its gradient on only when all its uses have been counted.** Then every
# value has to be visited just once, with its gradient complete. An order of visits that obeys this rule
# is called *topological*. Here is a way to find one: place every value in a list after its parents, and
# read the list backwards. (The `set` remembers which values have been placed.)

# %%
def topological_order(y):
    order, seen = [], set()

    def place(number):
        if number not in seen:
            seen.add(number)
            for parent in number.parents:
                place(parent)
            order.append(number)  # after its parents

    place(y)
    return order

[number.name for number in reversed(topological_order(y))]

# %% [markdown]
# In this list, p and s both stand before c and d.
#
# Both walks go as deep as they can and then come back for the rest, which is called *depth-first*. So
# depth-first search is not the fault. The faulty walk acts on a value when it *enters* it; `place` acts
# when it *leaves* it, after everything below (computer science calls this *post-order*).

# %%
def backward(self):
    self.grad = 1.0
    for number in reversed(topological_order(self)):
        number.flow_back()

Number.backward = backward
compare(shared, 2.0, 3.0)

# %% [markdown]
# How do we know that this mistake is easy to make? People keep proposing it: micrograd, the engine of a
# well-known lecture, sorts its values as we now do, and its users have suggested the simpler walk again
# and again ([21](https://github.com/karpathy/micrograd/issues/21),
# [64](https://github.com/karpathy/micrograd/pull/64),
# [68](https://github.com/karpathy/micrograd/issues/68)). Our graph is the counterexample given in the
# last of these.
#
# There is another way to see that the new result is right. Follow every path from y to a separately:
# multiply the local derivatives along each path, then add up the paths. Here there are few enough.

# %%
a, b = 2, 3
c, d = a + b, a * b
paths = {
    "y ← s ← c ← a": 1 * 1 * 1,
    "y ← s ← d ← a": 1 * 1 * b,
    "y ← p ← c ← a": 1 * d * 1,
    "y ← p ← d ← a": 1 * c * b,
}
for path, product in paths.items():
    print(f"{path}   {product:2}")
print(f"together        {sum(paths.values())}")

# %% [markdown]
# Our sweep finds the same sum, and in large graphs with far less work: where paths meet in a value,
# their flows are added first and travel on *together*. That is the second half of backpropagation.
#
# ## The third failure: old gradients
#
# Training means sweeping over and over. Let us sweep twice over the same graph, and reset the input's
# gradient in between.
#
# **Predict.** x · x · x at x = 3 has the derivative 3x². What comes out the first time, and the second?

# %%
x = Number(3.0)
y = x * x * x
y.backward()
print("first sweep: ", x.grad)

x.grad = 0.0
y.backward()
print("second sweep:", x.grad)

# %% [markdown]
# The same graph, the same numbers, another result. We did reset the gradient of x. But there is a value
# in the middle, v = x · x, and it still holds its gradient from the first sweep:

# %%
x = Number(3.0)
v = x * x
y = v * x
y.backward()
print("v after one sweep: ", v.grad)
x.grad = 0.0
y.backward()
print("v after two sweeps:", v.grad, "  and the flow to x along each edge:", v.grad * x.data)

# %% [markdown]
# This one is easy to overlook, because most programs build a new graph for every sweep: micrograd 0.1.0
# also gives these two numbers here.
#
# A sweep must start with all computed values at 0, because their gradients are only an intermediate
# result. For the inputs there is a choice. Many engines, PyTorch and this course's among them, let the
# gradients of *inputs* add up over several sweeps, because that is how the gradients of many examples are
# summed; reset them first if you don't want that. (Others, such as JAX, return gradients instead of
# storing them, so nothing can be left over.)

# %%
def backward(self):
    order = topological_order(self)
    for number in order:
        if number.parents:
            number.grad = 0.0
    self.grad = 1.0
    for number in reversed(order):
        number.flow_back()

Number.backward = backward

x = Number(3.0)
y = x * x * x
for note in ["first sweep:           ", "second, x.grad is kept:"]:
    y.backward()
    print(note, x.grad)
x.grad = 0.0
y.backward()
print("third, x.grad set to 0:", x.grad)

# %% [markdown]
# And the engine of this course, in the same three steps:

# %%
x = Value(3.0, "x")
y = x * x * x
for note in ["first sweep:           ", "second, x.grad is kept:"]:
    y.backward()
    print(note, x.grad)
x.zero_grad()
y.backward()
print("third, after zero_grad:", x.grad)

# %% [markdown]
# ## One more, for long chains
#
# `place` calls itself for each parent, so its calls are nested as deeply as the graph is long.
#
# **Predict.** Does our engine survive a hundred thousand additions?

# %%
def long_sum(x, count):
    y = x
    for _ in range(count):
        y = y + x
    return y

x = Number(1.0)
try:
    long_sum(x, 100_000).backward()
except RecursionError as error:
    print("our engine:", type(error).__name__)

x = Value(1.0)
long_sum(x, 100_000).backward()
print("this course's engine:", x.grad)

# %% [markdown]
# There is an elegant way out. A value can only be made *after* its parents. So give every value a serial
# number when it is made: sorting by serial number **is** a topological order, and no function needs to
# call itself. You can read it in `autograd/backprop.py`.
#
# Our engine is now correct, but it can't explain itself. Ask it for the local derivatives at L, the
# product that we began with:

# %%
print("what L.flow_back remembers:", [type(cell.cell_contents).__name__ for cell in L.flow_back.__closure__])

# %% [markdown]
# Three numbers, and no local derivative. The local derivatives are computed inside `flow_back`, used and
# thrown away, so there is nothing to show, explain or check. In lesson 3 we move them out of the
# functions and into a table, and then the engine can explain itself.
#
# ## A question for you
#
# A friend fixes the second failure in another way: the walk stays as it was, but each value passes its
# gradient on **only once**, at the first visit. "Then nothing is passed on twice." What does that engine
# say on our graph, at a = 2 and b = 3? Is it too much, too little, or right? And on which graphs *is* it
# right?
#
# Work it out with the picture above, and then run the friend's engine.

# %%
def friends_backward(y):
    seen = set()

    def walk(number):
        if number not in seen:
            seen.add(number)
            number.flow_back()
            for parent in number.parents:
                walk(parent)

    y.grad = 1.0
    walk(y)

# a, b = Number(2.0), Number(3.0)
# friends_backward(shared(a, b))
# print(a.grad, b.grad)

# %% [markdown]
# <details>
# <summary>An answer</summary>
#
# It says 4 and 3: too little. From y, the walk goes to s, and 1 flows to c and 1 to d. Then c passes its 1
# on to a and b, and from d flow 1 · 3 to a and 1 · 2 to b. Now p is visited, and 6 flows to c and 5 to d.
# But c and d have been visited already, so these two flows end there. The first walk passed something on
# twice; this one loses something.
#
# It is right wherever only inputs are shared, as in (a · b) · (a + b): an input passes nothing on, so it
# does not matter when it is visited. That is why the mistake is easily overlooked. Remove the three `#`
# above to see the numbers, and try this as well:
#
# ```python
# a, b = Number(2.0), Number(3.0)
# friends_backward((a * b) * (a + b))
# print(a.grad, b.grad, measured(lambda a, b: (a * b) * (a + b), 2.0, 3.0))
# ```
# </details>
