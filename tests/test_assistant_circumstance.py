"""Whose case a text is about: what it takes for granted, what it must tell, and which of several it means."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.circumstance import Case
from assistant.query import understand
from corpora.records import Document, DocumentId, DocumentStatus

TODAY = date(2026, 11, 25)
DIVORCE = "Бекор кардани ақди никоҳ (талоқ): боҷи давлатӣ"
RETURN = "Шаҳодатномаи бозгашт: агар шиноснома дар хориҷа гум шавад"
LEAVE = "Рухсатии ҳомиладорӣ ва таваллуд (декрет)"
TWINS = "Ҳангоми таваллуди дугоник рухсатӣ баъд аз таваллуд 110 рӯз аст."
CITIZEN = "Шиносномаи шаҳрванд: муҳлат"
GROUP_ONE = "Нафақаи маъюбони гурӯҳи I 50 фоиз зиёд шуд."


def _differs(question: str, title: str, text: str) -> bool:
    document = Document(id=DocumentId("one"), title=title, language="tg", file="one.md", sha256="0" * 64,
                        media_type="text/markdown", extractor="x", status=DocumentStatus.IN_FORCE)
    return Case(understand(question, today=TODAY)).differs(document, text)


@pytest.mark.parametrize(("question", "title", "text"), [
    ("никох кардан чанд пул аст", DIVORCE, "Боҷ 10 нишондиҳанда аст."),
    ("shinosnoma gum shud chi kor kunam", RETURN, "Шаҳодатномаи бозгашт ҳангоми гум шудан дода мешавад."),
    ("Декрет чанд рӯз аст?", LEAVE, TWINS),
    ("Загран чанд рӯзба тайёр мешавад?", CITIZEN, "Дар муҳлати то 15 рӯз тайёр мешавад."),
    ("Сколько дней делают загранпаспорт?", CITIZEN, "Дар муҳлати то 15 рӯз тайёр мешавад."),
    ("Нафакаи маюби гурухи 2 чанд пул", "Маъюбият", GROUP_ONE),
    ("Нафакаи маюби гурухи 2 чанд пул", "Маъюбият", "Нафақаи маъюбони аз синни кӯдакӣ 20 фоиз зиёд шуд."),
    ("Шаҳодатномаи таваллуд гум шуд, чӣ кор кунам?", "Таваллуд", "Шаҳодатномаро САҲШ медиҳад."),
    ("Пособие на второго ребёнка", "Кумакпулӣ", "Барои фарзанди якум се нишондиҳанда аст.")])
def test_a_text_about_another_case_is_told_from_the_one_asked_about(question, title, text):
    assert _differs(question, title, text)


@pytest.mark.parametrize(("question", "title", "text"), [
    ("Развод чанд пул аст?", DIVORCE, "Боҷ 10 нишондиҳанда аст."),
    ("баъди чанд рӯз ҷудо мешавем", DIVORCE, "Баъди як моҳ."),
    ("Дар Маскав паспортам гум шуд", RETURN, "Ҳангоми гум шудан дода мешавад."),
    ("bo šahodatnomai bozgašt az sarhad meguzaronand?", RETURN, "Он шахсиятро тасдиқ мекунад."),
    ("Двойня таваллуд шуд, чанд рӯз рухсатӣ?", LEAVE, TWINS),
    ("Декрет чанд рӯз аст?", LEAVE, "Рухсатӣ 140 рӯз аст."),
    ("Шиноснома чанд рӯз?", CITIZEN, "Дар муҳлати то 15 рӯз тайёр мешавад."),
    ("маъюби гурӯҳи 2", "Шиноснома", "Шахсони дорои маъюбияти гурӯҳи 1 ва 2 озоданд."),
    ("маъюби гурӯҳи якум", "Маъюбият", GROUP_ONE),
    ("نکاح چند پول", DIVORCE, "Боҷ 10 нишондиҳанда аст.")])
def test_what_the_question_tells_or_leaves_open_parts_it_from_no_text(question, title, text):
    assert not _differs(question, title, text)
