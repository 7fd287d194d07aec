/* SPDX-License-Identifier: GPL-2.0-or-later */
/* biboumi.c - how the benchmark drives biboumi 9.
 *
 * It has no accounts: joining a channel signs in, leaving the last one signs
 * out.  Each user gets a channel of its own, so that nobody is told of the
 * others.  Server port and throttle are per-user settings, made through the
 * "configure" command of the server's JID; so is, at the gateway's, whether
 * it writes all that is said in channels to its database, which it does.  */
#include "config.h"

#include "bed.h"
#include "loop.h"

#include <string.h>

#define SERVER "127.0.0.1"
#define SERVER_JID SERVER "@" BED_GATEWAY
#define NS_COMMANDS "http://jabber.org/protocol/commands"

static char **
prepare (Bed *bed, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "biboumi.cfg", NULL);
  g_autofree char *config = g_strdup_printf ("hostname=" BED_GATEWAY "\n"
                                             "password=" BED_SECRET "\n"
                                             "xmpp_server_ip=127.0.0.1\n"
                                             "port=%u\n"
                                             "db_name=%s/biboumi.sqlite\n"
                                             "persistent_by_default=false\n"
                                             "identd_port=0\n"
                                             "log_level=3\n",
                                             xmpp_server_port (bed->xmpp), folder);

  if (!g_file_set_contents (path, config, -1, error))
    return NULL;
  return g_strdupv ((char *[]) { (char *) bed->options->biboumi, path, NULL });
}

static char *
dup_contact (const char *nick)
{
  return g_strdup_printf ("%s%%" SERVER_JID, nick);
}

static void
enroll (Bed *bed, User *user)
{
  xmpp_server_send (bed->xmpp, "<iq type='set' id='configure' from='%s' to='" SERVER_JID "'>"
                    "<command xmlns='" NS_COMMANDS "' node='configure' action='execute'/></iq>", user->full);
}

static void
submit_settings (Bed *bed, User *user, const char *session)
{
  xmpp_server_send (bed->xmpp, "<iq type='set' id='submit' from='%s' to='" SERVER_JID "'>"
                    "<command xmlns='" NS_COMMANDS "' node='configure' action='complete' sessionid='%s'>"
                    "<x xmlns='jabber:x:data' type='submit'>"
                    "<field var='ports'><value>%u</value></field>"
                    "<field var='tls_ports'/>"
                    "<field var='throttle_limit'><value>-1</value></field>"
                    "</x></command></iq>", user->full, session, irc_server_port (bed->irc));
}

static void
ask_for_archive_form (Bed *bed, User *user)
{
  xmpp_server_send (bed->xmpp, "<iq type='set' id='archive' from='%s' to='" BED_GATEWAY "'>"
                    "<command xmlns='" NS_COMMANDS "' node='configure' action='execute'/></iq>", user->full);
}

static void
submit_no_archive (Bed *bed, User *user, const char *session)
{
  xmpp_server_send (bed->xmpp, "<iq type='set' id='no-archive' from='%s' to='" BED_GATEWAY "'>"
                    "<command xmlns='" NS_COMMANDS "' node='configure' action='complete' sessionid='%s'>"
                    "<x xmlns='jabber:x:data' type='submit'><field var='record_history'><value>false</value></field></x></command></iq>",
                    user->full, session);
}

static void
sign_in (Bed *bed, User *user)
{
  xmpp_server_send (bed->xmpp, "<presence from='%s' to='#c%u%%" SERVER_JID "/%s'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
                    user->full, user->index, user->nick);
}

static void
sign_out (Bed *bed, User *user)
{
  xmpp_server_send (bed->xmpp, "<presence type='unavailable' from='%s' to='#c%u%%" SERVER_JID "/%s'/>", user->full, user->index, user->nick);
}

static void
on_stanza (Bed *bed, User *user, const Stanza *stanza)
{
  gboolean result = g_strcmp0 (stanza->type, "result") == 0;

  if (result && g_strcmp0 (stanza->id, "configure") == 0 && stanza->child_session != NULL)
    submit_settings (bed, user, stanza->child_session);
  else if (result && g_strcmp0 (stanza->id, "submit") == 0 && bed->options->no_archive)
    ask_for_archive_form (bed, user);
  else if (result && g_strcmp0 (stanza->id, "archive") == 0 && stanza->child_session != NULL)
    submit_no_archive (bed, user, stanza->child_session);
  else if (result && (g_strcmp0 (stanza->id, "submit") == 0 || g_strcmp0 (stanza->id, "no-archive") == 0))
    bed_set_enrolled (bed, user);
  else if (g_str_equal (stanza->name, "iq"))
    loop_fail (g_error_new (BENCH_ERROR, 0, "biboumi refuses to configure %s: %s", user->nick, stanza->condition));
  else if (stanza->from[0] == '#' && stanza->status_110)
    bed_set_told (bed, user, g_strcmp0 (stanza->type, "unavailable") != 0);
}

const GatewayKind biboumi_kind = {
  .name = "biboumi",
  .prepare = prepare,
  .dup_contact = dup_contact,
  .enroll = enroll,
  .sign_in = sign_in,
  .sign_out = sign_out,
  .stanza = on_stanza,
};
