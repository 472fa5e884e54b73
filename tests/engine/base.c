/* SPDX-License-Identifier: Apache-2.0 */
/* The first room: random numbers against the authors' known answers, numbers as text and back, limits at the limit and one
 * beyond, errors by name, tensors. */
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/rng.h"
#include "engine/base/tensor.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

/* kat_vectors of Random123 1.14, philox4x32 with 10 rounds. */
static void
test_philox (void)
{
  static const struct { uint32_t counter[4], key[2], out[4]; } rows[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff }, { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 }, { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      uint32_t out[4];

      chain_philox (rows[i].counter, rows[i].key, out);
      g_assert_cmpmem (out, sizeof out, rows[i].out, sizeof rows[i].out);
    }
}

static void
test_streams_differ (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint n = 0;

  for (uint64_t seed = 0; seed < 3; seed++)
    for (uint32_t purpose = 1; purpose <= CHAIN_STREAM_VIEW; purpose++)
      for (uint32_t object = 0; object < 3; object++)
        for (uint64_t step = 0; step < 3; step++)
          for (uint32_t at = 0; at < 4; at++)
            {
              ChainStream s;
              uint32_t w[4];
              guint64 *key = g_new (guint64, 1);

              chain_stream_init (&s, seed << 32, purpose, object, step << 32);
              chain_stream_words (&s, at & 1, at >> 1, w);
              *key = (guint64) w[0] << 32 | w[1];
              g_hash_table_add (seen, key);
              n++;
            }
  g_assert_cmpuint (g_hash_table_size (seen), ==, n);
}

static double
draw (const ChainStream *s, uint32_t i, int kind)
{
  switch (kind)
    {
    case 0: return chain_stream_uniform (s, i, 3);
    case 1: return (double) chain_stream_uniformf (s, i, 3);
    case 2: return chain_stream_normal (s, i, 3);
    default: return (double) chain_stream_normalf (s, i, 3);
    }
}

/* First four moments within five standard errors; the standard error of the mean of x^k is sqrt (var (x^k) / n). */
static void
test_moments (void)
{
  enum { N = 40000 };
  static const double uniform[] = { 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8, 1. / 9 };
  static const double normal[] = { 0, 1, 0, 3, 0, 15, 0, 105 };
  ChainStream s;

  chain_stream_init (&s, 2022, CHAIN_STREAM_CHECK, 7, 1);
  for (int kind = 0; kind < 4; kind++)
    {
      const double *moment = kind < 2 ? uniform : normal;
      double sum[4] = { 0 };

      for (uint32_t i = 0; i < N; i++)
        {
          double x = draw (&s, i, kind), power = 1;

          if (kind < 2)
            g_assert_true (x > 0 && x < 1);
          for (int k = 0; k < 4; k++)
            sum[k] += power *= x;
        }
      for (int k = 0; k < 4; k++)
        {
          double sd = sqrt ((moment[2 * k + 1] - moment[k] * moment[k]) / N);

          g_assert_cmpfloat (fabs (sum[k] / N - moment[k]), <, 5 * sd);
        }
    }
}

static void
test_precisions_agree (void)
{
  ChainStream s;

  chain_stream_init (&s, 5, CHAIN_STREAM_DROPOUT, 1, 9);
  for (uint32_t i = 0; i < 1000; i++)
    {
      g_assert_cmpfloat (fabs (chain_stream_uniform (&s, i, i) - (double) chain_stream_uniformf (&s, i, i)), <=, 0x1p-23);
      g_assert_cmpfloat ((double) chain_stream_normalf (&s, i, i), ==, (double) (float) chain_stream_normal (&s, i, i));
    }
}

static void
test_below (void)
{
  static const uint32_t bounds[] = { 1, 2, 3, 7, 1000, 0x80000001u, 0xffffffffu };
  ChainStream s;

  chain_stream_init (&s, 11, CHAIN_STREAM_SHUFFLE, 0, 0);
  for (guint k = 0; k < G_N_ELEMENTS (bounds); k++)
    for (uint32_t i = 0; i < 2000; i++)
      g_assert_cmpuint (chain_stream_below (&s, i, k, bounds[k]), <, bounds[k]);
  for (uint32_t n = 1; n < 50; n++)
    {
      uint32_t p[50];
      gboolean seen[50] = { FALSE };

      chain_stream_permute (&s, p, n);
      for (uint32_t i = 0; i < n; i++)
        {
          g_assert_cmpuint (p[i], <, n);
          g_assert_false (seen[p[i]]);
          seen[p[i]] = TRUE;
        }
    }
}

/* Numbers drawn several at a time are those drawn one by one: a seed keeps its order of rows. */
static void
test_permutations_defined (void)
{
  enum { N = 1003 };
  ChainStream s;
  uint32_t p[N], q[N];

  for (uint32_t n = 1; n <= N; n += n < 40 ? 1 : 107)
    {
      chain_stream_init (&s, 11, CHAIN_STREAM_SHUFFLE, 2, G_GUINT64_CONSTANT (5000000000) + n);
      chain_stream_permute (&s, p, n);
      for (uint32_t i = 0; i < n; i++)
        q[i] = i;
      for (uint32_t i = n; i > 1; i--)
        {
          uint32_t j = chain_stream_below (&s, i - 1, 0, i), t = q[i - 1];
          q[i - 1] = q[j];
          q[j] = t;
        }
      g_assert_cmpmem (p, n * sizeof *p, q, n * sizeof *q);
    }
}

/* Chi-squared over the six orders of three: 5 degrees of freedom, 99.99 % below 25.7. */
static void
test_permutations_fair (void)
{
  enum { N = 6000 };
  guint count[9] = { 0 };
  double chi = 0;

  for (uint32_t i = 0; i < N; i++)
    {
      ChainStream s;
      uint32_t p[3];

      chain_stream_init (&s, 3, CHAIN_STREAM_SHUFFLE, 0, i);
      chain_stream_permute (&s, p, 3);
      count[p[0] * 3 + p[1]]++;
    }
  for (int i = 0; i < 9; i++)
    if (i % 4)   /* 0, 4, 8 would repeat a number */
      chi += (count[i] - N / 6.) * (count[i] - N / 6.) / (N / 6.);
    else
      g_assert_cmpuint (count[i], ==, 0);
  g_assert_cmpfloat (chi, <, 25.7);
}

/* FNV-1a, published: "" and "a" and "foobar". */
static void
test_object (void)
{
  g_assert_cmphex (chain_stream_object (""), ==, 0x811c9dc5);
  g_assert_cmphex (chain_stream_object ("a"), ==, 0xe40c292c);
  g_assert_cmphex (chain_stream_object ("foobar"), ==, 0xbf9cf968);
}

static void
test_number_grammar (void)
{
  static const struct { const char *text; double value; } good[] = {
    { "0", 0 }, { "-0", -0.0 }, { "+1", 1 }, { "1.", 1 }, { ".5", .5 }, { "-.5e-3", -.5e-3 }, { "1e5", 1e5 }, { "1E+05", 1e5 },
    { "000123", 123 }, { "1.7976931348623157e308", DBL_MAX }, { "4.9e-324", 0x1p-1074 }, { "1e-400", 0 },
    { "123456789012345678901234567890", 123456789012345678901234567890. },
  };
  static const char *const bad[] = { "", "+", "-", ".", "e5", "1e", "1e+", " 1", "1 ", "1,5", "0x10", "inf", "nan", "NaN", "Infinity",
                                     "1e999", "-1e999", "1.2.3", "--1", "1e5.0", "1_000", "\342\210\2221", "١" };
  double v = 42;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (chain_number_parse (good[i].text, -1, &v));
      g_assert_cmpmem (&v, sizeof v, &good[i].value, sizeof v);
    }
  v = 42;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (chain_number_parse (bad[i], -1, &v));
      g_assert_cmpfloat (v, ==, 42);
    }
  g_assert_true (chain_number_parse ("1234", 2, &v));
  g_assert_cmpfloat (v, ==, 12);
  g_assert_false (chain_number_parse ("1\0" "2", 3, &v));
}

static void
test_number_long (void)
{
  g_autofree char *text = g_strnfill (5000, '0');
  double v;

  text[1] = '.';
  text[4999] = '7';
  g_assert_true (chain_number_parse (text, -1, &v));
  g_assert_cmpfloat (v, ==, 0);
  text[100] = '5';
  g_assert_true (chain_number_parse (text, -1, &v));
  g_assert_cmpfloat_with_epsilon (v, 5e-99, 1e-114);
}

static void
test_number_int (void)
{
  gint64 v = 0;

  g_assert_true (chain_number_parse_int ("-9223372036854775808", -1, G_MININT64, G_MAXINT64, &v));
  g_assert_cmpint (v, ==, G_MININT64);
  g_assert_true (chain_number_parse_int ("9223372036854775807", -1, G_MININT64, G_MAXINT64, &v));
  g_assert_cmpint (v, ==, G_MAXINT64);
  g_assert_false (chain_number_parse_int ("9223372036854775808", -1, G_MININT64, G_MAXINT64, &v));
  g_assert_false (chain_number_parse_int ("-9223372036854775809", -1, G_MININT64, G_MAXINT64, &v));
  g_assert_true (chain_number_parse_int ("10", -1, 1, 10, &v));
  g_assert_false (chain_number_parse_int ("11", -1, 1, 10, &v));
  g_assert_false (chain_number_parse_int ("0", -1, 1, 10, &v));
  g_assert_false (chain_number_parse_int ("", -1, 0, 10, &v));
  g_assert_false (chain_number_parse_int ("+", -1, 0, 10, &v));
  g_assert_false (chain_number_parse_int ("1.0", -1, 0, 10, &v));
  g_assert_true (chain_number_parse_int ("+0007x", 5, 0, 10, &v));
  g_assert_cmpint (v, ==, 7);
}

static void
assert_round_trip (double value)
{
  char buf[CHAIN_NUMBER_SIZE];
  double back = 0;

  chain_number_write (buf, value);
  g_assert_cmpuint (strlen (buf), <, CHAIN_NUMBER_SIZE);
  g_assert_true (chain_number_parse (buf, -1, &back));
  g_assert_cmpmem (&back, sizeof back, &value, sizeof value);
}

static void
check_written (void)
{
  static const struct { double value; const char *text; } rows[] = {
    { 0.1, "0.1" }, { 1e-7, "1e-07" }, { 1, "1" }, { -0.0, "-0" }, { 1. / 3, "0.3333333333333333" }, { 0.1 + 0.2, "0.30000000000000004" },
    { 5e-324, "5e-324" }, { DBL_MAX, "1.7976931348623157e+308" }, { 123456789, "123456789" }, { 1e22, "1e+22" }, { 0x1p-44, "5.684341886080802e-14" },
    { NAN, "NaN" }, { INFINITY, "Infinity" }, { -INFINITY, "-Infinity" },
  };
  char buf[CHAIN_NUMBER_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (chain_number_write (buf, rows[i].value), ==, rows[i].text);
  g_assert_cmpstr (chain_number_write_digits (buf, 1234.5678, 6), ==, "1234.57");
  g_assert_cmpstr (chain_number_write_digits (buf, 1e-9, 3), ==, "1e-09");
  g_assert_cmpstr (chain_number_write_digits (buf, -INFINITY, 3), ==, "-Infinity");
  g_assert_cmpstr (chain_number_write_fixed (buf, 2.5, 3), ==, "2.500");
  g_assert_cmpstr (chain_number_write_fixed (buf, -1e20, 16), ==, "-1e+20");
  g_assert_cmpstr (chain_number_write_fixed (buf, -12345678901234567168.0, 16), ==, "-12345678901234567168.0000000000000000");
  g_assert_cmpstr (chain_number_write_fixed (buf, NAN, 2), ==, "NaN");
}

static void
test_number_write (void)
{
  check_written ();
  for (int e = -1074; e < 1024; e += 7)
    for (int k = -1; k <= 1; k++)
      {
        double p = ldexp (1, e);

        assert_round_trip (k == 0 ? p : nextafter (p, k * DBL_MAX));
        assert_round_trip (-p);
      }
}

/* The same in every locale of this machine whose decimal point is not a point. */
static void
test_number_locale (void)
{
  static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_AT.UTF-8", "ru_RU.UTF-8", "C.UTF-8", "C" };
  guint tried = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      locale_t other = newlocale (LC_ALL_MASK, names[i], (locale_t) 0), before;
      double v;

      if (other == (locale_t) 0)
        continue;
      tried++;
      before = uselocale (other);
      check_written ();
      g_assert_true (chain_number_parse ("1.5", -1, &v));
      g_assert_cmpfloat (v, ==, 1.5);
      g_assert_false (chain_number_parse ("1,5", -1, &v));
      uselocale (before);
      freelocale (other);
    }
  g_test_message ("%u locales", tried);
  g_assert_cmpuint (tried, >=, 1);
}

static void
test_escape (void)
{
  static const struct { const char *in; gssize len; const char *out; } rows[] = {
    { "plain µ ∂ text", -1, "plain µ ∂ text" },
    { "\x1b[31m\n\t\x7f", -1, "\\x1b[31m\\x0a\\x09\\x7f" },
    { "a\xe2\x80\xae" "b", -1, "a\\u202eb" },
    { "\xc2\x9b", -1, "\\u009b" },
    { "\xe2\x80\xa8\xe2\x81\xa6", -1, "\\u2028\\u2066" },
    { "bad \xff\xc3(", -1, "bad \\xff\\xc3(" },
    { "cut \xe2\x88", -1, "cut \\xe2\\x88" },
    { "nul\0in", 6, "nul\\x00in" },
    { "", -1, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = chain_text_escape (rows[i].in, rows[i].len);

      g_assert_cmpstr (text, ==, rows[i].out);
    }
}

static void
test_limits (void)
{
  gsize v = 7;

  g_assert_true (chain_mul_size (G_MAXSIZE / 3, 3, &v));
  g_assert_cmpuint (v, ==, G_MAXSIZE / 3 * 3);
  v = 7;
  g_assert_false (chain_mul_size (G_MAXSIZE / 2 + 1, 2, &v));
  g_assert_cmpuint (v, ==, 7);
  g_assert_true (chain_add_size (G_MAXSIZE - 1, 1, &v));
  g_assert_cmpuint (v, ==, G_MAXSIZE);
  v = 7;
  g_assert_false (chain_add_size (G_MAXSIZE, 1, &v));
  g_assert_cmpuint (v, ==, 7);
}

static void
test_memory_budget (void)
{
  gsize budget = chain_memory_budget ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (budget, >, (gsize) 1 << 20);
  g_assert_cmpuint (budget, <, (gsize) 1 << 50);
  g_assert_true (chain_memory_check (0, "Nothing", NULL));
  g_assert_false (chain_memory_check (G_MAXSIZE, "Everything", &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "Everything"));
  g_assert_nonnull (strstr (error->message, "MiB"));
}

static void
test_error_names (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code <= CHAIN_ERROR_CANCELLED; code++)
    {
      const char *name = chain_error_name ((ChainErrorCode) code);

      g_assert_nonnull (name);
      g_assert_true (g_hash_table_add (seen, (gpointer) name));
      for (const char *p = name; *p; p++)
        g_assert_true (g_ascii_islower (*p) || *p == '-');
    }
  g_assert_cmpstr (chain_error_name (CHAIN_ERROR_BAD_VALUE), ==, "bad-value");
  g_assert_cmpstr (chain_error_name ((ChainErrorCode) 1000), ==, "unknown");
}

static void
test_tensor (void)
{
  g_autoptr (ChainTensor) t = chain_tensor_new (CHAIN_F32, 3, 5);
  g_autoptr (ChainTensor) wide = NULL;

  g_assert_cmpuint ((guintptr) t->data % 64, ==, 0);
  for (gsize i = 0; i < 15; i++)
    {
      g_assert_cmpfloat (chain_tensor_get (t, i), ==, 0);
      chain_tensor_set (t, i, (double) i + 0.1);
    }
  wide = chain_tensor_copy (t, CHAIN_F64);
  g_assert_cmpfloat (chain_tensor_get (wide, 14), ==, (double) 14.1f);
  chain_tensor_unref (chain_tensor_ref (t));
  g_assert_cmpint (t->ref_count, ==, 1);
  g_assert_null (chain_tensor_new (CHAIN_F64, G_MAXUINT, G_MAXUINT));
  g_assert_null (chain_aligned_new (G_MAXSIZE));
  g_assert_null (chain_aligned_new (G_MAXSIZE - 63));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/philox", test_philox);
  g_test_add_func ("/base/streams-differ", test_streams_differ);
  g_test_add_func ("/base/moments", test_moments);
  g_test_add_func ("/base/precisions-agree", test_precisions_agree);
  g_test_add_func ("/base/below", test_below);
  g_test_add_func ("/base/permutations-fair", test_permutations_fair);
  g_test_add_func ("/base/permutations-defined", test_permutations_defined);
  g_test_add_func ("/base/object", test_object);
  g_test_add_func ("/base/number/grammar", test_number_grammar);
  g_test_add_func ("/base/number/long", test_number_long);
  g_test_add_func ("/base/number/int", test_number_int);
  g_test_add_func ("/base/number/write", test_number_write);
  g_test_add_func ("/base/number/locale", test_number_locale);
  g_test_add_func ("/base/escape", test_escape);
  g_test_add_func ("/base/limits", test_limits);
  g_test_add_func ("/base/memory-budget", test_memory_budget);
  g_test_add_func ("/base/error-names", test_error_names);
  g_test_add_func ("/base/tensor", test_tensor);
  return g_test_run ();
}
