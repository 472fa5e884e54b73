#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The bundled samples learn what they promise, over three seeds, within the time that a newcomer waits."""
import json
import os
import sys
import time

from clitest import SAMPLES, run, tap

BARS = {"moons": ("accuracy", 0.96), "penguins": ("accuracy", 0.97), "digits": ("accuracy", 0.95), "auto-mpg": ("r2", 0.84), "fashion": ("accuracy", 0.75),
        "typed-formula": ("accuracy", 0.97)}
SLACK = 0.03


def sample(name):
    key, bar = BARS[name]

    def test(folder):
        own = json.load(open(os.path.join(SAMPLES, name + ".json")))["training"]["seed"]
        got, seconds = [], 0
        for seed in (own, own + 1, own + 2):
            began = time.monotonic()
            run("train", os.path.join(SAMPLES, name + ".json"), "--seed", seed, "--save", "w.safetensors", "--quiet", cwd=folder)
            seconds = max(seconds, time.monotonic() - began)
            out = json.loads(run("eval", os.path.join(SAMPLES, name + ".json"), "--seed", seed, "--weights", "w.safetensors", "--json", cwd=folder)[0])
            got.append(out["test"][key])
        assert got[0] >= bar and min(got) >= bar - SLACK, (name, got)
        return f"{key} " + ", ".join(f"{g:.3f}" for g in got) + f"; {seconds:.1f} s"
    return "samples/" + name, test


sys.exit(tap([sample(n) for n in BARS]))
