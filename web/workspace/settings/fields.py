"""Fields that tickets have besides ours."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import NotFound
from tickets.custom_fields import save_field
from tickets.models import FieldDefinition
from web.policies import policy
from web.workspace.pages import who
from web.workspace.settings.forms import FieldForm
from web.workspace.settings.pattern import Row, at_settings, editing, listing

NAMES = ("label", "key", "type", "help_text", "is_required", "is_customer_visible", "is_active",
         "order")  # fmt: skip


@require_safe
@policy("admin")
def fields(request: HttpRequest) -> HttpResponse:
    """List the fields."""
    return listing(
        request,
        title=_("Fields"),
        about=_("What a ticket tells besides what every ticket tells."),
        columns=[_("Key"), _("Type"), _("Products")],
        rows=[
            Row(
                field.label,
                at_settings("field", field.pk),
                [
                    field.key,
                    field.get_type_display(),
                    ", ".join(sorted(each.name for each in field.products.all())) or _("All"),
                ],
                "" if field.is_active else gettext_lazy("not active"),
            )
            for field in FieldDefinition.objects.prefetch_related("products").order_by(
                "order", "key"
            )
        ],
        new=at_settings("new_field"),
        new_words=_("New field"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def field(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a field."""
    actor, at = who(request)
    shown = FieldDefinition.objects.filter(pk=pk).first() if pk else None
    if pk and shown is None:
        raise NotFound
    begun: dict[str, Any] = {}
    if shown:
        begun = {name: getattr(shown, name) for name in NAMES}
        begun |= {"choices": "\n".join(shown.choices), "products": list(shown.products.all())}

    def save(clean: dict[str, Any]) -> FieldDefinition:
        choices = [line.strip() for line in clean.pop("choices").splitlines() if line.strip()]
        clean["order"] = clean["order"] or 0
        products = list(clean.pop("products"))
        return save_field(shown, actor=actor, at=at, products=products, choices=choices, **clean)

    return editing(
        request, FieldForm(request.POST or None, initial=begun), save,
        title=shown.label if shown else _("New field"), up=at_settings("fields"),
        up_name=_("Fields"),
    )  # fmt: skip
