"""Models in files, bit for bit, with a checksum.

A file holds layer1.weight with a row per neuron, layer1.bias, layer2.weight …, and a description
of the layers, against which everything is compared before a model is made. Its activations are
looked up among the built-in operations: a file can name nothing else. What the outputs mean, the
decision and the names of the classes, is in the description, too, and so are the names of the
inputs, where the model has some.
"""

import os
from collections.abc import Mapping
from itertools import chain
from math import isfinite
from pathlib import Path
from reprlib import repr as shown  # short, and not deep, whatever a file holds
from typing import TYPE_CHECKING, Any

from autograd.disk import FileError, read, replace
from nn.files.container import pack, unpack
from nn.module import ACTIVATIONS, DECISIONS, MLP, Layer

if TYPE_CHECKING:  # `import viz` imports this file, and must not wait for NumPy
    from numpy import ndarray

__all__ = ["load", "save"]

FORMAT, VERSION = "stepgrad model", 2
PARTS = {"format", "version", "inputs", "layers", "parameters", "decision", "class_names"}
NAMES = "feature_names"  # a part that most files do without


def save(model: MLP, path: str | os.PathLike[str]) -> Path:
    """Write a model into a file, and return its path. Equal models make equal files.

    The file is in the format of safetensors, whatever its name ends in. One that is there already
    is replaced as a whole, or not at all, and keeps its permissions. How far training was is not
    in it: that is what `Trainer.save` is for.

    Raises FileError for a model with a nan, an infinity or a custom activation, and for a path that
    is a folder; TypeError for what is no MLP, FileNotFoundError when the folder of the path is
    missing, and PermissionError for a file that is read-only.

    >>> from tempfile import TemporaryDirectory
    >>> model = MLP(2, [3, 1], seed=0)
    >>> with TemporaryDirectory() as folder:
    ...     path = save(model, folder + "/moons.safetensors")
    ...     again = load(path)
    >>> again
    MLP(2 → 3 relu → 1)
    >>> again.state_dict() == model.state_dict()
    True
    """
    path = Path(path)
    if type(model) is not MLP:  # of a subclass, a file could not tell what it adds
        raise TypeError(f"only an MLP can be saved, not {type(model).__name__}")
    for name, number in model.state_dict().items():
        if not isfinite(number):
            raise FileError(f"this model cannot be saved: its {name} is {number}")
    info = {
        "format": FORMAT,
        "version": VERSION,
        "inputs": model.inputs,
        "layers": [
            {"neurons": len(layer.neurons), "activation": _activation(layer)}
            for layer in model.layers
        ],
        "parameters": len(model.parameters()),
        "decision": model.decision,
        "class_names": list(model.class_names),
    }
    if model.feature_names:
        info[NAMES] = list(model.feature_names)
    arrays: dict[str, list] = {}
    for i, layer in enumerate(model.layers, start=1):
        arrays[f"layer{i}.weight"] = [[w.data for w in neuron.w] for neuron in layer.neurons]
        arrays[f"layer{i}.bias"] = [neuron.b.data for neuron in layer.neurons]
    data = pack(arrays, info)
    _check(*unpack(data, "this model"), "this model")  # its layers may be changed by hand
    replace(path, data)
    return path


def load(path: str | os.PathLike[str]) -> MLP:
    """The model in a file that `save` wrote: an MLP with the same layers and the same numbers.

    Nothing in the file is run. Raises FileError for a file that is not, to the last byte, a saved
    model; FileNotFoundError for no file at all.
    """
    path = Path(path)
    arrays, info = unpack(read(path), str(path))
    _check(arrays, info, str(path))
    layers = info["layers"]
    neurons = chain.from_iterable(
        zip(arrays[f"layer{i}.weight"].tolist(), arrays[f"layer{i}.bias"].tolist(), strict=True)
        for i in range(1, len(layers) + 1)
    )
    model = MLP(
        info["inputs"],
        [layer["neurons"] for layer in layers],
        [ACTIVATIONS.get(layer["activation"]) for layer in layers],  # None is linear
        init=lambda rng, inputs, size: next(neurons),  # nothing random: seeds stay as they are
    )
    model.decision, model.class_names = info["decision"], tuple(info["class_names"])
    model.feature_names = tuple(info.get(NAMES, ()))
    return model


def _activation(layer: Layer) -> str | None:
    """The name of a layer's activation, one of those that a file can name."""
    operations = {neuron.activation for neuron in layer.neurons}
    if len(operations) != 1:
        raise FileError(f"this model cannot be saved: the neurons of {layer.name} differ")
    operation = operations.pop()
    if operation is None:
        return None
    if ACTIVATIONS.get(operation.name) is not operation:
        raise FileError(
            f"this model cannot be saved: the activation of {layer.name}, {operation.name}, is not "
            "built in, and a file can name only those that are"
        )
    return operation.name


def _check(arrays: Mapping[str, "ndarray"], info: dict[str, Any], where: str) -> None:
    """Compare the numbers of a model with its description, before anything of its size is made."""
    if info.get("format") != FORMAT:
        raise FileError(f"{where} holds {shown(info.get('format'))}, not {FORMAT!r}")
    if type(info.get("version")) is not int or info["version"] != VERSION:
        raise FileError(
            f"{where} is of version {shown(info.get('version'))}, and only {VERSION} is known here"
        )
    if info.keys() - {NAMES} != PARTS:
        raise FileError(f"{where} describes its model with {shown(sorted(info))}")
    if not isinstance(info["layers"], list) or not info["layers"]:
        raise FileError(f"{where} has no list of layers, but {shown(info['layers'])}")

    if info["decision"] not in DECISIONS:
        raise FileError(f"{where} asks for a decision by {shown(info['decision'])}: there is none")
    names = info["class_names"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise FileError(f"{where} gives the names of its classes as {shown(names)}")

    inputs = _size(info["inputs"], "inputs", where)
    names = info.get(NAMES)
    if NAMES in info and not (
        isinstance(names, list)
        and len(names) == inputs
        and all(isinstance(name, str) for name in names)
    ):
        raise FileError(f"{where} gives the names of its {inputs} inputs as {shown(names)}")
    shapes: dict[str, tuple[int, ...]] = {}
    for i, layer in enumerate(info["layers"], start=1):
        if not isinstance(layer, dict) or layer.keys() != {"neurons", "activation"}:
            raise FileError(f"{where} describes layer {i} as {shown(layer)}")
        activation = layer["activation"]
        if activation is not None and not (
            isinstance(activation, str) and activation in ACTIVATIONS
        ):
            raise FileError(f"{where} asks for an activation {shown(activation)}: there is none")
        neurons = _size(layer["neurons"], f"neurons in layer {i}", where)
        shapes[f"layer{i}.weight"] = neurons, inputs
        shapes[f"layer{i}.bias"] = (neurons,)
        inputs = neurons

    for name in sorted(shapes.keys() ^ arrays.keys()):
        has, needs = ("has", "do not") if name in arrays else ("has no", "do")
        raise FileError(f"{where} {has} {shown(name)}, which its layers {needs} need")
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise FileError(
                f"{where} has {name} as {arrays[name].shape}, and its layers need {shown(shape)}"
            )
    count = sum(array.size for array in arrays.values())
    if _size(info["parameters"], "parameters", where) != count:
        raise FileError(f"{where} has {count} parameters, and says {shown(info['parameters'])}")


def _size(size: Any, what: str, where: str) -> int:
    if type(size) is not int or size < 1:  # True is an int too, by mistake or as a trick
        raise FileError(f"{where} gives its number of {what} as {shown(size)}")
    return size
