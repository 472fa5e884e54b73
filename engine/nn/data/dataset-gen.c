/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets made on the spot. Point i is a function of (seed, set, i) alone: a larger n keeps the points that were there (up to the
 * standardising of two moons), and noise is added to the same points when σ changes. Classes alternate, so every n is balanced
 * unless a ratio is asked for.
 *
 * Everything is scaled to about [−2.6, 2.6], the square that the pictures show. */
#include "engine/nn/table/rows.h"

#include "engine/base/rng.h"

#include <math.h>

/* Columns of the stream: 0, 1 place a point, 2 and up are its noise. */
enum { COL_U, COL_V, COL_EX, COL_EY, COL_TAIL };

#define SPAN 2.6

static ChainStream
stream_of (const ChainParams *p, uint64_t seed)
{
  ChainStream s;

  chain_stream_init (&s, seed, CHAIN_STREAM_DATA, chain_stream_object (p->info->id), 0);
  return s;
}

static void
add_noise (double *x, guint n, double sigma, const ChainStream *s)
{
  for (guint i = 0; i < n && sigma > 0; i++)
    {
      x[2 * i] += sigma * chain_stream_normal (s, i, COL_EX);
      x[2 * i + 1] += sigma * chain_stream_normal (s, i, COL_EY);
    }
}

static void
scale_all (double *x, guint n, double factor)
{
  for (guint i = 0; i < 2 * n; i++)
    x[i] *= factor;
}

static void
standardise (double *x, guint n)
{
  for (guint j = 0; j < 2; j++)
    {
      double mean = 0, var = 0;

      for (guint i = 0; i < n; i++)
        mean += x[2 * i + j] / n;
      for (guint i = 0; i < n; i++)
        var += (x[2 * i + j] - mean) * (x[2 * i + j] - mean) / n;
      for (guint i = 0; i < n; i++)
        x[2 * i + j] = (x[2 * i + j] - mean) / (var > 0 ? sqrt (var) : 1);
    }
}

static void
gen_moons (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);
  guint many = (guint) chain_param (p, "ratio");

  for (guint i = 0; i < n; i++)
    {
      double a = G_PI * chain_stream_uniform (&s, i, COL_U);
      gboolean second = i % (many + 1) == many;

      t[i] = second;
      x[2 * i] = second ? 1 - cos (a) : cos (a);
      x[2 * i + 1] = second ? 0.5 - sin (a) : sin (a);
    }
  add_noise (x, n, chain_param (p, "noise"), &s);
  standardise (x, n);
}

static void
gen_circles (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);

  for (guint i = 0; i < n; i++)
    {
      double a = 2 * G_PI * chain_stream_uniform (&s, i, COL_U), r = i % 2 ? 0.45 : 1;

      t[i] = i % 2;
      x[2 * i] = r * cos (a);
      x[2 * i + 1] = r * sin (a);
    }
  add_noise (x, n, chain_param (p, "noise"), &s);
  scale_all (x, n, 2);
}

static void
gen_spirals (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);
  guint arms = (guint) chain_param (p, "arms");

  for (guint i = 0; i < n; i++)
    {
      double u = chain_stream_uniform (&s, i, COL_U), r = 0.1 + 0.9 * u, a = 3.5 * G_PI * u + 2 * G_PI * (i % arms) / arms;

      t[i] = i % arms;
      x[2 * i] = r * cos (a);
      x[2 * i + 1] = r * sin (a);
    }
  add_noise (x, n, chain_param (p, "noise"), &s);
  scale_all (x, n, 2.4);
}

/* u in (−1, 1) pushed away from 0 by the margin. */
static double
beyond (double u, double margin)
{
  return copysign (margin + (1 - margin) * fabs (u), u);
}

static void
gen_xor (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);
  double margin = chain_param (p, "margin");

  for (guint i = 0; i < n; i++)
    {
      double a = beyond (2 * chain_stream_uniform (&s, i, COL_U) - 1, margin);
      double b = fabs (beyond (2 * chain_stream_uniform (&s, i, COL_V) - 1, margin));

      t[i] = i % 2;                            /* 1 where xy > 0 */
      x[2 * i] = a;
      x[2 * i + 1] = (a > 0) == (i % 2 == 1) ? b : -b;
    }
  add_noise (x, n, chain_param (p, "noise"), &s);
  scale_all (x, n, 2.5);
}

static void
gen_checkerboard (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);

  for (guint i = 0; i < n; i++)
    {
      double a = 4 * chain_stream_uniform (&s, i, COL_U) - 2, b = 4 * chain_stream_uniform (&s, i, COL_V) - 2;

      x[2 * i] = a;
      x[2 * i + 1] = b;
      t[i] = fabs (fmod (floor (a) + floor (b), 2));
    }
  add_noise (x, n, chain_param (p, "noise"), &s);
  scale_all (x, n, 1.25);
}

static void
gen_blobs (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);
  guint classes = (guint) chain_param (p, "classes");

  for (guint i = 0; i < n; i++)
    {
      double a = 2 * G_PI * (i % classes) / classes + G_PI / 2;

      t[i] = i % classes;
      x[2 * i] = 1.2 * cos (a);
      x[2 * i + 1] = 1.2 * sin (a);
    }
  add_noise (x, n, chain_param (p, "noise"), &s);
}

static void
gen_linear (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);

  for (guint i = 0; i < n; i++)
    {
      double side = i % 2 ? 1 : -1;

      t[i] = i % 2;
      x[2 * i] = side * 0.8;
      x[2 * i + 1] = side * 0.4;
    }
  add_noise (x, n, chain_param (p, "noise"), &s);
}

/* --- regression: t is y; noise is on y --- */
static double
wave (double x)
{
  return sin (2.5 * x) + 0.3 * x;
}

static double
step (double x)
{
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static double
sawtooth (double x)
{
  return x - floor (x);
}

static void
gen_curve (double *x, double *t, guint n, const ChainParams *p, uint64_t seed, double (*f) (double x))
{
  ChainStream s = stream_of (p, seed);
  double sigma = chain_param (p, "noise");

  for (guint i = 0; i < n; i++)
    {
      x[i] = SPAN * (2 * chain_stream_uniform (&s, i, COL_U) - 1);
      t[i] = f (x[i]) + sigma * chain_stream_normal (&s, i, COL_EY);
    }
}

static void
gen_wave (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  gen_curve (x, t, n, p, seed, wave);
}

static void
gen_step (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  gen_curve (x, t, n, p, seed, step);
}

static void
gen_sawtooth (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  gen_curve (x, t, n, p, seed, sawtooth);
}

/* Student's t with two degrees of freedom: N / √(χ²₂/2), and χ²₂/2 = −ln U. Its variance is infinite. */
static void
gen_heavy_tails (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);
  double sigma = chain_param (p, "noise");

  for (guint i = 0; i < n; i++)
    {
      double tail = chain_stream_normal (&s, i, COL_EY) / sqrt (-log (chain_stream_uniform (&s, i, COL_TAIL)));

      x[i] = SPAN * (2 * chain_stream_uniform (&s, i, COL_U) - 1);
      t[i] = wave (x[i]) + sigma * tail;
    }
}

static void
gen_plane_bump (double *x, double *t, guint n, const ChainParams *p, uint64_t seed)
{
  ChainStream s = stream_of (p, seed);
  double sigma = chain_param (p, "noise");

  for (guint i = 0; i < n; i++)
    {
      double a = SPAN * (2 * chain_stream_uniform (&s, i, COL_U) - 1), b = SPAN * (2 * chain_stream_uniform (&s, i, COL_V) - 1);

      x[2 * i] = a;
      x[2 * i + 1] = b;
      t[i] = 0.3 * a - 0.2 * b + exp (-(a * a + b * b)) + sigma * chain_stream_normal (&s, i, COL_EY);
    }
}

#define COUNT(start) { ROW_PARAM ("n", N_ ("Points"), start, 2, 100000), .integer = TRUE, .log_scale = TRUE }
#define NOISE(start) { ROW_PARAM ("noise", N_ ("Noise σ"), start, 0, 10) }

static const ChainParamInfo moons_params[] = {
  COUNT (300), NOISE (0.17), { ROW_PARAM ("ratio", N_ ("Points of the first moon for each of the second"), 1, 1, 1000), .integer = TRUE },
};
static const ChainParamInfo circles_params[] = { COUNT (300), NOISE (0.10) };
static const ChainParamInfo spirals_params[] = {
  COUNT (400), NOISE (0.03), { ROW_PARAM ("arms", N_ ("Arms"), 2, 2, 3), .integer = TRUE },
};
static const ChainParamInfo xor_params[] = { COUNT (300), NOISE (0), { ROW_PARAM ("margin", N_ ("Gap along the axes"), 0.06, 0, 0.9) } };
static const ChainParamInfo board_params[] = { COUNT (600), NOISE (0) };
static const ChainParamInfo blobs_params[] = {
  COUNT (300), NOISE (0.35), { ROW_PARAM ("classes", N_ ("Classes"), 3, 2, 6), .integer = TRUE },
};
static const ChainParamInfo linear_params[] = { COUNT (200), NOISE (0.4) };
static const ChainParamInfo wave_params[] = { COUNT (120), NOISE (0.12) };
static const ChainParamInfo plain_params[] = { COUNT (120), NOISE (0) };
static const ChainParamInfo plane_params[] = { COUNT (500), NOISE (0) };

#define MADE(job, d, c, function) .generated = TRUE, .task = job, .licence = "generated", .dims = d, .classes = c, .generate = function

static const ChainDataRow rows[] = {
  { .info = { ROW_INFO ("moons", N_ ("Two moons"), "(cos πu, sin πu) and (1 − cos πu, ½ − sin πu), u ~ U(0, 1), + noise ε, standardised", "–", "–",
              NULL, "scikit-learn make_moons · – · –", N_ ("Use it as the smallest task that needs a bend: two interlocked arcs."), N_ ("Two inputs")),
              ROW_PARAMS (moons_params) },
    MADE ("classify", 2, 2, gen_moons) },
  { .info = { ROW_INFO ("circles", N_ ("Circles"), "radius 1 or 0.45, angle 2πu, u ~ U(0, 1), + noise ε", "–", "–", NULL,
              "scikit-learn make_circles · – · –", N_ ("Use it to see that three hidden units can enclose a class that lies inside the other."),
              N_ ("Two inputs")), ROW_PARAMS (circles_params) },
    MADE ("classify", 2, 2, gen_circles) },
  { .info = { ROW_INFO ("spirals", N_ ("Spirals"), "r = 0.1 + 0.9u, angle = 3.5πu + 2πk/K of arm k of K, u ~ U(0, 1), + noise ε", "–",
              "Lang & Witbrock 1988", NULL, "– · – · –", N_ ("Use it as a hard task for small networks, and watch the boundary wind itself up."),
              N_ ("Two inputs")), ROW_PARAMS (spirals_params) },
    MADE ("classify", 2, 2, gen_spirals) },
  { .info = { ROW_INFO ("xor", N_ ("XOR"), "x, y ~ U(−1, 1), class = [xy > 0], with a gap", "–", "Minsky & Papert 1969", NULL, "– · – · –",
              N_ ("Use it to see what a single layer cannot do."), N_ ("Two inputs")), ROW_PARAMS (xor_params) },
    MADE ("classify", 2, 2, gen_xor) },
  { .info = { ROW_INFO ("blobs", N_ ("Blobs"), "Gaussian clouds about centres on a circle of radius 1.2", "–", "–", NULL,
              "scikit-learn make_blobs · – · –", N_ ("Use it for several classes that straight lines separate."), N_ ("Two inputs")),
              ROW_PARAMS (blobs_params) },
    MADE ("classify", 2, 3, gen_blobs) },
  { .info = { ROW_INFO ("linear", N_ ("Linear"), "two Gaussians at ±(0.8, 0.4)", "–", "–", NULL, "– · – · –",
              N_ ("Use it to see that one neuron is enough; raise σ and the classes overlap."), N_ ("Two inputs")), ROW_PARAMS (linear_params) },
    MADE ("classify", 2, 2, gen_linear) },
  { .info = { ROW_INFO ("checkerboard", N_ ("Checkerboard"), "x, y ~ U(−2, 2), class = (⌊x⌋ + ⌊y⌋) mod 2", "–", "–", NULL,
              "scikit-learn make_checkerboard · – · –", N_ ("Use it to see the limits of small networks: sixteen fields need width."),
              N_ ("Two inputs")),
              ROW_PARAMS (board_params) },
    MADE ("classify", 2, 2, gen_checkerboard) },
  { .info = { ROW_INFO ("wave", N_ ("Wave"), "y = sin 2.5x + 0.3x + noise ε", "–", "–", NULL, "– · – · –",
              N_ ("Use it as a curve to fit, and watch the units bend into place."), N_ ("One input")),
              ROW_PARAMS (wave_params) },
    MADE ("regress", 1, 0, gen_wave) },
  { .info = { ROW_INFO ("step", N_ ("Step"), "y = sign x", "–", "–", NULL, "– · – · –", N_ ("Use it to see how a smooth network approaches a jump."),
              N_ ("One input")),
              ROW_PARAMS (plain_params) },
    MADE ("regress", 1, 0, gen_step) },
  { .info = { ROW_INFO ("sawtooth", N_ ("Sawtooth"), "y = x − ⌊x⌋", "–", "–", NULL, "– · – · –",
              N_ ("Use it to see which activation likes corners: ramps and jumps."), N_ ("One input")),
              ROW_PARAMS (plain_params) },
    MADE ("regress", 1, 0, gen_sawtooth) },
  { .info = { ROW_INFO ("heavy_tails", N_ ("Wave with heavy tails"), "y = sin 2.5x + 0.3x + σ·t₂, t₂ Student's t with two degrees of freedom", "–",
              "–", NULL, "– · – · –", N_ ("Use it to compare the squared error with L1 and Huber: a few points are wild."), N_ ("One input")),
              ROW_PARAMS (wave_params) },
    MADE ("regress", 1, 0, gen_heavy_tails) },
  { .info = { ROW_INFO ("plane_bump", N_ ("Plane with a bump"), "z = 0.3x − 0.2y + e^−(x² + y²)", "–", "–", NULL, "– · – · –",
              N_ ("Use it as a surface over two inputs: the plane is easy, the bump needs hidden units."), N_ ("Two inputs")),
              ROW_PARAMS (plane_params) },
    MADE ("regress", 2, 0, gen_plane_bump) },
};

const void *
_chain_data_generated (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
