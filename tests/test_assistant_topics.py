"""Life events: their questions are answered by the seed, in every language; their forms and offices are theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant import topics as subject
from assistant.answer import Assistant
from assistant.records import AnswerStatus
from assistant.texts import LANGUAGES
from assistant.topics import checked, find_topic, topics
from corpora.records import DocumentStatus

TOPICS = [topic.id for topic in topics()]


def test_there_are_eight_and_each_has_a_title_and_at_least_four_questions_in_every_language():
    assert len(topics()) == len(set(TOPICS)) == 8
    for topic in topics():
        assert set(topic.titles) == set(topic.asked) == set(LANGUAGES)
        assert all(len(set(topic.questions(language))) >= 4 for language in LANGUAGES)
        assert all(len(set(asked)) == len(asked) for asked in topic.asked.values())


def test_a_title_is_short_and_a_tajik_question_is_written_with_the_letters_of_tajik():
    for topic in topics():
        assert all(len(topic.title(language)) <= 30 for language in LANGUAGES)
        for question in topic.questions("tg"):
            assert set(question.lower()) & set("ғӣқӯҳҷ"), question
            assert not set(question.lower()) & set("ыщцьў"), question


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TOPICS)
def test_the_seed_answers_every_question_of_a_life_event_in_full_from_a_document_of_it(name, language, assistant):
    topic = find_topic(name)
    for question in topic.questions(language):
        answer = assistant.account(question, language=language).answer
        assert answer.status == AnswerStatus.ANSWERED, question
        assert answer.claims[0].citations[0].document.service in topic.services, question


def test_what_belongs_to_a_life_event_is_in_the_corpus(assistant):
    services = {document.service for document in assistant.snapshot.documents()}
    assert {service for topic in topics() for service in topic.services} <= services


def test_checking_asks_no_model_and_keeps_all_questions_of_the_seed(assistant, monkeypatch):
    monkeypatch.setattr(Assistant, "writing", lambda *_args, **_kwargs: pytest.fail("a model was asked"))
    assert checked(assistant, "tg") == {topic.id: topic.questions("tg") for topic in topics()}


def test_a_question_that_is_not_answered_or_from_elsewhere_is_not_kept(assistant, monkeypatch):
    birth = find_topic("birth")
    asked = (*birth.questions("tg")[:1], "Дар кайҳон нонвойхона ҳаст?", "Дар чандсолагӣ ба нафақа мебароянд?")
    monkeypatch.setattr(subject, "topics", lambda: (replace(birth, asked={"tg": asked}),))
    assert subject.checked(assistant, "tg") == {"birth": asked[:1]}


def test_the_forms_of_a_life_event_are_of_its_services_and_hold(assistant):
    forms = {topic.id: topic.forms(assistant.snapshot, "tg") for topic in topics()}
    assert {one.id for one in forms["birth"]} == {"birth-registration-form", "form-birth-registration"}
    assert forms["health"] == ()
    assert all(one.kind == "form" and one.status not in (DocumentStatus.VOID, DocumentStatus.SUPERSEDED)
               for found in forms.values() for one in found)


def test_the_office_is_that_of_the_main_service_or_none(assistant):
    assert "нафақа" in find_topic("support").office(assistant, "tg").name
    assert find_topic("birth").office(assistant, "tg") is None


def test_an_id_that_is_none_finds_nothing():
    assert find_topic("кайҳон") is None
