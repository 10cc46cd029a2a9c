"""Two moons, trained in minibatches by SGD: our way, and the same loop in NumPy.

The network and the loss are those of `moons`; an epoch also finds the mean loss and the accuracy.
"""

from typing import Any, NamedTuple

from benchmarks.measure import Answer, Job
from benchmarks.mlps import ByHand, first_parameters
from benchmarks.moons import PENALTY, RATE, SIZES

EPOCHS = 10  # in a run


class Training(NamedTuple):
    """Points with targets −1 and 1, the parameters to begin with, the size of a batch, and the
    order of the first epoch, which is the same for all."""

    inputs: Any
    targets: Any
    start: Any
    batch: int
    order: list[int]


def moons_training(points: int, batch: int) -> Training:
    import numpy as np

    import nn

    data = nn.moons(points)
    places = {x: i for i, x in enumerate(data.inputs)}
    order = [places[x] for rows in data.batches(batch) for x in rows.inputs]
    signs = 2 * np.array(data.targets) - 1
    return Training(np.array(data.inputs), signs, first_parameters(SIZES), batch, order)


def our_training(task: Training) -> Job:
    """What `nn.fit` does after it has recorded the loss."""
    import nn

    model = nn.MLP(SIZES[0], SIZES[1:])
    for parameter, number in zip(model.parameters(), task.start.tolist(), strict=True):
        parameter.data = number
    trainer = nn.Trainer(
        model,
        nn.moons(len(task.inputs)),
        loss="hinge",
        optimizer=nn.SGD(model.parameters(), RATE),
        batch_size=task.batch,
        penalty=PENALTY,
    )
    history = trainer.run(1, progress=False)
    after = [parameter.data for parameter in model.parameters()]
    found = answer(history.losses[0], history.accuracies[0], after)
    return Job(lambda: trainer.run(EPOCHS, progress=False), found)


def numpy_training(task: Training) -> Job:
    """The same loop in NumPy, with derivatives by hand."""
    import numpy as np

    points = len(task.inputs)
    parameters, change = task.start.copy(), np.empty_like(task.start)
    network = ByHand(SIZES, task.batch, parameters)
    x, delta = network.inputs[0][:-1], network.deltas[-1]
    inputs, targets = task.inputs.T.copy(), task.targets.astype(float)
    rng = np.random.default_rng(0)

    def epoch(order: Any) -> tuple[float, float]:
        loss = right = 0.0
        for i in range(0, points, task.batch):
            places = order[i : i + task.batch]
            np.take(inputs, places, axis=1, out=x)
            y = targets[places]
            margins = y * network.forward()
            hinge = np.maximum(1.0 - margins, 0.0)
            loss += hinge.sum() + PENALTY * parameters.dot(parameters) * task.batch
            right += float(np.count_nonzero(margins > 0.0))
            np.multiply(hinge > 0.0, y / -task.batch, out=delta)
            gradient = network.backward()
            np.multiply(parameters, 2 * PENALTY, out=change)
            np.add(gradient, change, out=change)
            np.multiply(change, RATE, out=change)
            np.subtract(parameters, change, out=parameters)
        return loss / points, right / points

    def run() -> list[tuple[float, float]]:
        return [epoch(rng.permutation(points)) for _ in range(EPOCHS)]

    return Job(run, answer(*epoch(np.array(task.order)), parameters.tolist()))


def answer(loss: float, accuracy: Any, after: list[float]) -> Answer:
    """What contenders have to agree on: the first epoch, and the parameters after it."""
    return {"loss": [float(loss)], "accuracy": [float(accuracy)], "parameters": after}
