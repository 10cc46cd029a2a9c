"""The optimisers: SGD, Adam, AdamW and RMSProp."""

from collections.abc import Iterable

from autograd.checks import finite, fraction, positive
from autograd.ops import sqrt
from autograd.value import Value
from nn.optim.optimizer import Optimizer
from nn.optim.schedules import Schedule

__all__ = ["OPTIMIZERS", "SGD", "Adam", "AdamW", "RMSProp"]


class SGD(Optimizer):
    """Gradient descent, optionally with momentum: velocity ← momentum · velocity + gradient, then
    x ← x − rate · velocity.

    `nesterov` looks ahead: x ← x − rate · (gradient + momentum · velocity). `weight_decay` adds
    weight_decay · x to the gradient. Raises what `Optimizer` raises, and ValueError unless
    0 <= momentum < 1, weight_decay >= 0, and there is momentum for nesterov. The formulas are
    PyTorch's, after I. Sutskever et al., "On the importance of initialization and momentum",
    ICML 2013.

    >>> x = Value(3.0)
    >>> optimizer = SGD([x], learning_rate=0.25)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> x.data
    1.5
    """

    slots = ("velocity",)

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.1,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.momentum = fraction(momentum, "momentum")
        self.nesterov = bool(nesterov)
        self.weight_decay = finite(weight_decay, "weight_decay", least=0)
        if nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum greater than 0")

    def moved(self, x, gradient, rate, velocity):
        gradient = gradient + self.weight_decay * x
        velocity = self.momentum * velocity + gradient
        move = gradient + self.momentum * velocity if self.nesterov else velocity
        return x - rate * move, velocity


class Adam(Optimizer):
    """Gradient descent with a step size of its own for every parameter.

    m is the running mean of a parameter's gradients, v that of their squares, and a step is x ← x −
    rate · m / (√v + eps). Both means start from 0; dividing them by 1 − betaⁿ after n updates
    corrects for that. `betas` are the shares of m and of v that a step keeps; `eps` prevents a
    division by 0. Raises what `Optimizer` raises, and ValueError unless `betas` are two numbers
    from 0 to below 1, and eps > 0. From D. P. Kingma and J. Ba, "Adam: a method for stochastic
    optimization", https://arxiv.org/abs/1412.6980.

    >>> x = Value(3.0)
    >>> optimizer = Adam([x], learning_rate=0.25)
    >>> (x**2).backward()
    >>> optimizer.step()  # the first step has the length of the rate, whatever the gradient
    >>> round(x.data, 6)
    2.75
    """

    slots = ("first_moment", "second_moment", "updates")
    never_negative = ("second_moment", "updates")

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(parameters, learning_rate)
        if len(betas) != 2:
            raise ValueError(f"betas are two numbers, and {len(betas)} were given")
        self.betas = fraction(betas[0], "betas[0]"), fraction(betas[1], "betas[1]")
        self.eps = positive(eps, "eps")

    def moved(self, x, gradient, rate, m, v, n):
        beta1, beta2 = self.betas
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient * gradient
        n += 1
        mean = m / (1 - beta1**n)
        size = sqrt(v) / sqrt(1 - beta2**n)
        return x - rate * mean / (size + self.eps), m, v, n


class AdamW(Adam):
    """Adam with a weight decay that does not enter its means: first x ← x · (1 − rate ·
    weight_decay).

    Raises ValueError for a negative weight_decay, and as Adam does. From I. Loshchilov and
    F. Hutter, "Decoupled weight decay regularization", https://arxiv.org/abs/1711.05101.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, betas, eps)
        self.weight_decay = finite(weight_decay, "weight_decay", least=0)

    def moved(self, x, gradient, rate, m, v, n):
        return super().moved(x * (1 - rate * self.weight_decay), gradient, rate, m, v, n)


class RMSProp(Optimizer):
    """Gradient descent by gradient / (√mean_square + eps), where mean_square is the running mean
    of the gradient's squares, optionally with momentum.

    `decay` is the share of mean_square that a step keeps, `momentum` that of the last step.
    Raises what `Optimizer` raises, and ValueError unless 0 <= decay < 1, 0 <= momentum < 1, and
    eps > 0. From T. Tieleman and G. Hinton, lecture 6.5 of "Neural networks for machine learning"
    (2012), as PyTorch has it.
    """

    slots = ("mean_square", "velocity")
    never_negative = ("mean_square",)

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.01,
        decay: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.decay = fraction(decay, "decay")
        self.eps = positive(eps, "eps")
        self.momentum = fraction(momentum, "momentum")

    def moved(self, x, gradient, rate, mean_square, velocity):
        mean_square = self.decay * mean_square + (1 - self.decay) * gradient * gradient
        velocity = self.momentum * velocity + gradient / (sqrt(mean_square) + self.eps)
        return x - rate * velocity, mean_square, velocity


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSProp,
}  # fmt: skip
