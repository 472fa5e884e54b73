#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The Network page driven by mouse and by keyboard alone."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, is_called, keys, main, until, walk, write, xdo  # noqa: E402


def number(text):
    return float(text.replace("−", "-").replace(" ", "").replace("\u202f", "").replace("%", ""))


class Mouse(Case):
    def test_train_and_see_the_loss_fall(self):
        w = self.window
        loss = w.find("Loss", "image")
        before = loss.description
        accuracy = number(w.readout("Test accuracy"))
        w.click(w.find("Train", "push button"))
        w.find("Pause", "push button")
        until(lambda: number(w.readout("Epoch")) >= 20, "20 epochs")
        until(lambda: number(w.readout("Test accuracy")) > max(90, accuracy), "the accuracy to rise")
        w.click(w.find("Pause", "push button"))
        w.find("Train", "push button")
        until(lambda: loss.description != before, "the loss picture to speak of it")
        step = until(lambda: w.readout("Step"), "a step")
        until(lambda: w.readout("Step") == step, "rest")

    def test_choose_an_optimiser(self):
        w = self.window
        field = w.find("Optimiser: Adam", "push button")
        w.click(field)
        w.focus(role=("text", "entry"))
        keys("Down", "Down", "Return")
        until(lambda: "edited" in " ".join(n.name for n in walk(w.frame) if n.getRoleName() == "label"), "the edit")
        keys("ctrl+z")
        until(lambda: not any("edited" in n.name for n in walk(w.frame) if n.getRoleName() == "label"), "the undo")

    def test_widths_and_layers(self):
        w = self.window
        canvas = until(lambda: next(n for n in walk(w.root) if n.name == "Network" and "2-6-6-1" in n.description), "the picture's words")
        w.click(w.find("Add a unit to layer 1", "push button"))
        until(lambda: "2-7-6-1" in canvas.description, "seven units")
        w.click(w.find("Remove a unit of layer 1", "push button"))
        until(lambda: "2-6-6-1" in canvas.description, "six units")
        w.click(w.find("Add a layer after the inputs", "push button"))
        until(lambda: canvas.description.count("-") == 4, "another layer")
        keys("ctrl+z")
        until(lambda: "2-6-6-1" in canvas.description, "the undo")


class Keyboard(Case):
    def test_run_without_a_pointer(self):
        w = self.window
        keys("space")
        w.find("Pause", "push button")
        until(lambda: number(w.readout("Epoch")) >= 5, "five epochs")
        keys("space")
        w.find("Train", "push button")
        keys("ctrl+r")
        until(lambda: w.readout("Step") == "0", "the reset")
        keys("Right")
        until(lambda: w.readout("Step") == "1", "one step")
        keys("shift+Right")
        until(lambda: w.readout("Step") == "11", "eleven steps")
        keys("Left")
        until(lambda: w.readout("Step") == "10", "a step back")
        keys("bracketright")
        until(lambda: any(n.name == "0.06" for n in walk(w.frame)), "the doubled rate")
        keys("ctrl+z")
        until(lambda: any(n.name == "0.03" for n in walk(w.frame)), "the rate before")

    def test_walk_and_edit_a_weight(self):
        w = self.window
        w.tab_to("Input x1")
        keys("Right")
        w.focus("Unit ")
        keys("e")
        w.focus("Weight ")
        keys("Return")
        w.focus(role=("spin button", "text", "entry"))
        keys("ctrl+a")
        write("1.5")
        keys("Return")
        until(lambda: any(n.name.startswith("Weight ") and "+1.500" in n.name for n in walk(w.frame)), "the new value")


class Gradients(Case):
    def test_by_mouse(self):
        w = self.window
        w.click(w.find("Main menu"))
        w.press(w.find("Check Gradients", "menu item"))
        self.verdict()
        dialog = next(n for n in w.root if n.name == "Check Gradients")
        w.press(next(n for n in walk(dialog) if is_called(n, "Close") and n.getRoleName() == "push button"))
        until(lambda: not w.look("Central difference"), "the end of it")

    def test_by_key(self):
        w = self.window
        keys("ctrl+g")
        self.verdict()
        w.press(w.find("Copy as Text", "push button"))
        w.find("Copied", "push button")
        keys("Escape")
        until(lambda: not w.look("Central difference"), "the end of it")

    def verdict(self):
        until(lambda: any(n.name.startswith("All 67 gradients agree") for n in walk(self.window.root)), "the verdict")
        assert self.window.look("Layer 2 · w", "label")


class Files(Case):
    def test_save_as_and_reopen(self):
        w = self.window
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mine.chainrule")
            keys("bracketright")
            keys("ctrl+shift+s")
            until(lambda: xdo("search", "--onlyvisible", "--name", "^Save As$"), "the chooser")
            keys("ctrl+a")
            write(path)
            keys("Return")
            until(lambda: os.path.exists(path), "the file")
            until(lambda: w.frame.name.startswith("mine") or w.frame.name == "Two moons", "the title")
            self.assertEqual(w.close(), 0)
            self.window = w = type(w)(self.exe, path)
            until(lambda: any(n.name == "0.06" for n in walk(w.root)), "the rate that was saved")
            self.assertEqual(w.close(), 0)


def brightness(x, y):
    out = subprocess.run(["import", "-window", "root", "-crop", f"1x1+{x}+{y}", "-depth", "8", "gray:-"], check=True, capture_output=True).stdout
    return out[0]


class Style(Case):
    def test_dark(self):
        w = self.window
        until(lambda: brightness(300, 600) > 200, "a light picture")
        keys("F10")
        w.focus("New Window")
        keys("y")
        w.focus("Style")
        keys("d")
        until(lambda: brightness(300, 600) < 60, "a dark picture")
        keys("ctrl+l")       # GTK 4.8 leaves the focus in the menu that has gone (ui/pages/popovers.c)
        until(lambda: any("2-6-6-6-1" in n.description for n in walk(w.root) if n.name == "Network"), "the keyboard to be heard after the menu")


if __name__ == "__main__":
    main("__main__")
