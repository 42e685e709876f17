"""Text that would like to be a program stays text: in questions, in documents, on every screen, in a real browser."""

from __future__ import annotations

import pytest

from assistant import config as settings
from assistant.answer import Assistant
from corpora.records import Act, DocumentStatus, Fact, FactType
from index import Snapshot, build_snapshot
from tests.browser import expect, served, standing_at
from tests.desk import NOW, Scripted, open_assistant
from tests.entries import entry

pytestmark = pytest.mark.browser

# What each would do if it ran: a dialog, which fails the test that sees it.
_RUN = "alert(1)"
HANDLERS = ("onclick", "onerror", "onfocus", "onload", "onmouseover", "onpointerover", "ontoggle", "onanimationstart",
            "onbeforetoggle", "onscrollend")
CORPUS = (
    *(f"<img src=x {name}={_RUN}>" for name in HANDLERS),
    *(f'" {name}="{_RUN}" autofocus tabindex=1 x="' for name in HANDLERS[:6]),
    *(f"' {name}='{_RUN}' x='" for name in HANDLERS[:4]),
    f"<script>{_RUN}</script>", f"</script><script>{_RUN}</script>", f"<ScRiPt>{_RUN}</sCrIpT>", f"<script/x>{_RUN}//",
    f"</textarea><script>{_RUN}</script>", f"</title><script>{_RUN}</script>", f"--><script>{_RUN}</script><!--",
    f"]]><script>{_RUN}</script>", f"<svg onload={_RUN}>", f"<svg><script>{_RUN}</script></svg>",
    f"<math><mtext><img src=x onerror={_RUN}></mtext></math>", f"<iframe srcdoc='<script>{_RUN}</script>'></iframe>",
    f"<a href='javascript:{_RUN}'>x</a>", f"javascript:{_RUN}", f"<base href='javascript:{_RUN}//'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_RUN}'>",
    f"<form action=javascript:{_RUN}><button>x</button>",
    "<link rel=stylesheet href=//example.invalid/x.css>", "<img src=//example.invalid/x.png>",
    "<style>@import '//example.invalid/x.css';</style>", "<div style='position:fixed;inset:0;background:red'>x</div>",
    "<input name=consent value=yes checked>", f"{{{{ ''.__class__ }}}} {{% raw %}} {_RUN}", f"${{{_RUN}}} #{{{_RUN}}}",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;", f"&#60;script&#62;{_RUN}", f"\\u003cscript\\u003e{_RUN}",
    f"＜script＞{_RUN}＜/script＞", f"<details open ontoggle={_RUN}><summary>x</summary></details>",
    f"event: claim\\ndata: {_RUN}", f"%3Cscript%3E{_RUN}%3C/script%3E",
    f"<dialog open><button>{_RUN}</button></dialog>",
    "</main></body></html><h1>x", f"<noscript><p title='</noscript><img src=x onerror={_RUN}>'>",
)
OFFICE = f"Вазорати <img src=x onerror={_RUN}> корҳо"
DAYS = "Шиносномаи рақами {number} дар муҳлати {number} рӯз дода мешавад."
PASSPORT = "Барои шиносномаи шаҳрванд чӣ ҳуҷҷатҳо лозиманд?"
PATIENCE_S = 30
# Elements, attributes and addresses that no page of ours has.
FOREIGN = """() => [...document.querySelectorAll("*")].filter((one) =>
    one.matches("script:not([src]), style, iframe, object, embed, base, meta[http-equiv], math, [style*=position]")
    || [...one.attributes].some(({name, value}) => /^on/.test(name) || /^\\s*javascript:/i.test(value))
    || (one.matches("[src], link[href]") && new URL(one.src || one.href).origin !== location.origin))
    .map((one) => one.outerHTML.slice(0, 200))"""


def fives():
    """Return the strings five by five."""
    return [CORPUS[at:at + 5] for at in range(0, len(CORPUS), 5)]


def hostile_entries():
    """Return documents that are hostile wherever a document has words; one is a form, one names an office."""
    for number, (title, heading, body, publisher, url) in enumerate(fives()[:10]):
        quote = f"{OFFICE}, шаҳри Душанбе, кӯчаи Рӯдакӣ, 10"
        fact = Fact("office", FactType.OFFICE, quote)
        yield entry(f"doc-{number}-\"'<b>", (heading, f"{DAYS.format(number=number)} {body}"), (publisher, quote),
                    title=f"Шиноснома {number} {title}", kind="form" if number == 9 else "", service="citizen-passport",
                    publisher=OFFICE, source_url=url, status=DocumentStatus.IN_FORCE, as_of="2026-10-01",
                    act=Act(heading, body, "2024-01-01"), facts=(fact,) if number == 0 else ())


def foreign(person):
    """Return what is on a page that came out of somebody's text."""
    return person.page.evaluate(FOREIGN)


@pytest.fixture(scope="module")
def hostile_kiosk(tmp_path_factory):
    """The pages over documents that are hostile, with a generator that takes its time where it is asked to."""
    folder = tmp_path_factory.mktemp("hostile")
    build_snapshot(hostile_entries(), folder / "0001", encoder=None)

    def opened(_config):
        return Assistant(Snapshot.open(folder / "0001", encoder=None), "0001", NOW.date)

    with served(settings.load(folder), opened) as kiosk:
        yield kiosk


def test_there_are_fifty_strings_and_no_two_alike():
    assert len(set(CORPUS)) == len(CORPUS) >= 50


@pytest.mark.thorough
def test_a_question_that_is_a_program_is_shown_as_it_was_written(browser, hostile_kiosk):
    with standing_at(browser, hostile_kiosk) as person:
        person.begin()
        for some in fives():
            person.go("/home")
            person.ask("шиноснома\n" + "\n".join(some))
            assert foreign(person) == []
            assert person.main.locator("h1 *").count() == 0
            shown = person.main.locator("h1").text_content()
            assert all("".join(one.split()) in "".join(shown.split()) for one in some)


@pytest.mark.thorough
def test_a_document_that_is_a_program_is_shown_as_it_was_written(browser, hostile_kiosk):
    with standing_at(browser, hostile_kiosk) as person:
        person.begin()
        for number, (title, *_) in enumerate(fives()[:9]):
            person.go("/home")
            person.ask(DAYS.format(number=number).replace(f"муҳлати {number}", "чанд"))
            answer = person.path
            expect(person.main.locator(".said").first).to_be_visible()
            assert foreign(person) == []
            sources = " ".join(person.main.locator(".source summary").all_text_contents())
            assert f"Шиноснома {number} {title}" in sources
            for path in (f"{answer}/source/1", f"{answer}/take", f"{answer}/feedback/no"):
                person.go(path)
                assert foreign(person) == []


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["/topic/papers", "/forms", "/forms?service=citizen-passport",
                                  "/form/doc-9-%22%27%3Cb%3E", "/form/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
                                  "/topic/%3Cimg%20src=x%20onerror=alert(1)%3E", "/answer/%22onload=alert(1)//",
                                  "/static/%3Cscript%3E", "/look?here=javascript:alert(1)"])
def test_no_address_and_no_list_runs_anything(browser, hostile_kiosk, path):
    with standing_at(browser, hostile_kiosk) as person:
        person.expected = {404, 405}
        person.begin()
        person.go(path)
        assert foreign(person) == []
    assert "Вазорати <img" in OFFICE


def test_the_office_of_a_hostile_document_is_text(browser, hostile_kiosk):
    with standing_at(browser, hostile_kiosk) as person:
        person.begin()
        person.go("/topic/papers")
        expect(person.main.locator(".card--office")).to_contain_text(OFFICE)
        assert foreign(person) == []


@pytest.mark.thorough
def test_nobody_is_led_to_a_page_that_is_not_ours(person):
    person.begin()
    for here in ("https://example.invalid/", "//example.invalid/", "/\\example.invalid/", "javascript:alert(1)"):
        for path in ("/language", "/look"):
            answer = person.context.request.post(person.address + path, form={"language": "tg", "here": here},
                                                 headers={"origin": person.address}, max_redirects=0)
            assert answer.status == 303
            assert answer.headers["location"] in ("/", "/home")


# Somebody leaves while a model still writes


@pytest.fixture
def slow_kiosk(seed_config):
    """The pages over the seed corpus with a generator that takes its time."""
    generator = Scripted("Ба шумо ҳуҷҷатҳо лозиманд. [1]", slow=True)
    with served(seed_config, lambda config: open_assistant(config, generator)) as kiosk:
        yield kiosk, generator


def stops(person):
    person.main.get_by_role("button", name=person.words("kiosk", "stop")).tap()


def finishes(person):
    person.page.locator("#finish button").tap()
    expect(person.page.locator("main button[name=language]")).to_have_count(3)


def goes_home(person):
    person.page.locator(".brand").tap()
    person.page.wait_for_url("**/home")


def goes_away(person):
    person.page.close()


@pytest.mark.parametrize("leaves", [goes_away, *(pytest.param(how, marks=pytest.mark.thorough)
                                                 for how in (stops, finishes, goes_home))])
def test_who_leaves_while_a_model_writes_frees_it_for_the_next_question(browser, slow_kiosk, leaves):
    kiosk, generator = slow_kiosk
    with standing_at(browser, kiosk) as person:
        person.begin()
        person.page.locator("#question").fill(PASSPORT)
        person.page.locator("form.ask").evaluate("form => form.requestSubmit()")
        assert generator.writing.wait(PATIENCE_S)
        expect(person.main.locator(".said").first).to_be_visible()
        expect(person.main.locator(".source").first).to_be_visible()
        assert foreign(person) == []
        assert not generator.ended.is_set()
        leaves(person)
        assert generator.ended.wait(PATIENCE_S)
    generator.slow = False
    with standing_at(browser, kiosk) as person:
        person.begin()
        person.ask(PASSPORT)
        expect(person.main.locator(".said").first).to_be_visible()
    assert generator.line.taken == 0
