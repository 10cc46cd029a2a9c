"""What outputs stand for: one rule in training, evaluation and files; and classes by name."""

import numpy as np
import pytest

from autograd import Value
from nn import MLP, Dataset, Trainer, dataset, evaluate, fit, load, moons, save
from nn.data import matched
from nn.decisions import class_of, classifies, cuts_of, decided, hits
from nn.losses import binary_cross_entropy, cross_entropy, hinge, mse


def exactly(*outputs):
    """A model that gives these outputs, one for each of the inputs 0, 1, 2 …"""
    return lambda x: Value(outputs[int(x[0])])


def numbered(targets, **settings):
    return dataset(range(len(targets)), targets, **settings)


# Where one output passes from a class to the next


@pytest.mark.parametrize(
    ("decision", "targets", "classes", "cuts"),
    [
        ("sign", [0, 1], 2, (0.0,)),
        ("sign", [1, 1], None, (0.0,)),
        ("sign", [-1, 1], None, (0.0,)),
        ("sign", [0, 1, 2], 3, None),  # one sign for three classes
        ("nearest", [0, 1], 2, (0.5,)),
        ("nearest", [1, 1], None, (0.5,)),
        ("nearest", [-1, 1], None, (0.0,)),
        ("nearest", [0, 1, 2], 3, (0.5, 1.5)),
        ("nearest", [0, 1], 4, (0.5, 1.5, 2.5)),  # of classes that no example has, too
    ],
)
def test_the_cuts_follow_from_the_loss_and_the_data(decision, targets, classes, cuts):
    assert cuts_of(decision, numbered(targets, classes=classes)) == cuts


@pytest.mark.parametrize(
    ("output", "cuts", "answer"),
    [
        (0.25, (0.0,), 1),
        (0.0, (0.0,), 0),  # on the cut it is the lower one
        (-3, (0.5, 1.5), 0),
        (0.75, (0.5, 1.5), 1),
        (99.0, (0.5, 1.5), 2),
        (Value(0.75), (0.5,), 1),
        ([Value(0.75)], (0.5,), 1),
        ([1.0, 3.0, 2.0], (), 1),
        ([Value(2.0), Value(2.0)], (), 0),  # the first of the largest
        (np.array([1.0, 2.0]), (), 1),
        (np.float64(2.0), (0.0,), 1),
    ],
)
def test_an_output_stands_for_a_class(output, cuts, answer):
    assert decided(output, cuts) == answer


def test_minus_one_is_another_way_to_write_class_0():
    assert [class_of(y) for y in (-1, 0, 1, 2.0)] == [0, 0, 1, 2]


def test_one_output_cannot_hit_what_it_cannot_tell_apart():
    assert hits([0.0, 1.0], [0, 2], None) is None
    assert hits([[0.0, 1.0], [1.0, 0.0]], [1, 1], None) == 1


def test_rows_of_numbers_are_no_classes():
    rows = dataset([1.0, 2.0], [[0, 1], [1, 0]])
    assert not any(classifies(rows, loss) for loss in (mse, hinge, cross_entropy))
    assert not classifies(rows, binary_cross_entropy)


# One rule in training, evaluation and files


def test_three_classes_that_one_output_hits_exactly_are_all_right():
    data = numbered([0, 1, 2], classes=3)
    assert evaluate(exactly(0.0, 1.0, 2.0), data, "mse") == (0.0, 1.0)
    assert evaluate(exactly(0.4, 1.6, 2.0), data, "mse")[1] == pytest.approx(2 / 3)


def test_three_classes_and_one_output_have_no_accuracy_where_nobody_knows_the_rule():
    loss = lambda outputs, targets: outputs[0] - targets[0]
    data = numbered([0, 1, 2], classes=3)
    assert evaluate(exactly(0.0, 1.0, 2.0), data, loss)[1] is None
    history = fit(MLP(1, [1], seed=0), data, loss=loss, epochs=2, held_out=data, progress=False)
    assert history.accuracies == history.held_out_accuracies == [None, None]


@pytest.mark.parametrize("targets", [(0, 1), (-1, 1)])
@pytest.mark.parametrize("batch_size", [None, 1, 3])
def test_training_counts_in_batches_as_evaluation_does_in_all(targets, batch_size):
    """A batch may have targets of one class only, and the rule is that of all the data."""
    low, high = targets
    classes = None if low else 2
    data = numbered([low, high] * 6, classes=classes)
    loss = "hinge" if low else "mse"
    model = MLP(1, [1], seed=0)
    trainer = Trainer(model, data, loss=loss, batch_size=batch_size, optimizer="sgd",
                      learning_rate=1e-12)  # fmt: skip
    trainer.run(1, progress=False)
    assert trainer.history.accuracies[0] == evaluate(model, data, loss)[1]


def test_the_model_knows_what_its_outputs_mean_and_a_file_keeps_it(tmp_path):
    model = MLP(2, [4, 1], seed=0)
    assert (model.decision, model.class_names) == ("sign", ())
    fit(model, moons(20), loss="mse", epochs=1, progress=False)
    assert model.decision == "nearest"
    fit(model, moons(20), loss="bce", epochs=1, progress=False)
    assert model.decision == "sign"
    pets = dataset([(0, 1), (1, 0), (1, 1)], ["dog", "cat", "cat"])
    fit(model, pets, loss="mse", epochs=1, progress=False)
    again = load(save(model, tmp_path / "model"))
    assert (again.decision, again.class_names) == ("nearest", ("cat", "dog"))


# Classes by their names

ABC = dataset([0.0, 1.0, 2.0, 3.0], ["a", "b", "c", "a"])


def test_held_out_classes_are_matched_by_name():
    """b and c are the classes 0 and 1 of the held-out data, and 1 and 2 of the training data."""
    held_out = dataset([1.0, 2.0], ["b", "c"])
    assert held_out.targets == (0, 1)
    trainer = Trainer(MLP(1, [3], seed=0), ABC, loss="cross_entropy", held_out=held_out)
    assert trainer.held_out == Dataset([[1.0], [2.0]], [1, 2], 3, class_names=("a", "b", "c"))


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_the_accuracy_of_held_out_data_does_not_depend_on_which_classes_are_in_it(engine):
    model = MLP(1, [8, 3], seed=1)
    history = fit(
        model, ABC, loss="cross_entropy", held_out=dataset([1.0, 2.0], ["b", "c"]), engine=engine,
        optimizer="adam", learning_rate=0.1, epochs=100, progress=False,
    )  # fmt: skip
    assert history.accuracies[-1] == history.held_out_accuracies[-1] == 1.0
    assert evaluate(model, dataset([2.0, 1.0], ["c", "b"]), "cross_entropy")[1] == 1.0


@pytest.mark.parametrize(
    "call",
    [
        lambda other: Trainer(MLP(1, [3]), ABC, loss="cross_entropy", held_out=other),
        lambda other: fit(MLP(1, [3]), ABC, loss="cross_entropy", held_out=other),
        lambda other: evaluate(trained(), other, "cross_entropy"),
    ],
)
def test_a_class_that_was_not_trained_is_refused_by_name(call):
    with pytest.raises(ValueError, match=r"data has the class 'x', and the classes are a, b, c$"):
        call(dataset([1.0, 2.0], ["b", "x"]))


def trained():
    model = MLP(1, [3], seed=0)
    fit(model, ABC, loss="cross_entropy", epochs=0, progress=False)
    return model


def test_a_class_that_is_named_and_has_no_example_may_be_unknown():
    held_out = dataset([1.0, 2.0], ["b", "x"])[:1]
    assert matched(held_out, ABC.class_names, 3).targets == (1,)


def test_held_out_numbers_are_the_classes_of_those_numbers():
    trainer = Trainer(MLP(1, [3]), ABC, loss="cross_entropy", held_out=([1.0, 2.0], [2, 0]))
    assert trainer.held_out.targets == (2, 0) and trainer.held_out.classes == 3
    with pytest.raises(ValueError, match=r"is 3: the 3 classes are 0 to 2"):
        Trainer(MLP(1, [3]), ABC, loss="cross_entropy", held_out=([1.0, 2.0], [2, 3]))
