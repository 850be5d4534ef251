"""The nouns of tickets, gathered for `from tickets.models import …`."""

from tickets.models.drafts import Draft, Watch
from tickets.models.events import PUBLIC_KINDS, Event
from tickets.models.fields import FieldDefinition
from tickets.models.files import Attachment, Upload
from tickets.models.links import PublicLink
from tickets.models.messages import UNDO_WINDOW, Message
from tickets.models.searching import Reindexing, SearchDocument
from tickets.models.seen import Seen
from tickets.models.tickets import Category, Priority, Status, Tag, Ticket
from tickets.models.views import SavedView

__all__ = [
    "PUBLIC_KINDS",
    "UNDO_WINDOW",
    "Attachment",
    "Category",
    "Draft",
    "Event",
    "FieldDefinition",
    "Message",
    "Priority",
    "PublicLink",
    "Reindexing",
    "SavedView",
    "SearchDocument",
    "Seen",
    "Status",
    "Tag",
    "Ticket",
    "Upload",
    "Watch",
]
