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
        """The whole tape by keys alone. What a screen reader says of each step, the description of the timeline, is listed; it names the step, its phase,
        the title of the card, and the number that the card ends in."""
        w = self.show()
        timeline = w.find("Position on the tape", "slider")
        said = []
        n = walked(w)[1]
        for k in range(1, n + 1):
            keys("ctrl+Right")
            text = until(lambda k=k: timeline.description if timeline.description.startswith(f"Step {k} of {n}, ") else None, f"what is said of step {k}")
            title, results = self.card(k, n)
            phase = "forward" if k <= 13 else "backward" if k <= 26 else "update"
            self.assertTrue(text.startswith(f"Step {k} of {n}, {phase}"), text)
            self.assertIn(title, text)
            if phase != "update":
                number = re.search(f"{MINUS}?\\d[\\d.]*", text.split(" is ", 1)[1])[0].rstrip(".")
                self.assertTrue(any(self.as_number(number) in result for result in results), (text, results))
            said.append(text)
        print("\n".join(said), file=sys.stderr)
        self.assertEqual(len(set(said)), n)
        keys("Home")
        until(lambda: position(w) == 0, "the start")

    @staticmethod
    def as_number(text):
        return float(text.replace(MINUS, "-"))

    def card(self, k, n):
        """Title of the card at a step, and the numbers in its formulas."""
        w = self.window
        nodes = until(lambda: (lambda all_: all_ if any(x.name == f"step {k} of {n}" for x in all_) else None)(list(walk(w.frame))), "the card")
        at = next(i for i, x in enumerate(nodes) if x.name == f"step {k} of {n}")
        title = next(x.name for x in reversed(nodes[:at]) if x.getRoleName() == "label" and x.name)
        spoken = [x.name for x in nodes[at:] if x.getRoleName() == "math"]
        return title, [{self.as_number(m.replace("minus ", "-").replace(" ", "")) for m in re.findall(r"(?:minus )?\d[\d.]*", s)} for s in spoken]

    def test_click_a_row(self):
        w = self.show()
        keys("End")
        until(lambda: position(w) == walked(w)[1], "the end")
        row = next(n for n in walk(w.frame) if n.getRoleName() == "label" and n.name == "h = tanh z\u2081")
        w.click(row)
        until(lambda: 0 < position(w) < 26, "the step of h")


if __name__ == "__main__":
    main("__main__")
