"""The film of a walk: a frame per step, each showing what the plan says is known by then."""

import random
from io import BytesIO

import matplotlib
import pytest
from PIL import Image, ImageChops

import viz
from autograd import Value, tanh
from autograd.expression import evaluate
from nn import MLP
from tests.graphs import lecture
from viz.demo import GIVEN, NETWORK, WEIGHTS
from viz.fold import folded
from viz.gif import (
    CAPTION_ROWS,
    FIRST_PAUSE,
    LAST_PAUSE,
    LONGEST_PAUSE,
    PAUSE,
    Caption,
    Film,
    Told,
    animation,
)
from viz.palette import LIGHT
from viz.stepper.plan import Plan
from viz.stepper.tellers import Plain


def square():
    x = Value(-3.0, "x")
    return x * x


def chain(length):
    y = Value(1.0, "x")
    for _ in range(length):
        y = tanh(y)
    return y


def plan_of(y):
    return Plan(Plain.of(y, {}))


def film_of(y):
    plan = plan_of(y)
    return Film(Told.of(plan), plan)


def opened(data):
    """The frames of a GIF as viewers show them, and how long each of them stays."""
    with Image.open(BytesIO(data)) as film:
        assert film.format == "GIF" and film.info["loop"] == 0
        shown = []
        for at in range(film.n_frames):
            film.seek(at)
            shown.append((film.convert("RGB"), film.info["duration"]))
    return [frame for frame, _ in shown], [pause for _, pause in shown]


@pytest.fixture(scope="module")
def lesson():
    return opened(animation(plan_of(lecture())))


def count(picture, name):
    """How many pixels of the picture have a colour of the palette."""
    hexadecimal = LIGHT[name].removeprefix("#")
    colour = tuple(bytes.fromhex(hexadecimal))
    return dict((c, n) for n, c in picture.getcolors(1 << 24)).get(colour, 0)


# What is in the plan is in the film


@pytest.mark.parametrize("graph", [lecture, square, lambda: Value(2.0, "x")])
def test_there_is_a_frame_for_every_step(graph):
    y = graph()
    frames, pauses = opened(animation(plan_of(y)))
    assert len(frames) == len(pauses) == len(plan_of(y).steps())
    assert len({frame.size for frame in frames}) == 1


def test_frames_stay_as_long_as_it_takes_to_read_them(lesson):
    _, (first, *others, last) = lesson
    assert (first, last) == (FIRST_PAUSE, LAST_PAUSE)
    assert all(PAUSE <= pause <= LONGEST_PAUSE for pause in others)
    assert min(others) < max(others)


def test_a_card_looks_different_exactly_when_the_plan_says_so(lesson):
    """And where nothing happens the frames are the same to the pixel."""
    frames, _ = lesson
    film = film_of(lecture())
    told = film.told
    parts = film.parts[-1 - len(told.cards) - len(told.wires) : -1][: len(told.cards)]
    boxes = {id: part.box for id, part in zip(told.cards, parts, strict=True)}
    for id, (left, top, right, bottom) in boxes.items():
        inside = (left + 30, top + 20, right - 30, bottom - 20)  # there is no wire in it
        for at in range(1, len(frames)):
            before, now = (
                (
                    told.value(id, step),
                    told.grad(id, step),
                    told.is_known(id, step),
                    id in told.steps[step]["cards"] and told.cards[id]["rule"] != "given",
                )
                for step in (at - 1, at)
            )
            changed = frames[at - 1].crop(inside).tobytes() != frames[at].crop(inside).tobytes()
            assert changed == (before != now), (id, at)


def test_only_steps_that_point_at_something_have_the_colour_for_it(lesson):
    frames, _ = lesson
    for frame, step in zip(frames, plan_of(lecture()).steps(), strict=True):
        above = frame.crop((0, 0, frame.width, frame.height * 0.6))  # the progress is purple too
        assert (count(above, "current") > 500) == bool(step["cards"] or step["wires"])


def test_signs_get_their_colours_as_they_become_known(lesson):
    frames, _ = lesson
    positive = [count(frame, "positive") for frame in frames]
    negative = [count(frame, "negative") for frame in frames]
    assert positive[:4] == negative[:4] == [0, 0, 0, 0]
    assert negative[-1] > 1000 and positive[-1] > 1000


def test_surfaces_keep_the_exact_colours_of_the_palette(lesson):
    for frame in lesson[0]:
        assert count(frame, "background") > frame.width * frame.height / 4
        assert count(frame, "card") > 1000


def test_what_is_not_known_yet_is_a_question_mark():
    told = film_of(lecture()).told
    ids = {card["name"]: id for id, card in told.cards.items()}
    assert [told.value(ids["v1"], at) for at in (0, 1, 2)] == ["?", "−6", "−6"]
    assert {told.grad(ids["a"], at) for at in range(9)} == {("?", "")}
    assert {told.grad(ids["a"], at) for at in (9, 10, 11)} == {("▲ +6", "positive")}


@pytest.mark.parametrize("seed", range(5))
def test_a_frame_drawn_over_the_one_before_is_the_frame_drawn_by_itself(seed):
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-2, 2), f"x{i}") for i in range(3)]
    for _ in range(6):
        a, b = rng.choice(nodes), rng.choice(nodes)
        nodes.append(rng.choice([a + b, a - b, a * b, tanh(a), 2.0 * a]))
    film = film_of(nodes[-1])
    for at in range(len(film.told.steps)):
        over = film.picture(at)
        film.seen = [None] * len(film.parts)  # as if nothing had been drawn
        apart = ImageChops.difference(over, film.picture(at)).getextrema()
        assert max(most for _, most in apart) <= 1  # rounding at the border of what was drawn over


def test_a_crowd_of_folded_cards_has_its_numbers_where_there_is_room():
    y, _ = folded(
        MLP(2, [9, 9, 1], tanh, seed=0)([Value(0.5, "x1"), Value(-1.0, "x2")]), fold="neuron"
    )
    film = film_of(y)
    last = len(film.told.steps) - 1
    assert len(film.parts) > 2 + len(film.told.cards) + len(film.told.wires)  # some notes at least
    assert count(film.picture(last), "positive") > count(film.picture(0), "positive")


def test_words_that_do_not_fit_are_broken_or_cut():
    y = evaluate(NETWORK, GIVEN | WEIGHTS)[0]
    y.label = "a label that " * 15
    caption = Caption(plan_of(y).steps(), 560)
    assert all(len(rows) <= CAPTION_ROWS for rows in caption.rows)
    for at in range(len(caption.rows)):
        for x, low, text, *_ in caption.words(at):
            assert x + len(text) * caption.column <= 560 and low < caption.height


def test_many_gradients_are_listed_side_by_side():
    y = evaluate(NETWORK, GIVEN | WEIGHTS)[0]
    rows = Caption(plan_of(y).steps(), 3000).rows[-1]
    listed = " ".join(text for _, text in rows).replace("\N{NO-BREAK SPACE}", " ")
    assert "∂E/∂w1 = 0.0004386" in listed and "∂E/∂w8 = -0.02274" in listed


# The file


def test_save_writes_the_same_film_again(tmp_path):
    one = viz.save(lecture(), tmp_path / "one.gif")
    other = viz.save(lecture(), tmp_path / "other.GIF")
    assert one.read_bytes() == other.read_bytes()
    assert one.read_bytes().startswith(b"GIF89a")
    assert len(one.read_bytes()) < 400_000


def test_unlabelled_values_bear_the_names_of_the_callers_variables(tmp_path):
    weight = Value(2.0)
    named = viz.save(weight * 3.0, tmp_path / "named.gif").read_bytes()
    assert named != viz.save(weight * 3.0, tmp_path / "plain.gif", names=False).read_bytes()


def test_gradients_that_the_values_hold_do_not_matter():
    fresh, used = lecture(), lecture()
    used.backward(5.0)
    assert animation(plan_of(fresh)) == animation(plan_of(used))


def test_the_settings_of_matplotlib_do_not_matter_and_stay_as_they_are():
    expected = animation(plan_of(square()))
    with matplotlib.rc_context(
        {"text.usetex": True, "path.sketch": (1, 100, 2), "font.size": 30, "figure.dpi": 50}
    ):
        before = dict(matplotlib.rcParams)
        assert animation(plan_of(square())) == expected
        assert dict(matplotlib.rcParams) == before


def test_a_label_is_only_text_and_nothing_complains(label):
    x = Value(2.0, label)
    y = x * Value(3.0, "w")
    y.label = label
    frames, _ = opened(animation(plan_of(y)))
    assert len(frames) == len(plan_of(y).steps())


@pytest.mark.parametrize(
    "label", ["$x$", "$\\frac{1}", "100 $ and 5 $", "字 🙂", "עברית", "e\u0301"]
)
def test_a_label_is_neither_mathematics_nor_a_complaint(label):
    assert opened(animation(plan_of(Value(2.0, label) * 3.0)))


def test_too_long_a_walk_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(ValueError, match=r"203 steps.*at most 200: save it as \.html"):
        viz.save(chain(100), tmp_path / "y.gif")
    assert list(tmp_path.iterdir()) == []


def test_too_large_a_picture_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(ValueError, match=r"pixels are too large.*\.html"):
        viz.save(chain(90), tmp_path / "y.gif")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_drawn_is_not_written(tmp_path):
    with pytest.raises(TypeError, match="only a Value has a graph"):
        viz.save(2.0, tmp_path / "y.gif")
    with pytest.raises(FileNotFoundError):
        viz.save(square(), tmp_path / "missing" / "y.gif")
    assert list(tmp_path.iterdir()) == []
