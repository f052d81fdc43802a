"""Portuguese, of Brazil and of Portugal. "Segunda" to "sexta" are weekdays, with or without "feira"."""

from __future__ import annotations

import re
from datetime import date

from judging.core.languages.base import Answers, Exclusion, Language, Repairs
from judging.core.languages.phrases import Phrases, digits
from judging.core.languages.reading import Reader, Tables
from judging.core.languages.spelling import either, folder, gloss_of, without_accents
from judging.core.patterns import AnyCase

_UNITS = "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete "
_NAMES = (_UNITS + "dezoito dezenove").split()
_ALSO = {14: "quatorze", 16: "dezasseis", 17: "dezassete", 19: "dezanove", 6: "meia"}
_TENS = "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa".split()
_HUNDREDS = "cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos".split()


def _below_hundred(number: int) -> list[str]:
    if number < 20:
        return [_NAMES[number], *([_ALSO[number]] if number in _ALSO and number > 9 else [])]
    ten, unit = _TENS[number // 10 - 2], number % 10
    return [f"{ten} e {_NAMES[unit]}"] if unit else [ten]


def _numerals() -> dict[str, float]:
    small = {form: float(number) for number in range(100) for form in _below_hundred(number)}
    for form, number in list(small.items()):
        if form.endswith(("um", "dois")):
            small[form.removesuffix("um") + "uma" if form.endswith("um") else form[:-4] + "duas"] = number
    found = {**small, "cem": 100.0, "meia dúzia": 6.0}
    for hundreds, word in enumerate(_HUNDREDS, 1):
        for head in {word, word.replace("os", "as")}:
            found[head] = hundreds * 100.0
            found |= {f"{head} e {form}": hundreds * 100.0 + number for form, number in small.items() if number}
    return found | {without_accents(form): value for form, value in found.items()}


_ONE = frozenset({"um", "uma"})
_MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()
_MONTH = {name: at for at, name in enumerate(_MONTHS, 1)} | {"marco": 3}
_WEEKDAYS = ["segunda feira", "terça feira", "quarta feira", "quinta feira", "sexta feira", "sábado", "domingo"]
_WEEKDAY = {name: at for at, name in enumerate(_WEEKDAYS)} | {"terca feira": 1, "sabado": 5}
_SHORT = {"segunda": 0, "terça": 1, "terca": 1, "quarta": 2, "quinta": 3, "sexta": 4}
_RELATIVE = {
    "hoje": (0,),
    "hoje à noite": (0,),
    "amanhã": (1,),
    "amanha": (1,),
    "depois de amanhã": (2,),
    "depois de amanha": (2,),
    "ontem": (-1,),
}
_PARTS = {"madrugada": "am", "manhã": "am", "manha": "am", "tarde": "pm", "noite": "night"}
_PART = rf"(?P<part>(?:da|de|à|pela) (?:{either(_PARTS)}))"
_D, _MO = r"(?P<d>\d{1,2})º?", rf"(?P<mo>{either(_MONTH)})"
_SHORT_DAYS = either(_SHORT)
_DAY_NAME = rf"(?P<skip>{either({**_WEEKDAY, **_SHORT})})"
_DATES = tuple(
    re.compile(rf"(?<!\S){rule}(?!\S)")
    for rule in (
        rf"(?:{_DAY_NAME} (?:dia )?)?{_D} de {_MO}(?: (?:de )?(?P<y>(?:19|20)\d\d))?",
        rf"{_DAY_NAME}(?: dia)? (?P<d>\d{{1,2}})(?! (?:horas?|h|pessoas|da|reais|pizzas))",
        rf"(?P<d>\d{{1,2}})º?(?= (?:a|ao|até|até o|e) \d{{1,2}}º? de {_MO})",
        rf"(?:em|de) {_MO}(?: (?:de )?(?P<y>20\d\d))?",
        r"(?:no )?dia (?P<d>\d{1,2})º?",
        rf"(?:(?:na|no|nesta|neste|próxima|próximo|proxima|proximo|pra|para) )*(?P<wd>{either(_WEEKDAY)})",
        rf"(?:na|nesta|próxima|proxima|pra|para|até|essa|esta|de) (?:próxima )?(?P<wd>{_SHORT_DAYS})(?! (?:vez|opção|"
        rf"pizza|pessoa))",
        rf"(?P<wd>{_SHORT_DAYS})(?= (?:que vem|à noite|à tarde|de manhã|às|as \d)|$)",
        r"(?<!depois de )(?P<rel>amanhã|amanha)",
        r"(?P<rel>depois de amanhã|depois de amanha|hoje|ontem)",
        r"(?:em|daqui a|dentro de) (?P<n>\d+) (?P<unit>dias|dia|semanas|semana)",
        r"(?P<week>(?:na |a )?(?:próxima semana|proxima semana|semana que vem))",
    )
)
_CLOCKS = tuple(
    re.compile(rf"(?<!\S){rule}(?: (?:em ponto )?{_PART})?(?!\S)")
    for rule in (
        r"(?P<h>\d{1,2})(?::| h )(?P<min>\d\d)(?: horas?| h)?",
        r"(?:às?|as|para as|pras|umas|das|até as|a) (?P<h>\d{1,2})(?: horas?)? e (?:(?P<half>meia)|"
        r"(?P<min>\d{1,2}))(?: minutos)?",
        r"(?P<h>\d{1,2}) horas? e (?:(?P<half>meia)|(?P<min>\d{1,2}))(?: minutos)?",
        r"(?P<h>\d{1,2}) e (?P<half>meia)",
        r"(?:(?P<lessquarter>15|um quarto|1 quarto)|(?P<less>\d{1,2})(?: minutos)?) (?:para|pra|"
        r"pras) (?:as? )?(?P<h>\d{1,2})(?: horas?)?",
        r"(?:às?|as) (?P<h>\d{1,2}) menos (?:(?P<lessquarter>um quarto|1 quarto|quarto)|(?P<less>\d{1,2}))",
        r"(?P<h>\d{1,2}) (?:horas|h)(?! e)",
        r"(?:às|à|lá pelas|pelas|pras|para as|até as|até às|depois das|a partir das|das) (?P<h>\d{1,2})(?: horas?)?"
        r"(?! (?:pessoas|pizzas|reais|euros|dias|primeiras|últimas|duas))",
        rf"(?P<h>\d{{1,2}})(?= {_PART.replace('part', 'part3')})",
        r"(?:ao )?(?P<named>meio dia|meia noite)",
    )
)

_TABLES = Tables(
    numerals=_numerals(),
    scales={"mil": 1000, "milhão": 10**6, "milhao": 10**6, "milhões": 10**6, "milhoes": 10**6},
    one=_ONE,
    only=frozenset("só somente apenas melhor não aliás".split()),
    vague={"dúzia": 12, "dúzias": 12, "duzia": 12, "par": 2, "ambos": 2, "ambas": 2, "casal": 2, "dupla": 2},
    joins=frozenset({"e"}),
    ordinals={"primeiro": 1},
    months=_MONTH,
    weekdays=_WEEKDAY | _SHORT | {"feira": 0},
    relative=_RELATIVE,
    units={"dias": 1, "dia": 1, "semanas": 7, "semana": 7},
    parts=_PARTS,
    named_times={"meio dia": 720, "meia noite": 0},
    currencies=frozenset("real reais euro euros eur dólar dólares dolar dolares brl".split()),
    coins=frozenset("centavo centavos cêntimo cêntimos centimos".split()),
    date_rules=_DATES,
    time_rules=_CLOCKS,
)

_GLOSS = gloss_of(
    "the: o a os as; an: um uma uns umas; and: e; or: ou; with: com; without: sem; no: não nenhum nenhuma nem; "
    "of: de do da dos das; at: ao à às aos; from: desde; for: para pra pro por pelo pela; in: em no na nos nas; "
    "until: até; is: é está tá; are: são estão; be: ser estar seja; i: eu; you: você vocês; it: isso isto; "
    "me: me mim; my: meu minha meus minhas; your: seu sua; this: este esta esse essa; that: que; please: favor; "
    "thanks: obrigado obrigada; also: também; can: pode posso; could: poderia; would: gostaria queria; want: quero "
    "quer; "
    "have: tenho tem; but: mas; then: então; now: agora; instead: invés vez lugar; rather: melhor; "
    "only: só somente apenas; remove: tire tira tirar retire retirar remova; leave: deixe deixa; never: nunca; "
    "cancel: cancele cancela cancelar; forget: esqueça esquece esqueci; yes: sim; sorry: desculpa desculpe perdão; "
    "some: algum alguma; exclude: evite evita; make: coloque coloca põe; actually: aliás; two: dois duas; three: três; "
    "four: quatro; five: cinco; six: seis meia; seven: sete; eight: oito; nine: nove; ten: dez; zero: zero; "
    "dislike: alérgico alérgica odeio detesto"
)


def _bare(low: str) -> str:
    """Without accents and the endings of plurals: "limões" and "limão" are one word."""
    word = without_accents(low)
    if len(word) > 4 and word.endswith(("oes", "aes")):
        return f"{word[:-3]}a"
    for ending in ("s", "o", "e"):
        if len(word) > 4 and word.endswith(ending):
            word = word[:-1]
    return word


_FOLD = folder(_GLOSS, _bare)

_ANSWERS = Answers(
    yes=AnyCase(
        r"\s*(?:(?:ah|é|bom|ok|okay|tá|então|muito bem)[\s,.!]+)*"
        r"(?:sim+|isso|exato|exatamente|certo|correto|claro|com certeza|perfeito|pode (?:ser|sim|fazer|confirmar)|"
        r"tá (?:bom|"
        r"certo|ótimo)|está (?:bem|certo|correto|ótimo|bom)|ok|okay|beleza|ótimo|combinado|confirmo|confirmado|"
        r"positivo|"
        r"é isso|fechado|de acordo|muito bem|quero sim|por favor)\b",
    ),
    no=AnyCase(
        r"\s*(?:(?:ah|é|bom|desculpe?a?|perdão|ok|mas|olha)[\s,.!]+)*"
        r"(?:não|nao|negativo|errado|de jeito nenhum|espera|espere|um momento|peraí|na verdade|aliás)\b",
    ),
    correction=AnyCase(
        r"^\W*não\b(?!,? obrigad)|"
        r"\b(?:aliás|quer dizer|na verdade|melhor|quis dizer|quero dizer|digo|em vez|ao invés|no lugar|troca|troque|"
        r"trocar|"
        r"muda|mude|mudar|corrig\w*|correção|desculpa|desculpe|espera|espere|peraí|esquece|esqueça|prefiro|me enganei|"
        r"me confundi|não é|não o|não a|coloca|coloque|ou melhor)\b",
    ),
    asks_to_confirm=AnyCase(
        r"\b(?:confirm\w*|verific\w*|cert[oa]\s*\?|corret[oa]\s*\?|est[áa] (?:tudo )?(?:certo|correto|bem)|tá certo|"
        r"é isso(?: mesmo)?\s*\?|isso\s*\?|né\s*\?|não é\s*\?|pode ser\s*\?|tudo bem\s*\?|ok\s*\?|sim\s*\?|"
        r"posso (?:confirmar|"
        r"prosseguir|fazer|seguir)|repetindo|repito|quer que eu|gostaria que|deseja que)(?:\b|(?<=\?))",
    ),
)
_DET = r"(?:(?:a|o|as|os|de|da|do|nada de|nenhuma?|mais|uma?|na|no|para|em|à|às)\s+)*"
_MORE = r"(?:[\wáâãàéêíóôõúç-]+(?: [\wáâãàéêíóôõúç-]+)?,?\s+(?:nem|ou|e)\s+(?:sem\s+|a\s+|o\s+|as\s+|os\s+)?)*"
_EXCLUSION = Exclusion(
    words=frozenset("without no instead remove leave never forget exclude cancel dislike".split()) | {_FOLD("nada")},
    before=(
        re.compile(
            r"\b(?:sem|nada de|em vez d[eoa]s?|ao invés d[eoa]s?|no lugar d[eoa]s?|tampouco|nem|evite|evita|"
            r"não (?:quero|ponha|põe|"
            r"coloque|coloca|bota|gosto d[eoa]s?|posso comer|precisa de|inclua)|alérgic[oa] ao?s?|odeio|detesto)"
            rf"\s+{_DET}{_MORE}$",
            re.I,
        ),
        re.compile(
            r"\b(?:tire|tira|tirar|retire|retirar|remova|remove|cancele|cancela|cancelar|esquece|esqueça|"
            r"deixa de fora|deixe de fora)"
            r"\s+(?:a|o|as|os)\s+$",
            re.I,
        ),
    ),
    around=(
        (
            re.compile(r"\b(?:a|o|as|os)\s+$", re.I),
            re.compile(r"\s+(?:não(?=\s*(?:[.,;!]|$))|não quero\b|pode tirar\b|pode retirar\b)", re.I),
        ),
    ),
)
_FILLER = r"(?:é|eh+|hum|bom|então|não|desculpa|desculpe|perdão|ah|melhor|espera|espere|peraí|ou|olha)"
_STRONG = (
    r"(?:quer dizer|quis dizer|quero dizer|aliás|ou melhor|melhor dizendo|digo|não,? (?:não|espera|espere|desculpa|"
    r"desculpe|"
    r"perdão|melhor|peraí|aliás)|na verdade|desculpa|desculpe|perdão|me enganei|correção|corrigindo|espera|espere|"
    r"peraí)"
)
_REPAIRS = Repairs(
    marker=AnyCase(
        rf"(?<=[\wáâãàéêíóôõúç'’)])[,\s.…–-]+(?:{_FILLER}[\s,.]+)*?(?:(?P<strong>{_STRONG})|não|melhor)\b"
        rf"(?:[\s,.…–-]+{_FILLER}\b)*",
    ),
    own_sentence=re.compile(
        r"quer dizer|quis dizer|quero dizer|digo|correção|corrigindo|me enganei|não,? espere?a?", re.I
    ),
    words=frozenset("no rather sorry actually".split())
    | {_FOLD(word) for word in "dizer dizendo digo verdade enganei correção corrigindo espera espere peraí".split()},
)


def _day(day: date) -> str:
    """ "na sexta-feira, 6 de março"."""
    at = "na" if day.weekday() < 5 else "no"
    return f"{at} {_WEEKDAYS[day.weekday()].replace(' ', '-')}, {day.day} de {_MONTHS[day.month - 1]}"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{'à' if hour == 1 else 'às'} {hour}h{f'{minute:02}' if minute else ''}"


_MONEY = {"dollars": "dólares", "euros": "euros", "pounds": "libras", "rupees": "rúpias", "cents": "centavos"}

LANGUAGE = Language(
    code="pt",
    answers=_ANSWERS,
    exclusion=_EXCLUSION,
    repairs=_REPAIRS,
    meant=re.compile(
        r"(?:\b(?:[Qq]uis dizer|[Qq]uero dizer|[Qq]uer dizer|[Ee]u disse|[Dd]igo|[ÉEé]|[Mm]as|[Aa]liás)|"
        r"^\W*(?:(?:ah|desculpa|desculpe|Desculpa|Desculpe)\W+)*[Nn]ão(?:\W+(?:desculpa|desculpe|perdão))?)"
        r"[\s,.]+(?:(?:para|pra|em|no|na|de|do|da|o|a|ao)\s+)*(?=[A-ZÁÂÃÀÉÊÍÓÔÕÚÇ])"
    ),
    read_mentions=Reader(_TABLES, _FOLD),
    fold=_FOLD,
    leaves_out=re.compile(
        r"\b(?:não|sem|nada|tir\w*|retir\w*|remov\w*|troc\w*|substitu\w*|cancel\w*|em vez|ao invés|no lugar|melhor|"
        r"desculp\w*|"
        r"perdão|nem|exceto|menos|mud\w*)\b",
        re.I,
    ),
    settles=re.compile(
        r"\b(?:a caminho|já (?:vai|estou|pedi|reservei|anotei)|(?:vou|estou) (?:pedindo|pedir|reservar|reservando|"
        r"anotar|colocar|"
        r"adicionar)|anotei|anotado|reservei|coloquei|adicionei|seu pedido é|sua (?:reserva|encomenda) é|então|fica|"
        r"perfeito|ótimo|"
        r"o senhor vai|a senhora vai)\b",
        re.I,
    ),
    worked_out=re.compile(
        r"\b(?:total|no total|soma|diferença|resto|restante|saldo|por|cada|mais|menos|economiz\w*|dentro|prazo|até|"
        r"antes|depois|"
        r"pelo menos|no máximo|aproximadamente|cerca|uns|umas|por exemplo|a partir|vence)\b",
        re.I,
    ),
    done={
        act: re.compile(
            rf"\b(?:foi|foram|está|estão|acabei de|já)\s+(?:já\s+)?(?:{words})\b|\b(?:eu |já |nós )+(?:{past})\b|"
            rf"^\W*(?:{past})\b",
            re.I,
        )
        for act, (words, past) in {
            "canceled": ("cancelad[oa]s?|cancelar", "cancelei|cancelamos"),
            "refunded": ("reembolsad[oa]s?|estornad[oa]s?|reembolsar|estornar", "reembolsei|estornei|reembolsamos"),
            "charged": ("cobrad[oa]s?|debitad[oa]s?", "cobrei|debitei|cobramos"),
            "emailed": ("enviado (?:um|o|por) e-?mail", "enviei (?:um|o|por) e-?mail|mandei (?:um|o) e-?mail"),
        }.items()
    },
    acts={
        "canceled": ("cancel", "anul"),
        "refunded": ("reembols", "estorn", "devol"),
        "charged": ("cobr", "debit", "pag"),
        "emailed": ("mail", "envi", "mand"),
    },
    phrases=Phrases(
        instead="Só para confirmar: {new}, e não {old}?",
        without="Só para confirmar: sem {old}, certo?",
        confirm="Só para confirmar: {new}, certo?",
        with_it="com {value}",
        without_it="sem {value}",
        read_back="Antes de continuar, vou confirmar: {parts}. Está correto?",
        amount_is="Só para confirmar: o valor é {value}, certo?",
        amount_check="Desculpe, deixe-me conferir o valor antes de continuar.",
        again="Desculpe, quero ter certeza de que entendi bem. Pode repetir, por favor, o que deseja?",
        safe="Desculpe, um momento, por favor, vou verificar isso.",
        buffer="Desculpe, um momento, só quero ter certeza de que entendi bem...",
        disregard="Desculpe, por favor desconsidere o que acabei de dizer. Em que mais posso ajudar?",
        no_promise="Desculpe, isso eu não posso prometer.",
        not_done="Desculpe, isso ainda não foi feito. Quer que eu faça agora?",
        not_done_alone="Desculpe, isso ainda não foi feito.",
        have_here="Desculpe, vou me corrigir: aqui consta {value}.",
        let_me_check="Desculpe, isso ainda não posso confirmar. Vou verificar.",
        before_that="Antes de fazer isso, preciso falar de mais um ponto.",
        ask={
            "date": "Desculpe, para que dia seria?",
            "time": "Desculpe, para que horas seria?",
            "count": "Desculpe, qual é a quantidade?",
            "name": "Desculpe, pode repetir o nome, por favor?",
            "phone": "Desculpe, pode repetir o número de telefone, por favor?",
            "email": "Desculpe, pode repetir o e-mail, por favor?",
            "address": "Desculpe, pode repetir o endereço, por favor?",
            "number": "Desculpe, pode repetir o número, por favor?",
            "place": "Desculpe, qual é o lugar?",
            "amount": "Desculpe, de que valor estamos falando?",
        },
        count=lambda number, thing: f"{number} de {thing}",
        day=_day,
        clock=_clock,
        amount=lambda number, currency: f"{digits(number, ',')} {_MONEY.get(currency, '')}".strip(),
        conjunction="e",
        alternative="nem",
    ),
)
