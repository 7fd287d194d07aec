# SPDX-License-Identifier: GPL-2.0-or-later
"""The main scenarios again, with ejabberd as the users' server."""

# ruff: noqa: F401
import pytest

from conftest import running
from gateway import irc, xmpp
from test_bot import test_the_whole_way as test_chat_with_the_gateway
from test_commands import test_the_whole_way as test_commands
from test_contacts import (test_adding_asks_the_person, test_a_person_asks_and_is_let_in,
                           test_contacts_of_the_network_are_asked_for_once, test_removal_on_the_network_reaches_the_user,
                           test_removing_removes_on_the_network)
from test_disco import test_caps_match_what_disco_says, test_ping, test_the_server_lists_the_gateway
from test_messages import (test_a_long_message_is_split_between_letters, test_a_delayed_message_tells_its_time,
                           test_odd_letters_over_xmpp, test_order_is_kept, test_slash_me_both_ways, test_to_nobody_is_told,
                           test_typing_both_ways)
from test_presence import (test_sign_in_and_out_with_the_users_presence, test_status_text_from_the_network,
                           test_status_text_to_the_network, test_the_last_resource_counts)
from test_register import (test_a_wrong_password, test_an_unknown_account, test_change_of_the_name, test_removal_cleans_up,
                           test_the_form_and_the_plain_fields, test_with_plain_fields)


@pytest.fixture(scope="module")
def gateway(ejabberd, ngircd, elsewhere):
    with running(ejabberd, {"irc": irc(ngircd.port), "xmpp": xmpp(elsewhere)}) as gateway:
        yield gateway
