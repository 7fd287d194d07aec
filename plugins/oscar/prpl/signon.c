/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signon.c - from name and password to the cookie with which BOS lets us in.
 *
 * Three ways: BUCP with MD5 over the MD5 of the password, with MD5 over the password itself, and the frame of channel 1
 * that old ICQ servers want.  A refusal may come at any moment and in either form, whichever way was chosen.  */
#include "signon.h"

#include <string.h>

#include "bos.h"
#include "charset.h"
#include "screen_names.h"
#include "stream.h"

#define STEPS 6
/* A server that says nothing is given up. */
#define PATIENCE_SECONDS 30
/* Old servers of ICQ look at so many bytes of a password. */
#define ICQ_PASSWORD_BYTES 8
/* No server takes a longer one, and a frame only so much. */
#define PASSWORD_MOST 1000

struct Signon {
  Session *session;
  Stream *stream;      /* owned */
  guint timer;
  guint32 last_id;
  gboolean by_frame, strong, done;
};

gboolean
signon_requires_tls (PurpleAccount *account)
{
  const char *encryption = purple_account_get_string (account, "encryption", "no_encryption");

  return g_str_equal (encryption, "require_encryption") || purple_account_get_bool (account, "use_ssl", FALSE);
}

gboolean
signon_prefers_tls (PurpleAccount *account)
{
  return signon_requires_tls (account)
         || g_str_equal (purple_account_get_string (account, "encryption", "no_encryption"), "opportunistic_encryption");
}

static LoginClient
get_client (Session *session)
{
  LoginClient client = { "Purple/2.14", 0x0109, 5, 1, 0, 0x0bdc, 0x00000611 };

  if (session->icq)
    {
      client.id = 0x010a;
      client.major = 0x14;
      client.minor = 0x34;
      client.build = 0x0c18;
    }
  return client;
}

static LoginMulti
get_multi (Session *session)
{
  return purple_account_get_bool (session->account, "allow_multiple_logins", TRUE) ? LOGIN_MULTI_ALLOW : LOGIN_MULTI_END_OTHERS;
}

/* In the encoding of the account; for free_password. */
static char *
dup_password (Session *session, gboolean cut)
{
  const char *password = purple_connection_get_password (session->gc);
  char *copy = session->icq ? charset_dup_legacy (password != NULL ? password : "", session_get_encoding (session))
                            : g_strdup (password != NULL ? password : "");

  if ((cut || session->icq) && strlen (copy) > ICQ_PASSWORD_BYTES)
    copy[ICQ_PASSWORD_BYTES] = '\0';
  else if (strlen (copy) > PASSWORD_MOST)
    copy[PASSWORD_MOST] = '\0';
  return copy;
}

static void
free_password (char *password)
{
  memset (password, 0, strlen (password));
  g_free (password);
}

static void
send_snac (Signon *signon, guint16 subtype, GByteArray *body)
{
  g_autoptr (GByteArray) owned = body;
  g_autoptr (GByteArray) snac = g_byte_array_new ();

  snac_add_header (snac, FAMILY_BUCP, subtype, 0, ++signon->last_id);
  bytes_add_array (snac, owned);
  stream_send (signon->stream, FLAP_DATA, snac);
}

/* -- How it ends ---------------------------------------------------------- */

static void
refuse (Session *session, const LoginReply *reply)
{
  static const PurpleConnectionError reasons[] = {
    [LOGIN_FAILS_FOR_NAME] = PURPLE_CONNECTION_ERROR_INVALID_USERNAME,
    [LOGIN_FAILS_FOR_PASSWORD] = PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
    [LOGIN_FAILS_FOR_ACCOUNT] = PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
    [LOGIN_FAILS_FOR_NOW] = PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
    [LOGIN_FAILS_FOR_CLIENT] = PURPLE_CONNECTION_ERROR_OTHER_ERROR,
  };
  LoginFailure failure;
  const char *text = login_error_text (reply->error, &failure);
  g_autofree char *url = reply->url != NULL ? charset_decode_any (reader_of (reply->url, strlen (reply->url)), NULL) : NULL;

  purple_debug_info (session->category, "sign-in refused with code %04x\n", reply->error);
  if (failure == LOGIN_FAILS_FOR_PASSWORD && !purple_account_get_remember_password (session->account))
    purple_account_set_password (session->account, NULL);
  session_fail (session, reasons[failure], "%s%s%s", text, url != NULL && *url != '\0' ? " See " : "", url != NULL ? url : "");
}

static void
finish (Signon *signon, Reader tlvs)
{
  Session *session = signon->session;
  g_auto (LoginReply) reply = { 0 };

  login_parse_reply (tlvs, &reply);
  signon->done = TRUE;
  if (reply.refused)
    refuse (session, &reply);
  else if (reply.host == NULL || *reply.host == '\0' || reply.cookie == NULL)
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server neither let us in nor said why not.");
  else
    {
      gboolean tls = signon_requires_tls (session->account) || (signon_prefers_tls (session->account) && reply.ssl != 0);

      if (reply.ssl == 2 && !tls)
        {
          session_fail (session, PURPLE_CONNECTION_ERROR_NO_SSL_SUPPORT, "The server wants encryption; set the option.");
          return;
        }
      if (reply.name != NULL && *reply.name != '\0')
        {
          g_autofree char *name = charset_decode_any (reader_of (reply.name, strlen (reply.name)), NULL);

          purple_connection_set_display_name (session->gc, name);
        }
      g_clear_pointer (&session->signon, signon_free);
      bos_begin (session, reply.host, reply.cookie, tls);
    }
}

/* -- What the server says ------------------------------------------------- */

static void
answer_challenge (Signon *signon, const Snac *snac)
{
  Session *session = signon->session;
  LoginClient client = get_client (session);
  guint8 digest[LOGIN_DIGEST_BYTES];
  char *password;
  Reader key;
  gboolean cut;

  if (!login_parse_challenge (snac->body, &key, &cut))
    {
      session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server's challenge cannot be read.");
      return;
    }
  password = dup_password (session, cut);
  login_compute_digest (key, password, signon->strong, digest);
  free_password (password);
  purple_connection_update_progress (session->gc, "Sending the password", 2, STEPS);
  send_snac (signon, 0x02, login_build_request (session->name, digest, signon->strong, &client, get_multi (session)));
}

static void
on_snac (Signon *signon, const Snac *snac)
{
  if (snac->family != FAMILY_BUCP)
    return;
  switch (snac->subtype)
    {
    case 0x03:
      finish (signon, snac->body);
      break;
    case 0x07:
      answer_challenge (signon, snac);
      break;
    case 0x0a:
      session_fail (signon->session, PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE,
                    "The account wants a SecurID code, which is not supported.");
      break;
    case SNAC_ERROR:
      session_fail (signon->session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "Signing in failed: %s", session_explain (snac));
      break;
    default:
      break;
    }
}

static void
say_hello (Signon *signon)
{
  Session *session = signon->session;
  LoginClient client = get_client (session);

  purple_connection_update_progress (session->gc, "Signing in", 1, STEPS);
  if (signon->by_frame)
    {
      char *password = dup_password (session, FALSE);
      g_autoptr (GByteArray) frame = login_build_signon (session->name, password, &client, get_multi (session));

      free_password (password);
      stream_send (signon->stream, FLAP_SIGNON, frame);
    }
  else
    {
      g_autoptr (GByteArray) hello = login_build_hello ();

      stream_send (signon->stream, FLAP_SIGNON, hello);
      send_snac (signon, 0x06, login_build_challenge_request (session->name));
    }
}

static void
on_frame (Stream *stream, const FlapFrame *frame, gpointer data)
{
  Signon *signon = data;
  Snac snac;

  if (signon->done)
    return;
  if (frame->channel == FLAP_SIGNON)
    say_hello (signon);
  else if (frame->channel == FLAP_DATA && snac_parse (frame->data, &snac))
    on_snac (signon, &snac);
  else if (frame->channel == FLAP_SIGNOFF && (signon->by_frame || tlv_has (frame->data, 0x08)))
    finish (signon, frame->data);
}

static void
on_end (Stream *stream, StreamEnd end, const char *why, gpointer data)
{
  Signon *signon = data;
  Session *session = signon->session;

  if (end == STREAM_UNTRUSTED)
    session_fail (session, PURPLE_CONNECTION_ERROR_CERT_OTHER_ERROR, "The server's certificate is not trusted: %s", why);
  else if (end == STREAM_UNREACHABLE)
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server cannot be reached: %s", why);
  else
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server closed the connection while we signed in.");
}

static gboolean
on_silence (gpointer data)
{
  Signon *signon = data;

  signon->timer = 0;
  session_fail (signon->session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server does not answer.");
  return G_SOURCE_REMOVE;
}

void
signon_begin (Session *session)
{
  static const StreamEvents events = { on_frame, on_end };
  const char *server = purple_account_get_string (session->account, "server", "");
  const char *type = purple_account_get_string (session->account, "login_type", "md5_login");
  Signon *signon;

  if (session->icq ? session->uin == 0 : !screen_name_is_valid (session->name))
    {
      session_fail (session, PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
                    session->icq ? "An ICQ account is named by its number." : "This is not a name that AIM can have.");
      return;
    }
  if (server == NULL || *server == '\0')
    {
      session_fail (session, PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
                    "Set the server in the account's options: those of AOL and Mirabilis are gone, and none has taken their place.");
      return;
    }
  signon = g_new0 (Signon, 1);
  signon->session = session;
  signon->by_frame = g_str_equal (type, "channel1_login");
  signon->strong = !g_str_equal (type, "md5_single");
  session->signon = signon;
  signon->timer = purple_timeout_add_seconds (PATIENCE_SECONDS, on_silence, signon);
  purple_connection_update_progress (session->gc, "Connecting", 0, STEPS);
  signon->stream = stream_connect (session->gc, server, purple_account_get_int (session->account, "port", 5190),
                                   signon_requires_tls (session->account), &events, signon);
}

void
signon_free (Signon *signon)
{
  if (signon->timer > 0)
    purple_timeout_remove (signon->timer);
  stream_free (signon->stream);
  g_free (signon);
}
