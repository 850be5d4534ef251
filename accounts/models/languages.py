"""The languages whose inflected words a search can find: PostgreSQL's own stemmers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchLanguage(models.TextChoices):
    """A text search configuration that PostgreSQL brings along from version 15 on."""

    ARABIC = "arabic", _("Arabic")
    ARMENIAN = "armenian", _("Armenian")
    BASQUE = "basque", _("Basque")
    CATALAN = "catalan", _("Catalan")
    DANISH = "danish", _("Danish")
    DUTCH = "dutch", _("Dutch")
    ENGLISH = "english", _("English")
    FINNISH = "finnish", _("Finnish")
    FRENCH = "french", _("French")
    GERMAN = "german", _("German")
    GREEK = "greek", _("Greek")
    HINDI = "hindi", _("Hindi")
    HUNGARIAN = "hungarian", _("Hungarian")
    INDONESIAN = "indonesian", _("Indonesian")
    IRISH = "irish", _("Irish")
    ITALIAN = "italian", _("Italian")
    LITHUANIAN = "lithuanian", _("Lithuanian")
    NEPALI = "nepali", _("Nepali")
    NORWEGIAN = "norwegian", _("Norwegian")
    PORTUGUESE = "portuguese", _("Portuguese")
    ROMANIAN = "romanian", _("Romanian")
    RUSSIAN = "russian", _("Russian")
    SERBIAN = "serbian", _("Serbian")
    SPANISH = "spanish", _("Spanish")
    SWEDISH = "swedish", _("Swedish")
    TAMIL = "tamil", _("Tamil")
    TURKISH = "turkish", _("Turkish")
    YIDDISH = "yiddish", _("Yiddish")


def usual_languages() -> list[str]:
    """Give the languages of search of a desk that has chosen none yet."""
    return [SearchLanguage.ENGLISH.value]
