"""A recorded loss, trained by several processes of PyTorch: each takes a part of every batch.

    torchrun --nproc-per-node 2 devices_torch.py

On several machines, each runs the same line but for the rank, which counts them from 0. The first
one's address is that of all:

    torchrun --nnodes 2 --node-rank 0 --master-addr 10.0.0.1 --nproc-per-node 2 devices_torch.py
"""

import json

import torch
import torch.distributed as dist

from autograd import Program, Value
from nn import MLP, binary_cross_entropy, moons

RATE, STEPS = 0.5, 50

dist.init_process_group("gloo")  # "nccl" between GPUs
rank, processes = dist.get_rank(), dist.get_world_size()

# The loss of one example, recorded.
model = MLP(2, [16, 1], "tanh", seed=0)
x1, x2, target = Value(0.0, "x1"), Value(0.0, "x2"), Value(0.0, "target")
program = Program(binary_cross_entropy([model([x1, x2])], [target]), inputs=[x1, x2, target])
function, parameters = program.to_torch()

examples = torch.tensor([[*x, y] for x, y in moons(800)], dtype=torch.float64)
mine = examples[rank::processes]  # parts of equal sizes: their means have equal weights


def mean_of_all(number):
    """The mean of what the processes have, on each of them."""
    dist.all_reduce(number)
    return number / processes


for _ in range(STEPS):
    (gradient,) = torch.autograd.grad(function(parameters, mine).mean(), parameters)
    gradient = mean_of_all(gradient)
    with torch.no_grad():
        parameters -= RATE * gradient
last = mean_of_all(function(parameters, mine).detach().mean())

for p, number in zip(program.parameters, parameters.tolist(), strict=True):
    p.data = number  # the model is trained, too: it can be explained, drawn and saved
if rank == 0:
    print(json.dumps({"devices": processes, "loss": last.item(), **model.state_dict()}))
dist.destroy_process_group()
