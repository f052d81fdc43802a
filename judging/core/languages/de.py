"""German. Numbers are written in one word and say the units before the tens; "halb acht" is half past seven."""

from __future__ import annotations

import re
from datetime import date

from judging.core.languages.base import Answers, Exclusion, Language, Repairs
from judging.core.languages.phrases import Phrases, digits
from judging.core.languages.reading import Reader, Tables
from judging.core.languages.spelling import either, folder, gloss_of, without_accents
from judging.core.patterns import AnyCase

_UNITS = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
_NAMES = (_UNITS + "siebzehn achtzehn neunzehn").split()
_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_ORDINALS = "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte".split()


def _below_hundred(number: int) -> list[str]:
    if number < 20:
        return [_NAMES[number]]
    ten, unit = _TENS[number // 10 - 2], number % 10
    if not unit:
        return [ten]
    head = "ein" if unit == 1 else _NAMES[unit]
    return [f"{head}und{ten}", f"{head} und {ten}"]


def _numerals() -> dict[str, float]:
    found = {form: float(number) for number in range(100) for form in _below_hundred(number)}
    for hundreds in range(1, 10):
        heads = ["hundert", "einhundert"] if hundreds == 1 else [f"{_NAMES[hundreds]}hundert"]
        for head in heads:
            found[head] = hundreds * 100.0
            rest = {form: n for n in range(1, 100) for form in _below_hundred(n)}
            for form, number in rest.items():
                if " " not in form:
                    value = hundreds * 100.0 + number
                    found |= {f"{head}{form}": value, f"{head}und{form}": value, f"{head} {form}": value}
    found |= dict.fromkeys(_ONE, 1.0) | {"zwo": 2.0, "halbes dutzend": 6.0}
    # Recognisers without the letter, and the Swiss, write ss.
    return found | {form.replace("ß", "ss"): value for form, value in found.items() if "ß" in form}


_ONE = frozenset("ein eine einen einem einer eines".split())


def _ordinals() -> dict[str, int]:
    found: dict[str, int] = {}
    for number in range(1, 32):
        base = _ORDINALS[number - 1] if number <= 12 else f"{_below_hundred(number)[0]}{'te' if number < 20 else 'ste'}"
        found |= {base: number, f"{base}n": number, f"{base}r": number}
    return found | {"siebente": 7, "siebenten": 7}


_MONTHS = "januar februar märz april mai juni juli august september oktober november dezember".split()
_MONTH = {name: at for at, name in enumerate(_MONTHS, 1)} | {"jänner": 1, "feber": 2, "maerz": 3, "juno": 6, "julei": 7}
_WEEKDAYS = "montag dienstag mittwoch donnerstag freitag samstag sonntag".split()
_WEEKDAY = {name: at for at, name in enumerate(_WEEKDAYS)} | {"sonnabend": 5}
_WEEKDAY |= {
    f"{day}{part}": at
    for day, at in list(_WEEKDAY.items())
    for part in ("abend", "morgen", "mittag", "nachmittag", "vormittag", "nacht")
}
_RELATIVE = {"heute": (0,), "morgen": (1,), "übermorgen": (2,), "gestern": (-1,), "uebermorgen": (2,)}
_PARTS = {
    "nachmittag": "pm",
    "vormittag": "am",
    "abend": "pm",
    "mittag": "pm",
    "morgen": "am",
    "früh": "am",
    "nacht": "night",
}
_D, _MO = r"(?P<d>\d{1,2})º?", rf"(?P<mo>{either(_MONTH)})"
_DATES = tuple(
    re.compile(rf"(?<!\S){rule}(?!\S)")
    for rule in (
        rf"(?:(?P<skip>{either(_WEEKDAY)}) (?:den |dem |der )?)?{_D} {_MO}(?: (?P<y>(?:19|20)\d\d))?",
        rf"(?P<skip>{either(_WEEKDAY)}) (?:den |dem |der )(?P<d>\d{{1,2}})º?(?! (?:uhr|personen))",
        rf"(?P<d>\d{{1,2}})º?(?= (?:bis zum|bis|auf den|und dem) \d{{1,2}}º? {_MO})",
        rf"(?<!\d )(?P<mo>{either(set(_MONTH) - {'mai', 'august'})})(?: (?P<y>20\d\d))?",
        r"(?:am|den|vom|zum|bis|der|dem) (?:\w+tag (?:den |dem )?)?(?P<d>\d{1,2})º(?! (?:stock|etage|klasse|reihe))",
        rf"(?:(?:am|diesen|nächsten|kommenden|nächster|kommender) )?(?P<wd>{either(_WEEKDAY)})",
        r"(?<!guten )(?<!jeden )(?<!am )(?<!heute )(?<!den )(?<!der )(?P<rel>morgen)",
        r"(?P<rel>heute|übermorgen|uebermorgen|gestern)",
        r"in (?P<n>\d+) (?P<unit>tagen|tag|wochen|woche)",
        r"(?P<week>(?:nächste|kommende|nächster|kommender|nächsten) woche)",
    )
)
_DAYPART = (
    r"(?P<part>(?:am |in der )?(?:nachmittags?|vormittags?|abends?|mittags?|morgens|morgen|nachts?|früh)|"
    r"(?:am |in der )(?:frühen |späten )?(?:nachmittag|vormittag|abend|mittag|morgen|nacht))"
)
_EARLIER = r"(?P<part2>abends?|nachmittags?|morgens|vormittags|nachts|früh)"
_AT = r"(?:um|gegen|ab|bis|so um)"
_CLOCKS = tuple(
    re.compile(rf"(?<!\S)(?:{_EARLIER} (?:um |gegen |so um )?)?{rule}(?: {_DAYPART})?(?!\S)")
    for rule in (
        r"(?P<h>\d{1,2})[:.](?P<min>\d\d) uhr",
        r"(?P<h>\d{1,2}):(?P<min>\d\d)",
        r"(?:(?P<min>\d{1,2}) nach |(?P<less>\d{1,2}) vor )?(?P<halfto>halb) (?P<h>\d{1,2})(?: uhr)?",
        r"(?P<quarter>viertel nach) (?P<h>\d{1,2})(?: uhr)?",
        r"(?P<lessquarter>viertel vor|dreiviertel|drei viertel|3 viertel) (?P<h>\d{1,2})(?: uhr)?",
        r"(?:(?P<min>\d{1,2})(?: minuten)? nach|(?P<less>\d{1,2})(?: minuten)? vor) (?P<h>\d{1,2})(?: uhr)?",
        r"(?P<h>\d{1,2}) uhr (?P<min>\d{1,2})(?! (?:euro|personen|leute))",
        r"(?P<h>\d{1,2}) uhr",
        r"(?:um|gegen|so um) (?P<h>\d{1,2})(?! (?:euro|personen|leute|stück|tage|prozent|minuten))",
        rf"(?P<h>\d{{1,2}})(?= {_DAYPART.replace('part', 'part3')})",
        r"(?P<named>mitternacht)",
    )
)

_TABLES = Tables(
    numerals=_numerals(),
    scales={"hundert": 100, "tausend": 1000, "million": 10**6, "millionen": 10**6},
    one=_ONE,
    only=frozenset("nur bloß lediglich nein doch genau".split()),
    vague={"dutzend": 12, "paar": 2, "beide": 2, "beiden": 2, "doppelt": 2, "einzel": 1},
    joins=frozenset({"und"}),
    ordinals=_ordinals(),
    months=_MONTH,
    weekdays=_WEEKDAY,
    relative=_RELATIVE,
    units={"tagen": 1, "tag": 1, "wochen": 7, "woche": 7},
    parts=_PARTS,
    named_times={"mitternacht": 0},
    currencies=frozenset("euro euros eur dollar dollars franken chf pfund".split()),
    coins=frozenset("cent cents rappen pence".split()),
    date_rules=_DATES,
    time_rules=_CLOCKS,
    compound="tausend",
    # "ein" alone is the loose half of a verb as often as a number ("ich steige ein").
    is_number=lambda lows, at: lows[at] != "ein" or at + 1 < len(lows),
)

_GLOSS = gloss_of(
    "the: der die das den dem des; of: daraus draus davon; a: ein eine einen einem einer eines; and: und; or: oder; "
    "with: mit; without: ohne; "
    "no: nein kein keine keinen keiner keinem; not: nicht; to: nach zu zum zur; from: von vom aus; on: am an auf; "
    "in: in im; at: um bei beim; for: für; until: bis; by: per; is: ist; are: sind; be: sein; was: war; "
    "i: ich; you: sie ihnen; we: wir; us: uns; me: mir mich; it: es; this: dies diese dieser diesen; that: dass; "
    "my: mein meine meinen meinem meiner; your: ihr ihre ihren ihrem ihrer; please: bitte; thanks: danke; also: auch; "
    "can: kann können; could: könnte könnten; would: würde würden möchte möchten hätte hätten; will: wird werden; "
    "have: habe haben; want: will wollen; do: tun; as: als; but: aber; then: dann; now: jetzt; so: also; "
    "instead: stattdessen statt anstatt anstelle; rather: lieber; only: nur bloß; just: einfach; leave: weglassen "
    "lassen lass "
    "weg raus; remove: streichen streiche entfernen; never: nie niemals; cancel: stornieren; make: machen mache; "
    "forget: vergessen; yes: ja; actually: eigentlich; one: eins; two: zwei zwo; three: drei; four: vier; five: fünf; "
    "six: sechs; seven: sieben; eight: acht; nine: neun; ten: zehn; zero: null; some: etwas einige; sorry: "
    "entschuldigung"
)


def _bare(low: str) -> str:
    """Without umlauts and the endings of plurals: "Zwiebeln" and "Zwiebel" are one word."""
    word = without_accents(low).replace("ß", "ss")
    for endings in ("ns", "ea"):
        if len(word) > 4 and word[-1] in endings:
            word = word[:-1]
    return word


_FOLD = folder(_GLOSS, _bare)

_ANSWERS = Answers(
    yes=AnyCase(
        r"\s*(?:(?:ah|äh|ähm|oh|okay|ok|gut|super|prima|alles klar)[\s,.!]+)*"
        r"(?:ja+|jawohl|jo|genau|richtig|korrekt|stimmt|passt|gerne?|okay|ok|klar|natürlich|sicher|selbstverständlich|"
        r"einverstanden|perfekt|super|prima|wunderbar|in ordnung|alles klar|das (?:stimmt|passt|ist (?:richtig|"
        r"korrekt|gut|"
        r"ok|okay))|machen sie das|bitte(?: ja)?|gut|freilich|absolut|definitiv)\b",
    ),
    no=AnyCase(
        r"\s*(?:(?:ah|äh|ähm|oh|hm+|okay|ok|ach|also|entschuldigung|sorry|pardon|moment)[\s,.!]+)*"
        r"(?:nein|nee|nö|ne|nicht (?:ganz|wirklich|genau)|falsch|doch nicht|das (?:stimmt|passt) (?:so )?nicht|moment|"
        r"warten sie|eigentlich|stopp|halt)\b",
    ),
    correction=AnyCase(
        r"\b(?:doch (?:lieber|nicht|nur)|ach nein|nein(?!,? danke)|lieber|eigentlich|stattdessen|ich mein(?:te|e)\b|"
        r"beziehungsweise|vielmehr|besser gesagt|ändern|ändere|korrigier\w*|korrektur|moment|"
        r"machen (?:sie|wir) (?:daraus|doch|lieber)|machen sie [\wäöüß]+ draus|warten sie|"
        r"vergessen sie|anders überlegt|statt|nicht (?:der|die|das|den|am|um)|quatsch|verzeihung)\b",
    ),
    asks_to_confirm=AnyCase(
        r"\b(?:richtig\s*\?|korrekt\s*\?|stimmt das|ist das (?:so )?(?:richtig|korrekt|in ordnung|okay)|passt das|"
        r"bestätig\w*|zur (?:bestätigung|sicherheit)|habe ich das richtig|soll ich|darf ich (?:das|so|es)|"
        r"einverstanden\s*\?|okay\s*\?|in ordnung\s*\?|ja\s*\?|oder\s*\?|nicht wahr|sie möchten|ich wiederhole)(?:\b|"
        r"(?<=\?))",
    ),
)
_DET = r"(?:(?:die|der|das|den|dem|eine?n?|irgendwelche|noch|mehr|am|um|im|nach|für|bitte)\s+)*"
_MORE = r"(?:[\wäöüß’'-]+(?: [\wäöüß’'-]+)?,?\s+(?:und|oder|noch)\s+(?:keine?n?\s+|ohne\s+|die\s+|den\s+)?)*"
_EXCLUSION = Exclusion(
    words=frozenset("no without not instead remove leave never forget cancel rather".split())
    | {_FOLD(word) for word in "weggelassen wegzulassen streich vertrag vertrage hasse allergisch verzichte".split()},
    before=(
        re.compile(
            r"\b(?:ohne|keine?[nrms]?|nicht|statt|anstatt|anstelle von|auf keinen fall|bloß nicht|bloß keine?n?|"
            r"allergisch "
            rf"gegen|allergisch auf|ich hasse|verzichte auf)\s+{_DET}{_MORE}$",
            re.I,
        ),
        re.compile(
            r"\b(?:lassen sie|lass|streichen sie|nehmen sie|entfernen sie|vergessen sie|stornieren sie)\s+"
            r"(?:bitte\s+)?(?:mal\s+)?(?:die|den|das|der)\s+$",
            re.I,
        ),
    ),
    around=(
        (
            re.compile(r""),
            re.compile(
                r"\s+(?:bitte\s+|doch\s+|lieber\s+|ganz\s+|können sie\s+|kannst du\s+)*(?:weg(?:lassen)?|rausnehmen|"
                r"raus|streichen|weglassen|"
                r"entfernen|"
                r"nicht|keine?n?|möchte ich (?:nicht|keine?n?)|will ich (?:nicht|keine?n?)|vertrage ich nicht|"
                r"mag ich nicht|"
                r"brauche ich (?:nicht|keine?n?))\b(?!\s+(?:vergessen|zu))",
                re.I,
            ),
        ),
    ),
)
_FILLER = r"(?:äh+m?|öh|also|doch|bitte|ach|oder|nein|nee|entschuldigung|sorry|pardon|lieber|moment|eigentlich|halt)"
_STRONG = (
    r"(?:ach,? nein|nein,? nein|nein,? (?:doch|lieber|warten sie|moment|entschuldigung|ich meine)|ich mein(?:te|e)\b|"
    r"besser gesagt|beziehungsweise|bzw|vielmehr|oder (?:besser|vielmehr|doch lieber)|doch lieber|doch eher|quatsch|"
    r"korrektur|verzeihung|entschuldigung|moment|falsch|streichen sie das)"
)
_REPAIRS = Repairs(
    marker=AnyCase(
        rf"(?<=[\wäöüß'’)])[,\s.–-]+(?:{_FILLER}[\s,.]+)*?(?:(?P<strong>{_STRONG})|nein|nee|sorry|lieber|pardon)\b"
        rf"(?:[\s,.–-]+{_FILLER}\b)*",
    ),
    own_sentence=re.compile(r"ich mein|korrektur|quatsch|ach,? nein|nein,? (?:warten|moment)|falsch", re.I),
    words=frozenset("no rather sorry".split())
    | {
        _FOLD(word)
        for word in "nee meine meinte gesagt beziehungsweise bzw vielmehr doch quatsch korrektur verzeihung "
        "moment falsch pardon".split()
    },
)


def _day(day: date) -> str:
    """ "am Freitag, dem 6. März"."""
    return f"am {_WEEKDAYS[day.weekday()].capitalize()}, dem {day.day}. {_MONTHS[day.month - 1].capitalize()}"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"um {hour} Uhr{f' {minute}' if minute else ''}"


_MONEY = {"dollars": "Dollar", "euros": "Euro", "pounds": "Pfund", "rupees": "Rupien", "cents": "Cent"}

LANGUAGE = Language(
    code="de",
    answers=_ANSWERS,
    exclusion=_EXCLUSION,
    repairs=_REPAIRS,
    meant=re.compile(
        r"(?:\b(?:ich mein(?:te|e)|es (?:ist|soll)|es heißt|das (?:ist|soll)|doch|sondern|lieber)|^\W*(?:(?:äh|ähm|"
        r"ach|oh)\W+)*"
        r"(?:nein|nee|nö)(?:\W+(?:entschuldigung|sorry|bitte))?)[\s,.]+"
        r"(?:(?:nach|von|aus|in|im|für|zu|zum|zur|auf|die|der|das|den|bei|bitte)\s+)*(?=[A-ZÄÖÜ])",
    ),
    read_mentions=Reader(_TABLES, _FOLD),
    fold=_FOLD,
    leaves_out=re.compile(
        r"\b(?:ohne|keine?[nrms]?|nicht|weg|weggelassen|weglassen|lasse|raus|rausgenommen|statt|stattdessen|gestrichen|"
        r"streiche|entfern\w*|storn\w*|geändert|ändere|getauscht|tausche|ersetz\w*|lieber|entschuldig\w*|sorry)\b",
        re.I,
    ),
    settles=re.compile(
        r"\b(?:kommt sofort|kommen sofort|ich (?:bestelle|buche|reserviere|nehme|trage|notiere|schicke)|"
        r"ich habe [^.!?]*"
        r"(?:bestellt|gebucht|reserviert|notiert|eingetragen|aufgenommen)|ihre (?:bestellung|buchung|reservierung) ist|"
        r"das (?:wäre|macht|sind|ist) dann|also|sie bekommen|ist notiert)\b",
        re.I,
    ),
    worked_out=re.compile(
        r"\b(?:insgesamt|zusammen|summe|gesamt\w*|differenz|rest\w*|pro|je|jeweils|plus|minus|abzüglich|zuzüglich|"
        r"sparen|"
        r"innerhalb|binnen|frist|bis|nach|vor|mindestens|höchstens|mehr als|weniger als|ungefähr|etwa|circa|rund|zum "
        r"beispiel|ab|läuft)\b",
        re.I,
    ),
    done={
        act: re.compile(
            rf"\bich habe\b[^.!?,;]*?\b(?:{words})\b|\b(?:ist|sind|wurde|"
            rf"wurden)\b[^.!?,;]*?\b(?:{words})(?: worden)?\b",
            re.I,
        )
        for act, words in {
            "canceled": "storniert|gekündigt|abgesagt",
            "refunded": "erstattet|zurückerstattet|rückerstattet|zurücküberwiesen",
            "charged": "abgebucht|belastet",
            "emailed": "gemailt|per (?:e-?)?mail (?:geschickt|gesendet|zugeschickt)",
        }.items()
    },
    acts={
        "canceled": ("storn", "kuendig", "kundig", "absag"),
        "refunded": ("erstatt", "rueck", "storn"),
        "charged": ("abbuch", "belast", "zahl", "bezahl"),
        "emailed": ("mail", "send", "schick"),
    },
    phrases=Phrases(
        instead="Nur zur Sicherheit: {new}, nicht {old}?",
        without="Nur zur Sicherheit: ohne {old}, richtig?",
        confirm="Nur zur Sicherheit: {new}, richtig?",
        with_it="mit {value}",
        without_it="ohne {value}",
        read_back="Ich wiederhole kurz, bevor ich fortfahre: {parts}. Ist das richtig?",
        amount_is="Nur zur Sicherheit: Der Betrag ist {value}, richtig?",
        amount_check="Entschuldigung, ich prüfe kurz den Betrag, bevor ich weitermache.",
        again="Entschuldigung, ich möchte nichts falsch machen. Sagen Sie mir bitte noch einmal, was Sie möchten?",
        safe="Entschuldigung, einen Moment bitte, ich prüfe das noch einmal.",
        buffer="Entschuldigung, einen Moment, ich möchte nur sichergehen, dass ich Sie richtig verstanden habe ...",
        disregard="Entschuldigung, das nehme ich zurück. Wie kann ich Ihnen sonst weiterhelfen?",
        no_promise="Entschuldigung, das kann ich Ihnen leider nicht zusagen.",
        not_done="Entschuldigung, das ist noch nicht erledigt. Soll ich das jetzt machen?",
        not_done_alone="Entschuldigung, das ist noch nicht erledigt.",
        have_here="Entschuldigung, ich muss mich berichtigen: Hier steht {value}.",
        let_me_check="Entschuldigung, das kann ich noch nicht bestätigen. Ich sehe kurz nach.",
        before_that="Bevor ich das mache, möchte ich noch kurz etwas mit Ihnen klären.",
        ask={
            "date": "Entschuldigung, für welchen Tag möchten Sie das?",
            "time": "Entschuldigung, um wie viel Uhr möchten Sie das?",
            "count": "Entschuldigung, wie viele möchten Sie?",
            "name": "Entschuldigung, können Sie mir den Namen bitte noch einmal nennen?",
            "phone": "Entschuldigung, können Sie mir die Telefonnummer bitte noch einmal nennen?",
            "email": "Entschuldigung, können Sie mir die E-Mail-Adresse bitte noch einmal nennen?",
            "address": "Entschuldigung, können Sie mir die Adresse bitte noch einmal nennen?",
            "number": "Entschuldigung, können Sie mir die Nummer bitte noch einmal nennen?",
            "place": "Entschuldigung, welchen Ort meinen Sie?",
            "amount": "Entschuldigung, um welchen Betrag geht es?",
        },
        count=lambda number, thing: f"{number}-mal {thing}" if number != 1 else f"einmal {thing}",
        day=_day,
        clock=_clock,
        amount=lambda number, currency: f"{digits(number, ',')} {_MONEY.get(currency, '')}".strip(),
        conjunction="und",
        alternative="oder",
    ),
)
