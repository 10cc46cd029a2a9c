"""Which steps the compiled machine takes: a listing, made ready for many examples at once.

What depends on parameters and constants only is *uniform*: computed once. Everything else is a
*lane*: a number per example. A plan is data, and knows nothing of how its steps are carried out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograd.op import Op

if TYPE_CHECKING:
    from autograd.program.listing import Listing

LONGEST = 64  # terms of a chain: it keeps all its lanes waiting until it runs


@dataclass(eq=False, slots=True)
class Lane:
    """A number per example, and the buffer it lies in between its first step and its last."""

    buffer: int = 0
    last: int = -1


@dataclass(slots=True)
class Step:
    """An operation on lanes, and on uniforms, which are the ints.

    Besides the rows of the table there are: load (a column of the inputs), spread (a uniform over
    a lane), chain (target = args[0] + left * right + left * right ..., in this order), dots (to
    the total number `right`, for every pair, the sum of args[0] * left), store (as an end).
    """

    op: str
    target: Lane | None
    args: tuple["Lane | int", ...] = ()
    pairs: list[tuple["Lane | int", "Lane | int"]] = field(default_factory=list)

    @property
    def lanes(self) -> list[Lane]:
        """The lanes that are read."""
        read = [*self.args, *(x for pair in self.pairs for x in pair)]
        return [x for x in read if isinstance(x, Lane)]


class Plan:
    """The steps of a listing. Where `summed`, its value and gradients are wanted as sums over the
    examples, else as columns; what comes `also` is always a column.

    `once` holds the steps that are the same for all examples, whose targets are places in
    `uniforms`; `steps` holds the others, with one of `buffers` buffers per lane, of which number 0
    is full of ones. `totals[end]` is the number of the total that a summed end reads.
    `uniform_ends` are pairs (end, uniform) of what each example adds to a summed end beside its
    total.
    """

    def __init__(self, listing: "Listing", summed: bool) -> None:
        self.listing, self.summed = listing, summed
        first = listing.inputs
        self.uniforms = [0.0] * listing.parameters  # with the constants, to start from
        self.place: dict[int | str, int] = {first + i: i for i in range(listing.parameters)}
        self.once: list[tuple[str, int, list[int]]] = []
        self.ones, self.one = Lane(), self.uniform(1.0)
        self.negative_zero = self.uniform(-0.0)  # x + -0.0 is x, for 0.0 and -0.0 as well

        self.made: dict[int, tuple[Op, tuple[int | float, ...]]] = {}
        self.lanes: dict[int, Lane] = {wire: Lane() for wire in range(first)}
        for wire, (op, args) in enumerate(listing.instructions, listing.leaves):
            if any(arg in self.lanes for arg in args if isinstance(arg, int)):
                self.made[wire], self.lanes[wire] = (op, args), Lane()
            else:
                places = [self.uniform(arg) for arg in args]
                self.place[wire] = self.new_uniform()
                self.once.append((op.name, self.place[wire], places))

        self.readers = wires(arg for _, args in self.made.values() for arg in args)
        self.readers += wires(listing.ends)
        self.fused: set[int] = set()  # products and sums that are part of a greater step
        self.uniform_ends: list[tuple[int, int]] = []
        self.totals: dict[int, int] = {}
        self.stored: dict[int, list[int]] = defaultdict(list)
        self.dots: dict[int, list] = defaultdict(list)  # by the later of their two lanes
        self.look_at_ends()
        self.chains: dict[int, Step] = {}
        for wire, (op, args) in self.made.items():
            if op.symbol == "+" and wire not in self.fused:
                self.chains[wire] = self.chain(self.lanes[wire], *args)

        self.steps: list[Step] = []
        self.write()
        self.buffers = buffers(self.steps, self.ones)
        self.examples_at_once = examples_at_once(self.buffers)

    def new_uniform(self, number: float = 0.0) -> int:
        self.uniforms.append(number)
        return len(self.uniforms) - 1

    def uniform(self, x: int | float) -> int:
        """The place of a uniform wire, or of a constant."""
        key = x if isinstance(x, int) else repr(x)  # 0.0 and -0.0 are equal
        if key not in self.place:
            self.place[key] = self.new_uniform(float(x))
        return self.place[key]

    def is_lane(self, x: int | float) -> bool:
        return isinstance(x, int) and x in self.lanes

    def operand(self, x: int | float) -> Lane | int:
        return self.lanes[int(x)] if self.is_lane(x) else self.uniform(x)

    def look_at_ends(self) -> None:
        """Sort the ends into uniforms, columns and sums, and the sums into dots."""
        listing = self.listing
        sums = 1 + len(listing.gradients) if self.summed else 0
        only_summed = wires(listing.ends[:sums])
        numbers: dict[int, int] = {}  # of the totals, by wire
        for i, end in enumerate(listing.ends):
            if not isinstance(end, int) or not self.is_lane(end):
                self.uniform_ends.append((i, self.uniform(end)))
            elif i >= sums:
                self.stored[end].append(i)
            else:
                if i > 0 and only_summed[end] == 1:  # the value is added up as it is
                    end = self.without_uniforms(i, end)
                if end not in numbers:
                    numbers[end] = len(numbers)
                    alone = self.readers[end] == max(only_summed[end], 1)
                    self.add_dot(self.factors(end) if alone else None, end, numbers[end])
                self.totals[i] = numbers[end]

    def without_uniforms(self, i: int, end: int) -> int:
        """The lane in a sum of a lane and uniforms, which a total adds up apart: such as the
        gradient of a loss, and that of a penalty on the parameters."""
        while self.readers[end] == 1:
            op, args = self.made.get(end, (None, ()))
            lanes = [arg for arg in args if isinstance(arg, int) and self.is_lane(arg)]
            if not op or op.symbol != "+" or len(lanes) != 1:
                break
            self.fused.add(end)
            self.uniform_ends.append((i, self.uniform(args[1] if args[0] == lanes[0] else args[0])))
            end = lanes[0]
        return end

    def add_dot(self, pair: list[int] | None, end: int, number: int) -> None:
        """A total: of the product of two lanes, when nobody else needs that, or of a lane."""
        if pair is None:
            self.dots[end].append((self.ones, number))
        else:
            self.fused.add(end)
            earlier, later = sorted(pair)
            self.dots[later].append((self.lanes[earlier], number))

    def factors(self, wire: int) -> list[int] | None:
        """The two lanes of which this wire is the product, if it is one."""
        op, args = self.made.get(wire, (None, ()))
        if not op or op.symbol != "*" or not all(map(self.is_lane, args)):
            return None
        return [arg for arg in args if isinstance(arg, int)]

    def is_term(self, x: int | float) -> bool:
        """Whether x is a uniform times a lane, needed in one place only."""
        if not isinstance(x, int) or x not in self.made or self.readers[x] > 1:
            return False
        op, args = self.made[x]
        return op.symbol == "*" and not all(map(self.is_lane, args))

    def term(self, x: int | float) -> tuple[int, Lane]:
        """x as a uniform times a lane; the product with 1.0 is exact."""
        if not self.is_lane(x):
            return self.uniform(x), self.ones
        if not self.is_term(x):
            return self.one, self.lanes[int(x)]
        self.fused.add(int(x))
        a, b = self.made[int(x)][1]
        a, b = (b, a) if self.is_lane(a) else (a, b)
        return self.uniform(a), self.lanes[int(b)]

    def chain(self, target: Lane, a: int | float, b: int | float) -> Step:
        """a + b, as the next link of the chain that a or b is; in floats a + b is b + a."""
        for so_far, x in ((a, b), (b, a)):
            if not isinstance(so_far, int) or self.readers[so_far] > 1:
                continue
            link = self.chains.get(so_far)
            if link and len(link.pairs) < LONGEST:
                self.fused.add(so_far)
                del self.chains[so_far]
                link.target = target
                link.pairs.append(self.term(x))
                return link
        if self.is_term(a):
            a, b = b, a
        if self.is_term(a):
            return Step("chain", target, (self.negative_zero,), [self.term(b), self.term(a)])
        return Step("chain", target, (self.operand(a),), [self.term(b)])

    def write(self) -> None:
        """All steps, in an order in which every lane is there when it is read."""
        inputs = {self.lanes[i]: i for i in range(self.listing.inputs)}

        def put(step: Step) -> None:
            for lane in step.lanes:
                if lane in inputs:  # loaded as late as possible, and once
                    self.steps.append(Step("load", lane, (inputs.pop(lane),)))
            self.steps.append(step)

        for wire, lane in self.lanes.items():
            if wire in self.made and wire not in self.fused:
                for step in self.step(wire):
                    put(step)
            if wire in self.dots:
                put(Step("dots", None, (lane,), self.dots[wire]))
            for end in self.stored[wire]:
                put(Step("store", None, (lane, end)))

    def step(self, wire: int) -> Iterable[Step]:
        """The instruction of a wire, behind what has to be prepared for it."""
        op, args = self.made[wire]
        chain = self.chains.get(wire)
        if chain and (len(chain.pairs) > 1 or not self.fused.isdisjoint(args)):
            yield chain
            return
        operands = [self.operand(arg) for arg in args]
        if len(args) > 2:
            for i, x in enumerate(operands):
                if isinstance(x, int):
                    operands[i] = lane = Lane()
                    yield Step("spread", lane, (x,))
        yield Step(op.name, self.lanes[wire], tuple(operands))


def refuse_custom(listing: "Listing") -> None:
    """Raise ValueError for an operation that nobody has written in C."""
    for op, _ in listing.instructions:
        if not op.is_built_in:
            raise ValueError(
                f"{op.name} is a custom operation known in Python only: "
                "run the program with machine 'python' or 'numpy'"
            )


def wires(args: Iterable[int | float]) -> Counter[int]:
    """How often each wire is there, without the constants: 1.0 and the wire 1 are equal."""
    return Counter(arg for arg in args if isinstance(arg, int))


def buffers(steps: list[Step], ones: Lane) -> int:
    """Give every lane a buffer that nobody else needs at the time; how many there are."""
    for i, step in enumerate(steps):
        for lane in step.lanes:
            lane.last = i
    ones.last = len(steps)
    free: list[int] = []
    count = 1  # for the ones
    for i, step in enumerate(steps):
        if step.target:
            if not free:
                free.append(count)
                count += 1
            step.target.buffer = free.pop()  # the one used last, which is in the cache
        free += {lane.buffer for lane in step.lanes if lane.last == i}
    return count


def examples_at_once(buffers: int) -> int:
    """As many as leave all buffers in the nearest cache, which holds 64 KB; or 64, which pay for
    the way to the next one. Less where a program is so long that memory matters."""
    count = 128
    while (count > 64 and buffers * count > 2**13) or (count > 8 and buffers * count > 2**21):
        count //= 2
    return count
