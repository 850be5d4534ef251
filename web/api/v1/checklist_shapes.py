"""The shapes of what is to be done for a ticket."""

from typing import Any

from rest_framework import serializers

from web.api.v1.inputs import Strict
from web.api.v1.shapes import PersonRef


class ItemIn(Strict):
    """Something to do for a ticket."""

    text = serializers.CharField(max_length=250)


class ItemPatch(Strict):
    """What becomes of an item; its place is counted from 1."""

    text = serializers.CharField(max_length=250, required=False)
    is_done = serializers.BooleanField(required=False)
    place = serializers.IntegerField(min_value=1, max_value=100, required=False)


class ItemOut(serializers.Serializer[Any]):
    """Something to do for a ticket."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    place = serializers.IntegerField()
    is_done = serializers.BooleanField()
    done_at = serializers.DateTimeField(allow_null=True)
    done_by = PersonRef(allow_null=True)
