/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures know tokens, the desktop knows a style. This file is the only place where the two meet, so that the same drawing serves the
 * screen, a projector and a file. Text scaling is read from the font resolution, which GTK derives from the desktop's setting. */
#include "ui/canvas/theme.h"

#include <adwaita.h>

double
chain_theme_text_scaling (void)
{
  int dpi = 0;

  g_object_get (gtk_settings_get_default (), "gtk-xft-dpi", &dpi, NULL);
  return dpi > 0 ? CLAMP (dpi / (96.0 * 1024), 0.5, 4) : 1;
}

void
chain_theme_follow (ChainTheme *t, double text_size)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  GtkSettings *settings = gtk_settings_get_default ();
  g_autofree char *font = NULL;

  chain_theme_init (t, adw_style_manager_get_dark (style) ? "dark" : "light");
  t->high_contrast = adw_style_manager_get_high_contrast (style);
  t->scale = chain_theme_text_scaling () * text_size;
  g_object_get (settings, "gtk-font-name", &font, NULL);
  if (font != NULL)
    {
      PangoFontDescription *d = pango_font_description_from_string (font);

      if (pango_font_description_get_family (d) != NULL)
        g_strlcpy (t->font, pango_font_description_get_family (d), sizeof t->font);
      pango_font_description_free (d);
    }
}

void
chain_theme_watch (gpointer object, void (*changed) (gpointer object))
{
  static const char *const settings[] = { "notify::gtk-xft-dpi", "notify::gtk-font-name" };
  static const char *const style[] = { "notify::dark", "notify::high-contrast" };

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    g_signal_connect_object (gtk_settings_get_default (), settings[i], G_CALLBACK (changed), object, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (style); i++)
    g_signal_connect_object (adw_style_manager_get_default (), style[i], G_CALLBACK (changed), object, G_CONNECT_SWAPPED);
}
