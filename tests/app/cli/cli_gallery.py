#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each card of the gallery shows what its name says, over three seeds. (Moons, digits and the autoencoder have their bars in cli_samples.)"""
import json
import math
import os
import sys

import numpy as np

from clitest import SAMPLES, read_tensors, run, tap


def path(name):
    return os.path.join(SAMPLES, name + ".json")


def trained(folder, name, seed, *options, status=0):
    _, err = run("train", path(name), "--seed", seed, *options, "--save", "w.safetensors", "--quiet", cwd=folder, status=status)
    return err


def judged(folder, name, seed, *options):
    return json.loads(run("eval", path(name), "--seed", seed, *options, "--weights", "w.safetensors", "--json", cwd=folder)[0])


def test_xor_linear(folder):
    """No line parts XOR: the loss stays within 2 % of ln 2."""
    losses = []
    for seed in (1, 2, 3):
        trained(folder, "xor-linear", seed)
        losses.append(judged(folder, "xor-linear", seed)["train"]["loss"])
    assert all(abs(x - math.log(2)) < 0.02 * math.log(2) for x in losses), losses
    return ", ".join(f"{x:.4f}" for x in losses)


def bar(name, key, least):
    def test(folder):
        got = []
        for seed in (1, 2, 3):
            trained(folder, name, seed)
            got.append(judged(folder, name, seed)["test"][key])
        assert min(got) >= least, got
        return ", ".join(f"{x:.3f}" for x in got)
    return test


def test_dying(folder):
    """A third of the units and more answer 0 to every point."""
    x, dead = np.linspace(-1.8, 1.8, 400)[:, None], []
    for seed in (1, 2, 3):
        trained(folder, "dying-relu", seed)
        w, h, n = read_tensors(f"{folder}/w.safetensors"), x, 0
        for layer in ("d1", "d2"):
            h = np.maximum(h @ w[layer + ".weight"].T + w[layer + ".bias"], 0)
            n += int((h.max(0) <= 0).sum())
        dead.append(n)
    assert min(dead) >= 8, dead
    return ", ".join(map(str, dead)) + " of 24 dead"


def test_ten_sigmoid(folder):
    """The gradient of the first layer is less than a ten-thousandth of the last's."""
    got = []
    for seed in (1, 2, 3):
        trained(folder, "ten-sigmoid-layers", seed, "--steps", 1)
        run("grad", path("ten-sigmoid-layers"), "--seed", seed, "--weights", "w.safetensors", "--rows", "0..210", "--out", "g.safetensors", cwd=folder)
        g = read_tensors(f"{folder}/g.safetensors")
        rms = [float(np.sqrt((g[f"d{i}.weight"] ** 2).mean())) for i in (1, 11)]
        got.append(rms[0] / rms[1])
    assert max(got) < 1e-4, got
    return "first layer's gradient " + ", ".join(f"{x:.0e}" for x in got) + " of the last's"


def test_symmetric(folder):
    """After training all units of a layer are still the same."""
    for seed in (1, 2, 3):
        trained(folder, "symmetric-start", seed)
        w = read_tensors(f"{folder}/w.safetensors")
        for name in ("d1.weight", "d2.weight"):
            spread = np.abs(w[name] - w[name][:1]).max() / np.abs(w[name]).max()
            assert spread < 1e-5, (seed, name, spread)
    return "three seeds"


def test_rate_too_big(folder):
    """Every seed leaves the finite numbers, or ends worse than it began by far."""
    words = []
    for seed in (1, 2, 3):
        err = trained(folder, "rate-too-big", seed, status=1)
        assert "step" in err.lower(), err
        words.append(err.strip()[:60])
    return words[0]


def test_crickets(folder):
    """Learnt by heart: the test loss is five times the training loss and more."""
    ratios = []
    for seed in (1, 2, 3):
        trained(folder, "crickets", seed)
        m = judged(folder, "crickets", seed)
        assert m["train"]["r2"] > 0.95, m["train"]
        ratios.append(m["test"]["loss"] / m["train"]["loss"])
    assert min(ratios) > 5, ratios
    return ", ".join(f"{r:.0f} times" for r in ratios)


def test_huber(folder):
    """Against the true curve Huber errs less than half as much as squared error, each time."""
    with open(f"{folder}/clean.csv", "w") as f:
        f.write("x,y\n" + "".join(f"{x},{math.sin(2.5 * x) + 0.3 * x}\n" for x in np.linspace(-2.5, 2.5, 201)))
    with open(path("huber-outliers")) as f:
        spec = json.load(f)
    got = {}
    for loss in ("huber", "mse"):
        if loss == "mse":
            spec["losses"] = [{"id": "mse"}]
        with open(f"{folder}/s.json", "w") as f:
            json.dump(spec, f)
        for seed in (1, 2, 3):
            run("train", "s.json", "--seed", seed, "--save", "w.chainrule", "--quiet", cwd=folder)
            got.setdefault(loss, []).append(json.loads(run("eval", "w.chainrule", "--data", "clean.csv", "--json", cwd=folder)[0])["data"]["rmse"])
    assert all(h < 0.55 * m for h, m in zip(got["huber"], got["mse"])), got
    return "; ".join(f"{k} " + ", ".join(f"{x:.2f}" for x in v) for k, v in got.items())


sys.exit(tap([("gallery/xor-linear", test_xor_linear), ("gallery/spirals", bar("spirals", "accuracy", 0.93)), ("gallery/wave", bar("wave", "r2", 0.85)),
              ("gallery/dying-relu", test_dying), ("gallery/ten-sigmoid-layers", test_ten_sigmoid), ("gallery/symmetric-start", test_symmetric),
              ("gallery/rate-too-big", test_rate_too_big), ("gallery/crickets", test_crickets), ("gallery/huber-outliers", test_huber)]))
