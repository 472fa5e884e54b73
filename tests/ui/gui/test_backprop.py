#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The debugger as a person uses it: the 1-1-2-1 example of the design, by mouse and again by keyboard alone (DESIGN 3.2, task L2)."""
import os
import re
import sys

import pyatspi

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, keys, main, until, walk  # noqa: E402

MINUS = "\u2212"


def walked(w):
    """Position and length, as the card says them: GTK 4.8 gives a slider of our own no value interface."""
    for node in walk(w.frame):
        found = re.match(r"step (\d+) of (\d+)$", node.name or "") if node.getRoleName() == "label" else None
        if found:
            return int(found[1]), int(found[2])
    return None, None


def position(w):
    return walked(w)[0]


def row_of(w, making):
    """The labels of the row of the tape that says so: number, making, value, adjoint, bytes."""
    for node in walk(w.frame):
        if node.getRoleName() == "label" and node.name == making:
            row = node.parent
            while row is not None and row.childCount < 4:
                row = row.parent
            return [next((n.name for n in walk(cell) if n.getRoleName() == "label"), "") for cell in row]
    return None


class Backprop(Case):
    def show(self):
        """Ctrl+3, and the example by its field."""
        keys("ctrl+3")
        w = self.window
        until(lambda: w.look("Position on the tape", "slider"), "the page")
        w.click(until(lambda: w.look("Network: This network", "toggle button") or w.look("Network: This network", "push button"), "the field"))
        keys("Down", "Return")
        until(lambda: row_of(w, "h = tanh z\u2081"), "the tape of the example")
        return w

    def test_first_equation(self):
        """L2: the page and one key."""
        w = self.window
        keys("ctrl+3")
        until(lambda: w.look("Position on the tape", "slider"), "the page")
        until(lambda: position(w) == 0, "the start")
        keys("Right")
        until(lambda: position(w) == 1, "the first step")
        until(lambda: any(re.match(r"step 1 of \d+", n.name or "") for n in walk(w.frame)), "the card")

    def test_both_branches(self):
        """Twenty-three steps of the example, by the button: both branches have met at h, and the difference agrees."""
        w = self.show()
        w.press(w.find("Step forward", "push button"))
        until(lambda: position(w) == 1, "the button's step")
        for i in range(22):
            keys("ctrl+Right")
        until(lambda: position(w) == 23, "step 23")
        until(lambda: w.look("Both branches meet at h", "label"), "the title of the card")
        self.assertEqual(row_of(w, "h = tanh z\u2081")[2:4], ["0.5784", f"{MINUS}0.5068"])
        until(lambda: any((n.name or "").startswith(f"Finite difference agrees: {MINUS}0.5068") for n in walk(w.frame)), "the difference")
        w.press(w.find("Step back", "push button"))
        until(lambda: position(w) == 22, "the button's step back")
        for i in range(22):
            keys("ctrl+Left")
        until(lambda: position(w) == 0, "the start again")

    def test_backward_pass_by_keyboard(self):
        """Every step of the tape there and back; what a screen reader would say differs from step to step and names the adjoints."""
        w = self.show()
        said = []
        n = walked(w)[1]
        for i in range(n):
            keys("ctrl+Right")
            until(lambda i=i: position(w) == i + 1, f"step {i + 1}")
            said.append(tuple(n.name for n in walk(w.frame) if n.getRoleName() in ("math", "unknown", "label", "static") and n.name))
        self.assertEqual(len(set(said)), n)
        keys("Home")
        until(lambda: position(w) == 0, "the start")

    def test_click_a_row(self):
        w = self.show()
        keys("End")
        until(lambda: position(w) == walked(w)[1], "the end")
        row = next(n for n in walk(w.frame) if n.getRoleName() == "label" and n.name == "h = tanh z\u2081")
        w.click(row)
        until(lambda: 0 < position(w) < 26, "the step of h")


if __name__ == "__main__":
    main("__main__")
