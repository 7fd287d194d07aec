/* SPDX-License-Identifier: GPL-2.0-or-later */
/* calls.c - invitations to send something to each other: made, answered, ended. */
#include "calls.h"

#include <string.h>

#include "files.h"
#include "pictures.h"
#include "switchboards.h"

#define MOST_CALLS 64
#define SECONDS_OF_PATIENCE 60

struct Calls {
  Session *session;
  GPtrArray *all;       /* Call, owned */
};

Calls *
calls_new (Session *session)
{
  Calls *calls = g_new0 (Calls, 1);

  calls->session = session;
  calls->all = g_ptr_array_new ();
  return calls;
}

static void
call_free (Call *call)
{
  Switchboard *switchboard = call->switchboard;

  if (call->timer > 0)
    purple_timeout_remove (call->timer);
  if (call->ending > 0)
    purple_timeout_remove (call->ending);
  peers_forget (call->session, call->peer, call);
  if (call->session->calls != NULL)
    g_ptr_array_remove (call->session->calls->all, call);
  switchboard->holds--;
  if (switchboard->leaving && !switchboard->closed)
    switchboard_leave (switchboard);
  switchboard_unref (switchboard);
  g_free (call->peer);
  g_free (call->id);
  g_free (call->branch);
  g_free (call);
}

static void
end_now (Call *call, CallEnd end)
{
  call->over = TRUE;
  if (call->events != NULL)
    call->events->on_ended (call, end);
  call_free (call);
}

void
calls_free (Calls *calls)
{
  while (calls->all->len > 0)
    end_now (g_ptr_array_steal_index (calls->all, calls->all->len - 1), CALL_FAILED);
  g_ptr_array_unref (calls->all);
  g_free (calls);
}

static gboolean
on_ending (gpointer data)
{
  Call *call = data;

  call->ending = 0;
  end_now (call, call->end);
  return G_SOURCE_REMOVE;
}

static void
end_later (Call *call, CallEnd end)
{
  if (call->over)
    return;
  call->over = TRUE;
  call->end = end;
  call->ending = purple_timeout_add (0, on_ending, call);
}

static gboolean
on_silence (gpointer data)
{
  Call *call = data;

  call->timer = 0;
  end_later (call, CALL_FAILED);
  return G_SOURCE_REMOVE;
}

/* Something has happened: the time begins anew.  Those that wait for our user wait for ever. */
static void
be_patient (Call *call)
{
  if (call->timer > 0)
    purple_timeout_remove (call->timer);
  call->timer = call->patience > 0 ? purple_timeout_add_seconds (call->patience, on_silence, call) : 0;
}

void
calls_lost_switchboard (Switchboard *switchboard)
{
  Calls *calls = switchboard->session->calls;

  for (guint i = 0; calls != NULL && i < calls->all->len; i++)
    {
      Call *call = calls->all->pdata[i];

      if (call->switchboard == switchboard)
        end_later (call, CALL_FAILED);
    }
}

static Call *
call_new (Switchboard *switchboard, const char *peer)
{
  Call *call = g_new0 (Call, 1);

  switchboard->refs++;
  switchboard->holds++;
  call->session = switchboard->session;
  call->switchboard = switchboard;
  call->peer = g_strdup (peer);
  call->patience = SECONDS_OF_PATIENCE;
  g_ptr_array_add (call->session->calls->all, call);
  be_patient (call);
  return call;
}

/* -- Sending ---------------------------------------------------------------------------------- */

static void
on_sent (Session *session, gboolean ok, gpointer data)
{
  if (ok)
    be_patient (data);
  else
    end_later (data, CALL_FAILED);
}

void
call_send (Call *call, PeersMessage message)
{
  message.sent = on_sent;
  message.data = call;
  call->awaited = peers_send (call->switchboard, call->peer, &message);
}

/* DATA that is told of it, or NULL: then nobody is. */
static void
send_negotiation (Switchboard *switchboard, const char *to, GByteArray *bytes, Call *call)
{
  PeersMessage message = { .total = bytes->len, .bytes = bytes };

  if (call != NULL)
    call_send (call, message);
  else
    peers_send (switchboard, to, &message);
}

Call *
call_invite (Session *session, const char *who, const char *guid, guint32 application, const void *context, gsize length,
             const CallEvents *events, gpointer data)
{
  Switchboard *switchboard = session->calls != NULL && session->calls->all->len < MOST_CALLS ? switchboards_need (session, who) : NULL;
  g_autofree char *body = NULL;
  Call *call;

  if (switchboard == NULL)
    return NULL;
  call = call_new (switchboard, who);
  call->ours = TRUE;
  call->id = slp_dup_guid ();
  call->branch = slp_dup_guid ();
  call->number = (guint32) g_random_int_range (1000, G_MAXINT32);
  call->application = application;
  call->events = events;
  call->data = data;
  body = slp_build_invitation (guid, call->number, application, context, length);
  send_negotiation (switchboard, who, slp_build_request ("INVITE", who, session->address, call->branch, call->id, SLP_TYPE_REQUEST, body), call);
  return call;
}

static void
answer (Call *call, guint status, gboolean tell)
{
  SlpMessage request = { .to = call->session->address, .from = call->peer, .branch = call->branch, .call = call->id, .sequence = call->sequence };
  g_autofree char *body = g_strdup_printf ("SessionID: %u\r\n", call->number);

  send_negotiation (call->switchboard, call->peer, slp_build_answer (&request, status, SLP_TYPE_REQUEST, body), tell ? call : NULL);
}

void
call_accept (Call *call)
{
  call->accepted = TRUE;
  call->patience = SECONDS_OF_PATIENCE;
  be_patient (call);
  answer (call, 200, TRUE);
}

void
call_decline (Call *call, guint status)
{
  answer (call, status, FALSE);
  call_free (call);
}

void
call_bye (Call *call)
{
  g_autofree char *branch = slp_dup_guid ();

  if (!call->switchboard->closed)
    send_negotiation (call->switchboard, call->peer,
                      slp_build_request ("BYE", call->peer, call->session->address, branch, call->id, SLP_TYPE_CLOSE, ""), NULL);
  call_free (call);
}

/* -- What the other says ------------------------------------------------------------------------ */

static Call *
find_by_id (Session *session, const char *peer, const char *id)
{
  for (guint i = 0; session->calls != NULL && i < session->calls->all->len; i++)
    {
      Call *call = session->calls->all->pdata[i];

      if (!call->over && g_str_equal (call->peer, peer) && g_ascii_strcasecmp (call->id, id) == 0)
        return call;
    }
  return NULL;
}

static Call *
find_by_number (Session *session, const char *peer, guint32 number)
{
  for (guint i = 0; session->calls != NULL && i < session->calls->all->len; i++)
    {
      Call *call = session->calls->all->pdata[i];

      if (!call->over && g_str_equal (call->peer, peer) && call->number == number)
        return call;
    }
  return NULL;
}

gboolean
calls_has_session (Session *session, const char *sender, guint32 number)
{
  return find_by_number (session, sender, number) != NULL;
}

static void
refuse (Switchboard *switchboard, const SlpMessage *message)
{
  g_autofree char *body = g_strdup_printf ("SessionID: %u\r\n", message->session);

  send_negotiation (switchboard, message->from, slp_build_answer (message, 603, SLP_TYPE_REQUEST, body), NULL);
}

static void
take_invitation (Switchboard *switchboard, const char *sender, const SlpMessage *message)
{
  Session *session = switchboard->session;
  gboolean object = g_strcmp0 (message->guid, SLP_GUID_OBJECT) == 0;
  Call *call;

  if ((!object && g_strcmp0 (message->guid, SLP_GUID_FILE) != 0) || message->session == 0 || message->branch == NULL
      || session->calls == NULL || session->calls->all->len >= MOST_CALLS || find_by_number (session, sender, message->session) != NULL)
    {
      refuse (switchboard, message);
      return;
    }
  call = call_new (switchboard, sender);
  call->id = g_strdup (message->call);
  call->branch = g_strdup (message->branch);
  call->sequence = message->sequence;
  call->number = message->session;
  call->application = message->application;
  if (object)
    pictures_be_invited (call, message);
  else
    {
      /* Our user may take time. */
      call->patience = 0;
      be_patient (call);
      files_be_invited (call, message);
    }
}

/* A direct connection inside of a call: we cannot be connected to, the data comes this way (10.6). */
static void
refuse_direct (Switchboard *switchboard, const SlpMessage *message)
{
  static const char body[] = "Bridge: TCPv1\r\nListening: false\r\nNonce: {00000000-0000-0000-0000-000000000000}\r\n";

  send_negotiation (switchboard, message->from, slp_build_answer (message, 200, SLP_TYPE_DIRECT_ANSWER, body), NULL);
}

static void
take_answer (Call *call, const SlpMessage *message)
{
  if (!call->ours)
    return;
  if (message->status != 200)
    end_later (call, CALL_DECLINED);
  else if (!call->accepted)
    {
      call->accepted = TRUE;
      call->events->on_accepted (call);
    }
}

void
calls_take_negotiation (Switchboard *switchboard, const char *sender, const void *text, gsize length)
{
  Session *session = switchboard->session;
  g_auto (SlpMessage) message = { 0 };
  Call *call;

  if (!slp_parse (text, length, &message))
    return;
  /* Who it is from is what the server says. */
  g_free (message.from);
  message.from = g_strdup (sender);
  g_free (message.to);
  message.to = g_strdup (session->address);
  call = find_by_id (session, sender, message.call);
  if (call != NULL && call->patience > 0)
    be_patient (call);
  if (message.kind == SLP_INVITE && g_str_equal (message.type, SLP_TYPE_DIRECT_REQUEST))
    refuse_direct (switchboard, &message);
  else if (message.kind == SLP_INVITE && call == NULL)
    take_invitation (switchboard, sender, &message);
  else if (message.kind == SLP_BYE && call != NULL)
    end_later (call, CALL_CLOSED);
  else if (message.kind == SLP_ANSWER && call != NULL && !g_str_equal (message.type, SLP_TYPE_DIRECT_ANSWER))
    take_answer (call, &message);
}

void
calls_take_data (Session *session, const char *sender, const P2pHeader *header, const guint8 *data)
{
  Call *call = find_by_number (session, sender, header->session);

  /* Nothing but four zero bytes: it prepares for what comes (10.5). */
  if (call == NULL || header->length == 0 || ((header->flags & ~P2P_FLAG_NEWER) == 0 && header->total == 4))
    return;
  be_patient (call);
  if (header->offset != call->received)
    {
      if (header->offset > call->received)
        end_later (call, CALL_FAILED);
      return;
    }
  call->received += header->length;
  call->events->on_data (call, header, data);
}

void
calls_take_acknowledgement (Session *session, const char *sender, guint32 id)
{
  for (guint i = 0; session->calls != NULL && i < session->calls->all->len; i++)
    {
      Call *call = session->calls->all->pdata[i];

      if (call->over || call->awaited != id || id == 0 || !g_str_equal (call->peer, sender))
        continue;
      call->awaited = 0;
      if (call->patience > 0)
        be_patient (call);
      if (call->accepted)
        call->events->on_acknowledged (call);
      return;
    }
}

void
calls_take_end (Session *session, const char *sender, guint32 number)
{
  Call *call = find_by_number (session, sender, number);

  if (call != NULL)
    end_later (call, CALL_CLOSED);
}
