#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Badges: why does it not learn, and what then (DESIGN 1, task S2): by mouse within its clicks, and by keyboard."""
import os
import sys

import pyatspi

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, is_called, keys, main, until, walk, write, xdo  # noqa: E402

SAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "..", "data", "samples")


class Health(Case):
    def named(self, name):
        return self.window.look(name, "push button") or self.window.look(name, "toggle button")

    def button(self, name):
        return until(lambda: self.named(name), name)

    def words(self):
        return [n.name for n in walk(self.window.root) if n.getRoleName() == "label"]

    def has_words(self, part):
        return until(lambda: any(part in w for w in self.words()), part)

    def initialiser(self):
        return next((n.name for n in walk(self.window.root) if n.name.startswith("Initialiser: ")), "")

    def focused(self):
        return next((n for n in walk(self.window.root) if n.getState().contains(pyatspi.STATE_FOCUSED)), None)

    def tab_to(self, name):
        for _ in range(120):
            node = self.focused()
            if node is not None and is_called(node, name):
                return
            keys("Tab")
        raise AssertionError(f"Tab does not lead to {name}")

    def test_s2_by_mouse(self):
        w, clicks = self.window, 0

        def click(node):
            nonlocal clicks
            clicks += 1
            w.click(node)

        click(self.button("Initialiser: Xavier (Glorot) uniform"))
        row = until(lambda: next((n for n in walk(w.root) if n.getRoleName() == "list item" and n.name == "Constant"), None), "the row")
        xdo("mousemove_relative", 0, 200, "click", "--repeat", 20, "--delay", 20, 4)      # the list opens at the present row
        until(lambda: row.queryComponent().getExtents(pyatspi.WINDOW_COORDS).y > 100, "the list at its top")
        click(row)
        until(lambda: "Initialiser: Constant" in self.initialiser(), "the initialiser")
        xdo("mousemove", 700, 560)
        click(self.button("Train"))
        for layer in (1, 2):
            self.button(f"Layer {layer}: = symmetric")
        click(self.button("Layer 1: = symmetric"))
        self.has_words("All 6 units of layer 1 have the same incoming weights")
        self.assertLessEqual(clicks, 4)
        w.click(self.button("Start with Xavier’s initialiser"))
        until(lambda: not any(self.named(f"Layer {layer}: = symmetric") for layer in (1, 2)), "no badge")
        self.assertIn("Initialiser: Xavier (Glorot) uniform", self.initialiser())
        self.assertIsNotNone(self.named("Pause"))        # it was training, so it goes on

    def test_s2_by_keyboard(self):
        self.tab_to("Initialiser: Xavier (Glorot) uniform")
        keys("Return")
        until(lambda: self.focused().getRoleName() in ("text", "entry"), "the focus in the search field")
        write("Constant")
        keys("Return")
        until(lambda: "Initialiser: Constant" in self.initialiser(), "the initialiser")
        self.button("Layer 1: = symmetric")
        self.tab_to("Layer 1: = symmetric")
        keys("Return")
        self.has_words("largest difference 0")
        until(lambda: is_called(self.focused(), "Start with Xavier’s initialiser"), "the focus on the cure")
        keys("Return")
        until(lambda: not self.named("Layer 1: = symmetric"), "no badge")
        keys("ctrl+z")
        self.button("Layer 1: = symmetric")
        self.assertIn("Initialiser: Constant", self.initialiser())
        self.button("Layer 1: = symmetric")


class Diverged(Health):
    args = (os.path.join(SAMPLES, "rate-too-big.json"),)
    test_s2_by_mouse = test_s2_by_keyboard = None

    def test_diverged(self):
        self.window.click(self.button("Train"))
        self.window.click(self.button("Layer 2: ✕ diverged"))
        self.has_words("grew too large")
        self.window.click(self.button("Clip the gradient to a norm of 1 and restart"))
        until(lambda: not self.named("Layer 2: ✕ diverged"), "no badge")
        until(lambda: self.named("Train"), "ready")


if __name__ == "__main__":
    main("__main__")
