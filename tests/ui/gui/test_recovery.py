#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A crash as a person meets it: edit, kill -9, start again, see the offer, restore. And the file on disk while it is open."""
import contextlib
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from drive import Case, Twice, Window, is_called, keys, main, until, walk  # noqa: E402

STATE = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
DOCUMENT = """{"format": "chainrule/1", "name": "Lecture", "data": {"source": "generator", "id": "moons"}, "network": {"layers": [
  {"id": "d1", "type": "dense", "units": 4, "activation": "tanh"}, {"id": "out", "type": "dense", "units": 1}]},
  "losses": [{"id": "bce_with_logits"}]}"""


def parts(name):
    return glob.glob(os.path.join(STATE, "chainrule", "journal", "doc-*", name))


def canvas(w):
    return until(lambda: next(n for n in walk(w.root) if n.name == "Network" and n.description), "the picture's words").description


def says(w, text):
    return any(text in n.name for n in walk(w.frame) if n.getRoleName() == "label")


class Recovery(Twice):
    exe = None

    def start(self, *args):
        w = Window(self.exe, *args)
        self.addCleanup(w.kill)
        return w

    def crash(self):
        w = self.start()
        keys("ctrl+l")
        until(lambda: canvas(w).count("-") >= 4 and "2-6-6-6-1" in canvas(w), "the third layer")
        keys("space")
        until(lambda: parts("spec") and parts("a"), "the autosave")
        w.process.send_signal(signal.SIGKILL)
        w.process.wait()
        return self.start()

    def discard(self, w):
        w.click(w.find("Discard", "push button"))
        until(lambda: next(n for n in walk(w.root) if n.name == "Discard unsaved work?"), "the question")
        banner = w.find("Discard", "push button")
        w.press(until(lambda: next(n for n in walk(w.root) if n != banner and n.getRoleName() == "push button" and is_called(n, "Discard")), "its button"))
        until(lambda: not parts("owner"), "the journal to go")

    def test_restore(self):
        w = self.crash()
        until(lambda: says(w, "Chainrule ended unexpectedly; 1 document was not saved: Two moons, "), "the offer")
        w.click(w.find("Restore", "push button"))
        until(lambda: w.frame.name == "Two moons (recovered)", "the title")
        until(lambda: "2-6-6-6-1" in canvas(w), "three layers")
        self.assertTrue(says(w, "edited"))
        self.assertFalse(says(w, "ended unexpectedly"))
        until(lambda: int(w.readout("Step").replace("\u202f", "").replace(" ", "")) > 0, "the steps that were trained")
        w.find("Train", "push button")                     # paused
        self.assertTrue(parts("owner"))
        w.process.send_signal(signal.SIGKILL)              # a crash after the restore: offered again
        w.process.wait()
        w = self.start()
        until(lambda: says(w, "1 document was not saved: Two moons"), "the second offer")
        self.discard(w)
        self.assertEqual(w.close(), 0)
        w = self.start()
        keys("ctrl+l")
        until(lambda: "2-6-6-6-1" in canvas(w), "an edit, which is heard after the greeting")
        self.assertFalse(says(w, "ended unexpectedly"))
        self.assertEqual(w.close(), 0)

    def test_later(self):
        w = self.crash()
        w.click(w.find("Later", "push button"))
        until(lambda: not says(w, "ended unexpectedly"), "the banner to go")
        self.assertEqual(w.close(), 0)
        self.assertTrue(parts("spec"))
        w = self.start()
        until(lambda: says(w, "1 document was not saved"), "the offer")
        self.discard(w)
        self.assertEqual(w.close(), 0)

    def test_changed_on_disk(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "lecture.json")
            with open(path, "w") as f:
                f.write(DOCUMENT)
            w = self.start(path)
            until(lambda: "2-4-1" in canvas(w), "the document")
            with open(path, "w") as f:
                f.write(DOCUMENT.replace('"units": 4', '"units": 7'))
            until(lambda: says(w, "was changed by another program"), "the banner")
            w.click(w.find("Reload", "push button"))
            until(lambda: "2-7-1" in canvas(w), "what is on disk now")
            until(lambda: not says(w, "was changed"), "the banner to go")
            os.unlink(path)
            until(lambda: says(w, "was deleted or moved"), "the banner")
            w.click(w.find("Keep Mine", "push button"))
            until(lambda: not says(w, "was deleted"), "the banner to go")
            keys("ctrl+s")
            until(lambda: os.path.exists(path), "the file written anew")
            until(lambda: not says(w, "edited"), "the saved state")
            again = subprocess.run([self.exe, path], timeout=60)        # hands over to the window that has it open
            self.assertEqual(again.returncode, 0)
            self.assertEqual(sum(n.getRoleName() == "frame" for n in w.root), 1)
            self.assertEqual(w.close(), 0)

    def slow(self, folder, *args, quick=("--seccomp-bpf",)):
        """A window whose every sync takes two seconds, and a way to wait until none is under way."""
        log = os.path.join(folder, "syncs")
        trace = [*quick, "-f", "-qq", "-o", log, "-e", "trace=fsync", "-e", "inject=fsync:delay_enter=2000000"]
        if shutil.which("strace") is None or subprocess.run(["strace", *trace, "true"], capture_output=True).returncode != 0:
            self.skipTest("strace is not usable here")
        w = Window("strace", *trace, self.exe, *args)
        self.addCleanup(w.kill)

        def rest():
            size = -1
            while size != os.path.getsize(log):
                size = os.path.getsize(log)
                time.sleep(3)

        return w, rest

    def test_slow_disk(self):
        """Each sync takes two seconds: the window answers meanwhile, and closing waits for the file."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "lecture.json")

            def saved(layers):
                with open(path) as f:
                    return f.read().count('"type"') >= layers

            with open(path, "w") as f:
                f.write(DOCUMENT)
            w, rest = self.slow(folder, path)
            until(lambda: "2-4-1" in canvas(w), "the document")
            net = next(n for n in walk(w.root) if n.name == "Network" and n.description)
            keys("ctrl+l")
            until(lambda: "2-4-4-1" in net.description, "the edit")
            rest()                                         # GTK syncs its list of recent files in the main loop
            keys("ctrl+s", "ctrl+l")
            until(lambda: "2-4-4-4-1" in net.description, "an edit meanwhile")
            self.assertFalse(saved(3), "the window did not answer before the file was on the disk")
            until(lambda: saved(3), "the first save")
            rest()
            self.assertFalse(says(w, "Saving"))
            keys("ctrl+s", "ctrl+w")
            until(lambda: w.process.poll() is not None or says(w, "the window closes when it is done"), "the waiting line, or the end")
            self.assertEqual(w.process.wait(60), 0)
            self.assertTrue(saved(4), "the window closed before the file was on the disk")
            for name in parts("owner"):
                shutil.rmtree(os.path.dirname(name))

    def test_without_waiting(self):
        """The window goes at once, the program once save and autosave are on the disk. On one processor, and with a tracer that stops every call: there
        the thread that has written is mostly the last to let go of the session."""
        processors = os.sched_getaffinity(0)
        self.addCleanup(os.sched_setaffinity, 0, processors)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "lecture.json")

            def layers():
                with open(path) as f:
                    return f.read().count('"type"')

            with open(path, "w") as f:
                f.write(DOCUMENT)
            os.sched_setaffinity(0, {min(processors)})
            w, rest = self.slow(folder, path, quick=())
            os.sched_setaffinity(0, processors)
            until(lambda: "2-4-1" in canvas(w), "the document")
            keys("ctrl+l")
            until(lambda: "2-4-4-1" in canvas(w), "the edit")
            rest()
            keys("ctrl+s", "ctrl+l")
            until(lambda: "2-4-4-4-1" in canvas(w), "an edit meanwhile")
            until(lambda: layers() == 3, "the first save")
            time.sleep(4)                                  # the autosave of the second edit is under way
            keys("ctrl+s", "ctrl+w")
            until(lambda: w.process.poll() is not None or w.look("Close without Waiting", "push button"), "the way out")
            with contextlib.suppress(Exception):           # a window that goes does not answer; a very slow look comes after the save
                w.act("win.close-now")
            self.assertEqual(w.process.wait(60), 0)
            self.assertEqual(layers(), 4)
            for name in parts("owner"):
                shutil.rmtree(os.path.dirname(name))

    def test_autosave_off(self):
        os.environ["XDG_STATE_HOME"] = "/dev/null/state"
        try:
            w = self.start()
        finally:
            os.environ["XDG_STATE_HOME"] = STATE
        until(lambda: says(w, "Autosave is off"), "the mark")
        keys("ctrl+l")
        until(lambda: "2-6-6-6-1" in canvas(w), "that the rest goes on")
        self.assertEqual(w.close(), 0)


class NoHome(Case):
    def setUp(self):
        saved = {k: os.environ.pop(k, None) for k in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
        os.environ.update(HOME="/dev/null/home")      # not even root can make it
        try:
            super().setUp()
        finally:
            for k, v in saved.items():
                os.environ.pop(k, None)
                if v is not None:
                    os.environ[k] = v

    def test_starts_and_says_so(self):
        until(lambda: says(self.window, "Autosave is off"), "the mark")
        until(lambda: says(self.window, "will not be remembered"), "what is not remembered")


if __name__ == "__main__":
    Recovery.exe = sys.argv[1]
    main("__main__")
