/* SPDX-License-Identifier: GPL-2.0-or-later */
/* menu.c - what else a network offers, such as a search: its plugin's own menu.
 *
 * The plugin tells labels; what an entry needs to know it asks (questions.c), and
 * what comes of it is a notice.  The action "menu" (actions.c) shows and chooses. */
#include "config.h"

#include "menu.h"

void
menu_told (Session *session, const WireMenu *event)
{
  g_strfreev (session->menu);
  session->menu = g_strdupv ((char **) event->entries);
}

const char *
menu_nth (User *user, guint n, Session **session)
{
  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *one = user->sessions->pdata[i];
      guint length = one->menu == NULL ? 0 : g_strv_length (one->menu);

      if (n >= 1 && n <= length)
        {
          *session = one;
          return one->menu[n - 1];
        }
      n -= MIN (n, length);
    }
  return NULL;
}

gboolean
menu_choose (Session *session, const char *entry)
{
  return session_tell_worker (session, &(WireMessage) {
    .type = WIRE_CHOOSE, .u.choose = { .account = session_number (session), .entry = entry } });
}

static void
session_out (Session *session)
{
  g_clear_pointer (&session->menu, g_strfreev);
}

const Feature menu_feature = {
  .name = "network's menu",
  .session_out = session_out,
};
