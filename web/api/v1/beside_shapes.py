"""The shapes of what stands beside a ticket: copied customers, third parties, logged time."""

from typing import Any

from rest_framework import serializers

from tickets.models import Category
from tickets.models.effort import MOST_MINUTES
from web.api.v1.inputs import PersonIn, Strict
from web.api.v1.shapes import MessageOut, PersonRef


class CopiedIn(Strict):
    """Who is copied on a ticket, all of them."""

    cc = PersonIn(many=True)


class CopiedOut(serializers.Serializer[Any]):
    """Who is copied on a ticket."""

    cc = PersonRef(many=True)


class SideIn(Strict):
    """A new conversation with a third party."""

    addresses = serializers.ListField(
        child=serializers.EmailField(max_length=254), min_length=1, max_length=10
    )
    subject = serializers.CharField(max_length=250)
    body = serializers.CharField(max_length=200_000, trim_whitespace=False)
    attachments = serializers.ListField(
        child=serializers.UUIDField(), max_length=100, required=False
    )
    files = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=100, required=False
    )


class SideMessageIn(Strict):
    """Words to a third party, or from there."""

    by = serializers.ChoiceField(["desk", "third_party"])
    body = serializers.CharField(max_length=200_000, trim_whitespace=False)
    attachments = serializers.ListField(
        child=serializers.UUIDField(), max_length=100, required=False
    )


class SideOut(serializers.Serializer[Any]):
    """A conversation with a third party."""

    id = serializers.IntegerField()
    subject = serializers.CharField()
    addresses = serializers.ListField(child=serializers.EmailField())
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    messages = MessageOut(many=True)


class TimePatch(Strict):
    """What changes about logged time."""

    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES, required=False)
    worked_on = serializers.DateField(required=False)
    category = serializers.ChoiceField(Category.choices, required=False, allow_null=True)
    is_billable = serializers.BooleanField(required=False)
    words = serializers.CharField(max_length=500, required=False, allow_blank=True)


class TimeIn(TimePatch):
    """Work to log."""

    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES)


class TimeOut(serializers.Serializer[Any]):
    """Minutes that somebody worked; `category` null is the ticket's own, whatever that becomes."""

    id = serializers.IntegerField()
    ticket = serializers.IntegerField()
    author = PersonRef(allow_null=True)
    author_name = serializers.CharField()
    minutes = serializers.IntegerField()
    worked_on = serializers.DateField()
    category = serializers.ChoiceField(Category.choices, allow_null=True)
    is_billable = serializers.BooleanField()
    words = serializers.CharField()
    created_at = serializers.DateTimeField()
