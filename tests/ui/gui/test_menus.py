#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The catalogue menus by keyboard: search, walk, choose, leave."""
import os
import sys

import pyatspi

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, keys, main, until, walk, write, xdo  # noqa: E402


def focused(w):
    return next((n for n in walk(w.root) if n.getState().contains(pyatspi.STATE_FOCUSED)), None)


class Menus(Case):
    def named(self, name):
        return self.window.look(name, "push button") or self.window.look(name, "toggle button")

    def open(self, name):
        self.window.click(until(lambda: self.named(name), name))
        until(lambda: focused(self.window).getRoleName() in ("text", "entry"), f"the focus in the search field of {name}")

    def test_choose_by_typing(self):
        for field, start, rows in (("Loss", "Binary cross-entropy (logits)", ("Huber", "Hinge (support vector)", "Squared error (MSE)")),
                                   ("Optimiser", "Adam", ("Lion", "Gradient descent (SGD)", "RMSProp")),
                                   ("Initialiser", "Xavier (Glorot) uniform", ("Orthogonal", "He (Kaiming) normal")),
                                   ("Data", "Two moons", ("Spirals", "Iris"))):
            for row in rows:
                self.open(f"{field}: {start}")
                write(row)
                keys("Return")
                until(lambda: self.named(f"{field}: {row}"), f"{field}: {row}")
                start = row

    def test_first_click_after_a_choice(self):
        """GTK 4.8 asks a hidden menu where the pointer is, and sends the click there (ui/pages/popovers.c): each of these would be lost."""
        start = "Initialiser: Xavier (Glorot) uniform"
        for row in ("Orthogonal", "He (Kaiming) normal") * 3:
            self.open(start)
            write(row)
            keys("Return")
            start = f"Initialiser: {row}"
            until(lambda: self.named(start), start)
            xdo("mousemove", 700, 500)

    def test_click_elsewhere_after_escape(self):
        w = self.window
        for name, inside in (("Settings of layer 1", "Deepen"), ("Settings of layer 2", "Deepen")) * 2:
            self.open("Optimiser: Adam")
            keys("Escape")
            until(lambda: "Optimiser: Adam" in focused(w).name, "the menu to close")
            w.click(w.find(name, "push button"))
            w.find(inside, "push button")
            keys("Escape")
            until(lambda: w.look(inside, "push button") is None, "the popover to close")

    def test_walk_and_escape(self):
        w = self.window
        self.open("Optimiser: Adam")
        keys("Down", "Return")
        until(lambda: self.named("Optimiser: AdamW"), "the row below")
        self.open("Optimiser: AdamW")
        keys("Page_Down", "Up")
        keys("Escape")
        until(lambda: "Optimiser: AdamW" in focused(w).name, "the focus back on the button")
        keys("ctrl+z")
        until(lambda: self.named("Optimiser: Adam"), "the undo")

    def test_nothing_found(self):
        w = self.window
        self.open("Loss: Binary cross-entropy (logits)")
        write("xyzzy")
        until(lambda: w.look("Clear Search", "push button"), "the way out")
        keys("Return")
        self.assertIsNotNone(w.look("Clear Search", "push button"))
        keys("Tab")
        until(lambda: focused(w).name == "Clear Search", "the focus on the way out")
        keys("Return")
        until(lambda: not w.look("Clear Search", "push button"), "the rows")
        write("PoissonNLL")
        keys("Return")
        until(lambda: self.named("Loss: Poisson (counts)"), "the loss by its name in PyTorch")

    def test_what_cannot_be_chosen(self):
        w = self.window
        self.open("Loss: Binary cross-entropy (logits)")
        write("triplet")
        row = until(lambda: next(n for n in walk(w.root) if n.getRoleName() == "list item" and n.name == "Triplet"), "the row")
        self.assertFalse(row.getState().contains(pyatspi.STATE_SENSITIVE))
        self.assertIn("Needs a second layer", row[0].name)
        keys("Return", "Escape")
        until(lambda: self.named("Loss: Binary cross-entropy (logits)"), "the loss as it was")

    def test_cards_have_names_of_their_own(self):
        w = self.window
        menus = until(lambda: [n.name for n in walk(w.root) if n.name.startswith("Show another picture in place of") and n.getRoleName() == "push button"], "the menus")
        self.assertEqual(len(set(menus)), 3)

    def test_keys_of_the_window_stay_out(self):
        w = self.window
        self.open("Loss: Binary cross-entropy (logits)")
        write("t[]+")
        keys("Escape")
        until(lambda: any(n.name == "0.03" for n in walk(w.frame)), "the rate as it was")


if __name__ == "__main__":
    main("__main__")
