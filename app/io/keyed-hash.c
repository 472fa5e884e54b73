/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-1-3 (Aumasson and Bernstein, INDOCRYPT 2012; one compression round and three at the end, as Rust and Python use it): without
 * the key nobody can make names that collide. */
#include "app/io/keyed-hash.h"

#include <string.h>
#include <sys/random.h>

#define ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

static inline void
sip_round (guint64 v[4])
{
  v[0] += v[1];
  v[2] += v[3];
  v[1] = ROTL (v[1], 13) ^ v[0];
  v[3] = ROTL (v[3], 16) ^ v[2];
  v[0] = ROTL (v[0], 32) + v[3];
  v[2] += v[1];
  v[3] = ROTL (v[3], 21) ^ v[0];
  v[1] = ROTL (v[1], 17) ^ v[2];
  v[2] = ROTL (v[2], 32);
}

static const guint64 *
get_key (void)
{
  static guint64 key[2];
  static gsize once;

  if (g_once_init_enter (&once))
    {
      if (getrandom (key, sizeof key, 0) != sizeof key)
        key[0] = (guint64) g_get_monotonic_time () ^ (guint64) (gsize) &key;
      g_once_init_leave (&once, 1);
    }
  return key;
}

guint
chain_keyed_hash (gconstpointer text)
{
  const guint64 *key = get_key ();
  gsize n = strlen (text), i;
  guint64 v[4] = { key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u };
  guint64 m;

  for (i = 0; i + 8 <= n; i += 8)
    {
      memcpy (&m, (const char *) text + i, 8);
      v[3] ^= m;
      sip_round (v);
      v[0] ^= m;
    }
  m = (guint64) n << 56;
  memcpy (&m, (const char *) text + i, n - i);   /* little endian: the length stays in the top byte */
  v[3] ^= m;
  sip_round (v);
  v[0] ^= m;
  v[2] ^= 0xff;
  for (i = 0; i < 3; i++)
    sip_round (v);
  m = v[0] ^ v[1] ^ v[2] ^ v[3];
  return (guint) (m ^ m >> 32);
}
