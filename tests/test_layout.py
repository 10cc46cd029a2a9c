"""Graphviz lays out the stepper's pictures, animations and `draw_dot` in seconds, as wires share
trunks where they must: every picture within the limits.

A test that fails here may well do so by never coming to an end.
"""

import random
from itertools import accumulate

import pytest

from autograd import Value, grad, tanh
from viz import draw_dot
from viz.dot import bare, digraph
from viz.layout import positions
from viz.picture import MAX_DRAWN, SHARED, picture
from viz.svg import svg_text
from viz.trunks import ENOUGH, early, late, passing


def recurrent(steps):
    w, u, b, h = Value(0.5, "w"), Value(0.3, "u"), Value(0.1, "b"), Value(0.0, "h")
    for i in range(steps):
        h = tanh(w * h + u * (i % 3) + b)
    return h


def horner(steps):
    x, h = Value(0.9, "x"), Value(1.0, "h")
    for _ in range(steps):
        h = h * x + 1.5
    return h


def chain(steps):
    x, y = Value(0.9, "x"), Value(1.0, "y")
    for _ in range(steps):
        y = tanh(y * 1.01) + x * 0.1
    return y


def backward_of_a_chain(steps):
    """All of it is needed again on the way back."""
    x = y = Value(0.5, "x")
    for _ in range(steps):
        y = tanh(y * 1.1)
    return grad(y, x)


def deviations(count):
    """Every number is needed twice, as many steps apart as there are numbers."""
    xs = [Value(i / 10, f"x{i}") for i in range(count)]
    *_, total = accumulate(xs)
    *_, y = accumulate((x - total / count) ** 2 for x in xs)
    return y


def tangle(nodes):
    """Each node is made from the last one, and from any other."""
    chance = random.Random(0)
    made = [Value(0.5, "a"), Value(-0.5, "b")]
    while len(made) < nodes:
        other = chance.choice(made)
        made.append(made[-1] * other if chance.random() < 0.5 else made[-1] - other)
    return made[-1]


def bush(nodes):
    """Each node is made from any two, and in the end all are added up."""
    chance = random.Random(0)
    made = [Value(0.5, "a"), Value(-0.5, "b")]
    while len(made) < nodes / 2:
        made.append(chance.choice(made) - chance.choice(made) * 0.5)
    *_, y = accumulate(made)
    return y


COSTLY = {
    "recurrent": recurrent(40),
    "the longest recurrent": recurrent(66),
    "horner": horner(50),
    "chain": chain(60),
    "backward of a chain": backward_of_a_chain(40),
    "deviations": deviations(48),
    "tangle": tangle(MAX_DRAWN),
    "bush": bush(200),
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_picture_is_laid_out_with_every_wire_from_card_to_card(graphviz, name):
    drawn = picture(COSTLY[name])
    assert drawn.stops
    where = positions(bare(drawn))
    assert len(where.wires) >= len(drawn.wires)
    for wire in drawn.wires:
        *curve, tip = where.wires[wire.id]
        assert len(curve) % 3 == 1  # a start, and three points for each piece
        for point, card in ((curve[0], wire.tail), (tip, wire.head)):
            (x, y), (left, top) = point, where.cards[card.id]
            assert abs(x - left) <= card.width / 2 + 2 and abs(y - top) <= card.height / 2 + 2
        assert (wire.id in where.notes) == bool(wire.notes)


@pytest.mark.parametrize("rankdir", ["TB", "RL", "BT"])
def test_a_costly_picture_is_laid_out_in_any_direction(rankdir):
    drawn = picture(COSTLY["recurrent"])
    assert positions(digraph(drawn, rankdir=rankdir).source).cards.keys() >= {
        card.id for card in drawn.cards
    }


def test_a_costly_picture_is_drawn_by_graphviz_too(graphviz):
    assert draw_dot(COSTLY["recurrent"]).pipe().count(b'class="edge"') > 360


def test_wires_share_trunks_only_where_there_would_be_too_many_side_by_side():
    for steps in range(8, 16):
        drawn = picture(recurrent(steps))
        places = passing(drawn.wires, late(drawn.cards, drawn.wires))
        assert places == passing(drawn.wires, early(drawn.cards, drawn.wires))
        assert bool(drawn.stops) == (places > ENOUGH)
    assert picture(recurrent(8)).stops == {} != picture(recurrent(15)).stops


def test_wires_of_a_small_picture_are_an_edge_each():
    drawn = picture(recurrent(8))
    assert bare(drawn).count("->") == len(drawn.wires)
    assert "comment" not in bare(drawn) and drawn.layers == drawn.wires


def test_the_wires_of_a_value_run_along_one_trunk_which_they_leave_one_by_one():
    drawn = picture(recurrent(40))
    w = next(card for card in drawn.cards if card.label == "w")
    ways = [drawn.stops.get(wire.id, []) for wire in drawn.wires if wire.tail is w]
    assert [len(way) for way in ways] == list(range(40))
    assert all(way == ways[-1][: len(way)] for way in ways)


def test_the_first_to_leave_a_trunk_is_on_top():
    drawn = picture(recurrent(40))
    assert drawn.layers == drawn.wires[::-1]


def test_a_trunk_of_several_values_is_pointed_out():
    for name, y in COSTLY.items():
        alone = name in ("recurrent", "the longest recurrent", "horner", "chain")
        assert (SHARED in picture(y).notes) == (not alone), name


def test_the_same_costly_graph_gives_the_same_picture():
    one, other = (svg_text(picture(recurrent(20))) for _ in range(2))
    assert one == other
