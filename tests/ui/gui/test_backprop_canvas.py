#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The graph of the Backprop page under a real pointer: the wheel opens and folds, the present step stays in view, the zoom control."""
import os
import re
import sys

import pyatspi

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, keys, main, until, walk, xdo  # noqa: E402

MOONS = os.path.join(os.path.dirname(__file__), "..", "..", "..", "data", "samples", "moons.json")
FIRST_LAYER, SECOND_LAYER = "H superscript 1,", "H superscript 2,"
UNIT = re.compile(r"h sub \d superscript 1,")


def named(w, start):
    """The cell whose sentence begins so."""
    return next((n for n in walk(w.frame) if n.getRoleName() == "push button" and (start.match(n.name or "") if hasattr(start, "match") else (n.name or "").startswith(start))), None)


def extents(node):
    return node.queryComponent().getExtents(pyatspi.WINDOW_COORDS)


class BackpropCanvas(Case):
    args = (MOONS,)

    def show(self, detail):
        keys("ctrl+3")
        w = self.window
        until(lambda: w.look("Position on the tape", "slider"), "the page")
        until(lambda: named(w, UNIT), "the units that it opens with")
        w.click(w.find(detail, "push button"))
        return w

    def wheel(self, button, done, what, most=16):
        for n in range(1, most + 1):
            xdo("click", button)
            try:
                until(done, what, 1.0)
                return n
            except AssertionError:
                continue
        raise AssertionError(f"{what}: not within {most} notches")

    def test_wheel_opens_and_folds(self):
        w = self.show("Layers")
        layer = until(lambda: named(w, FIRST_LAYER), "the layers")
        x, y = w.point(layer)
        xdo("mousemove", x, y)
        self.wheel(4, lambda: named(w, UNIT), "the units of the layer")
        self.assertIsNone(named(w, FIRST_LAYER))
        self.assertIsNotNone(named(w, SECOND_LAYER))                      # in place
        until(lambda: w.look("Units", "push button").description == "Shown in part", "the mark on the switch")
        self.assertGreater(self.wheel(5, lambda: named(w, FIRST_LAYER), "the layer, folded"), 1)
        until(lambda: named(w, UNIT) is None, "no unit")

    def test_escape_folds(self):
        """By keyboard alone: Enter opens the layer that has the focus, Escape folds it."""
        w = self.show("Layers")
        until(lambda: named(w, FIRST_LAYER), "the layers")
        w.tab_to("x,")
        keys("Right")
        w.focus(FIRST_LAYER)
        keys("Return")
        until(lambda: named(w, UNIT), "the units")
        keys("Escape")
        until(lambda: named(w, FIRST_LAYER), "the layer")

    def test_present_step_stays_in_view(self):
        w = self.show("Units")
        canvas = w.find("Computational graph", "panel")
        box = extents(canvas)
        x, y = w.point(until(lambda: named(w, "x sub 1,"), "the first input"))
        xdo("mousemove", x, y, "click", "--repeat", 5, "--delay", 80, 4)

        def loss_in_view():
            at = extents(named(w, "L,"))
            return box.x < at.x + at.width / 2 < box.x + box.width and box.y < at.y + at.height / 2 < box.y + box.height

        until(lambda: not loss_in_view(), "the loss out of view")
        for _ in range(14):
            keys("ctrl+Right")
        until(loss_in_view, "the loss, where the step is")
        keys("0")
        until(lambda: extents(named(w, "x sub 1,")).x > box.x and loss_in_view(), "the whole graph")

    def drag(self, node, dx, dy, button=1, hold=None):
        x, y = self.window.point(node)
        if hold:
            xdo("keydown", hold)
        xdo("mousemove", x, y, "mousedown", button)
        for k in range(1, 6):
            xdo("mousemove", x + dx * k // 5, y + dy * k // 5, "sleep", "0.05")
        xdo("mouseup", button)
        if hold:
            xdo("keyup", hold)
        xdo("mousemove", 4, 4)

    def test_drags(self):
        """The middle button and Ctrl pan, wherever they begin; without them a drag moves the cell under it, as far as the pointer."""
        w = self.show("Units")

        def places():
            first, unit = extents(named(w, "x sub 1,")), extents(named(w, UNIT))
            return first.x, first.y, unit.x, unit.y

        was = until(places, "the cells")
        near = lambda now, by: all(abs(a - b - c) <= 4 for a, b, c in zip(now, was, by))      # noqa: E731
        self.drag(named(w, UNIT), 60, 40, button=2)
        until(lambda: near(places(), (60, 40, 60, 40)), "the middle button to pan")
        was = places()
        self.drag(named(w, UNIT), -60, -40, hold="ctrl")
        until(lambda: near(places(), (-60, -40, -60, -40)), "Ctrl to pan")
        was = places()
        self.drag(named(w, "x sub 1,"), 40, 30)
        until(lambda: near(places(), (40, 30, 0, 0)), "the cell to move")

    def test_zoom_control(self):
        w = self.show("Units")

        def percent():
            return next((int(m[1]) for n in walk(w.frame) if n.getRoleName() == "label" and (m := re.match(r"(\d+) %$", n.name or ""))), None)

        before = until(percent, "the scale")
        w.click(w.find("Zoom in", "push button"))
        until(lambda: percent() > before, "a larger scale")
        w.click(w.find("Zoom out", "push button"))
        w.click(w.find("Zoom out", "push button"))
        until(lambda: percent() < before, "a smaller one")
        w.click(w.find("Zoom to full size", "push button"))
        until(lambda: percent() == 100, "full size")
        w.click(w.find("Fit the graph into the window", "push button"))
        until(lambda: percent() == before, "the whole graph")


if __name__ == "__main__":
    main("__main__")
