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
#define LABEL_1(i) &&run_##i,
#define LABEL_2(i, j) &&run_##i##_##j,
#define LABEL_3(i, j, k) &&run_##i##_##j##_##k,
  static const void *const labels[] = { CHAIN_SCALAR_ROWS_1 (LABEL_1) CHAIN_SCALAR_ROWS_2 (LABEL_2) CHAIN_SCALAR_ROWS_3 (LABEL_3)
                                        CHAIN_SCALAR_OPS (LABEL) &&do_call, &&do_end };
  const uint32_t *ip = s->code;
  uint32_t op;
  double *v = s->values, t = 0;   /* t: what was made last */

  for (guint i = 0; i < s->n_in; i++)
    v[s->in[i].index] = *s->in[i].at;
#define D v[ip[0]]
#define A v[ip[1]]
#define B v[ip[2]]
#define C v[ip[3]]
#define NEXT op = *ip++; goto *labels[(uint8_t) op];
#define STEP(kind) D = t = FMA_T (kind == CHAIN_SCALAR_AS_A ? t : A, B, kind == CHAIN_SCALAR_AS_C ? t : C); ip += 4;
#define RUN_1(i) run_##i: STEP (i) NEXT
#define RUN_2(i, j) run_##i##_##j: STEP (i) STEP (j) NEXT
#define RUN_3(i, j, k) run_##i##_##j##_##k: STEP (i) STEP (j) STEP (k) NEXT
#define ROW(name, what) do_##name: D = t = (what); ip += 4; NEXT
  NEXT
  CHAIN_SCALAR_ROWS_1 (RUN_1)
  CHAIN_SCALAR_ROWS_2 (RUN_2)
  CHAIN_SCALAR_ROWS_3 (RUN_3)
  CHAIN_SCALAR_OPS (ROW)
do_call:
  D = t = scalar_call (&s->calls[op >> 8], A, B, C);
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
#undef STEP
#undef RUN_1
#undef RUN_2
#undef RUN_3
#undef ROW
#undef LABEL
#undef LABEL_1
#undef LABEL_2
#undef LABEL_3
}
