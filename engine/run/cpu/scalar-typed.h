/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of scalar plans, included by kernels.c where T is double: each operation is the one expression that its kernel has too. What
 * has no label of its own goes through its kernel, by way of a block that the kernel may overrun. */

CHAIN_ALWAYS double
scalar_call (const ChainScalarCall *call, double a, double b, double c)
{
  double in[3][LANES] __attribute__ ((aligned (64))) = { { a }, { b }, { c } }, out[LANES] __attribute__ ((aligned (64)));

  call->kernel (out, in[0], in[1], in[2], 1, call->par);
  return out[0];
}

static void
scalar (const ChainScalar *s)
{
#define LABEL(name, what) &&do_##name,
  static const void *const labels[] = { CHAIN_SCALAR_OPS (LABEL) &&do_call, &&do_end };
  const ChainScalarCode *ip = s->code;
  double *v = s->values;

  for (guint i = 0; i < s->n_in; i++)
    v[s->in[i].index] = *s->in[i].at;
#define A v[ip->a]
#define B v[ip->b]
#define C v[ip->c]
#define ROW(name, what) do_##name: v[ip->d] = (what); ip++; goto *labels[(uint8_t) ip->op];
  goto *labels[(uint8_t) ip->op];
  CHAIN_SCALAR_OPS (ROW)
do_call:
  v[ip->d] = scalar_call (&s->calls[ip->op >> 8], A, B, C);
  ip++;
  goto *labels[(uint8_t) ip->op];
do_end:
  for (guint i = 0; i < s->n_out; i++)
    *s->out[i].at = v[s->out[i].index];
#undef A
#undef B
#undef C
#undef ROW
#undef LABEL
}
