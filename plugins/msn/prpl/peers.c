/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peers.c - messages between two programs, cut into packets and joined again.
 *
 * To each peer one packet is on its way at a time: the next goes out when the switchboard has acknowledged the last.  That is
 * not the peer's own acknowledgement of the whole message, which calls.c waits for.  */
#include "peers.h"

#include <string.h>

#include "address.h"
#include "calls.h"

#define MOST_PEERS 500
#define MOST_QUEUED 64
#define MOST_ASSEMBLIES 8
/* Of a negotiation; data goes to the call as it comes. */
#define LARGEST_NEGOTIATION (64 * 1024)

typedef struct {
  Switchboard *switchboard;    /* a reference */
  P2pHeader header;
  PeersMessage message;
  guint64 offset;
  gboolean forgotten;
} Outgoing;

typedef struct {
  guint32 id;
  GByteArray *bytes;
} Assembly;

typedef struct {
  Session *session;
  char *address;
  guint32 last_id;
  GQueue outgoing;
  Outgoing *current;           /* a packet of it is on its way; it is not in the queue */
  GQueue assemblies;           /* the oldest first */
} Peer;

struct Peers {
  Session *session;
  GHashTable *peers;
};

static void
outgoing_free (Outgoing *outgoing)
{
  if (outgoing->message.bytes != NULL)
    g_byte_array_unref (outgoing->message.bytes);
  switchboard_unref (outgoing->switchboard);
  g_free (outgoing);
}

static void
assembly_free (Assembly *assembly)
{
  g_byte_array_unref (assembly->bytes);
  g_free (assembly);
}

static void
peer_free (gpointer data)
{
  Peer *peer = data;

  g_queue_clear_full (&peer->outgoing, (GDestroyNotify) outgoing_free);
  g_queue_clear_full (&peer->assemblies, (GDestroyNotify) assembly_free);
  /* The switchboards are closed by now, so nothing is on its way. */
  g_free (peer->address);
  g_free (peer);
}

Peers *
peers_new (Session *session)
{
  Peers *peers = g_new0 (Peers, 1);

  peers->session = session;
  peers->peers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, peer_free);
  return peers;
}

void
peers_free (Peers *peers)
{
  g_hash_table_unref (peers->peers);
  g_free (peers);
}

static gboolean
is_idle (gpointer key, gpointer value, gpointer data)
{
  Peer *peer = value;

  return peer->current == NULL && peer->outgoing.head == NULL;
}

static Peer *
need_peer (Session *session, const char *address)
{
  GHashTable *table = session->peers->peers;
  Peer *peer = g_hash_table_lookup (table, address);

  if (peer != NULL)
    return peer;
  if (g_hash_table_size (table) >= MOST_PEERS)
    g_hash_table_foreach_remove (table, is_idle, NULL);
  peer = g_new0 (Peer, 1);
  peer->session = session;
  peer->address = g_strdup (address);
  peer->last_id = (guint32) g_random_int_range (1000, G_MAXINT32);
  g_hash_table_insert (table, peer->address, peer);
  return peer;
}

/* -- Sending ------------------------------------------------------------------------------- */

static void send_next (Peer *peer);

static void
finish (Peer *peer, Outgoing *outgoing, gboolean ok)
{
  if (outgoing->message.sent != NULL && !outgoing->forgotten)
    outgoing->message.sent (peer->session, ok, outgoing->message.data);
  outgoing_free (outgoing);
}

static void
on_outcome (Session *session, Outcome outcome, guint error, gpointer data)
{
  Peer *peer = data;
  Outgoing *outgoing = g_steal_pointer (&peer->current);

  outgoing->offset += outgoing->header.length;
  if (outcome == OUTCOME_DELIVERED && outgoing->offset < outgoing->message.total && !outgoing->forgotten)
    g_queue_push_head (&peer->outgoing, outgoing);
  else
    finish (peer, outgoing, outcome == OUTCOME_DELIVERED);
  send_next (peer);
}

static gboolean
fill (Peer *peer, Outgoing *outgoing, guint8 *buffer)
{
  gsize size = outgoing->header.length;

  if (size == 0)
    return TRUE;
  if (outgoing->message.bytes == NULL)
    return outgoing->message.read (peer->session, buffer, size, outgoing->message.data);
  memcpy (buffer, outgoing->message.bytes->data + outgoing->offset, size);
  return TRUE;
}

static void
send_next (Peer *peer)
{
  while (peer->current == NULL && peer->outgoing.head != NULL)
    {
      Outgoing *outgoing = g_queue_pop_head (&peer->outgoing);
      guint8 buffer[P2P_PIECE_SIZE];

      outgoing->header.offset = outgoing->offset;
      outgoing->header.length = (guint32) MIN (outgoing->message.total - outgoing->offset, P2P_PIECE_SIZE);
      if (outgoing->header.flags & P2P_FLAG_ACK)
        outgoing->header.length = 0;
      /* Reading may end the call: peers_forget must find the message. */
      peer->current = outgoing;
      if (outgoing->forgotten || !fill (peer, outgoing, buffer))
        {
          peer->current = NULL;
          finish (peer, outgoing, FALSE);
          continue;
        }
      switchboard_send (outgoing->switchboard, 'D',
                        p2p_packet_build (contact_list_get_exact (peer->session->list, peer->address), &outgoing->header, buffer,
                                          outgoing->message.footer),
                        on_outcome, peer);
    }
}

static Outgoing *
outgoing_new (Switchboard *switchboard)
{
  Outgoing *outgoing = g_new0 (Outgoing, 1);

  switchboard->refs++;
  outgoing->switchboard = switchboard;
  return outgoing;
}

guint32
peers_send (Switchboard *switchboard, const char *to, const PeersMessage *message)
{
  Peer *peer = need_peer (switchboard->session, to);
  Outgoing *outgoing = outgoing_new (switchboard);

  outgoing->message = *message;
  outgoing->header = (P2pHeader) { .session = message->session, .id = ++peer->last_id, .total = message->total, .flags = message->flags,
                                   .ack_id = g_random_int () };
  g_queue_push_tail (&peer->outgoing, outgoing);
  send_next (peer);
  return peer->last_id;
}

void
peers_forget (Session *session, const char *to, gpointer data)
{
  Peer *peer = session->peers != NULL ? g_hash_table_lookup (session->peers->peers, to) : NULL;

  if (peer == NULL)
    return;
  if (peer->current != NULL && peer->current->message.data == data)
    peer->current->forgotten = TRUE;
  for (GList *l = peer->outgoing.head; l != NULL; l = l->next)
    if (((Outgoing *) l->data)->message.data == data)
      ((Outgoing *) l->data)->forgotten = TRUE;
}

static void
acknowledge (Switchboard *switchboard, const char *to, const P2pHeader *header)
{
  Peer *peer = need_peer (switchboard->session, to);
  Outgoing *outgoing;

  if (!p2p_header_wants_ack (header) || peer->outgoing.length >= MOST_QUEUED)
    return;
  outgoing = outgoing_new (switchboard);
  outgoing->header = p2p_header_acknowledge (header, ++peer->last_id);
  /* Before what is long. */
  g_queue_push_head (&peer->outgoing, outgoing);
  send_next (peer);
}

/* -- Receiving ------------------------------------------------------------------------------ */

static Assembly *
need_assembly (Peer *peer, const P2pHeader *header)
{
  Assembly *assembly;

  for (GList *l = peer->assemblies.head; l != NULL; l = l->next)
    {
      assembly = l->data;
      if (assembly->id == header->id)
        return assembly;
    }
  if (header->offset != 0)
    return NULL;
  if (peer->assemblies.length >= MOST_ASSEMBLIES)
    assembly_free (g_queue_pop_head (&peer->assemblies));
  assembly = g_new0 (Assembly, 1);
  assembly->id = header->id;
  assembly->bytes = g_byte_array_new ();
  g_queue_push_tail (&peer->assemblies, assembly);
  return assembly;
}

static void
take_negotiation (Switchboard *switchboard, const char *sender, const P2pHeader *header, const guint8 *data)
{
  Peer *peer = need_peer (switchboard->session, sender);
  Assembly *assembly = header->total <= LARGEST_NEGOTIATION ? need_assembly (peer, header) : NULL;

  if (assembly == NULL || header->offset != assembly->bytes->len)
    return;
  g_byte_array_append (assembly->bytes, data, header->length);
  if (assembly->bytes->len < header->total)
    return;
  g_queue_remove (&peer->assemblies, assembly);
  acknowledge (switchboard, sender, header);
  calls_take_negotiation (switchboard, sender, assembly->bytes->data, assembly->bytes->len);
  assembly_free (assembly);
}

void
peers_take (Switchboard *switchboard, const char *sender, const MimeMessage *message)
{
  const char *dest = mime_get (message, "P2P-Dest");
  P2pHeader header;
  const guint8 *data;
  guint32 flags;

  if (dest == NULL || !address_equal (dest, switchboard->session->address) || !p2p_packet_parse (message->body, message->length, &header, &data))
    return;
  flags = header.flags & ~P2P_FLAG_NEWER;
  if (flags & P2P_FLAG_ACK)
    calls_take_acknowledgement (switchboard->session, sender, header.ack_id);
  else if (flags & (P2P_FLAG_ERROR | P2P_FLAG_SENDER_CLOSES | P2P_FLAG_RECEIVER_CLOSES))
    calls_take_end (switchboard->session, sender, header.session);
  else if (flags & (P2P_FLAG_NAK | P2P_FLAG_WAITING | P2P_FLAG_HANDSHAKE))
    return;
  else if (header.session == 0)
    take_negotiation (switchboard, sender, &header, data);
  else
    {
      if (header.offset + header.length >= header.total && calls_has_session (switchboard->session, sender, header.session))
        acknowledge (switchboard, sender, &header);
      calls_take_data (switchboard->session, sender, &header, data);
    }
}
