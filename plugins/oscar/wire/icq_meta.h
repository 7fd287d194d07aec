/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq_meta.h - family 15: what ICQ has beside OSCAR: user details, searches, stored messages (oscar.md 6.3). */
#pragma once

#include "icq_message.h"
#include "snac.h"

enum {
  ICQ_REQUEST_OFFLINE = 0x003c,
  ICQ_REQUEST_DELETE_OFFLINE = 0x003e,
  ICQ_REPLY_OFFLINE = 0x0041,
  ICQ_REPLY_OFFLINE_END = 0x0042,
  ICQ_REQUEST_META = 0x07d0,
  ICQ_REPLY_META = 0x07da,
};

enum {
  ICQ_META_SHORT_INFO = 0x04ba,
  ICQ_META_FULL_INFO = 0x04b2,
  ICQ_META_OWN_INFO = 0x04d0,
  ICQ_META_SEARCH_UIN = 0x051f,
  ICQ_META_SEARCH_NAMES = 0x0515,
  ICQ_META_SEARCH_EMAIL = 0x0573,
  ICQ_META_SET_PERMISSIONS = 0x0424,
  ICQ_META_SET_PASSWORD = 0x042e,
  ICQ_META_SET_ANYTHING = 0x0c3a,
};

enum {
  ICQ_INFO_SHORT = 0x0104,
  ICQ_INFO_BASIC = 0x00c8,
  ICQ_INFO_MORE = 0x00dc,
  ICQ_INFO_EMAILS = 0x00eb,
  ICQ_INFO_WORK = 0x00d2,
  ICQ_INFO_NOTES = 0x00e6,
  ICQ_INFO_INTERESTS = 0x00f0,
  ICQ_INFO_AFFILIATIONS = 0x00fa,
  ICQ_FOUND = 0x01a4,
  ICQ_FOUND_LAST = 0x01ae,
};

#define ICQ_RESULT_OK 0x0a

/* Bodies of 15/02. */
GByteArray *icq_meta_build_request (guint32 own_uin, guint16 type, guint16 sequence);
GByteArray *icq_meta_build_about (guint32 own_uin, guint16 sequence, guint16 subtype, guint32 uin);
GByteArray *icq_meta_build_search_email (guint32 own_uin, guint16 sequence, const char *email);
GByteArray *icq_meta_build_search_names (guint32 own_uin, guint16 sequence, const char *first, const char *last, const char *nick);
GByteArray *icq_meta_build_permissions (guint32 own_uin, guint16 sequence, gboolean authorize, gboolean web_aware);
GByteArray *icq_meta_build_password (guint32 own_uin, guint16 sequence, const char *password);

/* 15/03, taken apart; data is lent. */
typedef struct {
  guint32 own_uin;
  guint16 type;
  guint16 sequence;
  guint16 subtype;   /* of a meta answer, as result is */
  guint8 result;
  Reader data;
} IcqReply;

gboolean icq_meta_parse_reply (Reader body, IcqReply *reply);
/* A meta answer that does not say no; the SNAC may be NULL. */
gboolean icq_meta_parse_answer (const Snac *snac, IcqReply *reply);

/* A stored message: 0041.  *sent is Unix time. */
gboolean icq_meta_parse_offline (Reader data, const char *fallback, IcqMessage *message, gint64 *sent);

/* What the parts of an answer about a user say; they are gathered in one.  Strings are owned, UTF-8, NULL or not empty. */
typedef struct {
  char *nick, *first, *last, *email, *city, *state, *phone, *fax, *street, *cell, *zip;
  char *homepage, *notes;
  char *work_city, *work_state, *work_phone, *work_fax, *work_street, *work_zip, *company, *department, *position, *work_homepage;
  GString *interests;   /* or NULL */
  guint16 country, work_country, age, birth_year;
  guint8 gender, birth_month, birth_day;   /* gender: 0 unknown, 1 female, 2 male */
  gboolean says_authorization, needs_authorization, publishes_email;
} IcqInfo;

/* Adds what the part holds; one that cannot be read adds what can. */
void icq_info_add_part (IcqInfo *info, guint16 subtype, Reader data, const char *fallback);
void icq_info_clear (IcqInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IcqInfo, icq_info_clear)

/* Sets what a user tells about himself: names, e-mail, homepage, street, city, state, phones, notes, gender.  NULL deletes.
 * No text may be longer than a frame has room for. */
GByteArray *icq_meta_build_details (guint32 own_uin, guint16 sequence, const IcqInfo *info);

typedef struct {
  guint32 uin;
  char *nick, *first, *last, *email;   /* owned, UTF-8, never NULL */
  gboolean needs_authorization;
  guint16 status;        /* 0 off line, 1 on line, 2 hidden */
  guint8 gender;
  guint16 age;
} IcqFound;

/* 01A4, 01AE; *left_out: how many more there would be. */
gboolean icq_meta_parse_found (const IcqReply *reply, const char *fallback, IcqFound *found, guint32 *left_out);
void icq_found_clear (IcqFound *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IcqFound, icq_found_clear)
