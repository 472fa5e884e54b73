/* SPDX-License-Identifier: Apache-2.0 */
/* A picture as a file. Each format is written to memory and saved once through chain_file_replace(), so a full disk or a kill never leaves half
 * a figure. What the picture shows can be found again from the file: seed, step and settings are in the PDF's document information, the SVG's
 * <desc> and the PNG's text chunks (W3C PNG, 11.3.4). */
#include "config.h"

#include "app/picture/export.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "app/io/file-replace.h"
#include "app/io/spec-io.h"
#include "app/picture/draw/paint.h"
#include "app/picture/number-text.h"
#include "app/picture/text.h"

#define MAX_SIDE 16384.0

typedef struct
{
  const ChainView     *view;
  const ChainSnapshot *s;
  const ChainTheme    *theme;
  double               width, height, scale;
} Job;

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* A picture that this network or its data cannot have (wrong images where there are no images) is still a picture: it says so. */
static gboolean
is_absent (const Job *job)
{
  return job->view->applies && !job->view->applies (job->s);
}

static ChainLayout *
layout_of (const Job *job)
{
  ChainLayout *l;

  if (!is_absent (job))
    return job->view->layout (job->s, job->theme, job->width, job->height);
  l = chain_layout_new (job->width, job->height, _(job->view->title));
  g_free (l->description);
  l->description = g_strdup (_("This picture does not exist for this network and its data"));
  return l;
}

static void
draw_notice (const Job *job, cairo_t *cr, const ChainLayout *l)
{
  g_auto (ChainText) text;

  chain_text_init (&text, cr, job->theme);
  chain_paint_card (cr, &text, l);
  chain_paint_notice (cr, &text, l, _("not for this network and its data"));
}

static void
draw_on (const Job *job, cairo_t *cr, const ChainLayout *l)
{
  if (is_absent (job))
    draw_notice (job, cr, l);
  else
    job->view->draw (cr, l, job->s, job->theme, NULL);
}

static void
draw (const Job *job, cairo_surface_t *surface)
{
  cairo_t *cr = cairo_create (surface);
  g_autoptr (ChainLayout) l = layout_of (job);

  draw_on (job, cr, l);
  cairo_destroy (cr);
}

static char *
title_of (const Job *job)
{
  return g_strdup_printf ("%s: %s", job->s->spec->name ? job->s->spec->name : _("Untitled"), _(job->view->title));
}

/* "Two moons: Loss. Loss against epoch: … Seed 1, step 322, epoch 46." */
static char *
sentence_of (const Job *job)
{
  g_autoptr (ChainLayout) l = layout_of (job);
  g_autofree char *title = title_of (job);
  char epoch[CHAIN_NUMBER_TEXT_SIZE];

  return g_strdup_printf ("%s. %s. seed %" G_GUINT64_FORMAT ", step %" G_GUINT64_FORMAT ", epoch %s", title, l->description, job->s->spec->seed,
                          job->s->step, chain_number_text_fixed (epoch, job->s->epoch, 1));
}

static gboolean
check_surface (cairo_surface_t *surface, const char *path, GError **error)
{
  cairo_status_t status = cairo_surface_status (surface);

  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY, _("The picture “%s” could not be drawn: %s. Choose a smaller size."), path,
               cairo_status_to_string (status));
  return FALSE;
}

/* --- PNG --- */

static void
append_be32 (GByteArray *out, guint32 v)
{
  guint8 b[4] = { (guint8) (v >> 24), (guint8) (v >> 16), (guint8) (v >> 8), (guint8) v };

  g_byte_array_append (out, b, 4);
}

/* iTXt: keyword, not compressed, no language, UTF-8 text. */
static void
append_text_chunk (GByteArray *out, const char *keyword, const char *text)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  gboolean ascii = g_str_is_ascii (text) && strchr (text, '\r') == NULL;

  g_byte_array_append (body, (const guint8 *) (ascii ? "tEXt" : "iTXt"), 4);
  g_byte_array_append (body, (const guint8 *) keyword, (guint) strlen (keyword) + 1);
  if (!ascii)
    g_byte_array_append (body, (const guint8 *) "\0\0\0\0", 4);
  g_byte_array_append (body, (const guint8 *) text, (guint) strlen (text));
  append_be32 (out, body->len - 4);
  g_byte_array_append (out, body->data, body->len);
  append_be32 (out, (guint32) crc32 (0, body->data, body->len));
}

static GByteArray *
write_png (const Job *job, const char *path, GError **error)
{
  cairo_surface_t *surface = cairo_image_surface_create (job->theme->draw_background ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32,
                                                         (int) ceil (job->width * job->scale), (int) ceil (job->height * job->scale));
  g_autoptr (GByteArray) raw = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();
  g_autofree char *title = title_of (job), *sentence = sentence_of (job), *settings = chain_spec_to_json (job->s->spec);
  const guint header = 8 + 25;      /* signature and IHDR */

  cairo_surface_set_device_scale (surface, job->scale, job->scale);
  draw (job, surface);
  if (check_surface (surface, path, error))
    cairo_surface_write_to_png_stream (surface, append, raw);
  cairo_surface_destroy (surface);
  if (raw->len <= header)
    {
      g_byte_array_unref (out);
      if (error && *error == NULL)
        g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY, _("The picture “%s” could not be written as PNG."), path);
      return NULL;
    }
  g_byte_array_append (out, raw->data, header);
  append_text_chunk (out, "Software", "Chainrule " CHAIN_VERSION);
  append_text_chunk (out, "Title", title);
  append_text_chunk (out, "Description", sentence);
  append_text_chunk (out, "Chainrule-Settings", settings);
  g_byte_array_append (out, raw->data + header, raw->len - header);
  return out;
}

/* --- SVG --- */

/* cairo numbers its images and masks through the life of a process: two exports of one picture would differ. Every id is renamed in order of
 * appearance. */
static char *
renumber_ids (const char *svg)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GRegex) regex = g_regex_new ("(id=\"|url\\(#|href=\"#)([A-Za-z_]+[0-9][0-9A-Za-z_-]*)", G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GString *out = g_string_new (NULL);
  gsize done = 0;

  g_regex_match (regex, svg, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *name = g_match_info_fetch (match, 2);
      int start, end;
      guint k = GPOINTER_TO_UINT (g_hash_table_lookup (names, name));

      g_match_info_fetch_pos (match, 2, &start, &end);
      if (k == 0)
        {
          k = g_hash_table_size (names) + 1;
          g_hash_table_insert (names, g_strdup (name), GUINT_TO_POINTER (k));
        }
      g_string_append_len (out, svg + done, start - (gssize) done);
      g_string_append_printf (out, "c%u", k);
      done = (gsize) end;
    }
  g_string_append (out, svg + done);
  return g_string_free (out, FALSE);
}

static GByteArray *
write_svg (const Job *job, const char *path, GError **error)
{
  g_autoptr (GByteArray) raw = g_byte_array_new ();
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream (append, raw, job->width, job->height);
  g_autofree char *title = title_of (job), *sentence = sentence_of (job), *settings = chain_spec_to_json (job->s->spec), *head = NULL, *named = NULL;
  const char *body;
  GByteArray *out;
  gboolean ok;

  cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
  draw (job, surface);
  cairo_surface_finish (surface);
  ok = check_surface (surface, path, error);
  cairo_surface_destroy (surface);
  if (!ok)
    return NULL;
  g_byte_array_append (raw, (const guint8 *) "", 1);
  named = renumber_ids ((const char *) raw->data);
  body = strstr (named, "<svg");
  body = body ? strchr (body, '>') : NULL;
  if (body == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("The picture “%s” could not be written as SVG."), path);
      return NULL;
    }
  head = g_markup_printf_escaped ("\n<title>%s</title>\n<desc>%s\n%s</desc>", title, sentence, settings);
  out = g_byte_array_new ();
  g_byte_array_append (out, (const guint8 *) named, (guint) (body + 1 - named));
  g_byte_array_append (out, (const guint8 *) head, (guint) strlen (head));
  g_byte_array_append (out, (const guint8 *) body + 1, (guint) strlen (body + 1));
  return out;
}

/* --- PDF --- */

static GByteArray *
write_pdf (const Job *job, const char *path, GError **error)
{
  GByteArray *out = g_byte_array_new ();
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (append, out, job->width * 0.75, job->height * 0.75);   /* 96 px = 72 pt */
  g_autofree char *title = title_of (job), *sentence = sentence_of (job), *settings = chain_spec_to_json (job->s->spec);
  cairo_t *cr;
  g_autoptr (ChainLayout) l = layout_of (job);
  gboolean ok;

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_SUBJECT, sentence);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_KEYWORDS, settings);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Chainrule " CHAIN_VERSION);
  cr = cairo_create (surface);
  cairo_scale (cr, 0.75, 0.75);
  draw_on (job, cr, l);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  ok = check_surface (surface, path, error);
  cairo_surface_destroy (surface);
  if (!ok)
    g_clear_pointer (&out, g_byte_array_unref);
  return out;
}

static GByteArray *
write_csv (const Job *job, const char *path, GError **error)
{
  GByteArray *out = g_byte_array_new ();
  g_autofree char *text = is_absent (job) ? g_strdup ("note\nnot for this network and its data\n") : job->view->csv (job->s);

  g_byte_array_append (out, (const guint8 *) text, (guint) strlen (text));
  return out;
}

static const struct { const char *extension; GByteArray *(*write) (const Job *job, const char *path, GError **error); } formats[] = {
  { ".png", write_png }, { ".svg", write_svg }, { ".pdf", write_pdf }, { ".csv", write_csv },
};

gboolean
chain_export (const ChainView *v, const ChainSnapshot *s, const ChainTheme *t, double width, double height, double scale, const char *path,
              GError **error)
{
  Job job = { v, s, t, width, height, scale };
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree char *lower = g_ascii_strdown (path, -1);
  guint f = 0;

  while (f < G_N_ELEMENTS (formats) && !g_str_has_suffix (lower, formats[f].extension))
    f++;
  if (f == G_N_ELEMENTS (formats))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_UNSUPPORTED, _("“%s” does not end in .png, .svg, .pdf or .csv; choose one of these."), path);
      return FALSE;
    }
  if (!(width >= 16) || !(height >= 16) || !(scale > 0) || width * fmax (scale, 1) > MAX_SIDE || height * fmax (scale, 1) > MAX_SIDE)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE, _("The size of “%s” must be between 16 and 16384 pixels a side."), path);
      return FALSE;
    }
  bytes = formats[f].write (&job, path, error);
  return bytes && chain_file_replace (path, bytes->data, bytes->len, NULL, NULL, error);
}

char *
chain_export_name (const ChainView *v, const ChainSnapshot *s, const char *extension)
{
  GString *name = g_string_new (NULL);

  for (const char *c = s->spec->name && *s->spec->name ? s->spec->name : "untitled"; *c; c = g_utf8_next_char (c))
    {
      gunichar u = g_unichar_tolower (g_utf8_get_char (c));

      if (g_unichar_isalnum (u))
        g_string_append_unichar (name, u);
      else if (name->len > 0 && name->str[name->len - 1] != '-')
        g_string_append_c (name, '-');
    }
  while (name->len > 0 && name->str[name->len - 1] == '-')
    g_string_truncate (name, name->len - 1);
  g_string_append_printf (name, "%sepoch-%u_%s.%s", name->len ? "_" : "", (guint) fmin (s->epoch, 4e9), v->id, extension[0] == '.' ? extension + 1 : extension);
  return g_string_free (name, FALSE);
}
