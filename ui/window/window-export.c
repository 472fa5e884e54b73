/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures out of the window: the focused or last hovered one, by the same functions that drew it on screen. One dialog asks for everything:
 * name, format, size and style are choices of the file chooser. */
#include "config.h"

#include "ui/window/window-private.h"

#include <glib/gi18n-lib.h>

#include "app/picture/export.h"
#include "ui/canvas/theme.h"

#define MM (72 / 25.4)

static const struct { const char *id, *title; double width, height; } sizes[] = {
  { "screen", N_("As on screen"), 0, 0 },
  { "slide", N_("Slide, 1600 × 900"), 1600, 900 },
  { "column", N_("Column, 84 mm"), 84 * MM, 63 * MM },
  { "page", N_("Page width, 174 mm"), 174 * MM, 110 * MM },
};

static const char *const formats[] = { "png", "svg", "pdf", "csv", NULL };

static void
add_choices (GtkFileChooser *chooser)
{
  const char *size_ids[G_N_ELEMENTS (sizes) + 1] = { NULL }, *size_titles[G_N_ELEMENTS (sizes) + 1] = { NULL };
  const char *style_ids[] = { "light", "dark", "screen", NULL }, *style_titles[] = { _("Light"), _("Dark"), _("As on screen"), NULL };
  const char *format_titles[] = { "PNG", "SVG", "PDF", _("CSV of the numbers"), NULL };
  const char *scale_ids[] = { "2", "1", "4", NULL }, *scale_titles[] = { "2×", "1×", "4×", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      size_ids[i] = sizes[i].id;
      size_titles[i] = _(sizes[i].title);
    }
  gtk_file_chooser_add_choice (chooser, "format", _("Format"), (const char **) formats, format_titles);
  gtk_file_chooser_add_choice (chooser, "size", _("Size"), size_ids, size_titles);
  gtk_file_chooser_add_choice (chooser, "scale", _("Scale (PNG)"), scale_ids, scale_titles);
  gtk_file_chooser_add_choice (chooser, "style", _("Style"), style_ids, style_titles);
  gtk_file_chooser_set_choice (chooser, "format", "png");
  gtk_file_chooser_set_choice (chooser, "size", "screen");
  gtk_file_chooser_set_choice (chooser, "scale", "2");
  gtk_file_chooser_set_choice (chooser, "style", "light");
}

/* The name's own extension wins over the choice, as a person who typed one expects. */
static char *
with_extension (const char *path, const char *format)
{
  const char *dot = strrchr (path, '.');

  if (dot != NULL && g_strv_contains (formats, dot + 1) && (g_strcmp0 (format, "png") == 0 || g_str_equal (dot + 1, format)))
    return g_strdup (path);
  if (dot != NULL && g_strv_contains (formats, dot + 1))
    return g_strdup_printf ("%.*s.%s", (int) (dot - path), path, format);
  return g_strconcat (path, ".", format, NULL);
}

static const char *
chosen (GtkFileChooser *chooser, const char *id, const char *fallback)
{
  const char *choice = gtk_file_chooser_get_choice (chooser, id);

  return choice != NULL ? choice : fallback;
}

static void
write_picture (ChainWindow *w, GtkFileChooser *chooser, const char *path)
{
  ChainCanvas *canvas = chain_page_picture (w->shown);
  const char *style = chosen (chooser, "style", "light"), *size = chosen (chooser, "size", "screen");
  double width = gtk_widget_get_width (GTK_WIDGET (canvas)), height = gtk_widget_get_height (GTK_WIDGET (canvas));
  g_autofree char *full = with_extension (path, chosen (chooser, "format", "png")), *name = g_filename_display_basename (full), *told = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < G_N_ELEMENTS (sizes); i++)
    if (g_str_equal (sizes[i].id, size))
      {
        width = sizes[i].width;
        height = sizes[i].height;
      }
  if (g_str_equal (style, "screen"))
    style = adw_style_manager_get_dark (adw_style_manager_get_default ()) ? "dark" : "light";
  if (chain_session_export (w->session, chain_canvas_view (canvas)->id, full, width, height,
                            (double) g_ascii_strtoull (chosen (chooser, "scale", "2"), NULL, 10), style, &error))
    {
      told = g_strdup_printf (_("Saved as “%s”"), name);
      _chain_window_toast (w, told, NULL, NULL);
    }
  else
    _chain_window_refuse (w, _("The picture was not exported"), error->message);
}

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  ChainWindow *w = data;
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL)
    write_picture (w, GTK_FILE_CHOOSER (dialog), path);
  g_clear_object (&w->chooser);
}

void
_chain_window_export (ChainWindow *w)
{
  ChainCanvas *canvas = chain_page_picture (w->shown);
  g_autofree char *name = chain_export_name (chain_canvas_view (canvas), chain_session_snapshot (w->session), "png");
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Export Picture"), GTK_WINDOW (w), GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"), NULL);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  add_choices (GTK_FILE_CHOOSER (chooser));
  g_set_object (&w->chooser, GTK_NATIVE_DIALOG (chooser));
  g_signal_connect_object (chooser, "response", G_CALLBACK (response_cb), w, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
  g_object_unref (chooser);
}

static void
surface_unref (gpointer data)
{
  cairo_surface_destroy (data);
}

/* Twice the size on screen, with its ground and title: what one pastes on a slide. */
void
_chain_window_copy_picture (ChainWindow *w)
{
  ChainCanvas *canvas = chain_page_picture (w->shown);
  const ChainView *view = chain_canvas_view (canvas);
  const ChainSnapshot *s = chain_session_snapshot (w->session);
  int width = gtk_widget_get_width (GTK_WIDGET (canvas)), height = gtk_widget_get_height (GTK_WIDGET (canvas));
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * 2, height * 2);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (ChainLayout) layout = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  ChainOverlay overlay = { 0 };
  ChainTheme theme;

  chain_theme_follow (&theme, 1);
  layout = view->layout (s, &theme, width, height);
  cairo_scale (cr, 2, 2);
  view->draw (cr, layout, s, &theme, &overlay);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface), (gsize) cairo_image_surface_get_stride (surface) * (gsize) height * 2,
                                      surface_unref, surface);
  texture = gdk_memory_texture_new (width * 2, height * 2, GDK_MEMORY_DEFAULT, bytes, (gsize) cairo_image_surface_get_stride (surface));
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (w)), texture);
  _chain_window_toast (w, _("Picture copied"), NULL, NULL);
}

void
_chain_window_copy_csv (ChainWindow *w)
{
  const ChainView *view = chain_canvas_view (chain_page_picture (w->shown));
  g_autofree char *text = view->csv != NULL ? view->csv (chain_session_snapshot (w->session)) : NULL;

  if (text == NULL)
    {
      _chain_window_toast (w, _("This picture has no numbers to copy"), NULL, NULL);
      return;
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (w)), text);
  _chain_window_toast (w, _("Numbers copied as CSV"), NULL, NULL);
}
