# SPDX-License-Identifier: Apache-2.0
"""What the tests of chainrule-cli share: running it, safetensors files, TAP lines."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import traceback

import numpy as np

CLI = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "chainrule-cli"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SAMPLES = os.path.join(ROOT, "data", "samples")
VECTORS = os.path.join(ROOT, "tests", "golden", "vectors")
DTYPES = {"F64": np.float64, "F32": np.float32, "I64": np.int64, "I32": np.int32, "U8": np.uint8}


def run(*args, status=0, cwd=None, env=None):
    """Runs the program and returns (stdout, stderr) as text; the exit status must be the one expected."""
    p = subprocess.run([CLI, *map(str, args)], capture_output=True, cwd=cwd, env={**os.environ, **(env or {})}, timeout=300)
    out, err = p.stdout.decode(), p.stderr.decode()
    assert p.returncode == status, f"{args}: exit {p.returncode}, wanted {status}\n{out[-600:]}\n{err[-1200:]}"
    return out, err


def read_tensors(path):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + n])
    out = {}
    for name, t in header.items():
        if name != "__metadata__":
            a, b = t["data_offsets"]
            out[name] = np.frombuffer(data[8 + n + a:8 + n + b], DTYPES[t["dtype"]]).reshape(t["shape"])
    return out


def write_tensors(path, tensors):
    header, blob = {}, b""
    for name, a in tensors.items():
        a = np.ascontiguousarray(a)
        kind = next(k for k, v in DTYPES.items() if v == a.dtype)
        header[name] = {"dtype": kind, "shape": list(a.shape), "data_offsets": [len(blob), len(blob) + a.nbytes]}
        blob += a.tobytes()
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + blob)


def tap(cases):
    """Runs (name, function) pairs, each with a folder of its own; prints TAP; returns the exit status."""
    failed = 0
    print(f"1..{len(cases)}", flush=True)
    for i, (name, func) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                note = func(folder)
                print(f"ok {i} - {name}" + (f" ({note})" if note else ""), flush=True)
            except Exception:
                failed += 1
                print(f"not ok {i} - {name}", flush=True)
                print("".join("# " + l + "\n" for l in traceback.format_exc().splitlines()[-30:]), flush=True)
    return 1 if failed else 0
