/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - passerelle-bench: what a gateway between XMPP and IRC costs. */
#include "config.h"

#include "bed.h"
#include "loop.h"
#include "measure.h"
#include "report.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#define DEFAULT_BIBOUMI "biboumi"

static const GatewayKind *const kinds[] = { &passerelle_kind, &biboumi_kind };
static const guint scale_users[] = { 10, 100, 1000 };
#define SCALE_MESSAGES_EACH 200

static BedOptions bed_options = { .biboumi = DEFAULT_BIBOUMI };
static Plan plan = { .users = 500, .messages = 50000, .rounds = 3, .pace = 200, .pace_seconds = 10, .idle_seconds = 10,
                     .participants = 100, .room_messages = 1000, .occupants = 2000 };
static const char *gateway_name = "passerelle";
static const char *peer_name;
static gboolean json, scale, kept, strict;
static LoopWatch *signal_watch;

static const GOptionEntry entries[] = {
  { "users", 'u', 0, G_OPTION_ARG_INT, &plan.users, "Users (500)", "N" },
  { "active", 0, 0, G_OPTION_ARG_INT, &plan.active, "Users who talk at a time, those in turn (all; 10 with --scale)", "N" },
  { "messages", 'm', 0, G_OPTION_ARG_INT, &plan.messages, "Messages of a burst (50000)", "N" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &plan.rounds, "Bursts each way, gateways with rooms, or turns with --scale, of which the median counts (3)", "N" },
  { "pace", 0, 0, G_OPTION_ARG_DOUBLE, &plan.pace, "Messages a second each way for the latency (200)", "N" },
  { "pace-seconds", 0, 0, G_OPTION_ARG_DOUBLE, &plan.pace_seconds, "For so long (10)", "S" },
  { "idle-seconds", 0, 0, G_OPTION_ARG_DOUBLE, &plan.idle_seconds, "Idle CPU over so long (10)", "S" },
  { "participants", 0, 0, G_OPTION_ARG_INT, &plan.participants, "Users in a room where all hear what one says (100; 0: no rooms)", "N" },
  { "room-messages", 0, 0, G_OPTION_ARG_INT, &plan.room_messages, "Messages of a burst there (1000)", "N" },
  { "occupants", 0, 0, G_OPTION_ARG_INT, &plan.occupants, "People in the large room that is joined (2000)", "N" },
  { "gateway", 'g', 0, G_OPTION_ARG_STRING, &gateway_name, "The gateway to measure: passerelle, biboumi", "NAME" },
  { "peer", 'p', 0, G_OPTION_ARG_STRING, &peer_name, "Another one to set beside it: biboumi", "NAME" },
  { "scale", 0, 0, G_OPTION_ARG_NONE, &scale, "Only the cost per message, with 10, 100 and 1000 users (no peer)", NULL },
  { "kept", 0, 0, G_OPTION_ARG_NONE, &kept, "Only what it costs to keep messages while they are under way: with and without (no peer)", NULL },
  { "only-rooms", 0, 0, G_OPTION_ARG_NONE, &plan.only_rooms, "Only what rooms cost", NULL },
  { "only-messages", 0, 0, G_OPTION_ARG_NONE, &plan.only_messages, "Only the cost per message, as for a profiler", NULL },
  { "json", 'j', 0, G_OPTION_ARG_NONE, &json, "JSON on stdout instead of the table, the last line on stderr", NULL },
  { "strict", 0, 0, G_OPTION_ARG_NONE, &strict, "A missed target is a failure", NULL },
  { "passerelled", 0, 0, G_OPTION_ARG_FILENAME, &bed_options.passerelled, "The hub", "PATH" },
  { "worker", 0, 0, G_OPTION_ARG_FILENAME, &bed_options.worker, "The worker", "PATH" },
  { "biboumi", 0, 0, G_OPTION_ARG_FILENAME, &bed_options.biboumi, "biboumi", "PATH" },
  { "wrapper", 0, 0, G_OPTION_ARG_STRING, &bed_options.wrapper, "Run the gateway under this command, such as a profiler", "COMMAND" },
  { "keep", 0, 0, G_OPTION_ARG_NONE, &bed_options.keep, "Keep the folder with configuration and log", NULL },
  { NULL }
};

static const GatewayKind *
find_kind (const char *name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i]->name, name))
      return kinds[i];
  g_set_error (error, BENCH_ERROR, 0, "no such gateway: %s", name);
  return NULL;
}

/* The program that was named, or the one of the build tree, which is two folders up from ours.  Absolute, since the gateway gets it. */
static void
find_program (char **path, const char *name)
{
  g_autofree char *named = *path;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : g_strdup (".");
  g_autofree char *built = g_build_filename ("../..", name, NULL);

  *path = named != NULL ? g_canonicalize_filename (named, NULL) : g_canonicalize_filename (built, folder);
}

/* Two sockets for each user are ours, one the gateway's. */
static void
raise_file_limit (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static void
on_signal (G_GNUC_UNUSED uint32_t events, gpointer user_data)
{
  struct signalfd_siginfo info;

  if (read (GPOINTER_TO_INT (user_data), &info, sizeof info) == sizeof info)
    loop_fail (g_error_new (BENCH_ERROR, 0, "interrupted"));
}

/* An interrupted run fails like any other, and ends what it started. */
static void
catch_signals (void)
{
  sigset_t set;
  int fd;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGHUP);
  sigprocmask (SIG_BLOCK, &set, NULL);
  fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  signal_watch = loop_watch (fd, EPOLLIN, on_signal, GINT_TO_POINTER (fd));
}

static gboolean
is_clean (const Figures *figures)
{
  return figures->lost == 0 && figures->doubled == 0 && figures->reordered == 0 && figures->errors == 0;
}

/* The sizes in turn, as often as there are rounds, one burst each: a machine that is slow for a while is so for all sizes, and how
 * the processes of one run come to lie in memory, and beside each other on the cores, is not taken for the cost of their users.  */
static gboolean
run_scale (const GatewayKind *kind, gboolean *good, GError **error)
{
  enum { SIZES = G_N_ELEMENTS (scale_users) };
  guint rounds = plan.rounds;
  g_autofree Figures *runs = g_new (Figures, SIZES * rounds);
  Figures figures[SIZES];

  plan.rounds = 1;
  plan.only_messages = TRUE;
  plan.active = plan.active != 0 ? plan.active : scale_users[0];        /* the same traffic, whoever else is there */
  /* Enough for each user that their first message, which makes what the others find, does not count. */
  plan.messages = MAX (plan.messages, SCALE_MESSAGES_EACH * scale_users[SIZES - 1]);
  for (guint round = 0; round < rounds; round++)
    for (guint i = 0; i < SIZES; i++)
      {
        Figures *run = &runs[i * rounds + round];

        plan.users = scale_users[i];
        g_printerr ("%s, %u users, %u of %u...\n", kind->name, plan.users, round + 1, rounds);
        if (!measure_gateway (kind, &bed_options, &plan, run, error))
          return FALSE;
        *good = *good && is_clean (run);
      }
  for (guint i = 0; i < SIZES; i++)
    figures[i] = figures_median (&runs[i * rounds], rounds);
  *good = *good && (!strict || report_is_flat (figures, SIZES));
  (json ? report_scale_json : report_scale) (kind->name, scale_users, figures, SIZES);
  return TRUE;
}

/* With and without in turn, for the same reason. */
static gboolean
run_kept (const GatewayKind *kind, gboolean *good, GError **error)
{
  guint rounds = plan.rounds;
  g_autofree Figures *runs = g_new (Figures, 2 * rounds);
  Figures with, without;

  plan.rounds = 1;
  plan.only_messages = TRUE;
  for (guint i = 0; i < 2 * rounds; i++)
    {
      Figures *run = &runs[i % 2 * rounds + i / 2];

      bed_options.unkept = i % 2 == 0;
      g_printerr ("%s, messages are %skept, %u of %u...\n", kind->name, bed_options.unkept ? "not " : "", i / 2 + 1, rounds);
      if (!measure_gateway (kind, &bed_options, &plan, run, error))
        return FALSE;
      *good = *good && is_clean (run);
    }
  without = figures_median (runs, rounds);
  with = figures_median (&runs[rounds], rounds);
  *good = *good && (!strict || report_is_worth_it (&with, &without));
  report_kept (kind->name, &with, &without);
  return TRUE;
}

static gboolean
run (const GatewayKind *kind, const GatewayKind *peer_kind, gboolean *good, GError **error)
{
  Figures figures, peer_figures;
  const Figures *peer = NULL;
  g_autofree char *line = NULL;

  /* The peer comes first: figures of a machine that has just been busy are fair to neither, but the same for both. */
  if (peer_kind != NULL)
    {
      g_printerr ("%s, %u users...\n", peer_kind->name, plan.users);
      plan.nasty = FALSE;
      if (!measure_gateway (peer_kind, &bed_options, &plan, &peer_figures, error))
        return FALSE;
      peer = &peer_figures;
    }
  g_printerr ("%s, %u users...\n", kind->name, plan.users);
  plan.nasty = kind == &passerelle_kind;
  if (!measure_gateway (kind, &bed_options, &plan, &figures, error))
    return FALSE;
  (json ? report_json : report_table) (&plan, kind->name, &figures, peer_name, peer);
  fflush (stdout);
  line = report_dup_line (&plan, &figures);
  fprintf (json ? stderr : stdout, "%s%s\n", json ? "" : "\n", line);
  *good = is_clean (&figures) && (!strict || report_count_missed (&figures, peer) == 0);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- measure a gateway between XMPP and IRC");
  g_autoptr (GError) error = NULL;
  const GatewayKind *kind, *peer_kind = NULL;
  gboolean good = TRUE, done;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)
      || (kind = find_kind (gateway_name, &error)) == NULL
      || (peer_name != NULL && (peer_kind = find_kind (peer_name, &error)) == NULL))
    {
      g_printerr ("passerelle-bench: %s\n", error->message);
      return 2;
    }
  if ((scale || kept) && peer_kind != NULL)
    {
      g_printerr ("passerelle-bench: --scale and --kept are of one gateway; name another with --gateway\n");
      return 2;
    }
  if (plan.users < 1 || plan.messages < 1 || plan.room_messages < 1 || plan.occupants < 1 || plan.rounds < 1 || plan.pace < 1 || plan.pace_seconds <= 0 || plan.idle_seconds <= 0)
    {
      g_printerr ("passerelle-bench: all numbers must be positive\n");
      return 2;
    }
  find_program (&bed_options.passerelled, "passerelled");
  find_program (&bed_options.worker, "passerelle-worker");
  raise_file_limit ();
  catch_signals ();
  done = scale ? run_scale (kind, &good, &error)
         : kept ? run_kept (kind, &good, &error)
                : run (kind, peer_kind, &good, &error);
  loop_unwatch (signal_watch);
  if (!done)
    {
      g_printerr ("passerelle-bench: %s\n", error->message);
      return 1;
    }
  return good ? 0 : 1;
}
