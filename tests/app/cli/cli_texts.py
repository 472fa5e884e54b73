# SPDX-License-Identifier: Apache-2.0
"""Every text of a table that the window shows through gettext is one that translators are given: xgettext, run as the build runs it over
data/po/POTFILES, finds each title, sentence, group and parameter title that `list` prints."""
import ast
import json
import os
import re
import shutil
import subprocess
import sys

from clitest import ROOT, run, tap

TABLES = ["activations", "losses", "initialisers", "optimisers", "schedules", "regularisers", "layers", "metrics", "datasets"]


def template():
    """msgids of the template, from the keywords of Meson's glib preset that our files use."""
    files = [f for f in open(os.path.join(ROOT, "data", "po", "POTFILES"), encoding="utf-8").read().split() if os.path.exists(os.path.join(ROOT, f))]
    out = subprocess.run(["xgettext", "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=ngettext:1,2", "--output=-",
                          "--directory=" + ROOT, *files], capture_output=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout.decode()
    return {"".join(ast.literal_eval(line) for line in m.group(1).splitlines()) for m in re.finditer(r'^msgid ((?:"(?:\\.|[^"\\])*"\n)+)', out, re.M)}


def test_texts(folder):
    if shutil.which("xgettext") is None:
        return "xgettext is not installed: texts not compared"
    known, everything, count = template(), json.loads(run("list", "--json")[0]), 0
    for table in TABLES:
        for row in everything[table]:
            for text in [row["name"], row["when"], row["group"], *[p["title"] for p in row["parameters"]]]:
                count += 1
                assert text in known, f"{table}/{row['id']}: “{text}” is in no translator's template"
    return f"{count} texts of {sum(len(everything[t]) for t in TABLES)} rows, {len(known)} in the template"


def test_refusals(folder):
    """Why an edit is refused is said in the window: each sentence is in the template."""
    if shutil.which("xgettext") is None:
        return "xgettext is not installed: texts not compared"
    known, count = template(), 0
    folder = os.path.join(ROOT, "engine", "nn")
    for name in sorted(n for n in os.listdir(folder) if n.startswith("spec-edit") and n.endswith(".c")):
        source = open(os.path.join(folder, name), encoding="utf-8").read()
        assert not re.search(r'_refuse_edit \((?:NULL|next), error,\s*"', source), f"{name}: a sentence without N_"
        for m in re.finditer(r'N_ \(("(?:\\.|[^"\\])*")\)', source):
            count += 1
            assert ast.literal_eval(m.group(1)) in known, f"{name}: {m.group(1)} is in no translator's template"
    return f"{count} sentences"


sys.exit(tap([("texts", test_texts), ("refusals", test_refusals)]))
