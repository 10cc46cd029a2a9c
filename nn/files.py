"""Models in files, bit for bit: safetensors, which holds numbers and text, and never code.

A file holds layer1.weight with a row per neuron, layer1.bias, layer2.weight …, and a description
of the layers, against which everything is compared before a model is made. Its activations are
looked up among the built-in rows of the table: a file can name nothing else.
"""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from math import isfinite
from pathlib import Path
from reprlib import repr as shown  # short, and not deep, whatever a file holds
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from autograd.errors import AutogradError
from autograd.op import BUILT_IN, TABLE
from nn.module import MLP, Layer

if TYPE_CHECKING:  # `import viz` brings this file in, and shall not wait for NumPy
    from numpy import ndarray

FORMAT, VERSION = "stepgrad model", 1
KEY = "stepgrad"  # our one key in the metadata: safetensors writes several in random order
MAX_BYTES = 64 * 2**20  # of a file: 8 million numbers, which as Values take 2 GB
MAX_HEADER = 4 * 2**20  # of its names and JSON, which take many times their size when parsed
ACTIVATIONS = {name: TABLE[name] for name in BUILT_IN if len(TABLE[name].partials) == 1}


class FileError(AutogradError, ValueError):
    """A file or a path that is not what it should be, or a model that no file can hold."""


def save(model: MLP, path: str | os.PathLike[str]) -> Path:
    """Write a model into a file, and return its path. Equal models make equal files.

    The file is in the format of safetensors, whatever its name ends in. One that is there already
    is replaced as a whole, or not at all. How far training was is not in it: that is what
    `Trainer.save` is for.

    Raises FileError for a model with a nan, an infinity or an activation of one's own, and for a
    path that is a folder; TypeError for what is no MLP, and FileNotFoundError when the folder of
    the path is missing.

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
    }
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
    return MLP(
        info["inputs"],
        [layer["neurons"] for layer in layers],
        [ACTIVATIONS.get(layer["activation"]) for layer in layers],  # None is linear
        init=lambda rng, inputs, size: next(neurons),  # nothing random: seeds stay as they are
    )


def _activation(layer: Layer) -> str | None:
    """The name of a layer's activation, of those that a file can name."""
    rows = {neuron.activation for neuron in layer.neurons}
    if len(rows) != 1:
        raise FileError(f"this model cannot be saved: the neurons of {layer.name} differ")
    row = rows.pop()
    if row is None:
        return None
    if ACTIVATIONS.get(row.name) is not row:
        raise FileError(
            f"this model cannot be saved: the activation of {layer.name}, {row.name}, is not built "
            "in, and a file can name only those that are"
        )
    return row.name


def _check(arrays: Mapping[str, "ndarray"], info: dict[str, Any], where: str) -> None:
    """Compare the numbers of a model with its description. Nothing as large as it says is made."""
    if info.get("format") != FORMAT:
        raise FileError(f"{where} holds {shown(info.get('format'))}, not {FORMAT!r}")
    if type(info.get("version")) is not int or info["version"] != VERSION:
        raise FileError(
            f"{where} is of version {shown(info.get('version'))}, and only {VERSION} is known here"
        )
    if info.keys() != {"format", "version", "inputs", "layers", "parameters"}:
        raise FileError(f"{where} describes its model with {shown(sorted(info))}")
    if not isinstance(info["layers"], list) or not info["layers"]:
        raise FileError(f"{where} has no list of layers, but {shown(info['layers'])}")

    inputs = _size(info["inputs"], "inputs", where)
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
    if type(size) is not int or size < 1:  # True is an int too, and a slip or a trick
        raise FileError(f"{where} gives its number of {what} as {shown(size)}")
    return size


# Files of any content: arrays of floats by name, and some JSON beside them.


def pack(arrays: Mapping[str, Any], info: Mapping[str, Any]) -> bytes:
    """Numbers by name, in lists or lists of rows, and a dict that is plain JSON, as a file.

    Equal content makes equal bytes. Raises FileError for what `unpack` would not give back:
    numbers that are not finite, rows of unequal length, tuples in `info`, too much of anything.
    """
    from numpy import array, float64
    from safetensors.numpy import save as packed

    try:
        text = json.dumps(info, sort_keys=True, separators=(",", ":"), allow_nan=False)
        tensors = {name: array(numbers, float64, order="C") for name, numbers in arrays.items()}
        data = packed(tensors, {KEY: text})
        if _unpacked(data)[1] != info:
            raise ValueError("its description is not plain JSON, of dicts, lists, text and numbers")
    except (ValueError, OverflowError, RecursionError) as error:
        raise FileError(f"this cannot be saved: {error}") from None
    return data


def unpack(data: bytes, where: str) -> tuple[dict[str, "ndarray"], dict[str, Any]]:
    """What was packed: its numbers as arrays of float64, and its dict.

    Raises FileError, which begins with `where`, for everything that `pack` does not make.
    """
    from safetensors import SafetensorError

    try:
        return _unpacked(data)
    except (SafetensorError, ValueError, OverflowError, RecursionError) as error:
        raise FileError(f"{where} cannot be read: {error}") from None


def _unpacked(data: bytes) -> tuple[dict[str, "ndarray"], dict[str, Any]]:
    """`unpack`, with the errors of everyone who looks at the data."""
    from numpy import argwhere, isfinite
    from safetensors.numpy import load as tensors

    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data):,} bytes are too many: at most {MAX_BYTES:,}")
    length = int.from_bytes(data[:8], "little")  # of the header, which is JSON
    if length > len(data) - 8:
        raise ValueError("it is cut short, or no safetensors file at all")
    if length > MAX_HEADER:
        raise ValueError(f"its header has {length:,} bytes: at most {MAX_HEADER:,}")

    # safetensors compares sizes, offsets and shapes with each other and with the bytes. What it
    # lets pass is looked at here: names that come twice, other types of numbers, other metadata.
    header = _json(data[8 : 8 + length].decode())
    if not isinstance(header, dict):
        raise ValueError(f"its header is no object, but {shown(header)}")
    metadata = header.pop("__metadata__", None)
    if not isinstance(metadata, dict) or metadata.keys() != {KEY}:
        raise ValueError("it is not one of stepgrad's")
    for name, tensor in header.items():
        if not isinstance(tensor, dict) or tensor.keys() != {"dtype", "shape", "data_offsets"}:
            raise ValueError(f"it describes {shown(name)} as {shown(tensor)}")
        if tensor["dtype"] != "F64":
            raise ValueError(f"{shown(name)} is of {shown(tensor['dtype'])}, not of floats, 'F64'")
    arrays = tensors(data)
    for name, array in arrays.items():
        for place in argwhere(~isfinite(array)).tolist():
            raise ValueError(f"{name}{place} is {array[tuple(place)]}")

    info = _json(metadata[KEY])
    if not isinstance(info, dict):
        raise ValueError(f"its description is no object, but {shown(info)}")
    return arrays, info


def _json(text: str) -> Any:
    """JSON as its standard has it, where Python's reader is more generous."""
    return json.loads(
        text, object_pairs_hook=_distinct, parse_constant=_constant, parse_float=_finite
    )


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, thing in pairs:
        if name in found:
            raise ValueError(f"{shown(name)} comes twice")
        found[name] = thing
    return found


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text:.40} is too large for a float")
    return number


# Bytes and folders.


def read(path: Path) -> bytes:
    """The bytes of a file that is not too large to look at."""
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if not path.is_file():
        raise FileError(f"{path} cannot be read: it is no file")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise FileError(f"{path} cannot be read: {size:,} bytes are too many, over {MAX_BYTES:,}")
    return path.read_bytes()


def replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: in one move, from a temporary file beside it.

    Temporary files that a killed program has left there for the same path are removed.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}: make it first")
    if path.exists() and not path.is_file():
        raise FileError(f"{path} cannot be written: it is no file, and stays as it is")
    ours = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.tmp")
    temporary = path.with_name(f".{path.name}.{token_hex(4)}.tmp")
    try:
        strays = [name for name in os.listdir(path.parent) if ours.fullmatch(name)]
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.replace(temporary, path)
        except FileNotFoundError:
            # Someone who saved to the same path took our file for a stray, after we had begun and
            # they had finished. So there is always one who finishes, and we come after them.
            if not path.parent.is_dir():
                raise
            replace(path, data)
    except OSError as error:
        reason = f"cannot be written, {error.strerror or error}"
        raise OSError(error.errno, reason, str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
    for name in strays:
        with suppress(OSError):
            path.with_name(name).unlink()
