/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings.h - passerelle.conf, read and checked.
 *
 * A setting is one row of the table in settings.c: section, key, type, default,
 * limits, help; the sample configuration is checked against it.  Unknown
 * sections and keys are errors, so that a typo is never silent. */
#pragma once

#include "network.h"

/* How certificates that do not verify are treated; the names are the wire's. */
typedef enum { SETTINGS_VERIFY_STRICT, SETTINGS_VERIFY_ASK, SETTINGS_VERIFY_OFF } SettingsVerify;
/* Whose libpurple plugin, where there are two of one id. */
typedef enum { SETTINGS_PLUGIN_OWN, SETTINGS_PLUGIN_SYSTEM } SettingsPlugin;
typedef enum { SETTINGS_TLS_OFF, SETTINGS_TLS_DIRECT } SettingsTls;

/* [gateway DOMAIN] */
typedef struct {
  char *domain;
  char *network;              /* "irc", "xmpp", "simple", ...; NULL where `purple` is set */
  char *purple;               /* "prpl-..."; NULL where `network` is set */
  const Network *kind;        /* what it is, whichever way it was given */
  char *name;                 /* shown in service discovery; has a default */
  char *secret;               /* the component's; never NULL */
  SettingsVerify verify;
  SettingsPlugin plugin;
  guint sign_ins_per_second;  /* 0: no limit */
  guint max_message;          /* bytes of a body */
  guint message_wait;         /* seconds that one waits for its account to be signed in */
  GHashTable *options;        /* option.KEY = VALUE: char * to char *; with what we preset for the network */
  GHashTable *locks;          /* lock.KEY = true|false: char * to GINT_TO_POINTER (gboolean); likewise */
} SettingsGateway;

typedef struct {
  char *file;
  char *component_host;
  guint component_port;
  SettingsTls component_tls;
  char *storage_uri;
  char *key_file;
  char *journal_folder;
  guint journal_megabytes;    /* of a gateway's two files each */
  guint archive_days;         /* of rooms; 0: nothing is kept */
  guint archive_megabytes;    /* 0: no limit */
  guint accounts_per_worker;
  char *worker_program;
  char *plugin_folder;
  char *runtime_dir;
  GLogLevelFlags log_level;   /* the least grave level that is logged */
  GPtrArray *gateways;        /* SettingsGateway */
} Settings;

/* Where passerelle.conf is if nobody says otherwise. */
#define SETTINGS_FILE PASSERELLE_SYSCONFDIR "/passerelle.conf"

/* Reads and checks `file`.  On failure returns NULL and appends to `problems`
 * (char *) one line for each thing wrong, "FILE:LINE: [SECTION] KEY: what and what to do";
 * never a secret.  secret-file is read here (its trailing newline removed). */
Settings *settings_load (const char *file, GPtrArray *problems);
void settings_free (Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Settings, settings_free)

const SettingsGateway *settings_find_gateway (const Settings *settings, const char *domain);

/* The runtime-dir alone, whatever else is wrong with the file: for passerellectl.
 * NULL with an error if the file cannot be read. */
char *settings_find_runtime_dir (const char *file, GError **error);

/* The table itself, for tests of what documents it. */
typedef enum { SETTINGS_STRING, SETTINGS_PATH, SETTINGS_NUMBER, SETTINGS_CHOICE, SETTINGS_PREFIX } SettingsType;

typedef struct {
  const char *name;
  guint value;
} SettingsChoice;

typedef struct {
  const char *section;            /* "gateway" for [gateway DOMAIN] */
  const char *key;                /* of PREFIX "option.": every key that begins so */
  SettingsType type;
  const char *fallback;           /* the default, as it would be written; NULL: none */
  guint least, most;              /* of NUMBER; of STRING and PATH: most bytes */
  const SettingsChoice *choices;  /* of CHOICE, up to a NULL name */
  const char *help;
  gssize offset;                  /* in Settings or SettingsGateway; -1: not a field of its own */
} SettingsRow;

/* Ends with a NULL section. */
const SettingsRow *settings_table (void);
