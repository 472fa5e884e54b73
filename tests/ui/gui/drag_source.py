#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A file manager as small as can be: one window that hands out the files of the command line to whoever drags from it."""
import sys

import gi

gi.require_version("Gtk", "4.0")
gi.require_version("Gdk", "4.0")
from gi.repository import Gdk, Gio, Gtk  # noqa: E402


def start(app):
    window = Gtk.ApplicationWindow(application=app, title="Drag from here", default_width=160, default_height=120)
    label = Gtk.Label(label="files", hexpand=True, vexpand=True)
    source = Gtk.DragSource(actions=Gdk.DragAction.COPY)
    files = Gdk.FileList.new_from_list([Gio.File.new_for_path(p) for p in sys.argv[1:]])
    source.set_content(Gdk.ContentProvider.new_for_value(files))
    label.add_controller(source)
    window.set_child(label)
    window.present()


app = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
app.connect("activate", start)
app.run([])
