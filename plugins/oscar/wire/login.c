/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login.c - signing in: family 17 (BUCP) and the old sign-on frame of channel 1. */
#include "login.h"

#include "flap.h"

#include <string.h>

#define AIM_STRING "AOL Instant Messenger (SM)"

static void
md5_of (const char *text, guint8 digest[LOGIN_DIGEST_BYTES])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);
  gsize length = LOGIN_DIGEST_BYTES;

  g_checksum_update (sum, (const guchar *) text, (gssize) strlen (text));
  g_checksum_get_digest (sum, digest, &length);
}

void
login_compute_digest (Reader key, const char *password, gboolean strong, guint8 digest[LOGIN_DIGEST_BYTES])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);
  gsize length = LOGIN_DIGEST_BYTES;

  if (key.left > 0)
    g_checksum_update (sum, key.data, (gssize) key.left);
  if (strong)
    {
      md5_of (password, digest);
      g_checksum_update (sum, digest, LOGIN_DIGEST_BYTES);
    }
  else
    g_checksum_update (sum, (const guchar *) password, (gssize) strlen (password));
  g_checksum_update (sum, (const guchar *) AIM_STRING, strlen (AIM_STRING));
  g_checksum_get_digest (sum, digest, &length);
}

GByteArray *
login_roast (const char *password)
{
  static const guint8 table[16] = { 0xf3, 0x26, 0x81, 0xc4, 0x39, 0x86, 0xdb, 0x92, 0x71, 0xa3, 0xb9, 0xe6, 0x53, 0x7a, 0x95, 0x7c };
  GByteArray *out = g_byte_array_new ();

  for (gsize i = 0; password[i] != '\0'; i++)
    bytes_add_u8 (out, (guchar) password[i] ^ table[i % 16]);
  return out;
}

GByteArray *
login_build_challenge_request (const char *name)
{
  GByteArray *out = g_byte_array_new ();

  tlv_add_string (out, 0x01, name);
  tlv_add_empty (out, 0x4b);
  tlv_add_empty (out, 0x5a);
  return out;
}

static void
add_client (GByteArray *out, const LoginClient *client, LoginMulti multi)
{
  tlv_add_string (out, 0x03, client->name);
  tlv_add_u16 (out, 0x16, client->id);
  tlv_add_u16 (out, 0x17, client->major);
  tlv_add_u16 (out, 0x18, client->minor);
  tlv_add_u16 (out, 0x19, client->lesser);
  tlv_add_u16 (out, 0x1a, client->build);
  tlv_add_u32 (out, 0x14, client->distribution);
  tlv_add_string (out, 0x0f, "en");
  tlv_add_string (out, 0x0e, "us");
  if (multi != LOGIN_MULTI_UNSAID)
    tlv_add_u8 (out, 0x4a, multi);
}

GByteArray *
login_build_request (const char *name, const guint8 digest[LOGIN_DIGEST_BYTES], gboolean strong,
                     const LoginClient *client, LoginMulti multi)
{
  GByteArray *out = g_byte_array_new ();

  tlv_add_string (out, 0x01, name);
  tlv_add (out, 0x25, digest, LOGIN_DIGEST_BYTES);
  if (strong)
    tlv_add_empty (out, 0x4c);
  add_client (out, client, multi);
  return out;
}

gboolean
login_parse_challenge (Reader body, Reader *key, gboolean *cut)
{
  *key = reader_sub (&body, reader_u16 (&body));
  *cut = tlv_has (body, 0x26);
  return !key->bad && key->left > 0;
}

GByteArray *
login_build_hello (void)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u32 (out, FLAP_VERSION);
  return out;
}

GByteArray *
login_build_signon (const char *name, const char *password, const LoginClient *client, LoginMulti multi)
{
  g_autoptr (GByteArray) roasted = login_roast (password);
  GByteArray *out = login_build_hello ();

  tlv_add_string (out, 0x01, name);
  tlv_add_array (out, 0x02, roasted);
  add_client (out, client, multi);
  return out;
}

GByteArray *
login_build_cookie_hello (const GByteArray *cookie)
{
  GByteArray *out = login_build_hello ();

  tlv_add_array (out, 0x06, cookie);
  return out;
}

void
login_parse_reply (Reader tlvs, LoginReply *reply)
{
  Tlv tlv;

  *reply = (LoginReply) { 0 };
  while (tlv_next (&tlvs, &tlv))
    switch (tlv.type)
      {
      case 0x01:
        g_free (reply->name);
        reply->name = tlv_dup_string (&tlv);
        break;
      case 0x04:
        g_free (reply->url);
        reply->url = tlv_dup_string (&tlv);
        break;
      case 0x05:
        g_free (reply->host);
        reply->host = tlv_dup_string (&tlv);
        break;
      case 0x06:
        g_clear_pointer (&reply->cookie, g_byte_array_unref);
        reply->cookie = g_byte_array_new ();
        bytes_add (reply->cookie, tlv.value, tlv.length);
        break;
      case 0x08:
        reply->refused = TRUE;
        reply->error = (guint16) tlv_uint (&tlv);
        break;
      case 0x8e:
        reply->ssl = (guint8) tlv_uint (&tlv);
        break;
      default:
        break;
      }
}

void
login_reply_clear (LoginReply *reply)
{
  g_clear_pointer (&reply->name, g_free);
  g_clear_pointer (&reply->host, g_free);
  g_clear_pointer (&reply->url, g_free);
  g_clear_pointer (&reply->cookie, g_byte_array_unref);
}

const char *
login_error_text (guint16 error, LoginFailure *failure)
{
  static const struct {
    guint16 error;
    LoginFailure failure;
    const char *text;
  } rows[] = {
    { 0x01, LOGIN_FAILS_FOR_NAME, "There is no account with this name." },
    { 0x02, LOGIN_FAILS_FOR_NOW, "The sign-in service is temporarily unavailable." },
    { 0x03, LOGIN_FAILS_FOR_NOW, "The sign-in service reports an error of its own." },
    { 0x04, LOGIN_FAILS_FOR_PASSWORD, "The name or the password is wrong." },
    { 0x05, LOGIN_FAILS_FOR_PASSWORD, "The password is wrong." },
    { 0x06, LOGIN_FAILS_FOR_NOW, "The server could not read our request to sign in." },
    { 0x07, LOGIN_FAILS_FOR_NAME, "The account is invalid." },
    { 0x08, LOGIN_FAILS_FOR_NAME, "The account does not exist, or was deleted." },
    { 0x09, LOGIN_FAILS_FOR_ACCOUNT, "The account has expired." },
    { 0x0a, LOGIN_FAILS_FOR_NOW, "The server has no access to its data base." },
    { 0x0b, LOGIN_FAILS_FOR_NOW, "The server has no access to its resolver." },
    { 0x0c, LOGIN_FAILS_FOR_NOW, "The server's data base has invalid fields." },
    { 0x0d, LOGIN_FAILS_FOR_NOW, "The server's data base has a bad status." },
    { 0x0e, LOGIN_FAILS_FOR_NOW, "The server's resolver has a bad status." },
    { 0x0f, LOGIN_FAILS_FOR_NOW, "The server reports an internal error." },
    { 0x10, LOGIN_FAILS_FOR_NOW, "The service is off line." },
    { 0x11, LOGIN_FAILS_FOR_ACCOUNT, "The account is suspended." },
    { 0x12, LOGIN_FAILS_FOR_NOW, "The server's data base cannot be reached." },
    { 0x13, LOGIN_FAILS_FOR_NOW, "The server's data base cannot be linked to." },
    { 0x14, LOGIN_FAILS_FOR_NOW, "The server could not reserve a session (map error)." },
    { 0x15, LOGIN_FAILS_FOR_NOW, "The server could not reserve a session (link error)." },
    { 0x16, LOGIN_FAILS_FOR_NOW, "Too many have signed in from this address." },
    { 0x17, LOGIN_FAILS_FOR_NOW, "Too many have signed in from this address for now." },
    { 0x18, LOGIN_FAILS_FOR_NOW, "The account signs in too often, or is signed in too many times. Wait some minutes." },
    { 0x19, LOGIN_FAILS_FOR_NOW, "The account's warning level is too high." },
    { 0x1a, LOGIN_FAILS_FOR_NOW, "The server took too long to reserve a session." },
    { 0x1b, LOGIN_FAILS_FOR_CLIENT, "The server wants a newer program." },
    { 0x1c, LOGIN_FAILS_FOR_CLIENT, "The server recommends a newer program." },
    { 0x1d, LOGIN_FAILS_FOR_NOW, "Too many attempts to sign in. Wait some minutes." },
    { 0x1e, LOGIN_FAILS_FOR_NOW, "The account cannot be registered on the ICQ network." },
    { 0x20, LOGIN_FAILS_FOR_PASSWORD, "The SecurID code is wrong." },
    { 0x22, LOGIN_FAILS_FOR_ACCOUNT, "The account is suspended because of its owner's age." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].error == error)
      {
        *failure = rows[i].failure;
        return rows[i].text;
      }
  *failure = LOGIN_FAILS_FOR_NOW;
  return "The server refused to sign us in for a reason that is not known.";
}
