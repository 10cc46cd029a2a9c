"""The main job on a real example, from typed-in text to a network with a smaller error.

The 2-2-2 network is that of 'A Step by Step Backpropagation Example' by M. Mazur
(https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/).
"""

from pathlib import Path

from autograd.expression import evaluate
from autograd.teaching import explain
from nn.data import moons
from viz import save
from viz.cli.training import train_on

NETWORK = """
net_h1 = w1*i1 + w2*i2 + b1
h1 = sigmoid(net_h1)
net_h2 = w3*i1 + w4*i2 + b1
h2 = sigmoid(net_h2)
net_o1 = w5*h1 + w6*h2 + b2
o1 = sigmoid(net_o1)
net_o2 = w7*h1 + w8*h2 + b2
o2 = sigmoid(net_o2)
E = (t1 - o1)**2/2 + (t2 - o2)**2/2
"""
GIVEN = {"i1": 0.05, "i2": 0.10, "b1": 0.35, "b2": 0.60, "t1": 0.01, "t2": 0.99}
WEIGHTS = {
    "w1": 0.15, "w2": 0.20, "w3": 0.25, "w4": 0.30,
    "w5": 0.40, "w6": 0.45, "w7": 0.50, "w8": 0.55,
}  # fmt: skip
RATE = 0.5


def demo(picture: str) -> None:
    """Print the walk-through for a weight of each layer, save the picture, take one step."""
    print("A network of two inputs, two hidden and two output neurons, and its error E:")
    print(NETWORK)
    error, known = evaluate(NETWORK, GIVEN | WEIGHTS)
    output_weight, hidden_weight = explain(error, known["w5"]), explain(error, known["w1"])
    print(output_weight.forward_text)
    print("\n--- The way back to w5, a weight of the output layer ---\n")
    print(output_weight.backward_text)
    print("\n--- The way back to w1, a weight of the hidden layer: two paths meet in h1 ---\n")
    print(hidden_weight.backward_text)

    error.backward()
    print(
        f"\nThe whole graph, with the gradient at every node: {save(error, picture, names=False)}"
    )

    print(f"\nOne step against the gradient, with learning rate {RATE}:\n")
    stepped = {}
    for name, weight in WEIGHTS.items():
        slope = known[name].grad
        assert slope is not None
        stepped[name] = weight - RATE * slope
        print(f"  {name}: {weight:.2f} - {RATE} · {slope:12.9f} = {stepped[name]:.9f}")
    after, _ = evaluate(NETWORK, GIVEN | stepped)
    print(f"\nThe error E goes from {error:.9f} to {after:.9f}.")


def second_half(picture: str) -> None:
    """Train a larger network, and leave it and its picture beside the picture of the first."""
    print("\nThe second half: a network of two hidden layers learns to tell two moons apart.\n")
    beside = Path(picture).with_suffix("")
    train_on(
        moons(200, noise=0.15, seed=0),
        hidden=[8, 8],
        activation="tanh",
        rate=0.03,
        epochs=90,
        model_path=f"{beside}-moons.safetensors",
        picture_path=f"{beside}-moons.png",
    )
