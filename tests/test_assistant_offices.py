"""Whom a card names: the right body, or nobody."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.offices import find_office

TODAY = date(2026, 11, 25)


@pytest.fixture
def card(assistant):
    """The card of a service of the seed, in a language."""
    return lambda service, language="tg": find_office(assistant.snapshot, service, language, TODAY)


@pytest.mark.parametrize(("service", "language", "name", "address", "phone"), [
    ("consular", "tg", "Вазорати корҳои хориҷии Ҷумҳурии Тоҷикистон", "шаҳри Душанбе, кӯчаи Пушкин, 34", None),
    ("consular", "ru", "Министерство иностранных дел Республики Таджикистан", "Душанбе, улица Пушкина, 34", None),
    ("entrance-exam", "ru", "Национальный центр тестирования при Президенте Республики Таджикистан", None,
     "(+992 37) 224-53-68"),
    ("archive", "tg", "Бойгонии давлатии Ҷумҳурии Тоҷикистон", None, "233-95-71"),
    ("marriage", "tg", "САҲШ-и ҷойи истиқомат", None, None),
    ("pension", "tg", "Агентии суғуртаи иҷтимоӣ ва нафақаи назди Ҳукумати Ҷумҳурии Тоҷикистон", None, None),
    ("criminal-record", "ru", "Министерство внутренних дел Республики Таджикистан", None, None),
])
def test_a_card_says_what_the_documents_say(card, service, language, name, address, phone):
    found = card(service, language)
    assert (found.name, found.address, found.phone) == (name, address, phone)


@pytest.mark.parametrize("service", [
    "jamoat", "car-import", "foreign-diploma",      # the publisher made the law and serves nobody
    "e-government", "building-permit",              # a report of what was or will be
    "health-care", "first-grade", "kindergarten",   # a number for one purpose
    "apostille", "licence", "office-addresses",     # several bodies
    "mobile-money", "guardianship", "unemployment", "helplines",
    "birth-benefit", "citizenship", "electricity",  # hearsay
    "no-such-service",
])
@pytest.mark.parametrize("language", ["tg", "ru"])
def test_where_the_body_is_not_known_for_sure_there_is_no_card(card, service, language):
    assert card(service, language) is None


def test_every_card_of_the_seed_names_its_body_and_gives_no_year_for_a_phone(assistant, card):
    services = {document.service for document in assistant.snapshot.documents()}
    cards = [found for service in services for language in ("tg", "ru") if (found := card(service, language))]
    assert len(cards) >= 25
    for found in cards:
        assert found.citation.document.publisher == found.name or found.name in found.citation.quote
        assert not found.phone or not found.phone.strip("0123456789").startswith(" соли")
        assert found.address is None or found.address in found.citation.quote
        assert "2021" not in (found.hours or "")


def test_hours_are_those_of_the_body_on_the_card(card):
    assert card("labour-migration").hours is None
    assert "8:30" in card("consular").hours
