"""Whatever a typed word holds, a message shows it on one line, short and printable."""

import pytest

from autograd.user_text import counted, did_you_mean, no_such, shown


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("x1", "x1"),
        ("", ""),
        ("a\nb\tc", "a b c"),
        ("bell\a", "bell�"),
        ("\x1b[31mred", "�[31mred"),
        ("left\u202eright", "left�right"),
        ("\ud800", "�"),
        ("half a space\u2009", "half a space�"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 39 + "…"),
        (12, "12"),
    ],
)
def test_a_text_is_shown_on_one_line_of_visible_characters(text, right):
    assert shown(text) == right
    assert shown(text).isprintable()


def test_of_a_long_text_only_the_beginning_is_looked_at():
    assert shown("x" * 10_000_000, room=3) == "xx…"


def test_a_name_that_is_close_is_proposed_and_the_choice_is_the_same_every_time():
    assert did_you_mean("Tanhh", {"sin", "tanh", "tan"}) == ": did you mean tanh?"
    assert did_you_mean("sdg", ["Adam", "SGD"]) == ": did you mean SGD?"
    assert did_you_mean("q", ["sin"]) == did_you_mean("x" * 5000, ["x"]) == ""


def test_an_unknown_name_is_shown_with_one_that_is_close_or_with_all():
    known = ["mse", "hinge"]
    assert no_such("loss", "mes", known) == "there is no loss named mes: did you mean mse?"
    assert no_such("loss", "q" * 50, known).endswith("q…: choose from mse, hinge")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_counted_thing_is_singular_for_one_only(count):
    assert counted(count, "row") == f"{count} row{'' if count == 1 else 's'}"
    assert counted(count, "class") == f"{count} class{'' if count == 1 else 'es'}"
