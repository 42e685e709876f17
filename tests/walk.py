"""A visit that reaches every screen of a kiosk once, for those who look at all of them."""

from __future__ import annotations

from tests.browser import expect

SCREENS = ("language", "home", "topic", "answer", "past", "clarify", "abstain", "source", "source text", "take",
           "opinion", "forms", "form", "form question", "form at once", "form review", "pin", "error")
_ASKED = {
    "answer": {"tg": "Барои шиносномаи шаҳрванд чӣ ҳуҷҷатҳо лозиманд?",
               "ru": "Какие документы нужны для паспорта гражданина?",
               "en": "What papers do I need for a citizen's passport?"},
    "past": {"tg": "Кодекси андози 2012 ҳоло ҳам қувва дорад?",
             "ru": "Почём свет был для предприятий летом 2025 года?",
             "en": "How much was the minimum wage in autumn 2025?"},
    "clarify": {"tg": "паспорт", "ru": "паспорт", "en": "hello"},
    "abstain": {"tg": "Фардо борон меборад?", "ru": "Сколько стоит виза в Узбекистан?",
                "en": "Who issues a licence to build railways?"},
}
FORM = "/form/form-citizen-passport"


def walk(person, language="tg"):
    """Return the address of every screen by its name; the visit goes on."""
    person.begin(language)
    paths = {"language": "/", "home": "/home", "topic": "/topic/papers"}
    for name, questions in _ASKED.items():
        person.go("/home")
        person.ask(questions[language])
        paths[name] = person.path
    paths |= _sources(person, paths)
    paths |= {"take": f"{paths['answer']}/take", "opinion": f"{paths['answer']}/feedback/yes", "forms": "/forms",
              "form": FORM, "form question": f"{FORM}/1", "form at once": f"{FORM}/all",
              "form review": f"{FORM}/review", "pin": "/staff", "error": "/topic/nowhere"}
    return paths


def _sources(person, paths):
    """Return the page of a source that is a picture, and of one that is text."""
    found = {}
    for answer in ("answer", "past", "abstain"):
        for number in (1, 2, 3, 4):
            path = f"{paths[answer]}/source/{number}"
            person.go(path)
            if person.page.locator(".sheet-picture").count():
                found.setdefault("source", path)
            elif person.page.locator(".source-text").count():
                found.setdefault("source text", path)
        if len(found) == 2:
            break
    expect(person.page.locator("body")).to_be_visible()
    return found
