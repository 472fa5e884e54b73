#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Complete training runs of an independent implementation (tests/golden/vectors/networks) through the command line: the spec is written as a
user would, batches and weights are given, and losses, weights and the evaluation are compared within each file's own tolerance."""
import csv
import glob
import json
import os
import sys

import numpy as np

from clitest import VECTORS, read_tensors, run, tap, write_tensors

rows = {k: {r["id"]: r for r in v} for k, v in json.loads(run("list", "--json")[0]).items()}


def missing_rows(net):
    """Ids that the program has no row for: such a file fails with their names."""
    need = [("layers", n["op"]) for n in net["nodes"]] + [("activations", n["params"]["name"]) for n in net["nodes"] if n["op"] == "activation"]
    need += [("losses", t["id"]) for t in net["loss"]] + [("optimisers", net["optimiser"]["id"])]
    out = [f"{t} {i}" for t, i in need if i not in rows[t]]
    out += [f"{k}" for k in ("max_norm",) if net.get(k)]
    out += [f"regulariser {r['id']}" for r in net.get("regularisers") or [] if r["id"] not in ("l1", "l2") or r["apply_to"] != "weights"]
    return out


def to_spec(net):
    layers = []
    for n in net["nodes"]:
        p = dict(n["params"])
        layer = {"id": n["name"], "type": n["op"], "inputs": n["inputs"]}
        if n["op"] == "dense":
            layer["units"] = p.pop("out")
            layer["params"] = {"bias": 1 if p.pop("bias", True) else 0}
        elif n["op"] == "activation":
            layer["activation"] = {"id": p.pop("name"), "params": p}
        elif p:
            layer["params"] = {k: float(v) for k, v in p.items() if not isinstance(v, str)}
        layers.append(layer)
    opt = net["optimiser"]
    params = {k: float(v) for k, v in opt["params"].items() if not isinstance(v, str) and v is not None}
    known = {p["name"] for p in rows["optimisers"][opt["id"]]["parameters"]}
    variants = rows["optimisers"][opt["id"]]["variants"]
    optimiser = {"id": opt["id"], "params": {k: v for k, v in params.items() if k in known}}
    if params.get("weight_decay"):
        optimiser["params"]["decay_all"] = 1                      # the recorded runs decay every parameter, as PyTorch does
    for r in net.get("regularisers") or []:
        optimiser["params"][r["id"]] = r["params"]["lambda"]
    if net.get("gradient_clipping"):
        optimiser["params"]["clip_norm"] = net["gradient_clipping"]["params"]["max_norm"]
    if opt["variant"] in variants:
        optimiser["variant"] = opt["variant"]
    columns = [f"{b['name']}{j}" for b in net["inputs"] for j in range(b["size"])]
    targets = [f"t{j}" for j in range(np.array(net["data"]["t"]["data"]).size // net["data"]["t"]["shape"][0])] if "t" in net["data"] else []
    spec = {"format": "chainrule/1", "name": net["name"],
            "data": {"source": "file", "path": "data.csv", "inputs": columns, "targets": targets or columns, "test": 0, "scale_inputs": "none",
                     "scale_targets": "none", "task": "regress"},
            "network": {"layers": layers, "outputs": net["outputs"]},
            "losses": [{"id": t["id"], "params": {k: float(v) for k, v in t["params"].items()}, "reduction": t["reduction"], "weight": t["weight"],
                        "inputs": {"pred": t["inputs"]["pred"], "target": t["inputs"]["target"]},
                        **({"variant": t["variant"]} if t["variant"] in rows["losses"][t["id"]]["variants"] else {})} for t in net["loss"]],
            "optimiser": optimiser, "batch": {"size": net["batch_size"]},
            "training": {"seed": 1, "precision": "f64"}}
    if net.get("schedule"):
        spec["schedule"] = {"id": net["schedule"]["id"], "params": {k: v for k, v in net["schedule"]["params"].items() if k != "lr"}}
    return spec, columns, targets


def case(path):
    net = json.load(open(path))
    name = os.path.basename(path)[:-5]
    gaps = missing_rows(net)

    def test(folder):
        assert not gaps, f"no row for {', '.join(sorted(set(gaps)))}"
        spec, columns, targets = to_spec(net)
        blocks = [np.array(net["data"][b["name"]]["data"]).reshape(net["data"][b["name"]]["shape"]) for b in net["inputs"]]
        if targets:
            blocks.append(np.array(net["data"]["t"]["data"]).reshape(net["data"]["t"]["shape"][0], -1))
        with open(f"{folder}/data.csv", "w", newline="") as f:
            w = csv.writer(f)
            w.writerow(columns + targets)
            w.writerows([[repr(float(v)) for v in row] for row in np.hstack(blocks)])
        json.dump(spec, open(f"{folder}/spec.json", "w"))
        json.dump(net["batches"], open(f"{folder}/batches.json", "w"))
        tensors = {k: np.array(v["data"]).reshape(v["shape"]) for k, v in {**net["initial_params"], **net.get("initial_buffers", {})}.items()}
        write_tensors(f"{folder}/start.safetensors", tensors)
        run("train", "spec.json", "--batches", "batches.json", "--weights", "start.safetensors", "--save", "w.safetensors", "--save-every", 1,
            "--log", "log.jsonl", "--quiet", cwd=folder)
        log = [json.loads(l) for l in open(f"{folder}/log.jsonl")]
        losses = [l["loss"] for l in log if "loss" in l]
        want = net["expected"]["loss"]
        assert len(losses) == len(want) == 50, len(losses)
        rate = [l["lr"] for l in log if "lr" in l]
        np.testing.assert_allclose(rate, net["expected"].get("lr") or [net["optimiser"]["params"]["lr"]] * 50, rtol=1e-12)
        worst, compared = float(np.max(np.abs(np.array(losses) - want))), len(want)
        tolerance = net["tolerance_f64"]
        limit = tolerance if isinstance(tolerance, (int, float)) else None
        assert worst <= max(1e-10, 10 * (limit or tolerance["50"])), f"loss differs by {worst}"
        for step, after in net["expected"]["after_step"].items():
            got = read_tensors(f"{folder}/w-{int(step):08d}.safetensors")
            atol = limit or tolerance[step]
            for key, flat in {**after["params"], **after.get("buffers", {})}.items():
                error = float(np.max(np.abs(got[key].ravel() - np.array(flat).ravel())))
                compared += got[key].size
                assert error <= max(atol, 1e-12), f"step {step}: {key} differs by {error:.3g}, tolerance {atol:.3g}"
            out = json.loads(run("eval", "spec.json", "--weights", f"w-{int(step):08d}.safetensors", "--json", cwd=folder)[0])
            assert abs(out["train"]["loss"] - after["full_loss_eval"]) <= max(1e-10, 10 * atol), (out, after["full_loss_eval"])
        return f"{compared} numbers, losses within {worst:.2g}"
    return f"networks/{name}", test


def main():
    cases = [case(p) for p in sorted(glob.glob(os.path.join(VECTORS, "networks", "*.json")))]
    assert len(cases) == 6
    return tap(cases)


sys.exit(main())
