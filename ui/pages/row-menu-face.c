/* SPDX-License-Identifier: Apache-2.0 */
/* A menu of losses has 46 rows of five parts each. As labels and images in boxes they are 400 widgets, most of which say nothing to anybody but
 * this file; so the face of a row is one widget that draws its parts and knows where they go: the formula stands at the right of the name where
 * both fit, else under it. What a screen reader needs is on the list's row, and in this widget's name. */
#include "config.h"

#include "ui/pages/row-menu-face.h"

#include <glib/gi18n-lib.h>

#include "app/picture/theme.h"

#define THUMB_WIDTH 52
#define THUMB_HEIGHT 32
#define CHECK_WIDTH 20
#define USUAL_WIDTH 380

struct _ChainRowFace
{
  GtkWidget           parent_instance;
  const ChainMenuRow *row;
  ChainMenuThumbFunc  thumb;
  gpointer            data;
  gboolean            current;
  PangoLayout        *name, *chip, *formula, *text;      /* chip, formula, text: NULL if there is none */
  graphene_rect_t     chip_box;                          /* as drawn last */
};

typedef struct { int left, name_y, chip_x, formula_x, formula_y, text_y, height; } Places;

G_DEFINE_FINAL_TYPE (ChainRowFace, chain_row_face, GTK_TYPE_WIDGET)

PangoAttrList *
chain_row_face_maths (double scale)
{
  PangoAttrList *attrs = pango_attr_list_new ();
  g_autofree char *family = NULL;
  ChainTheme t;

  chain_theme_init (&t, "light");
  family = g_strconcat (t.maths_font, ", STIX Math, STIX Two Math, DejaVu Math TeX Gyre", NULL);
  pango_attr_list_insert (attrs, pango_attr_family_new (family));
  pango_attr_list_insert (attrs, pango_attr_scale_new (scale));
  return attrs;
}

static PangoLayout *
make_layout (ChainRowFace *self, const char *text, PangoAttrList *attrs, int lines)
{
  PangoLayout *l = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);

  pango_layout_set_attributes (l, attrs);
  pango_layout_set_ellipsize (l, PANGO_ELLIPSIZE_END);
  pango_layout_set_wrap (l, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_height (l, -lines);
  pango_attr_list_unref (attrs);
  return l;
}

static PangoAttrList *
scaled (double scale)
{
  PangoAttrList *attrs = pango_attr_list_new ();

  pango_attr_list_insert (attrs, pango_attr_scale_new (scale));
  return attrs;
}

static void
make_layouts (ChainRowFace *self)
{
  const ChainRowInfo *info = self->row->info;
  const char *formula = info != NULL && g_strcmp0 (info->formula, "–") != 0 ? info->formula : NULL;
  const char *text = self->row->reason != NULL ? self->row->reason : info != NULL && info->when != NULL ? _(info->when) : NULL;

  self->name = make_layout (self, self->row->title, scaled (1), 1);
  if (info != NULL && info->lecture != NULL)
    self->chip = make_layout (self, _("lecture"), scaled (0.74), 1);
  if (self->row->note != NULL)
    self->formula = make_layout (self, self->row->note, scaled (0.84), 1);
  else if (formula != NULL)
    self->formula = make_layout (self, formula, chain_row_face_maths (0.94), 1);
  if (text != NULL)
    self->text = make_layout (self, text, scaled (0.84), 2);
}

static int
natural_width (PangoLayout *l)
{
  int width = 0;

  if (l != NULL)
    {
      pango_layout_set_width (l, -1);
      pango_layout_get_pixel_size (l, &width, NULL);
    }
  return width;
}

static int
height_at (PangoLayout *l, int width)
{
  int height = 0;

  if (l != NULL)
    {
      pango_layout_set_width (l, MAX (width, 20) * PANGO_SCALE);
      pango_layout_get_pixel_size (l, NULL, &height);
    }
  return height;
}

static void
arrange (ChainRowFace *self, int width, Places *p)
{
  int left = CHECK_WIDTH + (self->thumb != NULL ? THUMB_WIDTH + 10 : 0), room = MAX (width - left, 40);
  int name = natural_width (self->name), chip = self->chip != NULL ? natural_width (self->chip) + 18 : 0, formula = natural_width (self->formula);
  gboolean beside = self->formula != NULL && name + chip + 18 + formula <= room;
  int name_height = height_at (self->name, MIN (name, room - chip) + 1), formula_height = height_at (self->formula, beside ? formula + 1 : room);
  int drop = beside ? (pango_layout_get_baseline (self->name) - pango_layout_get_baseline (self->formula)) / PANGO_SCALE : 0, y;

  p->left = left;
  p->name_y = MAX (-drop, 0);
  p->chip_x = left + MIN (name, room - chip) + 8;
  p->formula_x = beside ? width - formula : left;
  p->formula_y = beside ? p->name_y + drop : name_height + 1;
  y = beside ? MAX (p->name_y + name_height, p->formula_y + formula_height) : name_height + (self->formula != NULL ? formula_height + 1 : 0);
  p->text_y = y + 1;
  p->height = self->text != NULL ? p->text_y + height_at (self->text, room) : y;
  if (self->thumb != NULL)
    p->height = MAX (p->height, THUMB_HEIGHT + 4);
}

static void
chain_row_face_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  Places p;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 160;
      *natural = USUAL_WIDTH;
      return;
    }
  arrange (CHAIN_ROW_FACE (widget), for_size > 0 ? for_size : USUAL_WIDTH, &p);
  *minimum = *natural = p.height;
}

static GtkSizeRequestMode
chain_row_face_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
draw_text (GtkSnapshot *snapshot, PangoLayout *l, double x, double y, const GdkRGBA *colour, double alpha)
{
  GdkRGBA c = *colour;

  c.alpha *= (float) alpha;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (snapshot, l, &c);
  gtk_snapshot_restore (snapshot);
}

static void
draw_chip (ChainRowFace *self, GtkSnapshot *snapshot, const Places *p, const GdkRGBA *colour, double alpha)
{
  int width, height, line;
  GdkRGBA c = *colour;
  GskRoundedRect box;

  pango_layout_get_pixel_size (self->chip, &width, &height);
  pango_layout_get_pixel_size (self->name, NULL, &line);
  graphene_rect_init (&self->chip_box, (float) p->chip_x, (float) (p->name_y + (line - height) / 2), (float) (width + 10), (float) height);
  gsk_rounded_rect_init_from_rect (&box, &self->chip_box, (float) height / 2);
  c.alpha *= (float) (0.45 * alpha);
  gtk_snapshot_append_border (snapshot, &box, (const float[4]){ 1, 1, 1, 1 }, (const GdkRGBA[4]){ c, c, c, c });
  draw_text (snapshot, self->chip, p->chip_x + 5, p->name_y + (line - height) / 2.0, colour, 0.75 * alpha);
}

static void
draw_check (GtkSnapshot *snapshot, const Places *p, int line, const GdkRGBA *colour)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, (float) p->name_y, CHECK_WIDTH, (float) line));
  double y = p->name_y + line / 2.0;

  gdk_cairo_set_source_rgba (cr, colour);
  cairo_set_line_width (cr, 2);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (cr, 2, y + 0.5);
  cairo_line_to (cr, 5.5, y + 4);
  cairo_line_to (cr, 12, y - 4);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
chain_row_face_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ChainRowFace *self = CHAIN_ROW_FACE (widget);
  double alpha = gtk_widget_is_sensitive (widget) ? 1 : 0.6;
  GdkRGBA fg;
  Places p;
  int line;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &fg);
  arrange (self, gtk_widget_get_width (widget), &p);
  pango_layout_get_pixel_size (self->name, NULL, &line);
  if (self->current)
    draw_check (snapshot, &p, line, &fg);
  if (self->thumb != NULL)
    {
      graphene_rect_t box = GRAPHENE_RECT_INIT (CHECK_WIDTH, 2, THUMB_WIDTH, THUMB_HEIGHT);
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &box);

      cairo_translate (cr, CHECK_WIDTH, 2);
      self->thumb (cr, THUMB_WIDTH, THUMB_HEIGHT, self->row->id, self->data);
      cairo_destroy (cr);
    }
  draw_text (snapshot, self->name, p.left, p.name_y, &fg, alpha);
  if (self->chip != NULL)
    draw_chip (self, snapshot, &p, &fg, alpha);
  if (self->formula != NULL)
    draw_text (snapshot, self->formula, p.formula_x, p.formula_y, &fg, 0.85 * alpha);
  if (self->text != NULL)
    draw_text (snapshot, self->text, p.left, p.text_y, &fg, 0.72);
}

static gboolean
chain_row_face_query_tooltip (GtkWidget *widget, int x, int y, gboolean by_key, GtkTooltip *tooltip)
{
  ChainRowFace *self = CHAIN_ROW_FACE (widget);
  g_autofree char *text = NULL;

  if (self->chip == NULL || !graphene_rect_contains_point (&self->chip_box, &GRAPHENE_POINT_INIT ((float) x, (float) y)))
    return FALSE;
  text = g_strdup_printf (_("Lecture, slide “%s”"), _(self->row->info->lecture));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
chain_row_face_finalize (GObject *object)
{
  ChainRowFace *self = CHAIN_ROW_FACE (object);

  g_clear_object (&self->name);
  g_clear_object (&self->chip);
  g_clear_object (&self->formula);
  g_clear_object (&self->text);
  G_OBJECT_CLASS (chain_row_face_parent_class)->finalize (object);
}

static void
chain_row_face_class_init (ChainRowFaceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = chain_row_face_finalize;
  widget_class->measure = chain_row_face_measure;
  widget_class->get_request_mode = chain_row_face_get_request_mode;
  widget_class->snapshot = chain_row_face_snapshot;
  widget_class->query_tooltip = chain_row_face_query_tooltip;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
chain_row_face_init (ChainRowFace *self)
{
}

GtkWidget *
chain_row_face_new (const ChainMenuRow *row, ChainMenuThumbFunc thumb, gpointer data)
{
  ChainRowFace *self = g_object_new (CHAIN_TYPE_ROW_FACE, NULL);

  self->row = row;
  self->thumb = thumb;
  self->data = data;
  make_layouts (self);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), self->chip != NULL);
  return GTK_WIDGET (self);
}

const ChainMenuRow *
chain_row_face_row (ChainRowFace *face)
{
  return face->row;
}

void
chain_row_face_set_current (ChainRowFace *face, gboolean current)
{
  if (face->current == current)
    return;
  face->current = current;
  gtk_widget_queue_draw (GTK_WIDGET (face));
}
