"""From the first touch to the last: what people come for, by finger and without a pointer, in a real browser."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace

import pypdfium2
import pytest

from assistant import config as settings
from assistant import update
from assistant.cited import cited
from assistant.intake import take_in
from assistant.texts import text
from assistant.topics import find_topic
from assistant.web.session import COOKIE
from tests.browser import expect, served, standing_at
from tests.office import FISHING, HUNTING, write_papers
from tests.walk import FORM

pytestmark = pytest.mark.browser

PASSPORT = "Барои шиносномаи шаҳрванд чӣ ҳуҷҷатҳо лозиманд?"
FINGER, KEYS = "by finger", "without a pointer"


def hands(always):
    """Go by finger and without a pointer; one of them always, the other where there is time."""
    return pytest.mark.parametrize("touches", [
        pytest.param(how == FINGER, id=how, marks=[pytest.mark.thorough] * (how != always)) for how in (FINGER, KEYS)])


@pytest.fixture(scope="module")
def desk_kiosk(seed_config, tmp_path_factory):
    """The pages at a desk, where a file may be taken, over a data directory of its own."""
    folder = tmp_path_factory.mktemp("desk") / "data"
    shutil.copytree(seed_config.data_dir, folder, copy_function=os.link)
    with served(replace(seed_config, data_dir=folder), downloads=True) as kiosk:
        yield kiosk


@pytest.fixture(scope="module")
def office_kiosk(tmp_path_factory):
    """The pages over the few papers of an office, two of which disagree."""
    folder = tmp_path_factory.mktemp("papers")
    write_papers(folder / "papers")
    config = settings.load(folder / "data")
    take_in(config, [folder / "papers"], "office", lambda _done, _whole: None)
    update.build(config, wait=True)
    with served(config) as kiosk:
        yield kiosk


def kept(kiosk, person):
    """Return the answer that the server keeps for the page a person looks at."""
    cookie = next(one["value"] for one in person.context.cookies() if one["name"] == COOKIE)
    return kiosk.desk.sessions.find(cookie).answers[person.path.split("/")[2].split("#")[0]].account.answer


def services(answer):
    """Return the services that the sources of an answer belong to."""
    return {one.document.service for one in cited(answer)}


def words_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return plain(" ".join(page.get_textpage().get_text_bounded() for page in document))
    finally:
        document.close()


def plain(words):
    """Return words as they are compared: letters and digits, whatever lies between."""
    return re.sub(r"\W+", "", words.replace("\u00ad", ""))


# From the first touch to the last


@pytest.mark.parametrize(("language", "touches"), [
    ("tg", True), ("ru", False), ("en", True), *(pytest.param(language, touches, marks=pytest.mark.thorough)
                                                 for language, touches in (("tg", False), ("ru", True), ("en", False)))
], ids=lambda value: {True: FINGER, False: KEYS}.get(value, value))
def test_a_life_event_leads_to_an_answer_its_quote_its_page_and_home_again(person, seed_kiosk, language, touches):
    page, person.touches = person.page, touches
    person.begin(language)
    person.press(page.locator('a[href="/topic/papers"]'))
    expect(page.locator("h1")).to_contain_text(find_topic("papers").title(language))
    question = find_topic("papers").questions(language)[0]
    person.press(page.locator(f'button[name=question][value="{question}"]'))
    person.answered()
    answer, home = kept(seed_kiosk, person), person.path
    assert answer.question == question
    assert question not in page.url

    person.press(page.locator('.said__marks a[href="#source-1"]').first)
    expect(page.locator("#source-1 .source__body")).to_be_visible()
    expect(page.locator("#source-1")).to_contain_text(cited(answer)[0].quotes[0].split("\n")[0])
    expect(page.locator("#source-1 summary")).to_be_focused()
    person.press(page.locator("#source-1 .source__body a.button"))
    page.wait_for_url("**/source/1*")
    expect(page.locator("h1")).to_have_text(cited(answer)[0].document.title)
    expect(page.locator("#mark")).to_be_attached()
    person.press(page.locator(".bar--bottom a.button--primary"))
    page.wait_for_url("**" + home + "*")

    person.press(page.locator('a[href$="/take"]').first)
    expect(page.locator("h1")).to_have_text(person.words("take", "title"))
    expect(page.locator(".take-code svg")).to_be_visible()
    person.press(page.locator("#finish button"))
    expect(page.locator("main button[name=language]")).to_have_count(3)
    assert person.path == "/"
    assert person.context.cookies() == []
    page.go_back()
    expect(page.get_by_text(question)).to_have_count(0)


@hands(FINGER)
def test_a_question_of_ones_own_is_written_with_the_letters_of_tajik(person, seed_kiosk, touches):
    person.touches = touches
    person.begin()
    person.write(person.page.locator("#question"), "ҳуҷҷат барои шиноснома ғӣқӯҳҷ")
    expect(person.page.locator("#question")).to_have_value("ҳуҷҷат барои шиноснома ғӣқӯҳҷ")
    if touches:
        person.page.locator('#keyboard [data-key="enter"]').tap()
    else:
        person.press(person.page.locator("form.ask button.button--primary"))
    person.answered()
    expect(person.main.locator("h1")).to_have_text("ҳуҷҷат барои шиноснома ғӣқӯҳҷ")
    assert kept(seed_kiosk, person).question == "ҳуҷҷат барои шиноснома ғӣқӯҳҷ"


@pytest.mark.parametrize(("question", "service"), [
    pytest.param("shinosnomai xoriji chand pul", "foreign-passport", id="Latin letters"),
    pytest.param("нафака барои занон аз чанд солаги", "pension", id="no Tajik letters", marks=pytest.mark.thorough),
    pytest.param("шиносномо чанд пул аст", "citizen-passport", id="a slip", marks=pytest.mark.thorough),
])
def test_a_question_is_understood_however_it_is_written(person, seed_kiosk, question, service):
    person.begin()
    person.ask(question)
    expect(person.main.locator("h1")).to_have_text(question)
    expect(person.main.locator(".said")).not_to_have_count(0)
    assert service in services(kept(seed_kiosk, person))


@hands(KEYS)
def test_an_unclear_question_is_asked_back_and_a_choice_is_answered(person, seed_kiosk, touches):
    person.touches = touches
    person.begin()
    person.ask("паспорт")
    answer = kept(seed_kiosk, person)
    expect(person.main.get_by_text(answer.clarify.question)).to_be_visible()
    expect(person.main.locator(".said")).to_have_count(0)
    option = answer.clarify.options[0]
    unclear = person.page.url
    person.press(person.main.locator(f'button[name=question][value="{option}"]'))
    person.page.wait_for_url(lambda url: "/answer/" in url and url != unclear)
    expect(person.main.locator(".said")).not_to_have_count(0)
    assert kept(seed_kiosk, person).question == option


def test_where_nothing_is_known_it_says_so_and_shows_no_answer(person, seed_kiosk):
    person.begin()
    person.ask("Фардо борон меборад?")
    answer = kept(seed_kiosk, person)
    expect(person.main.locator(".verdict--none")).to_have_text(text("tg", "status", answer.status))
    expect(person.main.locator(".said")).to_have_count(0)
    expect(person.main.locator(".said__marks")).to_have_count(0)
    expect(person.main.locator('a[href="/topic/papers"]')).to_be_visible()
    expect(person.page.locator("#question")).to_be_visible()


def test_a_rule_that_lapsed_is_called_so_before_a_word_of_it_is_read(person, seed_kiosk):
    person.begin()
    person.ask("Кодекси андози 2012 ҳоло ҳам қувва дорад?")
    warned = person.main.locator(".notice--warning").first
    said = person.main.locator(".said").first
    expect(person.main.locator(".verdict--past")).to_be_visible()
    expect(warned).to_contain_text(kept(seed_kiosk, person).warnings[0])
    assert warned.bounding_box()["y"] + warned.bounding_box()["height"] <= said.bounding_box()["y"]
    assert warned.bounding_box()["y"] < person.page.viewport_size["height"] / 2


def test_sources_that_disagree_stand_side_by_side_with_the_later_act_first(browser, office_kiosk):
    with standing_at(browser, office_kiosk) as person:
        person.begin()
        person.ask(FISHING)
        conflict = kept(office_kiosk, person).conflicts[0]
        notice = person.main.locator(".notice--warning", has_text=conflict.why)
        expect(notice).to_be_visible()
        assert next(one.document.title for one in conflict.citations) == "Иҷозатномаи моҳигирӣ: нарх"
        first = notice.locator(".said__marks a").first
        first.tap()
        expect(person.page.locator(first.get_attribute("href"))).to_contain_text("60 сомонӣ")
        person.ask(HUNTING)
        expect(person.main.locator(".said").first).to_contain_text("10 рӯз")


@hands(FINGER)
def test_a_further_question_is_understood_from_the_one_before(person, seed_kiosk, touches):
    person.touches = touches
    person.begin()
    person.ask("Шиносномаи хориҷӣ чанд пул аст?")
    first, before = person.page.url, kept(seed_kiosk, person)
    person.write(person.page.locator("#question"), "ва барои кӯдак")
    if touches:
        person.page.locator('#keyboard [data-key="enter"]').tap()
    else:
        person.press(person.page.locator("form.ask button.button--primary"))
    person.page.wait_for_url(lambda url: "/answer/" in url and url != first)
    after = kept(seed_kiosk, person)
    expect(person.main.locator("h1")).to_have_text(after.question)
    assert services(after) & services(before)


# Taking it home, forms, opinions


def test_a_page_that_is_printed_says_what_the_screen_says(person, seed_kiosk):
    person.begin()
    person.ask(PASSPORT)
    printed = words_of(person.page.pdf())
    for claim in kept(seed_kiosk, person).claims:
        assert all(plain(line) in printed for line in claim.text.split("\n"))


def test_an_answer_is_taken_from_a_desk_as_a_file_that_says_the_same(browser, desk_kiosk):
    with standing_at(browser, desk_kiosk) as person:
        person.begin()
        person.ask(PASSPORT)
        answer = kept(desk_kiosk, person)
        person.main.locator('a[href$="/take"]').tap()
        with person.page.expect_download() as taken:
            person.page.get_by_role("button", name=text("tg", "take", "download")).tap()
        words = words_of(taken.value.path().read_bytes())
    assert all(plain(line) in words for claim in answer.claims for line in claim.text.split("\n"))
    assert plain(PASSPORT) not in words


@hands(KEYS)
def test_a_form_is_filled_one_question_after_another_and_printed_as_written(browser, desk_kiosk, touches):
    with standing_at(browser, desk_kiosk) as person:
        page, person.touches = person.page, touches
        person.begin()
        person.press(page.locator('a[href="/forms"]'))
        form = page.locator(f'a[href="{FORM}"]')
        person.press(page.locator("details", has=form).locator("summary"))
        person.press(form)
        person.press(page.locator('main a.button--primary[href$="/1"]'))
        written = _fill(person)
        expect(page.locator(".form-answers")).to_be_visible()
        for value in written:
            expect(page.locator(".form-answers")).to_contain_text(value)
        path = page.locator('a[href$="filled.pdf"]').get_attribute("href")
        words = words_of(person.context.request.get(desk_kiosk.address + path).body())
        assert all(plain(value) in words for value in written)
        assert not any(value in url for value in written for url in person.requests)


def _fill(person):
    """Answer every question of a form; return what was written."""
    page, written, field = person.page, [], person.page.locator(".form-field")
    page.wait_for_url(f"**{FORM}/1")
    count = int(page.locator(".form-progress").get_attribute("max"))
    for then in (*range(2, count + 1), "review"):
        if field.locator("input[type=radio], input[type=checkbox]").count():
            person.press(field.locator("input").first)
        else:
            written.append("31.01.2001" if field.get_attribute("data-kind") == "date" else f"Ҷӯраев {len(written)}")
            person.reach(field.locator("input, textarea"))
            page.keyboard.type(written[-1])
        person.press(page.locator(".form-sheet button.button--primary"))
        page.wait_for_url(f"**{FORM}/{then}")
    return written


@hands(KEYS)
def test_an_opinion_is_shown_and_ticked_before_it_is_kept(browser, desk_kiosk, touches):
    with standing_at(browser, desk_kiosk) as person:
        page, person.touches = person.page, touches
        person.expected = {400}
        person.begin()
        person.ask(PASSPORT)
        person.press(page.locator('a[href$="/feedback/yes"]'))
        expect(page.locator("main")).to_contain_text(text("tg", "feedback", "what"))
        person.press(page.locator("main form button"))
        expect(page.get_by_role("alert")).to_have_text(text("tg", "feedback", "consent_needed"))
        person.press(page.locator("input[name=consent]"))
        person.press(page.locator("main form button"))
        expect(page.get_by_role("status").first).to_have_text(text("tg", "feedback", "thanks"))
        person.press(page.locator(".bar--bottom a.button").first)
        person.answered()


@pytest.mark.thorough
def test_enter_asks_and_with_shift_it_begins_a_line(browser, seed_kiosk):
    with standing_at(browser, seed_kiosk) as person:
        person.begin()
        box, keys = person.page.locator("#question"), person.page.keyboard
        box.focus()
        keys.type("шиноснома")
        keys.press("Shift+Enter")
        keys.type("чанд пул аст?")
        assert box.input_value() == "шиноснома\nчанд пул аст?"
        assert person.path == "/home"
        keys.press("Enter")
        person.answered()
        assert "шиноснома чанд пул аст?" in person.main.locator("h1").inner_text()
