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
  static const void *const labels[] = { &&do_end, &&run1, &&run2, &&run3, &&run4, &&run5, &&run6, &&run7, &&run8, &&run9, &&run10, &&run11,
                                        &&run12, &&run13, &&run14, &&run15, &&run16, CHAIN_SCALAR_OPS (LABEL) &&do_call, &&do_end };
  const uint32_t *ip = s->code;
  uint32_t op;
  double *v = s->values;

  for (guint i = 0; i < s->n_in; i++)
    v[s->in[i].index] = *s->in[i].at;
#define D v[ip[0]]
#define A v[ip[1]]
#define B v[ip[2]]
#define C v[ip[3]]
#define NEXT op = *ip++; goto *labels[(uint8_t) op];
#define RUN(n) run##n: D = FMA_T (A, B, C); ip += 4;
#define ROW(name, what) do_##name: D = (what); ip += 4; NEXT
  NEXT
  RUN (16) RUN (15) RUN (14) RUN (13) RUN (12) RUN (11) RUN (10) RUN (9) RUN (8) RUN (7) RUN (6) RUN (5) RUN (4) RUN (3) RUN (2) RUN (1)
  NEXT
  CHAIN_SCALAR_OPS (ROW)
do_call:
  D = scalar_call (&s->calls[op >> 8], A, B, C);
  ip += 4;
  NEXT
do_end:
  for (guint i = 0; i < s->n_out; i++)
    *s->out[i].at = v[s->out[i].index];
#undef D
#undef A
#undef B
#undef C
#undef NEXT
#undef RUN
#undef ROW
#undef LABEL
}
