"""The languages that a person can declare: those of the model, and others it does not know.

A language that the model lacks must never reach its decoder: it writes fluent nonsense, with
names in it, at good scores (measured on Uyghur). So the list is longer than the model's, and a
person chooses; nothing is guessed.
"""

from __future__ import annotations

from types import MappingProxyType

from transcription.errors import LanguageNotKnownError

_OF_THE_MODEL = """
af Afrikaans|am Amharic|ar Arabic|as Assamese|az Azerbaijani|ba Bashkir|be Belarusian
bg Bulgarian|bn Bengali|bo Tibetan|br Breton|bs Bosnian|ca Catalan|cs Czech|cy Welsh|da Danish
de German|el Greek|en English|es Spanish|et Estonian|eu Basque|fa Persian|fi Finnish|fo Faroese
fr French|gl Galician|gu Gujarati|ha Hausa|haw Hawaiian|he Hebrew|hi Hindi|hr Croatian
ht Haitian Creole|hu Hungarian|hy Armenian|id Indonesian|is Icelandic|it Italian|ja Japanese
jw Javanese|ka Georgian|kk Kazakh|km Khmer|kn Kannada|ko Korean|la Latin|lb Luxembourgish
ln Lingala|lo Lao|lt Lithuanian|lv Latvian|mg Malagasy|mi Maori|mk Macedonian|ml Malayalam
mn Mongolian|mr Marathi|ms Malay|mt Maltese|my Burmese|ne Nepali|nl Dutch|nn Norwegian Nynorsk
no Norwegian|oc Occitan|pa Punjabi|pl Polish|ps Pashto|pt Portuguese|ro Romanian|ru Russian
sa Sanskrit|sd Sindhi|si Sinhala|sk Slovak|sl Slovenian|sn Shona|so Somali|sq Albanian|sr Serbian
su Sundanese|sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai|tk Turkmen|tl Tagalog
tr Turkish|tt Tatar|uk Ukrainian|ur Urdu|uz Uzbek|vi Vietnamese|yi Yiddish|yo Yoruba|zh Chinese
"""

# Languages of people who give testimony, which the models on the list were not taught. Cantonese
# has a code in the engine, but only its largest model has a token for it.
_OTHERS = """
ug Uyghur|ku Kurdish (Kurmanji)|ckb Kurdish (Sorani)|ky Kyrgyz|ti Tigrinya|om Oromo|rw Kinyarwanda
rn Kirundi|ig Igbo|ff Fula|kr Kanuri|zza Zazaki|rhg Rohingya|kac Kachin|ksw Karen|syr Syriac
ace Acehnese|bm Bambara|ce Chechen|crh Crimean Tatar|din Dinka|dv Dhivehi|fur Fur|lg Ganda
nus Nuer|qu Quechua|quc K'iche'|rom Romani|sg Sango|tn Tswana|wo Wolof
xh Xhosa|yue Cantonese|za Zhuang|zu Zulu
"""


def _read(table: str) -> dict[str, str]:
    rows = (row for line in table.split("\n") for row in line.split("|") if row)
    return dict(row.split(" ", 1) for row in rows)


DETECT = "detect"
"""Stands, alone, for a language that nobody declared: it is told from the sound, or asked about."""

MODEL_LANGUAGES = MappingProxyType(_read(_OF_THE_MODEL))
"""Code to English name: what `base`, and every other model on the list, was taught."""

OFFERED_LANGUAGES = MappingProxyType(
    dict(sorted((MODEL_LANGUAGES | _read(_OTHERS)).items(), key=lambda row: row[1]))
)
"""Code to English name of all that can be declared, by name."""


def is_offered(code: str) -> bool:
    """Whether a person can declare this language at all."""
    return code in OFFERED_LANGUAGES


def is_known_to_model(code: str) -> bool:
    """Whether the model was taught this language, so that it may be decoded."""
    return code in MODEL_LANGUAGES


def require_known(code: str) -> None:
    """Raise `LanguageNotKnownError` for a language that must not reach the decoder."""
    if not is_known_to_model(code):
        raise LanguageNotKnownError


def require_offered(code: str) -> None:
    """Raise `LanguageNotKnownError` for what no person can declare."""
    if not is_offered(code):
        raise LanguageNotKnownError
