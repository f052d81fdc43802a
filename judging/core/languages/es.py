"""Spanish, of Spain and of the Americas."""

from __future__ import annotations

import re
from datetime import date

from judging.core.languages.base import Answers, Exclusion, Language, Repairs
from judging.core.languages.phrases import Phrases, digits
from judging.core.languages.reading import Reader, Tables
from judging.core.languages.spelling import either, folder, gloss_of, without_accents
from judging.core.patterns import AnyCase

_UNITS = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
)
_NAMES = (_UNITS + "dieciocho diecinueve").split()
_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_TWENTIES = (
    "veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve"
)
_HUNDREDS = "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"


def _below_hundred(number: int) -> list[str]:
    if number < 20:
        return [_NAMES[number]]
    if number < 30:
        word = _TWENTIES.split()[number - 20]
        return [word] if number == 20 else [word, f"veinte y {_NAMES[number - 20]}"]
    ten, unit = _TENS[number // 10 - 3], number % 10
    return [f"{ten} y {_NAMES[unit]}"] if unit else [ten]


def _numerals() -> dict[str, float]:
    small = {form: float(number) for number in range(100) for form in _below_hundred(number)}
    for form, number in list(small.items()):
        if form.endswith("uno"):
            small |= {f"{form[:-3]}un": number, f"{form[:-3]}ún": number, f"{form[:-3]}una": number}
    found = {**small, "cien": 100.0, "media docena": 6.0}
    for hundreds, word in enumerate(_HUNDREDS.split(), 1):
        for head in {word, word.replace("os", "as")}:
            found[head] = hundreds * 100.0
            found |= {f"{head} {form}": hundreds * 100.0 + number for form, number in small.items() if number}
    # Speech is often written without accents.
    return found | {without_accents(form): value for form, value in found.items()}


_ONE = frozenset({"un", "una", "uno", "ún"})
_MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_MONTH = {name: at for at, name in enumerate(_MONTHS, 1)} | {"setiembre": 9}
_WEEKDAYS = "lunes martes miércoles jueves viernes sábado domingo".split()
_WEEKDAY = {name: at for at, name in enumerate(_WEEKDAYS)} | {"miercoles": 2, "sabado": 5}
_RELATIVE = {
    "hoy": (0,),
    "esta noche": (0,),
    "mañana": (1,),
    "pasado mañana": (2,),
    "ayer": (-1,),
}
_PARTS = {"madrugada": "am", "mañana": "am", "tarde": "pm", "mediodía": "pm", "mediodia": "pm", "noche": "night"}
_PART = rf"(?P<part>(?:de|por|en) (?:la )?(?:{either(_PARTS)})|del mediod[ií]a|am|pm|a m|p m)"
_D, _MO = r"(?P<d>\d{1,2})º?", rf"(?P<mo>{either(_MONTH)})"
_DAY_NAME = rf"(?P<skip>{either(_WEEKDAY)})"
_DATES = tuple(
    re.compile(rf"(?<!\S){rule}(?!\S)")
    for rule in (
        rf"(?:{_DAY_NAME} )?{_D} de {_MO}(?: (?:de |del )?(?P<y>(?:19|20)\d\d))?",
        rf"{_DAY_NAME}(?: día)? (?P<d>\d{{1,2}})(?! (?:horas?|h|personas|de la|euros|pizzas))",
        rf"(?P<d>\d{{1,2}})º?(?= (?:al|a|hasta el|y el) \d{{1,2}}º? de {_MO})",
        rf"(?:de|en) {_MO}(?: (?:de |del )?(?P<y>20\d\d))?",
        r"(?:el )?día (?P<d>\d{1,2})",
        rf"(?:(?:el|este|próximo|proximo|del|al) )*(?P<wd>{either(_WEEKDAY)})(?: que viene| próximo| proximo)?",
        r"(?P<rel>pasado mañana|hoy|ayer|esta noche)",
        r"(?<!de la )(?<!por la )(?<!en la )(?<!esta )(?<!la )(?<!pasado )(?<!de )(?P<rel>mañana)",
        r"(?:en|dentro de) (?P<n>\d+) (?P<unit>días|dias|día|semanas|semana)",
        r"(?P<week>(?:la )?(?:próxima|proxima) semana|la semana que viene)",
    )
)
_CLOCKS = tuple(
    re.compile(rf"(?<!\S){rule}(?: (?:en punto )?{_PART})?(?!\S)")
    for rule in (
        r"(?P<h>\d{1,2}):(?P<min>\d\d)(?: horas?| h| hrs)?",
        r"(?:las?|a|tipo) (?P<h>\d{1,2}) y (?:(?P<half>media)|(?P<quarter>cuarto)|(?P<min>\d{1,2}))(?: minutos)?",
        r"(?:las?|a) (?P<h>\d{1,2}) menos (?:(?P<lessquarter>cuarto)|(?P<less>\d{1,2}))",
        r"(?:(?P<lessquarter>(?:un |1 )?cuarto)|(?P<less>\d{1,2})(?: minutos)?) para las? (?P<h>\d{1,2})",
        r"(?:las?|a) (?P<h>\d{1,2}) (?P<min>\d{2})(?= de la| h| pm| am|$)(?: horas?| h)?",
        r"(?:a las?|sobre las?|hacia las?|para las?|son las?|desde las?|hasta las?|las?) (?P<h>\d{1,2})"
        r"(?: horas?| h)?(?! (?:personas?|pizzas?|euros?|pesos?|días?|dólares|entradas|y media|primeras|últimas|dos))",
        rf"(?P<h>\d{{1,2}})(?= {_PART.replace('part', 'part3')})",
        r"(?P<named>mediodía|mediodia|medianoche|media noche)",
    )
)

_TABLES = Tables(
    numerals=_numerals(),
    scales={"mil": 1000, "millón": 10**6, "millon": 10**6, "millones": 10**6},
    one=_ONE,
    only=frozenset("solo sólo solamente nada más mejor no solamente que sea sean únicamente".split()),
    vague={"docena": 12, "docenas": 12, "par": 2, "ambos": 2, "ambas": 2, "doble": 2, "pareja": 2},
    joins=frozenset({"y"}),
    ordinals={"primero": 1},
    months=_MONTH,
    weekdays=_WEEKDAY,
    relative=_RELATIVE,
    units={"días": 1, "dias": 1, "día": 1, "semanas": 7, "semana": 7},
    parts=_PARTS | {"am": "am", "a m": "am", "pm": "pm", "p m": "pm"},
    named_times={"mediodía": 720, "mediodia": 720, "medianoche": 0, "media noche": 0},
    currencies=frozenset("euro euros eur dólar dólares dolar dolares peso pesos libras soles".split()),
    coins=frozenset("céntimo céntimos centimos centavo centavos".split()),
    date_rules=_DATES,
    time_rules=_CLOCKS,
)

_GLOSS = gloss_of(
    "the: el la los las lo; a: un una unos unas; and: y e; or: o u; with: con; without: sin; no: no ningún ninguna ni; "
    "of: de del; to: hacia; at: a al; from: desde; for: para por; in: en; until: hasta; is: es está; are: son están; "
    "be: ser estar sea; i: yo; you: usted ustedes tú te; it: lo; me: me; my: mi mis; your: su sus tu; "
    "this: este esta esto; that: que ese esa eso; please: favor; thanks: gracias; also: también; can: puede puedo; "
    "could: podría; would: quisiera gustaría; want: quiero quiere; have: tengo tiene; but: pero; then: entonces; "
    "now: ahora; instead: cambio lugar vez; rather: mejor; only: solo sólo solamente; just: nada; remove: quite quita "
    "quítele quítale quitar quítame; leave: déjelo deje; never: nunca; cancel: cancele cancelar; forget: olvide "
    "olvídese "
    "olvídate; yes: sí; sorry: perdón perdone disculpe; some: algo algunos algunas; exclude: saque sáquele sacar "
    "evite; "
    "actually: realmente; make: ponga póngame; two: dos; three: tres; four: cuatro; five: cinco; six: seis; "
    "seven: siete; eight: ocho; nine: nueve; ten: diez; zero: cero; one: uno; dislike: alérgico alérgica odio"
)


def _bare(low: str) -> str:
    """Without accents and the endings of plurals: "jamones" and "jamón" are one word."""
    word = without_accents(low)
    for ending in ("s", "e"):
        if len(word) > 4 and word.endswith(ending):
            word = word[:-1]
    return word


_FOLD = folder(_GLOSS, _bare)

_ANSWERS = Answers(
    yes=AnyCase(
        r"\s*(?:(?:ah|eh|ajá|bueno|ok|okay|vale|claro|muy bien)[\s,.!]+)*"
        r"(?:s[ií]+|claro|correcto|exacto|exactamente|as[ií] es|eso es|de acuerdo|vale|perfecto|muy bien|por supuesto|"
        r"está bien|est[aá] (?:perfecto|correcto)|ok|okay|dale|listo|genial|confirmo|confirmado|adelante|cierto|"
        r"desde luego|me parece bien|sale|bien)\b",
    ),
    no=AnyCase(
        r"\s*(?:(?:ah|eh|uy|ay|bueno|perdón|perdone|disculpe|ok|okay|este|pues)[\s,.!]+)*"
        r"(?:no|para nada|incorrecto|espere|espera|un momento|mejor no|en realidad)\b",
    ),
    correction=AnyCase(
        r"^\W*no\b(?!,? gracias)|"
        r"\b(?:mejor|en realidad|digo|quise decir|quiero decir|perdón|perdone|no,? espere?a?|en (?:vez|lugar) de|"
        r"cambie|cambiar|cambio de|cámbiel[oa]|corrijo|corrección|que sean?|me equivoqué|olvide|olvídese|"
        r"prefiero|más bien|no el|no la|no las|póngame mejor|al final)\b",
    ),
    asks_to_confirm=AnyCase(
        r"\b(?:confirm\w*|verific\w*|correcto\s*\?|cierto\s*\?|verdad\s*\?|de acuerdo\s*\?|est[aá] bien\s*\?|"
        r"est[aá] (?:todo )?(?:correcto|bien)|es correcto|le parece|es así|s[ií]\s*\?|no\s*\?|repito|le repito|"
        r"procedo|desea que|quiere que)(?:\b|(?<=\?))",
    ),
)
_DET = r"(?:(?:la|el|los|las|nada de|ning[uú]na?|unos?|unas?|m[aá]s|de|para|a|en)\s+)*"
_MORE = r"(?:[\wáéíóúñü-]+(?: [\wáéíóúñü-]+)?,?\s+(?:ni|o|y)\s+(?:sin\s+|la\s+|el\s+|los\s+|las\s+)?)*"
_EXCLUSION = Exclusion(
    words=frozenset("without no instead remove leave never forget exclude cancel dislike just".split()),
    before=(
        re.compile(
            r"\b(?:sin|nada de|en (?:vez|lugar) de|tampoco|ni|evite|no (?:quiero|lleve|ponga|le ponga|le pongas?|"
            r"me pongas?|"
            r"me ponga|lleva|incluya|incluyas|agregue|añada|echen?|le eche|me gustan?|puedo comer)|"
            r"al[eé]rgic[oa] a(?:l)?|odio)"
            rf"\s+{_DET}{_MORE}$",
            re.I,
        ),
        re.compile(
            r"\b(?:quite|quita|qu[ií]tel[ea]s?|qu[ií]tal[ea]|qu[ií]tame|quitar|saque|s[aá]quele|cancele|cancelar|"
            r"elimine|"
            r"olvide|olv[ií]dese de|olv[ií]date de|deje fuera)\s+(?:la|el|los|las)\s+$",
            re.I,
        ),
    ),
    around=(
        (
            re.compile(r"\b(?:el|la|los|las)\s+$", re.I),
            re.compile(
                r"\s+(?:no(?=\s*(?:[.,;!]|$))|mejor no\b|no l[ao]s? quiero\b|qu[ií]tel[ao]s?\b|s[aá]quel[ao]s?\b)", re.I
            ),
        ),
    ),
)
_FILLER = r"(?:eh+|este|bueno|pues|no|perd[oó]n|perdone|disculpe|ay|mejor|espere|espera|o|y)"
_STRONG = (
    r"(?:mejor dicho|quise decir|quiero decir|digo|no,? (?:no|espere|espera|perd[oó]n|mejor|digo|disculpe)|perd[oó]n|"
    r"perdone|"
    r"disculpe|corrijo|correcci[oó]n|m[aá]s bien|o mejor|o sea no|me equivoqu[eé]|en realidad|espere|espera|mejor)"
)
_REPAIRS = Repairs(
    marker=AnyCase(
        rf"(?<=[\wáéíóúñ'’)])[,\s.…–-]+(?:{_FILLER}[\s,.]+)*?(?:(?P<strong>{_STRONG})|no)\b"
        rf"(?:[\s,.…–-]+(?:{_FILLER}|que sean?)\b)*",
    ),
    own_sentence=re.compile(
        r"digo|quise decir|quiero decir|corrijo|correcci|me equivoqu|mejor dicho|no,? espere?a?", re.I
    ),
    words=frozenset("no rather sorry actually".split())
    | {
        _FOLD(word)
        for word in "digo dicho decir espere espera corrijo corrección equivoqué bien disculpe perdone".split()
    },
)


def _day(day: date) -> str:
    """ "el viernes 6 de marzo"."""
    return f"el {_WEEKDAYS[day.weekday()]} {day.day} de {_MONTHS[day.month - 1]}"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    said = (hour - 1) % 12 + 1
    part = (
        "de la madrugada"
        if hour < 6
        else "de la mañana"
        if hour < 12
        else "de la tarde"
        if hour < 20
        else "de la noche"
    )
    return f"a la{'' if said == 1 else 's'} {said}{f':{minute:02}' if minute else ''} {part}"


_MONEY = {"dollars": "dólares", "euros": "euros", "pounds": "libras", "rupees": "rupias", "cents": "centavos"}

LANGUAGE = Language(
    code="es",
    answers=_ANSWERS,
    exclusion=_EXCLUSION,
    repairs=_REPAIRS,
    meant=re.compile(
        r"(?:\b(?:[Qq]uise decir|[Qq]uiero decir|[Dd]igo|[Mm]ejor|[Ee]s|[Ss]ino|[Dd]ije)|"
        r"^\W*(?:(?:ah|eh|ay|perdón|Perdón)\W+)*[Nn]o(?:\W+(?:perdón|disculpe|perdone))?)"
        r"[\s,.]+(?:(?:a|para|de|desde|en|el|la|con|al)\s+)*(?=[A-ZÁÉÍÓÚÑ])"
    ),
    read_mentions=Reader(_TABLES, _FOLD),
    fold=_FOLD,
    leaves_out=re.compile(
        r"\b(?:no|sin|nada|quit\w*|sac\w*|elimin\w*|cambi\w*|reempla\w*|cancel\w*|en (?:vez|lugar)|mejor|perd[oó]n|"
        r"disculp\w*|"
        r"tampoco|excepto|menos|lament\w*|retir\w*)\b",
        re.I,
    ),
    settles=re.compile(
        r"\b(?:en (?:camino|seguida)|enseguida|(?:le )?(?:pido|ordeno|reservo|anoto|agrego|añado|env[ií]o|pongo)|"
        r"he (?:pedido|"
        r"reservado|anotado|añadido|agregado)|ya (?:ped[ií]|reserv[eé]|anot[eé])|su (?:pedido|orden|reserva) es|"
        r"ser[ií]a|"
        r"entonces|muy bien|perfecto|marchando|tendr[aá])\b",
        re.I,
    ),
    worked_out=re.compile(
        r"\b(?:total|en total|suma|diferencia|resto|restante|saldo|por|cada|m[aá]s|menos|ahorra\w*|dentro|plazo|"
        r"hasta|antes|"
        r"despu[eé]s|al menos|como m[aá]ximo|aproximadamente|alrededor|unos|unas|por ejemplo|a partir|vence|caduca)\b",
        re.I,
    ),
    done={
        act: re.compile(
            rf"\b(?:(?:ya )?(?:le )?he|hemos|ha sido|han sido|fue|fueron|queda|est[aá]|"
            rf"acabo de)\s+(?:ya\s+)?(?:{words})\b|"
            rf"\b(?:ya )(?:le |se |lo |la )*(?:{past})\b",
            re.I,
        )
        for act, (words, past) in {
            "canceled": ("cancelad[oa]s?|anulad[oa]s?|cancelar", "cancelé|anulé|canceló"),
            "refunded": ("reembolsad[oa]s?|devuelto el (?:dinero|importe)", "reembolsé|devolví el dinero"),
            "charged": ("cobrad[oa]s?|cargad[oa]s? (?:a|en) su", "cobré|cobramos"),
            "emailed": ("enviado (?:un|el|por) (?:correo|e?-?mail)", "envié (?:un|el|por) (?:correo|e?-?mail)"),
        }.items()
    },
    acts={
        "canceled": ("cancel", "anul", "baja"),
        "refunded": ("reembols", "devol", "abono"),
        "charged": ("cobr", "carg", "pag"),
        "emailed": ("corre", "envi", "mail"),
    },
    phrases=Phrases(
        instead="Solo para confirmar: ¿{new}, y no {old}?",
        without="Solo para confirmar: sin {old}, ¿verdad?",
        confirm="Solo para confirmar: ¿{new}?",
        with_it="con {value}",
        without_it="sin {value}",
        read_back="Antes de continuar, le confirmo: {parts}. ¿Es correcto?",
        amount_is="Solo para confirmar: ¿el importe es de {value}?",
        amount_check="Disculpe, permítame revisar el importe antes de continuar.",
        again="Disculpe, quiero asegurarme de entenderle bien. ¿Me puede repetir, por favor, qué desea?",
        safe="Disculpe, deme un momento para verificarlo.",
        buffer="Disculpe, un momento, quiero asegurarme de haberle entendido bien...",
        disregard="Disculpe, no tenga en cuenta lo que acabo de decir. ¿En qué más le puedo ayudar?",
        no_promise="Disculpe, eso no se lo puedo prometer.",
        not_done="Disculpe, eso todavía no está hecho. ¿Quiere que lo haga ahora?",
        not_done_alone="Disculpe, eso todavía no está hecho.",
        have_here="Disculpe, me corrijo: aquí me aparece {value}.",
        let_me_check="Disculpe, eso todavía no se lo puedo confirmar. Permítame revisarlo.",
        before_that="Antes de hacerlo, permítame comentarle una cosa.",
        ask={
            "date": "Disculpe, ¿para qué día lo desea?",
            "time": "Disculpe, ¿a qué hora lo desea?",
            "count": "Disculpe, ¿qué cantidad desea?",
            "name": "Disculpe, ¿me repite el nombre, por favor?",
            "phone": "Disculpe, ¿me repite el número de teléfono, por favor?",
            "email": "Disculpe, ¿me repite el correo electrónico, por favor?",
            "address": "Disculpe, ¿me repite la dirección, por favor?",
            "number": "Disculpe, ¿me repite el número, por favor?",
            "place": "Disculpe, ¿a qué lugar se refiere?",
            "amount": "Disculpe, ¿de qué importe hablamos?",
        },
        count=lambda number, thing: f"{number} de {thing}",
        day=_day,
        clock=_clock,
        amount=lambda number, currency: f"{digits(number, ',')} {_MONEY.get(currency, '')}".strip(),
        conjunction="y",
        alternative="ni",
    ),
)
