/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor's name is a layer and a word for what it is in the layer. PyTorch joins them by a dot ("0.weight"), Keras by a slash and adds ":0"
 * ("dense_1/kernel:0"), Flax calls the word "kernel", and in hand-made files one finds "W1" and "b1". */
#include "app/io/weights/names.h"

#include <string.h>

static const struct { const char *word; ChainTensorWord is; gboolean kernel; } words[] = {
  { "weight", CHAIN_TENSOR_WEIGHT, FALSE }, { "kernel", CHAIN_TENSOR_WEIGHT, TRUE },       { "w", CHAIN_TENSOR_WEIGHT, FALSE },
  { "weights", CHAIN_TENSOR_WEIGHT, FALSE }, { "bias", CHAIN_TENSOR_BIAS, FALSE },         { "b", CHAIN_TENSOR_BIAS, FALSE },
  { "biases", CHAIN_TENSOR_BIAS, FALSE },   { "beta", CHAIN_TENSOR_BIAS, FALSE },          { "gamma", CHAIN_TENSOR_SCALE, FALSE },
  { "scale", CHAIN_TENSOR_SCALE, FALSE },   { "running_mean", CHAIN_TENSOR_MEAN, FALSE },  { "moving_mean", CHAIN_TENSOR_MEAN, FALSE },
  { "mean", CHAIN_TENSOR_MEAN, FALSE },     { "running_var", CHAIN_TENSOR_VAR, FALSE },    { "moving_variance", CHAIN_TENSOR_VAR, FALSE },
  { "var", CHAIN_TENSOR_VAR, FALSE },       { "a", CHAIN_TENSOR_SLOPE, FALSE },            { "alpha", CHAIN_TENSOR_SLOPE, FALSE },
  { "slope", CHAIN_TENSOR_SLOPE, FALSE },
};

static ChainTensorWord
word_of (const char *text, gsize len, gboolean *kernel)
{
  g_autofree char *lower = g_ascii_strdown (text, (gssize) len);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (lower, words[i].word) == 0)
      {
        *kernel = words[i].kernel;
        return words[i].is;
      }
  return CHAIN_TENSOR_OTHER;
}

/* "W1": letters that are a word, then a number. */
static ChainTensorWord
numbered (const char *text, char **layer, gboolean *kernel)
{
  gsize letters = strcspn (text, "0123456789");
  ChainTensorWord word = word_of (text, letters, kernel);

  if (word == CHAIN_TENSOR_OTHER)
    return word;
  *layer = g_strdup (text + letters);
  return word;
}

ChainTensorWord
_chain_tensor_name_read (const char *name, char **layer, gboolean *kernel)
{
  const char *tail = strrchr (name, ':');
  g_autofree char *text = tail != NULL && strspn (tail + 1, "0123456789") == strlen (tail + 1) ? g_strndup (name, (gsize) (tail - name)) : g_strdup (name);
  char *dot = MAX (strrchr (text, '.'), strrchr (text, '/'));
  ChainTensorWord word;

  *kernel = FALSE;
  if (dot == NULL)
    {
      word = numbered (text, layer, kernel);
      if (word == CHAIN_TENSOR_OTHER)
        *layer = g_steal_pointer (&text);
      return word;
    }
  word = word_of (dot + 1, strlen (dot + 1), kernel);
  *layer = g_strndup (text, (gsize) (dot - text));
  return word;
}

int
_chain_tensor_name_compare (const char *a, const char *b)
{
  for (; *a != '\0' && *b != '\0'; )
    {
      gsize na = strspn (a, "0123456789"), nb = strspn (b, "0123456789");

      if (na > 0 && nb > 0)
        {
          for (; na > 1 && *a == '0'; a++)
            na--;
          for (; nb > 1 && *b == '0'; b++)
            nb--;
          int c = na != nb ? (na < nb ? -1 : 1) : strncmp (a, b, na);

          if (c != 0)
            return c;
          a += na;
          b += nb;
        }
      else if (*a != *b)
        return (guchar) *a < (guchar) *b ? -1 : 1;
      else
        {
          a++;
          b++;
        }
    }
  return *a == *b ? 0 : *a == '\0' ? -1 : 1;
}

char *
_chain_tensor_name_stem (const char *name)
{
  GString *stem = g_string_new (NULL);

  for (; *name != '\0'; name++)
    if (strchr ("0123456789._/", *name) == NULL)
      g_string_append_c (stem, *name);
  return g_string_free (stem, FALSE);
}
