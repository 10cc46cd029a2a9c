"""Files of any content: arrays of floats by name, some JSON beside them, and a checksum of both.

The format is that of safetensors, which holds numbers and text, and never code.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from math import isfinite
from reprlib import repr as shown  # short, and not deep, whatever a file holds
from typing import TYPE_CHECKING, Any

from autograd.disk import MAX_BYTES, FileError

if TYPE_CHECKING:  # `import viz` imports this file, and must not wait for NumPy
    from numpy import ndarray

__all__ = ["CHECKSUM", "KEY", "MAX_HEADER", "checksum", "pack", "unpack"]

CHECKSUM = "sha256"  # the entry of the description that holds it
KEY = "stepgrad"  # the only key in the metadata: safetensors writes several in random order
MAX_HEADER = 4 * 2**20  # of its names and JSON, which take many times their size when parsed


def pack(arrays: Mapping[str, Any], info: Mapping[str, Any]) -> bytes:
    """Numbers by name, in lists or lists of rows, and a dict that is plain JSON, as a file.

    Equal content makes equal bytes. Raises FileError for what `unpack` would not give back:
    numbers that are not finite, rows of unequal length, tuples in `info`, too much of anything.
    """
    from numpy import array, float64
    from safetensors.numpy import save as packed

    try:
        text = json.dumps(info, sort_keys=True, separators=(",", ":"), allow_nan=False)
        if _description(text) != info:
            raise ValueError("its description is not plain JSON, of dicts, lists, text and numbers")
        tensors = {name: array(numbers, float64, order="C") for name, numbers in arrays.items()}
        data = packed(tensors, {KEY: text})
        length = check_length(data)
        header = json.loads(data[8 : 8 + length])
        del header["__metadata__"]
        sealed = {**info, CHECKSUM: checksum(header, info, data[8 + length :])}
        text = json.dumps(sealed, sort_keys=True, separators=(",", ":"))
        data = packed(tensors, {KEY: text})
        _unpacked(data)
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
    """`unpack`, with the errors of json and safetensors as they are."""
    from numpy import argwhere, isfinite
    from safetensors.numpy import load as tensors

    length = check_length(data)
    # safetensors compares sizes, offsets and shapes with each other and with the bytes. What it
    # accepts is checked here: names that come twice, other types of numbers, other metadata.
    header = _json(data[8 : 8 + length].decode())
    if not isinstance(header, dict):
        raise ValueError(f"its header is no object, but {shown(header)}")
    metadata = header.pop("__metadata__", None)
    if not isinstance(metadata, dict) or metadata.keys() != {KEY}:
        raise ValueError("it was not written by stepgrad")
    for name, tensor in header.items():
        if not isinstance(tensor, dict) or tensor.keys() != {"dtype", "shape", "data_offsets"}:
            raise ValueError(f"it describes {shown(name)} as {shown(tensor)}")
        if tensor["dtype"] != "F64":
            raise ValueError(f"{shown(name)} is of {shown(tensor['dtype'])}, not of floats, 'F64'")
    arrays = tensors(data)
    for name, array in arrays.items():
        for place in argwhere(~isfinite(array)).tolist():
            raise ValueError(f"{name}{place} is {array[tuple(place)]}")

    info = _description(metadata[KEY])
    if CHECKSUM not in info:
        raise ValueError("it has no checksum")
    if info.pop(CHECKSUM) != checksum(header, info, data[8 + length :]):
        raise ValueError("its checksum is not that of its content: it was changed or damaged")
    return arrays, info


def _description(text: str) -> dict[str, Any]:
    info = _json(text)
    if not isinstance(info, dict):
        raise ValueError(f"its description is no object, but {shown(info)}")
    return info


def check_length(data: bytes) -> int:
    """The length of the header. Raises ValueError for a file that is cut short or too large."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data):,} bytes are too many: at most {MAX_BYTES:,}")
    length = int.from_bytes(data[:8], "little")  # of the header, which is JSON
    if length > len(data) - 8:
        raise ValueError("it is cut short, or no safetensors file at all")
    if length > MAX_HEADER:
        raise ValueError(f"its header has {length:,} bytes: at most {MAX_HEADER:,}")
    return length


def checksum(header: Mapping[str, Any], info: Mapping[str, Any], numbers: bytes) -> str:
    """The SHA-256 of where the numbers stand, of the description, and of the numbers."""
    hashed = sha256(json.dumps([header, info], sort_keys=True).encode())
    hashed.update(numbers)
    return hashed.hexdigest()


def _json(text: str) -> Any:
    """JSON by its standard, which is stricter than Python's reader."""
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
