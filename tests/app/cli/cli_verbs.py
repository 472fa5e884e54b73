#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The contract of chainrule-cli, verb by verb: options, output, exit status, nothing half-written."""
import json
import os
import subprocess
import sys

import numpy as np

from clitest import CLI, ROOT, SAMPLES, read_tensors, run, tap, write_tensors

MOONS = os.path.join(SAMPLES, "moons.json")
TABLES = ["activations", "losses", "initialisers", "optimisers", "schedules", "regularisers", "layers", "metrics", "ops", "datasets", "views"]
VERBS = ["list", "train", "eval", "predict", "grad", "check", "render", "inspect", "lr-range", "bench", "plan"]


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def test_help(folder):
    assert "train" in run("--help")[0] and run("--version")[0].startswith("chainrule-cli ")
    assert "OpenBLAS core" in run("--version", "--verbose")[0]
    for verb in VERBS:
        assert "Examples:" in run(verb, "--help")[0], verb
    for args in ([], ["nonsense"], ["train"], ["train", MOONS, "--bogus"], ["list", "nonsense"], ["render", MOONS], ["inspect", "x.csv"],
                 ["bench", "W99"], ["bench", "8-0-1"], ["bench", "8-4", "--batch", "0"], ["train", MOONS, "--epochs", "1", "--steps", "1"], ["render", MOONS, "--view", "no-such", "-o", "x.png"]):
        assert run(*args, status=2)[1], args


def test_list(folder):
    everything = json.loads(run("list", "--json")[0])
    assert list(everything) == TABLES
    count = 0
    for table in TABLES:
        rows = json.loads(run("list", table, "--json")[0])
        assert rows == everything[table] and len(rows) >= 3, table
        assert len({r["id"] for r in rows}) == len(rows)
        for r in rows:
            count += 1
            assert r["name"] and set(r) >= {"id", "name", "formula", "parameters", "source", "lecture"}, r
            for p in r["parameters"]:
                assert set(p) >= {"name", "default", "min", "max"}
                for bound, sign in (("min", 1), ("max", -1)):
                    assert p[bound] is None or (p["default"] - p[bound]) * sign >= 0, (r["id"], p)
        assert rows[0]["id"] in run("list", table)[0]
    return f"{count} rows"


def test_plan(folder):
    items = run("plan", MOONS)[0].splitlines()
    both = run("plan", MOONS, "--program", "--batch", 7)[0].splitlines()
    assert items[0].startswith("b 32, ") and both[0].startswith("b 7, "), (items[0], both[0])
    count = int(items[0].split()[2])
    assert len(items) == 1 + count and all(line.split()[0] == str(i) for i, line in enumerate(items[1:]))
    assert sum(" matmul " in line for line in items) == 8 and not any(line.startswith("program") for line in items)
    assert any("SQRT (a)" in line for line in both), "the update of Adam takes a root"
    assert run("plan", MOONS, "--batch", "0", status=2)[1] and run("plan", "no-such.json", status=1)[1]
    return f"{count} items"


def test_lr_range(folder):
    r = json.loads(run("lr-range", MOONS, "--min", "1e-4", "--max", "100", "--steps", 150, "--json")[0])
    lr, loss, smooth = (np.array([p[k] for p in r["steps"]]) for k in ("lr", "loss", "smoothed"))
    assert np.allclose(lr, 1e-4 * (1e6) ** (np.arange(len(lr)) / 149), rtol=1e-12)
    average = 0
    for k, x in enumerate(loss):
        average = 0.98 * average + 0.02 * x
        assert abs(average / (1 - 0.98 ** (k + 1)) - smooth[k]) <= 1e-12 * smooth[k]
    best = np.minimum.accumulate(smooth)
    assert not (smooth[1:-1] > 4 * best[:-2]).any()
    assert {"rose": smooth[-1] > 4 * best[-2], "highest": len(lr) == 150, "diverged": len(lr) < 150}[r["end"]], r["end"]
    assert r["tenth_of_minimum"] == lr[smooth.argmin()] / 10
    slope = (smooth[2:] - smooth[:-2]) / np.log(lr[2:] / lr[:-2])
    assert r["steepest"] == lr[1 + slope.argmin()] and slope.min() < 0
    assert run("lr-range", MOONS, "--steps", 20)[0] == run("lr-range", MOONS, "--steps", 20)[0]
    for bad in (["--min", "1", "--max", "0.1"], ["--steps", "1"], ["--min", "0"]):
        run("lr-range", MOONS, *bad, status=2)
    return f"{len(lr)} steps, {r['end']}, {r['steepest']:.3g}, {r['tenth_of_minimum']:.3g}"


def test_train_log(folder):
    run("train", MOONS, "--epochs", 3, "--log", "log.jsonl", "--save", "w.safetensors", "--quiet", cwd=folder)
    log = [json.loads(l) for l in open(f"{folder}/log.jsonl")]
    steps = [l for l in log if "loss" in l]
    evals = [l for l in log if "train" in l]
    assert [l["step"] for l in steps] == list(range(1, 22)), [l["step"] for l in steps]
    assert all(set(l) == {"step", "epoch", "loss", "lr"} for l in steps)
    assert evals and all(0 <= l["test"]["accuracy"] <= 1 for l in evals)
    w = read_tensors(f"{folder}/w.safetensors")
    assert w["d1.weight"].shape == (6, 2) and w["d1.bias"].shape == (6,) and not [k for k in w if k.startswith("opt.")]


def test_determinism(folder):
    for name in "ab":
        run("train", MOONS, "--steps", 40, "--save", f"{name}.safetensors", "--quiet", cwd=folder)
    run("train", MOONS, "--steps", 40, "--seed", 2, "--save", "c.safetensors", "--quiet", cwd=folder)
    same = [open(f"{folder}/{n}.safetensors", "rb").read() for n in "abc"]
    assert same[0] == same[1] != same[2]
    run("train", MOONS, "--steps", 17, "--save", "half.chainrule", "--quiet", cwd=folder)
    run("train", "half.chainrule", "--steps", 40, "--save", "d.safetensors", "--quiet", cwd=folder)
    assert open(f"{folder}/d.safetensors", "rb").read() == same[0], "a resumed run differs from an uninterrupted one"
    for locale in ("de_DE.UTF-8", "tr_TR.UTF-8"):
        run("train", MOONS, "--steps", 40, "--save", "e.safetensors", "--quiet", cwd=folder, env={"LC_ALL": locale})
        assert open(f"{folder}/e.safetensors", "rb").read() == same[0]
    run("train", MOONS, "--steps", 40, "--save", "f.safetensors", "--threads", 2, "--quiet", cwd=folder)
    assert open(f"{folder}/f.safetensors", "rb").read() == same[0], "the number of threads changes bits"


def test_orders(folder):
    for order in ("shuffle", "sequential", "replacement", "balanced", "undersample"):
        run("train", MOONS, "--order", order, "--steps", 5, "--quiet")
    run("train", MOONS, "--order", "sideways", "--steps", 5, status=1)


def test_eval_predict(folder):
    run("train", MOONS, "--epochs", 40, "--save", "w.safetensors", "--quiet", cwd=folder)
    out = json.loads(run("eval", MOONS, "--weights", "w.safetensors", "--json", cwd=folder)[0])
    assert set(out) == {"train", "test"} and out["train"]["accuracy"] > 0.9, out
    figures = out["train"]
    for key in "macro_f1 balanced_accuracy kappa mcc auc average_precision log_loss brier ece mce".split():
        assert 0 <= figures[key] <= 1, (key, figures)
    assert figures["auc"] > 0.95 and abs(figures["log_loss"] - figures["loss"]) < 1e-6 and "r2" not in figures, figures
    rows = run("predict", MOONS, "--weights", "w.safetensors", cwd=folder)[0].splitlines()
    assert len(rows) == 301
    csv = "x1,x2,class\n" + "".join(f"{x},{y},{c}\n" for x, y, c in [(-1, 1, 0), (1, -1, 1), (0.5, 0.5, 0)])
    header = json.loads(run("list", "datasets", "--json")[0])
    assert header
    return f"test accuracy {out['test']['accuracy']:.3f}"


def test_csv(folder):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 2))
    labels = np.where(x[:, 0] + x[:, 1] > 0, "yes", "no")
    write(folder, "d.csv", "a,b,answer\n" + "".join(f"{p:.6f},{q:.6f},{c}\n" for (p, q), c in zip(x, labels)))
    run("train", MOONS, "--data", "d.csv", "--target", "answer", "--split", 0.25, "--epochs", 40, "--save", "m.chainrule", "--quiet", cwd=folder)
    out = json.loads(run("eval", "m.chainrule", "--json", cwd=folder)[0])
    assert out["test"]["accuracy"] > 0.9, out
    out = json.loads(run("eval", "m.chainrule", "--data", "d.csv", "--json", cwd=folder)[0])
    assert set(out) == {"data"} and out["data"]["accuracy"] > 0.9
    write(folder, "new.csv", "a,b\n2,2\n-2,-2\n")
    rows = run("predict", "m.chainrule", "--data", "new.csv", cwd=folder)[0].splitlines()
    assert rows[0].endswith("answer") and rows[1].endswith("yes") and rows[2].endswith("no"), rows
    wide = json.loads(run("inspect", "--as=csv", "--json", "--cell", "0,0", "d.csv", cwd=folder)[0])
    assert wide["ok"] and wide["rows"] == 200 and wide["cols"] == 3 and abs(wide["cells"][0][2] - float(f"{x[0, 0]:.6f}")) < 1e-7
    write(folder, "bad.csv", "a,b,answer\n1,2,yes\n1,oops\n")
    _, err = run("train", MOONS, "--data", "bad.csv", "--target", "answer", status=1, cwd=folder)
    assert "bad.csv" in err and "line 3" in err and len(err.splitlines()) == 1, err
    _, err = run("train", MOONS, "--data", "d.csv", "--target", "nothing", status=1, cwd=folder)
    assert "nothing" in err, err


def test_grad(folder):
    f64 = ["--precision", "f64"]
    run("train", MOONS, *f64, "--steps", 3, "--save", "w.safetensors", "--quiet", cwd=folder)
    w = read_tensors(f"{folder}/w.safetensors")
    rng = np.random.default_rng(3)
    v = {k: rng.normal(size=a.shape) for k, a in w.items()}
    write_tensors(f"{folder}/v.safetensors", v)

    def grad(tensors, *more):
        write_tensors(f"{folder}/p.safetensors", tensors)
        out = run("grad", MOONS, *f64, "--weights", "p.safetensors", "--rows", "0..32", "--out", "g.safetensors", *more, cwd=folder)[0]
        return json.loads(out)["loss"], read_tensors(f"{folder}/g.safetensors")
    h = 1e-5
    _, g = grad(w, "--hvp", "v.safetensors")
    up, g_up = grad({k: a + h * v[k] for k, a in w.items()})
    down, g_down = grad({k: a - h * v[k] for k, a in w.items()})
    slope = sum(float(np.sum(g[k] * v[k])) for k in w)
    assert abs((up - down) / (2 * h) - slope) <= 1e-8 * max(1, abs(slope)), ((up - down) / (2 * h), slope)
    for k in w:
        np.testing.assert_allclose(g["hvp." + k], (g_up[k] - g_down[k]) / (2 * h), rtol=1e-5, atol=1e-7)
    run("grad", MOONS, "--weights", "w.safetensors", "--rows", "5..5", "--out", "x.safetensors", status=1, cwd=folder)
    assert not os.path.exists(f"{folder}/x.safetensors")


def test_check(folder):
    for sample in sorted(os.listdir(SAMPLES)):
        extra = ["--max-entries", 40]
        out, _ = run("check", os.path.join(SAMPLES, sample), *extra)
        assert "BAD" not in out, out


def test_render(folder):
    views = json.loads(run("list", "views", "--json")[0])
    for view in views:
        for kind in ("png", "svg", "pdf"):
            for style in ("light", "dark"):
                path = f"{folder}/{view['id']}-{style}.{kind}"
                sample = "wave" if "regression" in view["id"] else "moons"
                run("render", os.path.join(SAMPLES, sample + ".json"), "--view", view["id"], "--steps", 20, "--style", style, "-o", path)
                head = open(path, "rb").read(8)
                assert head.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind]) and os.path.getsize(path) > 500, path
    for sample in sorted(os.listdir(SAMPLES)):
        run("render", os.path.join(SAMPLES, sample), "--view", "network", "--size", "400x300", "-o", f"{folder}/n.png")
    return f"{len(views)} views"


def test_divergence(folder):
    _, err = run("train", os.path.join(SAMPLES, "wave.json"), "--set", "optimiser=sgd", "--set", "optimiser.params.lr=900", "--epochs", 50,
                 "--save", "last.safetensors", "--quiet", status=1, cwd=folder)
    assert "step" in err.lower() and len(err.strip().splitlines()) == 1, err
    w = read_tensors(f"{folder}/last.safetensors")
    assert all(np.isfinite(a).all() for a in w.values()), "the last good weights are not finite"


def test_bad_specs(folder):
    good = json.load(open(MOONS))

    def bad(change, word):
        spec = json.loads(json.dumps(good))
        change(spec)
        path = write(folder, "s.json", json.dumps(spec))
        _, err = run("train", path, "--steps", 1, status=1)
        assert len(err.strip().splitlines()) == 1 and word in err, err
    bad(lambda s: s.update(format="chainrule/3"), "newer")
    bad(lambda s: s["network"]["layers"][1].update(inputs=["nowhere"]), "nowhere")
    bad(lambda s: s["network"]["layers"][1].update(id="d1"), "d1")
    bad(lambda s: s["network"]["layers"][0].update(units=0), "d1")
    bad(lambda s: s["network"]["layers"][0].update(activation="tahn"), "tahn")
    bad(lambda s: s["optimiser"]["params"].update(lr=-1), "learning rate")
    bad(lambda s: s["optimiser"]["params"].update(beta9=1), "beta9")
    bad(lambda s: s.update(losses=[]), "loss")
    bad(lambda s: s["losses"][0].update(id="no_such_loss"), "no_such_loss")
    bad(lambda s: s["data"].update(id="no_such_data"), "no_such_data")
    bad(lambda s: s["batch"].update(size=-3), "size")
    run("train", write(folder, "t.json", "{"), status=1)
    run("train", os.path.join(folder, "absent.json"), status=1)
    run("train", MOONS, "--set", "optimiser.params.lr=fast", status=1)
    run("train", MOONS, "--set", "no.such.path=1", status=1)


def test_terminal(folder):
    write(folder, "esc.csv", "a,b\n1,\x1b[2J\n2,\x9b\n3,\u202e\n")
    for args in (["inspect", "--as=csv", "--json", "esc.csv"], ["train", MOONS, "--data", "esc.csv", "--target", "\x1b[31mred"],
                 ["train", "\x1b[2J.json"]):
        p = subprocess.run([CLI, *args], capture_output=True, cwd=folder)
        assert b"\x1b" not in p.stdout + p.stderr and b"\x9b" not in (p.stdout + p.stderr).replace(b"\xc2\x9b", b"\x9b"), (args, p.stdout, p.stderr)


def test_batches(folder):
    write(folder, "b.json", "[[0,1,2],[3,4],[5]]")
    run("train", MOONS, "--batches", "b.json", "--log", "l.jsonl", "--quiet", cwd=folder)
    assert len([l for l in open(f"{folder}/l.jsonl") if '"lr"' in l]) == 3
    for text in ("[[0,100000]]", "[]", "[[]]", "{}", "[[1.5]]", "[[-1]]"):
        write(folder, "b.json", text)
        run("train", MOONS, "--batches", "b.json", "--quiet", status=1, cwd=folder)


def main():
    names = [n for n in globals() if n.startswith("test_")]
    return tap([("cli/" + n[5:], globals()[n]) for n in names])


sys.exit(main())
