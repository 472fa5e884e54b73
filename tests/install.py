#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`meson install` puts each thing where the desktop looks for it, and nothing anywhere else; the installed files are what the validators passed.

Runs on an existing build folder: install.py BUILD. Nothing is built anew."""
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

APP = "org.chainrule.Chainrule"
build = sys.argv[1]
window = len(sys.argv) > 2 and sys.argv[2] == "window"
checks = []


def check(name, good, note=""):
    checks.append(good)
    print(("ok" if good else "not ok"), len(checks), "-", name, note if not good else "", flush=True)


with tempfile.TemporaryDirectory() as dest:
    p = subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", dest], capture_output=True, text=True)
    check("meson install --destdir", p.returncode == 0, p.stderr[-300:])
    found = {os.path.relpath(os.path.join(d, f), dest) for d, _, files in os.walk(dest) for f in files}
    prefix = next((f[:-len("bin/chainrule-cli")] for f in found if f.endswith("bin/chainrule-cli")), "usr/local/")
    share = prefix + "share/"
    wanted = [f"{share}applications/{APP}.desktop", f"{share}metainfo/{APP}.metainfo.xml", f"{share}mime/packages/{APP}.xml",
              f"{share}icons/hicolor/scalable/apps/{APP}.svg", f"{share}icons/hicolor/symbolic/apps/{APP}-symbolic.svg",
              f"{share}chainrule/chainrule-spec.schema.json", f"{share}chainrule/samples/moons.json", f"{share}chainrule/datasets/crickets.csv",
              f"{share}chainrule/datasets/README.md", f"{prefix}bin/chainrule-cli"] + ([f"{prefix}bin/chainrule"] if window else [])
    for f in wanted:
        check(f, f in found)
    here = [f"{prefix}bin/", f"{share}applications/", f"{share}metainfo/", f"{share}mime/packages/", f"{share}icons/hicolor/", f"{share}chainrule/", f"{share}locale/",
            f"{prefix}lib"]
    stray = sorted(f for f in found if not f.startswith(tuple(here)))
    check("nothing anywhere else", not stray, str(stray[:3]))
    desktop = open(os.path.join(dest, wanted[0]), encoding="utf-8").read()
    check("the desktop file starts the program with files", "Exec=chainrule %F" in desktop and "MimeType=application/x-chainrule;" in desktop)
    check("the desktop file names the icon that is installed", f"Icon={APP}\n" in desktop)
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    mime = ET.parse(os.path.join(dest, wanted[2])).getroot().find(space + "mime-type")
    check("the type is that of the desktop file", mime.get("type") == "application/x-chainrule" and mime.find(space + "glob").get("pattern") == "*.chainrule")
    meta = ET.parse(os.path.join(dest, wanted[1])).getroot()
    check("the metainfo launches it", meta.find("launchable").text == APP + ".desktop")
    sizes = {f for f in os.listdir(os.path.join(dest, share, "chainrule", "samples"))}
    cli = subprocess.run([os.path.join(dest, prefix, "bin", "chainrule-cli"), "train", os.path.join(dest, share, "chainrule", "samples", "crickets.json"), "--steps", "3"],
                         capture_output=True, text=True, cwd=dest)
    check("the installed program trains an installed sample", cli.returncode == 0 and len(sizes) >= 12, cli.stderr[-200:])
print(f"1..{len(checks)}")
sys.exit(0 if all(checks) else 1)
