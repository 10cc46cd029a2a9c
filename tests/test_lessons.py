"""The lessons as they lie in the repository, and the command that hands them out.

That they run is what `make notebooks` sees to, and with their answers the slow test here.
"""

import base64
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from tests.lessons import NOTEBOOKS, blank, executed, with_answers
from viz.cli import lessons
from viz.cli.main import main
from viz.cli.user_input import UsageError

ROOT = NOTEBOOKS.parent
COUNT = 12
TEXTS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
every_lesson = pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)

FOREIGN = re.compile(
    r"(?:https?|wss?|ftp)://(?!www\.w3\.org\b)[\w.-]+|\b127\.0\.0\.1\b|\blocalhost\b"
)
OF_A_MACHINE = re.compile(
    r"(?<![\w.])(?:/(?:home|root|work|tmp|usr|opt|Users|var|mnt)/\w|[A-Z]:\\)|site-packages"
    r"|ipykernel_\d|<ipython-input"
)
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")


def saved(text):
    return nbformat.read(text.with_suffix(".ipynb"), as_version=4)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown_by(cell):
    """The texts in a cell's outputs; what is drawn into an image is text, too."""
    for output in cell.outputs:
        for text in [output.get("text", ""), *output.get("data", {}).values()]:
            yield str(text)
            for packed in re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", str(text)):
                yield base64.b64decode(packed).decode()


def told_by(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[-+]?\d+)?")
TOLD = re.compile(r"(?<![\w.])(?:\d+\.\d+(?:e[-+]\d+)?…?|\d+(?= ?%))(?!\.\d)")
SAID = {  # what no code can know
    "01_what_a_derivative_is": ["3.1"],  # a place to think of
    "08_when_training_goes_wrong": ["1.8"],  # · 10³⁰⁸, roughly the largest float
    "09_real_data": ["4.0", "90.4", "5.0"],  # the number of a licence, and results of others
}


def unprinted(told, notebook, given=()):
    """The numbers told, less those that a cell prints, maybe with more digits, and those given."""
    shown = [text for cell in code_of(notebook) for text in shown_by(cell)]
    plain = re.sub(r"\w{200,}", "", "\n".join([*given, *shown]))  # pictures would have them all
    printed = {float(number) for number in NUMBER.findall(plain)}

    def is_printed(number):
        digits = len(number.rstrip("…").partition("e")[0].partition(".")[2])
        kind = "e" if "e" in number else "f"
        return any(
            str(x).startswith(number[:-1])
            if number.endswith("…")
            else f"{x:.{digits}{kind}}" == number
            for x in printed
        )

    prose = re.sub(r"```.*?```|<https?:.*?>|\]\(.*?\)", "", told, flags=re.S)
    return [number for number in TOLD.findall(prose) if not is_printed(number)]


def test_the_lessons_are_numbered_without_a_gap():
    assert [int(text.name[:2]) for text in TEXTS] == [*range(1, COUNT + 1)]
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == {text.stem for text in TEXTS}


@every_lesson
def test_a_notebook_is_in_step_with_its_text(text):
    def cells(notebook):
        return [(cell.cell_type, cell.source, cell.metadata.get("tags")) for cell in notebook.cells]

    assert cells(saved(text)) == cells(blank(text)), "the text was edited: make outputs"


@every_lesson
def test_a_notebook_was_run_from_top_to_bottom(text):
    code = code_of(saved(text))
    assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)], "make outputs"
    assert sum(bool(cell.outputs) for cell in code) > len(code) / 2


@every_lesson
def test_no_cell_failed_or_warned(text):
    for cell in code_of(saved(text)):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output.text


@every_lesson
@pytest.mark.parametrize("unwanted", [FOREIGN, OF_A_MACHINE, ADDRESS], ids=["net", "path", "id"])
def test_outputs_are_of_no_machine_and_need_no_network(text, unwanted):
    found = [
        shown[max(0, match.start() - 40) : match.end() + 40]
        for cell in code_of(saved(text))
        for shown in shown_by(cell)
        for match in unwanted.finditer(shown)
    ]
    assert found == []


@every_lesson
def test_no_times_and_no_states_of_widgets_are_saved(text):
    notebook = saved(text)
    assert set(notebook.metadata) == {"jupytext", "kernelspec"}, "make outputs"
    assert [cell.metadata for cell in notebook.cells if set(cell.metadata) - {"tags"}] == []


@every_lesson
def test_a_lesson_has_one_title_and_ends_with_a_question_and_its_answer(text):
    told = told_by(saved(text))
    assert told.startswith("# ") and len(re.findall(r"^# ", told, re.M)) == 1
    last = re.split(r"^## ", told, flags=re.M)[-1]
    assert last.startswith("A question for you")
    assert re.search(r"<details>.*<summary>.*</details>", last, re.S), "the answer is folded away"


@every_lesson
def test_the_numbers_told_are_those_that_the_code_prints(text):
    notebook = saved(text)
    told = re.sub(r"<details>.*?</details>", "", told_by(notebook), flags=re.S)
    given = [cell.source for cell in code_of(notebook)]
    assert [n for n in unprinted(told, notebook, given) if n not in SAID.get(text.stem, ())] == []


def minutes_promised(text):
    told = " ".join(told_by(blank(text)).split())
    return int(re.search(r"takes about (\d+) minutes", told)[1])


def minutes_needed(text):
    """200 words and 12 lines of code a minute, 45 seconds for a question in between, 2 minutes for
    a stepper, 8 for the question at the end."""
    told = told_by(blank(text))
    lines = [line for cell in code_of(blank(text)) for line in cell.source.splitlines()]
    questions = re.findall(r"\*\*Predict|(?<!\*)\*[^*]{15,}\?\s?\*(?!\*)", told)
    steppers = [line for line in lines if line.startswith("stepper(")]
    reading = len(told.split()) / 200 + sum(map(bool, lines)) / 12
    return reading + 0.75 * len(questions) + 2 * len(steppers) + 8


@every_lesson
def test_a_lesson_takes_as_long_as_it_says(text):
    assert minutes_promised(text) == pytest.approx(minutes_needed(text), abs=5)


def test_all_lessons_together_take_as_long_as_the_site_says():
    page = (ROOT / "docs/lessons.md").read_text(encoding="utf-8")
    hours = int(re.search(r"about (\d+) hours", page)[1])
    assert hours == round(sum(map(minutes_promised, TEXTS)) / 60)


@every_lesson
def test_formulas_and_tables_of_the_text_are_whole(text):
    told = told_by(saved(text))
    assert told.count("<details>") == told.count("</details>")
    assert told.count("```") % 2 == 0
    assert len(re.findall(r"(?<!\\)\$", re.sub(r"`[^`]*`", "", told))) % 2 == 0


# Lesson 9 trains on real data: a minute by the compiled machine, and six without.
PATIENT = [
    pytest.param(text, marks=pytest.mark.native) if text.stem.startswith("09") else text
    for text in TEXTS
]


@pytest.mark.slow
@pytest.mark.parametrize("text", PATIENT, ids=lambda text: text.stem)
def test_the_code_of_the_answers_prints_their_numbers(text):
    notebook = executed(with_answers(text))
    answers = re.findall(r"<details>.*?</details>", told_by(notebook), re.S)
    assert unprinted("\n".join(answers), notebook) == []


# The command


def test_all_lessons_are_listed_with_a_title_and_a_sentence(capsys):
    assert main(["lessons"]) == 0
    out = capsys.readouterr().out
    assert re.findall(r"^ ?(\d+)  \S", out, re.M) == [str(n + 1) for n in range(COUNT)]
    for one in lessons.lessons():
        assert f"{one.number} {one.title} {one.promise}" in " ".join(out.split())
        assert 3 < len(one.title) < 80 and not one.title.startswith(str(one.number))
        assert re.fullmatch(r".{20,300}[.!?:]", one.promise)


def test_lessons_are_copied_into_a_new_folder_and_nothing_is_overwritten(tmp_path, capsys):
    folder = tmp_path / "lessons"
    assert main(["lessons", "--to", str(folder)]) == 0
    assert f"copied {len(TEXTS)} notebooks" in capsys.readouterr().out
    expected = [path for path in NOTEBOOKS.iterdir() if path.suffix in (".ipynb", ".txt", ".csv")]
    for path in expected:
        assert (folder / path.name).read_bytes() == path.read_bytes()

    (folder / TEXTS[0].with_suffix(".ipynb").name).unlink()
    kept = folder / TEXTS[-1].with_suffix(".ipynb").name
    kept.write_text("my notes")
    assert main(["lessons", "--to", str(folder)]) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1 and "is there already: choose another folder" in complaint
    assert kept.read_text() == "my notes"
    assert len(list(folder.iterdir())) == len(expected) - 1, "all of them are copied, or none"


def test_a_file_is_no_folder_for_lessons(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["lessons", "--to", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.endswith("file is a file: the lessons need a folder\n")


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("", "the folder for the lessons has no name: name one, as in --to lessons"),
        (" ", "the folder for the lessons has no name: name one, as in --to lessons"),
        ("file/x", "file is a file: the lessons need a folder"),
        ("dangling", "dangling is a link to nothing: choose another folder"),
        ("dangling/x", "dangling is a link to nothing: choose another folder"),
        ("gone/x", "there is no folder gone: make it first"),
        ("file/x/y", "there is no folder file/x: make it first"),
        ("a" * 300, "(file name too long): choose another folder"),
    ],
)
def test_an_odd_folder_for_lessons_gets_one_sentence(to, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("dangling").symlink_to("gone")
    assert main(["lessons", "--to", to]) == 2
    complaint = capsys.readouterr().err
    assert complaint.endswith(f"{sentence}\n") and complaint.count("\n") == 1
    assert "Errno" not in complaint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "file"]


@pytest.mark.parametrize("copied", [0, 5])
def test_on_a_full_disk_no_lesson_is_copied_and_the_folder_is_named(
    copied, tmp_path, monkeypatch, capsys
):
    left = [None] * copied
    write = lessons.replace

    def disk(path, data):
        if not left:
            raise OSError(28, "cannot be written, No space left on device", str(path))
        left.pop()
        write(path, data)

    monkeypatch.setattr(lessons, "replace", disk)
    folder = tmp_path / "lessons"
    assert main(["lessons", "--to", str(folder)]) == 2
    assert capsys.readouterr().err == (
        f"stepgrad: the lessons cannot be written to {folder} "
        "(no space left on device): choose another folder\n"
    )
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert main(["lessons", "--to", str(folder)]) == 0


def test_what_was_in_the_folder_before_stays_when_the_lessons_cannot_be_copied(
    tmp_path, monkeypatch
):
    (tmp_path / "notes.txt").write_text("mine")

    def full(path, data):
        path.write_bytes(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lessons, "replace", full)
    with pytest.raises(UsageError, match="no space left on device"):
        lessons.copy(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_quoted_tilde_is_the_home_and_the_line_to_paste_is_quoted(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["lessons", "--to", "~/my lessons"]) == 0
    first = tmp_path / "my lessons" / TEXTS[0].with_suffix(".ipynb").name
    assert first.exists() and not Path("~").exists()
    assert f"jupyter lab '{first}' opens" in capsys.readouterr().out


def test_a_package_without_lessons_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lessons, "PLACES", (tmp_path,))
    assert main(["lessons"]) == 2
    assert "no lessons came with this copy of stepgrad" in capsys.readouterr().err


def test_every_package_is_installed_and_the_lessons_with_them():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    there = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for package in ("autograd", "nn", "stepgrad", "viz")
        for path in Path(ROOT, package).rglob("__init__.py")
    }
    assert set(told["packages"]) == there | {"viz.notebooks"}
    assert told["package-dir"] == {"viz.notebooks": NOTEBOOKS.name}
    data = {f"*{path.suffix}" for path in NOTEBOOKS.iterdir() if path.is_file()} - {"*.py"}
    assert data <= set(told["package-data"]["viz.notebooks"])
