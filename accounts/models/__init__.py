"""The nouns of accounts, gathered for `from accounts.models import …`."""

from accounts.models.answers import Attempt, StoredAnswer
from accounts.models.desk import AuditEntry, DeskSettings, Heartbeat
from accounts.models.languages import SearchLanguage
from accounts.models.links import SignInLink
from accounts.models.organisations import Organisation, OrganisationDomain
from accounts.models.people import Team, User
from accounts.models.tokens import SCOPES, Token

__all__ = [
    "SCOPES",
    "Attempt",
    "AuditEntry",
    "DeskSettings",
    "Heartbeat",
    "Organisation",
    "OrganisationDomain",
    "SearchLanguage",
    "SignInLink",
    "StoredAnswer",
    "Team",
    "Token",
    "User",
]
