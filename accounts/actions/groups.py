"""Making and changing teams and organisations."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import Invalid, NameTaken
from accounts.models import Organisation, OrganisationDomain, Team, User
from accounts.names import one_line
from accounts.permissions import require

_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@transaction.atomic
def save_team(
    team: Team | None,
    *,
    actor: Actor,
    at: datetime,
    members: Iterable[User] | None = None,
    **values: Any,
) -> Team:
    """Make or change a team; `members`, when given, replace those it has.

    :raises NameTaken: another team has the name.
    :raises Invalid: a member does not work at the desk.
    """
    require(actor, "teams.change")
    team = team or Team(created_at=at)
    people = list(members or ())
    if any(not person.is_staff_member for person in people):
        raise Invalid(_("Only agents and admins can be in a team."), pointer="members")
    _store(team, values, actor, at, "team.saved")
    if members is not None:
        team.members.set(people)
    return team


@transaction.atomic
def save_organisation(
    organisation: Organisation | None,
    *,
    actor: Actor,
    at: datetime,
    domains: Iterable[str] | None = None,
    **values: Any,
) -> Organisation:
    """Make or change an organisation; `domains`, when given, replace its mail domains.

    :raises NameTaken: another organisation has the name, or owns a domain.
    :raises Invalid: a domain or a value cannot be used.
    """
    require(actor, "organisations.change" if organisation else "organisations.create")
    organisation = organisation or Organisation(created_at=at)
    _store(organisation, values, actor, at, "organisation.saved")
    if domains is not None:
        _set_domains(organisation, domains)
    return organisation


def _set_domains(organisation: Organisation, domains: Iterable[str]) -> None:
    wanted = {text.strip().lower().lstrip("@") for text in domains if text.strip()}
    for domain in sorted(wanted):
        if not _DOMAIN.fullmatch(domain):
            raise Invalid(
                _("“%(domain)s” is not a mail domain.") % {"domain": domain}, pointer="domains"
            )
    foreign = OrganisationDomain.objects.filter(domain__in=wanted).exclude(
        organisation=organisation
    )
    if taken := foreign.select_related("organisation").first():
        raise NameTaken(
            _("%(domain)s belongs to %(organisation)s.")
            % {"domain": taken.domain, "organisation": taken.organisation.name},
            pointer="domains",
        )
    organisation.domains.exclude(domain__in=wanted).delete()
    OrganisationDomain.objects.bulk_create(
        [OrganisationDomain(organisation=organisation, domain=name) for name in sorted(wanted)],
        ignore_conflicts=True,
    )


def _store(
    row: Team | Organisation, values: dict[str, Any], actor: Actor, at: datetime, what: str
) -> None:
    for name, value in values.items():
        setattr(row, name, one_line(value) if name == "name" else value)
    try:
        row.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], pointer=field) from error
    try:
        row.validate_constraints()
    except ValidationError as error:
        raise NameTaken(pointer="name") from error
    row.save()
    audit.note(actor, what, row.name, at)
