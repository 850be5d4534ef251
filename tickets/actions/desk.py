"""Changing the desk's settings with what follows for tickets: the words that find them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions import signing_in
from accounts.actor import Actor
from accounts.models import DeskSettings
from tickets.models import Reindexing


@transaction.atomic
def change_desk(*, actor: Actor, at: datetime, **values: Any) -> DeskSettings:
    """Change settings of the whole desk; beat brings new languages of search to all tickets.

    :raises Invalid: a value cannot be used; `pointer` says which.
    """
    before = DeskSettings.current().search_languages
    desk = signing_in.change_desk(actor=actor, at=at, **values)
    if set(desk.search_languages) != set(before):
        Reindexing.objects.update_or_create(organisation=None, defaults={"next_number": 0})
    return desk
