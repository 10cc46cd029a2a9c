"""What to write instead, where an expression cannot be read: each is the end of a sentence."""

from collections.abc import Sequence
from keyword import iskeyword

from autograd import ops
from autograd.expression.numbers import CONSTANTS, NotANumber, number_in
from autograd.expression.tokens import ALL_THERE_IS, ONE_NAME, POWERS, Token
from autograd.expression.vocabulary import LIST_FUNCTIONS, is_function, no_function, row_called
from autograd.user_text import shown

BRACKETS = "write all brackets as ( and )"
CHOICE = f"write {ops.where.name}(c, a, b) for a if c else b"
WORDS = {
    "if": CHOICE,
    "else": CHOICE,
    "and": "write (0 < x)*(x < 1) for both at once",
    "or": f"write {ops.maximum.name}(x < 0, 1 < x) for one of both",
    "not": "write 1 - (x < 0) for the opposite",
    "True": "write 1 for True",
    "False": "write 0 for False",
    "None": ALL_THERE_IS,
}
TOO_DEEP = "choices are nested too deep: name parts of them, as in h = where(x > 0, x, 0)"
MODULES = ("math", "cmath", "np", "numpy", "torch", "F", "jnp", "tf")
OPENING = {"(": "(…)", "√": "√…", "∛": "∛…"}


def missing(before: Token | None, token: Token) -> str:
    """Where a number, a name or ( should stand, and something else does."""
    if token.kind in "[]":
        return BRACKETS
    if token.kind == "raised":
        return POWERS
    if before is None:
        place = "after =" if token.kind in ("end", ";") else f"before the first {token.text}"
    elif before.text == token.text == "*":
        return "write ** for a power, without a space, and one * for a product"
    elif token.kind in ("end", ";"):
        place = f"after the last {before.text}"
    else:
        place = f"between {before.text} and {token.text}"
    return f"something is missing {place}"


def unexpected(tokens: Sequence[Token], at: int, inside: str) -> str:
    """Where an operator should stand, and this token does; `inside` is the function whose arguments
    it stands among."""
    before, token, after = tokens[at - 1], tokens[at], tokens[min(at + 1, len(tokens) - 1)]
    match token.kind:
        case ";" if inside in LIST_FUNCTIONS and LIST_FUNCTIONS[inside].picks:
            return f"write the index behind the call, as in {inside}(a, b)[0], and no ;"
        case ";":
            return "write , between arguments, and ; only between statements"
        case ",":
            return comma(before, token, after)
        case ".":
            return dotted(before, tokens[at + 1 : at + 3])
        case ")":
            return "one ) has no ( before it"
        case "[" if before.kind == "name" and is_function(before.text.lower()):
            return f"write {before.text.lower()}(x)"
        case "[" if before.kind == "name":
            return f"a name has no brackets: write {shown(before.text, 20)}0"
        case "[" | "]":
            return BRACKETS
    return ONE_NAME  # for =


def comma(before: Token, token: Token, after: Token) -> str:
    if before.kind == after.kind == "number" and before.end == token.at == after.at - 1:
        try:
            number_in(f"{before.text},{after.text}")
        except NotANumber as error:
            return str(error)
    return "a comma stands between the arguments of a function, as in max(a, b)"


def dotted(before: Token, after: Sequence[Token]) -> str:
    name = after[0].text
    if is_function(name):
        inside = shown(before.text, 20)
        if before.kind != "name" or inside in MODULES:
            return f"write {name}(…), without a dot"
        row = row_called(name)
        more = ", …" if row and len(row.partials) > 1 else ""
        return f"write {name}({inside}{more})"
    if name in CONSTANTS:
        return f"write {name}"
    if after[-1].kind == "(":
        return no_function(name, ())
    return "a product is written with *, and a name without dots"


def side_by_side(before: Token | None, token: Token, left: str, root: bool) -> str:
    """Where two things stand side by side that are not multiplied so."""
    assert before is not None
    for word in (token, before):
        if word.text in WORDS:
            return WORDS[word.text]
        if iskeyword(word.text):
            return ALL_THERE_IS
    if before.kind == token.kind == "number" and before.end == token.at:
        return "a number has one point"
    if before.kind == token.kind == "number":
        return "write numbers without spaces, and products with *"
    if token.kind == "|":
        return "write abs(x) for |x|, and * for a product"
    right = OPENING.get(token.kind) or shown(token.text, 20)
    if root:
        return f"write {shown(left)}*{right} or {shown(left[:-1])}*{right})"
    if before.kind in (")", "|", "]"):
        return f"write * between {before.kind} and {shown(token.text, 20)}"
    if before.kind == "name" and is_function(before.text.lower()):
        return f"write {before.text.lower()}(x), with parentheses"
    return f"write {shown(left, 20)}*{right}"


def two_meanings(left: str, operator: str, factor: str, token: Token, after: Token) -> str:
    """1/2x is half of x to some people, and to others one over 2x."""
    right = "abs(…)" if token.kind == "|" else OPENING.get(token.kind) or shown(token.text, 20)
    if token.kind == "name" and after.kind == "(":
        right += "(…)"
    start = f"{shown(left, 20)}{'/' if operator == '/' else '**'}"
    first = f"({start}{factor})" if operator == "/" else f"{start}{factor}"
    return f"write {start}({factor}*{right}) or {first}*{right}"


def bare_function(name: str, after: Sequence[Token]) -> str:
    """A function without its parentheses."""
    if after[0].kind not in ("^", "**", "raised"):
        return f"write {name}(x), with parentheses"
    if row_called(name) is ops.exp:
        return f"write {name}(…) for e to that power, and {name}(x)**2 for a power of {name}(x)"
    inverse = f", and a{name}(x) for the inverse" if is_function(f"a{name}") else ""
    return f"write {name}(x)**2 for a power{inverse}"


def power_of_root(root: str) -> str:
    return f"write {shown(root)}**2 or {shown(root[:-1])}**2)"


def unclosed(bracket: str) -> str:
    return "one | has no | after it" if bracket == "|" else "one ( has no ) after it"


def unpicked(call: str, count: int) -> str:
    return f"write {shown(call)}[0] for the first of its {count} numbers"


def wrong_index(count: int) -> str:
    return f"the index is a whole number from 0 to {count - 1}"
