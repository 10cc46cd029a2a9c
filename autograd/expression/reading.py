"""The words of an expression put in the order in which they are computed, without recursion.

This is the shunting-yard algorithm (E. W. Dijkstra, 1961). x^2, x², √x, |x| and 2x are read too;
what can mean two things is refused.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, NamedTuple

from autograd import ops
from autograd.expression import hints
from autograd.expression.numbers import CONSTANTS, NotANumber, term
from autograd.expression.tokens import ONE_NAME, ExpressionError, Token, cannot_read, tokens
from autograd.expression.vocabulary import (
    ALIASES,
    LIST_FUNCTIONS,
    OPERATORS,
    ListFunction,
    is_function,
    no_function,
    row_called,
)

COMPARISON, SUM, PRODUCT, SIGN, POWER, ROOT = range(1, 7)  # how tightly an operator binds
BINDS = dict.fromkeys(["<", "<=", ">", ">="], COMPARISON)
BINDS |= {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": POWER, "^": POWER}
CLOSES = {("(", ")"), ("call", ")"), ("|", "|")}
MOST_NESTED = 50  # choices in a branch of a choice: each is computed by a call in a call
GOES_ON = {*BINDS, ",", ")", "]", "="}  # a line that starts with one continues the one before


class Step(NamedTuple):
    """Something to do with a stack of numbers: push a number, push the value of a name, or put in
    place of the last numbers, as many as it takes, what a function makes of them. A choice takes a
    condition; its two branches are steps, of which it may be that one cannot be computed."""

    kind: str  # "number", "name", "function" or "choice"
    what: Any
    takes: int = 0


class Statement(NamedTuple):
    """`name = expression`, or an expression without a name. `text` is how it was read."""

    name: str
    steps: list[Step]
    text: str


class Operand(NamedTuple):
    """What has been read already, up to the next operator."""

    start: int  # the index of its first step
    text: str
    kind: str = ""  # "number", "e", "group", "power" or "root", where that matters


class Pending(NamedTuple):
    """An operator that waits for what stands to the right of it, or an open bracket."""

    kind: str  # the operator, "sign" for the minus of -x, or "(", "|", "call"
    at: int  # in the text
    binds: int  # 0 for a bracket
    start: int = 0  # the index of the first step in a bracket
    name: str = ""  # of the function that is called
    arguments: tuple[Operand, ...] = ()


class Reader:
    """Reads the statements of a text. `given` are the names that have values.

    `freely` says afterwards whether anything was read that Python would not read so.
    """

    def __init__(self, text: str, given: Collection[str] = ()) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        computed = [one.text for one, after in pairs if one.kind == "name" and after.kind == "="]
        self.values = {*given, *computed}  # names that are values, and so no functions
        self.freely = False
        self.begin()

    def statements(self) -> list[Statement]:
        """Raises ExpressionError for what cannot be read."""
        found: list[Statement] = []
        while True:
            while self.token.kind in ("line", ";"):
                self.at += 1
            if self.token.kind == "end":
                return found
            found.append(self.statement())

    def begin(self) -> None:
        self.first = self.at  # the index of the expression's first word
        self.operands: list[Operand] = []
        self.pending: list[Pending] = []
        self.brackets: list[Pending] = []  # those among the pending
        self.steps: list[Step] = []
        self.wants_operand = True

    def statement(self) -> Statement:
        name = ""
        if self.token.kind == "name" and self.after().kind == "=":
            name = self.token.text
            self.at += 2
        self.begin()
        while not self.is_complete():
            if self.token.kind != "line":
                self.read_operand() if self.wants_operand else self.read_operator()
            self.at += 1
        self.reduce()
        if self.brackets:
            raise self.refusal(hints.unclosed(self.brackets[-1].kind), self.brackets[-1].at)
        (operand,) = self.operands
        return Statement(name, self.steps, f"{name} = {operand.text}" if name else operand.text)

    def is_complete(self) -> bool:
        """Whether the statement ends here. A line end does not end it inside brackets, behind an
        operator, or where the next line starts with one."""
        if self.wants_operand:
            return False
        if self.token.kind == "line":
            return not self.brackets and self.after().kind not in GOES_ON
        return self.token.kind == "end" or (self.token.kind == ";" and not self.brackets)

    # The words around

    @property
    def token(self) -> Token:
        """The word that is read next."""
        return self.tokens[self.at]

    def after(self) -> Token:
        """The word after the next one."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def before(self) -> Token | None:
        """The word before, if there is one in the expression."""
        words = (one for one in reversed(self.tokens[self.first : self.at]) if one.kind != "line")
        return next(words, None)

    def refusal(self, hint: str, at: int | None = None) -> ExpressionError:
        return cannot_read(self.text, self.token.at if at is None else at, hint)

    # Operands

    def read_operand(self) -> None:
        token = self.token
        match token.kind:
            case "number":
                self.push(Step("number", self.number(token)), token.text, "number")
            case "name" if self.after().kind == "(":
                self.check_function(token.text)
                if sum(row_called(one.name) is ops.where for one in self.brackets) > MOST_NESTED:
                    raise self.refusal(hints.TOO_DEEP)
                self.open("call", token.at, token.text)
                self.at += 1
            case "name":
                self.read_name(token)
            case "(":
                self.open("(", token.at)
            case "|":
                self.open("|", token.at)
                self.freely = True
            case "√" | "∛":
                if self.after().kind in ("-", "+"):
                    raise self.refusal(f"write {token.kind}(-x), with parentheses")
                self.pending.append(Pending(token.kind, token.at, ROOT))
                self.freely = True
            case "-":
                self.pending.append(Pending("sign", token.at, SIGN))
            case "+":
                pass
            case _:
                raise self.refusal(hints.missing(self.before(), token))

    def number(self, token: Token) -> float:
        """0x10 is refused: it would be a product of 0 here, and is 16 in Python."""
        after = self.after()
        if token.text == "0" and after.kind == "name" and after.at == token.end:
            raise self.refusal("write numbers in decimal digits, and products with *")
        try:
            return term(token.text)
        except NotANumber as error:
            raise self.refusal(str(error)) from None

    def read_name(self, token: Token) -> None:
        name = token.text
        if name in self.values:
            self.push(Step("name", name), name)
        elif name in hints.WORDS:
            raise self.refusal(hints.WORDS[name])
        elif name in CONSTANTS:
            self.push(Step("number", CONSTANTS[name]), name, "e" if name == "e" else "")
        elif is_function(name):
            raise self.refusal(hints.bare_function(name, self.tokens[self.at + 1 : self.at + 3]))
        else:
            self.push(Step("name", name), name)

    def check_function(self, name: str) -> None:
        if name in self.values or not is_function(name):
            rest = (one.kind for one in self.tokens[self.at :])
            if next((kind for kind in rest if kind in ("=", "line", ";")), "") == "=":  # f(x) = …
                raise self.refusal(ONE_NAME)
            raise ExpressionError(no_function(name, self.values | CONSTANTS.keys()))

    def push(self, step: Step, text: str, kind: str = "") -> None:
        self.operands.append(Operand(len(self.steps), text, kind))
        self.steps.append(step)
        self.end_operand()

    def open(self, kind: str, at: int, name: str = "") -> None:
        self.pending.append(Pending(kind, at, 0, len(self.steps), name))
        self.brackets.append(self.pending[-1])

    def end_operand(self) -> None:
        """A root is that of the next operand alone."""
        self.wants_operand = False
        self.reduce(ROOT)

    # Operators, and what closes brackets

    def read_operator(self) -> None:
        token = self.token
        match token.kind:
            case sign if sign in BINDS:
                self.read_binary(token)
            case "raised":
                self.read_raised(token)
            case ")" | "|" if self.brackets and (self.brackets[-1].kind, token.kind) in CLOSES:
                self.close()
            case "," if self.brackets and self.brackets[-1].kind == "call":
                self.reduce()
                call = self.brackets.pop()
                arguments = (*call.arguments, self.operands.pop())
                self.pending[-1] = call._replace(arguments=arguments)
                self.brackets.append(self.pending[-1])
                self.wants_operand = True
            case "number" | "name" | "(" | "|" | "√" | "∛":
                self.multiply_by(token)
            case _:
                inside = self.brackets[-1].name if self.brackets else ""
                raise self.refusal(hints.unexpected(self.tokens, self.at, inside))

    def read_binary(self, token: Token) -> None:
        binds = BINDS[token.kind]
        if binds == POWER:
            self.check_power(token)
        self.reduce(binds + (binds in (POWER, COMPARISON)))  # a**b**c is a**(b**c)
        if binds == COMPARISON and self.pending and self.pending[-1].binds == COMPARISON:
            raise self.refusal("write (a < b)*(b < c) for a < b < c")
        self.pending.append(Pending(token.kind, token.at, binds))
        self.wants_operand = True

    def check_power(self, token: Token) -> None:
        """Refuse √x² and a^b^c, which people read in two ways."""
        base, outer = self.operands[-1], self.operator_before()
        if base.kind == "root":
            raise self.refusal(hints.power_of_root(base.text))
        chained = outer in ("**", "^") and "^" in (outer, token.kind)
        if base.kind == "power" or chained:
            raise self.refusal("write (a**b)**c or a**(b**c)")

    def read_raised(self, token: Token) -> None:
        """x² is x**2."""
        self.check_power(token)
        exponent = token.text.removeprefix("+")
        is_number = exponent[-1].isdigit()
        step = Step("number", float(exponent)) if is_number else Step("name", exponent)
        self.operands.append(Operand(len(self.steps), exponent))
        self.steps.append(step)
        self.apply(Pending("^", token.at, POWER))

    def multiply_by(self, token: Token) -> None:
        """2x is 2*x, and so is 2(x + 1); but 1/2x and x^2y can mean two things."""
        factor, outer = self.operands[-1], self.operator_before()
        if factor.kind != "number" or token.kind == "number":
            is_root = factor.kind == "root"
            raise self.refusal(hints.side_by_side(self.before(), token, factor.text, is_root))
        if outer in ("/", "**", "^"):
            left = self.operands[-2].text
            raise self.refusal(hints.two_meanings(left, outer, factor.text, token, self.after()))
        self.freely = True
        self.read_binary(token._replace(kind="*"))
        self.at -= 1  # the token is still to be read, as the second factor

    def operator_before(self) -> str:
        """The operator to the left of the last operand, but for signs between the two."""
        outer = next((one for one in reversed(self.pending) if one.binds != SIGN), None)
        return outer.kind if outer else ""

    # Putting together

    def reduce(self, least: int = COMPARISON) -> None:
        """Apply the operators that bind at least so tightly, back to the last open bracket."""
        while self.pending and self.pending[-1].binds >= least:
            self.apply(self.pending.pop())

    def apply(self, operator: Pending) -> None:
        right = self.operands.pop()
        kind = "**" if operator.kind == "^" else operator.kind
        self.freely = self.freely or operator.kind == "^"
        if kind == "sign":
            self.function(ops.negative, 1, Operand(right.start, f"-{right.text}"))
        elif operator.binds == ROOT:
            row = ALIASES[kind]
            self.function(row, 1, Operand(right.start, called(row.name, right), "root"))
        elif kind == "**" and self.operands[-1].kind == "e":  # e**x is exp(x)
            left = self.operands.pop()
            del self.steps[left.start]
            self.freely = True
            self.function(ops.exp, 1, Operand(left.start, called(ops.exp.name, right), "power"))
        else:
            left = self.operands.pop()
            text = f" {kind} " if operator.binds <= SUM else kind
            result = Operand(left.start, f"{left.text}{text}{right.text}")
            if kind == "**":
                result = result._replace(kind="power")
            self.function(OPERATORS[kind], 2, result)

    def function(self, function: Callable, count: int, result: Operand) -> None:
        self.steps.append(Step("function", function, count))
        self.operands.append(result)

    def close(self) -> None:
        self.reduce()
        self.brackets.pop()
        bracket = self.pending.pop()
        inside = self.operands.pop()
        if bracket.kind == "call":
            self.call(bracket, [*bracket.arguments, inside])
        elif bracket.kind == "|":
            result = Operand(bracket.start, called("abs", inside))
            self.function(ops.absolute, 1, result)
        else:
            self.operands.append(Operand(bracket.start, f"({inside.text})", "group"))
        self.end_operand()

    def call(self, bracket: Pending, arguments: list[Operand]) -> None:
        name, count = bracket.name, len(arguments)
        text = f"({', '.join(one.text for one in arguments)})"
        if listed := LIST_FUNCTIONS.get(name):
            if wrong := listed.wrong_count(count, name):
                raise ExpressionError(wrong)
            made, index = self.picked(listed, name, text, count)
            self.function(made, count, Operand(bracket.start, f"{name}{text}{index}"))
            return
        row = row_called(name)
        assert row is not None
        if count != len(row.partials):
            raise ExpressionError(row.wrong_count(count, name))
        if not name.isascii():  # σ
            self.freely, name = True, row.name
        result = Operand(bracket.start, name + text)
        if row is not ops.where:
            self.function(row, count, result)
            return
        _, first, second = (one.start for one in arguments)
        branches = (self.steps[first:second], self.steps[second:])
        self.steps[first:] = [Step("choice", branches, 1)]
        self.operands.append(result)

    def picked(self, function: ListFunction, name: str, arguments: str, count: int) -> tuple:
        """The function with the index that stands behind it, and the index as text."""
        if not function.picks:
            return function.made, ""
        bracket, index, end = (*self.tokens[self.at + 1 : self.at + 4], None, None, None)[:3]
        if bracket is None or bracket.kind != "[":
            raise self.refusal(hints.unpicked(f"{name}{arguments}", count))
        known = {str(i): i for i in range(count)}
        if index is None or index.text not in known or end is None or end.kind != "]":
            raise self.refusal(hints.wrong_index(count), bracket.at)
        self.at += 3
        return partial(function.made, known[index.text]), f"[{index.text}]"


def called(name: str, operand: Operand) -> str:
    """The call of a function, with no parentheses doubled."""
    return f"{name}{operand.text}" if operand.kind == "group" else f"{name}({operand.text})"
