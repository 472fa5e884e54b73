/* SPDX-License-Identifier: Apache-2.0 */
/* Room for the longest row is kept whatever stands in it: the list above must not jump while somebody walks through it. What does not fit is
 * cut here and whole in the tooltip. */
#include "config.h"

#include "ui/pages/row-menu-details.h"

#include <glib/gi18n-lib.h>

#include "ui/pages/row-menu-face.h"

enum { FORMULA, DERIVATIVE, PARAMETERS, SOURCE, SLIDE, ELSEWHERE, N_LINES };

typedef struct { const char *caption; int lines; gboolean maths; } Line;

static const Line lines[N_LINES] = {
  [FORMULA] = { N_("Formula"), 2, TRUE },   [DERIVATIVE] = { N_("Derivative"), 1, TRUE }, [PARAMETERS] = { N_("Parameters"), 2, FALSE },
  [SOURCE] = { N_("Source"), 1, FALSE },    [SLIDE] = { N_("Slide"), 1, FALSE },          [ELSEWHERE] = { N_("Elsewhere"), 2, FALSE },
};

struct _ChainRowDetails
{
  GtkWidget    parent_instance;
  PangoLayout *captions[N_LINES], *values[N_LINES];
};

G_DEFINE_FINAL_TYPE (ChainRowDetails, chain_row_details, GTK_TYPE_WIDGET)

/* Of one line of text; the maths font has much leading, so the interface font decides. */
static int
line_height (ChainRowDetails *self)
{
  int height;

  pango_layout_get_pixel_size (self->captions[0], NULL, &height);
  return height + 2;
}

static int
caption_width (ChainRowDetails *self)
{
  int most = 0;

  for (guint i = 0; i < N_LINES; i++)
    {
      int width;

      pango_layout_get_pixel_size (self->captions[i], &width, NULL);
      most = MAX (most, width);
    }
  return most + 12;
}

static void
chain_row_details_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                           int *natural_baseline)
{
  int n = 0;

  for (guint i = 0; i < N_LINES; i++)
    n += lines[i].lines;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = 160;
  else
    *minimum = n * line_height (CHAIN_ROW_DETAILS (widget));
  *natural = *minimum;
}

static void
draw_at (GtkSnapshot *snapshot, PangoLayout *l, int x, int y, GdkRGBA c, double alpha)
{
  c.alpha *= (float) alpha;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (snapshot, l, &c);
  gtk_snapshot_restore (snapshot);
}

static void
chain_row_details_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ChainRowDetails *self = CHAIN_ROW_DETAILS (widget);
  int left = caption_width (self), line = line_height (self), y = 0, width = gtk_widget_get_width (widget);
  GdkRGBA fg;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &fg);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) gtk_widget_get_height (widget)));
  for (guint i = 0; i < N_LINES; i++)
    {
      if (self->values[i] != NULL)
        {
          int drop = (pango_layout_get_baseline (self->captions[i]) - pango_layout_get_baseline (self->values[i])) / PANGO_SCALE;

          pango_layout_set_width (self->values[i], MAX (width - left, 40) * PANGO_SCALE);
          draw_at (snapshot, self->captions[i], 0, y, fg, 0.6);
          draw_at (snapshot, self->values[i], left, y + drop, fg, 0.9);
          y += MIN (pango_layout_get_line_count (self->values[i]), lines[i].lines) * line;
        }
    }
  gtk_snapshot_pop (snapshot);
}

static void
chain_row_details_finalize (GObject *object)
{
  ChainRowDetails *self = CHAIN_ROW_DETAILS (object);

  for (guint i = 0; i < N_LINES; i++)
    {
      g_clear_object (&self->captions[i]);
      g_clear_object (&self->values[i]);
    }
  G_OBJECT_CLASS (chain_row_details_parent_class)->finalize (object);
}

static void
chain_row_details_class_init (ChainRowDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = chain_row_details_finalize;
  widget_class->measure = chain_row_details_measure;
  widget_class->snapshot = chain_row_details_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static PangoLayout *
make_layout (ChainRowDetails *self, const char *text, guint line, gboolean value)
{
  PangoLayout *l = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attrs = value && lines[line].maths ? chain_row_face_maths (0.9) : pango_attr_list_new ();

  if (!value || !lines[line].maths)
    pango_attr_list_insert (attrs, pango_attr_scale_new (0.82));
  pango_layout_set_attributes (l, attrs);
  pango_attr_list_unref (attrs);
  if (value)
    {
      pango_layout_set_ellipsize (l, PANGO_ELLIPSIZE_END);
      pango_layout_set_wrap (l, PANGO_WRAP_WORD_CHAR);
      pango_layout_set_height (l, -lines[line].lines);
    }
  return l;
}

static void
chain_row_details_init (ChainRowDetails *self)
{
  for (guint i = 0; i < N_LINES; i++)
    self->captions[i] = make_layout (self, _(lines[i].caption), i, FALSE);
}

GtkWidget *
chain_row_details_new (void)
{
  return g_object_new (CHAIN_TYPE_ROW_DETAILS, NULL);
}

static const char *
present (const char *text)
{
  return text != NULL && *text != '\0' && !g_str_equal (text, "–") ? text : NULL;
}

/* Of a row, line by line; NULL where there is nothing to say. Each is the caller's. */
static void
collect (const ChainRowInfo *info, char *texts[N_LINES])
{
  if (info == NULL)
    return;
  texts[FORMULA] = g_strdup (present (info->formula));
  texts[DERIVATIVE] = g_strdup (present (info->derivative));
  texts[PARAMETERS] = chain_menu_row_params (info);
  texts[SOURCE] = g_strdup (present (info->source));
  texts[SLIDE] = info->lecture != NULL ? g_strdup (_(info->lecture)) : NULL;
  texts[ELSEWHERE] = chain_menu_row_elsewhere (info);
}

char *
chain_row_details_words (const ChainMenuRow *row)
{
  char *texts[N_LINES] = { NULL };
  GString *all = g_string_new (row->title);

  collect (row->info, texts);
  for (guint i = 0; i < N_LINES; i++)
    {
      if (texts[i] != NULL)
        g_string_append_printf (all, "\n%s: %s", _(lines[i].caption), texts[i]);
      g_free (texts[i]);
    }
  return g_string_free (all, FALSE);
}

void
chain_row_details_show (ChainRowDetails *details, const ChainMenuRow *row)
{
  char *texts[N_LINES] = { NULL };
  g_autofree char *all = row != NULL ? chain_row_details_words (row) : NULL;

  collect (row != NULL ? row->info : NULL, texts);
  for (guint i = 0; i < N_LINES; i++)
    {
      g_clear_object (&details->values[i]);
      if (texts[i] != NULL)
        details->values[i] = make_layout (details, texts[i], i, TRUE);
      g_free (texts[i]);
    }
  gtk_widget_set_tooltip_text (GTK_WIDGET (details), all);
  gtk_accessible_update_property (GTK_ACCESSIBLE (details), GTK_ACCESSIBLE_PROPERTY_LABEL, all != NULL ? all : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (details));
}
