"""Old Tajik fonts, wrong letters and other people's alphabets: repaired where Tajik was meant, else untouched."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.encodings import Repair, Repaired, Scheme, describe, known_share, repair
from corpora.extract.decode import decode
from corpora.schemes import BRACKET, CYRILLIC, LOOK_ALIKE, XPART

# Seen -> meant, one scheme each, from the pages of ministries, codes and courts.
EVIDENCE = {
    "adlia": "Ѕарори Қарори, Іукумати Ҳукумати, Їуміурии Ҷумҳурии, Тоїикистон Тоҷикистон, муѕаррар муқаррар, "
             "маблаљіои маблағҳои, шуљли шуғли, аіолњ аҳолӣ, іатмњ ҳатмӣ, буїет буҷет, хароїоти хароҷоти, УМУМЊ УМУМӢ, "
             "ІУЅУЅУ ҲУҚУҚУ, УІДАДОРИІОИ УҲДАДОРИҲОИ, донишїўён донишҷӯён, таісилоти таҳсилоти, касбњ касбӣ, "
             "кўмаки кӯмаки, ѕарзи қарзи, беітар беҳтар, манзилњ манзилӣ, фаріанги фарҳанги, тасдиѕ тасдиқ",
    "lj": "Љумњурии Ҷумҳурии, Тољикистон Тоҷикистон, Ќонуни Қонуни, ќоидањое қоидаҳое, Муќаррароти Муқаррароти, "
          "умумї умумӣ, гумрукї гумрукӣ, хориљї хориҷӣ, маљмўи маҷмӯи, мамнўият мамнӯият, Њукумати Ҳукумати, "
          "Маќоми Мақоми, таѓйири тағйири, шањри шаҳри, кўчаи кӯчаи, бољи боҷи, давлатї давлатӣ, "
          "Сарќонуни Сарқонуни, њангоми ҳангоми, корхонањо корхонаҳо, мањсулот маҳсулот",
    "bracket": "Rонуни Қонуни, XУМ{УРИИ ҶУМҲУРИИ, ТОXИКИСТОН ТОҶИКИСТОН, [аракати ҳаракати, ро[ роҳ, [уrуrb ҳуқуқӣ, "
               "маrсади мақсади, ша[рвандон шаҳрвандон, маблаu маблағ, RОИДА{ОИ ҚОИДАҲОИ, УМУМB УМУМӢ, "
               "саломатb саломатӣ, хоxагидорb хоҷагидорӣ, Маxлиси Маҷлиси, оrибат оқибат, xум{урии ҷумҳурии",
    "xpart": "Xумҳурии Ҷумҳурии, Тоxикистон Тоҷикистон, иxтимоию иҷтимоию, ҳуxxатҳо ҳуҷҷатҳо, боxи боҷи, "
             "eҳдадории ӯҳдадории, фурeхтани фурӯхтани, рeи рӯи, кeдак кӯдак, кeмаки кӯмаки, болиuи болиғи, "
             "таuйири тағйири, кeчидани кӯчидани",
}
PAIRS = [(scheme, *pair.split()) for scheme, words in EVIDENCE.items() for pair in words.split(", ")]

ACT = """Қонуни Ҷумҳурии Тоҷикистон «Дар бораи боҷи давлатӣ»
Моддаи 5. Андозаи боҷ барои бақайдгирии шаҳрвандон ҳангоми таваллуд муқаррар мегардад.
Ҳуҷҷатҳои зарурӣ ба мақоми ваколатдори давлатӣ дар муҳлати 10 рӯз пешниҳод карда мешаванд.
Кӯдак дар ҷои истиқомати падару модар ба қайд гирифта мешавад, агар тартиби дигар муайян нашуда бошад.
ҲУҚУҚ ВА ӮҲДАДОРИҲОИ ТАРАФҲО: маблағи ҷарима, музди меҳнат, суғуртаи иҷтимоӣ.
Ӯ ҳақ дорад ба Ҳукумати Ҷумҳурии Тоҷикистон муроҷиат кунад ва ҷавоби хаттӣ гирад."""

OTHERS = {
    "Uzbek": """Ўзбекистон Республикаси фуқаролари қонун олдида тенгдир.
Паспорт олиш учун ариза билан фуқаролик ҳужжати керак бўлади.
Ҳар ким ўз фикрини эркин ифода этиш ҳуқуқига эга.
Тўлов шартномада кўрсатилган муддатда амалга оширилади.
Ўқувчилар мактабга эрталаб соат саккизда келишади.
Бу йил ғалла ҳосили ўтган йилга қараганда кўпроқ бўлди.
Қарор қабул қилинган кундан бошлаб ўн кун ичида шикоят қилиш мумкин.
Дўстим билан бозорга бориб, гўшт ва сабзи олдик.
Тошкент шаҳридаги кўчалар кенг ва чиройли.
Рўйхатга олиш тўғрисидаги гувоҳнома берилади.
Болалар боғчасига қабул қилиш тартиби ўзгарди.
Ўғлим университетда ҳуқуқшунослик бўйича ўқийди.
Нафақа миқдори ҳар йили қайта кўриб чиқилади.
Чегарадан ўтиш учун хорижга чиқиш паспорти зарур.
Ҳукумат ҳамда маҳаллий ҳокимлик бу масалани ўрганмоқда.
Мурожаат қилувчи шахс ариза нусхасини ўзида қолдиради.
Меҳнат шартномаси ёзма шаклда икки нусхада тузилади.""",
    "Ukrainian": """Усі люди є вільні і рівні у своїй гідності та правах.
Громадяни України мають право на соціальний захист.
Її мати живе у Львові, а брат навчається в Києві.
Для отримання паспорта необхідно подати заяву і дві фотокартки.
Мій дід народився в селі біля річки.
Кабінет Міністрів України затвердив новий порядок.
Діти йдуть до школи першого вересня.
Зміни набирають чинності з дня їх опублікування.
Їжа була смачна, і всі гості дякували господині.
Ні, я не знаю, де він зараз працює.
Закон України про державну службу.
У ІІІ кварталі ціни на хліб зросли.
Він купив квитки на потяг і повернувся додому.
Місто стоїть на високому березі Дніпра.
Податок сплачується щомісяця у встановлені строки.
Пенсія призначається за віком або за інвалідністю.
У ХVІІІ столітті тут була фортеця.""",
    "Serbian": """Сва људска бића рађају се слободна и једнака.
Његова кућа се налази поред реке.
Људи чекају испред општине да предају захтев.
Учитељ је објаснио ново градиво ученицима.
Недељом идемо код баке на ручак.
Закон ступа на снагу осмог дана од дана објављивања.
Молимо вас да попуните образац и приложите личну карту.
Књига коју читам је веома занимљива.
Њени родитељи живе у Новом Саду.
Земља и њиве припадају задрузи.
Пензија се исплаћује сваког месеца.
Љубав према отаџбини.
Грађани имају право на здравствену заштиту.
Дошли смо на станицу пре поласка воза.
Пољопривредници траже веће подстицаје.
Изњели смо столове и столице у двориште.""",
    "Macedonian": """Сите човечки суштества се раѓаат слободни и еднакви.
Ќе одиме во Скопје следната недела.
Неговата куќа е до реката.
Граѓаните имаат право на здравствена заштита.
Ѕвездите светат на небото.
Децата ќе учат во новото училиште.
Нејзината мајка работи во болница.
Законот влегува во сила осмиот ден од објавувањето.
Луѓето чекаат ред пред шалтерот.
Меѓу двете села тече мала река.
Барањето се поднесува во писмена форма.
Ноќта беше студена и темна.
Пензијата ќе се исплати до крајот на месецот.
Некој ѕида куќа на ридот.
Тој сака љубов и мир за сите.
Браќата ќе дојдат на свадба.""",
    "Belarusian": """Усе людзі нараджаюцца свабоднымі і роўнымі ў сваёй годнасці.
Ён быў у Мінску і бачыў новы музей.
Я не ведаў, што ты прыехаў учора.
Мой брат жыве ў вёсцы каля лесу.
Грамадзяне маюць права на адукацыю.
Паспорт можна атрымаць у аддзеле ўнутраных спраў.
Учора ішоў моцны дождж.
Дзеці пайшлі ў школу першага верасня.
Закон уступае ў сілу пасля яго апублікавання.
Мы купілі хлеб, малако і сыр.
Ужо позна, трэба ісці дадому.
Заява падаецца ў пісьмовай форме.
Ці ўмееш ты чытаць па-беларуску?
Пенсія прызначаецца па ўзросце.
Воўк і лісіца сустрэліся ў лесе.
Праўда заўсёды перамагае.""",
    "Kazakh": """Барлық адамдар тумысынан азат және қадір-қасиеті тең.
Қазақстан Республикасының азаматтары заң алдында тең.
Ол кісі біздің ауылда тұрады.
Менің інім мектепте жақсы оқиды.
Бір күні қала сыртында той болды.
Өтініш жазбаша түрде беріледі.
Бұл кітап өте қызықты.
Мемлекеттік қызмет көрсету тәртібі өзгерді.
Біз кешке шай ішіп отырдық.
Ғалымдар жаңа зерттеу жүргізді.
Зейнетақы ай сайын төленеді.
Сіз қайда бара жатырсыз?
Ақша аударымы екі күн ішінде түседі.
Тіл білу әркімге керек.
Шаһар ортасында үлкен саябақ бар.
Ол ертең келіп кетті.""",
    "Russian": """Все люди рождаются свободными и равными в своём достоинстве и правах.
Паспорт выдаётся в отделе внутренних дел по месту жительства.
Каждый имеет право на социальное обеспечение.
Мой старший брат уехал в другой город.
Большой новый дом стоит за рекой.
Размер государственной пошлины установлен законом.
Заявитель предъявляет документ, удостоверяющий личность.
Подъезд закрыт до утра, объявление висит на двери.
Чай горячий, а хлеб свежий и мягкий.
Постановление вступает в силу со дня опубликования.
В Душанбе живёт мой хороший товарищ.
Синий цвет ему не идёт, попробуй другой.
Этот закон признан утратившим силу.
Средний заработок исчисляется за последние двенадцать месяцев.
Йод и бинт лежат в аптечке.
Строй дом, сажай дерево, расти сына.""",
    "English": """All human beings are born free and equal in dignity and rights.
The passport is issued by the office and costs 35 somoni.
See section [b] of the Act and the note {x} below.
Every citizen has the right to social security.
The fee is paid before the application is filed.
Her brother works in the tax department.
Please bring two photographs and your birth certificate.
The law enters into force on the day of publication.
An appeal may be lodged within ten days.
Chapter XVIII of the Code was repealed in 2021.
We bought bread, rice and exactly one box of tea.
Children start school in September.
The river runs past the old fortress.
No one shall be held in slavery.
Write to office@example.org or call 511.
Rex brought us a Xerox copy of the index.""",
}
RUSSIAN = OTHERS["Russian"].replace("ё", "е")
ROOT = Path(__file__).parents[1]
SENTENCES = [line for text in OTHERS.values() for line in text.split("\n")]


def typed_in(scheme: str, text: str) -> str:
    """Return text as someone with that font would have typed it."""
    tables = {"lj": CYRILLIC[Scheme.LJ], "adlia": CYRILLIC[Scheme.ADLIA], "bracket": BRACKET, "xpart": XPART}
    return text.translate({ord(meant): seen for seen, meant in tables[scheme].items()})


@pytest.mark.parametrize(("scheme", "seen", "meant"), PAIRS)
def test_a_word_seen_on_an_official_page_becomes_the_word_that_was_meant(scheme, seen, meant):
    page = "Барои шаҳрвандон дар Тоҷикистон\n"
    assert repair(page + seen).text == page + meant
    assert repair(meant) == Repaired(meant)
    # A word with ў alone may be Uzbek.
    if repair(seen).text != seen:
        # The two Latin fonts share x, e and u.
        name = scheme if scheme != "bracket" or set("Rr[{Bb") & set(seen) else "xpart"
        assert repair(seen) == Repaired(meant, (Repair(0, len(seen), Scheme(name)),))
    else:
        assert seen.replace("ў", "ӯ") == meant


@pytest.mark.parametrize("scheme", ["lj", "adlia", "bracket", "xpart"])
def test_an_act_in_an_old_font_is_read_without_one_wrong_letter_and_every_paragraph_is_named(scheme):
    seen = typed_in(scheme, ACT)
    repaired = repair(seen)
    assert repaired.text == ACT
    assert {one.scheme for one in repaired.repairs} == {scheme}
    places = [(one.start, one.end) for one in repaired.repairs]
    assert places == sorted(places)
    assert all("\n" not in seen[start:end] and seen[start:end] != ACT[start:end] for start, end in places)


def test_each_paragraph_of_a_mixed_page_is_read_in_its_own_encoding():
    lines = ACT.split("\n")
    kinds = ["lj", "adlia", "bracket", "xpart", "adlia", "lj"]
    page = "\n".join(typed_in(kind, line) for kind, line in zip(kinds, lines, strict=True))
    assert repair(page).text == ACT
    assert [one.scheme for one in repair(page).repairs] == kinds


@pytest.mark.parametrize(("seen", "meant", "scheme"), [
    ("Маблаљи ҷарима ва машљулшавњ дар ҳудуди ҷумҳурӣ", "Маблағи ҷарима ва машғулшавӣ дар ҳудуди ҷумҳурӣ", "adlia"),
    ("Ќоидаҳои умумї барои ҳамаи шаҳрвандон", "Қоидаҳои умумӣ барои ҳамаи шаҳрвандон", "lj"),
    ("мутобиќи ќарори мақоми давлатӣ", "мутобиқи қарори мақоми давлатӣ", "lj"),
])
def test_among_right_tajik_letters_each_word_is_read_by_itself(seen, meant, scheme):
    assert repair(seen).text == meant
    assert [one.scheme for one in repair(seen).repairs] == [scheme]


@pytest.mark.parametrize(("seen", "meant"), [
    ("кўмакпулӣ ба кӯдак дар муддати як рўз дода мешавад", "кӯмакпулӣ ба кӯдак дар муддати як рӯз дода мешавад"),
    ("Адвокатй ва хизмати ҳарбй дар ҷойҳои корй", "Адвокатӣ ва хизмати ҳарбӣ дар ҷойҳои корӣ"),
    ("ҳифзи иҷтимой ва ҷой дар рӯй замин", "ҳифзи иҷтимоӣ ва ҷой дар рӯй замин"),
    ("гузаштан аз cарҳадди давлатӣ", "гузаштан аз сарҳадди давлатӣ"),
    ("CОМОНАИ давлатии ҷумҳурӣ", "СОМОНАИ давлатии ҷумҳурӣ"),
    ("Дoкументы подаются в oтдел", "Документы подаются в отдел"),
    ("һуқуқи шаҳрванд дар ҹумҳурӣ", "ҳуқуқи шаҳрванд дар ҷумҳурӣ"),
])
def test_a_wrong_letter_in_tajik_text_becomes_the_right_one(seen, meant):
    assert repair(seen).text == meant
    assert repair(meant).repairs == ()


@pytest.mark.parametrize(("seen", "meant"), [
    ("боби ΧVІІІ қонуни Ҷумҳурии Тоҷикистон", "боби XVIII қонуни Ҷумҳурии Тоҷикистон"),
    ("боби ХІІ ва боби І қонуни Ҷумҳурии Тоҷикистон", "боби XII ва боби I қонуни Ҷумҳурии Тоҷикистон"),
    ("боби II ва XIV қонуни Ҷумҳурии Тоҷикистон", "боби II ва XIV қонуни Ҷумҳурии Тоҷикистон"),
    ("глава ХVIII закона о государственной пошлине", "глава XVIII закона о государственной пошлине"),
])
def test_roman_numerals_become_latin(seen, meant):
    assert repair(seen).text == meant
    assert repair(typed_in("adlia", meant)).text == meant


@pytest.mark.parametrize("kept", [
    "https://www.mia.tj/Тоxикистон/ҳуxxат",
    "почта: xизмат.Тоxик@mail.tj",
    "www.adlia.tj/Ѕарор",
    "`боxи = Тоxикистон`",
    "рақами АB 1234 ва ХX12",
    "[ариза] ва {ҳуҷҷат}",
    "ариза[1], калима[и] ва [ҳуқуқ]",
    "iPhone-и нав ва PDF-ро",
    "IT-парки Душанбе",
    "",
    "\n\n",
    "2026",
])
def test_addresses_code_brackets_and_number_plates_stay(kept):
    assert repair(kept).text == kept
    assert repair("Боxи давлатӣ: " + kept).text.endswith(kept)


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_comes_through_untouched(language):
    lines = OTHERS[language].split("\n")
    assert len(lines) >= 15
    assert repair(OTHERS[language]) == Repaired(OTHERS[language])
    assert [line for line in lines if repair(line).text != line] == []


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8))
def test_any_mix_of_other_languages_comes_through_untouched(lines):
    text = "\n".join(lines)
    assert repair(text).text == text
    assert repair(text).repairs == ()


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4),
       st.sampled_from(["lj", "adlia", "bracket", "xpart"]), st.randoms())
def test_a_repaired_act_never_draws_another_language_with_it(lines, scheme, chance):
    page = [*((typed_in(scheme, line), line) for line in ACT.split("\n")), *((line, line) for line in lines)]
    chance.shuffle(page)
    assert repair("\n".join(seen for seen, _ in page)).text == "\n".join(meant for _, meant in page)


@given(st.text(st.sampled_from("абвиоўўйћљњќѓіїѕєyxeucRr[{]}bBXVI ІХ-.,\n1қҳҷӣӯғ")))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_a_repair_keeps_the_length_and_touches_only_the_paragraphs_it_names(text):
    repaired = repair(text)
    assert len(repaired.text) == len(text)
    named = {place for one in repaired.repairs for place in range(one.start, one.end)}
    changed = {place for place in range(len(text)) if text[place] != repaired.text[place]}
    assert changed <= named
    assert [place for place in range(len(text)) if text[place] == "\n"] \
        == [place for place in range(len(text)) if repaired.text[place] == "\n"]


@given(st.lists(st.sampled_from(ACT.split("\n")), min_size=1, max_size=6),
       st.sampled_from(["lj", "adlia", "bracket", "xpart"]))
def test_what_was_repaired_once_is_right_and_stays(lines, scheme):
    text = "\n".join(lines)
    once = repair(typed_in(scheme, text))
    assert once.text == text
    assert repair(once.text).text == once.text
    assert known_share(once.text) >= known_share(typed_in(scheme, text))


@pytest.mark.parametrize("step", [7, 11, 13])
def test_look_alike_letters_strewn_over_an_act_all_become_cyrillic(step):
    like = {meant: seen for seen, meant in LOOK_ALIKE.items()}
    inside = {match.start() for match in re.finditer(r"\B\w|\w\B", ACT)}
    seen = "".join(like[letter] if letter in like and at in inside and at % step == 0 else letter
                   for at, letter in enumerate(ACT))
    assert seen != ACT
    assert repair(seen).text == ACT
    assert {one.scheme for one in repair(seen).repairs} == {"homoglyph"}


def test_a_name_that_no_list_knows_goes_the_way_of_its_document():
    name = "Зулфишоҳи Ҷаҳонхӯҷа"
    page = typed_in("lj", ACT + "\n" + name)
    assert repair(page).text == ACT + "\n" + name
    foreign = typed_in("lj", ACT) + "\nЊива поред реке и стара Љубљана"
    assert repair(foreign).text.endswith("Њива поред реке и стара Љубљана")


def test_a_line_that_both_cyrillic_fonts_could_have_written_is_read_as_the_rest_of_the_document():
    # љ is ғ in one and ҷ in the other, and both words exist.
    assert repair(typed_in("lj", ACT) + "\nбољи").text == ACT + "\nбоҷи"
    assert repair(typed_in("adlia", ACT) + "\nбољи").text == ACT + "\nбоғи"


def test_a_single_word_that_happens_to_fit_does_not_change_a_page_of_another_language():
    page = OTHERS["Ukrainian"] + "\nшарі"
    assert repair("шарі").text == "шарҳ"
    assert repair(page) == Repaired(page)


def test_a_foreign_name_in_a_tajik_paragraph_makes_no_word_known_and_stays():
    for line in ("Шаҳри Љубљана дар Аврупо ҷойгир аст ва дар он шаҳрвандони мо кор мекунанд",
                 "Барои Љубљана ва Марибор ариза дода мешавад"):
        assert repair(line) == Repaired(line)


def test_a_letter_that_no_tajik_font_has_keeps_a_line_as_it_is():
    assert repair("шарі є") == Repaired("шарі є")
    assert repair("шањри ѓайр ђ") == Repaired("шањри ѓайр ђ")


@pytest.mark.parametrize("word", ["гўшт", "дўст", "рўйхат", "Ўзбекистон"])
def test_a_word_that_uzbek_shares_changes_beside_tajik_words_only(word):
    meant = word.replace("ў", "ӯ").replace("Ў", "Ӯ")
    assert repair(word) == Repaired(word)
    assert repair(ACT + "\n" + word).text == ACT + "\n" + meant
    assert repair(OTHERS["Uzbek"] + "\n" + word) == Repaired(OTHERS["Uzbek"] + "\n" + word)


def test_the_notes_count_paragraphs_by_fault_and_say_nothing_of_a_clean_text():
    repairs = [Repair(0, 5, Scheme.LJ), Repair(6, 9, Scheme.LJ), Repair(6, 9, Scheme.HOMOGLYPH)]
    assert describe(repairs) == ("2 paragraphs in the lj font encoding were repaired",
                                 "1 paragraph with look-alike letters of another alphabet was repaired")
    assert describe(repair(ACT).repairs) == ()
    assert all(describe([Repair(0, 1, scheme)]) for scheme in Scheme)


def test_the_known_share_tells_our_languages_from_noise():
    noise = "ЮБЬЦЗ щъжйк Флцшх вгджщ КЧШЦ ъьэюп мнрщй тцчфх"
    assert known_share(ACT) > 0.9
    assert known_share("Размер государственной пошлины установлен законом") > 0.6
    assert known_share(noise) == 0.0
    assert known_share("12, 13 ва ба") == 0.0
    assert known_share("") == 0.0


def test_the_list_of_known_words_is_made_by_its_script_and_sorted(tmp_path):
    made = tmp_path / "words.txt"
    subprocess.run([sys.executable, "training/known_words.py", str(made)], check=True, capture_output=True, cwd=ROOT)
    for path in (made, ROOT / "corpora" / "known_words.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines == sorted(lines, key=lambda line: line.split("\t")[0])
        assert {line.split("\t")[1] for line in lines} == {"tg", "ru", "both"}
        assert len(lines) > 8_000


# Bytes

def misread(text, right, wrong):
    """Return text as a program shows it that took the bytes of one table for another's."""
    return "".join(bytes([byte]).decode(wrong, errors="ignore") or chr(byte) for byte in text.encode(right))


@pytest.mark.parametrize(("text", "right", "wrong"), [
    (ACT, "utf-8", "cp1251"), (ACT, "utf-8", "cp1252"), (ACT, "utf-8", "latin-1"),
    (ACT, "koi8_t", "cp1251"), (ACT, "koi8_t", "cp1252"),
    (RUSSIAN, "cp1251", "cp1252"), (RUSSIAN, "cp1251", "koi8_t"), (RUSSIAN, "koi8_t", "cp1251"),
])
def test_text_saved_after_a_wrong_decoding_is_decoded_again_and_noted(text, right, wrong):
    broken = misread(text, right, wrong)
    assert broken != text
    read, notes = decode(broken.encode())
    assert read == text
    assert len(notes) == 1
    assert "decoded again" in notes[0]


def test_only_the_wrongly_decoded_lines_of_a_page_change():
    lines = ACT.split("\n")
    broken = "\n".join([misread(lines[0], "utf-8", "cp1251"), *lines[1:]])
    assert decode(broken.encode()) == (ACT, ("1 line of UTF-8 read as CP1251 decoded again",))


@pytest.mark.parametrize("language", OTHERS)
def test_sound_text_of_any_language_is_not_decoded_twice(language):
    assert decode(OTHERS[language].encode()) == (OTHERS[language], ())


@pytest.mark.parametrize("sound", ["Größe, Straße, façade, naïve, œuvre, Ærø", "Þórður og Ægir", "кВт, МДж, ВВП", "ПоП",
                                   "О ЗАГСах", "Ћирилица и Ђурђевдан"])
def test_sound_words_with_odd_letters_are_not_decoded_twice(sound):
    assert decode(sound.encode()) == (sound, ())


@pytest.mark.parametrize("scheme", ["lj", "adlia", "bracket"])
@pytest.mark.parametrize("line", range(6))
def test_bytes_in_an_old_font_are_decoded_as_cp1251_whose_letters_a_repair_can_read(scheme, line):
    meant = ACT.split("\n")[line]
    seen = typed_in(scheme, meant)
    text, notes = decode(seen.encode("cp1251"))
    assert (text, repair(text).text) == (seen, meant)
    assert notes == (("decoded as CP1251",))


@pytest.mark.parametrize("word", ["ТАФТИШОТ", "РЕЗИДЕНТ", "ПАРДОХТАН", "Шиноснома", "маълумот"])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8_t"])
def test_one_word_in_one_byte_letters_is_decoded_because_it_is_known(word, encoding):
    assert decode(word.encode(encoding))[0] == word


@pytest.mark.parametrize("encoding", ["cp1251", "koi8_t", "cp866"])
def test_each_russian_line_in_one_byte_letters_is_decoded_by_its_words(encoding):
    for line in RUSSIAN.split("\n"):
        assert decode(line.encode(encoding)) == (line, (f"decoded as {encoding.upper().replace('_', '-')}",))
