#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A network built on the canvas: every edit by mouse and again by keyboard."""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, keys, main, until, walk, write, xdo  # noqa: E402


class Build(Case):
    def setUp(self):
        super().setUp()
        w = self.window
        self.canvas = until(lambda: next(n for n in walk(w.root) if n.name == "Network" and "2-6-6-1" in n.description), "the picture's words")

    def shape(self, text, what=None):
        until(lambda: text + "," in self.canvas.description, what or f"{text} in “{self.canvas.description}”")

    def named(self, start, role=None):
        return until(lambda: next(n for n in walk(self.window.root) if n.name.startswith(start) and (role is None or n.getRoleName() == role)), start)

    def value(self, weight):
        return float(re.search(r": ([+−]?[\d.]+)", self.named(weight + ":").name)[1].replace("−", "-"))

    def drag(self, x0, y0, x1, y1, *, hold=None, let_go=True, button=1):
        xdo("mousemove", x0, y0)
        if hold:
            xdo("keydown", hold)
        xdo("mousedown", button)
        for i in range(1, 9):
            xdo("mousemove", x0 + (x1 - x0) * i // 8, y0 + (y1 - y0) * i // 8)
            time.sleep(0.02)
        time.sleep(0.1)
        if let_go:
            xdo("mouseup", button)
        if hold:
            xdo("keyup", hold)

    def menu(self, node):
        x, y = self.window.point(node)
        xdo("mousemove", x, y, "click", "3")
        until(lambda: self.window.look("Remove", "menu item") or self.window.look("Zero", "menu item"), "the menu")

    def item(self, name):
        self.window.press(self.window.find(name, "menu item"))

    def tab_to(self, start):
        self.window.tab_to(start)


class Mouse(Build):
    def test_menu_of_a_layer(self):
        w = self.window
        chip = w.find("Layer 1: tanh, 6 units", "push button")
        self.menu(chip)
        self.item("Duplicate")
        self.shape("2-6-6-6-1")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        self.menu(w.find("Layer 2: tanh, 6 units", "push button"))
        self.item("Remove")
        self.shape("2-6-1")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        self.menu(w.find("Layer 1: tanh, 6 units", "push button"))
        self.item("Add a Unit, Keeping the Function")
        self.shape("2-7-6-1")

    def test_menus_of_a_unit_and_a_weight(self):
        self.menu(self.named("Unit 2 of layer 1"))
        self.item("Remove")
        self.shape("2-5-6-1")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        self.menu(self.named("Weight 1 to 1 of output"))
        self.item("Zero")
        until(lambda: self.value("Weight 1 to 1 of output") == 0, "a weight of zero")

    def test_focus_stays(self):
        """Space goes on where the mouse began; a new layer is where keys work next."""
        w = self.window
        w.click(w.find("Add a unit to layer 1", "push button"))
        self.shape("2-7-6-1")
        keys("space")
        self.shape("2-8-6-1")
        w.click(w.find("Remove a unit of layer 2", "push button"))
        self.shape("2-8-5-1")
        keys("space")
        self.shape("2-8-4-1")
        w.click(w.find("Add a layer after layer 2", "push button"))
        self.shape("2-8-4-4-1")
        time.sleep(0.5)
        keys("plus")
        self.shape("2-8-4-5-1")
        keys("ctrl+d")
        self.shape("2-8-4-5-5-1")
        time.sleep(0.5)
        keys("minus")
        self.shape("2-8-4-5-4-1")

    def test_popover_of_a_layer(self):
        w = self.window
        w.click(w.find("Settings of layer 1", "push button"))
        w.press(w.find("Deepen", "push button"))
        self.shape("2-6-6-6-1")
        w.press(w.find("Frozen", "check box") if w.look("Frozen", "check box") else self.named("Frozen"))
        self.named("Layer 1: tanh, 6 units, frozen")
        keys("ctrl+z")
        until(lambda: not any(n.name.startswith("Layer 1: tanh, 6 units, frozen") for n in walk(w.root)), "the undo while it is open")
        w.press(w.find("Duplicate", "push button"))
        self.shape("2-6-6-6-6-1")

    def test_hold_plus(self):
        w = self.window
        x, y = w.point(w.find("Add a unit to layer 1", "push button"))
        xdo("mousemove", x, y, "mousedown", "1")
        time.sleep(1.2)
        xdo("mouseup", "1")
        until(lambda: int(self.canvas.description.split("-")[1]) >= 9, "a width that grew while the button was held")
        keys("ctrl+z")
        self.shape("2-6-6-1", "one undo for one hold")

    def test_drag_a_layer(self):
        w = self.window
        w.click(w.find("Add a unit to layer 2", "push button"))
        self.shape("2-6-7-1")
        x0, y0 = w.point(w.find("Layer 1: tanh, 6 units", "push button"))
        x1, _ = w.point(self.named("Unit 1 of output"))
        self.drag(x0, y0, x1 - 60, y0 + 20, let_go=False)
        keys("Escape")
        xdo("mouseup", "1")
        keys("plus")                                     # heard after both, and needs the layer that Escape left selected
        self.shape("2-7-7-1", "Escape to leave it where it was")
        keys("ctrl+z")
        self.shape("2-6-7-1")
        self.drag(x0, y0, x1 - 60, y0 + 20)
        self.shape("2-7-6-1")

    def test_drag_a_connection(self):
        w = self.window
        x1, y1 = w.point(self.named("Unit 1 of output"))
        self.drag(*w.point(w.find("Connect layer 1 to…", "push button")), x1, y1)
        self.shape("2-6-6-6-1", "a sum before the output")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        self.drag(*w.point(w.find("Layer 1: tanh, 6 units", "push button")), x1, y1, hold="ctrl")
        self.shape("2-6-6-6-1", "the same with Ctrl")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        self.drag(*w.point(w.find("Connect layer 1 to…", "push button")), *w.point(self.named("Unit 3 of layer 2")))
        until(lambda: any("already reads" in n.name for n in walk(w.root)), "the reason why not")
        self.shape("2-6-6-1")

    def test_drag_a_unit(self):
        first, second = self.value("Weight 1 to 1 of layer 1"), self.value("Weight 1 to 2 of layer 1")
        self.assertNotEqual(first, second)
        self.drag(*self.window.point(self.named("Unit 1 of layer 1")), *self.window.point(self.named("Unit 2 of layer 1")))
        until(lambda: (self.value("Weight 1 to 1 of layer 1"), self.value("Weight 1 to 2 of layer 1")) == (second, first), "the two to change places")
        keys("ctrl+z")
        until(lambda: self.value("Weight 1 to 1 of layer 1") == first, "the undo")

    def test_wheel_and_drag_on_a_weight(self):
        name = "Weight 1 to 1 of output"
        before = self.value(name)
        x, y = self.window.point(self.named(name))
        xdo("mousemove", x, y, "click", "1")
        self.window.focus(name)
        xdo("click", "4")
        until(lambda: before < self.value(name) <= before + 0.0501, "one step up")
        up = self.value(name)
        xdo("click", "4", "click", "4")
        until(lambda: abs(self.value(name) - up - 0.1) < 0.002, "two more")
        xdo("keydown", "shift", "click", "5", "keyup", "shift")
        until(lambda: abs(self.value(name) - up - 0.095) < 0.002, "a fine one back")
        self.drag(x, y, x, y + 100)
        until(lambda: abs(self.value(name) - up + 0.905) < 0.02, "a drag of 100 pixels, which is 1")


class Keyboard(Build):
    def test_layers(self):
        self.tab_to("Layer 1: tanh")
        keys("plus")
        self.shape("2-7-6-1")
        keys("minus")
        self.shape("2-6-6-1")
        keys("ctrl+d")
        self.shape("2-6-6-6-1")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        keys("ctrl+l")
        self.shape("2-6-6-6-1")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        self.tab_to("Layer 1: tanh")
        keys("plus")
        self.shape("2-7-6-1")
        keys("alt+Right")
        self.shape("2-6-7-1")
        keys("alt+Left")
        self.shape("2-7-6-1")
        keys("Delete")
        self.shape("2-6-1")
        keys("ctrl+z")
        self.shape("2-7-6-1")

    def test_clipboard(self):
        self.tab_to("Layer 1: tanh")
        keys("ctrl+c", "ctrl+v")
        self.shape("2-6-6-6-1")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        self.tab_to("Layer 1: tanh")
        keys("ctrl+x")
        self.shape("2-6-1")
        keys("ctrl+v")
        self.shape("2-6-6-1")

    def test_width_is_typed(self):
        self.tab_to("Layer 1: tanh")
        keys("F2")
        self.window.focus(role=("spin button", "text", "entry"))
        keys("ctrl+a")
        write("9")
        keys("Return")
        self.shape("2-9-6-1")
        keys("Escape")
        self.window.focus("Layer 1: tanh, 9")

    def test_context_menu(self):
        for key in ("Menu", "shift+F10"):
            self.tab_to("Layer 1: tanh")
            keys(key)
            self.window.find("Duplicate", "menu item")
            keys("d")
            self.shape("2-6-6-6-1")
            keys("ctrl+z")
            self.shape("2-6-6-1")

    def test_connect(self):
        self.tab_to("Layer 1: tanh")
        keys("ctrl+k")
        until(lambda: any("already reads" in n.name for n in walk(self.window.root)), "the reason beside a layer that cannot be reached")
        keys("Return")
        self.shape("2-6-6-6-1")

    def test_unit_and_weight(self):
        self.tab_to("Input x1")
        keys("Right")
        row = int(self.window.focus("Unit ")[0].split()[1])
        before = self.value(f"Weight 1 to {row} of layer 1")
        keys("alt+Down")
        until(lambda: self.value(f"Weight 1 to {row + 1} of layer 1") == before, "the unit one down")
        keys("Delete")
        self.shape("2-5-6-1")
        keys("ctrl+z")
        self.shape("2-6-6-1")
        keys("e")
        name = self.window.focus("Weight ")[0].split(":")[0]
        before = self.value(name)
        keys("plus")
        until(lambda: before < self.value(name) <= before + 0.0501, "a step up")
        keys("Return")
        self.window.focus(role=("spin button", "text", "entry"))
        keys("Escape")
        self.window.focus(name)
        up = self.value(name)
        keys("Up", "Up", "shift+Down")
        until(lambda: abs(self.value(name) - up - 0.095) < 0.002, "two steps up, a fine one down")
        keys("Delete")
        until(lambda: self.value(name) == 0, "zero")


class Focus(Build):
    def test_space_after_a_choice_trains(self):
        self.tab_to("Optimiser: Adam")
        keys("Return")
        self.window.focus(role=("text", "entry"))
        keys("Down", "Return")
        self.window.focus("Optimiser: AdamW")
        keys("space")
        self.window.find("Pause", "push button")

    def test_click_after_escape(self):
        w = self.window
        more = w.find("Settings of layer 1", "push button")
        w.click(more)
        w.find("Deepen", "push button")
        keys("Escape")
        until(lambda: w.look("Deepen", "push button") is None, "the popover to close")
        xdo("click", "1")
        w.find("Deepen", "push button")

    def test_all_settings_from_a_chip(self):
        self.tab_to("Layer 1: tanh")
        keys("alt+Return")
        self.window.find("Data set", "label")
        self.assertIsNone(self.window.look("Activation", "list"))


class Discards(Build):
    def test_what_goes_can_be_kept(self):
        w = self.window
        keys("Right")
        until(lambda: w.readout("Step") == "1", "a step")
        w.click(w.find("Remove a unit of layer 1", "push button"))
        self.shape("2-5-6-1")
        both = w.find("Keep Both", "push button")
        w.press(both)
        until(lambda: sum(1 for n in walk(w.root) if n.name == "Network" and ("2-6-6-1" in n.description or "2-5-6-1" in n.description)) == 2, "two windows")
        keys("ctrl+w")

        def closed():
            return len([n for n in w.root if n.getRoleName() == "frame"]) == 1

        def closed_or_asked():
            if not closed():
                w.press(w.look("Discard", "push button"))      # it asks only if the copy counts as edited
            return closed()

        until(closed_or_asked, "the other window to close")


if __name__ == "__main__":
    main("__main__")
