"""What a model and a loss can reach: generators of random numbers, and whatever they may change."""

import pickle
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import BuiltinMethodType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from autograd.op import Op
from autograd.value import Value
from nn.data import Dataset

__all__ = ["Surroundings"]

MOST = 300_000  # things that are looked at: with more, nothing is said about them
OURS = {"autograd", "nn", "viz", "numpy"}  # code that keeps nothing between calls
PLAIN = (str, int, float, complex, bytes, type(None))  # by their value, all else by identity


class Surroundings:
    """The present state of everything that some functions and objects can reach: attributes,
    containers, variables of functions, globals they name, and generators of random numbers, also
    the two that Python and NumPy share.

    It does not see what code in C keeps, or what is outside of Python. Raises ValueError for what
    has a state that cannot be looked at, such as a file, and for too many things.

    >>> from random import Random
    >>> rng, calls = Random(0), []
    >>> surroundings = Surroundings(rng, calls)
    >>> surroundings.changed()
    False
    >>> first = rng.random()
    >>> surroundings.changed()  # puts the generators back, too
    True
    >>> rng.random() == first
    True
    """

    def __init__(self, *roots: Any) -> None:
        self.roots = roots
        self.generators: list[tuple[Any, Any, bytes]] = []  # with their state, and as bytes
        self.state = self._walked(self.generators)

    def changed(self) -> bool:
        """Whether anything is in another state than at first. The generators are put back into
        theirs."""
        moved = False
        for generator, state, text in self.generators:
            read, write = _reading(generator)
            if pickle.dumps(read()) != text:
                write(state)
                moved = True
        try:
            return moved or self._walked([]) != self.state
        except ValueError:
            return True

    def _walked(self, generators: list) -> dict[int, tuple[Any, Any]]:
        """By identity, each thing that was found, which so stays alive, and what it holds."""
        found: dict[int, tuple[Any, Any]] = {}
        count = 0
        stack = [*self.roots, random.random]
        if "numpy.random" in sys.modules:
            stack.append(sys.modules["numpy.random"].random)
        while stack:
            thing = stack.pop()
            if id(thing) in found or isinstance(thing, PLAIN):
                continue
            if reading := _reading(thing):
                state = reading[0]()
                generators.append((thing, state, pickle.dumps(state)))
                found[id(thing)] = thing, None
                continue
            parts = list(_parts(thing))
            found[id(thing)] = thing, [_mark(part) for part in parts]
            stack += parts
            count += 1 + len(parts)
            if count > MOST:
                raise ValueError("it can reach too much to look through")
        return found


def _mark(thing: Any) -> Any:
    return (thing.__class__, repr(thing)) if isinstance(thing, PLAIN) else id(thing)


def _reading(thing: Any) -> Any:
    """How to read and to write the state of a generator of random numbers; None for all else.
    Raises ValueError for one without a state, such as that of the operating system."""
    if isinstance(thing, random.SystemRandom):
        raise ValueError("it draws random numbers of the operating system")
    if isinstance(thing, random.Random):
        return thing.getstate, thing.setstate
    numpy = sys.modules.get("numpy.random")
    if numpy and isinstance(thing, numpy.RandomState):
        return partial(thing.get_state, legacy=False), thing.set_state
    if numpy and isinstance(thing, numpy.Generator | numpy.BitGenerator):
        bits = getattr(thing, "bit_generator", thing)
        return partial(getattr, bits, "state"), partial(setattr, bits, "state")
    return None


def _parts(thing: Any) -> Iterable[Any]:
    """What a thing holds that it, or somebody else, may replace."""
    if isinstance(thing, Value):
        return [thing.data] if thing.op is None else []
    if isinstance(thing, Op | Dataset | ModuleType | CodeType):
        return []
    if isinstance(thing, Iterator):
        raise ValueError(f"it can reach a {type(thing).__name__}, which goes on from call to call")
    if isinstance(thing, FunctionType):
        return [] if _is_ours(thing) else _of_function(thing)
    if isinstance(thing, MethodType):
        return [thing.__self__, thing.__func__]
    if isinstance(thing, BuiltinMethodType):
        return [thing.__self__]
    if isinstance(thing, partial):
        return [thing.func, thing.args, thing.keywords]
    if isinstance(thing, type):
        return [] if _is_ours(thing) else [*thing.__bases__, *vars(thing).values()]
    if isinstance(thing, property | staticmethod | classmethod):
        return [getattr(thing, name, None) for name in ("fget", "__func__")]
    held: list[Any] = [] if _is_ours(type(thing)) else [type(thing)]
    if hasattr(thing, "tolist"):
        held += thing.ravel().tolist() if thing.dtype == object else [thing.tobytes()]
    elif isinstance(thing, Mapping):
        held += [part for pair in thing.items() for part in pair]
    elif isinstance(thing, list | tuple | set | frozenset):
        held += thing
    slots = [name for one in type(thing).__mro__ for name in vars(one).get("__slots__", ())]
    held += [getattr(thing, name, None) for name in slots if isinstance(name, str)]
    return [*held, *getattr(thing, "__dict__", {}).values()]


def _is_ours(thing: Any) -> bool:
    """Whether code, or a module, belongs to a package that keeps nothing between calls."""
    name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", "")
    package = str(name).partition(".")[0]
    return package in OURS or package in sys.stdlib_module_names


def _of_function(function: Callable) -> Iterator[Any]:
    """The variables that a function can see: its own defaults, those around it, and the globals
    that it names, where it names a module those of its names in there."""
    code: Any = function.__code__
    yield from (function.__defaults__, function.__kwdefaults__, function.__dict__)
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            yield None  # not set yet
    names = _names_in(code)
    spaces = {"": function.__globals__}  # and, by their names, the modules in it
    while spaces:
        _, space = spaces.popitem()
        for name in names & space.keys():
            yield space[name]
            if isinstance(space[name], ModuleType) and not _is_ours(space[name]):
                names = names - {name}
                spaces[name] = vars(space[name])


def _names_in(code: CodeType) -> set[str]:
    """The names of globals and attributes, also in functions that are made inside."""
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return {*code.co_names, *(name for one in inner for name in _names_in(one))}
