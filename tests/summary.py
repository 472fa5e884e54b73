#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts TAP lines of the given .tap files and of Meson's JSON test logs; the last line is "N passed, N failed[, N skipped]".

A program that ends badly without a failed TAP line (crash, time-out, wrong plan) counts as one failure more."""
import json
import os
import re
import sys

LINE = re.compile(r"^(not ok|ok)\b(.*)$", re.M)


def count(text):
    """(passed, failed, skipped) among the top-level TAP lines of a text."""
    passed = failed = skipped = 0
    for word, rest in LINE.findall(text):
        if "# SKIP" in rest:
            skipped += 1
        elif word == "ok":
            passed += 1
        else:
            failed += 1
    return passed, failed, skipped


def main():
    total = [0, 0, 0]
    failures = []
    for path in sys.argv[1:]:
        if not os.path.exists(path):
            continue
        if path.endswith(".tap"):
            got = count(open(path, encoding="utf-8", errors="replace").read())
            total = [a + b for a, b in zip(total, got)]
            continue
        for line in open(path, encoding="utf-8", errors="replace"):
            test = json.loads(line)
            got = list(count(test.get("stdout", "")))
            good = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
            if sum(got) == 0:
                got = [1, 0, 0] if good and test["result"] != "SKIP" else [0, 0, 1] if good else [0, 1, 0]
            elif not good and got[1] == 0:
                got[1] = 1
            if not good:
                failures.append(f"{path.split('/')[1]}: {test['name']}: {test['result']}")
            total = [a + b for a, b in zip(total, got)]
    for f in failures:
        print("failed:", f)
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] or total[0] == 0 else 0


sys.exit(main())
