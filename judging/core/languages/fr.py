"""French. Numbers from 60 to 99 are counted in twenties, in Belgium and Switzerland in tens ("septante", "nonante")."""

from __future__ import annotations

import re
from datetime import date

from judging.core.languages.base import Answers, Exclusion, Language, Repairs
from judging.core.languages.phrases import Phrases, digits
from judging.core.languages.reading import Reader, Tables
from judging.core.languages.spelling import either, folder, gloss_of, without_accents
from judging.core.patterns import AnyCase
from judging.core.text import Token

_UNITS = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
_NAMES = [*_UNITS.split(), "dix sept", "dix huit", "dix neuf"]
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 70: "septante", 80: "huitante",
         90: "nonante"}  # fmt: skip


def _below_hundred(number: int) -> list[str]:
    """All ways to say a number, without hyphens."""
    if number < 20:
        return [_NAMES[number]]
    ten, unit = number - number % 10, number % 10
    joined = " et un" if unit == 1 else f" {_NAMES[unit]}" if unit else ""
    forms = [f"{_TENS[ten]}{joined}"]
    if number >= 80:
        forms.append(f"quatre vingt{'s' if number == 80 else f' {_NAMES[number - 80]}'}")
    elif number >= 70:
        forms.append(f"soixante{' et' if number == 71 else ''} {_NAMES[number - 60]}")
    return forms


def _numerals() -> dict[str, float]:
    small = {form: float(number) for number in range(100) for form in _below_hundred(number)}
    for form, number in list(small.items()):
        if form.endswith(" un") or form == "un":
            small[f"{form}e"] = number
    small["quatre vingt"] = 80.0
    found = {**small, "demi douzaine": 6.0}
    for hundreds in range(1, 10):
        for head in ["cent"] if hundreds == 1 else [f"{_NAMES[hundreds]} cent", f"{_NAMES[hundreds]} cents"]:
            found[head] = hundreds * 100.0
            found |= {f"{head} {form}": hundreds * 100.0 + number for form, number in small.items() if number}
    return found | {without_accents(form): value for form, value in found.items()}


_ONE = frozenset({"un", "une"})
_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_MONTH = {name: at for at, name in enumerate(_MONTHS, 1)} | {"fevrier": 2, "aout": 8, "decembre": 12}
_WEEKDAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
_WEEKDAY = {name: at for at, name in enumerate(_WEEKDAYS)}
_RELATIVE = {
    "aujourd'hui": (0,),
    "ce soir": (0,),
    "demain": (1,),
    "après demain": (2,),
    "apres demain": (2,),
    "hier": (-1,),
}
_PARTS = {"après midi": "pm", "apres midi": "pm", "aprem": "pm", "soir": "pm", "nuit": "night", "matin": "am"}
_PART = rf"(?P<part>(?:du |de l |de la |le |ce |dans l |en )?(?:{either(_PARTS)}))"
_MO = rf"(?P<mo>{either(_MONTH)})"
_DAY_NAME = rf"(?P<skip>{either(_WEEKDAY)})"
_DATES = tuple(
    re.compile(rf"(?<!\S){rule}(?!\S)")
    for rule in (
        rf"(?:{_DAY_NAME} )?(?P<d>\d{{1,2}})º?(?: er)? {_MO}(?: (?P<y>(?:19|20)\d\d))?",
        rf"{_DAY_NAME} (?P<d>\d{{1,2}})(?! (?:heures?|h|personnes|euros|pizzas))",
        rf"(?P<d>\d{{1,2}})º?(?= (?:au|et le|jusqu au) \d{{1,2}}º? {_MO})",
        rf"(?:en|de|d|mois de) {_MO}(?: (?P<y>20\d\d))?",
        rf"le (?P<d>\d{{1,2}})(?= |$)(?! (?:{either(_MONTH)}|heures?|h|euros?|pizzas?))",
        rf"(?:(?:le|ce) )?(?P<wd>{either(_WEEKDAY)})(?: prochain| qui vient| soir| matin)?",
        r"(?<!d )(?P<rel>après demain|apres demain|aujourd'hui|ce soir|hier)",
        r"(?<!après )(?<!apres )(?P<rel>demain)",
        r"dans (?P<n>\d+) (?P<unit>jours|jour|semaines|semaine)",
        r"(?P<week>(?:la )?semaine prochaine)",
    )
)
_CLOCKS = tuple(
    re.compile(rf"(?<!\S){rule}(?: (?:précises |pile )?{_PART})?(?!\S)")
    for rule in (
        r"(?P<h>\d{1,2}) (?:heures?|h) et (?:(?P<half>demie?)|(?P<quarter>quart))",
        r"(?P<h>\d{1,2}) (?:heures?|h) moins (?:(?P<lessquarter>le quart|quart)|(?P<less>\d{1,2}))",
        r"(?P<h>\d{1,2}) (?:heures?|h) (?P<min>\d{1,2})(?! (?:personnes|euros|pizzas|couverts))",
        r"(?P<h>\d{1,2}):(?P<min>\d\d)",
        r"(?P<h>\d{1,2}) (?:heures?|h)",
        r"(?P<named>midi|minuit)(?: (?:et demie?|et quart))?",
    )
)

_TABLES = Tables(
    numerals=_numerals(),
    scales={"mille": 1000, "million": 10**6, "millions": 10**6},
    one=_ONE,
    only=frozenset("seulement seul seule juste plutôt non finalement que qu".split()),
    vague={"douzaine": 12, "douzaines": 12, "paire": 2, "double": 2, "couple": 2},
    joins=frozenset(),
    ordinals={"premier": 1},
    months=_MONTH,
    weekdays=_WEEKDAY,
    relative=_RELATIVE,
    units={"jours": 1, "jour": 1, "semaines": 7, "semaine": 7},
    parts=_PARTS,
    named_times={"midi": 720, "minuit": 0},
    currencies=frozenset("euro euros eur dollar dollars franc francs chf".split()),
    coins=frozenset("centime centimes cent cents".split()),
    date_rules=_DATES,
    time_rules=_CLOCKS,
)

_GLOSS = gloss_of(
    "the: le la les l; a: un une; some: des quelques; of: de du d; and: et; or: ou; with: avec; without: sans; "
    "no: non pas aucun aucune ni; not: ne n; to: vers; at: à a au aux; from: depuis; for: pour; in: dans en; on: sur; "
    "until: jusque jusqu; by: par; is: est; are: sont; be: être; i: je j; you: vous tu; we: nous on; it: il ça c; "
    "me: me moi m; my: mon ma mes; your: votre vos; this: ce cette ces ceci cela; that: que qu qui; "
    "please: plaît plait stp svp; thanks: merci; also: aussi; can: peux peut pouvez; could: pourriez pourrais; "
    "would: voudrais aimerais voudrait souhaite; want: veux veut; have: ai avez; but: mais; then: alors puis; "
    "now: maintenant; instead: lieu place; rather: plutôt; only: seulement; just: juste; "
    "remove: enlevez enlever enlève retirez retirer ôtez supprimez; leave: laissez; never: jamais; "
    "cancel: annulez annuler; forget: oubliez oublie; yes: oui ouais; sorry: pardon désolé désolée; make: mettez; "
    "exclude: évitez éviter; actually: finalement; two: deux; three: trois; four: quatre; five: cinq; six: six; "
    "seven: sept; eight: huit; nine: neuf; ten: dix; zero: zéro; dislike: déteste allergique"
)


def _bare(low: str) -> str:
    """Without accents and the endings of plurals."""
    word = without_accents(low)
    for endings in ("sx", "e"):
        if len(word) > 4 and word[-1] in endings:
            word = word[:-1]
    return word


_FOLD = folder(_GLOSS, _bare)
_ELISIONS = frozenset("l d j c s n m t qu jusqu lorsqu puisqu".split())


def _split(tokens: list[Token]) -> list[Token]:
    """ "l'oignon" are two words."""
    if not any("'" in token.low for token in tokens):
        return tokens
    parts: list[Token] = []
    for token in tokens:
        head, mark, tail = token.low.partition("'")
        if not mark or head not in _ELISIONS or not tail:
            parts.append(token)
            continue
        middle = token.start + len(head)
        parts.append(Token(token.raw[: len(head)], head, token.start, middle))
        parts.append(Token(token.raw[len(head) + 1 :], tail, middle + 1, token.end))
    return parts


_ANSWERS = Answers(
    yes=AnyCase(
        r"\s*(?:(?:ah|euh|ok|okay|bon|bien|très bien|alors|eh bien)[\s,.!]+)*"
        r"(?:oui+|ouais|si|d['’]accord|exact(?:ement)?|c['’]est (?:ça|exact|correct|bon|parfait|juste)|tout à fait|"
        r"parfait|"
        r"très bien|bien sûr|absolument|certainement|entendu|ok|okay|volontiers|ça (?:marche|me va|me convient)|"
        r"je confirme|confirmé|allez-y|correct|super|bien|voilà)\b",
    ),
    no=AnyCase(
        r"\s*(?:(?:ah|euh|oh|bon|pardon|désolée?|excusez-moi|ok|mais)[\s,.!]+)*"
        r"(?:non|pas (?:du tout|tout à fait|vraiment)|ce n['’]est pas (?:ça|exact|correct)|attendez|un instant|"
        r"en fait|faux)\b",
    ),
    correction=AnyCase(
        r"^\W*non\b(?!,? merci)|"
        r"\b(?:plutôt|finalement|enfin non|en fait|je veux dire|je voulais dire|non,? attendez|attendez|au lieu d|"
        r"à la place|"
        r"changez|changer|remplacez|modifiez|pardon|je me suis trompée?|oubliez|correction|je préfère|mettez(?:-en|"
        r" en)? plutôt|"
        r"pas le|pas la|pas à)\b",
    ),
    asks_to_confirm=AnyCase(
        r"\b(?:confirm\w*|vérifi\w*|c['’]est (?:bien (?:ça|cela)|exact|correct|bon)(?=[^.!]*\?)|n['’]est-ce pas|"
        r"est-ce (?:bien )?"
        r"(?:exact|correct|cela|ça)|d['’]accord\s*\?|(?:exact|correct|oui|non|bon|bien)\s*\?|ça vous (?:va|convient)|"
        r"vous confirmez|je récapitule|récapitul\w*|je répète|souhaitez-vous que|voulez-vous que|dois-je|"
        r"puis-je)(?:\b|(?<=\?))",
    ),
)
_DET = r"(?:(?:le|la|les|de|du|des|d['’]|l['’]|une?|aucune?|plus|en|à|au|pour)\s*)*"
_LETTER = r"[\wàâçéèêëîïôûùüœ-]"
_MORE = (
    rf"(?:{_LETTER}+(?: {_LETTER}+)?,?\s+(?:ni|ou|et)\s+(?:sans\s+|pas\s+)?"
    r"(?:de\s+|d['’]|les?\s+|la\s+|l['’])?)*"
)
_EXCLUSION = Exclusion(
    words=frozenset("without no not instead remove leave never forget exclude cancel dislike".split()),
    before=(
        re.compile(
            r"\b(?:sans|pas d(?:e|['’])|pas (?:les?|la)|surtout pas|ni|au lieu d[eu]?['’]?|à la place d[eu]s?['’]?|"
            r"aucune?|évitez|"
            r"jamais d(?:e|['’])|allergique (?:à|aux?)|je (?:n['’]aime pas|déteste|ne veux pas|ne mange pas))"
            rf"\s*(?<=[\s'’]){_DET}{_MORE}$",
            re.I,
        ),
        re.compile(
            r"\b(?:enlevez|enlève|enlever|retirez|retirer|ôtez|supprimez|supprimer|annulez|oubliez|laissez tomber)"
            r"(?:-moi)?\s+(?:le\s+|la\s+|les\s+|l['’])$",
            re.I,
        ),
    ),
    around=(
        (
            re.compile(r""),
            re.compile(r",?\s+(?:non merci|je n['’]en veux pas|surtout pas|à enlever|à retirer|en moins)\b", re.I),
        ),
    ),
)
_FILLER = r"(?:euh+|ben|bon|enfin|non|pardon|désolée?|excusez-moi|oh|ah|mais|ou|attendez|plutôt|en fait)"
_STRONG = (
    r"(?:enfin,? non|non,? (?:non|pardon|attendez|plutôt|excusez-moi|désolée?|en fait|je veux dire)|je veux dire|"
    r"je voulais dire|ou plutôt|plutôt|pardon|excusez-moi|en fait|finalement|attendez|correction|je me suis trompée?|"
    r"enfin)"
)
_REPAIRS = Repairs(
    marker=AnyCase(
        rf"(?<=[\wàâçéèêëîïôûùü'’)])[,\s.…–-]+(?:{_FILLER}[\s,.]+)*?(?:(?P<strong>{_STRONG})|non|désolée?)\b"
        rf"(?:[\s,.…–-]+{_FILLER}\b)*",
    ),
    own_sentence=re.compile(r"je (?:veux|voulais) dire|correction|trompé|enfin,? non|non,? attendez", re.I),
    words=frozenset("no rather sorry actually".split())
    | {_FOLD(word) for word in "enfin dire attendez excusez correction trompé trompée fait".split()},
)


def _day(day: date) -> str:
    """ "le vendredi 6 mars"."""
    return f"le {_WEEKDAYS[day.weekday()]} {day.day if day.day > 1 else '1er'} {_MONTHS[day.month - 1]}"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"à {hour} heure{'s' if hour > 1 else ''}{f' {minute}' if minute else ''}"


_MONEY = {"dollars": "dollars", "euros": "euros", "pounds": "livres", "rupees": "roupies", "cents": "cents"}

LANGUAGE = Language(
    code="fr",
    answers=_ANSWERS,
    exclusion=_EXCLUSION,
    repairs=_REPAIRS,
    meant=re.compile(
        r"(?:\b(?:[Jj]e (?:veux|voulais) dire|[Jj]['’]ai dit|[Cc]['’]est|[Pp]lutôt|[Mm]ais)|"
        r"^\W*(?:(?:ah|euh|oh|pardon|Pardon)\W+)*[Nn]on(?:\W+(?:pardon|désolée?|excusez-moi))?)"
        r"[\s,.]+(?:(?:à|au|aux|pour|de|en|chez|le|la|vers)\s+|l['’])*(?=[A-ZÀÂÇÉÈÊÎÔÛ])"
    ),
    read_mentions=Reader(_TABLES, _FOLD),
    split=_split,
    fold=_FOLD,
    leaves_out=re.compile(
        r"\b(?:non|sans|pas|plus de|enlev\w*|enlèv\w*|retir\w*|ôt\w*|supprim\w*|annul\w*|remplac\w*|chang\w*|au lieu|"
        r"à la place|"
        r"plutôt|désolée?|pardon|excus\w*|aucune?|sauf|moins)\b",
        re.I,
    ),
    settles=re.compile(
        r"\b(?:tout de suite|c['’]est (?:noté|parti|commandé|réservé)|je (?:commande|réserve|note|prends|ajoute|mets|"
        r"vous mets|"
        r"vous prépare|envoie)|j['’]ai (?:commandé|réservé|noté|ajouté)|votre (?:commande|réservation) est|alors|"
        r"donc|ça fait|"
        r"vous aurez|très bien|parfait)\b",
        re.I,
    ),
    worked_out=re.compile(
        r"\b(?:total|au total|somme|différence|reste|restant|solde|par|chaque|chacun|plus|moins|économis\w*|dans les|"
        r"délai|jusqu|"
        r"avant|après|au moins|au maximum|environ|à peu près|autour|par exemple|à partir|expire\w*)\b",
        re.I,
    ),
    done={
        act: re.compile(
            rf"\b(?:j['’]ai|nous avons|on a|je viens d['’e]\s*|a été|ont été|est|sont)\s+(?:bien |déjà |maintenant |"
            rf"vous )*(?:{words})\b",
            re.I,
        )
        for act, words in {
            "canceled": r"annulée?s?|annuler|résiliée?s?",
            "refunded": r"remboursée?s?|rembourser",
            "charged": r"débitée?s?|prélevée?s?|débiter",
            "emailed": r"envoyé (?:un|l['’]|le|par) ?(?:e-?mail|mail|courriel)",
        }.items()
    },
    acts={
        "canceled": ("annul", "resil", "résil"),
        "refunded": ("rembours", "avoir"),
        "charged": ("debit", "débit", "prelev", "pai"),
        "emailed": ("mail", "courriel", "envo"),
    },
    phrases=Phrases(
        instead="Juste pour confirmer : {new}, et non {old} ?",
        without="Juste pour confirmer : sans {old}, c'est bien ça ?",
        confirm="Juste pour confirmer : {new}, c'est bien ça ?",
        with_it="avec {value}",
        without_it="sans {value}",
        read_back="Avant de continuer, je récapitule : {parts}. C'est bien ça ?",
        amount_is="Juste pour confirmer : le montant est de {value}, c'est bien ça ?",
        amount_check="Excusez-moi, je vérifie le montant avant de continuer.",
        again="Excusez-moi, je veux être sûr de bien vous comprendre. Pouvez-vous me redire ce que vous souhaitez ?",
        safe="Excusez-moi, un instant, je vérifie cela.",
        buffer="Excusez-moi, un instant, je veux m'assurer d'avoir bien compris...",
        disregard="Excusez-moi, ne tenez pas compte de ce que je viens de dire. Comment puis-je vous aider ?",
        no_promise="Excusez-moi, cela, je ne peux pas vous le promettre.",
        not_done="Excusez-moi, ce n'est pas encore fait. Voulez-vous que je m'en occupe maintenant ?",
        not_done_alone="Excusez-moi, ce n'est pas encore fait.",
        have_here="Excusez-moi, je rectifie : j'ai ici {value}.",
        let_me_check="Excusez-moi, je ne peux pas encore vous le confirmer. Je vérifie.",
        before_that="Avant de le faire, je dois encore voir un point avec vous.",
        ask={
            "date": "Excusez-moi, pour quel jour est-ce ?",
            "time": "Excusez-moi, pour quelle heure est-ce ?",
            "count": "Excusez-moi, combien en souhaitez-vous ?",
            "name": "Excusez-moi, pouvez-vous me redonner le nom, s'il vous plaît ?",
            "phone": "Excusez-moi, pouvez-vous me redonner le numéro de téléphone, s'il vous plaît ?",
            "email": "Excusez-moi, pouvez-vous me redonner l'adresse e-mail, s'il vous plaît ?",
            "address": "Excusez-moi, pouvez-vous me redonner l'adresse, s'il vous plaît ?",
            "number": "Excusez-moi, pouvez-vous me redonner le numéro, s'il vous plaît ?",
            "place": "Excusez-moi, de quel endroit s'agit-il ?",
            "amount": "Excusez-moi, de quel montant s'agit-il ?",
        },
        count=lambda number, thing: f"{number} fois {thing}",
        day=_day,
        clock=_clock,
        amount=lambda number, currency: f"{digits(number, ',')} {_MONEY.get(currency, '')}".strip(),
        conjunction="et",
        alternative="ni",
    ),
)
