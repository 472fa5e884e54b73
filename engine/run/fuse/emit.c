/* SPDX-License-Identifier: Apache-2.0 */
/* Micro-operations for a group of items whose order is settled.
 *
 * A value stays in the accumulator if the next item uses it; if others do, it is also stored: to its own slot where it is wanted
 * later, else to a temp, a block on the stack. The store costs no dispatch, because most operations have a twin that stores. What
 * has no micro-operation (exp, tanh, pow, …) is a call of the kernel that would compute it alone, on one block. */
#include "engine/run/fuse/fuse-private.h"

#include <string.h>

typedef enum { KIND__, KIND_a, KIND_m, KIND_s, KIND_x, KIND_n = KIND_m, KIND_z = KIND_s } Kind;
typedef enum { FORM_none, FORM_ld, FORM_mvx, FORM_st, FORM_add, FORM_sub, FORM_mul, FORM_div, FORM_fma, FORM_neg, FORM_relu, FORM_step,
               FORM_abs, FORM_sqrt, FORM_sqrt_add_x, FORM_add_x, FORM_mul_mul, FORM_sign, FORM_floor, FORM_stop, FORM_min, FORM_max, FORM_lt,
               FORM_eq, FORM_where, N_FORMS } Form;

#define ROW(op, p, q, r, what) [FORM_##op][KIND_##p][KIND_##q][KIND_##r] = CHAIN_TILE_##op##_##p##q##r + 1,
static const guint8 forms[N_FORMS][5][5][5] = { CHAIN_TILE_OPS (ROW, ROW) };
#undef ROW
#define ROW(op, p, q, r, what)
#define ROW_ST(op, p, q, r, what) [CHAIN_TILE_##op##_##p##q##r] = 1,
static const guint8 has_twin[CHAIN_N_TILE_OPS] = { CHAIN_TILE_OPS (ROW, ROW_ST) };
#undef ROW
#undef ROW_ST
#define ROW(op, p, q, r, what) [CHAIN_TILE_##op##_##p##q##r] = #what,
#define ROW_ST(op, p, q, r, what) ROW (op, p, q, r, what) [CHAIN_TILE_##op##_##p##q##r##_st] = #what "; STORE",
static const char *const texts[CHAIN_N_TILE_OPS] = { CHAIN_TILE_OPS (ROW, ROW_ST) };
#undef ROW
#undef ROW_ST

typedef struct { Kind kind; guint8 base; } Operand;

typedef struct
{
  Fuse    *f;
  GArray  *ins, *calls;
  guint8   current;                          /* node in the accumulator, or FUSE_NONE */
  guint8   x_until;                          /* X is taken up to this position */
  gboolean taken[CHAIN_TILE_MAX_TEMPS];
} Emit;

static Form
form_of (const ChainPlanItem *it)
{
  if (it->flags & CHAIN_ITEM_FMA)
    return FORM_fma;
  switch (it->op)
    {
    case CHAIN_OP_ADD: return FORM_add;
    case CHAIN_OP_SUB: return FORM_sub;
    case CHAIN_OP_MUL: return FORM_mul;
    case CHAIN_OP_DIV: return FORM_div;
    case CHAIN_OP_NEG: return FORM_neg;
    case CHAIN_OP_RELU: return FORM_relu;
    case CHAIN_OP_STEP: return FORM_step;
    case CHAIN_OP_ABS: return FORM_abs;
    case CHAIN_OP_SQRT: return FORM_sqrt;
    case CHAIN_OP_SIGN: return FORM_sign;
    case CHAIN_OP_FLOOR: return FORM_floor;
    case CHAIN_OP_STOP: return FORM_stop;
    case CHAIN_OP_MIN: return FORM_min;
    case CHAIN_OP_MAX: return FORM_max;
    case CHAIN_OP_LT: return FORM_lt;
    case CHAIN_OP_EQ: return FORM_eq;
    case CHAIN_OP_WHERE: return FORM_where;
    default: return FORM_none;
    }
}

/* --- temps --- */
static guint8
temp_base (const Emit *e, guint8 temp)
{
  return (guint8) (e->f->tile->n_bases + temp);
}

static gboolean
take_temp (Emit *e, guint8 *temp)
{
  for (guint8 i = 0; i < CHAIN_TILE_MAX_TEMPS; i++)
    if (!e->taken[i])
      {
        e->taken[i] = TRUE;
        *temp = i;
        e->f->tile->n_temps = MAX (e->f->tile->n_temps, i + 1);
        return TRUE;
      }
  return FALSE;
}

static void
release_temps (Emit *e, guint pos)
{
  for (guint i = 0; i < e->f->n; i++)
    if (e->f->nodes[i].temp != FUSE_NONE && e->f->nodes[i].pos < pos && e->f->nodes[i].last_use == pos)
      e->taken[e->f->nodes[i].temp] = FALSE;
}

/* --- one instruction --- */
static void
push (Emit *e, guint8 op, const Operand *o, int n)
{
  ChainTileIns ins = { .op = op };
  int n_m = 0, n_s = 0;

  for (int k = 0; k < n; k++)
    if (o[k].kind == KIND_m && n_m++ == 0)
      ins.m = o[k].base;
    else if (o[k].kind == KIND_m)
      ins.n = o[k].base;
    else if (o[k].kind == KIND_s && n_s++ == 0)
      ins.s = o[k].base;
    else if (o[k].kind == KIND_s)
      ins.z = o[k].base;
  g_array_append_val (e->ins, ins);
}

static ChainTileIns *
last_ins (const Emit *e)
{
  return e->ins->len > 0 ? &g_array_index (e->ins, ChainTileIns, e->ins->len - 1) : NULL;
}

static gboolean
push_form (Emit *e, Form form, const Operand *o, int n)
{
  Operand turned[3] = { o[1], o[0], o[2] };
  gboolean commutes = form == FORM_add || form == FORM_mul || form == FORM_fma;
  guint8 op = forms[form][o[0].kind][o[1].kind][o[2].kind];

  if (op == 0 && commutes)
    {
      op = forms[form][turned[0].kind][turned[1].kind][turned[2].kind];
      o = turned;
    }
  if (op == 0)
    return FALSE;
  push (e, (guint8) (op - 1), o, n);
  return TRUE;
}

/* (M N) s in one */
static void
join_products (Emit *e)
{
  ChainTileIns *ins = last_ins (e);

  if (e->ins->len < 2 || ins->op != CHAIN_TILE_mul_as_ || ins[-1].op != CHAIN_TILE_mul_mn_)
    return;
  ins[-1].op = CHAIN_TILE_mul_mul_mns;
  ins[-1].s = ins->s;
  g_array_set_size (e->ins, e->ins->len - 1);
}

static void
push_operation (Emit *e, Form form, Operand *o, int n)
{
  Operand only[3] = { { 0 } };

  for (int k = 0; k < n; k++)
    if (push_form (e, form, o, n))
      {
        join_products (e);
        return;
      }
    else if (o[k].kind != KIND_x)
      {
        Operand was = o[k];
        o[k].kind = KIND_a;
        if (forms[form][o[0].kind][o[1].kind][o[2].kind] == 0 && (n == 1 || forms[form][o[1].kind][o[0].kind][o[2].kind] == 0))
          {
            o[k] = was;
            continue;
          }
        only[0] = was;
        (void) push_form (e, FORM_ld, only, 1);
        (void) push_form (e, form, o, n);
        return;
      }
}

static Operand
operand_of (const Emit *e, const FuseNode *node, int k, gboolean a_is_free)
{
  const ChainTile *t = e->f->tile;
  const FuseNode *of;

  if (!node->in[k].is_node)
    {
      guint8 kind = t->bases[node->in[k].at].kind;
      return (Operand){ kind == CHAIN_BASE_ONE || (kind == CHAIN_BASE_COL && t->by_rows) ? KIND_s : KIND_m, node->in[k].at };
    }
  of = &e->f->nodes[node->in[k].at];
  if (node->in[k].at == e->current && a_is_free)
    return (Operand){ KIND_a, 0 };
  if (of->in_x)
    return (Operand){ KIND_x, 0 };
  return (Operand){ KIND_m, of->dest != FUSE_NONE ? of->dest : temp_base (e, of->temp) };
}

/* --- a call --- */
static gboolean
emit_call (Emit *e, FuseNode *node)
{
  const ChainPlanItem *it = node->it;
  ChainTileCall call = { .op = it->op, .flags = it->flags, .par = { it->op == CHAIN_OP_ROUND ? it->detail->arg[0] : it->detail->value, it->detail->value2 } };
  ChainTileIns ins = { .op = CHAIN_TILE_call, .z = (uint8_t) e->calls->len };
  guint8 at[3] = { 0 }, spread[3], n_spread = 0;

  for (int k = 0; k < it->n_in; k++)
    {
      Operand o = operand_of (e, node, k, FALSE), one[3] = { o };
      at[k] = o.base;
      if (o.kind != KIND_s)
        continue;
      if (it->n_in > 1 && call.form == 0)
        {
          call.form = (uint8_t) (k + 1);
          continue;
        }
      if (!take_temp (e, &spread[n_spread]))
        return FALSE;
      (void) push_form (e, FORM_ld, one, 1);
      push (e, CHAIN_TILE_st_a__, one, 0);
      last_ins (e)->d = at[k] = temp_base (e, spread[n_spread++]);
    }
  for (guint8 i = 0; i < n_spread; i++)
    e->taken[spread[i]] = FALSE;
  release_temps (e, node->pos);
  if (node->dest == FUSE_NONE && !take_temp (e, &node->temp))
    return FALSE;
  ins.m = at[0];
  ins.n = at[1];
  ins.s = at[2];
  ins.d = node->dest != FUSE_NONE ? node->dest : temp_base (e, node->temp);
  g_array_append_val (e->calls, call);
  g_array_append_val (e->ins, ins);
  e->current = FUSE_NONE;
  return TRUE;
}

/* --- what becomes of a value --- */
static guint
occurrences (const FuseNode *user, guint8 of)
{
  guint n = 0;

  for (int k = 0; k < user->it->n_in; k++)
    n += user->in[k].is_node && user->in[k].at == of;
  return n;
}

/* Is the accumulator not enough? */
static gboolean
must_save (const Emit *e, const FuseNode *node)
{
  const FuseNode *next = node->pos + 1u < e->f->n ? &e->f->nodes[e->f->order[node->pos + 1]] : NULL;
  guint8 self = e->f->order[node->pos];

  if (node->users == 0)
    return FALSE;
  if (next == NULL || node->last_use > node->pos + 1 || next->is_call)
    return TRUE;
  return occurrences (next, self) > 1 && !(form_of (next->it) == FORM_mul);
}

/* A sum with a number can go to X for nothing. */
static gboolean
save_in_x (Emit *e, FuseNode *node)
{
  ChainTileIns *ins = last_ins (e);
  guint8 self = e->f->order[node->pos];
  const FuseNode *user = &e->f->nodes[e->f->order[node->last_use]];
  Form form = form_of (user->it);

  if (ins->op != CHAIN_TILE_add_as_ || node->users != G_GUINT64_CONSTANT (1) << e->f->order[node->last_use]
      || occurrences (user, self) != 1 || form < FORM_add || form > FORM_fma || e->x_until > node->pos || node->last_use == node->pos + 1)
    return FALSE;
  for (guint p = node->pos; p < node->last_use; p++)
    if (e->f->nodes[e->f->order[p]].is_call)
      return FALSE;
  ins->op = CHAIN_TILE_add_x_as_;
  if (e->ins->len > 1 && ins[-1].op == CHAIN_TILE_sqrt_a__)
    {
      ins[-1].op = CHAIN_TILE_sqrt_add_x_as_;
      ins[-1].s = ins->s;
      g_array_set_size (e->ins, e->ins->len - 1);
    }
  e->x_until = node->last_use;
  e->current = FUSE_NONE;
  return node->in_x = TRUE;
}

static void
store (Emit *e, guint8 base)
{
  ChainTileIns *ins = last_ins (e), alone = { .op = CHAIN_TILE_st_a__, .d = base };

  if (!has_twin[ins->op])
    {
      g_array_append_val (e->ins, alone);
      return;
    }
  ins->op++;
  ins->d = base;
}

static gboolean
emit_node (Emit *e, FuseNode *node)
{
  Operand o[3] = { { 0 } };
  gboolean free = TRUE;

  if (node->is_call)
    return emit_call (e, node);
  for (int k = 0; k < node->it->n_in; k++)
    {
      o[k] = operand_of (e, node, k, free);
      free = free && (o[k].kind != KIND_a || (form_of (node->it) == FORM_mul && node->it->n_in == 2));
    }
  push_operation (e, form_of (node->it), o, node->it->n_in);
  e->current = e->f->order[node->pos];
  release_temps (e, node->pos);
  if (node->dest != FUSE_NONE)
    store (e, node->dest);
  else if (must_save (e, node) && !save_in_x (e, node))
    {
      if (!take_temp (e, &node->temp))
        return FALSE;
      store (e, temp_base (e, node->temp));
    }
  return TRUE;
}

gboolean
_chain_fuse_emit (Fuse *f)
{
  ChainTileIns end = { .op = CHAIN_TILE_end };
  Emit e = { .f = f, .current = FUSE_NONE };
  ChainTile *t = f->tile;
  gboolean good = TRUE;

  e.ins = g_array_new (FALSE, TRUE, sizeof (ChainTileIns));
  e.calls = g_array_new (FALSE, TRUE, sizeof (ChainTileCall));
  for (guint i = 0; i < f->n; i++)
    f->nodes[i].is_call = form_of (f->nodes[i].it) == FORM_none;
  for (guint pos = 0; pos < f->n && good; pos++)
    good = emit_node (&e, &f->nodes[f->order[pos]]);
  g_array_append_val (e.ins, end);
  for (guint i = 0; i < t->n_temps; i++)
    t->bases[t->n_bases + i] = (ChainTileBase){ CHAIN_BASE_TEMP, i };
  t->n_bases = (uint8_t) (t->n_bases + t->n_temps);
  t->n_ins = e.ins->len;
  t->n_calls = e.calls->len;
  t->ins = (ChainTileIns *) (void *) g_array_free (e.ins, FALSE);
  t->calls = (ChainTileCall *) (void *) g_array_free (e.calls, FALSE);
  return good;
}

/* --- a dump --- */
static void
dump_base (const ChainTile *t, GString *s, const char *as, guint8 base)
{
  static const char *const kinds[] = { "", ":row", ":col", ":one", "" };

  g_string_append_printf (s, "  %s %s%u%s", as, t->bases[base].kind == CHAIN_BASE_TEMP ? "t" : "s", t->bases[base].slot, kinds[t->bases[base].kind]);
}

static void
dump_call (const ChainTile *t, GString *s, const ChainTileIns *ins)
{
  const ChainTileCall *c = &t->calls[ins->z];
  const guint8 at[] = { ins->m, ins->n, ins->s };

  g_string_append_printf (s, "    %-28s", chain_op_row ((ChainOp) c->op)->name);
  for (guint k = 0; k < chain_op_row ((ChainOp) c->op)->arity; k++)
    dump_base (t, s, "M", at[k]);
  dump_base (t, s, "->", ins->d);
  g_string_append_c (s, '\n');
}

/* Is the operand named in the text of this micro-operation? */
static gboolean
names (const char *text, char operand)
{
  for (const char *c = strchr (text, operand); c != NULL; c = strchr (c + 1, operand))
    if ((c > text && (c[-1] == ' ' || c[-1] == '(')) && !g_ascii_isalnum (c[1]))
      return TRUE;
  return FALSE;
}

void
_chain_tile_dump (const ChainTile *t, GString *s)
{
  g_string_append_printf (s, "program of items %u to %u: %u micro-operations, %u temps\n", t->first,
                          t->first + t->n_items - 1, t->n_ins - 1, t->n_temps);
  for (const ChainTileIns *ins = t->ins; ins->op != CHAIN_TILE_end; ins++)
    {
      const char *text = texts[ins->op];
      if (ins->op == CHAIN_TILE_call)
        {
          dump_call (t, s, ins);
          continue;
        }
      g_string_append_printf (s, "    %-28s", text);
      if (names (text, 'M'))
        dump_base (t, s, "M", ins->m);
      if (names (text, 'N'))
        dump_base (t, s, "N", ins->n);
      if (names (text, 's'))
        dump_base (t, s, "s", ins->s);
      if (names (text, 'z'))
        dump_base (t, s, "z", ins->z);
      if (strstr (text, "STORE") != NULL)
        dump_base (t, s, "->", ins->d);
      g_string_append_c (s, '\n');
    }
}
