#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Documents as a person handles them: examples, several windows, files dropped on the window, questions at the end, what is remembered."""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import pyatspi

sys.path.insert(0, os.path.dirname(__file__))
from drive import Twice, Window, is_called, keys, main, until, walk, write, xdo  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = """{"format": "chainrule/1", "name": "Lecture", "data": {"source": "generator", "id": "moons"}, "network": {"layers": [
  {"id": "d1", "type": "dense", "units": 4, "activation": "tanh"}, {"id": "out", "type": "dense", "units": 1}]},
  "losses": [{"id": "bce_with_logits"}]}"""


def frames(w):
    """All windows; GTK calls some of them a filler."""
    return [n for n in w.root if n is not None]


def frame(w, name):
    return until(lambda: next(n for n in frames(w) if n.name == name), f"the window {name!r}")


def says(w, text, where=None):
    return any(text in n.name for n in walk(where or w.root) if n.getRoleName() == "label")


def canvas(w):
    return until(lambda: next(n for n in walk(w.frame) if n.name == "Network" and n.description), "the picture's words").description


def focused(w):
    return [n.name for n in walk(w.root) if n.getState().contains(pyatspi.STATE_FOCUSED)]


def showing(n):
    """Of a second window GTK never says that it is showing."""
    states = n.getState()
    return states.contains(pyatspi.STATE_SHOWING) or states.contains(pyatspi.STATE_VISIBLE)


def button(where, name):
    return until(lambda: next(n for n in walk(where) if n.getRoleName() == "push button" and is_called(n, name) and showing(n)), f"the button {name!r}")


def safetensors(path, tensors):
    """tensors: name -> (shape, numbers)."""
    header, data = {}, b""
    for name, (shape, numbers) in tensors.items():
        raw = struct.pack(f"<{len(numbers)}f", *numbers)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


class Base(Twice):
    exe = None

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def still(self, look):
        """Waits until what is seen is seen again half a second later."""
        def same():
            before = look()
            time.sleep(0.5)
            return look() == before

        until(same, "rest")

    def start(self, *args):
        w = Window(self.exe, *args)
        self.addCleanup(w.kill)
        return w

    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w") as f:
                f.write(text)
        return path


class Gallery(Base):
    def open(self, w):
        keys("ctrl+shift+o")
        return frame(w, "Examples")

    def test_walk_by_keyboard(self):
        w = self.start()
        self.open(w)
        until(lambda: "Two moons" in focused(w), "the first card to have the focus")
        keys("Right", "Right", "Down")
        until(lambda: "Symmetric start" in focused(w), "the card under the third")
        keys("Return")
        until(lambda: w.frame.name == "Symmetric start", "the example")
        until(lambda: len(frames(w)) == 1, "the gallery to close")
        self.assertFalse(says(w, "edited", w.frame))
        self.assertEqual(w.close(), 0)

    def test_search_and_mouse(self):
        w = self.start()
        w.click(w.find("Recent documents and examples", "push button"))
        w.press(w.find("Examples…", "push button"))
        gallery = frame(w, "Examples")

        def cards():
            return [n for n in walk(gallery) if n.getRoleName() == "table cell" and n.name and showing(n)]

        until(lambda: len(cards()) >= 12, "twelve cards")
        self.assertEqual([n.name for n in cards()[:2]], ["Two moons", "XOR without a hidden layer"])
        self.assertTrue(all(n.description for n in cards()))
        until(lambda: sum(bool(n.description) for n in walk(gallery) if n.getRoleName() == "image") >= 12, "a live picture on each")
        write("huber")
        until(lambda: [n.name for n in cards()] == ["Huber against outliers"], "one card")
        own, w.frame = w.frame, gallery
        self.still(lambda: w.point(cards()[0]))
        w.click(cards()[0])
        w.frame = own
        until(lambda: w.frame.name == "Huber against outliers", "the example")
        self.assertEqual(w.close(), 0)

    def test_nothing_found_and_escape(self):
        w = self.start()
        gallery = self.open(w)
        write("zzz")
        until(lambda: says(w, "No example", gallery), "the line that says so")
        keys("Escape")
        until(lambda: not any("No example" in n.name and showing(n) for n in walk(gallery)), "all of them again")
        keys("Escape")
        until(lambda: len(frames(w)) == 1, "the gallery to close")
        self.assertEqual(w.close(), 0)

    def test_edited_document_stays(self):
        w = self.start()
        keys("ctrl+l")
        until(lambda: "2-6-6-6-1" in canvas(w), "the edit")
        self.open(w)
        until(lambda: "Two moons" in focused(w), "the first card")
        keys("Right", "Return")
        frame(w, "XOR without a hidden layer")
        self.assertEqual(w.frame.name, "Two moons")
        keys("ctrl+w")
        until(lambda: len(frames(w)) == 1, "the new window to close")
        self.assertEqual(w.close(), 0)


class Windows(Base):
    def test_new_window_and_quit(self):
        """Two windows are two documents; Ctrl+Q asks for each that is edited, and Cancel keeps it."""
        w = self.start()
        keys("ctrl+l")
        until(lambda: "2-6-6-6-1" in canvas(w), "the edit")
        keys("ctrl+n")
        until(lambda: len(frames(w)) == 2, "the second window")
        second = next(n for n in frames(w) if n != w.frame)
        until(lambda: any("2-6-6-1" in n.description for n in walk(second) if n.name == "Network"), "its picture")
        until(lambda: not w.frame.getState().contains(pyatspi.STATE_ACTIVE), "the second in front")
        keys("bracketright")
        until(lambda: says(w, "edited", second), "the second edit")
        keys("ctrl+q")

        def questions():
            return [n for n in walk(w.root) if n.getRoleName() == "label" and n.name.startswith("Save changes to “Two moons”?")]

        until(lambda: len(questions()) == 2, "two questions")
        discards = until(lambda: [n for n in walk(w.root) if n.getRoleName() == "push button" and is_called(n, "Discard") and showing(n)], "their buttons")
        w.press(discards[0])
        until(lambda: sum(any(m.name == "Network" for m in walk(n)) for n in frames(w)) == 1, "one window to close")
        w.press(button(w.root, "Cancel"))
        until(lambda: not questions(), "no question")
        self.assertIsNone(w.process.poll())
        w.frame = frames(w)[0]
        self.assertEqual(w.close(), 0)

    def test_open_file_is_raised(self):
        path = self.path("lecture.json", DOCUMENT)
        w = self.start(path)
        until(lambda: "2-4-1" in canvas(w), "the document")
        keys("ctrl+n")
        until(lambda: len(frames(w)) == 2, "the second window")
        until(lambda: not w.frame.getState().contains(pyatspi.STATE_ACTIVE), "the second in front")
        self.assertEqual(subprocess.run([self.exe, path], timeout=60).returncode, 0)
        until(lambda: w.frame.getState().contains(pyatspi.STATE_ACTIVE), "the first in front again")
        self.assertEqual(len(frames(w)), 2)
        keys("ctrl+q")
        self.assertEqual(w.process.wait(60), 0)

    def test_save_title_and_recent(self):
        w = self.start()
        path = self.path("mine.chainrule")
        keys("bracketright")
        until(lambda: says(w, "Untitled · edited", w.frame), "the mark")
        keys("ctrl+s")
        until(lambda: xdo("search", "--onlyvisible", "--name", "^Save As$"), "the chooser")
        keys("ctrl+a")
        write(path)
        keys("Return")
        until(lambda: os.path.exists(path), "the file")
        until(lambda: w.frame.name == "mine", "the title")
        until(lambda: says(w, self.folder, w.frame) and not says(w, "edited", w.frame), "the folder as subtitle")
        keys("ctrl+z")
        until(lambda: says(w, "edited", w.frame), "the mark: the file is another now")
        keys("ctrl+shift+z")
        until(lambda: not says(w, "edited", w.frame), "clean again")
        w.click(w.find("Recent documents and examples", "push button"))
        row = w.find("mine.chainrule", "push button")
        self.assertIn(self.folder, row.description)
        keys("Escape")
        self.assertEqual(w.close(), 0)

    def test_close_question_saves(self):
        path = self.path("lecture.chainrule")
        w = self.start()
        keys("ctrl+shift+s")
        until(lambda: xdo("search", "--onlyvisible", "--name", "^Save As$"), "the chooser")
        keys("ctrl+a")
        write(path)
        keys("Return")
        until(lambda: w.frame.name == "lecture", "the title")
        before = os.stat(path).st_mtime_ns
        keys("ctrl+l")
        until(lambda: says(w, "edited", w.frame), "the edit")
        keys("ctrl+w")
        until(lambda: any(n.name.startswith("Save changes to “lecture”?") for n in walk(w.root)), "the question")
        keys("Escape")
        until(lambda: not any(n.name.startswith("Save changes") and showing(n) for n in walk(w.root)), "Cancel")
        keys("ctrl+w")
        until(lambda: any(n.name.startswith("Save changes to “lecture”?") for n in walk(w.root)), "the question again")
        keys("Return")
        self.assertEqual(w.process.wait(60), 0)
        self.assertGreater(os.stat(path).st_mtime_ns, before)

    def test_damaged_file_offers_its_backup(self):
        """RELIABILITY A19."""
        path = self.path("lecture.json", DOCUMENT)
        w = self.start(path)
        until(lambda: "2-4-1" in canvas(w), "the document")
        keys("ctrl+l")
        until(lambda: "2-4-4-1" in canvas(w), "the edit")
        keys("ctrl+s")
        until(lambda: os.path.exists(path + "~") and not says(w, "edited", w.frame), "the save")
        self.assertEqual(w.close(), 0)
        self.path("lecture.json", '{"format": "chainrule/1", ')
        w = self.start()
        self.assertEqual(subprocess.run([self.exe, path], timeout=60).returncode, 0)
        until(lambda: any("cannot be opened" in n.name for n in walk(w.root)), "the refusal")
        w.press(button(w.root, "Open Backup"))
        recovered = frame(w, "lecture (recovered)")
        until(lambda: any("2-4-1" in n.description for n in walk(recovered) if n.name == "Network"), "the file before the last save")
        keys("ctrl+s")
        frame(w, "lecture")
        with open(path) as f:
            self.assertEqual(json.load(f)["network"]["layers"][0]["units"], 4)
        keys("ctrl+q")
        self.assertEqual(w.process.wait(60), 0)

    def test_no_descriptors(self):
        """RELIABILITY A18: without a descriptor the save is refused in words, the file stays, and the next save succeeds."""
        path = self.path("lecture.json", DOCUMENT)
        w = self.start(path)
        until(lambda: "2-4-1" in canvas(w), "the document")
        keys("ctrl+l")
        until(lambda: "2-4-4-1" in canvas(w), "the edit")
        time.sleep(4)                                      # GTK writes its list of recent files, the journal is written
        limit = subprocess.run(["prlimit", "--pid", str(w.process.pid), "--nofile", "--output", "SOFT,HARD", "--noheadings"], capture_output=True, text=True).stdout.split()
        subprocess.run(["prlimit", "--pid", str(w.process.pid), "--nofile=3:" + limit[1]], check=True)
        keys("ctrl+s")
        until(lambda: says(w, "The document was not saved"), "the refusal")
        self.assertTrue(any("Too many open files" in n.name for n in walk(w.root)))
        subprocess.run(["prlimit", "--pid", str(w.process.pid), f"--nofile={limit[0]}:{limit[1]}"], check=True)
        with open(path) as f:
            self.assertEqual(f.read(), DOCUMENT)
        # a key that comes before the dialog has the focus closes nothing
        until(lambda: keys("Escape") or not any("was not saved" in n.name and showing(n) for n in walk(w.root)), "the dialog to go")
        keys("ctrl+s")
        until(lambda: not says(w, "edited", w.frame), "the save")
        self.assertEqual(w.close(), 0)


class Drop(Base):
    def drop(self, w, *paths):
        """A real drag from another program's window into the middle of ours."""
        source = subprocess.Popen(["/usr/bin/python3", os.path.join(HERE, "drag_source.py"), *paths])
        try:
            window = until(lambda: xdo("search", "--onlyvisible", "--name", "^Drag from here$").split()[-1], "the source")
            xdo("windowmove", window, 4, 4)
            xdo("windowraise", window)
            self.still(lambda: xdo("getwindowgeometry", "--shell", window))
            place = dict(line.split("=") for line in xdo("getwindowgeometry", "--shell", window).splitlines())
            x, y = int(place["X"]) + int(place["WIDTH"]) // 2, int(place["Y"]) + int(place["HEIGHT"]) // 2 + 16
            xdo("mousemove", x, y, "mousedown", 1)
            for i in range(1, 21):
                xdo("mousemove", x + (560 - x) * i // 20, y + (420 - y) * i // 20)
                time.sleep(0.03)
            time.sleep(0.3)
            xdo("mouseup", 1)
            time.sleep(0.5)
        finally:
            source.terminate()
            source.wait()

    def test_data(self):
        w = self.start()
        rows = "\n".join(f"{i % 7},{i % 5},{i % 3},{'yes' if i % 2 else 'no'}" for i in range(40))
        path = self.path("mine.csv", "a,b,c,answer\n" + rows + "\n")
        self.drop(w, path)
        until(lambda: "3-6-6-1" in canvas(w), "the data of the file")
        # A10: what is trained on is a copy; that the source has changed is said
        with open(path, "a") as f:
            f.write("1,1,1,yes\n")
        until(lambda: says(w, "The data file “mine.csv” has changed"), "the note")
        w.click(w.find("Read Again", "push button"))
        until(lambda: not says(w, "has changed"), "the note to go")
        os.unlink(path)
        until(lambda: says(w, "was deleted or moved"), "the other note")
        w.click(w.find("Ignore", "push button"))
        until(lambda: not says(w, "was deleted or moved"), "that note to go")
        keys("ctrl+z")
        keys("ctrl+z")
        until(lambda: "2-6-6-1" in canvas(w), "the undo")
        self.assertEqual(w.close(), 0)

    def test_documents(self):
        w = self.start()
        self.drop(w, self.path("lecture.json", DOCUMENT), self.path("other.json", DOCUMENT.replace('"units": 4', '"units": 5')))
        until(lambda: w.frame.name == "lecture", "the first here")
        frame(w, "other")
        self.assertEqual(len(frames(w)), 2)
        keys("ctrl+q")
        self.assertEqual(w.process.wait(60), 0)

    def test_weights(self):
        w = self.start()
        path = self.path("torch.safetensors")
        safetensors(path, {"0.bias": ([6], [0.5] * 6), "0.weight": ([6, 2], [0.25] * 12), "2.bias": ([6], [1] * 6), "2.weight": ([6, 6], [0.125] * 36),
                           "4.bias": ([3], [0, 0, 0]), "4.weight": ([3, 6], [0] * 18)})
        self.drop(w, path)
        dialog = frame(w, "Weights of “torch.safetensors”")
        until(lambda: says(w, "4 of 6 tensors find their place. Keep their values: d3.weight, d3.bias.", dialog), "the summary")
        self.assertTrue(says(w, "no parameter of this network has this shape", dialog))
        # another choice for the first bias: not used
        own, w.frame = w.frame, dialog
        w.click(until(lambda: next(n for n in walk(dialog) if n.name == "Parameter that takes 0.bias" and n.getRoleName() == "combo box"), "a choice"))
        w.frame = own
        w.focus(role=("list item", "menu item", "table cell", "list"))
        keys("Home", "Return")
        until(lambda: says(w, "3 of 6 tensors find their place. Keep their values: d1.bias, d3.weight, d3.bias.", dialog), "the summary to follow")
        w.press(button(dialog, "Apply"))
        until(lambda: len(frames(w)) == 1, "the dialog to close")
        until(lambda: says(w, "edited", w.frame), "the edit")
        undo = w.find("Undo", "push button")
        until(lambda: undo.getState().contains(pyatspi.STATE_SENSITIVE), "something to undo")
        keys("ctrl+z")
        until(lambda: not undo.getState().contains(pyatspi.STATE_SENSITIVE), "the undo")
        self.assertEqual(w.close(), 0)


class Remembered(Base):
    def test_preferences(self):
        w = self.start()
        keys("ctrl+comma")
        dialog = frame(w, "Preferences")
        for title in ("Style", "Text size of pictures", "Reduced motion", "Threads", "Autosave", "Open starts in this folder"):
            self.assertTrue(says(w, title, dialog), title)
        switch = until(lambda: next(n for n in walk(dialog) if n.getRoleName() == "check box" and is_called(n, "Autosave")), "the switch")
        w.press(switch)
        keys("Escape")
        until(lambda: len(frames(w)) == 1, "the window to close")
        self.assertEqual(w.close(), 0)
        w = self.start()
        until(lambda: says(w, "Autosave is off", w.frame), "the mark")
        keys("ctrl+comma")
        dialog = frame(w, "Preferences")
        w.press(until(lambda: next(n for n in walk(dialog) if n.getRoleName() == "check box" and is_called(n, "Autosave")), "the switch"))
        keys("Escape")
        self.assertEqual(w.close(), 0)
        w = self.start()
        self.assertFalse(any(n.name == "Autosave is off" and showing(n) for n in walk(w.frame)))
        self.assertEqual(w.close(), 0)

    def test_size(self):
        w = self.start()
        window = xdo("search", "--onlyvisible", "--name", "^Two moons$").split()[-1]
        xdo("windowsize", "--sync", window, 1000, 700)
        until(lambda: w.frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS).width < 1200, "the new size")
        self.still(lambda: w.frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS).height)
        box = w.frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        self.assertEqual(w.close(), 0)
        w = self.start()
        again = until(lambda: w.frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS), "its size")
        self.assertEqual((again.width, again.height), (box.width, box.height))
        self.assertNotEqual(again.width, 1280)
        self.assertEqual(w.close(), 0)

    def test_shortcuts(self):
        w = self.start()
        keys("ctrl+question")
        until(lambda: says(w, "Examples") and says(w, "Preferences") and says(w, "Save as") and says(w, "New window"), "the table of keys")
        keys("Escape")
        self.assertEqual(w.close(), 0)


if __name__ == "__main__":
    Base.exe = sys.argv[1]
    main("__main__")
