# SPDX-License-Identifier: Apache-2.0
"""Drives the window as a person does: sees through AT-SPI, acts through the X server.

What GTK 4.8 demands: only window coordinates are right; things inside a popover have wrong ones and are pressed by their action or reached by
keys; a label's text is its name; a button named twice says its name twice.
"""
import os
import re
import signal
import subprocess
import time
import unittest

import pyatspi
from gi.repository import GLib

SCALE = int(os.environ.get("GDK_SCALE", "1"))


def until(condition, what, timeout=15.0):
    """The first true value of condition; nodes may vanish while we look."""
    end = time.monotonic() + timeout
    while True:
        try:
            value = condition()
        except Exception:
            value = None
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"timed out waiting for {what}")
        time.sleep(0.05)


def xdo(*args):
    return subprocess.run(["xdotool", *map(str, args)], check=True, capture_output=True, text=True).stdout


def keys(*names):
    xdo("key", "--delay", "30", *names)


def write(text):
    xdo("type", "--delay", "20", text)


def walk(node):
    yield node
    for child in node:
        if child is not None:
            yield from walk(child)


def is_called(node, name):
    return node.name == name or node.name == f"{name} {name}" or ("_" in node.name and node.name.endswith(" " + name))


class Window:
    """One running chainrule."""

    def __init__(self, exe, *args):
        self.process = subprocess.Popen([exe, *args])
        self.root = until(self._application, "the application")
        self.frame = until(lambda: next(n for n in self.root if n.getRoleName() == "frame"), "the window")
        until(lambda: self.frame.getState().contains(pyatspi.STATE_ACTIVE), "the window to be active")

    def _application(self):
        for app in pyatspi.Registry.getDesktop(0):
            if app is not None and app.name == "chainrule" and app.childCount:
                return app
        return None

    def look(self, name=None, role=None):
        for node in walk(self.root):
            if (name is None or is_called(node, name)) and (role is None or node.getRoleName() == role):
                states = node.getState()
                if states.contains(pyatspi.STATE_SHOWING) or states.contains(pyatspi.STATE_VISIBLE):
                    return node
        return None

    def find(self, name=None, role=None):
        return until(lambda: self.look(name, role), f"{role} {name!r}")

    def act(self, action):
        """An action of the window by its name, as a screen reader's user may."""
        self.press(self.frame, action)

    def press(self, node, action=None):
        actions = node.queryAction()
        names = [actions.getName(i) for i in range(actions.nActions)]
        assert actions.doAction(names.index(action) if action else 0), (node, names)

    def point(self, node):
        window = xdo("search", "--onlyvisible", "--name", "^" + re.escape(self.frame.name) + "$").split()[-1]
        place = dict(line.split("=") for line in xdo("getwindowgeometry", "--shell", window).splitlines())
        frame = self.frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        box = node.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        border = [(int(place[k]) - v * SCALE) // 2 for k, v in (("WIDTH", frame.width), ("HEIGHT", frame.height))]
        return (int(place["X"]) + border[0] + (2 * box.x + box.width) * SCALE // 2, int(place["Y"]) + border[1] + (2 * box.y + box.height) * SCALE // 2)

    def click(self, node, times=1):
        x, y = self.point(node)
        xdo("mousemove", x, y, "click", "--repeat", times, "--delay", "60", "1")

    def readout(self, caption):
        """The value that stands under a caption in the transport."""
        label = self.find(caption, "label")
        return label.parent[1].name

    def close(self):
        """As a person does, so that leak checks and coverage run: close, discard, wait."""
        if self.process.poll() is not None:
            return self.process.returncode
        try:
            self.act("window.close")
        except GLib.Error as error:      # a program that is gone at once does not answer; how it went, its exit status says
            if "without replying" not in str(error):
                raise
        try:
            return self.process.wait(1.5)
        except subprocess.TimeoutExpired:
            self.press(self.find("Discard", "push button"))
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            raise AssertionError("the window did not close") from None


class Case(unittest.TestCase):
    exe = "./chainrule"
    args = ()

    def setUp(self):
        self.window = Window(self.exe, *self.args)
        self.addCleanup(self.finish)

    def finish(self):
        self.assertEqual(self.window.close(), 0)


def main(cases):
    import sys

    Case.exe = sys.argv.pop(1)
    unittest.main(module=cases, verbosity=2)
