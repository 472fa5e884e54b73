#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of specs: it is a valid schema, every sample meets it, faults do not, and it names every key that the reader knows."""
import glob
import json
import os
import re
import sys

import jsonschema

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

WRONG = [
    {}, {"format": "chainrule/2"}, {"format": "chainrule/1", "name": 3}, {"format": "chainrule/1", "network": []},
    {"format": "chainrule/1", "network": {"layers": [{}]}}, {"format": "chainrule/1", "network": {"layers": [{"id": "a b"}]}},
    {"format": "chainrule/1", "network": {"layers": [{"id": "a", "units": -1}]}}, {"format": "chainrule/1", "losses": [{}]},
    {"format": "chainrule/1", "batch": {"order": "random"}}, {"format": "chainrule/1", "training": {"precision": "f16"}},
    {"format": "chainrule/1", "data": {"test": 1}}, {"format": "chainrule/1", "optimiser": {"params": []}},
    {"format": "chainrule/1", "schedule": {"per": "day"}}, {"format": "chainrule/1", "training": {"seed": -1}},
]


def keys_of_reader():
    """table name -> keys, from the rows that reader and writer loop over."""
    text = open(os.path.join(ROOT, "app/io/spec/fields.c"), encoding="utf-8").read()
    return {m.group(1): re.findall(r'\{ "(\w+)",', m.group(2)) for m in re.finditer(r"ChainField (\w+)_fields\[\] = \{(.*?)\n\};", text, re.S)}


def keys_of_schema(schema):
    p, d = schema["properties"], schema["definitions"]
    return {"root": p, "data": d["data"]["properties"], "network": p["network"]["properties"], "input": p["network"]["properties"]["inputs"]["items"]["properties"],
            "layer": d["layer"]["properties"], "loss": d["loss"]["properties"], "choice": d["choice"]["anyOf"][1]["properties"],
            "schedule": p["schedule"]["anyOf"][1]["properties"], "batch": p["batch"]["properties"], "training": p["training"]["properties"],
            "early": p["training"]["properties"]["early_stopping"]["anyOf"][1]["properties"]}


def main():
    schema = json.load(open(os.path.join(ROOT, "data/chainrule-spec.schema.json"), encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    samples = sorted(glob.glob(os.path.join(ROOT, "data/samples/*.json")))
    checks = [("five samples or more", len(samples) >= 5)]
    for path in samples:
        errors = [e.message for e in validator.iter_errors(json.load(open(path, encoding="utf-8")))]
        checks.append((f"{os.path.basename(path)} {errors}", not errors))
    for wrong in WRONG:
        checks.append((f"refused: {json.dumps(wrong)}", not validator.is_valid(wrong)))
    reader, named = keys_of_reader(), keys_of_schema(schema)
    checks.append(("the same tables", set(reader) == set(named)))
    for table in sorted(reader):
        checks.append((f"keys of {table}", sorted(reader[table]) == sorted(named[table])))
    print(f"1..{len(checks)}")
    for i, (name, ok) in enumerate(checks, 1):
        print("ok" if ok else "not ok", i, "-", name.replace("#", ""))
    return 0 if all(ok for _, ok in checks) else 1


sys.exit(main())
