"""Whatever a typed word holds, a message shows it on one line, short and printable."""

import pytest

from autograd.user_text import did_you_mean, shown


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
    assert did_you_mean("q", ["sin"]) == did_you_mean("x" * 5000, ["x"]) == ""
