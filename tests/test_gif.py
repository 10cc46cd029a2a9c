"""The film of a walk: a frame per step, each showing what the plan says is known by then."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

import viz
from autograd import Value
from tests.drawn import chain
from tests.graphs import lecture, plan_of
from viz.palette import LIGHT
from viz.walk.gif import FIRST_PAUSE, LAST_PAUSE, LONGEST_PAUSE, PAUSE, animation, picture
from viz.walk.scenes import Walk


def square():
    x = Value(-3.0, "x")
    return x * x


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


@pytest.mark.parametrize("graph", [square, lambda: Value(2.0, "x")])
def test_there_is_a_frame_for_every_step(graph):
    y = graph()
    frames, pauses = opened(animation(plan_of(y)))
    assert len(frames) == len(pauses) == len(plan_of(y).in_words())
    assert len({frame.size for frame in frames}) == 1


def test_frames_stay_as_long_as_it_takes_to_read_them(lesson):
    _, (first, *others, last) = lesson
    assert (first, last) == (FIRST_PAUSE, LAST_PAUSE)
    assert all(PAUSE <= pause <= LONGEST_PAUSE for pause in others)
    assert min(others) < max(others)


def test_signs_get_their_colours_as_they_become_known(lesson):
    frames, _ = lesson
    positive = [count(frame, "positive") for frame in frames]
    negative = [count(frame, "negative") for frame in frames]
    assert positive[:4] == negative[:4] == [0, 0, 0, 0]
    assert negative[-1] > 500 and positive[-1] > 500


def test_surfaces_keep_the_exact_colours_of_the_palette(lesson):
    for frame in lesson[0]:
        assert count(frame, "background") > frame.width * frame.height / 2
    assert count(lesson[0][-1], "negative-fill") > 5000


def test_a_frame_is_the_scene_as_a_png_in_fewer_colours(lesson):
    frames, _ = lesson
    for frame, scene in zip(frames, Walk(plan_of(lecture())).scenes(), strict=True):
        assert frame.size == (1280, 720)
        apart = ImageChops.difference(frame, picture(scene)).resize((160, 90), Image.Resampling.BOX)
        assert max(most for _, most in apart.getextrema()) <= 12


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


def test_a_label_is_only_text_and_nothing_complains(label):
    x = Value(2.0, label)
    y = x * Value(3.0, "w")
    y.label = label
    frames, _ = opened(animation(plan_of(y)))
    assert len(frames) == len(plan_of(y).in_words())


@pytest.mark.parametrize(
    "label", ["$x$", "$\\frac{1}", "100 $ and 5 $", "字 🙂", "עברית", "e\u0301"]
)
def test_a_label_is_neither_mathematics_nor_a_complaint(label):
    assert opened(animation(plan_of(Value(2.0, label) * 3.0)))


def test_too_long_a_walk_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(ValueError, match=r"203 steps.*at most 200: save it as \.html"):
        viz.save(chain(100), tmp_path / "y.gif")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_drawn_is_not_written(tmp_path):
    with pytest.raises(TypeError, match="only a Value has a graph"):
        viz.save(2.0, tmp_path / "y.gif")
    with pytest.raises(FileNotFoundError):
        viz.save(square(), tmp_path / "missing" / "y.gif")
    assert list(tmp_path.iterdir()) == []
