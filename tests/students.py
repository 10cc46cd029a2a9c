"""Engines as students write them, for the bench to find what is wrong: a right one, ten with one
mistake each, and some that do not even come to a number.

All were written for this test, in the style of micrograd. Each mistake is a subclass that changes
as little as it can.
"""

import math
import os
import sys
import time


class Value:
    """A right engine."""

    def __init__(self, data, parents=(), op=""):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.op = op
        self.locals = ()

    def make(self, data, parents, slopes, op):
        out = type(self)(data, parents, op)
        out.locals = slopes
        return out

    def wrap(self, other):
        return other if isinstance(other, Value) else type(self)(other)

    def __add__(self, other):
        other = self.wrap(other)
        return self.make(self.data + other.data, (self, other), (1.0, 1.0), "+")

    def __mul__(self, other):
        other = self.wrap(other)
        return self.make(self.data * other.data, (self, other), (other.data, self.data), "*")

    def __sub__(self, other):
        other = self.wrap(other)
        return self.make(self.data - other.data, (self, other), (1.0, -1.0), "-")

    def __truediv__(self, other):
        other = self.wrap(other)
        y = self.data / other.data
        return self.make(y, (self, other), (1 / other.data, -y / other.data), "/")

    def __pow__(self, n):
        return self.make(self.data**n, (self,), (n * self.data ** (n - 1),), "**")

    def __neg__(self):
        return self.make(-self.data, (self,), (-1.0,), "neg")

    def __radd__(self, other):
        return self.wrap(other) + self

    def __rmul__(self, other):
        return self.wrap(other) * self

    def __rsub__(self, other):
        return self.wrap(other) - self

    def __rtruediv__(self, other):
        return self.wrap(other) / self

    def tanh(self):
        y = math.tanh(self.data)
        return self.make(y, (self,), (1 - y * y,), "tanh")

    def exp(self):
        y = math.exp(self.data)
        return self.make(y, (self,), (y,), "exp")

    def relu(self):
        on = self.data > 0
        return self.make(self.data if on else 0.0, (self,), (1.0 if on else 0.0,), "relu")

    def order(self):
        seen, order, waiting = set(), [], [(self, False)]
        while waiting:
            node, done = waiting.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                waiting.append((node, True))
                waiting += [(parent, False) for parent in node.parents]
        return order[::-1]

    def backward(self):
        order = self.order()
        for node in order:
            if node.parents:
                node.grad = 0.0
        self.grad = 1.0
        for node in order:
            node.pass_on()

    def pass_on(self):
        for parent, slope in zip(self.parents, self.locals):  # noqa: B905
            parent.grad += self.grad * slope


# Ten mistakes


class Overwrites(Value):
    def pass_on(self):
        for parent, slope in zip(self.parents, self.locals):  # noqa: B905
            parent.grad = self.grad * slope


class Recurses(Value):
    """No order at all: each node goes on to its parents at once."""

    def backward(self, first=True):
        if first:
            for node in self.order():
                node.grad = 0.0 if node.parents else node.grad
            self.grad = 1.0
        self.pass_on()
        for parent in dict.fromkeys(self.parents):
            parent.backward(False)


class Queues(Value):
    """Breadth first, each node once."""

    def order(self):
        queue, order = [self], []
        while queue:
            node = queue.pop(0)
            if node not in order:
                order.append(node)
                queue += node.parents
        return order


class NeverResets(Value):
    """A zero_grad that was forgotten about."""

    def zero_grad(self):
        pass


class LeavesLeftovers(Value):
    """What micrograd does: nodes between keep their gradients."""

    def backward(self):
        self.grad = 1.0
        for node in self.order():
            node.pass_on()


class LocalOnly(Value):
    def pass_on(self):
        for parent, slope in zip(self.parents, self.locals):  # noqa: B905
            parent.grad += slope


class UpstreamOnly(Value):
    def pass_on(self):
        for parent in self.parents:
            parent.grad += self.grad


class Unswapped(Value):
    def __mul__(self, other):
        other = self.wrap(other)
        return self.make(self.data * other.data, (self, other), (self.data, other.data), "*")


class LosesTheMinus(Value):
    def __sub__(self, other):
        other = self.wrap(other)
        return self.make(self.data - other.data, (self, other), (1.0, 1.0), "-")


class WrongQuantity(Value):
    def tanh(self):
        y = math.tanh(self.data)
        return self.make(y, (self,), (1 - self.data**2,), "tanh")


MISTAKES = {  # and how the bench calls them
    Overwrites: "overwrite",
    Recurses: "order",
    Queues: "breadth-first",
    NeverResets: "zero_grad",
    LeavesLeftovers: "leftovers",
    LocalOnly: "local",
    UpstreamOnly: "upstream",
    Unswapped: "unswapped",
    LosesTheMinus: "sign",
    WrongQuantity: "quantity",
}


# Other mistakes, which are in no list


class Adds(Value):
    """Adds upstream and local."""

    def pass_on(self):
        for parent, slope in zip(self.parents, self.locals):  # noqa: B905
            parent.grad += self.grad + slope


class OverwritesInProducts(Value):
    def pass_on(self):
        for parent, slope in zip(self.parents, self.locals):  # noqa: B905
            flow = self.grad * slope
            parent.grad = flow if self.op == "*" else parent.grad + flow


class OverwritesInSome(Value):
    def pass_on(self):
        for parent, slope in zip(self.parents, self.locals):  # noqa: B905
            flow = self.grad * slope
            parent.grad = flow if self.op in ("*", "tanh") else parent.grad + flow


class StartsAnew(Value):
    """Every backward pass resets everything first."""

    def backward(self):
        for node in self.order():
            node.grad = 0.0
        super().backward()


class WrongPower(Value):
    def __pow__(self, n):
        return self.make(self.data**n, (self,), (n * self.data**n,), "**")


class WrongValue(Value):
    def __sub__(self, other):
        other = self.wrap(other)
        return self.make(other.data - self.data, (self, other), (-1.0, 1.0), "-")


def without(method, name):
    """The right engine without one of its methods, as a class of that name."""
    kept = {one: held for one, held in vars(Value).items() if one not in (method, "__dict__")}
    kept["wrap"] = lambda self, other: other if isinstance(other, type(self)) else type(self)(other)
    return type(name, (), kept)


NoReflection = without("__rsub__", "NoReflection")


class OnlyLeftovers(LeavesLeftovers):
    """As LeavesLeftovers, and so short that it has no minus."""

    __sub__ = __truediv__ = __pow__ = __neg__ = __rsub__ = __rtruediv__ = None


class DeclinesReflection(Value):
    """Has the method, which does not know what to do with a number."""

    def __rsub__(self, other):
        return other.__add__(-self)


class ReflectsWithoutSum(without("__radd__", "NoReflectedSum")):
    """2 - a is written as a sum whose method is missing."""

    def __rsub__(self, other):
        return other + (-self)


class CallsItself(Value):
    def __radd__(self, other):
        return other + self


class OnlyValues(Value):
    """Plain numbers were never thought of."""

    def wrap(self, other):
        return other


class NestsCalls(Value):
    def order(self, seen=None):
        seen = set() if seen is None else seen
        order = []
        for parent in reversed(self.parents):
            if parent not in seen:
                order = parent.order(seen) + order
        seen.add(self)
        return [self, *order]


# Engines that come to no end, or to a bad one


class NeverStarts(Value):
    def backward(self):
        for node in self.order():
            node.pass_on()


class ForgetsReturn(Value):
    def __add__(self, other):
        Value.__add__(self, other)


class Hangs(Value):
    def backward(self):
        while True:
            time.sleep(0.001)


class Exits(Value):
    def backward(self):
        sys.exit(3)


class Vanishes(Value):
    def backward(self):
        os._exit(0)


class Crashes(Value):
    def backward(self):
        os.abort()


class Eats(Value):
    def backward(self):
        self.all = [bytearray(2**24) for _ in range(2**16)]


class Raises(Value):
    def backward(self):
        raise ValueError("not finished yet")


class Asks(Value):
    def backward(self):
        input("go on? ")


class Prints(Value):
    def backward(self):
        print("now in backward")
        super().backward()


class HoldsText(Value):
    def __add__(self, other):
        return self.make(f"{self.data} + {other.data}", (self,), (1.0,), "+")


class NoBackward:
    def __init__(self, data):
        self.data = data


class TwoNumbers:
    def __init__(self, data, grad):
        self.data, self.grad = data, grad

    def backward(self):
        pass


# Right engines that are written in another way


class OtherNames:
    """With `value` and `gradient`, a constructor that asks for more, and a backward that does."""

    def __init__(self, value, children, op_name):
        self.value, self.gradient = value, 0.0
        self.children, self.op_name = children, op_name
        self.slopes = ()

    def __add__(self, other):
        out = OtherNames(self.value + other.value, (self, other), "+")
        out.slopes = (1.0, 1.0)
        return out

    def __mul__(self, other):
        out = OtherNames(self.value * other.value, (self, other), "*")
        out.slopes = (other.value, self.value)
        return out

    def backward(self, gradient):
        self.gradient += gradient
        for child, slope in zip(self.children, self.slopes):  # noqa: B905
            child.backward(gradient * slope)


class Box(list):
    """As an array of one number, which float() does not take."""

    shape = (1,)

    def item(self):
        return self[0]


class Boxed(Value):
    """Its gradients are arrays of one number."""

    @property
    def grad(self):
        return Box([self.number])

    @grad.setter
    def grad(self, new):
        self.number = new.item() if isinstance(new, Box) else new

    def pass_on(self):
        for parent, slope in zip(self.parents, self.locals):  # noqa: B905
            parent.number += self.number * slope


class Refuses(Value):
    """Sweeps a graph once, as PyTorch does."""

    done = False

    def backward(self):
        if self.done:
            raise RuntimeError("this graph was swept already")
        self.done = True
        super().backward()


# Mistakes that others have made


class NoNegative(Value):
    def __neg__(self):
        return type(self)(-self.data, (self,), "neg")


class SwapsReflected(Value):
    def __rsub__(self, other):
        return self - other

    def __rtruediv__(self, other):
        return self / other


class NegatesNothing(Value):
    """The minus gives no value, and 2 - a is written with it."""

    def __neg__(self):
        type(self)(-self.data, (self,), "neg")

    def __rsub__(self, other):
        return other + (-self)


class SwapsSigns(Value):
    def __sub__(self, other):
        other = self.wrap(other)
        return self.make(self.data - other.data, (self, other), (-1.0, 1.0), "-")


class SwapsRules(Value):
    """The local derivatives of sum and product stand in each other's place, with = for +=."""

    def __add__(self, other):
        other = self.wrap(other)
        return self.make(self.data + other.data, (self, other), (other.data, self.data), "+")

    def __mul__(self, other):
        other = self.wrap(other)
        return self.make(self.data * other.data, (self, other), (1.0, 1.0), "*")

    def pass_on(self):
        for parent, slope in zip(self.parents, self.locals):  # noqa: B905
            parent.grad = self.grad * slope


class TwoMistakes(NoNegative):
    """One mistake, and then another one, at other operations."""

    def __sub__(self, other):
        other = self.wrap(other)
        return self.make(self.data - other.data, (self, other), (1.0, 1.0), "-")


class RecursesByEdge(Recurses):
    """As Recurses, but a parent that stands twice in an operation is visited twice."""

    def backward(self, first=True):
        if first:
            for node in self.order():
                node.grad = 0.0 if node.parents else node.grad
            self.grad = 1.0
        self.pass_on()
        for parent in self.parents[::-1]:
            parent.backward(False)


class NotWritten(Value):
    def __truediv__(self, other):
        raise NotImplementedError("to do")
