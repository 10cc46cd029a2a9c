"""A network as a `torch.nn.Sequential`, and back."""

from collections.abc import Iterator, Sequence
from typing import Any

from autograd.languages.modules import TORCH_MODULES
from autograd.op import TABLE, Op
from autograd.program.frameworks import required
from nn.export.layers import CannotExport, Dense, dense_layers
from nn.module import MLP

__all__ = ["from_torch", "to_torch", "torch_parts", "torch_state"]


def to_torch(model: MLP) -> Any:
    """The network as a `torch.nn.Sequential` of `Linear` modules and activations in float64, with
    the same weights.

    It takes a tensor of shape (examples, inputs), or (inputs,), and returns the outputs in its last
    dimension, also where there is a single one. No random number is drawn.

    Raises ImportError, with the command that installs it, where PyTorch is missing; TypeError for
    what is no MLP; CannotExport for a layer whose neurons have different activations, and for an
    activation that `torch.nn` has no module for: a Program of the model has a `to_torch` of its
    own, which takes any operation.

    >>> model = MLP(2, [3, 1], seed=0)
    >>> to_torch(model)  # doctest: +SKIP
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """
    layers = dense_layers(model)
    parts = torch_parts(layers)
    torch = required("torch")
    with torch.random.fork_rng(devices=[]):  # Linear draws weights, which are not used
        made = torch.nn.Sequential(*[eval(part, {"torch": torch}) for part in parts])
    made.load_state_dict(
        {
            name: torch.tensor(numbers, dtype=torch.float64)
            for name, numbers in torch_state(layers).items()
        }
    )
    return made


def torch_parts(layers: Sequence[Dense]) -> list[str]:
    """The modules as they are written in Python."""
    parts = []
    for layer in layers:
        parts.append(f"torch.nn.Linear({layer.inputs}, {len(layer.bias)}, dtype=torch.float64)")
        if layer.activation:
            parts.append(f"torch.nn.{module_of(layer.activation)}")
    return parts


def module_of(activation: Op) -> str:
    """The module for an activation, as it is written."""
    if not activation.is_built_in or activation.name not in TORCH_MODULES:
        raise CannotExport(
            f"torch.nn has no module for {activation.name}: it has {', '.join(TORCH_MODULES)}. "
            "Program(y).to_torch() takes any operation"
        )
    return TORCH_MODULES[activation.name][0]


def torch_state(layers: Sequence[Dense]) -> dict[str, Any]:
    """The numbers by the names that a Sequential gives them."""
    state: dict[str, Any] = {}
    place = 0
    for layer in layers:
        state[f"{place}.weight"], state[f"{place}.bias"] = layer.weight, layer.bias
        place += 2 if layer.activation else 1
    return state


def from_torch(module: Any) -> MLP:
    """The MLP that a `torch.nn.Sequential` of `Linear` modules and activations is, with the same
    numbers: that of `Sequential(Linear(2, 1), Tanh())` is MLP(2 → 1 tanh).

    Sequentials may be nested; `Identity` and `Dropout` are left out, as in evaluation; a missing
    bias is 0.

    Raises ImportError, with the command that installs it, where PyTorch is missing; TypeError for
    what is no Sequential; CannotExport for another module in it, for activations with settings that
    the table does not have, for two of them in a row, and for a Linear that does not take what the
    one before it gives.
    """
    torch = required("torch")
    if not isinstance(module, torch.nn.Sequential):
        raise TypeError(
            f"from_torch reads a torch.nn.Sequential, not {type(module).__name__}: put its parts "
            "into one, as in Sequential(Linear(2, 8), Tanh(), Linear(8, 1))"
        )
    layers: list[Dense] = []
    for part in flattened(torch, module):
        if type(part) is torch.nn.Linear:
            if layers and len(layers[-1].bias) != part.in_features:
                raise CannotExport(
                    f"{part} takes {part.in_features} inputs, and the layer before gives "
                    f"{len(layers[-1].bias)}"
                )
            weight = part.weight.detach().double().tolist()
            bias = [0.0] * len(weight) if part.bias is None else part.bias.detach().double()
            layers.append(Dense(weight, [float(b) for b in bias], None))
            continue
        activation = activation_of(torch, part)
        if not layers or layers[-1].activation:
            raise CannotExport(f"{part} does not follow a Linear: a layer is a Linear and then one")
        layers[-1] = layers[-1]._replace(activation=activation)
    if not layers:
        raise CannotExport("this Sequential has no Linear, and a network has at least one layer")
    numbers = iter(
        [pair for layer in layers for pair in zip(layer.weight, layer.bias, strict=True)]
    )
    return MLP(
        layers[0].inputs,
        [len(layer.bias) for layer in layers],
        [layer.activation for layer in layers],
        init=lambda rng, inputs, neurons: next(numbers),
    )


def flattened(torch: Any, module: Any) -> Iterator[Any]:
    """The modules of a Sequential, and of those in it, that do something in evaluation."""
    for part in module:
        if isinstance(part, torch.nn.Sequential):
            yield from flattened(torch, part)
        elif not isinstance(part, torch.nn.Identity | torch.nn.Dropout):
            yield part


def activation_of(torch: Any, part: Any) -> Op:
    """The operation that a module applies."""
    for name, texts in TORCH_MODULES.items():
        for text in texts:
            known = eval(f"torch.nn.{text}", {"torch": torch})
            if type(part) is type(known) and settings(part) == settings(known):
                return TABLE[name]
    known = ", ".join(texts[0] for texts in TORCH_MODULES.values())
    raise CannotExport(f"there is no operation for {part}: from_torch reads Linear, {known}")


def settings(part: Any) -> dict[str, Any]:
    """What an activation was made with, whether it works in place or not."""
    return {
        name: getattr(part, name)
        for name in getattr(type(part), "__constants__", ())
        if name != "inplace"
    }
