"""The nouns of tickets, gathered for `from tickets.models import …`."""

from tickets.models.drafts import Draft, Watch
from tickets.models.events import PUBLIC_KINDS, Event
from tickets.models.fields import FieldDefinition
from tickets.models.files import Attachment, Upload
from tickets.models.links import PublicLink
from tickets.models.messages import UNDO_WINDOW, Message
from tickets.models.relations import Link, Relation
from tickets.models.searching import Reindexing, SearchDocument
from tickets.models.tickets import Category, Priority, Status, Tag, Ticket

__all__ = [
    "PUBLIC_KINDS",
    "UNDO_WINDOW",
    "Attachment",
    "Category",
    "Draft",
    "Event",
    "FieldDefinition",
    "Link",
    "Message",
    "Priority",
    "PublicLink",
    "Reindexing",
    "Relation",
    "SearchDocument",
    "Status",
    "Tag",
    "Ticket",
    "Upload",
    "Watch",
]
