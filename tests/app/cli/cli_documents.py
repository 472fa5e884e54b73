#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a document may make the command line do: read data inside its own folder, and nothing else; keep no journal."""
import json
import os
import shutil
import subprocess
import sys

from clitest import CLI, SAMPLES, run, tap

BAD = 1
SPEC = {"format": "chainrule/1", "data": {"source": "file", "path": ""},
        "network": {"layers": [{"id": "d1", "type": "dense", "units": 3, "activation": "tanh"}, {"id": "out", "type": "dense", "units": 1}]},
        "losses": [{"id": "mse"}]}


def write(folder, path):
    docs = os.path.join(folder, "docs")
    os.makedirs(docs, exist_ok=True)
    for name in (os.path.join(folder, "out.csv"), os.path.join(docs, "in.csv")):
        with open(name, "w") as f:
            f.write("a,b,y\n" + "".join(f"{i},{i * i % 17},{2 * i}\n" for i in range(40)))
    if not os.path.islink(os.path.join(docs, "link.csv")):
        os.symlink("../out.csv", os.path.join(docs, "link.csv"))
    spec = json.loads(json.dumps(SPEC))
    spec["data"]["path"] = path
    doc = os.path.join(docs, "doc.json")
    with open(doc, "w") as f:
        json.dump(spec, f)
    return doc


def inside(folder):
    for path in ("in.csv", "./in.csv", os.path.join(folder, "docs", "in.csv")):
        run("train", write(folder, path), "--quiet", "--steps", 3)
        run("train", "docs/doc.json", "--quiet", "--steps", 3, cwd=folder)


def outside(folder):
    """One sentence that names the file and says what to do, and the exit status for bad input; the file itself is not opened."""
    for path in ("../out.csv", os.path.join(folder, "out.csv"), "link.csv", "/proc/self/environ", "/etc/passwd"):
        doc = write(folder, path)
        out, err = run("train", doc, "--quiet", "--steps", 3, status=BAD)
        assert out == "" and err.count("\n") == 1 and path in err and "outside of the document" in err and "--data FILE" in err, err
        assert "root:" not in err and "PATH=" not in err, err
        run("train", doc, "--quiet", "--steps", 3, "--data", os.path.join(folder, "out.csv"))
    return f"{5} names"


def traced(folder):
    """The system calls say the same: no open of what the document names."""
    if shutil.which("strace") is None or subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode != 0:
        return "strace is not usable here"
    log = os.path.join(folder, "log")
    for path in ("/etc/hostname", "../out.csv"):
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,connect,execve", "-o", log, CLI,
                        "train", write(folder, path), "--quiet"], capture_output=True)
        lines = open(log).read().splitlines()
        named = [x for x in lines if path in x]
        assert len(named) == 1 and "openat2(" in named[0] and "= -1 EXDEV" in named[0] and "RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS" in named[0].replace("RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH", "RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS"), named
        assert not [x for x in lines if "O_CREAT" in x or "O_WRONLY" in x or "O_RDWR" in x or "unlink" in x or "rename" in x or "connect" in x], lines[-5:]
        assert sum("execve" in x for x in lines) == 1
    return None


def no_journal(folder):
    """Whatever a verb does, the state folder stays empty and the home folder too."""
    home = os.path.join(folder, "home")
    os.makedirs(home)
    env = {"HOME": home, "XDG_STATE_HOME": os.path.join(home, "state"), "XDG_CONFIG_HOME": os.path.join(home, "config")}
    moons = os.path.join(SAMPLES, "moons.json")
    moons = moons if os.path.exists(moons) else os.path.join(SAMPLES, sorted(os.listdir(SAMPLES))[0])
    run("train", moons, "--steps", 20, "--save", "w.chainrule", "--quiet", cwd=folder, env=env)
    run("eval", "w.chainrule", cwd=folder, env=env)
    run("list", env=env)
    assert os.listdir(home) == [], os.listdir(home)


sys.exit(tap([("documents/inside", inside), ("documents/outside", outside), ("documents/traced", traced), ("documents/no-journal", no_journal)]))
