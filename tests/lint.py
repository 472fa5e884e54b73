#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules that a compiler does not know: rooms, file length, licence line, banned calls, unfinished marks, paths of somebody's machine.

Run without arguments it prints what is wrong; --tap prints one TAP line a rule."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# a room may include itself and these (ARCHITECTURE: each room uses only the rooms to its left)
ENGINE = ["base", "graph", "run", "lang", "nn"]
APP = ["io", "maths", "stepper", "train", "picture", "health", "session", "cli"]
UI = ["canvas", "maths", "health", "explore", "pages", "build", "settings", "gallery", "dialogs", "backprop", "window"]
UI_ENGINE = {"engine/base/types.h", "engine/base/number.h", "engine/lang/formula.h", "engine/nn/spec.h", "engine/nn/table.h", "engine/nn/dataset.h", "engine/nn/metrics.h", "engine/nn/health.h",
             "engine/run/backend-registry.h", "engine/nn/model.h"}
MAIN_FILES = {"app/cli/main.c", "ui/window/main.c"}

BANNED = re.compile(r"\b(strtod|strtof|strtold|atof|atoi|atol|sscanf|fscanf|strcasecmp|strncasecmp|toupper|tolower|setlocale|g_strtod|g_ascii_strtod"
                    r"|g_file_replace_contents|g_file_set_contents|rand|srand|random|drand48|g_random_\w+|strtok|gets|sprintf|strcpy|strcat)\s*\(")
BANNED_OK = {"engine/base/number.c", "ui/window/main.c", "app/cli/main.c"}
FLOAT_FORMAT = re.compile(r'"[^"\n]*%[-+ #0-9.*]*l?[aefgAEFG][^"\n]*"')
FLOAT_OK = ("tests/", "ui/", "engine/base/number.c")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|not implemented|placeholder)\b")
MACHINE = re.compile(r"/(home|work|root)/[a-z]")


def files():
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True).stdout
    return [f for f in out.splitlines() if os.path.isfile(os.path.join(ROOT, f))]


def code_of(text):
    """Text with comments blanked, strings kept."""
    def blank(m):
        s = m.group(0)
        return s if s[0] in "\"'" else re.sub(r"[^\n]", " ", s)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def allowed(src, inc):
    top, dst_top = src.split("/")[0], inc.split("/")[0]
    if top in ("tests", "data"):
        return True
    room = src.split("/")[1] if src.count("/") > 1 else ""
    dst = inc.split("/")[1] if inc.count("/") > 1 else ""
    if top == "engine":
        return dst_top == "engine" and (room not in ENGINE or ENGINE.index(dst) <= ENGINE.index(room))
    if top == "app":
        return dst_top == "engine" or (dst_top == "app" and APP.index(dst) <= APP.index(room))
    if top == "ui":
        if dst_top == "engine":
            return inc in UI_ENGINE
        return dst_top == "app" and dst != "cli" or (dst_top == "ui" and UI.index(dst) <= UI.index(room))
    if top == "cuda":
        return inc == "engine/run/backend.h" or dst_top == "cuda"
    return True


def check_includes(f, text):
    for n, line in enumerate(text.splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if not m:
            continue
        inc = m.group(2)
        if m.group(1) == '"' and re.match(r"(engine|app|ui|cuda)/", inc) and not allowed(f, inc):
            yield f"{f}:{n}: {inc} is not in a room that this one may use"
        if re.match(r"(gtk|gdk|gsk|adwaita)[/.]", inc) and not f.startswith(("ui/", "tests/ui/")):
            yield f"{f}:{n}: GTK belongs in ui/"
        if f.startswith("engine/") and re.match(r"(gio|glib-object|cairo|pango|jansson)", inc):
            yield f"{f}:{n}: the engine uses GLib only"
        if re.match(r"dlfcn\.h", inc) and f not in ("engine/run/backend.c", "engine/run/cpu/gemm.c") and not f.startswith("tests/"):
            yield f"{f}:{n}: dlopen belongs in engine/run/backend.c and engine/run/cpu/gemm.c"


def unmarked(f, text, labelled):
    """Texts of a table's rows that no translator would see: a title, a sentence or a group outside of N_ ()."""
    bare = r'"(?:\\.|[^"\\\n])*"'
    for m in re.finditer(r'\.title = (' + bare + ')', text):
        yield f"{f}: {m.group(1)[:60]}"
    for m in re.finditer(r'\b(\w+) \("\w+",\s*(' + bare + ')', text):
        if m.group(1) in labelled | {"ROW_INFO"}:
            yield f"{f}: {m.group(2)[:60]}"
    for m in re.finditer(r'\bROW_INFO \(', text):
        depth, at, end = 0, m.end() - 1, m.end() - 1
        code = re.sub(bare, lambda s: '"' + "." * (len(s.group(0)) - 2) + '"', text[at:at + 4000])
        for end, c in enumerate(code):
            depth += (c == "(") - (c == ")")
            if depth == 0:
                break
        if not re.search(r'N_ \("[^)]*\), N_ \("[^)]*\)$', re.sub(r"\s+", " ", code[:end])):
            yield f"{f}: {text[m.start():m.start() + 60]}"


def rules():
    all_files = files()
    c_files = [f for f in all_files if f.endswith((".c", ".h", ".cu"))]
    text = {f: open(os.path.join(ROOT, f), encoding="utf-8").read() for f in c_files}
    code = {f: code_of(t) for f, t in text.items()}
    yield "includes stay in their rooms", [e for f in c_files for e in check_includes(f, text[f])]
    yield "no file over 600 lines", [f"{f}: {n} lines" for f in all_files
                                     if f.endswith((".c", ".h", ".cu", ".py", ".ui", ".css")) and not f.startswith("tests/data/")
                                     for n in [sum(1 for _ in open(os.path.join(ROOT, f), encoding="utf-8"))] if n > 600]
    folders = {}
    for f in c_files:
        if f.endswith(".c"):
            folders.setdefault(os.path.dirname(f), []).append(f)
    yield "no folder with more than 15 sources", [f"{d}: {len(v)} sources" for d, v in folders.items() if len(v) > 15 and not d.startswith("tests/")]
    licensed = [f for f in all_files if (f.endswith((".c", ".h", ".cu", ".py", ".css")) or os.path.basename(f) in ("meson.build", "run", "check", "setup"))
                and not f.startswith(("tests/data/", "tests/golden/"))]
    yield "every source names its licence", [f for f in licensed
                                             if "SPDX-License-Identifier: Apache-2.0" not in open(os.path.join(ROOT, f), encoding="utf-8").read(200)]
    yield "no locale-dependent or banned call", [f"{f}:{code[f][:m.start()].count(chr(10)) + 1}: {m.group(1)}()" for f in c_files if f not in BANNED_OK
                                                 and not f.startswith("tests/") for m in BANNED.finditer(code[f])]
    yield "no locale-dependent float format", [f"{f}:{code[f][:m.start()].count(chr(10)) + 1}: {m.group(0)[:60]}" for f in c_files
                                               if not f.startswith(FLOAT_OK) for m in FLOAT_FORMAT.finditer(code[f])]
    with_strings = [f for f in all_files if f.startswith(("app/", "ui/", "engine/")) and (
        (f.endswith((".c", ".h")) and re.search(r'\b(_|N_|C_|ngettext)\s?\("', text[f]))
        or (f.endswith(".ui") and 'translatable="yes"' in open(os.path.join(ROOT, f), encoding="utf-8").read()))]
    listed = set(open(os.path.join(ROOT, "data", "po", "POTFILES"), encoding="utf-8").read().split())
    yield "data/po/POTFILES lists every file with strings", [f"{f} is missing" for f in with_strings if f not in listed] + \
        [f"{f} is not there" for f in listed if not os.path.exists(os.path.join(ROOT, f))]
    labelled = {m.group(1) for f in c_files if f.startswith("engine/") for m in re.finditer(r"#define (\w+)\s?\(id, label.*", text[f])}
    yield "row texts are marked for translation", [e for f in c_files if f.startswith("engine/nn/") for e in unmarked(f, text[f], labelled)]
    prose = [f for f in all_files if f.endswith((".c", ".h", ".cu", ".py", ".ui", ".md", ".build", ".sh", ".css")) and f != "tests/lint.py"
             and not f.startswith(("tests/data/", "tests/golden/"))]
    body = {f: open(os.path.join(ROOT, f), encoding="utf-8").read() for f in prose}
    yield "no unfinished mark", [f"{f}: {m.group(0)}" for f in prose for m in [UNFINISHED.search(body[f])] if m]
    yield "no path of somebody's machine", [f"{f}: {m.group(0)}" for f in prose for m in [MACHINE.search(body[f])] if m]


def main():
    tap = "--tap" in sys.argv
    n = bad = 0
    for name, errors in rules():
        n += 1
        bad += bool(errors)
        if tap:
            print(f"{'not ok' if errors else 'ok'} {n} - lint: {name}")
        for e in errors:
            print(("# " if tap else "") + e)
    if tap:
        print(f"1..{n}")
    return 1 if bad else 0


sys.exit(main())
