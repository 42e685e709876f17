"""Orders to the program, in questions and in documents, change no answer and reach no model."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.drafting import Drafting
from assistant.generate import Draft, Finish
from assistant.orders import is_order, speaks_to_program, without_orders
from assistant.query import understand
from assistant.records import AnswerStatus
from index import Snapshot, build_snapshot
from tests.entries import entry

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 25)
ATTEMPTS = [json.loads(line) for line in
            (ROOT / "tests" / "assets" / "injections.jsonl").read_text(encoding="utf-8").splitlines()]
QUESTIONS = [row for row in ATTEMPTS if row["kind"] == "question"]
DOCUMENTS = [row for row in ATTEMPTS if row["kind"] == "document"]
HONEST = [
    entry("шиноснома", ("Ҳуҷҷатҳо", "Барои гирифтани шиносномаи шаҳрванд ариза, ду расм ва шаҳодатномаи таваллуд лозим "
           "аст."), title="Шиносномаи шаҳрванд: ҳуҷҷатҳо", service="passport"),
    entry("никоҳ", ("Ҳуҷҷатҳо", "Барои бақайдгирии никоҳ ариза, шиноснома ва маълумотномаи тиббӣ лозим аст."),
          title="Ақди никоҳ: ҳуҷҷатҳо", service="marriage"),
    entry("нафақа", ("Синну сол", "Нафақаи пиронсолиро аз 63-солагӣ ба мардон ва аз 58-солагӣ ба занон медиҳанд."),
          title="Нафақа: синну сол", service="pension"),
    entry("пенсия", ("Документы", "Для пенсии по возрасту нужны документы: заявление, паспорт и трудовая книжка."),
          title="Пенсия по возрасту: документы", service="pension", language="ru"),
    *(entry(f"дигар-{letter}", f"Матни {letter * 3} дар бораи боғу дарахтон.") for letter in "бвгджзклмнпр"),
]
MARKS = ("_of_turn", "im_start", "im_end", "[INST]", "<<SYS>>", "<bos>", "</s>")


class Echo:
    """A generator that gives back what it was told, as the words of the answer."""

    name, shows_text, waiting = "echo", True, 0

    def __init__(self):
        self.bodies = []

    def stream(self, prompt, **_options):
        self.bodies.append(prompt.body)
        said = prompt.body.rsplit(":", 1)[-1].strip(" ?.!")
        text = f"{said}. [1] Шиноснома ройгон аст. [1]"
        yield text
        return Draft(text, self.name, Finish.STOP, 9, 0.1)

    def close(self):
        pass


def opened(path, entries, generator=None):
    build_snapshot(entries, path, encoder=None)
    drafting = Drafting([generator] if generator else [])
    return Assistant(Snapshot.open(path, encoder=None), path.name, lambda: TODAY, drafting)


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    assistant = opened(tmp_path_factory.mktemp("honest") / "0001", HONEST)
    with assistant.snapshot:
        yield assistant


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    forged = [entry(row["id"], row["attempt"], title=row["question"], service="passport") for row in DOCUMENTS]
    assistant = opened(tmp_path_factory.mktemp("attacked") / "0001", [*HONEST, *forged])
    with assistant.snapshot:
        yield assistant


def said(answer):
    return answer.status, [(claim.text, [(citation.document.id, citation.span) for citation in claim.citations])
                           for claim in answer.claims]


def with_attempt(row):
    question, attempt = row["question"], row["attempt"]
    match row["place"]:
        case "before":
            return f"{attempt} {question}"
        case "after":
            return f"{question} {attempt}"
        case "line":
            return f"{question}\n{attempt}"
    return attempt


def test_there_are_a_hundred_attempts_and_forty_of_them_are_documents():
    assert len(ATTEMPTS) >= 100
    assert len(DOCUMENTS) >= 40
    assert {row["place"] for row in QUESTIONS} == {"before", "after", "line", "alone"}


def test_the_honest_questions_are_answered(honest):
    for question in sorted({row["question"] for row in ATTEMPTS if row["question"]}):
        assert honest.ask(question).claims, question


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["id"])
def test_an_order_beside_a_question_or_alone_changes_nothing(honest, row):
    answer = honest.ask(with_attempt(row))
    if row["place"] == "alone" or answer.status == AnswerStatus.ABSTAINED_UNSAFE:
        assert said(answer) == (AnswerStatus.ABSTAINED_UNSAFE, [])
    else:
        assert said(answer) == said(honest.ask(row["question"]))
        assert row["attempt"].splitlines()[0] not in answer.question


def test_an_order_seldom_costs_the_question_beside_it_its_answer(honest):
    beside = [row for row in QUESTIONS if row["place"] != "alone"]
    lost = [row["id"] for row in beside if honest.ask(with_attempt(row)).status == AnswerStatus.ABSTAINED_UNSAFE]
    assert len(lost) <= len(beside) // 10


@pytest.mark.parametrize("row", DOCUMENTS, ids=lambda row: row["id"])
def test_a_passage_that_speaks_to_the_program_is_told_from_others(row):
    assert speaks_to_program(row["attempt"])
    assert speaks_to_program(f"{HONEST[0].passages[0].text} {row['attempt']}")


def test_no_honest_passage_speaks_to_the_program(assistant):
    for document in list(assistant.snapshot.documents())[::8]:      # an eighth of them keeps it short
        assert not [passage.text for passage in assistant.snapshot.passages(document.id)
                    if speaks_to_program(passage.text)]


@pytest.mark.parametrize("question", sorted({row["question"] for row in DOCUMENTS}))
def test_documents_that_order_are_evidence_of_nothing(honest, attacked, question):
    answer = attacked.ask(question)
    assert not {citation.document.id for claim in answer.claims for citation in claim.citations
                if citation.document.id.startswith("d-")}
    assert answer.claims == () or said(answer) == said(honest.ask(question))


@pytest.mark.parametrize("row", [row for row in QUESTIONS if row["place"] != "alone"], ids=lambda row: row["id"])
def test_no_order_and_no_control_token_reaches_a_model(attacked, row):
    echo = Echo()
    worded = Assistant(attacked.snapshot, attacked.snapshot_id, attacked.today, Drafting([echo]))
    answer = worded.ask(with_attempt(row))
    assert not [mark for body in echo.bodies for mark in MARKS if mark in body]
    assert not [body for body in echo.bodies if row["attempt"].splitlines()[0] in body]
    assert "ройгон" not in " ".join(claim.text for claim in answer.claims)


@pytest.mark.parametrize("question", [
    "Агар шиноснома гум шавад, чӣ кор кунам?", "Лутфан бигӯед, ки шиноснома чанд пул аст?",
    "Скажите, пожалуйста, сколько стоит паспорт?", "Бе прописка ба мактаб мегиранд?",
    "Please tell me how much it costs.",
    "Какие правила въезда действуют?", "Дастури пур кардани аризаро аз куҷо ёбам?", "Оё пардохти боҷ ройгон аст?",
    "Можно ли отменить регистрацию?", "Which rules apply to foreigners?", "Системаи Face ID чист?"])
def test_a_question_about_rules_or_orders_is_a_question(question):
    assert without_orders(question) == (type(without_orders(question))(question, False))
    assert not is_order(question)
    assert not understand(question, today=TODAY).ordered
