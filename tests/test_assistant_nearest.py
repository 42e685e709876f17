"""Whoever got no answer is shown only what has to do with the question."""

from __future__ import annotations

import pytest

from assistant.nearest import only_near
from assistant.rumour import notices, warns_of_fraud


def shown(assistant, question):
    return only_near(assistant.account(question), assistant.snapshot).answer


@pytest.mark.parametrize(("question", "title"), [
    ("Дар Қазоқистон шаҳодатномаи ронандагӣ чӣ тавр мегиранд?", "Шаҳодатномаи ронандагӣ"),
    ("dar qazoqiston shahodatnomai ronandagi chi tavr megirand", "Шаҳодатномаи ронандагӣ"),
    ("Сколько стоит виза в Узбекистан?", "виза"), ("Who issues a licence to build railways?", "Лицензии")])
def test_a_near_document_stays_in_any_spelling_and_across_languages(question, title, assistant):
    answer = shown(assistant, question)
    assert not answer.claims
    assert any(title in document.title for _, document in answer.hits)
    assert len(answer.hits) < len(assistant.account(question).answer.hits)


@pytest.mark.parametrize("question", ["Фардо борон меборад?", "Қурби доллар имрӯз чанд аст?", "Табрики зодрӯз навис",
                                      "Сколько стоит хлеб?"])
def test_of_what_only_shares_a_word_neither_document_nor_office_stays(question, assistant):
    before = assistant.account(question).answer
    answer = shown(assistant, question)
    assert (answer.hits, answer.office) == ((), None)
    assert (answer.status, answer.warnings) == (before.status, before.warnings)


def test_the_office_stays_where_something_is_near(assistant):
    assert shown(assistant, "Маълумотномаи доғи судӣ дар Қазоқистон чанд танга аст?").office


@pytest.mark.parametrize("question", ["Барои шиносномаи шаҳрванд чӣ ҳуҷҷатҳо лозиманд?", "шиноснома", "Салом"])
def test_an_answer_and_a_question_back_are_left_as_they_are(question, assistant):
    account = assistant.account(question)
    assert only_near(account, assistant.snapshot) is account


def test_what_warns_of_a_fraud_stays_under_a_rumour(assistant):
    answer = shown(assistant, "Дар WhatsApp навиштаанд, ки ба ҳама 500 сомонӣ медиҳанд, дуруст аст?")
    assert set(notices("tg")) <= set(answer.warnings)
    assert any(warns_of_fraud(document, hit.passage.text) for hit, document in answer.hits)
