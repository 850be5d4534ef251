"""The nouns of tickets, gathered for `from tickets.models import …`."""

from tickets.models.bulk import UNDO_BULK, BulkJob, BulkLine
from tickets.models.checklists import ChecklistItem
from tickets.models.copies import Copy
from tickets.models.drafts import Draft, Watch
from tickets.models.effort import TimeEntry
from tickets.models.events import PUBLIC_KINDS, Event
from tickets.models.fields import FieldDefinition
from tickets.models.files import Attachment, Upload
from tickets.models.links import PublicLink
from tickets.models.mentions import Mention
from tickets.models.messages import UNDO_WINDOW, Message
from tickets.models.relations import Link, Relation
from tickets.models.searching import KnownWord, Reindexing, SearchDocument, WordCount
from tickets.models.seen import Seen
from tickets.models.sides import SideConversation
from tickets.models.tallies import Tally, TallyState
from tickets.models.tickets import Category, Priority, Status, Tag, Ticket
from tickets.models.views import SavedView

__all__ = [
    "PUBLIC_KINDS",
    "UNDO_BULK",
    "UNDO_WINDOW",
    "Attachment",
    "BulkJob",
    "BulkLine",
    "Category",
    "ChecklistItem",
    "Copy",
    "Draft",
    "Event",
    "FieldDefinition",
    "KnownWord",
    "Link",
    "Mention",
    "Message",
    "Priority",
    "PublicLink",
    "Reindexing",
    "Relation",
    "SavedView",
    "SearchDocument",
    "Seen",
    "SideConversation",
    "Status",
    "Tag",
    "Tally",
    "TallyState",
    "Ticket",
    "TimeEntry",
    "Upload",
    "Watch",
    "WordCount",
]
