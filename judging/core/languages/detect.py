"""Which language a call is in, from the words said so far.

Each turn of a person counts its tell-tale words; older turns count less and less, so a call may change its language.
A language takes over only with a clear lead: names ("La Paz") and loan words change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# Function words that no other language here has, English least of all. Of a word that two share, both get the half.
_WORDS = {
    "es": "el los las una unas unos del y pero muy más sí hola gracias favor quiero quisiera quería está estoy tengo "
    "usted señor señora para por con sin qué cuál cómo dónde cuándo mañana hoy bueno buenos buenas días mejor dicho "
    "digo perdón mi su le lo nada también puede gustaría necesito entonces ahora eso esta este ese tiene aquí vale "
    "buenas tardes tarde noches ayudar puedo reserva "
    "que de la en es hay al dos cinco seis siete ocho nueve diez reserva mesa pedido usted ustedes nos ya",
    "de": "der das dem den des und ist nicht ich sie wir ihr ein eine einen einem einer eines mit für auf zum zur bei "
    "bitte danke ja nein doch auch noch aber oder möchte hätte gerne gern guten wie wann wo kann können haben habe "
    "wird werden sind ohne kein keine keinen statt über nach von zwei drei vier fünf sechs sieben acht neun zehn uhr "
    "heute morgen freitag mein meine meinen genau lieber lassen vielen dann jetzt",
    "fr": "le les une des du et est pas je vous nous il elle pour avec sans dans sur mais très oui bonjour merci plaît "
    "voudrais veux c'est j'ai j'aimerais d'accord qu'est aujourd'hui demain non plutôt enfin bien alors ça votre mon "
    "ma mes au aux que qui de la en deux trois quatre cinq sept huit neuf dix heures ne suis êtes avez être moi",
    "pt": "o os um uma uns umas do da dos das no na nos nas e não sim com sem para por mas muito bom dia obrigado "
    "obrigada quero queria gostaria você senhor senhora está estou tenho é são qual onde quando amanhã hoje também "
    "boa tarde noite ajudar posso certo obrigada reserva valor preço "
    "quer dizer aliás melhor meu minha seu sua isso esse essa este esta aqui agora ao à às que de em dois duas três "
    "quatro cinco seis sete oito nove dez tudo bem mesa pedido pra pro então tá vou",
    "hi": "hai hain nahi nahin nhi mujhe chahiye chahie ka ki ke ko se aur kya haan haanji theek thik aap aapka aapko "
    "mera meri mere mein main hoon hun kar karo karna kijiye dijiye dena do paanch baje kal aaj bhai ji bina "
    "ek wala wali wale yeh ye woh wo matlab bas sirf liye bhi abhi kitna kitne kaise kab kahan raat shaam subah "
    "namaste dhanyavaad shukriya rupaye accha acha thoda bolo bataiye karke gaya tha thi raha rahi sakte sakta toh",
}
_ENGLISH = frozenset(
    "the and is you i i'd i'm it's to want please of for my it that with have would can what are do your we be at in "
    "on this like how yes no not".split()
)
# Words of these languages that English speech has, too.
_AMBIGUOUS = frozenset(
    "a an as do die do no on me in was so pro main hat the are at i os is la de y e o favor he".split()
)
_TELLS: dict[str, tuple[str, ...]] = {}
for _code, _list in _WORDS.items():
    for _word in set(_list.split()) - (_AMBIGUOUS - {"do", "la", "de", "y", "e", "o"}):
        _TELLS[_word] = (*_TELLS.get(_word, ()), _code)
FOREIGN = frozenset(_TELLS) - _AMBIGUOUS - _ENGLISH
_DEVANAGARI = range(0x0900, 0x0980)

_FADES = 0.6  # how much of a turn's weight is left at the next one
_LEAST = 2.0
_LEAD = 1.5
# Speakers of Hindi say half of a sentence in English; its own words weigh the more.
_WEIGHTS = {"hi": 3.0}


class Heard(NamedTuple):
    """What is known of a call's language. ``is_fixed``: told, not heard."""

    code: str = "en"
    scores: tuple[tuple[str, float], ...] = ()
    is_fixed: bool = False


UNHEARD = Heard()


def heard_after(before: Heard, text: str, lows: Iterable[str]) -> Heard:
    """Return what is known after one more turn of a person."""
    if before.is_fixed:
        return before
    if before.code == "en" and not before.scores and FOREIGN.isdisjoint(lows) and text.isascii():
        return before
    return _weighed(before, lows)


def _weighed(before: Heard, lows: Iterable[str]) -> Heard:
    hits = _hits(set(lows))
    known = dict(before.scores)
    scores = {code: known.get(code, 0.0) * _FADES + hits.get(code, 0.0) for code in {*known, *hits}}
    own = scores.get(before.code, 0.0)
    best = max(scores, key=lambda code: (scores[code], code), default=before.code)
    is_new = best != before.code and scores[best] >= _LEAST and scores[best] >= _LEAD * own
    code = best if is_new else before.code
    kept = tuple(sorted((name, round(score, 3)) for name, score in scores.items() if score > 0.1))
    return Heard(code, () if code == "en" and all(name == "en" for name, _ in kept) else kept)


def _hits(words: set[str]) -> dict[str, float]:
    """The weight of a turn's tell-tale words by language; a word of two languages counts half for each."""
    hits: dict[str, float] = {}
    for word in words:
        codes = ("hi", "hi") if ord(word[0]) in _DEVANAGARI else _TELLS.get(word, ())
        for code in codes:
            hits[code] = hits.get(code, 0.0) + (1.0 if ord(word[0]) > 0x7F or len(codes) == 1 else 0.5)
    found = {code: weight * _WEIGHTS.get(code, 1.0) if weight > 1.0 else weight for code, weight in hits.items()}
    english = float(len(words & _ENGLISH))
    return {**found, "en": english} if english else found
