"""A recorded loss, trained on all devices that JAX finds: each takes a part of every batch.

    python devices_jax.py

On several machines, each runs the same line but for the last number, which counts them from 0. The
first one's address is that of all:

    python devices_jax.py --coordinator 10.0.0.1:9876 --processes 2 --process 0
"""

import argparse
import json

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from autograd import Program, Value
from nn import MLP, binary_cross_entropy, moons

RATE, STEPS = 0.5, 50

words = argparse.ArgumentParser()
words.add_argument("--coordinator")
words.add_argument("--processes", type=int)
words.add_argument("--process", type=int)
asked = words.parse_args()
if asked.coordinator:  # before anything else asks JAX for its devices
    jax.distributed.initialize(asked.coordinator, asked.processes, asked.process)

# The loss of one example, recorded.
model = MLP(2, [16, 1], "tanh", seed=0)
x1, x2, target = Value(0.0, "x1"), Value(0.0, "x2"), Value(0.0, "target")
program = Program(binary_cross_entropy([model([x1, x2])], [target]), inputs=[x1, x2, target])
function, parameters = program.to_jax()

# The examples are divided among all devices; the parameters are on each.
mesh = jax.make_mesh((jax.device_count(),), ("batch",))
divided, everywhere = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in (["batch"], []))
examples = np.array([[*x, y] for x, y in moons(800)])
mine = np.array_split(examples, jax.process_count())[jax.process_index()]
batch = jax.make_array_from_process_local_data(divided, mine)
parameters = jax.device_put(parameters, everywhere)


def loss(parameters, batch):
    """The mean over all devices: JAX adds up what each has."""
    return function(parameters, batch).mean()


@jax.jit
def step(parameters, batch):
    """A step of gradient descent."""
    return parameters - RATE * jax.grad(loss)(parameters, batch)


for _ in range(STEPS):
    # Wait for the step: simulated devices share few threads, and would wait for each other's steps.
    parameters = step(parameters, batch).block_until_ready()
last = float(jax.jit(loss)(parameters, batch))

for p, number in zip(program.parameters, np.asarray(parameters), strict=True):
    p.data = float(number)  # the model is trained, too: it can be explained, drawn and saved
if jax.process_index() == 0:
    found = {"devices": jax.device_count(), "loss": last, **model.state_dict()}
    print(json.dumps(found))
