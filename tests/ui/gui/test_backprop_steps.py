#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every way to move on the debugger's tape and to change what is on it, with a real mouse and real keys (DESIGN 3.2).

The document is the 1-1-2-1 example, opened from its file: what is asked is what the engine answered there, by name in the accessible tree."""
import os
import re
import sys
import time

import pyatspi

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, keys, main, until, walk, write, xdo  # noqa: E402
from test_backprop import MINUS, Backprop, position, row_of, walked  # noqa: E402

for name in [n for n in vars(Backprop) if n.startswith("test_")]:       # they have a file of their own
    delattr(Backprop, name)

SAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "..", "data", "samples", "one-one-two-one.chainrule")


def text_of(node):
    text = node.queryText()
    return text.getText(0, text.characterCount)


class Steps(Case):
    args = (os.path.normpath(SAMPLE),)

    def setUp(self):
        super().setUp()
        keys("ctrl+3")
        w = self.window
        until(lambda: row_of(w, "h = tanh z\u2081"), "the tape")
        until(lambda: position(w) == 0, "the start")

    def cell(self, *start):
        """What the graph says of a node, by how it begins."""
        return until(lambda: next((n for n in walk(self.window.frame) if n.getRoleName() == "push button" and (n.name or "").startswith(start)), None), f"the node {start}")

    def parameters(self):
        return sorted(n.name for n in walk(self.window.frame) if n.getRoleName() == "push button" and ", parameter, " in (n.name or ""))

    def choose(self, caption, downs):
        """A row of a drop-down, by keys from the first one."""
        w = self.window
        w.click(until(lambda: next((n for n in walk(w.frame) if (n.name or "").startswith(caption + ": ") and n.getRoleName().endswith("button")), None), caption))
        keys("Home", *["Down"] * downs, "Return")

    def at(self, k):
        until(lambda: position(self.window) == k, f"step {k}")

    def test_ends_layers_and_back(self):
        """Home, End, arrows, Shift+arrows, and the scrubber under the mouse."""
        w = self.window
        n = walked(w)[1]
        keys("Right", "Right")
        self.at(2)
        keys("Left")
        self.at(1)
        keys("shift+Right")
        until(lambda: position(w) > 2, "the next layer")
        layer = position(w)
        keys("shift+Left")
        until(lambda: position(w) < layer, "the layer before")
        keys("End")
        self.at(n)
        keys("Home")
        self.at(0)
        x, y = w.point(w.find("Position on the tape", "slider"))
        xdo("mousemove", x, y, "mousedown", "1")
        until(lambda: abs(position(w) - n / 2) <= 1, "the middle")
        xdo("mousemove", x + 60, y, "mousemove", x + 120, y)
        until(lambda: position(w) > n / 2 + 2, "further on")
        xdo("mousemove", x - 120, y)
        until(lambda: position(w) < n / 2 - 2, "back under the mouse")
        xdo("mouseup", "1")

    def test_click_and_find(self):
        """To a clicked node; Ctrl+F, a name, Enter; Escape empties the field and gives the keys back."""
        w = self.window
        w.click(self.cell("p, tanh"))
        self.at(6)
        keys("ctrl+f")
        w.focus(role=("text", "entry"))
        write("q")
        self.at(6)
        keys("Return")
        self.at(9)
        keys("ctrl+a")
        write("tanh")
        keys("Return")
        self.at(23)      # its value is known: where its adjoint comes
        keys("Return")
        self.at(17)
        keys("Escape")
        until(lambda: w.focused()[1] not in ("text", "entry"), "the focus elsewhere")
        keys("ctrl+Right")
        self.at(18)

    def test_drag_a_node(self):
        """A dragged node stays where it was put; undo puts it back, redo forth."""
        w = self.window
        place = lambda: w.point(self.cell("h, tanh"))  # noqa: E731
        x, y = place()
        xdo("mousemove", x, y, "mousedown", "1")
        xdo("mousemove", x + 10, y + 20, "mousemove", x + 20, y + 60, "mousemove", x + 20, y + 70)
        until(lambda: place()[1] > y + 40, "the node under the mouse")
        xdo("mouseup", "1")
        moved = place()
        self.assertEqual(position(w), 0)
        keys("ctrl+z")
        until(lambda: place() == (x, y), "the node at its place")
        keys("ctrl+shift+z")
        until(lambda: place() == moved, "the node where it was put")

    def test_edit_a_parameter(self):
        """A click on w2, another value: the tape is run again up to the present step; undo brings the old numbers."""
        w = self.window
        keys("End")
        until(lambda: (row_of(w, "h = tanh z\u2081") or [""] * 5)[3] == f"{MINUS}0.5068", "the end")
        end = position(w)
        w.click(self.cell("w sub 2, parameter"))
        field = until(lambda: w.look("Value of w\u2082"), "the field")
        until(lambda: w.focused()[1] in ("text", "spin button", "entry"), "the focus in the field")
        self.assertIsNotNone(field)
        keys("ctrl+a")
        write("2")
        keys("Return")
        until(lambda: self.cell("w sub 2, parameter").name.startswith("w sub 2, parameter, value 2.0000"), "the new value")
        until(lambda: row_of(w, "z\u2082 = w\u2082 \u00d7 h + b\u2082")[2] == "1.3567", "the tape run again")
        self.at(end)
        keys("Escape")
        until(lambda: w.look("Value of w\u2082") is None, "the field gone")
        keys("ctrl+z")
        until(lambda: row_of(w, "z\u2082 = w\u2082 \u00d7 h + b\u2082")[2] == "0.8362", "the old tape")
        self.at(end)

    def test_into_and_out(self):
        """i opens the unit of this step in place, o closes it again."""
        w = self.window
        w.click(w.find("Units", "push button"))
        until(lambda: walked(w)[1] != 30, "the units")
        n = walked(w)[1]
        keys("ctrl+Right")
        self.at(1)
        keys("i")
        until(lambda: (walked(w)[1] or 0) > n, "the operations inside")
        keys("o")
        until(lambda: walked(w)[1] == n, "the unit again")

    def test_samples(self):
        """A sample, a row of this mini-batch, the whole mini-batch: by arrows in the menu, and a row by its number."""
        w = self.window
        w.click(w.find("Sample: 1 of 12"))
        w.focus("Sample", role=("check box", "radio button"))
        keys("Down")
        until(lambda: w.look("Sample: Row 1 of 4"), "the row")
        w.tab_to("Row of this mini-batch", most=6)
        until(lambda: w.focused()[1] == "spin button" or keys("Tab"), "its number")
        keys("ctrl+a")
        write("3")
        keys("Return")
        until(lambda: w.look("Sample: Row 3 of 4"), "another row")
        keys("shift+Tab")
        until(lambda: w.focused()[1] in ("check box", "radio button") or keys("shift+Tab"), "the choice")
        keys("Down")
        until(lambda: w.look("Sample: All 4 rows"), "the mini-batch")
        keys("Escape")

    def test_batches_and_epochs(self):
        """Three mini-batches are an epoch: the same parameters to the last digit shown, and back to the very first ones."""
        w = self.window
        seen = [self.parameters()]
        self.choose("Step by", 2)
        step, back = w.find("Step forward", "push button"), w.find("Step back", "push button")
        for k in range(3):
            w.press(step)
            until(lambda: self.parameters() != seen[-1], f"mini-batch {k + 1}")
            seen.append(self.parameters())
        for k in range(2, -1, -1):
            w.press(back)
            until(lambda k=k: self.parameters() == seen[k], f"mini-batch {k} again")
        self.choose("Step by", 3)
        w.press(step)
        until(lambda: self.parameters() == seen[3], "the epoch")
        w.press(back)
        until(lambda: self.parameters() == seen[0], "the start")

    def said(self):
        return self.window.find("Position on the tape", "slider").description

    def test_slow_motion(self):
        """A step told in parts: Space holds one, Escape and Skip end it, another speed keeps the place."""
        w = self.window
        self.choose("Speed", 0)
        until(lambda: w.look("Speed: Slow motion"), "the speed")
        keys("ctrl+Right")
        until(lambda: w.look("Skip", "push button"), "the captions")
        until(lambda: "m\u2081 = 0.96" in self.said(), "the last caption")
        until(lambda: w.look("The result appears: m\u2081 = 0.96"), "and on the screen")
        self.at(1)
        for k, ended, end in ((2, lambda: w.press(w.find("Skip", "push button")), "z\u2081 = 0.66"), (3, lambda: keys("Escape"), "h = 0.5784")):
            w.press(w.find("Play", "push button"))
            self.at(k)
            w.press(w.find("Pause", "push button"))
            until(lambda: w.look("Play", "push button"), "the pause")
            held = self.said()
            time.sleep(4)
            self.assertEqual(self.said(), held)
            self.at(k)
            ended()
            until(lambda end=end: self.said() == "The result appears and is stored: " + end, "the end of the step")
        self.choose("Speed", 4)
        until(lambda: w.look("Skip", "push button") is None, "no captions")
        self.at(3)

    def test_copy_a_formula(self):
        """As text with Ctrl+C, as LaTeX with Ctrl+Shift+C; pasted into the search to be read."""
        w = self.window
        keys("ctrl+Right")
        self.at(1)
        formula = until(lambda: next(n for n in walk(w.frame) if n.getRoleName() == "math"), "the formula")
        for chord, wanted in (("ctrl+c", "m\u2081 = w\u2081 \u00d7 x"), ("ctrl+shift+c", "\\times")):
            w.click(formula)
            w.focus(role=("math",))
            keys(chord, "ctrl+f")
            w.focus(role=("text", "entry"))
            keys("ctrl+a", "ctrl+v")
            until(lambda: wanted in text_of(next(n for n in walk(w.frame) if n.getState().contains(pyatspi.STATE_FOCUSED))), wanted)
            keys("Escape")

    def test_quit_while_playing(self):
        """Fastest, over the end of the tape, into the next steps of the trainer, and away."""
        w = self.window
        self.choose("Speed", 6)
        w.press(w.find("Play", "push button"))
        until(lambda: self.cell("w sub 1, parameter") and not self.cell("w sub 1, parameter").name.startswith("w sub 1, parameter, value 1.2000"), "a step of the trainer")


if __name__ == "__main__":
    main("__main__")
