#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Looking into the network from its canvas: by mouse, and all of it again by keyboard."""
import os
import re
import sys
import time

import pyatspi

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, keys, main, until, walk, write, xdo  # noqa: E402


class Explore(Case):
    def setUp(self):
        super().setUp()
        xdo("mousemove", 1200, 790)

    def named(self, start, role=None):
        return until(lambda: next(n for n in walk(self.window.root) if n.name.startswith(start) and (role is None or n.getRoleName() == role)), start)

    def gone(self, start):
        until(lambda: not any(n.name.startswith(start) for n in walk(self.window.root)), f"no {start}")

    def hover(self, start):
        xdo("mousemove", *self.window.point(self.named(start)))

    def train(self, seconds=1.0):
        until(lambda: self.window.look("Train", "push button"), "a run that stands")
        self.window.act("win.play")
        time.sleep(seconds)
        self.window.act("win.play")
        until(lambda: self.window.look("Train", "push button"), "the end of it")

    def item(self, start, name):
        """An entry of the context menu."""
        x, y = self.window.point(self.named(start))
        xdo("mousemove", x, y, "click", "3")
        self.window.press(until(lambda: self.window.look(name, "menu item"), name))

    def at(self):
        node = next((n for n in walk(self.window.root) if n.getState().contains(pyatspi.STATE_FOCUSED)), None)
        return node.name if node is not None else ""

    def tab_to(self, *starts):
        for _ in range(60):
            if self.at().startswith(starts):
                return
            keys("Tab")
        raise AssertionError(f"no way to {starts} by Tab")

    def walk_to(self, start, *ways):
        """By arrows on the canvas."""
        self.tab_to("Unit", "Input x")
        keys(*ways)
        for way in ["Up"] * 6 + ["Down"] * 6:
            time.sleep(0.1)
            if self.at().startswith(start):
                return
            keys(way)
        raise AssertionError(f"no way to {start} by arrows: {self.at()}")


class Mouse(Explore):
    def test_response(self):
        w = self.window
        self.train()
        self.hover("Unit 3 of layer 2")
        until(lambda: w.look("Unit 3 of layer 2", "label"), "the unit in the title")
        until(lambda: w.look("response, −1 … 1", "label"), "what it is drawn in")
        xdo("mousemove", 1200, 790)
        until(lambda: w.look("Decision boundary", "label"), "the answer again")

    def test_off_solo_and_pale(self):
        self.train()
        self.item("Unit 2 of layer 1", "Switch Off (Ablate)")
        self.named("Unit 2 of layer 1, off")
        self.train(0.4)
        keys("ctrl+z")
        self.gone("Unit 2 of layer 1, off")
        self.item("Unit 4 of layer 2", "Solo: Only This Unit")
        self.named("Unit 1 of layer 2, off")
        self.gone("Unit 4 of layer 2, off")
        self.item("Unit 4 of layer 2", "Solo Off: All Units On")
        self.gone("Unit 1 of layer 2, off")
        self.item("Unit 4 of layer 2", "Hide (Draw Faint)")
        self.item("Unit 4 of layer 2", "Show in Full")

    def test_inputs(self):
        w = self.window
        self.train(0.4)
        w.click(self.named("Computed inputs, none"))
        w.press(w.find("Input x₁x₂", "push button"))
        self.named("Computed inputs, 1 in use")
        self.named("Input x1", None)
        keys("Escape", "ctrl+z")
        self.named("Computed inputs, none")

    def test_earlier_run(self):
        w = self.window
        self.train()
        w.act("win.reset")
        until(lambda: any(re.search("with the line of 1 run ago", n.description) for n in walk(w.root)), "the boundary before")
        until(lambda: w.readout("Step") == "0", "the start")

    def test_weight_line(self):
        self.train(0.5)
        self.item("Weight 1 to 1 of output", "Plot Loss along This Weight")
        self.named("Training loss along one weight, from")
        keys("Escape")
        self.gone("Training loss along one weight, from")


class Keyboard(Explore):
    def test_response(self):
        w = self.window
        self.walk_to("Unit 3 of layer 2", "Right", "Right")
        until(lambda: w.look("Unit 3 of layer 2", "label"), "the unit in the title")

    def test_off_solo_and_pale(self):
        self.walk_to("Unit 2 of layer 1", "Right")
        keys("o")
        self.named("Unit 2 of layer 1, off")
        keys("o")
        self.gone("Unit 2 of layer 1, off")
        keys("s")
        self.named("Unit 1 of layer 1, off")
        keys("s")
        self.gone("Unit 1 of layer 1, off")
        keys("h", "shift+h", "o", "ctrl+z")
        self.gone("Unit 2 of layer 1, off")

    def test_inputs(self):
        w = self.window
        self.tab_to("Computed inputs, none")
        keys("Return")
        w.focus("Input x", role=("push button", "toggle button"))
        keys("space")
        self.named("Computed inputs, 1 in use")
        self.tab_to("Formula of a further input")
        write("exp(-x2^2)")
        keys("Return")
        self.named("Computed inputs, 2 in use")
        keys("Escape", "ctrl+z", "ctrl+z")
        self.named("Computed inputs, none")

    def test_weight_line(self):
        self.walk_to("Unit 1 of layer 2", "Right", "Right")
        keys("e")
        until(lambda: self.at().startswith("Weight"), "an edge")
        keys("l")
        self.named("Training loss along one weight, from")
        keys("Escape")
        self.gone("Training loss along one weight, from")


if __name__ == "__main__":
    main(__name__)
