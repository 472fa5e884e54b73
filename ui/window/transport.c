/* SPDX-License-Identifier: Apache-2.0 */
/* Readouts change four times a second: a number that changes faster cannot be read (DESIGN 4.8). Their widths are fixed in characters and
 * their figures tabular, so that nothing shifts while they run. The speed slider is logarithmic in steps a second; its top end is no limit. */
#include "config.h"

#include "ui/window/transport.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/number-text.h"
#include "ui/canvas/tooltip.h"
#include "ui/pages/choice-field.h"

#define READOUT_US (G_USEC_PER_SEC / 4)
#define DECADES 5.0          /* 1 to 100 000 steps a second */
#define TOP 0.96             /* beyond: no limit */

enum { READ_LOSS, READ_EPOCH, READ_STEP, READ_SCORE, READ_RATE, N_READOUTS };

struct _ChainTransport
{
  GtkWidget      parent_instance;
  GtkWidget     *reset, *back, *play, *step, *play_icon, *play_label, *speed_box, *speed_caption, *speed, *speed_value, *readouts, *device_box, *device;
  GtkAdjustment *adjustment;
  GtkWidget     *captions[N_READOUTS], *values[N_READOUTS];
  ChainSession  *session;
  gint64         last;
  guint          timer, threads;
  gboolean       filling;
};

G_DEFINE_FINAL_TYPE (ChainTransport, chain_transport, GTK_TYPE_WIDGET)

double
chain_transport_speed_of (double position)
{
  return position > TOP ? 0 : pow (10, position / TOP * DECADES);
}

double
chain_transport_position_of (double steps_per_s)
{
  return steps_per_s <= 0 ? 1 : CLAMP (log10 (steps_per_s) / DECADES, 0, 1) * TOP;
}

static double
steps_per_epoch (ChainTransport *self)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (self->session));
  const ChainDataset *d = chain_session_data (self->session);

  return spec->batch_size == 0 || spec->batch_size >= d->n_train ? 1 : ceil ((double) d->n_train / spec->batch_size);
}

static void
set_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
}

static void
show_speed (ChainTransport *self)
{
  double epochs = chain_session_speed (self->session), steps = epochs * steps_per_epoch (self);
  char buf[CHAIN_NUMBER_TEXT_SIZE];
  g_autofree char *text = epochs <= 0  ? g_strdup (_("no limit"))
                          : epochs < 1 ? g_strdup_printf (_("%s steps/s"), chain_number_text_rate (buf, steps))
                                       : g_strdup_printf (_("%s epochs/s"), chain_number_text_rate (buf, epochs));

  self->filling = TRUE;
  gtk_adjustment_set_value (self->adjustment, chain_transport_position_of (epochs <= 0 ? 0 : MAX (steps, 1)));
  self->filling = FALSE;
  set_text (self->speed_value, text);
  chain_tooltip_set (self->speed, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->speed), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
speed_cb (ChainTransport *self)
{
  double steps = chain_transport_speed_of (gtk_adjustment_get_value (self->adjustment));

  if (self->filling)
    return;
  chain_session_set_speed (self->session, steps <= 0 ? 0 : steps / steps_per_epoch (self));
  show_speed (self);
}

static void
show_score (ChainTransport *self, const ChainSnapshot *s, char buf[CHAIN_NUMBER_TEXT_SIZE])
{
  gboolean split = s->data->n > s->data->n_train, classify = s->data->prep->classify;
  const ChainMetrics *m = split ? &s->test : &s->train;

  if (s->predicts == CHAIN_PREDICTS_NOTHING)      /* nothing to be right about: the loss is all there is */
    {
      set_text (self->captions[READ_SCORE], split ? _("Test loss") : _("Mean loss"));
      if (s->has_metrics)
        set_text (self->values[READ_SCORE], chain_number_text_loss (buf, m->loss, 3));
      return;
    }
  set_text (self->captions[READ_SCORE], classify ? (split ? _("Test accuracy") : _("Accuracy")) : split ? _("Test R²") : _("R²"));
  if (s->has_metrics)
    set_text (self->values[READ_SCORE], classify ? chain_number_text_percent (buf, m->accuracy) : chain_number_text_fixed (buf, m->r2, 3));
}

static void
show_readouts (ChainTransport *self)
{
  const ChainSnapshot *s = chain_session_snapshot (self->session);
  char buf[CHAIN_NUMBER_TEXT_SIZE];
  g_autofree char *rate = NULL;

  self->last = g_get_monotonic_time ();
  set_text (self->values[READ_EPOCH], chain_number_text_count (buf, (guint64) MAX (s->epoch, 0)));
  set_text (self->values[READ_STEP], chain_number_text_count (buf, s->step));
  if (s->has_metrics || s->step > 0)
    set_text (self->values[READ_LOSS], chain_number_text_loss (buf, s->has_metrics ? s->train.loss : s->loss, 3));
  show_score (self, s, buf);
  if (chain_session_is_playing (self->session) && s->samples_per_s > 0)
    rate = g_strdup_printf (_("%s samples/s"), chain_number_text_rate (buf, s->samples_per_s));
  set_text (self->values[READ_RATE], rate != NULL ? rate : "–");
}

static gboolean
readout_cb (gpointer data)
{
  ChainTransport *self = data;

  self->timer = 0;
  show_readouts (self);
  return G_SOURCE_REMOVE;
}

static void
snapshot_cb (ChainTransport *self)
{
  gint64 wait = self->last + READOUT_US - g_get_monotonic_time ();

  if (self->timer == 0)
    self->timer = g_timeout_add (wait > 0 ? (guint) (wait / 1000) : 0, readout_cb, self);
}

static void
state_cb (ChainTransport *self)
{
  gboolean playing = chain_session_is_playing (self->session);

  set_text (self->play_label, playing ? _("Pause") : _("Train"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play), GTK_ACCESSIBLE_PROPERTY_LABEL, playing ? _("Pause") : _("Train"), -1);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->play_icon), playing ? "media-playback-pause-symbolic" : "media-playback-start-symbolic");
  snapshot_cb (self);
}

static void
add_readout (ChainTransport *self, guint i, const char *caption, int chars)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->captions[i] = gtk_label_new (caption);
  self->values[i] = gtk_label_new ("–");
  gtk_widget_add_css_class (self->captions[i], "field-caption");
  gtk_widget_add_css_class (self->values[i], "readout");
  gtk_label_set_xalign (GTK_LABEL (self->captions[i]), 1);
  gtk_label_set_xalign (GTK_LABEL (self->values[i]), 1);
  gtk_label_set_width_chars (GTK_LABEL (self->values[i]), chars);
  gtk_box_append (GTK_BOX (box), self->captions[i]);
  gtk_box_append (GTK_BOX (box), self->values[i]);
  gtk_box_append (GTK_BOX (self->readouts), box);
}

/* A row that cannot be chosen says why the other device is not there. */
static void
bind_device_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  gboolean cpu = gtk_list_item_get_position (item) == 0;

  gtk_label_set_text (GTK_LABEL (label), gtk_string_object_get_string (gtk_list_item_get_item (item)));
  gtk_list_item_set_selectable (item, cpu);
  gtk_list_item_set_activatable (item, cpu);
  gtk_widget_set_sensitive (label, cpu);
  gtk_widget_set_tooltip_text (label, cpu ? NULL : _("This build trains on the CPU"));
}

static void
setup_device_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_item_set_child (item, label);
}

/* What the trainer really uses: small networks have one thread. */
static void
show_device (ChainTransport *self)
{
  guint threads = chain_session_threads (self->session);
  g_autofree char *cpu = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "CPU · %u thread", "CPU · %u threads", threads), threads);
  const char *const rows[] = { cpu, _("GPU: none found"), NULL };
  g_autoptr (GtkStringList) model = NULL;

  if (threads == self->threads)
    return;
  self->threads = threads;
  model = gtk_string_list_new (rows);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->device), G_LIST_MODEL (model));
  chain_choice_name_button (self->device, _("Device"));
  gtk_widget_set_tooltip_text (self->device, threads > 1 ? NULL : _("A network this small is fastest on one thread"));
}

static void
make_device (ChainTransport *self)
{
  GtkListItemFactory *list = gtk_signal_list_item_factory_new ();

  g_signal_connect (list, "setup", G_CALLBACK (setup_device_cb), NULL);
  g_signal_connect (list, "bind", G_CALLBACK (bind_device_cb), NULL);
  gtk_drop_down_set_list_factory (GTK_DROP_DOWN (self->device), list);
  g_object_unref (list);
}

static void
document_cb (ChainTransport *self)
{
  show_speed (self);
  show_device (self);
}

static void
chain_transport_dispose (GObject *object)
{
  ChainTransport *self = CHAIN_TRANSPORT (object);
  GtkWidget *child;

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (chain_transport_parent_class)->dispose (object);
}

static void
chain_transport_class_init (ChainTransportClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chain_transport_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/chainrule/Chainrule/window/transport.ui");
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, reset);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, back);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, play);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, step);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, play_icon);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, play_label);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, speed_box);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, speed_caption);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, speed);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, speed_value);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, adjustment);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, readouts);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, device_box);
  gtk_widget_class_bind_template_child (widget_class, ChainTransport, device);
}

static void
chain_transport_init (ChainTransport *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_readout (self, READ_LOSS, _("Loss"), 7);
  add_readout (self, READ_EPOCH, _("Epoch"), 5);
  add_readout (self, READ_STEP, _("Step"), 7);
  add_readout (self, READ_SCORE, _("Test accuracy"), 7);
  add_readout (self, READ_RATE, _("Throughput"), 14);
  gtk_widget_set_visible (gtk_widget_get_parent (self->values[READ_LOSS]), FALSE);
  make_device (self);
}

void
chain_transport_set_session (ChainTransport *t, ChainSession *session)
{
  t->session = g_object_ref (session);
  g_signal_connect_swapped (t->adjustment, "value-changed", G_CALLBACK (speed_cb), t);
  g_signal_connect_swapped (session, "snapshot", G_CALLBACK (snapshot_cb), t);
  g_signal_connect_swapped (session, "state", G_CALLBACK (state_cb), t);
  g_signal_connect_swapped (session, "document", G_CALLBACK (document_cb), t);
  document_cb (t);
  show_readouts (t);
  state_cb (t);
}

void
chain_transport_set_class (ChainTransport *t, ChainWidthClass width)
{
  gboolean narrow = width == CHAIN_WIDTH_NARROW, roomy = width >= CHAIN_WIDTH_NORMAL;
  const gboolean shown[N_READOUTS] = { narrow || width == CHAIN_WIDTH_WIDE, TRUE, !narrow, !narrow, roomy };

  for (guint i = 0; i < N_READOUTS; i++)
    gtk_widget_set_visible (gtk_widget_get_parent (t->values[i]), shown[i]);
  gtk_widget_set_visible (t->speed_caption, !narrow);
  gtk_widget_set_visible (t->speed_value, roomy);
  gtk_widget_set_visible (t->device_box, !narrow);
}

GtkWidget *
chain_transport_play_button (ChainTransport *t)
{
  return t->play;
}
