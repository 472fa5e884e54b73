/* SPDX-License-Identifier: Apache-2.0 */
/* A plan of single numbers made compact. A slot of such a plan is a cache line, an item 128 bytes and a decoded one twice that: at 1e5
 * nodes the memory of the general path alone costs five times the arithmetic. Here a number is 8 bytes and an item 16 or 20. It is a
 * lowering (ARCHITECTURE 9.2): the operations and their order are those of the items. */
#include "engine/run/cpu/scalar.h"

#include "engine/base/blocks.h"

#include <string.h>

/* Behind the values of the slots, for what is not an fma by itself. */
enum { ONE, MINUS_ONE, MINUS_ZERO, N_NUMBERS };

static gboolean
item_fits (const ChainPlanItem *it)
{
  return it->dtype == CHAIN_F64 && it->detail->rows == 1 && it->detail->cols == 1 && (_chain_op_rows[it->op].flags & CHAIN_OP_ELEMENTWISE) != 0
         && it->op != CHAIN_OP_LGAMMA && it->op != CHAIN_OP_POLYGAMMA;
}

static gboolean
plan_fits (const ChainPlan *plan)
{
  if (plan->dtype != CHAIN_F64 || plan->n_items == plan->n_host || plan->arena_bytes / 64 > G_MAXUINT32 / 2)
    return FALSE;
  for (guint i = plan->n_items; i-- > plan->n_host;)
    if (!item_fits (&plan->items[i]))
      return FALSE;
  return TRUE;
}

static void
add_port (ChainScalarPort *ports, guint *n, double *at, uint32_t index)
{
  ports[(*n)++] = (ChainScalarPort){ at, index };
}

/* By slot its value: temporaries where the arena has them, a number a line; leaves and host numbers behind. Those are read before
 * each run; leaves and what is kept are written after it, where the value is not that of the host. */
static uint32_t *
index_slots (ChainScalar *s, const ChainPlan *plan, void *const *slots, uint32_t *first_number)
{
  static const double numbers[N_NUMBERS] = { [ONE] = 1, [MINUS_ONE] = -1, [MINUS_ZERO] = -0.0 };
  uint32_t *index = chain_block_new ((gsize) (plan->n_slots + 1) * sizeof *index), next = (uint32_t) (plan->arena_bytes / 64);
  guint n_in = 0, n_out = 0;

  for (guint i = 0; i < plan->n_slots; i++)
    {
      n_in += plan->slots[i].kind != CHAIN_SLOT_TEMP;
      n_out += plan->slots[i].kind == CHAIN_SLOT_LEAF || plan->slots[i].keep;
    }
  s->in = chain_block_new ((gsize) (n_in + 1) * sizeof *s->in);
  s->out = chain_block_new ((gsize) (n_out + 1) * sizeof *s->out);
  for (guint i = 0; i < plan->n_slots; i++)
    {
      const ChainPlanSlot *slot = &plan->slots[i];
      index[i] = slot->kind == CHAIN_SLOT_TEMP ? (uint32_t) (slot->offset / 64) : next++;
      if (slot->kind != CHAIN_SLOT_TEMP)
        add_port (s->in, &s->n_in, slots[i], index[i]);
      if (slot->kind == CHAIN_SLOT_TEMP && slot->keep && slot->bytes > 0)
        add_port (s->out, &s->n_out, slots[i], index[i]);
    }
  s->values = chain_block_new0 ((gsize) (next + N_NUMBERS) * sizeof *s->values);
  memcpy (s->values + next, numbers, sizeof numbers);
  *first_number = next;
  return index;
}

static uint32_t
op_of (ChainScalar *s, const ChainCpuKernels *kernels, const ChainPlanItem *it)
{
  ChainScalarCall *call;

  if (it->flags & CHAIN_ITEM_FMA)
    return CHAIN_SCALAR_fma;
  switch ((int) it->op)
    {
    case CHAIN_OP_ADD: return CHAIN_SCALAR_add;
    case CHAIN_OP_SUB: return CHAIN_SCALAR_sub;
    case CHAIN_OP_MUL: return CHAIN_SCALAR_mul;
    case CHAIN_OP_DIV: return CHAIN_SCALAR_div;
    case CHAIN_OP_NEG: return CHAIN_SCALAR_neg;
    case CHAIN_OP_SQRT: return CHAIN_SCALAR_sqrt;
    }
  for (guint i = 0; i < s->n_calls; i++)
    if (s->calls[i].kernel == kernels->ew[CHAIN_F64][it->op][0] && it->op != CHAIN_OP_CLAMP && it->op != CHAIN_OP_ROUND)
      return CHAIN_SCALAR_call | i << 8;
  s->calls = g_renew (ChainScalarCall, s->calls, s->n_calls + 1);
  call = &s->calls[s->n_calls];
  *call = (ChainScalarCall){ kernels->ew[CHAIN_F64][it->op][0], { it->detail->value, it->detail->value2 } };
  if (it->op == CHAIN_OP_ROUND)
    call->par[0] = it->detail->arg[0];
  return CHAIN_SCALAR_call | s->n_calls++ << 8;
}

/* A sum, difference, product or negative as in[0]·in[1] + in[2]; FALSE if the item is none of them. */
static inline gboolean
as_fma (const ChainPlanItem *it, uint32_t number, uint32_t in[3])
{
  uint32_t a = in[0];

  if (it->flags & CHAIN_ITEM_FMA)
    return TRUE;
  switch ((int) it->op)
    {
    case CHAIN_OP_ADD:
      in[2] = in[1];
      in[1] = number + ONE;
      return TRUE;
    case CHAIN_OP_SUB:
      in[0] = in[1];
      in[1] = number + MINUS_ONE;
      in[2] = a;
      return TRUE;
    case CHAIN_OP_MUL:
      in[2] = number + MINUS_ZERO;
      return TRUE;
    case CHAIN_OP_NEG:
      in[1] = number + MINUS_ONE;
      in[2] = number + MINUS_ZERO;
      return TRUE;
    }
  return FALSE;
}

/* Where the value `before` is read; factors change places so that it is the first. */
static inline uint32_t
kind_of (uint32_t in[3], uint32_t before)
{
  if (in[1] == before)
    {
      in[1] = in[0];
      in[0] = before;
    }
  return in[0] == before ? CHAIN_SCALAR_AS_A : in[2] == before ? CHAIN_SCALAR_AS_C : CHAIN_SCALAR_NOT;
}

/* The run that goes on: its first word, how many are in it, and their kinds as digits of one number. */
typedef struct { uint32_t *head, n, kinds; } Run;

/* Puts another into the run, or begins one. Returns where its operands go. */
static inline uint32_t *
extend (Run *run, uint32_t *code, uint32_t kind)
{
  static const uint8_t first[CHAIN_SCALAR_RUN + 1] = { 0, CHAIN_SCALAR_one, CHAIN_SCALAR_two, CHAIN_SCALAR_three };

  if (run->n % CHAIN_SCALAR_RUN == 0)
    *run = (Run){ .head = code++ };
  run->n++;
  run->kinds = run->kinds * CHAIN_SCALAR_KINDS + kind;
  *run->head = first[run->n] + run->kinds;
  return code;
}

static void
emit (ChainScalar *s, const ChainCpuKernels *kernels, const ChainPlan *plan, void *const *slots, const uint32_t *index,
      uint32_t number)
{
  uint32_t *code = s->code, before = UINT32_MAX;   /* before: what was made last */
  Run run = { 0 };

  for (guint i = plan->n_host; i < plan->n_items; i++)
    {
      const ChainPlanItem *it = &plan->items[i];
      uint32_t in[3] = { 0, 0, 0 };
      for (guint k = 0; k < it->n_in; k++)
        in[k] = index[it->in[k]];
      if (kernels->has_fma && as_fma (it, number, in))
        code = extend (&run, code, kind_of (in, before));
      else
        {
          run.n = 0;
          *code++ = op_of (s, kernels, it);
        }
      *code++ = before = index[it->out];
      memcpy (code, in, sizeof in);
      code += 3;
      if (plan->slots[it->out].kind == CHAIN_SLOT_LEAF)   /* a state in place */
        add_port (s->out, &s->n_out, slots[it->out], index[it->out]);
    }
  *code = CHAIN_SCALAR_end;
}

ChainScalar *
_chain_cpu_scalar_new (const ChainCpuKernels *kernels, const ChainPlan *plan, void *const *slots)
{
  ChainScalar *s;
  uint32_t *index, number;

  if (!plan_fits (plan))
    return NULL;
  s = g_new0 (ChainScalar, 1);
  index = index_slots (s, plan, slots, &number);
  s->code = chain_block_new (((gsize) (plan->n_items - plan->n_host) * 5 + 1) * sizeof *s->code);
  emit (s, kernels, plan, slots, index, number);
  chain_block_free (index);
  return s;
}

void
_chain_cpu_scalar_free (ChainScalar *s)
{
  if (s == NULL)
    return;
  chain_block_free (s->code);
  chain_block_free (s->in);
  chain_block_free (s->out);
  chain_block_free (s->values);
  g_free (s->calls);
  g_free (s);
}
