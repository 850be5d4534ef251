"""`manage.py token create|list|revoke`: API tokens from the command line."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions.tokens import create_token, revoke_token
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import SCOPES, Token, User


class Command(BaseCommand):
    """Make, list and revoke API tokens."""

    help = "Make, list and revoke API tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the three verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a token and print it once")
        create.add_argument("name")
        create.add_argument("--person", metavar="EMAIL", help="whose token; else an integration")
        create.add_argument("--scope", action="append", choices=sorted(SCOPES), required=True)
        create.add_argument("--days", type=int, help="valid for so many days")
        verbs.add_parser("list", help="list the tokens that work")
        revoke = verbs.add_parser("revoke", help="close a token for good")
        revoke.add_argument("prefix", help="the eight characters after hd_")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the verb."""
        try:
            {"create": self._create, "list": self._list, "revoke": self._revoke}[options["verb"]](
                options
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _create(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        person = None
        if options["person"]:
            person = User.objects.filter(email=options["person"].strip().lower()).first()
            if person is None:
                raise CommandError("Nobody has this e-mail address.")
        _token, text = create_token(
            options["name"],
            options["scope"],
            actor=Actor.system(),
            at=now,
            user=person,
            expires_at=now + timedelta(days=options["days"]) if options["days"] else None,
        )
        self.stdout.write(text)

    def _list(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        for token in Token.objects.select_related("user").order_by("name", "pk"):
            if token.is_valid(now):
                owner = token.user.email if token.user else "integration"
                scopes = " ".join(token.scopes)
                self.stdout.write(f"hd_{token.prefix}_…  {token.name}  {owner}  {scopes}")

    def _revoke(self, options: dict[str, Any]) -> None:
        token = Token.objects.filter(prefix=options["prefix"].removeprefix("hd_")[:8]).first()
        if token is None:
            raise CommandError("There is no token with this prefix.")
        revoke_token(token.pk, actor=Actor.system(), at=timezone.now())
        self.stdout.write(f"Revoked {token}.")
