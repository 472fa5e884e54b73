#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""All settings by keyboard alone: momentum of SGD, and a loss that is typed."""
import os
import sys

import pyatspi

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, keys, main, until, walk, write  # noqa: E402


def has_focus(node):
    return node.getState().contains(pyatspi.STATE_FOCUSED)


def text_of(node):
    text = node.queryText()
    return text.getText(0, text.characterCount)


class Settings(Case):
    def open_settings(self):
        keys("alt+Return")
        return until(lambda: next(n for n in self.window.root if n.name == "All Settings"), "the settings")

    def walk_to(self, window, name, role=None, most=60):
        """Tab until the focus is in something of this name."""
        def found():
            node = next((n for n in walk(window) if has_focus(n)), None)
            while node is not None and node is not window:
                if name in node.name and (role is None or node.getRoleName() == role):
                    return node
                node = node.parent if node.getRoleName() in ("text", "toggle button") else None
            return None

        for _ in range(most):
            try:
                node = found()
            except Exception:      # what had the focus is gone
                node = None
            if node is not None:
                return node
            keys("Tab")
        raise AssertionError(f"no way to {name!r} by Tab")

    def choose(self, window, field, words):
        self.walk_to(window, field + ":")
        keys("space")
        until(lambda: any(has_focus(n) and n.getRoleName() in ("text", "entry") for n in walk(window)), "the menu")
        write(words)
        keys("Return")

    def entry(self, window, name):
        return next(n for n in walk(window) if n.name == name and n.getRoleName() in ("text", "entry"))

    def page(self, window, name):
        self.walk_to(window, name)
        keys("space")


class Momentum(Settings):
    def test_by_keyboard(self):
        window = self.open_settings()
        self.page(window, "Optimiser")
        self.choose(window, "Optimiser", "Momentum (Algorithm 8.2)")
        until(lambda: self.entry(window, "Momentum \u03b1"), "the line of momentum")
        self.walk_to(window, "Momentum \u03b1", "text")
        keys("ctrl+a")
        write("1.5")
        keys("Return")
        until(lambda: any("at least 0 and below 1" in n.name for n in walk(window) if n.getRoleName() == "label"), "the refusal")
        keys("ctrl+a")
        write("0.5")
        keys("Return")
        until(lambda: text_of(self.entry(window, "Momentum \u03b1")) == "0.5", "the value")
        until(lambda: not any("at least 0 and below 1" in n.name for n in walk(window) if n.getRoleName() == "label"), "the refusal to go")
        keys("shift+Tab", "shift+Tab", "shift+Tab")
        keys("ctrl+z")
        until(lambda: text_of(self.entry(window, "Momentum \u03b1")) == "0.9", "the undo")


class Formula(Settings):
    def test_by_keyboard(self):
        window = self.open_settings()
        self.choose(window, "Data set", "wave")
        self.page(window, "Loss")
        self.choose(window, "Loss", "Typed formula")
        until(lambda: self.entry(window, "Formula d(y, t)"), "the formula")
        self.walk_to(window, "Formula d(y, t)", "text")
        keys("ctrl+a")
        write("abs(y - t")
        until(lambda: any(n.name.startswith("Column ") for n in walk(window) if n.getRoleName() == "label"), "what is wrong, while it is typed")
        write(")^3")
        keys("Return")
        until(lambda: not any(n.name.startswith("Column ") for n in walk(window) if n.getRoleName() == "label"), "nothing to be wrong")
        keys("alt+Return")
        until(lambda: any(n.name == "Loss: Typed formula" for n in walk(self.window.frame)), "the strip to say so")


if __name__ == "__main__":
    main("__main__")
