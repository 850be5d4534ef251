"""Products with components and releases; custom fields; tags."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.errors import Invalid, NotFound
from accounts.permissions import require
from products.actions import save_component, save_product, save_release
from products.models import Component, Product, Release
from tickets.custom_fields import save_field
from tickets.models import FieldDefinition, Tag
from web.api.v1 import inputs, present, shapes
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import by_key
from web.api.v1.schema import described


class Products(Door):
    """What the desk supports."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("List products", gives={200: shapes.listed(shapes.ProductOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of products."""
        return by_key(request, Product.objects.all(), present.product)

    @described(
        "Create a product",
        takes=inputs.ProductIn,
        gives={201: shapes.ProductOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a product."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.ProductIn, request)
        return Response(present.product(save_product(None, actor=self.actor, **values)), 201)


class ProductByKey(Door):
    """One product."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("Read a product", gives={200: shapes.ProductOut})
    def get(self, request: Request, key: str) -> Response:
        """Give the product."""
        refuse_unknown(request, ())
        return Response(present.product(_product(key)))

    @described("Change a product", takes=inputs.ProductPatch, gives={200: shapes.ProductOut})
    def patch(self, request: Request, key: str) -> Response:
        """Change its name, or whether it is offered."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.ProductPatch, request)
        return Response(present.product(save_product(_product(key), actor=self.actor, **values)))


class Components(Door):
    """The parts of a product."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("List components", gives={200: shapes.listed(shapes.ComponentOut)}, is_list=True)
    def get(self, request: Request, key: str) -> Response:
        """Give a page of components."""
        rows = Component.objects.filter(product=_product(key)).select_related("product")
        return by_key(request, rows, present.component)

    @described(
        "Create a component",
        takes=inputs.ComponentIn,
        gives={201: shapes.ComponentOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, key: str) -> Response:
        """Make a component."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.ComponentIn, request)
        saved = save_component(None, actor=self.actor, product=_product(key), **values)
        return Response(present.component(saved), 201)


class ComponentById(Door):
    """One part of a product."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("Read a component", gives={200: shapes.ComponentOut})
    def get(self, request: Request, key: str, pk: int) -> Response:
        """Give the component."""
        refuse_unknown(request, ())
        return Response(present.component(_part(Component, key, pk)))

    @described("Rename a component", takes=inputs.ComponentIn, gives={200: shapes.ComponentOut})
    def patch(self, request: Request, key: str, pk: int) -> Response:
        """Change its name."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.ComponentIn, request)
        known = _part(Component, key, pk)
        saved = save_component(known, actor=self.actor, product=known.product, **values)
        return Response(present.component(saved))


class Releases(Door):
    """The releases of a product."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("List releases", gives={200: shapes.listed(shapes.ReleaseOut)}, is_list=True)
    def get(self, request: Request, key: str) -> Response:
        """Give a page of releases."""
        rows = Release.objects.filter(product=_product(key)).select_related("product")
        return by_key(request, rows, present.release)

    @described(
        "Create a release",
        takes=inputs.ReleaseIn,
        gives={201: shapes.ReleaseOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, key: str) -> Response:
        """Make a release."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.ReleaseIn, request)
        saved = save_release(None, actor=self.actor, product=_product(key), **values)
        return Response(present.release(saved), 201)


class ReleaseById(Door):
    """One release of a product."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("Read a release", gives={200: shapes.ReleaseOut})
    def get(self, request: Request, key: str, pk: int) -> Response:
        """Give the release."""
        refuse_unknown(request, ())
        return Response(present.release(_part(Release, key, pk)))

    @described("Change a release", takes=inputs.ReleasePatch, gives={200: shapes.ReleaseOut})
    def patch(self, request: Request, key: str, pk: int) -> Response:
        """Change what is given; a release is published by `status` and `published_on`."""
        refuse_unknown(request, ())
        known = _part(Release, key, pk)
        values = {
            "version": known.version, "status": known.status, "published_on": known.published_on,
            **inputs.read(inputs.ReleasePatch, request),
        }  # fmt: skip
        saved = save_release(known, actor=self.actor, product=known.product, **values)
        return Response(present.release(saved))


class Fields(Door):
    """The custom fields of tickets."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("List custom fields", gives={200: shapes.listed(shapes.FieldOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of fields; customers get those that are shown to them."""
        fields = FieldDefinition.objects.visible_to(self.actor).prefetch_related("products")
        return by_key(request, fields, present.field)

    @described(
        "Create a custom field",
        takes=inputs.FieldIn,
        gives={201: shapes.FieldOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a field."""
        refuse_unknown(request, ())
        values = _with_products(inputs.read(inputs.FieldIn, request))
        saved = save_field(None, actor=self.actor, at=timezone.now(), **values)
        return Response(present.field(saved), 201)


class FieldByKey(Door):
    """One custom field."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("Read a custom field", gives={200: shapes.FieldOut})
    def get(self, request: Request, key: str) -> Response:
        """Give the field."""
        refuse_unknown(request, ())
        return Response(present.field(_field(key, self.actor)))

    @described("Change a custom field", takes=inputs.FieldPatch, gives={200: shapes.FieldOut})
    def patch(self, request: Request, key: str) -> Response:
        """Change what is given; key and type stay."""
        refuse_unknown(request, ())
        require(self.actor, "fields.change")
        values = _with_products(inputs.read(inputs.FieldPatch, request))
        saved = save_field(_field(key, self.actor), actor=self.actor, at=timezone.now(), **values)
        return Response(present.field(saved))


class Tags(Door):
    """The tags in use; customers have none."""

    read_scope = "tickets:read"

    @described("List tags", gives={200: shapes.listed(shapes.TagOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of tags."""
        require(self.actor, "fields.read")
        tags = Tag.objects.visible_to(self.actor)
        return by_key(request, tags, lambda row: {"name": row.name})


def _product(key: str) -> Product:
    found = Product.objects.filter(key=key).first()
    if found is None:
        raise NotFound
    return found


def _part(model: Any, key: str, pk: int) -> Any:
    found = model.objects.select_related("product").filter(product__key=key, pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _field(key: str, actor: Actor) -> FieldDefinition:
    seen = FieldDefinition.objects.visible_to(actor).prefetch_related("products")
    found = seen.filter(key=key).first()
    if found is None:
        raise NotFound
    return found


def _with_products(values: dict[str, Any]) -> dict[str, Any]:
    if "products" in values:
        keys = set(values["products"])
        found = list(Product.objects.filter(key__in=keys))
        if len(found) != len(keys):
            raise Invalid("One of these products does not exist.", pointer="products")
        values["products"] = found
    return values
