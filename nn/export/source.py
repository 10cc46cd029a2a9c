"""A network in a file that another program runs."""

import os
from collections.abc import Callable
from pathlib import Path

from autograd.checks import choose
from autograd.disk import replace
from autograd.errors import unchecked
from autograd.languages import LANGUAGES, Language
from autograd.program.recording import forward
from autograd.value import Value
from nn.export.jax import jax_source
from nn.export.layers import CannotExport, dense_layers
from nn.export.onnx import to_onnx
from nn.export.pytorch import torch_parts, torch_state
from nn.module import MLP, one_example

__all__ = ["FORMATS", "export"]


def export(model: MLP, format: str, path: str | os.PathLike[str]) -> Path:
    """Write a network into a file, and return its path.

    `format` is one of `FORMATS`. "python", "c" and "javascript" are a function `program` of one
    example, instruction by instruction, with the numbers of the model in it. "torch" and "jax" are
    files of Python, with matrix products: a Sequential `model`, or a function `program` and its
    `parameters`. They are texts, so that neither framework is needed to write them. "onnx" is what
    `to_onnx` writes.

    A file that is there already is replaced as a whole, or not at all. Raises what `to_onnx`
    raises; ValueError for an unknown format; CannotExport for an activation that the format lacks.
    """
    write = choose(format, FORMATS, "format")
    path = Path(path)
    if write is to_onnx:
        return to_onnx(model, path)
    replace(path, write(model).encode())
    return path


def torch_text(model: MLP) -> str:
    layers = dense_layers(model)
    parts = "".join(f"    {part},\n" for part in torch_parts(layers))
    numbers = "".join(f'    "{name}": {array},\n' for name, array in torch_state(layers).items())
    return (
        f"import torch\n\nmodel = torch.nn.Sequential(\n{parts})\nnumbers = {{\n{numbers}}}\n"
        "model.load_state_dict(\n"
        "    {name: torch.tensor(array, dtype=torch.float64) for name, array in numbers.items()}\n"
        ")\n"
    )


def jax_text(model: MLP) -> str:
    layers = dense_layers(model)
    numbers = "".join(
        f'    {{"weight": jnp.array({layer.weight}), "bias": jnp.array({layer.bias})}},\n'
        for layer in layers
    )
    return f"{jax_source(layers)}\n\nparameters = [\n{numbers}]\n"


def text_in(language: Language) -> Callable[[MLP], str]:
    """What writes a network in a language, as a function of one example."""

    def text(model: MLP) -> str:
        dense_layers(model)  # which refuses what cannot be exported
        inputs = [Value(0.0) for _ in range(model.inputs)]
        with unchecked():  # the activation may not be defined at 0
            outputs = one_example(model(inputs))
        listing, parameters = forward(outputs, inputs)
        listing = listing.with_numbers([parameter.data for parameter in parameters])
        if not listing.is_built_in:
            custom = ", ".join(sorted(op.name for op in listing.ops if not op.is_built_in))
            raise CannotExport(
                f"{custom} is a custom operation whose value is known in Python only: write it as "
                "a formula of operations of autograd, and the model can be exported"
            )
        assert language.outputs is not None
        lines, ends = listing.lines(language, [f"x[{i}]" for i in range(model.inputs)])
        above = [language.head, *language.helpers_for(listing.ops)]
        if language.function is None:  # its operations are called, and not printed
            written = " ".join(lines)
            called = sorted(op.name for op in listing.ops if f"{op.name}(" in written)
            above += [f"from autograd import {', '.join(called)}\n"] if called else []
        above.append(language.outputs(lines, ends, model.inputs))
        return "\n".join(filter(None, above))

    return text


FORMATS: dict[str, Callable] = {
    "torch": torch_text,
    "jax": jax_text,
    "onnx": to_onnx,
    **{name: text_in(one) for name, one in LANGUAGES.items() if one.outputs},
}
