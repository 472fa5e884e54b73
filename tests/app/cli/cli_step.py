# SPDX-License-Identifier: Apache-2.0
"""What a screen reader says of a training step: `step --speech`. The 1-1-2-1 example against a golden, and rules that hold for any network: a sentence
for each position, no sign that a voice would stumble over in a formula, a matrix by its norm."""
import os
import re
import sys

from clitest import ROOT, SAMPLES, run, tap

GOLDEN = os.path.join(ROOT, "tests", "golden", "speech", "one-one-two-one.txt")
FORMULA = re.compile(r"(?:In symbols|With numbers|Result): [^.]*(?:\.\d[^.]*)*\.")


def test_golden(folder):
    text, _ = run("step", "--speech", os.path.join(SAMPLES, "one-one-two-one.chainrule"))
    with open(GOLDEN, encoding="utf-8") as f:
        want = f.read()
    assert text == want, next((a, b) for a, b in zip(text.splitlines() + [""], want.splitlines() + [""]) if a != b)
    return f"{len(want.splitlines())} sentences"


def check(line, where):
    assert re.match(r"(Start, \d+ steps: |Step \d+ of \d+, (forward|backward|update)[:,] )\S", line), (where, line)
    assert line.endswith("."), (where, line)
    assert "nan" not in line.lower().split() and "  " not in line and " ," not in line, (where, line)
    for formula in FORMULA.findall(line):
        assert not re.search(r"[=×÷∂∇←⋯⋮⋱‖√()\[\]]", formula), (where, formula)
        assert " times times " not in formula and "times," not in formula.replace("times, entry by entry,", ""), (where, formula)
        assert not re.search(r"\b[HWb] (squared|cubed|to the power)", formula), (where, formula)


def test_rules(folder):
    count = 0
    for sample, of in (("moons.json", []), ("moons.json", ["--batch"]), ("digits-autoencoder.json", []), ("one-one-two-one.chainrule", [])):
        for detail in ("operations", "units", "layers"):
            lines = run("step", "--speech", "--detail", detail, *of, "--to", 400, os.path.join(SAMPLES, sample))[0].splitlines()
            for line in lines:
                check(line, (sample, detail))
            count += len(lines)
    assert count > 500, count
    layers = run("step", "--speech", "--detail", "layers", os.path.join(SAMPLES, "digits-autoencoder.json"))[0].splitlines()
    assert "the norm of H⁽¹⁾ is" in layers[1] and "H superscript 1 equals" in layers[1], layers[1]
    return f"{count} sentences"


def test_to(folder):
    """--to stops it, and the position is the one of the tape."""
    lines = run("step", "--speech", "--to", 5, os.path.join(SAMPLES, "one-one-two-one.chainrule"))[0].splitlines()
    assert len(lines) == 6 and lines[5].startswith("Step 5 of 30, forward: z₂ is 0.8362."), lines


sys.exit(tap([("step/speech-golden", test_golden), ("step/speech-rules", test_rules), ("step/speech-to", test_to)]))
