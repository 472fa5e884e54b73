/* SPDX-License-Identifier: Apache-2.0 */
/* One button a layer, which is there while something ails it: the gravest finding as sign and word, all of them in its popover. A watch decides
 * what is shown, so that a badge does not flicker with the batches; a button stays the same widget while its words change, so that focus and an
 * open popover stay too. */
#include "config.h"

#include "ui/health/badges.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/health/health.h"
#include "ui/health/popover.h"

typedef struct { ChainBadges *badges; char *id, *tip; GtkWidget *button, *label; } Badge;

struct _ChainBadges
{
  ChainCanvas      *canvas;
  ChainSession     *session;
  ChainHealthWatch *watch;
  GPtrArray        *badges;     /* of Badge */
  ChainSnapshot    *seen;       /* (ref) the last one that was looked at */
  guint             later;      /* a finding that has to hold for a moment may hold when nothing new comes */
  gboolean          small;
};

static GPtrArray *
findings_of (ChainBadges *b, const char *id)
{
  const GPtrArray *shown = chain_health_watch_shown (b->watch);
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < shown->len; i++)
    if (g_str_equal (((ChainFinding *) g_ptr_array_index (shown, i))->id, id))
      g_ptr_array_add (list, g_ptr_array_index (shown, i));
  return list;
}

static void
popup_cb (GtkMenuButton *button, gpointer data)
{
  Badge *badge = data;
  g_autoptr (GPtrArray) list = findings_of (badge->badges, badge->id);

  gtk_menu_button_set_popover (button, list->len > 0 ? chain_health_popover_new (badge->badges->session, list) : NULL);
}

/* Not over what it announces. */
static gboolean
tooltip_cb (GtkWidget *button, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip, gpointer data)
{
  Badge *badge = data;
  GtkPopover *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (button));

  gtk_tooltip_set_text (tooltip, badge->tip);
  return popover == NULL || !gtk_widget_get_visible (GTK_WIDGET (popover));
}

/* The focus does not fall out of the window with its badge. */
static void
badge_free (gpointer data)
{
  Badge *badge = data;
  GtkRoot *root = gtk_widget_get_root (badge->button);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && (focus == badge->button || gtk_widget_is_ancestor (focus, badge->button)))
    gtk_widget_grab_focus (GTK_WIDGET (badge->badges->canvas));
  chain_canvas_unplace (badge->badges->canvas, badge->button);
  g_free (badge->id);
  g_free (badge->tip);
  g_free (badge);
}

static Badge *
badge_new (ChainBadges *b, const char *id)
{
  Badge *badge = g_new0 (Badge, 1);
  g_autofree char *element = g_strconcat ("badge:", id, NULL);

  badge->badges = b;
  badge->id = g_strdup (id);
  badge->label = gtk_label_new (NULL);
  badge->button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (badge->button), badge->label);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (badge->button), popup_cb, badge, NULL);
  gtk_widget_add_css_class (badge->button, "health-badge");
  gtk_widget_set_has_tooltip (badge->button, TRUE);
  g_signal_connect (badge->button, "query-tooltip", G_CALLBACK (tooltip_cb), badge);
  chain_canvas_place (b->canvas, badge->button, element);
  g_ptr_array_add (b->badges, badge);
  return badge;
}

static Badge *
find (ChainBadges *b, const char *id)
{
  for (guint i = 0; i < b->badges->len; i++)
    if (g_str_equal (((Badge *) g_ptr_array_index (b->badges, i))->id, id))
      return g_ptr_array_index (b->badges, i);
  return NULL;
}

static void
word (Badge *badge, const ChainFinding *f, guint others)
{
  gboolean calm = f->kind == CHAIN_FINDING_SYMMETRIC;
  g_autofree char *sign = g_strndup (f->badge, strcspn (f->badge, " "));
  g_autofree char *more = others > 0 && !badge->badges->small ? g_strdup_printf (" +%u", others) : NULL;
  g_autofree char *text = g_strconcat (badge->badges->small ? sign : f->badge, more, NULL);
  g_autofree char *name = g_strdup_printf (_("Layer %d: %s"), f->layer + 1, f->badge);

  gtk_label_set_text (GTK_LABEL (badge->label), text);
  g_free (badge->tip);
  badge->tip = g_strdup_printf (_("%s: click for the cause and what to do"), _(chain_finding_row (f->kind)->title));
  gtk_accessible_update_property (GTK_ACCESSIBLE (badge->button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  f->cause, -1);
  if (calm)
    gtk_widget_add_css_class (badge->button, "calm");
  else
    gtk_widget_remove_css_class (badge->button, "calm");
}

static void
show (ChainBadges *b)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (b->session));

  for (guint i = 0; i < spec->layers->len; i++)
    {
      const char *id = ((const ChainLayer *) g_ptr_array_index (spec->layers, i))->id;
      g_autoptr (GPtrArray) list = findings_of (b, id);
      Badge *badge = find (b, id);

      if (list->len == 0 && badge != NULL)
        g_ptr_array_remove (b->badges, badge);
      if (list->len > 0)
        word (badge != NULL ? badge : badge_new (b, id), g_ptr_array_index (list, 0), list->len - 1);
    }
  for (guint i = b->badges->len; i > 0; i--)
    if (chain_spec_layer_index (spec, ((Badge *) g_ptr_array_index (b->badges, i - 1))->id) < 0)
      g_ptr_array_remove_index (b->badges, i - 1);
}

static gboolean
later_cb (gpointer data)
{
  ChainBadges *b = data;

  b->later = 0;
  if (b->seen != NULL && chain_health_watch_take (b->watch, b->seen, g_get_monotonic_time ()))
    show (b);
  return G_SOURCE_REMOVE;
}

void
chain_badges_sync (ChainBadges *b)
{
  ChainSnapshot *s = chain_session_snapshot (b->session);

  g_clear_pointer (&b->seen, chain_snapshot_unref);
  b->seen = chain_snapshot_ref (s);
  if (chain_health_watch_take (b->watch, s, g_get_monotonic_time ()))
    show (b);
  if (b->later == 0)
    b->later = g_timeout_add ((CHAIN_HEALTH_LINGER_US + 100000) / 1000, later_cb, b);
}

void
chain_badges_set_pitch (ChainBadges *b, double pixels)
{
  gboolean small = pixels < 104;

  if (b->small == small)
    return;
  b->small = small;
  show (b);
}

ChainBadges *
chain_badges_new (ChainCanvas *canvas, ChainSession *session)
{
  ChainBadges *b = g_new0 (ChainBadges, 1);

  b->canvas = canvas;
  b->session = session;
  b->watch = chain_health_watch_new ();
  b->badges = g_ptr_array_new_with_free_func (badge_free);
  return b;
}

void
chain_badges_free (ChainBadges *b)
{
  g_clear_handle_id (&b->later, g_source_remove);
  g_ptr_array_unref (b->badges);
  chain_health_watch_free (b->watch);
  g_clear_pointer (&b->seen, chain_snapshot_unref);
  g_free (b);
}
