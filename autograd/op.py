"""What an operation is: a row of the table."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import signature
from keyword import iskeyword
from math import copysign, inf, isfinite, nan
from string import ascii_lowercase
from typing import Any

from autograd.errors import (
    AutogradError,
    DivisionByZero,
    OutsideDomain,
    TooLarge,
    is_unchecked,
    kind_of,
    unchecked,
)
from autograd.flows import number_now, settled
from autograd.languages.python import ON_FLOATS
from autograd.operand import Operand, described, real
from autograd.symbols import Definition, definition, letters
from autograd.user_text import counted

TABLE: dict[str, "Op"] = {}  # every operation by its name, custom operations included
BUILT_IN: set[str] = set()  # filled once, at the end of ops.py


@dataclass(frozen=True, eq=False, slots=True)
class Op:
    """One elementary function, y = op(a, b, ...).

    `value` is a formula of arithmetic and other operations where it can be; everything else about
    the operation, in every language, follows from it. Where it cannot, it is a function of floats,
    such as `math.exp`, and the operation is a primitive.

    `partials[i]` maps (y, a, b, ...) to the derivative of y with respect to the i-th argument.
    A partial is written with arithmetic and other operations only, so it can be evaluated on
    anything that behaves like a number: floats, Values, formulas, duals. Where the value is a
    formula, partials may be left out: the chain rule finds them.

    A custom operation is recorded, explained, drawn and checked like the built-in ones:

    >>> from autograd import Value, check
    >>> cube = Op("cube", lambda a: a * a * a, (lambda y, a: 3 * a**2,))
    >>> x = Value(2.0, "x")
    >>> cube(x).backward()
    >>> x.grad
    12.0
    >>> check(cube, [2.0]).ok
    True

    Raises ValueError for the name of a built-in operation, for one that is no name in a program,
    for partials left out where the value is no formula, and for LaTeX without a `%s` per argument.
    """

    name: str  # NumPy's name for it, where NumPy has one
    value: Callable[..., Any]
    partials: tuple[Callable, ...] = ()
    symbol: str = ""  # Python's operator, for those that have one; "if" for the choice
    latex: str = ""  # a template with one %s per argument; "" for the name in upright letters
    meaning: str = ""  # what it is, in words
    domain: str = ""  # where it is defined, for those that are not defined everywhere
    poles: tuple[tuple[float, float], ...] = ()  # (a, y): infinities of IEEE 754, where math raises
    corners: Callable[..., tuple] | None = None  # of the arguments: where one of these is 0
    aliases: tuple[str, ...] = ()  # what else people call it when they type
    textbook: Callable[..., Any] | None = None  # a formula for readers, where `value` is none
    _defined: Any = field(default=(), init=False, repr=False)  # the definition, once looked at
    _fast: Any = field(default=None, init=False, repr=False)  # the value on floats, compiled

    def __post_init__(self) -> None:
        if self.name in BUILT_IN:
            raise ValueError(
                f"there is an operation named {self.name} already: choose another name"
            )
        if not is_usable(self.name):
            raise ValueError(
                f"an operation cannot be named {self.name!r:.60}, since programs in every language "
                "call it: choose a name such as cube or my_cube"
            )
        if self.partials == ():
            object.__setattr__(self, "partials", derived(self))
        if not isinstance(self.partials, tuple) or not all(map(callable, self.partials)):
            raise TypeError(
                f"the partials of {self.name} are a tuple of functions, one per argument"
            )
        if BUILT_IN:  # the rows of the table are tested, and imported quickly
            check_arguments(self)
        try:
            self.latex_of(["a"] * len(self.partials))
        except (TypeError, ValueError, KeyError):
            raise ValueError(
                f"the LaTeX of {self.name} needs one %s for each of its {len(self.partials)} "
                f"arguments: {self.latex!r:.60}"
            ) from None
        TABLE[self.name] = self

    @property
    def is_built_in(self) -> bool:
        """Whether it is an operation of the table in ops.py, and no custom one."""
        return self.name in BUILT_IN and TABLE.get(self.name) is self

    @property
    def definition(self) -> Definition | None:
        """What it is in other operations; None for a primitive."""
        if self._defined == ():
            found = definition(self.value, letters(len(self.partials)))
            if found and getattr(found.root, "op", None) is self:
                found = None  # operator.add on symbols is the operation itself
            object.__setattr__(self, "_defined", found)
        return self._defined

    @property
    def formula(self) -> Definition | None:
        """What `unfold` puts in its place: how textbooks write it, or else its definition. It has
        the same value and derivatives, but may overflow, or lose digits, where the operation does
        not. None where there are no simpler operations."""
        if self.textbook is None:
            return self.definition
        return definition(self.textbook, letters(len(self.partials)))

    @property
    def on_floats(self) -> Callable[..., float]:
        """The value as a function of floats: the definition compiled, or the primitive."""
        if self._fast is None:
            fast = self.value
            if self.definition:
                functions = {op.name: op.on_floats for op in self.definition.ops()}
                fast = ON_FLOATS.compiled(self.definition, functions)
            object.__setattr__(self, "_fast", fast)
        return self._fast

    def __call__(self, *args: Any) -> Any:
        """The operation on plain numbers, or recorded when an argument is an Operand."""
        if len(args) != len(self.partials):
            raise TypeError(self.wrong_count(len(args)))
        for arg in args:
            if isinstance(arg, Operand):
                return arg.apply(self, args)
        return self.at(*[real(arg, self.name) for arg in args])

    def at(self, *numbers: float) -> float:
        """The value at plain floats.

        Finite numbers with a non-finite result raise DivisionByZero, OutsideDomain or TooLarge,
        unless that is `unchecked`. Infinities and nans that the caller brought along propagate as
        in IEEE 754.
        """
        kind: type[AutogradError]
        try:
            result = self.on_floats(*numbers)
        except (ArithmeticError, ValueError) as error:
            kind = kind_of(error)
        else:
            if result.__class__ is not float:
                result = real(result, self.name)
            if isfinite(result):
                return result
            kind = OutsideDomain if result != result else TooLarge
        if all(map(isfinite, numbers)) and not is_unchecked():
            raise kind(self.complaint(kind, numbers))
        return self.ieee(*numbers)

    def ieee(self, *numbers: float) -> float:
        """The value at plain floats for programs, which never raise: an infinity or a nan where
        `at` would."""
        try:
            return float(self.on_floats(*numbers))
        except (OverflowError, ZeroDivisionError) as error:
            if any(number != number for number in numbers):
                return nan  # which CPython 3.11 may take for an overflow that came before
            if self.symbol == "/":
                return numbers[0] * copysign(inf, numbers[-1])
            if isinstance(error, OverflowError):
                places = [0]
            else:
                places = [i for i, number in enumerate(numbers) if number == 0]
            return copysign(inf, self.value_near(numbers, places))
        except ValueError:
            return dict(self.poles).get(numbers[0], nan)

    def value_near(self, numbers: Sequence[float], places: Sequence[int]) -> float:
        """A finite value with the sign that an infinite one has: that of the first point with a
        finite value as the arguments in these places move towards 1 or -1."""
        near = list(numbers)
        for _ in range(60):  # square roots, until it is 1
            for i in places:
                near[i] = copysign(math.sqrt(abs(near[i])) or 5e-324, near[i])
            try:
                return float(self.on_floats(*near))
            except (OverflowError, ZeroDivisionError):
                continue
            except ValueError:
                break
        return 1.0

    def slope(self, position: int, y: Any, args: Any, shown: Any = None) -> Any:
        """∂y/∂(argument number `position`), in whatever arithmetic y and args belong to.

        On floats the same rule holds, and the same errors are raised, as in `at`: DivisionByZero
        for the square root at 0, for example. `shown` is what the message calls the arguments.
        Raises TypeError for a partial that works on floats only, where y and args are not.
        """
        kind: type[AutogradError]
        try:
            slope = self.partials[position](y, *args)
            if slope.__class__ is not float and not isinstance(slope, Operand):
                # a custom operation may say 1
                slope = real(slope, f"the local derivative of {self.name}")
        except (ArithmeticError, ValueError) as error:
            kind, slope = kind_of(error), nan
        except TypeError as error:
            if self.name in BUILT_IN or all(arg.__class__ is float for arg in args):
                raise
            raise TypeError(
                f"the local derivative of {self.name} works on floats only: write its partial with "
                "arithmetic and operations of autograd, such as autograd.cos instead of math.cos"
            ) from error
        else:
            if slope.__class__ is not float or isfinite(slope):
                return slope
            kind = OutsideDomain if slope != slope else TooLarge
        if is_unchecked() or any(x.__class__ is float and not isfinite(x) for x in (y, *args)):
            return slope
        raise kind(self.complaint(kind, shown or args, position))

    def latex_of(self, args: Sequence[str]) -> str:
        """The operation on these pieces of LaTeX."""
        if "%(" in self.latex:  # by letter, where the order is another one
            return self.latex % dict(zip(ascii_lowercase, args, strict=False))
        if self.latex:
            return self.latex % tuple(args)
        name = self.name.replace("_", r"\_")
        return rf"\operatorname{{{name}}}\left({', '.join(args)}\right)"

    def partial_definition(self, position: int) -> Definition | None:
        """A partial as a formula of y and the arguments; None if it works on floats only."""
        names = ["y", *letters(len(self.partials))]
        return definition(lambda *args: settled(self.partials[position](*args)), names)

    def is_stepwise(self, position: int) -> bool:
        """Whether the local derivative with respect to an argument is constant between corners, as
        that of relu is."""
        slope = self.partial_definition(position) if self.corners else None
        return slope is not None and all(part.symbol or part.corners for part in slope.ops())

    def wrong_count(self, count: int, name: str = "") -> str:
        """The sentence about a call with `count` arguments, under the name that was used for it."""
        wanted = {1: "one argument", 2: "two arguments"}.get(
            len(self.partials), f"{len(self.partials)} arguments"
        )
        return f"{name or self.name} takes {wanted}, and was given {count}"

    def complaint(self, kind: type[AutogradError], args: Any, towards: int | None = None) -> str:
        """The sentence that says what went wrong, and at which numbers: of the value, or of the
        local derivative `towards` an argument."""
        call = f"{self.name}({', '.join(map(described, args))})"
        if towards is not None:
            if len(args) > 1:
                argument = getattr(args[towards], "label", "") or ascii_lowercase[towards]
                call += f" towards {argument}"
            problem = "is too large for a float" if kind is TooLarge else "does not exist"
            if kind is DivisionByZero:
                problem += ": its formula divides by zero"
            return f"the local derivative of {call} {problem}"
        if kind is DivisionByZero:
            return f"{call}: division by zero"
        if kind is TooLarge:
            return f"{call}: too large for a float"
        if not self.domain:
            return f"{call}: it does not exist there"
        places = ", ".join(ascii_lowercase[: len(args)])
        return f"{call}: {self.name}({places}) is defined only for {self.domain}"

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __deepcopy__(self, memo: dict) -> "Op":
        return self  # so that `op is multiply` holds in copied graphs too

    def __reduce__(self) -> tuple:
        if TABLE.get(self.name) is not self:
            raise ValueError(f"{self.name} was made anew: graphs of the old row cannot be pickled")
        return operation_named, (self.name,)  # rows hold lambdas, which cannot be pickled


class Choice(Op):
    """The operation that chooses: y = b where the condition a holds (is not 0), and else c.

    A branch may be a function of no arguments. On plain numbers only the one that is taken is
    called. On what is recorded both are, so that a program holds both: the other one `unchecked`.
    """

    __slots__ = ()

    def __call__(self, *args: Any) -> Any:
        if len(args) != len(self.partials):
            raise TypeError(self.wrong_count(len(args)))
        condition, *branches = args
        if not isinstance(condition, Operand):
            taken = branches[not real_or_bool(condition)]
            taken = taken() if is_late(taken) else taken
            return taken if isinstance(taken, Operand) else real(taken, self.name)
        now = number_now(condition)
        for i, branch in enumerate(branches):
            if is_late(branch):
                if now is not None and (now == 0) is bool(i):
                    branches[i] = branch()
                else:
                    with unchecked():
                        branches[i] = branch()
        return condition.apply(self, (condition, *branches))


def is_late(branch: Any) -> bool:
    """Whether a branch is a function, to be called where the branch is wanted."""
    return callable(branch) and not isinstance(branch, Operand)


def real_or_bool(condition: Any) -> float:
    return condition if condition.__class__ is bool else real(condition, "a condition")


def derived(op: Op) -> tuple[Callable, ...]:
    """The partials of a formula, which the chain rule finds when they are first wanted."""
    count = getattr(getattr(op.value, "__code__", None), "co_argcount", 0)
    # the table itself is still being made: its rows have no operators yet
    if count == 0 or (BUILT_IN and definition(op.value, letters(count)) is None):
        raise ValueError(
            f"{op.name} needs its partials: they can only be left out where the value is a formula "
            "of arithmetic and operations of autograd, such as autograd.cos instead of math.cos"
        )

    def towards(position: int) -> Callable:
        slopes: list[Definition] = []

        def slope(y: Any, *args: Any) -> Any:
            if not slopes:
                assert op.definition is not None
                slopes.append(op.definition.derivative(position))
            return slopes[0].at(*args)

        return slope

    return tuple(map(towards, range(count)))


def check_arguments(op: Op) -> None:
    """Raise TypeError for a value that takes no argument per partial, or a partial that does not
    take y and these."""
    names = letters(len(op.partials))
    functions = [("its value", op.value, names)]
    functions += [(f"partials[{i}]", f, ["y", *names]) for i, f in enumerate(op.partials)]
    for what, function, arguments in functions:
        with suppress(ValueError):  # some functions that are written in C have no signature
            try:
                signature(function).bind(*arguments)
            except TypeError:
                raise TypeError(
                    f"{op.name} has {counted(len(names), 'partial')}, so {what} must be a function "
                    f"of {', '.join(arguments)}"
                ) from None


def is_usable(name: Any) -> bool:
    """Whether an operation may have this name: programs write `name(a)`, beside results and leaves
    that are called v0 and leaf0."""
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        return False
    letters = name.rstrip("0123456789")
    return len(name) > 1 and name != "program" and letters not in ("v", "x", "leaf")


def operation_named(name: str) -> Op:
    """The operation called `name`; a KeyError says how to bring back a custom one."""
    if name not in TABLE:
        raise KeyError(f"no operation is named {name}: make it again before loading")
    return TABLE[name]
