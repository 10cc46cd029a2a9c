"""Graphs of every kind that a picture has to hold, by name: each is a function that gives a value.

What is written as an expression was swept; of the others, some show what a sweep leaves behind.
"""

import random
from functools import partial
from itertools import pairwise

from autograd import Value, cos, exp, relu, sigmoid, sin, sqrt, tanh
from autograd.expression import evaluate
from nn import MLP, binary_cross_entropy, cross_entropy, hinge, mse

MAZUR = (
    "h1 = sigmoid(w1*i1 + w2*i2 + b1); h2 = sigmoid(w3*i1 + w4*i2 + b1); "
    "o1 = sigmoid(w5*h1 + w6*h2 + b2); o2 = sigmoid(w7*h1 + w8*h2 + b2); "
    "E = (t1 - o1)**2/2 + (t2 - o2)**2/2"
)
EXPRESSIONS = {
    "neuron": ("y = tanh(x1*w1 + x2*w2 + b)", {"x1": 2, "x2": 0, "w1": -3, "w2": 1, "b": 6.88}),
    "x to the x": ("y = x**x", {"x": 2}),
    "a square": ("y = a*a", {"a": 3}),
    "softmax": (
        "e1 = exp(z1); e2 = exp(z2); e3 = exp(z3); s = e1 + e2 + e3; L = -log(e1/s)",
        {"z1": 2, "z2": 1, "z3": 0.1},
    ),
    "2-2-2": (MAZUR, {
        "w1": .15, "w2": .2, "w3": .25, "w4": .3, "w5": .4, "w6": .45, "w7": .5, "w8": .55,
        "i1": .05, "i2": .1, "b1": .35, "b2": .6, "t1": .01, "t2": .99,
    }),
    "valley": ("f = (1 - x)**2 + 100*(y - x**2)**2", {"x": -1.2, "y": 1}),
    "four wells": ("f = (x**2 + y - 11)**2 + (x + y**2 - 7)**2", {"x": 1, "y": 2}),
    "memory cell": (
        "i = sigmoid(u1*x + v1*h + b1); f = sigmoid(u2*x + v2*h + b2); "
        "o = sigmoid(u3*x + v3*h + b3); g = tanh(u4*x + v4*h + b4); "
        "s = f*c + i*g; out = o*tanh(s)",
        {name: 0.1 * i - 0.7 for i, name in enumerate(
            "u1 v1 b1 u2 v2 b2 u3 v3 b3 u4 v4 b4 x h c".split())},
    ),
    "sixty nodes": (
        "f = sin(x*y)*exp(-z) + log(x + y*y)/sqrt(1 + z*z) - cos(x - y)**3*tanh(z*y + x) "
        "+ maximum(x, z)*relu(y - z)/(1 + exp(-x*z)) + (x*y*z)**2",
        {"x": 0.5, "y": 1.2, "z": -0.7},
    ),
    "gravity": ("U = -6.674e-11*m1*m2/sqrt((x1 - x2)**2 + 1e-9)",
                {"m1": 2, "m2": 3, "x1": 0.1, "x2": 1.4}),
    "tiny numbers": ("y = a*b + b/3.7e9 - 99999.5*a", {"a": 1.23e-7, "b": 123456.789}),
    "zeros": ("y = relu(x*w) + x*0.0", {"x": 0, "w": 0}),
    "one leaf twice": ("y = sin(a)*cos(a)", {"a": 0.7}),
    "a fraction": ("p = exp(c)/(exp(c) + b); p*p", {"c": 0.4, "b": 1.5}),
}  # fmt: skip


def written(text, values):
    y = evaluate(text, values)[0]
    y.backward()
    return y


def leaves(name, count, seed=0):
    rng = random.Random(seed)
    return [Value(round(rng.uniform(-1, 1), 2), f"{name}{i}") for i in range(1, count + 1)]


def total(values):
    values = list(values)
    y = values[0]
    for value in values[1:]:
        y = y + value
    return y


def recurrent(steps, labelled=True):
    w, u, b, h = Value(0.7, "w"), Value(-0.4, "u"), Value(0.1, "b"), Value(0.0, "h0")
    for t, x in enumerate(leaves("x", steps, 5), 1):
        h = tanh(w * h + u * (x if labelled else x.data) + b)
        h.label = f"h{t}"
    return (h - 1) ** 2


def horner(degree):
    x, y = Value(0.9, "x"), Value(0.5, "a0")
    for a in leaves("a", degree):
        y = y * x + a
    return y


def chain(steps):
    y = Value(1.2, "x")
    for _ in range(steps):
        y = tanh(y)
    return y


def dot(count):
    products = zip(leaves("w", count, 1), leaves("x", count, 2), strict=True)
    return tanh(total(w * x for w, x in products))


def many_from_one(count):
    x, b = Value(0.5, "x"), Value(0.1, "b")
    return total(tanh(x * w + b) for w in leaves("w", count))


def penalty(count):
    rate = Value(0.01, "λ")
    return total(rate * w**2 for w in leaves("w", count))


def diamonds(count):
    a = Value(0.7, "a")
    for _ in range(count):
        a = sin(a) * cos(a)
    return a


def skips(count):
    x = h = Value(0.6, "x")
    for i, w in enumerate(leaves("w", count)):
        h = h + tanh(h * w)
        h.label = f"r{i}"
    return h * x


def fibonacci(count):
    a, b = Value(1.0, "a"), Value(1.0, "b")
    for _ in range(count):
        a, b = b, a + b * 0.5
    return b


def fitted_cubic():
    c = leaves("c", 4)
    points = [(-1.0, 0.3), (0.5, 0.2), (1.0, 1.0), (2.0, 3.0)]
    return total(
        (c[0] + c[1] * x + c[2] * x**2 + c[3] * x**3 - t) ** 2 for x, t in points
    ) / 4  # fmt: skip


def matrices(size):
    a, b = ([leaves(f"{n}{i}", size, i) for i in range(size)] for n in "ab")
    return total(
        total(a[i][k] * b[k][j] for k in range(size)) ** 2 for i in range(size) for j in range(size)
    )


def convolution():
    x, k = leaves("x", 7), leaves("k", 3)
    return total(relu(total(k[j] * x[i + j] for j in range(3))) for i in range(5))


def normalised():
    x = [Value(v, f"x{i}") for i, v in enumerate((1.0, 2.0, 4.0, -1.0), 1)]
    mean = total(x) / 4
    mean.label = "mean"
    deviation = sqrt(total((a - mean) ** 2 for a in x) / 4 + 1e-5)
    deviation.label = "std"
    return total(((a - mean) / deviation * 1.1) ** 3 for a in x)


def attention():
    x = [leaves(f"x{i}", 2, i) for i in (1, 2)]
    q, k, v = ([leaves(f"{n}{i}", 2, 7 * i) for i in (1, 2)] for n in "qkv")

    def times(matrix, vector):
        return [row[0] * vector[0] + row[1] * vector[1] for row in matrix]

    query, keys = times(q, x[0]), [times(k, one) for one in x]
    powers = [exp((query[0] * key[0] + query[1] * key[1]) / sqrt(2.0)) for key in keys]
    shares = [power / total(powers) for power in powers]
    values = [times(v, one) for one in x]
    return total(
        total(share * value[i] for share, value in zip(shares, values, strict=True)) ** 2
        for i in (0, 1)
    )


def root_by_newton(steps):
    a = Value(2.0, "a")
    y = a / 2
    for _ in range(steps):
        y = (y + a / y) / 2
    return y


def any_graph(nodes, seed):
    """A random graph of about so many nodes, most of which are used soon after they were made."""
    rng = random.Random(seed)
    made = leaves("x", 3 + nodes // 40, seed)
    while len(made) < 0.6 * nodes:
        a, b = rng.choice(made[-12:]), rng.choice(made[-20:])
        made.append(rng.choice([a * b, a + b, a - b, a / (b * b + 1.0), tanh(a), sin(a)]))
    used = {parent for one in made for parent in one.parents}
    return total(tanh(one) for one in made if one not in used)


def as_large_as_can_be():
    """A graph of 398 nodes."""
    y = x = Value(0.5, "x")
    for _ in range(79):
        y = sin(y * x) + tanh(y) * y
    return exp(sin(y))


def hostile():
    labels = [
        "<b>\"&'</b>", "never_ends_" * 9, "]]>\\N\n\tx", "日本語の変数", "e\u0301\u0301\u0301",
        "\u202eabc", "{%", "-->",
    ]  # fmt: skip
    y, *others = [Value(i + 0.5, label) for i, label in enumerate(labels)]
    for i, (_, a) in enumerate(pairwise([y, *others])):
        y = y * a if i % 2 else y + a
        y.label = f"<{i}>" + "x" * (i * 4)
    y.label = "&amp;"
    return y


def long_names():
    rate = Value(0.25, "learning_rate_of_the_decoder")
    warmth = Value(1.5, "temperature")
    scaled = rate * warmth
    scaled.label = "scaled_temperature_of_the_decoder"
    return exp(scaled) / (exp(scaled) + warmth)


def beyond_floats():
    a, b = Value(1e-300, "a"), Value(3e120, "b")
    c, d = Value(float("inf"), "c"), Value(float("nan"), "d")
    return (a * b + 1e-12 * b) * d + c


def network(sizes, examples, loss, activation=tanh):
    model, rng = MLP(sizes[0], sizes[1:], activation, seed=0), random.Random(7)
    numbers = [[round(rng.uniform(-1, 1), 2) for _ in range(sizes[0])] for _ in range(examples)]
    return loss([model(row) for row in numbers], [i % 2 for i in range(examples)])


def swept(make, times=1):
    y = make()
    y.label = y.label or "L"
    for _ in range(times):
        y.backward()
    return y


MADE = {
    "recurrent, 5 steps": partial(recurrent, 5),
    "recurrent, 20 steps": partial(recurrent, 20),
    "recurrent, plain numbers": partial(recurrent, 20, False),
    "horner": partial(horner, 12),
    "chain": partial(chain, 60),
    "sum": lambda: total(leaves("x", 40)),
    "dot product": partial(dot, 12),
    "many from one": partial(many_from_one, 16),
    "penalty": partial(penalty, 10),
    "diamonds": partial(diamonds, 8),
    "skips": partial(skips, 6),
    "fibonacci": partial(fibonacci, 12),
    "cubic": fitted_cubic,
    "matrices": partial(matrices, 3),
    "convolution": convolution,
    "normalised": normalised,
    "attention": attention,
    "newton": partial(root_by_newton, 5),
    "398 nodes": as_large_as_can_be,
    "hostile": hostile,
    "long names": long_names,
    "beyond floats": beyond_floats,
    "one value": lambda: Value(3.0, "x"),
    "2-4-1 mse": partial(network, (2, 4, 1), 1, mse),
    "2-2-1 mse": partial(network, (2, 2, 1), 1, mse),
    "2-8-8-1 mse": partial(network, (2, 8, 8, 1), 1, mse),
    "3-4-4-1 mse of 4": partial(network, (3, 4, 4, 1), 4, mse),
    "3-3-1 relu": partial(network, (3, 3, 1), 1, mse, relu),
    "2-3-1 hinge of 3": partial(network, (2, 3, 1), 3, hinge),
    "2-2-1 bce of 2": partial(network, (2, 2, 1), 2, binary_cross_entropy, sigmoid),
    "2-3 softmax": partial(network, (2, 3), 1, cross_entropy),
    **{
        f"random, {nodes} nodes, {seed}": partial(any_graph, nodes, seed)
        for nodes in (20, 60, 150, 390)
        for seed in (1, 2, 3)
    },
}
GRAPHS = {
    **{name: partial(written, *what) for name, what in EXPRESSIONS.items()},
    **{name: partial(swept, make) for name, make in MADE.items()},
    "two passes": partial(swept, lambda: Value(2.0, "x") ** 2, 2),
    "before backward": partial(recurrent, 2),
}
