"""Products with their components and releases."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import NotFound
from products.actions import save_component, save_product, save_release
from products.models import Component, Product, Release
from web.policies import policy
from web.workspace.pages import who
from web.workspace.settings.forms import ComponentForm, ProductForm, ReleaseForm
from web.workspace.settings.pattern import Row, at_settings, editing, listing


@require_safe
@policy("admin")
def products(request: HttpRequest) -> HttpResponse:
    """List the products."""
    rows = Product.objects.prefetch_related("components", "releases")
    return listing(
        request,
        title=_("Products"),
        about=_("The software that is maintained and supported."),
        columns=[_("Key"), _("Components"), _("Releases")],
        rows=[
            Row(
                product.name,
                at_settings("product", product.pk),
                [product.key, str(len(product.components.all())),
                 str(len(product.releases.all()))],
                "" if product.is_active else gettext_lazy("not active"),
            )
            for product in rows.order_by("name", "pk")
        ],
        new=at_settings("new_product"),
        new_words=_("New product"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def product(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a product; shows its components and releases."""
    actor, _at = who(request)
    shown = _find(pk) if pk else None
    begun = {"name": shown.name, "key": shown.key, "is_active": shown.is_active} if shown else {}
    more = {
        "product": shown,
        "components": list(shown.components.order_by("name")) if shown else [],
        "releases": list(shown.releases.order_by("-published_on", "-pk")) if shown else [],
    }
    return editing(
        request,
        ProductForm(request.POST or None, initial=begun),
        lambda clean: save_product(shown, actor=actor, **clean),
        title=shown.name if shown else _("New product"),
        up=at_settings("products"),
        up_name=_("Products"),
        template="workspace/settings/product.html",
        more=more,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def component(request: HttpRequest, pk: int, part: int | None = None) -> HttpResponse:
    """Make or rename a component of a product."""
    actor, _at = who(request)
    shown = _find(pk)
    known = _part(Component, shown, part) if part else None

    def save(clean: dict[str, Any]) -> Component:
        return save_component(known, actor=actor, product=shown, **clean)

    return editing(
        request,
        ComponentForm(request.POST or None, initial={"name": known.name} if known else {}),
        save,
        title=known.name if known else _("New component"),
        up=at_settings("product", pk),
        up_name=shown.name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def release(request: HttpRequest, pk: int, part: int | None = None) -> HttpResponse:
    """Make or change a release of a product."""
    actor, _at = who(request)
    shown = _find(pk)
    known = _part(Release, shown, part) if part else None
    begun = (
        {"version": known.version, "status": known.status, "published_on": known.published_on}
        if known
        else {}
    )

    def save(clean: dict[str, Any]) -> Release:
        return save_release(known, actor=actor, product=shown, **clean)

    return editing(
        request,
        ReleaseForm(request.POST or None, initial=begun),
        save,
        title=known.version if known else _("New release"),
        up=at_settings("product", pk),
        up_name=shown.name,
    )


def _find(pk: int) -> Product:
    found = Product.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _part(model: Any, product: Product, part: int) -> Any:
    found = model.objects.filter(pk=part, product=product).first()
    if found is None:
        raise NotFound
    return found
