"""What all optimisers have in common, and clipping.

An optimiser has a rule for one parameter, given its gradient. The base class applies it to all of
them, so that whatever happens, an error or Ctrl-C, every parameter has taken the step or none has.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from math import hypot, inf, isfinite
from typing import Any

from autograd.bulk import ASSIGN_IS_ATOMIC, Column, all_finite, assign, data_of, grads_of
from autograd.checks import whole
from autograd.errors import TooLarge
from autograd.operand import real
from autograd.user_text import counted
from autograd.value import Value
from nn.interrupts import uninterrupted
from nn.optim.recorded_rule import ColumnRule, OnColumns, one_by_one
from nn.optim.schedules import Schedule, constant

__all__ = ["Optimizer", "clip_gradients"]


class Optimizer:
    """Moves parameters against their gradients; SGD, Adam, AdamW and RMSProp define how far.

    `parameters` are leaf Values; `learning_rate` is a positive number, or a schedule: a function
    from the number of a step, counted from 0, to its rate. `steps` counts the steps taken.

    A subclass defines `moved`, the update rule for one parameter; `slots`, the names of the numbers
    that it keeps for each parameter and that start from 0; and `never_negative`, those of them that
    no step makes negative. `state` holds these numbers, a list per slot.

    Raises ValueError for an empty list of parameters, for a parameter that is listed twice or is no
    leaf, and for a learning rate that is not positive and finite; TypeError for a parameter that is
    no Value.

    >>> class HalfMomentum(Optimizer):
    ...     slots = ("velocity",)
    ...
    ...     def moved(self, x, gradient, rate, velocity):
    ...         velocity = 0.5 * velocity + gradient
    ...         return x - rate * velocity, velocity
    >>> x = Value(3.0)
    >>> optimizer = HalfMomentum([x], learning_rate=0.25)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> x.data, optimizer.state_dict()
    (1.5, {'steps': 1, 'velocity': [6.0]})
    """

    slots: tuple[str, ...] = ()
    never_negative: tuple[str, ...] = ()  # the slots that hold sums of squares, or count

    def __init__(self, parameters: Iterable[Value], learning_rate: float | Schedule) -> None:
        self.parameters = _leaves(type(self).__name__, parameters)
        self.schedule: Schedule = (
            learning_rate if callable(learning_rate) else constant(learning_rate)
        )
        self.steps = 0
        self.state: dict[str, Column] = {s: [0.0] * len(self.parameters) for s in self.slots}
        self._recorded: tuple[dict, OnColumns] | None = None

    def moved(self, x: float, gradient: float, rate: float, *remembered: float) -> tuple:
        """The update rule: the new number of a parameter that is x, and the new number of each of
        its slots, as a tuple.

        `remembered` is the number in each of `slots`, in their order. Raises NotImplementedError
        unless a subclass defines it.
        """
        raise NotImplementedError(f"{type(self).__name__} has no method `moved`, its update rule")

    @property
    def rate(self) -> float:
        """The learning rate of the next step. A schedule may let it fall to 0.

        Raises ValueError when the schedule returns a negative rate or one that is not finite,
        TypeError when it returns no number.
        """
        return self._rate_of(self.steps)

    def _rate_of(self, step: int) -> float:
        rate = real(self.schedule(step), "a learning rate")
        if not 0 <= rate < inf:
            raise ValueError(
                f"the learning rate of step {step} must be finite and at least 0, not {rate!r}"
            )
        return rate

    def rates(self, count: int) -> list[float]:
        """The learning rates of the next steps: so many, or fewer, up to the first that `rate` will
        refuse."""
        if isinstance(self.schedule, constant):
            return [self.schedule.rate] * count
        found: list[float] = []
        with suppress(Exception):
            found.extend(self._rate_of(self.steps + k) for k in range(count))
        return found

    def step(self, gradients: Column | None = None) -> None:
        """Move every parameter that has a gradient. One whose `grad` is None stays as it is.

        `gradients`, such as a program's, one for each of `parameters` in their order, are used
        instead of those in `grad`. Graphs recorded before the step are stale after.

        A step is taken as a whole or not at all, whatever raises and whenever Ctrl-C is pressed.
        Raises TooLarge when a new number is not finite, ValueError for too many or too few
        gradients, and what `rate` and `moved` raise.
        """
        rate = self.rate
        moving: Sequence[int] = range(len(self.parameters))
        if gradients is None:
            moving, gradients = self._gradients()
        elif len(gradients) != len(moving):
            raise ValueError(f"{len(gradients)} gradients for {len(moving)} parameters")
        parameters, before = self.parameters, list(self.state.values())
        if len(moving) < len(parameters):
            parameters = [parameters[i] for i in moving]
            before = [[numbers[i] for i in moving] for numbers in before]
        columns = [data_of(parameters), gradients, *before]
        rule: ColumnRule = self.rule_on_columns() if self.is_built_in else one_by_one(self.moved)
        after = rule(columns, rate) if moving else columns[:1] + before
        if not all(map(all_finite, after)):
            raise self._refusal(moving, gradients, rate, after)
        state = dict(zip(self.slots, after[1:], strict=True))
        if len(moving) < len(self.parameters):
            state = {slot: list(numbers) for slot, numbers in self.state.items()}
            for numbers, new in zip(state.values(), after[1:], strict=True):
                for i, number in zip(moving, new, strict=True):
                    numbers[i] = number
        # The compiled engine does it in one call, which Ctrl-C cannot interrupt.
        with nullcontext() if ASSIGN_IS_ATOMIC else uninterrupted():
            assign(parameters, after[0], self, {"state": state, "steps": self.steps + 1})

    def _gradients(self) -> tuple[Sequence[int], Column]:
        """Which parameters have a gradient, and these gradients."""
        ours = range(len(self.parameters))
        try:
            if (gradients := grads_of(self.parameters)) is not None:
                return ours, gradients
        except TypeError:
            pass  # raised again below, with the name of the parameter
        moving = [i for i in ours if self.parameters[i].grad is not None]
        return moving, [
            real(self.parameters[i].grad, f"the gradient of {_named(self.parameters[i], i)}")
            for i in moving
        ]

    @property
    def is_built_in(self) -> bool:
        """Whether the rule is one of ours. That of a user's subclass may use anything, such as
        `steps`."""
        return type(self).moved.__module__.startswith(f"{__package__}.")

    def settings(self) -> dict[str, Any]:
        """What the rule depends on."""
        return {name: value for name, value in vars(self).items() if name not in _COMMON}

    def rule_on_columns(self) -> OnColumns:
        """`moved` for all parameters at once, recorded with the current settings."""
        settings = self.settings()
        if self._recorded is None or self._recorded[0] != settings:
            self._recorded = settings, OnColumns(self.moved, len(self.slots))
        return self._recorded[1]

    def _refusal(
        self, moving: Sequence[int], gradients: Column, rate: float, after: list[Column]
    ) -> TooLarge:
        """The error for a step that would set a number that is not finite."""
        place, what, number = next(
            (place, what, numbers[place])
            for place in range(len(moving))
            for what, numbers in zip(("", *self.slots), after, strict=True)
            if not isfinite(numbers[place])
        )
        i = moving[place]
        return TooLarge(
            f"step {self.steps} of {type(self).__name__} would set "
            f"{f'the {what} of ' if what else ''}{_named(self.parameters[i], i)} to "
            f"{float(number)!r} (gradient {gradients[place]:g}, learning rate {rate:g}): "
            "nothing was changed, and a smaller rate or clipped gradients may help"
        )

    def zero_grad(self) -> None:
        """Reset the gradients, so that the next backward pass starts from zero."""
        for parameter in self.parameters:
            parameter.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """Everything that another optimiser needs to continue: `steps`, and a list of floats per
        slot, in the order of the parameters. The parameters themselves are not in it."""
        return {"steps": self.steps} | {
            slot: [float(number) for number in numbers] for slot, numbers in self.state.items()
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state_dict` returned, for as many parameters.

        Raises ValueError for missing or unknown names, for lists of another length, and for
        numbers that no step produces; TypeError for what is no number. Nothing has changed when it
        raises.
        """
        kind = type(self).__name__
        expected = ["steps", *self.slots]
        if sorted(map(str, state)) != sorted(expected):
            raise ValueError(
                f"the state of {kind} has the entries {', '.join(expected)}, "
                f"and was given {', '.join(map(str, state)) or 'none'}"
            )
        steps = whole(state["steps"], "steps", least=0)
        new = {}
        for slot in self.slots:
            new[slot] = [real(number, slot) for number in state[slot]]
            if len(new[slot]) != len(self.parameters):
                raise ValueError(
                    f"{slot} has {counted(len(new[slot]), 'number')}, and this {kind} has "
                    f"{counted(len(self.parameters), 'parameter')}"
                )
            for i, number in enumerate(new[slot]):
                if not isfinite(number) or (number < 0 and slot in self.never_negative):
                    raise ValueError(f"{slot}[{i}] is {number!r}, which no step of {kind} produces")
        with uninterrupted():
            self.state, self.steps = new, steps

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_recorded": None}  # a program, recorded again when it is needed

    def __repr__(self) -> str:
        """Its settings. A schedule that is a function is shown by its name."""
        made = {"learning_rate": getattr(self.schedule, "__qualname__", self.schedule)}
        made |= self.settings()
        settings = ", ".join(f"{name}={value}" for name, value in made.items())
        return f"{type(self).__name__}({len(self.parameters)} parameters, {settings})"


_COMMON = ("parameters", "schedule", "steps", "state", "_recorded")  # what every optimiser has


def clip_gradients(parameters: Iterable[Value], largest_norm: float) -> float:
    """Scale the gradients of all parameters down together, so that their norm is at most
    `largest_norm`.

    The direction stays the same. Returns the norm before clipping, the root of the sum of squares;
    a `grad` of None counts as 0, and stays None. Raises ValueError unless largest_norm > 0,
    and for parameters that no optimiser would take; TooLarge when the norm is not finite, and
    nothing is clipped then. From R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of
    training recurrent neural networks", https://arxiv.org/abs/1211.5063.

    >>> a, b = Value(1.0), Value(1.0)
    >>> (30 * a + 40 * b).backward()
    >>> clip_gradients([a, b], largest_norm=1.0)
    50.0
    >>> a.grad, b.grad
    (0.6, 0.8)
    """
    if not real(largest_norm, "largest_norm") > 0:
        raise ValueError(f"largest_norm must be positive, not {largest_norm!r}")
    gradients = {
        parameter: real(parameter.grad, f"the gradient of {_named(parameter, i)}")
        for i, parameter in enumerate(_leaves("clip_gradients", parameters))
        if parameter.grad is not None
    }
    norm = hypot(*gradients.values())
    if not isfinite(norm):
        raise TooLarge(f"the norm of the gradients is {norm!r}: nothing was clipped")
    if norm > largest_norm:
        clipped = [(p, gradient / norm * largest_norm) for p, gradient in gradients.items()]
        with uninterrupted():
            for parameter, gradient in clipped:
                parameter.grad = gradient
    return norm


def _leaves(name: str, parameters: Iterable[Value]) -> list[Value]:
    """The parameters as a list of distinct leaves. Raises an error that names one that is not."""
    if not isinstance(parameters, Iterable):
        raise TypeError(f"{name} takes a list of parameters, not {type(parameters).__name__}")
    parameters = list(parameters)
    first: dict[Value, int] = {}
    for i, parameter in enumerate(parameters):
        if not isinstance(parameter, Value):
            raise TypeError(f"{name}: parameters[{i}] is no Value, but {type(parameter).__name__}")
        if parameter.op is not None:
            raise ValueError(
                f"{name}: {_named(parameter, i)} is the result of {parameter.op.name}, "
                "and only leaves are parameters"
            )
        if parameter in first:
            raise ValueError(
                f"{name}: {_named(parameter, i)} is listed twice, "
                f"as parameters[{first[parameter]}] and parameters[{i}]"
            )
        first[parameter] = i
    if not parameters:
        raise ValueError(f"{name} needs at least one parameter, and was given none")
    return parameters


def _named(parameter: Value, i: int) -> str:
    return parameter.label or f"parameters[{i}]"
