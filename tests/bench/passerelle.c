/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passerelle.c - how the benchmark drives passerelled. */
#include "config.h"

#include "bed.h"
#include "loop.h"

#define ARCHIVE_OFF "[archive]\ndays = 0\n"

static char **
prepare (Bed *bed, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "passerelle.conf", NULL);
  g_autofree char *config = g_strdup_printf ("[component]\n"
                                             "host = 127.0.0.1\n"
                                             "port = %u\n"
                                             "secret = " BED_SECRET "\n"
                                             "[storage]\n"
                                             "uri = sqlite:%s/passerelle.db\n"
                                             "[workers]\n"
                                             "program = %s\n"
                                             "[daemon]\n"
                                             "runtime-dir = %s/run\n"
                                             "[log]\n"
                                             "level = warning\n"
                                             "[gateway " BED_GATEWAY "]\n"
                                             "network = irc\n"
                                             "sign-ins-per-second = 0\n"
                                             "option.server = 127.0.0.1\n"
                                             "lock.server = true\n"
                                             "option.port = %u\n"
                                             "option.ratelimit-interval = 0\n"
                                             "%s",
                                             xmpp_server_port (bed->xmpp), folder, bed->options->worker, folder, irc_server_port (bed->irc),
                                             bed->options->no_archive ? ARCHIVE_OFF : "");

  if (!g_file_set_contents_full (path, config, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
    return NULL;
  if (bed->options->unkept)
    return g_strdupv ((char *[]) { (char *) "/usr/bin/env", (char *) "PASSERELLE_MEASURE_UNKEPT=1", bed->options->passerelled, (char *) "--config", path, NULL });
  return g_strdupv ((char *[]) { bed->options->passerelled, (char *) "--config", path, NULL });
}

static char *
dup_contact (const char *nick)
{
  return g_strdup_printf ("%s@" BED_GATEWAY, nick);
}

static void
enroll (Bed *bed, User *user)
{
  xmpp_server_send (bed->xmpp, "<iq type='set' id='register' from='%s' to='" BED_GATEWAY "'>"
                    "<query xmlns='jabber:iq:register'><username>%s</username><password/></query></iq>", user->full, user->nick);
}

static void
sign_in (Bed *bed, User *user)
{
  xmpp_server_send (bed->xmpp, "<presence from='%s' to='" BED_GATEWAY "'/>", user->full);
}

static void
sign_out (Bed *bed, User *user)
{
  xmpp_server_send (bed->xmpp, "<presence type='unavailable' from='%s' to='" BED_GATEWAY "'/>", user->full);
}

static void
on_stanza (Bed *bed, User *user, const Stanza *stanza)
{
  if (g_strcmp0 (stanza->id, "register") == 0 && g_str_equal (stanza->name, "iq"))
    {
      if (g_strcmp0 (stanza->type, "result") == 0)
        bed_set_enrolled (bed, user);
      else if (g_strcmp0 (stanza->condition, "resource-constraint") == 0 && bed->n_enrolled == 0)
        enroll (bed, user);     /* it is still starting */
      else
        loop_fail (g_error_new (BENCH_ERROR, 0, "passerelle refuses to register %s: %s, %s", user->nick, stanza->condition, stanza->text));
    }
  else if (g_str_equal (stanza->name, "presence") && g_str_has_prefix (stanza->from, BED_GATEWAY))
    {
      /* While it connects the gateway is available but away. */
      if (g_strcmp0 (stanza->type, "unavailable") == 0)
        bed_set_told (bed, user, FALSE);
      else if (stanza->type == NULL)
        bed_set_told (bed, user, stanza->show == NULL || !g_str_equal (stanza->show, "xa"));
    }
}

const GatewayKind passerelle_kind = {
  .name = "passerelle",
  .prepare = prepare,
  .dup_contact = dup_contact,
  .enroll = enroll,
  .sign_in = sign_in,
  .sign_out = sign_out,
  .stanza = on_stanza,
};
