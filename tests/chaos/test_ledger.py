# SPDX-License-Identifier: GPL-2.0-or-later
"""Events in, verdicts out."""

import itertools

import pytest

from chaos import ledger
from chaos.ledger import IN, OUT, ROOM_IN, ROOM_OUT, Ledger


@pytest.fixture
def book():
    ticks = itertools.count()
    return Ledger(lambda: next(ticks))


ROWS = {
    "nothing more": ("", ledger.UNSURE),
    "proven and gone": ("p", ledger.LOST),
    "arrived once": ("pa", ledger.DELIVERED),
    "arrived before the proof": ("ap", ledger.DELIVERED),
    "arrived and never proven": ("a", ledger.UNSURE),
    "returned": ("pe", ledger.RETURNED),
    "returned and never proven": ("e", ledger.UNSURE),
    "twice with one id": ("paa", ledger.DOUBLED),
    "twice with two ids": ("pab", ledger.REPEATED),
    "delivered and returned": ("pae", ledger.BOTH),
    "returned, then delivered": ("pea", ledger.BOTH),
    "history of what was heard": ("pah", ledger.DELIVERED),
    "history of what was missed": ("ph", ledger.DELIVERED),
    "twice in history": ("phh", ledger.DELIVERED),
    "history under another id": ("pbh", ledger.REPEATED),
}


@pytest.mark.parametrize("events, verdict", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("direction", [OUT, IN, ROOM_OUT])
def test_verdict(book, direction, events, verdict):
    number = book.next_number()
    book.sent(number, direction, "alice", "bob")
    for event in events:
        {"p": lambda: book.proven(number), "e": lambda: book.sent_back(number),
         "a": lambda: book.arrived(number, "bob", "one"), "b": lambda: book.arrived(number, "bob", "two"),
         "h": lambda: book.arrived(number, "bob", "one", again=True)}[event]()
    assert book.verdicts() == {verdict: 1}
    assert bool(book.open()) == (verdict == ledger.LOST)


def test_who_is_in_the_room_is_owed_what_is_said(book):
    number = book.next_number()
    book.sent(number, ROOM_OUT, "alice", "#room")
    book.proven(number)
    book.passed_on(number, "alice", ["alice", "carol"])
    book.arrived(number, "#room")
    book.arrived(number, "carol", "a1")
    assert book.verdicts() == {ledger.DELIVERED: 2, ledger.LOST: 1}
    assert [(one.addressee, one.direction) for one in book.having(ledger.LOST)] == [("alice", ROOM_IN)]


def test_a_client_may_hear_it_before_the_witness(book):
    number = book.next_number()
    book.arrived(number, "carol", "a1")
    book.passed_on(number, "friend", ["carol"])
    assert book.verdicts() == {ledger.DELIVERED: 1}


def test_what_is_said_twice_in_a_channel_has_two_ids(book):
    number = book.next_number()
    for name in ("a1", "a2"):
        book.passed_on(number, "friend", ["carol"])
        book.arrived(number, "carol", name)
    assert book.verdicts() == {ledger.DOUBLED: 1}
    book.arrived(number, "carol", "a3")
    assert book.verdicts() == {ledger.REPEATED: 1}


def test_without_the_witness_nothing_is_owed(book):
    number = book.next_number()
    book.arrived(number, "carol", "a1")
    assert book.verdicts() == {ledger.UNSURE: 1}


def test_an_error_is_about_the_room_and_not_about_those_in_it(book):
    number = book.next_number()
    book.sent(number, ROOM_OUT, "alice", "#room")
    book.proven(number)
    book.passed_on(number, "alice", ["alice"])
    book.sent_back(number)
    assert [one.direction for one in book.having(ledger.LOST)] == [ROOM_IN]


def test_an_error_for_nothing_is_strange(book):
    book.sent_back(7)
    assert book.strange
