"""The API of micrograd's tutorials: their scripts run here with only the import changed.

>>> from autograd.micrograd import MLP, Value
>>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
>>> e = a * b
>>> e._op, e._prev == (a, b)
('*', True)
>>> e.grad = 1.0
>>> e._backward()
>>> a.grad, b.grad
(-3.0, 2.0)
>>> MLP(2, [3, 1])
MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(3)]]

It serves micrograd's repository, its video lecture, the EurekaLabs script and microgpt; the
networks are the repository's, the other three write their own. Where a tutorial says
`from micrograd import nn`, say `from autograd import micrograd as nn`.

A tutorial Value is one of ours: `explain`, `viz.draw` and `viz.save` take it, and its local
derivatives come from the table. Five things differ from the originals. Every backward pass computes
gradients of its own, so two on one graph give twice the gradient, and not more. Graphs may be as
deep as they like. `-` and `/` are operations of their own, where micrograd computes a + (-b) and a
* b**-1. Numbers are kept as floats, so `Value(2)` prints as `Value(data=2.0, grad=0)`. And where
micrograd would silently give wrong gradients, as when a leaf is changed between forward and
backward, there is an error that says so.

The tutorials say `_prev` and `_children` for what all other files call parents. Values of
`autograd`, such as the parameters of `nn`, may take part, but have neither of these, nor a
`_backward`.
"""

from autograd.micrograd.custom import KnownAtOnePoint
from autograd.micrograd.networks import MLP, Layer, Module, Neuron
from autograd.micrograd.value import Value

__all__ = ["MLP", "KnownAtOnePoint", "Layer", "Module", "Neuron", "Value"]
