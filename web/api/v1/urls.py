"""The addresses of the API."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from web.api.v1 import (
    agreements,
    bulk,
    calendars,
    checklists,
    copies,
    effort,
    events,
    links,
    macros,
    messages,
    people,
    policies,
    products,
    reports,
    searching,
    sides,
    tickets,
    verbs,
    views,
)

app_name = "api"


class Schema(SpectacularAPIView):
    """The OpenAPI 3.1 document; anybody may read it."""

    policy = "public"
    authentication_classes = ()
    permission_classes = ()


class Docs(SpectacularSwaggerSplitView):
    """The schema as pages, served from here without the network."""

    policy = "public"
    authentication_classes = ()
    permission_classes = ()
    url_name = "api:schema"
    template_name = "api_docs.html"


urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    path("me/", people.Me.as_view(), name="me"),
    # tickets/
    path("tickets/", tickets.Tickets.as_view(), name="tickets"),
    path("tickets/bulk/", bulk.Bulk.as_view(), name="bulk"),
    path("tickets/<int:number>/", tickets.TicketByNumber.as_view(), name="ticket"),
    path(
        "tickets/by-external/<str:source>/<str:external_id>/",
        tickets.TicketByExternalId.as_view(),
        name="ticket_by_external_id",
    ),
    path("tickets/<int:number>/messages/", messages.Messages.as_view(), name="messages"),
    path(
        "tickets/<int:number>/messages/<int:message_id>/withdraw/",
        verbs.WithdrawMessage.as_view(),
        name="withdraw_message",
    ),
    path(
        "tickets/<int:number>/messages/<int:message_id>/redact/",
        verbs.RedactMessage.as_view(),
        name="redact_message",
    ),
    path(
        "tickets/<int:number>/attachments/",
        messages.TicketAttachments.as_view(),
        name="ticket_attachments",
    ),
    path(
        "tickets/<int:number>/attachments/<str:key>/redact/",
        verbs.RedactAttachment.as_view(),
        name="redact_attachment",
    ),
    path(
        "tickets/<int:number>/macros/<int:pk>/apply/",
        macros.ApplyMacro.as_view(),
        name="apply_macro",
    ),
    path("tickets/<int:number>/spam/", verbs.Spam.as_view(), name="spam"),
    path("tickets/<int:number>/not-spam/", verbs.NotSpam.as_view(), name="not_spam"),
    path("tickets/<int:number>/watch/", verbs.Watch.as_view(), name="watch"),
    path("tickets/<int:number>/unwatch/", verbs.Unwatch.as_view(), name="unwatch"),
    path("tickets/<int:number>/merge/", verbs.Merge.as_view(), name="merge"),
    path("tickets/<int:number>/unmerge/", verbs.Unmerge.as_view(), name="unmerge"),
    path("tickets/<int:number>/split/", verbs.Split.as_view(), name="split"),
    path("tickets/<int:number>/snooze/", verbs.Snooze.as_view(), name="snooze"),
    path("tickets/<int:number>/checklist/", checklists.Checklist.as_view(), name="checklist"),
    path(
        "tickets/<int:number>/checklist/<int:pk>/",
        checklists.ItemById.as_view(),
        name="checklist_item",
    ),
    path("tickets/<int:number>/links/", links.Links.as_view(), name="links"),
    path("tickets/<int:number>/links/<int:pk>/", links.LinkById.as_view(), name="link"),
    path("tickets/<int:number>/third-parties/", sides.Sides.as_view(), name="sides"),
    path(
        "tickets/<int:number>/third-parties/<int:pk>/messages/",
        sides.SideMessages.as_view(),
        name="side_messages",
    ),
    path(
        "tickets/<int:number>/third-parties/<int:pk>/close/",
        sides.CloseSide.as_view(),
        name="close_side",
    ),
    path("tickets/<int:number>/time/", effort.Times.as_view(), name="times"),
    path("tickets/<int:number>/time/<int:pk>/", effort.TimeById.as_view(), name="time"),
    path("tickets/<int:number>/cc/", copies.Copied.as_view(), name="copied"),
    path("tickets/<int:number>/events/", events.TicketEvents.as_view(), name="ticket_events"),
    path("tickets/<int:number>/sla/", events.TicketSla.as_view(), name="ticket_sla"),
    path("tickets/<int:number>/sla/<slug:metric>/", events.ClockDue.as_view(), name="clock_due"),
    # jobs/
    path("jobs/<int:pk>/", bulk.JobById.as_view(), name="job"),
    path("jobs/<int:pk>/cancel/", bulk.CancelJob.as_view(), name="cancel_job"),
    path("jobs/<int:pk>/undo/", bulk.UndoJob.as_view(), name="undo_job"),
    # files
    path("uploads/", messages.Uploads.as_view(), name="uploads"),
    path("attachments/<str:key>/", messages.AttachmentByKey.as_view(), name="attachment"),
    # everything that happens
    path("events/", events.Feed.as_view(), name="events"),
    # people/
    path("people/", people.People.as_view(), name="people"),
    path("people/<int:pk>/", people.PersonById.as_view(), name="person"),
    path("people/<int:pk>/merge/", people.MergePerson.as_view(), name="merge_person"),
    path("organisations/", people.Organisations.as_view(), name="organisations"),
    path("organisations/<int:pk>/", people.OrganisationById.as_view(), name="organisation"),
    path("teams/", people.Teams.as_view(), name="teams"),
    path("teams/<int:pk>/", people.TeamById.as_view(), name="team"),
    # products/
    path("products/", products.Products.as_view(), name="products"),
    path("products/<slug:key>/", products.ProductByKey.as_view(), name="product"),
    path("products/<slug:key>/components/", products.Components.as_view(), name="components"),
    path(
        "products/<slug:key>/components/<int:pk>/",
        products.ComponentById.as_view(),
        name="component",
    ),
    path("products/<slug:key>/releases/", products.Releases.as_view(), name="releases"),
    path("products/<slug:key>/releases/<int:pk>/", products.ReleaseById.as_view(), name="release"),
    # policies/
    path("policies/", policies.Policies.as_view(), name="policies"),
    path("policies/simulate/", policies.SimulatePolicy.as_view(), name="simulate_policy"),
    path("policies/<int:pk>/", policies.PolicyById.as_view(), name="policy"),
    path("policies/<int:pk>/move/", policies.MovePolicy.as_view(), name="move_policy"),
    # agreements/
    path("agreements/", agreements.Agreements.as_view(), name="agreements"),
    path("agreements/<int:pk>/", agreements.AgreementById.as_view(), name="agreement"),
    path(
        "agreements/<int:pk>/hours/", agreements.AgreementHours.as_view(), name="agreement_hours"
    ),
    # calendars/
    path("calendars/", calendars.Calendars.as_view(), name="calendars"),
    path("calendars/<int:pk>/", calendars.CalendarById.as_view(), name="calendar"),
    path(
        "calendars/<int:pk>/preview/",
        calendars.CalendarPreview.as_view(),
        name="preview_calendar",
    ),
    path("rollouts/", calendars.Rollouts.as_view(), name="rollouts"),
    # macros/
    path("macros/", macros.Macros.as_view(), name="macros"),
    path("macros/<int:pk>/", macros.MacroById.as_view(), name="macro"),
    path("macros/<int:pk>/preview/", macros.MacroPreview.as_view(), name="preview_macro"),
    # fields/
    path("fields/", products.Fields.as_view(), name="fields"),
    path("fields/<slug:key>/", products.FieldByKey.as_view(), name="field"),
    path("search/", searching.Search.as_view(), name="search"),
    path("reports/", reports.Report.as_view(), name="report"),
    # views/
    path("views/", views.Views.as_view(), name="views"),
    path("views/<int:pk>/", views.ViewById.as_view(), name="view"),
    path("views/<int:pk>/tickets/", views.ViewTickets.as_view(), name="view_tickets"),
    path("tags/", products.Tags.as_view(), name="tags"),
]
