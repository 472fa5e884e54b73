# SPDX-License-Identifier: Apache-2.0
"""Drives the window as a person does: sees through AT-SPI, acts through the X server.

What GTK 4.8 demands: only window coordinates are right; things inside a popover have wrong ones and are pressed by their action or reached by
keys; a label's text is its name; a button named twice says its name twice.

What a loaded machine demands: to look through the window may take seconds. So tests wait for what stays (a value, a file, the focus), never for
what passes; they wait long, since time is not what they are about; and a case that fails is tried once more in a fresh window, which the output
says. A case that fails twice has failed.
"""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import pyatspi
from gi.repository import GLib

SCALE = int(os.environ.get("GDK_SCALE", "1"))


def until(condition, what, timeout=40.0):
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
        try:
            self.root = until(self._application, "the application")
            self.frame = until(lambda: next(n for n in self.root if n.getRoleName() == "frame"), "the window")
            until(lambda: self.frame.getState().contains(pyatspi.STATE_ACTIVE), "the window to be active")
        except AssertionError:
            self.kill()
            raise

    def _application(self):
        for app in pyatspi.Registry.getDesktop(0):
            try:
                if app is not None and app.name == "chainrule" and app.childCount:
                    return app
            except GLib.Error:      # one that has just been killed is listed for a while
                continue
        return None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def look(self, name=None, role=None):
        for node in walk(self.root):
            if (name is None or is_called(node, name)) and (role is None or node.getRoleName() == role):
                states = node.getState()
                if states.contains(pyatspi.STATE_SHOWING) or states.contains(pyatspi.STATE_VISIBLE):
                    return node
        return None

    def focused(self):
        """The name and the role of what has the focus; nothing has none."""
        node = next((n for n in walk(self.root) if n.getState().contains(pyatspi.STATE_FOCUSED)), None)
        return (node.name, node.getRoleName()) if node is not None else ("", "")

    def focus(self, *start, role=None):
        """Waits for the focus: by how the name starts, or by the role."""
        return until(lambda: (at := self.focused())[0].startswith(start or ("",)) and (role is None or at[1] in role) and at[1] and at, f"the focus on {start or role}")

    def tab_to(self, *start, most=120):
        """By Tab alone. Where the focus is, is asked after each; it is not asked again before a key that has not been heard yet."""
        for _ in range(most):
            at = self.focused()
            if at[0].startswith(start):
                return
            keys("Tab")
            with contextlib.suppress(AssertionError):
                until(lambda: self.focused() != at, "the focus to move", 1)      # two in a row may have one name
        raise AssertionError(f"no way to {start} by Tab")

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
        window = until(lambda: xdo("search", "--onlyvisible", "--name", "^" + re.escape(self.frame.name) + "$").split()[-1], "the window on the screen")
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
        end = time.monotonic() + 40
        while time.monotonic() < end:
            try:
                return self.process.wait(1)
            except subprocess.TimeoutExpired:              # the question; a button that is not yet on the screen does nothing
                with contextlib.suppress(Exception):
                    self.press(self.look("Discard", "push button"))
        self.kill()
        raise AssertionError("the window did not close")


def clean():
    """Neither a held button nor what the last window left behind: the state of a session that has just begun."""
    for button in ("1", "3"):
        xdo("mouseup", button)
    xdo("keyup", "shift", "keyup", "ctrl", "keyup", "alt")
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        folder = os.environ.get(name, "")
        if folder.startswith(tempfile.gettempdir() + os.sep):
            shutil.rmtree(os.path.join(folder, "chainrule"), ignore_errors=True)


class Twice(unittest.TestCase):
    """A case that may be tried a second time."""

    def run(self, result=None):
        first = unittest.TestResult()
        super().run(first)
        if not first.wasSuccessful():
            print(f"second attempt: {self.id()}: {(first.failures + first.errors)[0][1].strip().splitlines()[-1]}", file=sys.stderr, flush=True)
            clean()
            return super().run(result)
        result.startTest(self)
        for _, reason in first.skipped:
            result.addSkip(self, reason)
        if not first.skipped:
            result.addSuccess(self)
        result.stopTest(self)
        return result


class Case(Twice):
    exe = "./chainrule"
    args = ()

    def setUp(self):
        self.window = Window(self.exe, *self.args)
        self.addCleanup(lambda: self.window.kill())
        self.addCleanup(self.finish)

    def finish(self):
        self.assertEqual(self.window.close(), 0)


def main(cases):
    Case.exe = sys.argv.pop(1)
    unittest.main(module=cases, verbosity=2)
