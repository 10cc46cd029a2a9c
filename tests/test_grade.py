"""The bench for engines of one's own: the mistake by name, and a sentence for whatever happens."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd.micrograd import Value as TutorialValue
from autograd.op import TABLE
from autograd.teaching import grade
from autograd.teaching.bugs import Graph
from autograd.teaching.grading import child
from autograd.teaching.grading.diagnosis import depth_first_sort
from autograd.teaching.grading.judging import judged
from autograd.teaching.grading.tasks import CAPABILITIES, METHODS, tasks
from tests import students
from tests.graphs import random_graph

STUDENTS = Path(students.__file__)


def graded(cls, seconds=10.0):  # which other tests may need, too
    """The grade of a class in students.py. As that of its file: the process that is copied for each
    graph is a small one then, and not that of these tests."""
    return grade(STUDENTS, class_name=cls.__name__, seconds=seconds)


# Right engines


@pytest.mark.parametrize("cls", [autograd.Value, TutorialValue, students.Value])
def test_a_right_engine_gets_full_marks(cls):
    one = grade(cls)
    assert one.ok and one.score == 1.0 and one.first is None and one.diagnoses == ()
    assert set(one.credit) == set(CAPABILITIES)
    assert all(right == total > 0 for right, total in one.credit.values())
    assert "10 of 10 capabilities right, 100 % of the credit." in one.text


def test_micrograd_itself_keeps_leftovers_and_nests_calls():
    engine = pytest.importorskip("micrograd.engine", reason="pip install micrograd")
    one = grade(engine.Value)
    assert not one.ok and one.first.task.sweeps == "again"
    assert [d.bug.name for d in one.diagnoses] == ["leftovers"]
    wrong = {name for name, (right, total) in one.credit.items() if right < total}
    assert wrong == {"zero_grad", "deep graphs"}
    assert "RecursionError" in one.text


@pytest.mark.parametrize("cls", [students.Boxed, students.Refuses])
def test_numbers_in_arrays_and_a_graph_that_is_swept_once_are_no_mistakes(cls):
    assert grade(cls).ok


def test_other_names_and_a_gradient_that_is_given_to_backward_are_understood():
    one = graded(students.OtherNames, seconds=0.5)
    assert {v.kind for v in one.verdicts} == {"", "missing", "recursion", "time"}
    for name in ("forward", "chain", "shared nodes", "order", "accumulation", "zero_grad"):
        assert one.credit[name][0] == one.credit[name][1], name


# Ten engines with one mistake each


@pytest.mark.parametrize(
    ("cls", "name"), students.MISTAKES.items(), ids=lambda x: getattr(x, "__name__", x)
)
def test_the_mistake_of_ten_student_engines_is_named(cls, name):
    one = graded(cls)
    assert not one.ok and 0 < one.score < 1
    assert [found.bug.name for found in one.diagnoses] == [name]
    (found,) = one.diagnoses
    assert found.against == 0 and 1 <= len(found.explained) <= found.wrong
    assert f"The mistake that gives exactly these numbers: {found.name}. It explains" in " ".join(
        one.text.split()
    )


@pytest.mark.parametrize(
    ("cls", "name", "ops"),
    [
        (students.Adds, "sum", ()),
        (students.OverwritesInProducts, "overwrite", (autograd.multiply,)),
        (students.OverwritesInSome, "overwrite", (autograd.multiply, autograd.tanh)),
        (students.StartsAnew, "restart", ()),
        (students.NoNegative, "nothing", (autograd.negative,)),
        (students.RecursesByEdge, "order", ()),
    ],
)
def test_a_mistake_at_one_operation_and_one_over_passes_are_named(cls, name, ops):
    found = graded(cls, seconds=3.0).diagnoses
    assert [(one.bug.name, one.ops) for one in found] == [(name, ops)]


def test_a_second_mistake_is_looked_for_in_what_the_first_leaves_unexplained():
    one = graded(students.TwoMistakes)
    assert [[(d.bug.name, d.ops) for d in some] for some in one.found] == [
        [("sign", (autograd.subtract,))],
        [("nothing", (autograd.negative,))],
    ]
    text = " ".join(one.text.split())
    assert "exactly these numbers: sign (in -)." in text.partition("What else")[0]
    assert "exactly these numbers: nothing (in negative)." in text.partition("What else")[2]
    assert [found["name"] for found in json.loads(one.json)["mistakes"]] == ["sign", "nothing"]


def test_a_mistake_is_named_only_where_it_gives_the_gradients_of_computed_nodes_as_well():
    one = graded(students.SwapsRules)
    assert [[d.name for d in some] for some in one.found] == [["upstream (in *)"]]


def test_a_mistake_at_one_operation_explains_a_second_pass_too():
    for cls in (students.OverwritesInProducts, students.OverwritesInSome, students.Unswapped):
        one = graded(cls)
        ((found,),) = one.found
        passes = {v.task.sweeps for v in found.explained}
        assert passes >= {"once", "rebuilt", "again"} and len(found.explained) == found.wrong


def test_a_mistake_of_operations_that_were_not_tried_is_not_named():
    one = graded(students.OnlyLeftovers)
    assert [[d.name for d in some] for some in one.found] == [["leftovers"]]


def test_where_every_gradient_is_0_no_mistake_of_an_operation_is_named():
    one = graded(students.NeverStarts)
    assert one.found == () and "backward() begins with self.grad = 1" in one.text


def test_all_wrong_local_derivatives_of_an_operation_are_told_and_only_after_one_pass():
    text = " ".join(graded(students.SwapsSigns).text.split())
    assert (
        "In v1 = a - b the local derivative towards a comes out as -1, and is 1; that towards b "
        "comes out as 1, and is -1."
    ) in text
    text = " ".join(graded(students.SwapsRules).text.split())
    assert "a second backward pass, which adds to the first. zero_grad, a * a * a" in text


@pytest.mark.parametrize(
    ("cls", "sentence"),
    [
        (students.DeclinesReflection, "2 - a does not work: __rsub__ returns NotImplemented."),
        (students.ReflectsWithoutSum, "Still to be written: __radd__."),
        (students.NegatesNothing, "2 - a raises TypeError: unsupported operand type(s) for +: "
         "'int' and 'NoneType' (line"),
        (students.CallsItself, "2 + a nests too many calls (line"),
        (students.CallsItself, "RecursionError. Does it call itself?"),
    ],
)  # fmt: skip
def test_why_an_operator_does_not_work_is_told(cls, sentence):
    one = graded(cls)
    assert sentence in " ".join([one.text, *(v.sentence + "." for v in one.verdicts)])
    assert ("Still to be written" in one.text) == (cls is students.ReflectsWithoutSum)


def test_operands_that_are_swapped_give_a_wrong_value():
    first = graded(students.SwapsReflected).first
    assert first.sentence == "v1 = 2 - a is -3, and came out as 3"


def test_what_is_not_written_yet_is_missing():
    first = graded(students.NotWritten).first
    assert first.kind == "missing" and first.missing == "__truediv__"


def test_the_first_graph_and_node_that_go_wrong_are_named_with_their_numbers():
    first = graded(students.Overwrites).first
    assert (first.task.capability, first.task.text) == ("shared nodes", "a + a")
    assert first.node == "a" and first.kind == "gradient"
    assert first.sentence == "the gradient of a is 2, and came out as 1"


def test_a_wrong_local_derivative_that_is_no_known_mistake_is_told_with_the_right_one():
    one = graded(students.WrongPower)
    assert one.first.task.text == "a ** 2" and one.diagnoses == ()
    assert "the local derivative towards a comes out as 8, and is 2 * a = 4." in " ".join(
        one.text.split()
    )


def test_a_wrong_value_is_found_before_any_gradient():
    first = graded(students.WrongValue).first
    assert first.kind == "value" and first.sentence == "v1 = a - b is 5, and came out as -5"


def test_partial_credit_follows_the_capabilities():
    one = graded(students.NestsCalls)
    assert one.credit["deep graphs"] == (2, 3) and one.score == pytest.approx(1 - 1 / 30)
    assert one.credit["order"] == (4, 4)


# What never comes to a number


@pytest.mark.parametrize(
    ("cls", "sentence"),
    [
        (students.NoReflection, "2 - a does not work: define __rsub__"),
        (students.OnlyValues, "a + 2 does not work: define __add__ for plain numbers"),
        (students.NestsCalls, "backward() nests too many calls (line"),
        (students.NeverStarts, "every gradient is 0: backward() begins with self.grad = 1"),
        (students.ForgetsReturn, "a + b gives None, not a ForgetsReturn: is a return missing?"),
        (students.Hangs, "no result within 0.5 s: an endless loop"),
        (students.Exits, "backward() ends Python (sys.exit), where it should return"),
        (students.Vanishes, "it ended Python with status 0"),
        (students.Crashes, "Python crashed (SIGABRT)"),
        (students.Raises, "backward() raises ValueError: not finished yet (line"),
        (students.Asks, "backward() waits for input (line"),
        (students.HoldsText, "data is of type str, not a number"),
    ],
)
def test_an_engine_that_comes_to_no_gradient_gets_one_sentence(cls, sentence, capfd):
    one = graded(cls, seconds=0.5 if cls is students.Hangs else 10.0)
    assert not one.ok and sentence in one.first.sentence
    assert "\n" not in one.first.sentence
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits memory")
def test_an_engine_that_eats_memory_gets_one_sentence():
    one = grade(students.Eats, megabytes=100)
    assert one.first.sentence == "backward() needs more than 100 MB of memory"
    assert one.untried > 40


def test_after_three_graphs_beyond_the_limits_no_more_are_tried():
    one = graded(students.Hangs, seconds=0.5)  # also to start, on a busy machine
    assert [verdict.kind for verdict in one.verdicts] == ["", "", "", "time", "time", "time"]
    assert one.untried > 40 and f"{one.untried} graphs not tried" in one.text


def test_an_engine_may_print_and_nothing_of_it_is_seen(capfd):
    one = graded(students.Prints)
    assert one.ok and "It prints while it computes" in one.text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("cls", "sentence"),
    [
        (students.NoBackward, "NoBackward cannot be graded: the class has no backward."),
        (students.TwoNumbers, "making a leaf from 2.0 raises TypeError"),
        (int, "int cannot be graded: the class has no data and no backward."),
    ],
)
def test_a_class_that_is_no_engine_cannot_be_graded(cls, sentence):
    one = grade(cls)
    assert not one.ok and sentence in " ".join(one.text.split())
    assert json.loads(one.json)["score"] == 0


@pytest.mark.parametrize(
    ("engine", "kind", "sentence"),
    [
        (3.0, TypeError, "grade takes a class"),
        ("nowhere.py", FileNotFoundError, "there is no file nowhere.py"),
        (STUDENTS.with_name("data"), FileNotFoundError, "there is no file"),
        (STUDENTS.parents[1] / "README.md", ValueError, "is no .py file"),
    ],
)
def test_what_is_no_class_and_no_file_is_said(engine, kind, sentence):
    with pytest.raises(kind, match=sentence):
        grade(engine)


@pytest.mark.parametrize("limit", ["seconds", "megabytes"])
def test_limits_are_above_0(limit):
    with pytest.raises(ValueError, match="must be positive"):
        grade(students.Value, **{limit: 0})


# Files, and the command


def command(*words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "stepgrad", "grade", *words],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        cwd=cwd,
        timeout=120,
    )


def test_the_command_ends_with_0_for_a_right_engine_only():
    done = command(str(STUDENTS))
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("students.py, class Value: 10 of 10 capabilities right")
    done = command(str(STUDENTS), "--class", "Overwrites", "--format", "json")
    assert done.returncode == 1 and done.stderr == ""
    told = json.loads(done.stdout)
    assert told["mistakes"][0]["name"] == "overwrite" and told["ok"] is False
    assert told["first_wrong"]["graph"] == "a + a"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "there is no class Value, and none with a backward: it has no classes."),
        ("class Tensor: pass", "no class Value, and none with a backward: it has Tensor."),
        ("import sys; sys.exit()", "importing it ends Python (sys.exit), where it should return."),
        ("while True: pass", "no result within 0.5 s"),
        ("def f(:", "importing it raises SyntaxError: invalid syntax"),
        ("import nothing_of_that_name", "raises ModuleNotFoundError: No module named"),
        ("x = input()", "importing it waits for input (line 1), and nobody is there."),
        ("import os; os._exit(7)", "it ended Python with status 7."),
    ],
)
def test_a_file_without_an_engine_gets_one_sentence(source, sentence, tmp_path):
    file = tmp_path / "my_engine.py"
    file.write_text(source)
    one = grade(file, seconds=0.5 if "while" in source else 10.0)
    assert one.text.startswith("my_engine.py cannot be graded: ")
    assert sentence in " ".join(one.text.split())


def test_the_only_class_with_a_backward_is_found_and_files_beside_it_are(tmp_path):
    (tmp_path / "base.py").write_text(STUDENTS.read_text())
    (tmp_path / "engine.py").write_text(
        "from base import Value as _V\n\nclass Number(_V):\n    pass\n\nclass Other:\n    pass\n"
    )
    one = grade(tmp_path / "engine.py")
    assert one.ok and one.name == "engine.py, class Number"


INSIDE = "from .base import Value as _V\nfrom package.sub.base import Value as _W\n"


@pytest.mark.parametrize("init", ["", "import nothing_of_that_name\n", "from . import engine\n"])
def test_a_file_in_a_package_finds_what_stands_beside_it(init, tmp_path):
    folder = tmp_path / "package" / "sub"
    folder.mkdir(parents=True)
    (tmp_path / "package" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text(init)
    (folder / "base.py").write_text(STUDENTS.read_text())
    (folder / "engine.py").write_text(f"{INSIDE}assert _V is _W\n\nclass Number(_V):\n    pass\n")
    one = grade(folder / "engine.py")
    assert one.ok and one.name == "engine.py, class Number"


def test_an_unknown_class_is_said_with_those_that_there_are(tmp_path):
    one = grade(STUDENTS, class_name="Nothing")
    assert "there is no class Nothing: it has" in one.text


# The tasks, and the judge


def test_every_capability_has_tasks_and_every_method_is_an_operation():
    found = list(tasks(METHODS))
    assert {task.capability for task in found} == set(CAPABILITIES)
    assert all(name in TABLE for name in METHODS)
    assert all(any(f"{name}(a)" in task.text for task in found) for name in METHODS)
    assert [t.program for t in tasks(METHODS)] == [t.program for t in found]


def answer_of(task):
    """The right answer, as the process would write it down."""
    graph = Graph(task.y)
    return {
        "data": [node.data for node in task.nodes],
        "grad": task.expected(graph) if task.backward else None,
    }


def test_every_right_answer_is_right_and_every_changed_number_is_noticed():
    rng = random.Random(0)
    for task in tasks(METHODS):
        answer = answer_of(task)
        assert judged(task, answer, 1.0, 1.0).ok
        if len(task.nodes) < 100 and task.backward:
            for i in range(sum(node.op is None for node in task.nodes)):
                changed = list(answer["grad"])
                changed[i] += rng.choice([-1, 1]) * 1e-3 * (abs(changed[i]) or 1.0)
                assert judged(task, answer | {"grad": changed}, 1.0, 1.0).kind == "gradient"


def test_a_depth_first_sort_of_500_random_graphs_is_topological():
    for seed in range(500):
        y = random_graph(seed)
        for direction in (1, -1):
            order = depth_first_sort(y, direction)
            place = {node: i for i, node in enumerate(order)}
            assert len(order) == len(autograd.topological_order(y)) and order[-1] is y
            assert all(place[p] < place[node] for node in order for p in node.parents)


def test_the_process_uses_the_standard_library_only():
    source = Path(child.__file__).read_text()
    assert "autograd" not in source and "import numpy" not in source
