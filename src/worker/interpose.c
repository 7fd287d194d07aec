/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interpose.c - functions that this program has in place of its libraries'.
 *
 * libpurple has operations for most that a user interface may want to do itself,
 * but not for all.  The dynamic linker takes a symbol from the program first, so
 * that those below are called by libpurple and its plugins, and call the real
 * one where it is wanted.  The program's link flags export each by name. */
#include "config.h"

#include "interpose.h"

#include <dlfcn.h>
#include <unistd.h>

#include "accounts.h"
#include "certificates.h"
#include "conversations.h"
#include "eventloop.h"
#include "irc_sender.h"
#include "notices.h"
#include "protocol.h"
#include "simple_reader.h"

/* `function` is the next one of the name of the caller; looked up once. */
#define REAL(name) \
  static __typeof__ (&name) real; \
  if (G_UNLIKELY (real == NULL)) \
    real = (__typeof__ (&name)) find_real (#name)

static __thread gboolean is_main_thread;

static gpointer
find_real (const char *name)
{
  gpointer found = dlsym (RTLD_NEXT, name);

  if (found == NULL)
    g_error ("%s is in no library", name);
  return found;
}

void
interpose_init (void)
{
  is_main_thread = TRUE;
}

/* -- Plugins and files ---------------------------------------------------- */

/* libpurple would load all that is there (protocol.c loads what is wanted). */
void
purple_plugins_add_search_path (const char *path)
{
  protocol_note_folder (path);
}

/* Accounts, preferences, statuses, capabilities, certificates: nothing is written. */
gboolean
purple_util_write_data_to_file (const char *filename, const char *data, gssize size)
{
  return TRUE;
}

gboolean
purple_util_write_data_to_file_absolute (const char *filename, const char *data, gssize size)
{
  return TRUE;
}

int
purple_build_dir (const char *path, int mode)
{
  return 0;
}

/* -- Lists that would cost more with each account or contact -------------- */

/* Asked for each new account, with a walk over all of them; and two users may
 * well have the same name on the network: they are two accounts. */
PurpleAccount *
purple_accounts_find (const char *name, const char *protocol)
{
  return NULL;
}

/* A contact of its own at the head of the group, instead of a walk to its end. */
void
purple_blist_add_buddy (PurpleBuddy *buddy, PurpleContact *contact, PurpleGroup *group, PurpleBlistNode *node)
{
  REAL (purple_blist_add_buddy);

  if (contact == NULL && node == NULL && group != NULL && purple_buddy_get_group (buddy) != group)
    {
      contact = purple_contact_new ();
      purple_blist_add_contact (contact, group, NULL);
    }
  real (buddy, contact, group, node);
}

/* -- Accounts ------------------------------------------------------------- */

/* Plugins call this when the network has taken a new one. */
void
purple_account_set_password (PurpleAccount *account, const char *password)
{
  REAL (purple_account_set_password);

  real (account, password);
  accounts_password_set (account, password);
}

/* -- Messages ------------------------------------------------------------- */

void
serv_got_im (PurpleConnection *connection, const char *who, const char *message, PurpleMessageFlags flags, time_t when)
{
  conversations_got_im (connection, who, message, flags, when);
}

void
serv_got_typing (PurpleConnection *connection, const char *who, int timeout, PurpleTypingState state)
{
  conversations_got_typing (connection, who, state);
}

void
serv_got_typing_stopped (PurpleConnection *connection, const char *who)
{
  conversations_got_typing (connection, who, PURPLE_NOT_TYPING);
}

gboolean
purple_conv_present_error (const char *who, PurpleAccount *account, const char *what)
{
  return conversations_got_error (account, who, what);
}

void *
purple_notify_message (void *handle, PurpleNotifyMsgType type, const char *title, const char *primary, const char *secondary,
                       PurpleNotifyCloseCallback callback, gpointer data)
{
  notices_notify (handle, title, primary, secondary, NULL);
  if (callback != NULL)
    callback (data);
  return NULL;
}

void *
purple_notify_formatted (void *handle, const char *title, const char *primary, const char *secondary, const char *text,
                         PurpleNotifyCloseCallback callback, gpointer data)
{
  notices_notify (handle, title, primary, secondary, text);
  if (callback != NULL)
    callback (data);
  return NULL;
}

void *
purple_notify_searchresults (PurpleConnection *connection, const char *title, const char *primary, const char *secondary,
                             PurpleNotifySearchResults *results, PurpleNotifyCloseCallback callback, gpointer data)
{
  notices_found (connection, title, primary, secondary, results);
  purple_notify_searchresults_free (results);
  if (callback != NULL)
    callback (data);
  return NULL;
}

/* -- Certificates --------------------------------------------------------- */

PurpleSslConnection *
purple_ssl_connect_with_ssl_cn (PurpleAccount *account, const char *host, int port, PurpleSslInputFunction func,
                                PurpleSslErrorFunction failed, const char *name, void *data)
{
  PurpleSslConnection *tls;
  REAL (purple_ssl_connect_with_ssl_cn);

  certificates_begin (account);
  tls = real (account, host, port, func, failed, name, data);
  certificates_note (tls);
  return tls;
}

PurpleSslConnection *
purple_ssl_connect_with_host_fd (PurpleAccount *account, int fd, PurpleSslInputFunction func, PurpleSslErrorFunction failed,
                                 const char *host, void *data)
{
  PurpleSslConnection *tls;
  REAL (purple_ssl_connect_with_host_fd);

  certificates_begin (account);
  tls = real (account, fd, func, failed, host, data);
  certificates_note (tls);
  return tls;
}

void
purple_ssl_close (PurpleSslConnection *tls)
{
  REAL (purple_ssl_close);

  certificates_forget (tls);
  real (tls);
}

void
purple_certificate_verify (PurpleCertificateVerifier *verifier, const char *subject, GList *chain,
                           PurpleCertificateVerifiedCallback callback, gpointer data)
{
  REAL (purple_certificate_verify);

  certificates_verify (real, verifier, subject, chain, callback, data);
}

/* -- Timers and the IRC plugin's lines ------------------------------------ */

guint
g_timeout_add_seconds (guint seconds, GSourceFunc func, gpointer data)
{
  guint id;
  REAL (g_timeout_add_seconds);

  if (!is_main_thread)
    return real (seconds, func, data);
  id = irc_take_timer (seconds, func, data);
  return id != 0 ? id : eventloop_add_timer_seconds (seconds, func, data);
}

gboolean
g_source_remove (guint id)
{
  REAL (g_source_remove);

  if (is_main_thread && (irc_remove_timer (id) || (id >= EVENTLOOP_FIRST_ID && eventloop_remove (id))))
    return TRUE;
  return real (id);
}

void
g_queue_push_tail (GQueue *queue, gpointer data)
{
  REAL (g_queue_push_tail);

  real (queue, data);
  if (is_main_thread)
    irc_line_queued (queue);
}

gpointer
g_queue_pop_head (GQueue *queue)
{
  gpointer data;
  REAL (g_queue_pop_head);

  if (G_LIKELY (irc_flushing == NULL))
    return real (queue);
  if (!irc_may_pop (queue))
    return NULL;
  data = real (queue);
  irc_line_popped ();
  return data;
}

ssize_t
write (int fd, const void *data, size_t length)
{
  REAL (write);

  if (G_LIKELY (irc_writing == NULL))
    return real (fd, data, length);
  irc_take_line (fd, NULL, data, length);
  return (ssize_t) length;
}

size_t
purple_ssl_write (PurpleSslConnection *tls, const void *data, size_t length)
{
  if (G_LIKELY (irc_writing == NULL))
    return interpose_real_ssl_write (tls, data, length);
  irc_take_line (-1, tls, data, length);
  return length;
}

size_t
interpose_real_ssl_write (PurpleSslConnection *tls, const void *data, size_t length)
{
  static size_t (*real) (PurpleSslConnection *, const void *, size_t);

  if (G_UNLIKELY (real == NULL))
    real = (size_t (*) (PurpleSslConnection *, const void *, size_t)) find_real ("purple_ssl_write");
  return real (tls, data, length);
}

/* -- SASL ----------------------------------------------------------------- */

/* As in sasl/sasl.h, which nothing else is needed of. */
int sasl_listmech (void *connection, const char *user, const char *prefix, const char *separator, const char *suffix,
                   const char **result, unsigned *length, int *count);

/* The IRC plugin tries every mechanism that Cyrus SASL has, while IRC servers
 * have little but PLAIN, and some end the connection after three failures.  Where
 * PLAIN may be used (there is TLS, or the user allowed it without), it is the one. */
int
sasl_listmech (void *connection, const char *user, const char *prefix, const char *separator, const char *suffix,
               const char **result, unsigned *length, int *count)
{
  static __typeof__ (&sasl_listmech) real;
  int status;

  if (real == NULL)
    {
      /* Loaded by the plugin, it is not among the program's own libraries. */
      void *library = dlopen ("libsasl2.so.2", RTLD_LAZY | RTLD_NOLOAD);

      real = library != NULL ? (__typeof__ (&sasl_listmech)) dlsym (library, "sasl_listmech") : NULL;
      if (real == NULL)
        return -1;
    }
  status = real (connection, user, prefix, separator, suffix, result, length, count);
  if (status == 0 && protocol_is_irc () && result != NULL && *result != NULL && length == NULL && count == NULL)
    {
      g_auto (GStrv) mechanisms = g_strsplit (*result, " ", -1);

      if (g_strv_contains ((const char *const *) mechanisms, "PLAIN"))
        *result = "PLAIN";
    }
  return status;
}

/* -- SIMPLE --------------------------------------------------------------- */

/* As in the plugin's sipmsg.h. */
gpointer sipmsg_parse_header (const char *head);

/* The plugin's own function, which it calls for each SIP message that came. */
gpointer
sipmsg_parse_header (const char *head)
{
  static gpointer (*real) (const char *);

  if (real == NULL)
    {
      void *plugin = dlopen (protocol_get_plugin ()->path, RTLD_LAZY | RTLD_NOLOAD);

      real = plugin != NULL ? (gpointer (*) (const char *)) dlsym (plugin, "sipmsg_parse_header") : NULL;
      if (real == NULL)
        return NULL;
    }
  conversations_got_sip (head);
  return real (head);
}

ssize_t
read (int fd, void *data, size_t size)
{
  gssize result;
  REAL (read);

  if (is_main_thread && simple_reader_read (fd, data, size, &result))
    return result;
  return real (fd, data, size);
}
