"""The products along all paths add up to the gradient, and paths are counted, not only listed."""

import math
import time
from xml.etree import ElementTree

import pytest

from autograd import Op, TooLarge, Value, exp, tanh, where
from autograd.expression import evaluate
from autograd.op import BUILT_IN, TABLE
from autograd.teaching import paths
from autograd.teaching.names import names_of
from autograd.teaching.wording import spaced
from tests.formulas import agree, brute_paths, differentiable, parts


def doubled(times):
    """y = y + y so many times."""
    x = Value(3.0, "x")
    y = x
    for _ in range(times):
        y = y + y
    return y, x


def seeds(part):
    return range(part * 50, part * 50 + 50)


@parts
def test_the_products_of_random_graphs_add_up_to_the_gradient(part):
    for _, y, gradient in differentiable(seeds(part)):
        for x in gradient:
            found = paths(y, x, limit=10_000)
            size = math.fsum(abs(one.product) for one in found.paths)
            assert math.isclose(found.total, gradient[x], rel_tol=1e-12, abs_tol=1e-12 * size)
            assert found.gradient == gradient[x]


@parts
def test_the_number_of_paths_is_that_of_those_found_by_recursion(part):
    for _, y, gradient in differentiable(seeds(part)):
        if any(node.op is TABLE["where"] for node in gradient):
            continue  # a branch that was not taken is no path
        for x in gradient:
            brute = brute_paths(y, x)
            found = paths(y, x, limit=10_000)
            assert found.count == len(brute)
            assert [list(one.edges) for one in found.paths] == brute
            assert found.edges == len({edge for path in brute for edge in path})


@parts
def test_every_formula_of_random_graphs_comes_to_its_number(part):
    for _, y, gradient in differentiable(seeds(part)):
        names = names_of(sorted(gradient, key=lambda node: node.serial))
        numbers = {name: node.data for node, name in names.items()}
        root = names[y]
        numbers |= {f"d_{root}_{name}": gradient[node] for node, name in names.items()}
        for x in gradient:
            found = paths(y, x, names=False, digits=17)
            size = math.fsum(abs(one.product) for one in found.paths)
            agree(found, numbers, scale=1e-12 * size)


def test_a_million_paths_are_counted_over_forty_edges_and_not_listed():
    y, x = doubled(20)
    start = time.process_time()
    found = paths(y, x)
    assert (found.count, found.edges, found.paths, found.total) == (1_048_576, 40, (), None)
    assert found.gradient == 1_048_576.0
    assert "There are 1 048 576 paths from y back to x over 40 edges: too many" in found.text
    assert time.process_time() - start < 1


def test_beyond_the_limit_there_is_the_exact_number_and_no_list():
    y, x = doubled(4)
    assert len(paths(y, x, limit=16).paths) == 16
    assert paths(y, x, limit=15).paths == ()
    assert paths(y, x, limit=15).count == 16


@pytest.mark.unsteady
def test_a_number_of_thousands_of_digits_is_exact_and_is_written_rounded():
    x = Value(1.0, "x")
    y = x
    for _ in range(20_000):
        y = y * 0.5 + y * 0.5
    found = paths(y, x)
    assert found.count == 2**20_000
    assert "about 3.98·10^6020 paths" in found.text


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "1"), (1234, "1 234"), (10**18 - 1, "999 999 999 999 999 999"), (10**18, "about 1·10^18"),
     (2**100, "about 1.26·10^30"), (10**30 - 1, "about 9.99·10^29")],
)  # fmt: skip
def test_counts_are_written_in_groups_of_three(number, written):
    assert spaced(number) == written


def test_a_long_path_is_not_written_out():
    x = Value(1.0, "x")
    y = x
    for _ in range(1000):
        y = y * 1.5 / 1.5
    found = paths(y, x)
    assert found.count == 1 and found.paths == ()
    assert "There is one path from y back to x over 2 000 edges: too long to list" in found.text


def test_four_hundred_edges_are_written_out_and_no_more():
    x = Value(1.0, "x")
    y = x
    for _ in range(400):
        y = y * 1.5
    (only,) = paths(y, x).paths
    assert len(only.edges) == 400 and only.nodes[0] is y and only.nodes[-1] is x
    assert paths(y * 1.5, x).paths == ()


def test_two_paths_beyond_the_limit_are_too_many():
    x = Value(3.0, "x")
    assert "too many to list" in paths(x * x, x, limit=1).text


def test_issue_68_is_told_path_by_path():
    y, known = evaluate("c=a+b; d=a*b; y=(c+d)+c*d", {"a": 2, "b": 3})
    found = paths(y, known["a"], names=False)
    assert [one.product for one in found.paths] == [1, 3, 6, 15]
    assert found.text.endswith("The sum:\n  ∂y/∂a = 1 + 3 + 6 + 15 = 25")


def test_the_lecture_example_has_one_path():
    y, known = evaluate("d=a*b+c; L=d*f", {"a": 2, "b": -3, "c": 10, "f": -2})
    assert paths(y, known["a"], names=False).text == (
        "There is one path from L back to a. Multiply the local derivatives along it:\n"
        "that is the gradient. Factors of 1 are left out.\n"
        "\n"
        "Values without a name:\n"
        "  v1 = a * b\n"
        "\n"
        "L ← d ← v1 ← a\n"
        "  ∂L/∂a = f · b = -2 · (-3) = 6"
    )


def test_both_edges_of_a_square_are_paths():
    a = Value(3.0, "a")
    found = paths(a * a, a, names=False)
    assert [one.edges[0][1] for one in found.paths] == [0, 1]
    assert "1. v1 ← a (first)\n  a = 3" in found.text and "2. v1 ← a (second)" in found.text


def test_a_branch_that_was_not_taken_is_no_path():
    x, w = Value(-1.0, "x"), Value(2.0, "w")
    y = where(x > 0, w * 7, w)
    assert [one.factors for one in paths(y, w).paths] == [(1.0,)]


def test_a_path_with_a_local_derivative_that_does_not_exist_brings_nothing():
    x = Value(0.0, "x")
    found = paths(0.0 * x.sqrt(), x, names=False)
    assert found.total == found.gradient == 0.0
    assert "0 · (1 / (2 * v1)) = 0" in found.text


def test_no_path_is_not_an_error():
    x, z = Value(1.0, "x"), Value(2.0, "z")
    found = paths(x * 2, z, names=False)
    assert (found.count, found.paths, found.total, found.gradient) == (0, (), 0, 0.0)
    assert found.text == "There is no path from v1 back to z, so the gradient is 0."


def test_a_value_is_one_path_of_no_edges_from_itself():
    x = Value(1.0, "x")
    found = paths(x, x)
    assert found.count == 1 and found.paths[0].edges == () and found.gradient == 1.0


def test_sums_that_cancel_are_written_with_the_digits_that_they_need():
    x = Value(1.0, "x")
    found = paths(x * 1.0000001 - x, x, names=False)
    assert "1.0000001 + (-1) = 1e-07" in found.text


def test_products_that_cancel_beyond_rounding_say_what_the_sweep_found():
    x = Value(1.0, "x")
    found = paths(x * 1e16 + x * 3 - x * 1e16, x)
    assert found.total == 3.0 and found.gradient == 4.0
    assert "The products nearly cancel." in found.text and "makes that 4." in found.text


def test_a_product_that_is_too_large_raises_although_the_sweep_cancels_before():
    x = Value(1e-300, "x")
    h = x * 1e200
    y = h * 1e200 - h * 1e200
    y.backward()
    assert x.grad == 0.0
    with pytest.raises(TooLarge, match="along a path is too large"):
        paths(y, x)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_wrong_derivative_in_the_table_is_the_one_that_is_told(name):
    """So no tool has derivatives of its own."""
    row = TABLE[name]
    partials = tuple(lambda y, *a, p=partial: 3 * p(y, *a) for partial in row.partials)
    wrong = Op(f"wrong_{name}", FUNCTIONS[len(partials)](row), partials)
    try:
        xs = [Value(x, n) for x, n in zip((0.5, 0.25, 0.75), "abc", strict=False)][: len(partials)]
        if name == "acosh":
            xs = [Value(1.5, "a")]
        right, bent = row(*xs), wrong(*xs)
        for x in xs:
            if name == "where":
                continue  # its derivative is no number
            assert paths(bent, x).total == pytest.approx(3 * paths(right, x).total)
    finally:
        del TABLE[f"wrong_{name}"]


FUNCTIONS = {
    1: lambda row: lambda a: row(a),
    2: lambda row: lambda a, b: row(a, b),
    3: lambda row: lambda a, b, c: row(a, b, c),
}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: paths(3.0, x), TypeError, "paths takes a Value, not float"),
        (lambda x: paths(x * 2, "x"), TypeError, "paths takes a Value, not str"),
        (lambda x: paths(x * 2, x, limit=-1), ValueError, "limit must be at least 0, not -1"),
        (lambda x: paths(x * 2, x, limit=2.5), TypeError, "limit must be a whole number, not 2.5"),
        (lambda x: paths(x * 2, x, digits=0), ValueError, "digits go from 1 to 17, not 0"),
        (lambda x: paths(x * 2, x, names="x"), TypeError, "names is a dict of variables, not str"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call(Value(1.0, "x"))


def test_unnamed_values_take_the_names_of_the_callers_variables():
    weight = Value(2.0)
    out = tanh(weight)
    told = paths(out, weight).text
    assert "out ← weight" in told and "Values without a name" not in told


def test_every_format_shows_any_label_as_it_is(label):
    a, b = Value(2.0, label), Value(3.0, "b")
    found = paths(exp(a * b) + a, a, names=False)
    html = ElementTree.fromstring(f"<div>{found._repr_html_()}</div>")
    kinds = {element.tag.rpartition("}")[2] for element in html.iter()}
    assert kinds & {"script", "img", "b"} == set()
    assert not set("<>`*") & set(found.markdown)
    assert found.latex.count(r"\begin") == found.latex.count(r"\end") == 4
    assert found.latex.count("{") - found.latex.count(r"\{") == (
        found.latex.count("}") - found.latex.count(r"\}")
    )


@pytest.mark.parametrize(
    ("text", "said"), [("a*b*c", False), ("a + b", False), ("(a + b)*c", True)]
)
def test_that_factors_of_1_are_left_out_is_said_where_some_are(text, said):
    y, known = evaluate(text, {name: 2 for name in "abc" if name in text})
    told = " ".join(paths(y, known["a"]).text.split())
    assert ("Factors of 1 are left out." in told) is said


def test_data_has_every_path_by_the_names_of_its_values():
    y, known = evaluate("v = a*b; v + a", {"a": 2, "b": 3})
    data = paths(y, known["a"], names={"out": y, **known}).data
    assert (data["count"], data["gradient"]) == (2, 4.0)
    assert {tuple(one["nodes"]): one["product"] for one in data["paths"]} == {
        ("out", "v", "a"): 3.0,
        ("out", "a"): 1.0,
    }
