# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scripted server does with each SNAC: one file for each family, or for those that belong together.

A handler is called with the connection and the SNAC. It raises Malformed for a body that the real server would close
the connection for, and Closed for what else it would."""

from oscar.families import admin, bart, buddy, chat, feedbag, icbm, icq, locate, oservice

HANDLERS = {}
for _module in (oservice, locate, buddy, icbm, admin, chat, bart, feedbag, icq):
    HANDLERS.update(_module.HANDLERS)
