/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contact_list.h - the lists as the server has them, and their way here at sign-in (msnp.md 5). */
#pragma once

#include "list_lines.h"

typedef enum { PHONE_HOME, PHONE_WORK, PHONE_MOBILE, PHONES } Phone;

typedef struct {
  char *address;         /* normal form */
  char *exact;           /* as the server writes it: some servers look for just that */
  char *name, *guid;     /* NULL: unknown */
  guint lists;
  GPtrArray *groups;     /* ids, owned */
  char *phones[PHONES];
  gboolean pages;        /* takes messages on the phone */
} ListContact;

typedef struct {
  char *id, *name;
} ListGroup;

typedef struct {
  GHashTable *contacts;        /* address -> ListContact */
  GPtrArray *groups;           /* ListGroup */
  char *own_name;
  char *phones[PHONES];
  gboolean strangers_blocked;  /* BLP BL */
  gboolean quiet;              /* GTC N */
} ContactList;

ContactList *contact_list_new (void);
void contact_list_free (ContactList *list);

/* NULL: nobody of this address. */
ListContact *contact_list_get (ContactList *list, const char *address);
ListContact *contact_list_get_by_guid (ContactList *list, const char *guid);
/* An address as the server writes it; ADDRESS itself where it is not known. */
const char *contact_list_get_exact (ContactList *list, const char *address);
/* Made if there is none; NULL: the list is full. */
ListContact *contact_list_need (ContactList *list, const char *address);
ListGroup *contact_list_get_group (ContactList *list, const char *id);
ListGroup *contact_list_find_group (ContactList *list, const char *name);
void contact_list_set_group (ContactList *list, const char *id, const char *name);
void contact_list_remove_group (ContactList *list, const char *id);

gboolean list_contact_has_group (const ListContact *contact, const char *id);
void list_contact_add_group (ListContact *contact, const char *id);
void list_contact_remove_group (ListContact *contact, const char *id);
/* Somebody added us, and we have not answered (5.1). */
gboolean list_contact_must_be_asked (const ListContact *contact);

/* ADC, ADD (ADDED) or REM, asked for or not; the contact, or NULL if the line is of nobody. */
ListContact *contact_list_change (ContactList *list, const ChangeLine *line, gboolean added);
/* LST, at any time; NULL: it cannot be read, or is of nobody. */
ListContact *contact_list_take_line (ContactList *list, guint dialect, const Command *command);
/* BPR, with the address or (inside of SYN) of the contact that came last; PRP. */
void contact_list_take_detail (ContactList *list, ListContact *last, const Command *command);
void contact_list_take_own_detail (ContactList *list, const Command *command);

/* -- Sign-in -------------------------------------------------------------- */

typedef struct ListSync ListSync;

typedef enum {
  LIST_SYNC_MORE,
  LIST_SYNC_DONE,
  LIST_SYNC_UNCHANGED,     /* the copy that we have is good */
  LIST_SYNC_OTHER,         /* the command does not belong here */
} ListSyncResult;

/* Fills LIST, lent. */
ListSync *list_sync_new (guint dialect, ContactList *list);
void list_sync_free (ListSync *sync);
ListSyncResult list_sync_take (ListSync *sync, const Command *command);
/* The time stamps, "FIRST SECOND"; NULL: none that could be kept. */
char *list_sync_dup_stamps (const ListSync *sync);

/* The list as lines, to be kept, and back again; NULL: this is no list. */
char *contact_list_dup_copy (ContactList *list);
ContactList *contact_list_from_copy (const char *copy);
