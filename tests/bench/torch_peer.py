#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The workloads of `chainrule-cli bench` in PyTorch, as its own tutorials write them: eager, autograd, one optimiser step.

Reads lines "WORKLOAD SECONDS" from standard input and answers each with the median of the rounds in seconds a step (W8: a node). It stays
alive between them, so that a comparison can take turns without starting the interpreter again."""
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1)
NETS = {  # widths, activation, batch, rows, loss, optimiser
    "W1": ([2, 8, 8, 1], nn.Tanh, 10, 500, "mse", lambda p: torch.optim.SGD(p, lr=0.03)),
    "W2": ([784, 128, 10], nn.ReLU, 64, 2048, "ce", lambda p: torch.optim.Adam(p, lr=1e-3)),
    "W3": ([784, 512, 256, 10], nn.ReLU, 128, 2048, "ce", lambda p: torch.optim.Adam(p, lr=1e-3)),
    "W4": ([1024, 2048, 2048, 1024], nn.ReLU, 256, 1024, "mse", lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9)),
}
ROUNDS = 9
kept = {}


def network(workload):
    widths, activation, batch, rows, loss, optimiser = NETS[workload]
    layers = []
    for fan_in, fan_out in zip(widths, widths[1:]):
        layers += [nn.Linear(fan_in, fan_out), activation()]
    net = nn.Sequential(*layers[:-1])
    x = torch.randn(rows, widths[0])
    t = torch.randint(0, widths[-1], (rows,)) if loss == "ce" else torch.randn(rows, widths[-1])
    rule, criterion = optimiser(net.parameters()), F.cross_entropy if loss == "ce" else F.mse_loss
    order, at = [torch.randperm(rows)], [0]

    def step():  # a random batch is gathered, as in the trainer
        if at[0] + batch > rows:
            order[0], at[0] = torch.randperm(rows), 0
        pick = order[0][at[0]:at[0] + batch]
        at[0] += batch
        rule.zero_grad(set_to_none=True)
        criterion(net(x[pick]), t[pick]).backward()
        rule.step()
    return step, 1


def scalar_chain(n):
    def step():  # n nodes, + and * in turn, recorded and differentiated
        x = torch.tensor(1.0001, dtype=torch.float64, requires_grad=True)
        y = x
        for i in range(n):
            y = y * x if i % 2 else y + x
        y.backward()
    return step, n


def median_of(workload, seconds):
    if workload not in kept:
        kept[workload] = scalar_chain(1000) if workload == "W8" else network(workload)
    step, per = kept[workload]
    step()
    began = time.perf_counter()
    step()
    n = max(1, int(seconds / ROUNDS / max(time.perf_counter() - began, 1e-9)))
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(n):
            step()
        times.append((time.perf_counter() - began) / n / per)
    return statistics.median(times)


torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
print(torch.__version__, flush=True)
for line in sys.stdin:
    name, budget = line.split()
    print(repr(median_of(name, float(budget))), flush=True)
