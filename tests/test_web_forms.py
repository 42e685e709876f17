"""Forms on the screen, as somebody without scripts goes from page to page; what they write stays in memory."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pypdfium2
import pytest

from assistant import config as settings
from assistant import printer
from assistant.config import Config
from assistant.form_answers import Example, fault_of, lacking, questions, tidy, values_of
from assistant.held_forms import forms_in_use, held_form, may_be_filled
from assistant.printer import PrinterState
from assistant.update import build
from assistant.web import form
from corpora import Draft
from corpora.forms import Fault, Field, FieldType, FormRecord
from corpora.ingest import ingest
from corpora.release import packed_files
from index import Generations, Snapshot
from sync.release import PackKind
from tests.desk import desk, visit, visitor
from tests.disk import everything
from tests.receiving import Receiver, texts

DOCUMENTS = Path(__file__).parents[1] / "corpora" / "seed" / "documents"
FORM, PAPER = "form-power-of-attorney", "passport-citizen-form"
FILES = (f"{FORM}.pdf", "form-pension.pdf", f"{PAPER}.md", "targeted-assistance-who.html")
GIVEN = {"q1": "Ғаффорова Ҷамила", "q2": "А 1", "q3": "Ҳисор", "q4": "Қодиров Ӯктам", "q5": "А 2", "q6": "Хуҷанд",
         "q7": "Гирифтани ҳуҷҷат", "q8": "Ҳуҷҷатро\r\nгирад.", "q10": "2027-01-31", "q11": "yes", "q12": "31.01.2026"}
CANARY = "Канарейкина Ситора"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """A machine with two forms that are filled, one for a pen, and a document that is none."""
    config = replace(settings.load(tmp_path_factory.mktemp("forms")), encoder="none")
    reports = ingest([DOCUMENTS / name for name in FILES], Draft(config.drafts / "seed"))
    assert not [report.message for report in reports if report.error_code]
    build(config, wait=True)
    return config


@pytest.fixture
def here(config):
    return desk(config, printer="office-a4", downloads=True)


@pytest.fixture
def person(here):
    with visitor(here, *form.routes()) as client:
        yield client


def text(data):
    document = pypdfium2.PdfDocument(data)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def words(response):
    return unescape(re.sub(r"<[^>]+>", " ", response.text))


def test_the_list_says_what_is_filled_here_and_what_on_paper(person):
    page = person.get("/forms").text
    said = dict(re.findall(r'<a href="/form/([^"]+)">.*?<span class="small">([^<]+)<', page))
    assert said["form-pension"] == "Дар ҳамин ҷо пур кардан мумкин аст"
    assert said[PAPER] == "Бо даст, дар коғаз пур карда мешавад"
    assert "targeted-assistance-who" not in page


def test_the_list_is_by_life_event_and_has_every_form_once(person):
    page = person.get("/forms").text
    groups = page.split("<details")[1:]
    assert ["Шиноснома ва ҳуҷҷатҳо" in group for group in groups if f"/form/{PAPER}" in group] == [True]
    assert ["Нафақа ва кумакпулӣ" in group for group in groups if "/form/form-pension" in group] == [True]
    assert page.count('<a href="/form/') == len(set(re.findall(r'<a href="(/form/[^"]+)', page)))


def test_a_form_that_fits_the_question_comes_first(person):
    page = words(person.get("/forms?service=notary"))
    assert page.index("мувофиқ") < page.index("ваколатнома") < page.index("нафақаи синну сол")


def test_a_form_says_what_it_asks_and_the_rule_that_requires_it(person):
    page = person.get("/form/form-pension")
    assert "Чаро инро мепурсанд?" in page.text
    assert "Барои нафақаи вобаста ба синну сол шиноснома" in page.text
    assert "16 савол" in words(page)


def test_one_question_after_another_leads_to_the_review_and_the_printed_page_says_the_same(person, here):
    page = person.get(f"/form/{FORM}/1")
    for number in range(1, 13):
        assert str(page.url).endswith(f"/{number}")
        name = f"q{number}"
        page = person.post(f"/form/{FORM}/{number}", data={name: GIVEN[name]} if name in GIVEN else {})
    assert str(page.url).endswith("/review")
    assert "намерасад" not in page.text
    said = text(person.get(f"/form/{FORM}/filled.pdf").content)
    for given in ("Ғаффорова Ҷамила", "Қодиров Ӯктам", "Гирифтани ҳуҷҷат", "31.01.2027"):
        assert given in said


def test_all_at_once_gives_the_same(person):
    page = person.post(f"/form/{FORM}/all", data=GIVEN)
    assert str(page.url).endswith("/review")
    assert "Ғаффорова Ҷамила" in page.text
    assert "Қодиров Ӯктам" in text(person.get(f"/form/{FORM}/filled.pdf").content)


@pytest.mark.parametrize(("changed", "said"), [
    ({"q4": " "}, "Ин ҷоро пур кунед."), ({"q10": "фардо"}, "Санаро чунин нависед"), ({"q10": "31.02.2026"}, "Санаро"),
    ({"q7": "Парвоз"}, "Яке аз ҷавобҳоро"), ({"q11": ""}, "Ин ҷо қайд гузоред."), ({"q1": "你好"}, "Баъзе аломатҳо"),
    ({"q1": "дароз " * 90}, "намеғунҷад")])
def test_what_is_wrong_is_said_at_its_place_and_what_is_right_is_kept(person, here, changed, said):
    page = person.post(f"/form/{FORM}/all", data=GIVEN | changed)
    number = next(iter(changed))
    assert f'href="#{number}"' in page.text
    assert said in words(page)
    kept = visit(here, person).forms[FORM]
    assert kept["суроғаи ваколатдор"] == "Хуҷанд"
    assert len(kept) == 11                   # all but the one that is wrong


def test_a_required_answer_may_be_left_to_the_pen_and_the_rest_is_printed(person):
    page = person.post(f"/form/{FORM}/all", data=GIVEN | {"q5": ""})
    assert 'name="by_hand"' in page.text
    page = person.post(f"/form/{FORM}/all", data=GIVEN | {"q5": "", "by_hand": "yes"})
    assert str(page.url).endswith("/review")
    assert "Ҷавоби ҳатмӣ намерасад".casefold() in words(page).casefold()
    assert "Қодиров Ӯктам" in text(person.get(f"/form/{FORM}/filled.pdf").content)


def test_a_wrong_day_cannot_be_left_to_the_pen(person):
    page = person.post(f"/form/{FORM}/10", data={"q10": "фардо", "by_hand": "yes"})
    assert str(page.url).endswith("/10")
    page = person.post(f"/form/{FORM}/all", data=GIVEN | {"q2": "", "q10": "фардо", "by_hand": "yes"})
    assert 'name="by_hand" value="yes"' in page.text      # it is not asked again


def test_a_correction_leads_back_to_the_review(person):
    person.post(f"/form/{FORM}/all", data=GIVEN)
    page = person.post(f"/form/{FORM}/4?review=1", data={"q4": "Раҳимов Ғанӣ"})
    assert str(page.url).endswith("/review")
    assert "Раҳимов Ғанӣ" in page.text
    assert "Қодиров Ӯктам" not in page.text
    assert "Ғаффорова Ҷамила" in page.text


def test_what_is_written_is_gone_with_the_visit_and_in_no_file_address_or_other_visit(config, here, person, tmp_path,
                                                                                      monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = everything(config.data_dir)
    page = person.post(f"/form/{FORM}/all", data=GIVEN | {"q1": CANARY})
    person.get(f"/form/{FORM}/filled.pdf")
    assert "q1" not in str(page.url)
    assert everything(config.data_dir) == before
    assert not list(tmp_path.iterdir())
    with visitor(here, *form.routes()) as other:
        assert CANARY not in other.get(f"/form/{FORM}/review").text
    here.sessions.end(visit(here, person).id)
    assert CANARY not in person.get(f"/form/{FORM}/review").text
    assert CANARY not in person.get(f"/form/{FORM}/1").text


def test_answers_are_wiped_when_asked(here, person):
    person.post(f"/form/{FORM}/all", data=GIVEN)
    page = person.post(f"/form/{FORM}/wipe")
    assert str(page.url).endswith(f"/form/{FORM}")
    assert FORM not in visit(here, person).forms
    assert "Ғаффорова" not in person.get(f"/form/{FORM}/review").text


def test_what_a_person_writes_is_text_in_the_page(person):
    page = person.post(f"/form/{FORM}/all", data=GIVEN | {"q1": "<script>alert(1)</script>", "q10": '"><img src=x>'})
    assert "<script>alert(1)" not in page.text
    assert "<img src=x>" not in page.text
    assert 'value="&lt;script&gt;' in page.text


def test_a_paper_form_shows_what_to_write_and_is_not_filled(person):
    page = person.get(f"/form/{PAPER}")
    assert "Рақами мушаххаси андозсупоранда" in page.text
    assert f"/form/{PAPER}/1" not in page.text
    assert person.get(f"/form/{PAPER}/1").status_code == 404


@pytest.mark.parametrize("address", ["/form/nothing", "/form/targeted-assistance-who", f"/form/{FORM}/0",
                                     f"/form/{FORM}/13", "/form/nothing/review", "/form/nothing/filled.pdf"])
def test_what_is_not_there_leads_to_the_list(person, address):
    page = person.get(address)
    assert page.status_code == 404
    assert "Чунин варақа" in page.text
    assert f'href="/form/{FORM}"' in page.text


def test_at_a_kiosk_no_file_is_given(config):
    here = desk(config)
    with visitor(here, *form.routes()) as person:
        page = person.post(f"/form/{FORM}/all", data=GIVEN)
        assert "filled.pdf" not in page.text
        assert person.get(f"/form/{FORM}/filled.pdf").status_code == 404


def test_the_words_of_the_page_are_in_the_language_of_the_visit_and_the_form_says_its_own(here, person):
    person.get("/forms")
    visit(here, person).language = "ru"
    page = person.get(f"/form/{FORM}")
    assert "Этот бланк на таджикском языке" in page.text
    assert '<h1 lang="tg">' in page.text


def test_a_form_that_is_withdrawn_is_not_offered(config):
    generations = Generations(config.generations)
    path = generations.path(generations.current())
    with Snapshot.open(path, encoder=None, withdrawn=lambda document, _release: document == FORM) as snapshot:
        assert {one.id for one in forms_in_use(snapshot, "tg")} == {"form-pension", PAPER}
        assert held_form(config, snapshot, FORM) is None
        assert held_form(config, snapshot, "form-pension").can_be_filled


def test_a_form_is_printed_as_it_is_filled_or_as_it_came_and_not_without_end(person, monkeypatch):
    sent = []
    monkeypatch.setattr(printer, "send", lambda queue, pdf, **_paper: sent.append((queue, pdf)) or PrinterState.SENT)
    person.post(f"/form/{FORM}/all", data=GIVEN)
    page = person.post(f"/form/{FORM}/print")
    assert "told=sent" in str(page.url)
    assert sent[0][0] == "office-a4"
    assert "Қодиров Ӯктам" in text(sent[0][1])
    page = person.post(f"/form/{FORM}/print", data={"blank": "yes"})
    assert str(page.url).endswith(f"/form/{FORM}?told=sent")
    assert "Қодиров Ӯктам" not in text(sent[1][1])
    for _ in range(9):
        page = person.post(f"/form/{FORM}/print")
    assert "told=enough" in str(page.url)
    assert len(sent) == 5


def test_a_printer_that_does_not_print_is_said_in_words_and_the_answers_stay(person, here, monkeypatch):
    monkeypatch.setattr(printer, "send", lambda *_, **__: PrinterState.PAPER_OUT)
    person.post(f"/form/{FORM}/all", data=GIVEN)
    page = person.post(f"/form/{FORM}/print")
    assert "Қоғази чопгар тамом шудааст" in page.text
    assert visit(here, person).forms[FORM]["ваколатдор"] == "Қодиров Ӯктам"
    assert "role" not in person.get(f"/form/{FORM}/review?told=<script>").text.split("</h1>")[1].split("<dl")[0]


def test_where_nothing_can_be_taken_away_it_is_said_before_anybody_begins(config):
    with visitor(desk(config), *form.routes()) as person:
        assert "чопгар нест" in person.get(f"/form/{FORM}").text


def test_a_file_that_is_not_the_one_of_its_document_is_not_filled(config, tmp_path):
    changed = Config(tmp_path / "data", encoder="none")
    ingest([DOCUMENTS / f"{FORM}.pdf"], Draft(changed.drafts / "seed"))
    build(changed, wait=True)
    for path in (changed.drafts / "seed" / "files").iterdir():
        path.write_bytes(path.read_bytes() + b"%")
    with desk(changed).current as current, current.assistant() as assistant:
        held = held_form(changed, assistant.snapshot, FORM)
    assert held
    assert not held.can_be_filled


@pytest.fixture
def kiosk(tmp_path):
    """A kiosk that takes releases, and the documents of a draft that somebody released."""
    receiver = Receiver(tmp_path, ("min-health", "min-health.files"))
    draft = Draft(tmp_path / "draft")
    ingest([DOCUMENTS / name for name in FILES], draft)
    yield receiver, list(draft.documents())
    receiver.close()


def test_a_kiosk_with_texts_alone_shows_what_a_released_form_asks_and_by_which_rule(kiosk):
    receiver, entries = kiosk
    assert not receiver.release(1, *entries).refused
    with desk(receiver.config).current as current, current.assistant() as assistant:
        held = held_form(receiver.config, assistant.snapshot, "form-pension")
        offered = forms_in_use(assistant.snapshot, "tg")
    assert held
    assert (held.release, held.can_be_filled) == ("min-health/1", False)
    assert [field.name for field, _ in held.record.fields][:2] == ["насаб", "ном"]
    assert any(rule for _, rule in held.record.fields)
    assert not any(may_be_filled(receiver.config, one) for one in offered)


def test_a_kiosk_with_the_files_of_a_release_fills_its_forms(kiosk):
    receiver, entries = kiosk
    receiver.repository.publish("min-health.files", packed_files(entries, corpus="health", number=1), 1,
                                kind=PackKind.FILES)
    receiver.repository.publish("min-health", texts(1, *entries), 1)
    assert not receiver.receive().refused
    here = desk(receiver.config, downloads=True)
    with here.current, visitor(here, *form.routes()) as person:
        person.post(f"/form/{FORM}/all", data=GIVEN)
        assert "Қодиров Ӯктам" in text(person.get(f"/form/{FORM}/filled.pdf").content)


def test_answers_are_checked_one_by_one_and_kept_as_lines():
    record = FormRecord("f", "Варақа", ((Field("а", FieldType.TEXT, required=True, max_length=5, rect=(0, 0, 90, 20),
                                               label="Суроға"), None),
                                        (Field("б", FieldType.CHECKBOX, label="Телефон"), None),
                                        (Field("в", FieldType.TEXT, multiline=True, label="Телефон",
                                               rect=(0, 0, 90, 90)), None)))
    first, second, third = questions(record)
    assert (first.label, second.label, third.label) == ("Суроға", "Телефон (б)", "Телефон (в)")
    assert (first.example, second.example) == (Example.ADDRESS, None)
    assert fault_of(first, "шаш ҳарф") is Fault.LONG
    assert fault_of(first, "") is Fault.MISSING
    assert fault_of(third, "") is None
    assert tidy(first, "  як \r\n ду ") == "як ду"
    assert tidy(third, "як\r\nду") == "як\nду"
    assert len(tidy(third, "а" * 9999)) == 2000
    assert values_of(record, {"а": "як", "б": "yes", "в": ""}) == {"а": "як", "б": True}
    assert lacking(record, {"б": "yes"}) == 1
