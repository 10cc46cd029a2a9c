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
# After this lesson you can write a small autograd engine of your own, and name the three mistakes that
# nearly everybody makes in a first one, what each of them looks like, and how it is mended.
#
# It takes about twenty minutes. Lesson 1 is all that is needed: what a derivative is, and that it can
# be measured.

# %%
from autograd import Value
from viz import draw

# %% [markdown]
# ## The idea
#
# A long computation is a chain of small ones. For a small one, such as a product, everybody knows the
# derivative. The **chain rule** says how to put them together: along the way from the result back to
# an input, *multiply*.
#
# Some words, which we keep throughout the course:
#
# * A value that was computed has **parents**: the values it was computed from.
# * The way from a value to a parent is an edge, and it has a **slope**: the derivative of the value
#   with respect to that parent, and nothing else. The slope of a · b towards a is b.
# * What travels back along an edge is a **flow**: what has arrived at the value, times the slope.
# * What arrives at a value makes up its **gradient**: how fast the final result changes with it.
#
# So each value needs to know its parents, and how to send them their flows. That is an engine.

# %%
class Number:
    """A float that remembers its parents, and how to send gradients to them."""

    def __init__(self, data, parents=(), name=""):
        self.data = data
        self.parents = parents
        self.name = name
        self.grad = 0.0
        self.send = lambda: None  # without parents there is nobody to send to

    def __add__(self, other):
        y = Number(self.data + other.data, (self, other))

        def send():
            self.receive(y.grad * 1)  # the slope of a + b towards a is 1
            other.receive(y.grad * 1)

        y.send = send
        return y

    def __mul__(self, other):
        y = Number(self.data * other.data, (self, other))

        def send():
            self.receive(y.grad * other.data)  # the slope of a · b towards a is b
            other.receive(y.grad * self.data)

        y.send = send
        return y

    def receive(self, flow):
        self.grad = flow

    def backward(self):
        self.grad = 1.0
        self.walk()

    def walk(self):
        self.send()
        for parent in self.parents:
            parent.walk()

# %%
print("lines:", len(_i.splitlines()))  # _i is the cell before this one

# %% [markdown]
# Every `+` and every `*` makes a new `Number`, and with it a small function, `send`, which remembers
# the numbers it was born among: `self`, `other` and `y`. A function with such a memory is called a
# *closure*. `backward` starts with the gradient 1 at the end (how fast does the result change with
# itself?) and walks back.
#
# ## Watch it work
#
# **Predict.** L = (a · b + c) · f. When a goes up a little, L goes up by how many times that? Take the
# edges from L to a one after another, and multiply their slopes.

# %%
a, b, c, f = Number(2.0), Number(-3.0), Number(10.0), Number(-2.0)
L = (a * b + c) * f
L.backward()
print("L =", L.data)
print("gradients of a, b, c, f:", a.grad, b.grad, c.grad, f.grad)

# %% [markdown]
# Is that right? In lesson 1 we measured. Our engine is made of ordinary `+` and `*`, so the same
# function runs on floats.

# %%
def measured(function, *xs, h=1e-6):
    """The derivative with respect to each input, by small steps to either side."""
    slopes = []
    for i in range(len(xs)):
        up, down = list(xs), list(xs)
        up[i] += h
        down[i] -= h
        slopes.append((function(*up) - function(*down)) / (2 * h))
    return [round(slope, 4) for slope in slopes]

measured(lambda a, b, c, f: (a * b + c) * f, 2.0, -3.0, 10.0, -2.0)

# %% [markdown]
# To the last digit that is shown. The engine is done, it seems. From here on we compare the two on
# whatever comes to mind:

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
# ## The first failure: the same value twice
#
# That was quick. The measured derivatives are right, the engine's are not; and it need not be as long
# as that.
#
# **Predict.** What does the engine say about a + a, whose derivative is 2 everywhere? And about a · a
# at 3, where it should be 6? Go through `send` line by line, with `self` and `other` the same number.

# %%
compare(lambda a: a + a, 3.0)
compare(lambda a: a * a, 3.0)

# %% [markdown]
# Each time half is missing. Two edges lead from a · a to a, and a flow comes along each; but when the
# second one arrives, `receive` **overwrites** the first.
#
# A value that is used twice moves the result in two ways at once, and the two effects *add up*:

# %%
a = Value(3.0, "a")
y = a * a
y.backward()
draw(y)

# %% [markdown]
# This picture is from the engine of this course, which does it right: two edges, 3 along each, and 6
# at a. The mending is a single character. (Python lets us replace a method of a class that is there.)

# %%
def receive(self, flow):
    self.grad += flow

Number.receive = receive

compare(lambda a: a + a, 3.0)
compare(lambda a: a * a, 3.0)
compare(lambda a, b: a * b + b, 2.0, -3.0)

# %% [markdown]
# Remember the `+=`. **Gradients accumulate**: that is the first half of what makes backpropagation
# more than a product.
#
# ## The second failure: speaking too early
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
# **Predict.** There is nothing wrong with `receive` any more. So will the gradients of a and b be
# right?

# %%
def shared(a, b):
    c, d = a + b, a * b
    s, p = c + d, c * d
    return s + p

compare(shared, 2.0, 3.0)

# %% [markdown]
# Too *much* this time. To see where it comes from, let every number tell when it sends.

# %%
def told(self):
    if self.parents:
        print(f"{self.name} sends {self.grad:g} times its slopes")
    self.send()
    for parent in self.parents:
        told(parent)

a, b = Number(2.0, name="a"), Number(3.0, name="b")
c, d = a + b, a * b
s, p = c + d, c * d
y = s + p
c.name, d.name, s.name, p.name, y.name = "cdspy"

y.grad = 1.0
told(y)
print("in the end, a has", a.grad)

# %% [markdown]
# Look at the two lines of c. The first time, it has heard from s only, and passes that on. Then p is
# visited, c hears from p as well, and is visited again. Now it sends *all* it has, **including what it
# has sent before**. The same happens to d.
#
# The walk goes as deep as it can, and then comes back for the rest; that is called *depth-first*. What
# we need is another order: **nobody sends before everybody who uses it has sent**. Then every value
# is visited once, with its gradient complete. Such an order is called *topological*, and it is easy to
# find: write down each value after its parents, and read the list backwards.

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

# %%
def backward(self):
    self.grad = 1.0
    for number in reversed(topological_order(self)):
        number.send()

Number.backward = backward
compare(shared, 2.0, 3.0)

# %% [markdown]
# Another way to see that this is right is to follow every path from y to a by itself: multiply the
# slopes along each path, then add up the paths. Here there are few enough of them.

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
# Our sweep finds the same sum with far less work in large graphs: it carries the flows of all paths
# that meet in a value *together* from there on. That is the second half of backpropagation.
#
# ## The third failure: what is left over
#
# Training means sweeping again and again. Let us sweep twice over the same graph, and forget the
# input's gradient in between, as one does.
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
# The same graph, the same numbers, another result. We forgot the gradient of x, but there is a value
# in the middle, v = x · x, and it still holds what it received the first time:

# %%
x = Number(3.0)
v = x * x
y = v * x
y.backward()
print("v after one sweep: ", v.grad)
x.grad = 0.0
y.backward()
print("v after two sweeps:", v.grad, "  and what it sends to x:", v.grad * x.data, "along each edge")

# %% [markdown]
# A sweep must begin with nothing received. For values that were computed, that is clear: what they
# receive is only a means to an end. For the inputs, there is a choice. Most engines, this course's
# among them, let *inputs* collect over several sweeps, because that is how the gradients of many
# examples are added up; whoever does not want that forgets them first, as we did.

# %%
def backward(self):
    order = topological_order(self)
    for number in order:
        if number.parents:
            number.grad = 0.0
    self.grad = 1.0
    for number in reversed(order):
        number.send()

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
# `place` calls itself for each parent, so it nests as deep as the graph is long.
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
# The way out is pretty. A value can only be made *after* its parents. So if every value gets a number
# when it is made, sorting by that number **is** a topological order, and nothing needs to call itself.
# You can read it in `autograd/backprop.py`.
#
# Otherwise our engine is right now, but it is mute. Ask it for the slopes at L, the product that we
# began with:

# %%
print("what L.send remembers:", [type(cell.cell_contents).__name__ for cell in L.send.__closure__])

# %% [markdown]
# Three numbers, and no slope. The slopes are computed inside `send`, used, and thrown away, so there
# is nothing to be shown, told or checked. In lesson 3 we take them out of the functions and put them
# into a table, and then the engine can explain itself.
#
# ## A question for you
#
# A friend mends the second failure in another way: the walk stays depth-first, but each value sends
# **only once**, at the first visit. "Then nothing is sent twice." What does that engine say on our
# graph, at a = 2 and b = 3? Is it too much, too little, or right? And on which graphs *is* it right?
#
# Work it out with the picture above, and then let the friend's engine speak.

# %%
def friends_backward(y):
    seen = set()

    def walk(number):
        if number not in seen:
            seen.add(number)
            number.send()
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
# It says 4 and 3: too little. From y, the walk goes to s, which sends 1 to c and 1 to d. Then c sends
# its 1 to a and b, and d sends 1 · 3 to a and 1 · 2 to b. Now p is visited and sends 6 to c and 5 to
# d, but they have spoken already, and these two flows never arrive anywhere. The first walk sent
# something twice, this one loses something.
#
# It is right wherever only inputs are shared, as in (a · b) · (a + b): an input has nobody to send to,
# so it does not matter when it is visited. That is why the mistake is easily overlooked. Remove the
# three `#` above to see the numbers, and try this as well:
#
# ```python
# a, b = Number(2.0), Number(3.0)
# friends_backward((a * b) * (a + b))
# print(a.grad, b.grad, measured(lambda a, b: (a * b) * (a + b), 2.0, 3.0))
# ```
# </details>
