"""The walk as scenes: at every step what the engine knows by then, and nothing else."""

import math

import pypdfium2
import pytest

import viz
from autograd import Value, tanh
from autograd.backprop import chain_rule
from autograd.expression import evaluate
from tests.graphs import lecture, plan_of, random_graph
from viz.apps.stepper.looks import UNKNOWN
from viz.cli.demo import GIVEN, NETWORK, WEIGHTS
from viz.graph import notation
from viz.graph.notation import in_print
from viz.render.scene import Text
from viz.walk.scenes import ROWS, Walk


def network():
    return evaluate(NETWORK, GIVEN | WEIGHTS)[0]


def texts(group, part=None):
    return [m.text for m in group.marks if isinstance(m, Text) and part in (None, m.part)]


def shown(scene, kind):
    """The texts of the groups of a kind, by what they are about."""
    return {group.of: group for group in scene.of_kind(kind)}


def known_by(y, plan):
    """At every step: the gradients so far by node, and the edges that were walked, with flows."""
    so_far, walked = {}, {}
    yield from ((dict(so_far), dict(walked)) for _ in range(plan.seed))
    so_far[y] = 1.0
    yield dict(so_far), dict(walked)
    for node, position, parent, slope, flow, total in chain_rule(y):
        so_far[parent], walked[node, position] = total, (slope, flow)
        yield dict(so_far), dict(walked)
    yield dict(so_far), dict(walked)


@pytest.mark.parametrize("seed", range(8))
def test_every_step_shows_what_is_known_by_then_and_nothing_else(seed):
    y = random_graph(seed)
    plan = plan_of(y)
    walk = Walk(plan)
    scenes = list(walk.scenes())
    assert len(scenes) == len(plan.in_words())
    ids = plan.id_of
    for at, (scene, (so_far, walked)) in enumerate(zip(scenes, known_by(y, plan), strict=True)):
        cards = shown(scene, "card")
        for node, id in ids.items():
            if id not in cards:  # it stands on another page
                continue
            is_known = plan.computed.get(node, 0) <= at
            value = notation.number(node.data) if is_known else UNKNOWN
            assert texts(cards[id], "value") == [value]
            gradient = [notation.signed(so_far[node])] if node in so_far else []
            assert texts(cards[id], "gradient") == gradient
        edges = {edge.id: walked.get(use) for use, edge in plan.edges.items()}
        flows = {edges[of][1]: texts(tag) for of, tag in shown(scene, "tag").items()}
        assert all(texts == [notation.signed(flow)] for flow, texts in flows.items())
        assert all(edges[of] is not None for of in shown(scene, "chip"))


@pytest.mark.parametrize("graph", [lecture, network, lambda: Value(2.0, "x")])
def test_captions_say_what_the_stepper_says(graph):
    plan = plan_of(graph())
    for step, scene in zip(plan.in_words(), Walk(plan).scenes(), strict=True):
        (caption,) = scene.of_kind("caption")
        assert texts(caption, "title") == [step["title"]] == [scene.title]
        said = " ".join(texts(caption, "words")).replace("\xa0", " ")
        if len(step["lines"]) <= ROWS:
            assert said == in_print(" ".join(text for _, text in step["lines"]))


@pytest.mark.parametrize("graph", [lecture, network])
def test_nothing_overlaps_and_all_type_can_be_read_on_a_slide(graph):
    for scene in Walk(plan_of(graph())).scenes():
        areas = [text.area for text in scene.texts]
        assert min(text.size for text in scene.texts) >= 16
        assert all(one.x >= 0 and one.right <= 1920 and one.bottom <= 1080 for one in areas)
        for i, one in enumerate(areas):
            assert not any(one.overlaps(other, 0.5) for other in areas[i + 1 :])


def test_nothing_moves_and_the_last_step_is_the_finished_graph():
    y = network()
    walk = Walk(plan_of(y))
    scenes = list(walk.scenes())
    places = [{g.of: g.area for g in scene.of_kind("card")} for scene in scenes]
    assert all(one == places[0] for one in places)
    for kind in ("tag", "chip", "line", "badge"):
        marks = [[g.marks for g in s.of_kind(kind)] for s in (scenes[-1], walk.finished[0])]
        assert marks[0] == marks[1]


def test_what_a_step_is_about_has_the_colour_for_it():
    plan = plan_of(lecture())
    for step, scene in zip(plan.in_words(), Walk(plan).scenes(), strict=True):
        marked = {
            (group.kind, group.of)
            for group in scene.groups
            for mark in group.marks
            if getattr(mark, "stroke", "") == "current"
        }
        assert {of for kind, of in marked if kind == "card"} == set(step["cards"])
        assert bool(marked) == bool(step["cards"] or step["wires"])


def test_what_does_not_fit_one_slide_is_shown_where_the_step_is():
    y = Value(0.5, "x")
    for i in range(60):
        y = tanh(y * Value(1.0 + i / 100, f"w{i}"))
    walk = Walk(plan_of(y))
    assert len(walk.finished) > 1
    for at in range(0, len(walk.steps), 7):
        if wanted := walk.current(at):
            groups = walk.graph_at(at)
            assert wanted & {group.of for group in groups if group.kind in ("line", "card")}


# On paper


def words_on(path):
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path)]


@pytest.mark.parametrize("per_page", [1, 2, 4, 6, 12])
def test_a_handout_has_all_steps_so_many_on_a_page(per_page, tmp_path):
    y = lecture()
    pages = words_on(viz.handout(y, tmp_path / "walk.pdf", per_page=per_page))
    assert len(pages) == math.ceil(12 / per_page)
    found = [page.count("of 11") for page in pages]
    assert found == [per_page] * (12 // per_page) + [12 % per_page] * (12 % per_page > 0)
    for step in plan_of(y).in_words():
        assert sum(step["title"] in page for page in pages) >= 1


def test_a_handout_may_have_the_formulas_as_latex_to_copy(tmp_path):
    y = lecture()
    *_, last = words_on(viz.handout(y, tmp_path / "walk.pdf", latex=True))
    assert r"\frac{\partial L}{\partial f} &= v_{2} = 4" in last
    assert last.count(r"\begin{align*}") == 2
    plain = words_on(viz.handout(y, tmp_path / "plain.pdf"))
    assert not any("align" in page for page in plain)


def test_what_cannot_be_handed_out_is_said_in_a_sentence(tmp_path):
    y = lecture()
    with pytest.raises(ValueError, match=r"end its name in one of \.pdf"):
        viz.handout(y, tmp_path / "walk.png")
    for wrong, complaint in ((0, "at least 1"), (13, "at most 12")):
        with pytest.raises(ValueError, match=f"per_page must be {complaint}, not {wrong}"):
            viz.handout(y, tmp_path / "walk.pdf", per_page=wrong)
    with pytest.raises(TypeError, match="only a Value has a graph"):
        viz.handout(2.0, tmp_path / "walk.pdf")
    assert list(tmp_path.iterdir()) == []
