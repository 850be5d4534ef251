"""Addresses of the agents' pages, under /agent/."""

from django.urls import path

from web.workspace import (
    accounts,
    board,
    changes,
    clocks,
    finding,
    linking,
    notifications,
    opening,
    organisations,
    outgoing_mail,
    people,
    profile,
    queue,
    ticket,
    writing,
)
from web.workspace.reports import attainment, service
from web.workspace.settings import (
    agents,
    calendar_editing,
    calendars,
    fields,
    general,
    products,
    rollouts,
    system,
    teams,
    tokens,
)
from web.workspace.settings.agreements import listing as agreement_list
from web.workspace.settings.agreements import pages as agreements
from web.workspace.settings.policies import pages as policies

app_name = "workspace"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("change/", queue.change_many, name="change_many"),
    path("fresh/", queue.fresh, name="fresh"),
    path("board/", board.board, name="board"),
    path("board/now/", board.now, name="board_now"),
    path("search/", finding.search, name="search"),
    path("uploads/", writing.upload, name="upload"),
    path("profile/", profile.profile, name="profile"),
    path("profile/notices/", profile.notices, name="notices"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/count/", notifications.count, name="notification_count"),
    path("notifications/read/", notifications.read, name="read_notifications"),
    # tickets/
    path("tickets/new/", opening.new, name="new"),
    path("tickets/<int:number>/", ticket.ticket, name="ticket"),
    path("tickets/<int:number>/others/", linking.others, name="other_tickets"),
    path("tickets/<int:number>/preview/", queue.preview, name="preview"),
    path("tickets/<int:number>/clocks/", clocks.clocks, name="clocks"),
    path(
        "tickets/<int:number>/clocks/<slug:metric>/<int:seq>/quote/",
        clocks.quote,
        name="quote_clock",
    ),
    path("tickets/<int:number>/clocks/<slug:metric>/due/", clocks.due, name="set_due"),
    path("tickets/<int:number>/change/<slug:what>/", changes.change, name="change"),
    path("tickets/<int:number>/send/", writing.send, name="send"),
    path("tickets/<int:number>/draft/", writing.draft, name="draft"),
    # people/ and organisations/
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/suggest/", people.suggest, name="suggest_people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/merge/", people.merge, name="merge"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/new/", organisations.new_organisation, name="new_organisation"),
    path("organisations/suggest/", organisations.suggest, name="suggest_organisations"),
    path("organisations/<int:pk>/", organisations.organisation, name="organisation"),
    path("organisations/<int:pk>/report/", service.latest, name="latest_service_report"),
    path("organisations/<int:pk>/report/<str:month>/", service.report, name="service_report"),
    # reports/
    path("reports/attainment/", attainment.attainment, name="attainment"),
    path("accounts/", accounts.accounts, name="accounts"),
    # settings/
    path("settings/", general.index, name="settings"),
    path("settings/general/", general.general, name="general"),
    path("settings/general/test-mail/", general.test_mail, name="test_mail"),
    path("settings/agents/", agents.agents, name="agents"),
    path("settings/agents/invite/", agents.invite, name="invite"),
    path("settings/agents/<int:pk>/", agents.agent, name="agent"),
    path("settings/agents/<int:pk>/close/", agents.close, name="close_agent"),
    path("settings/agents/<int:pk>/reopen/", agents.reopen, name="reopen_agent"),
    path("settings/agents/<int:pk>/invite/", agents.invite_again, name="invite_again"),
    path("settings/teams/", teams.teams, name="teams"),
    path("settings/teams/new/", teams.team, name="new_team"),
    path("settings/teams/<int:pk>/", teams.team, name="team"),
    path("settings/products/", products.products, name="products"),
    path("settings/products/new/", products.product, name="new_product"),
    path("settings/products/<int:pk>/", products.product, name="product"),
    path("settings/products/<int:pk>/components/new/", products.component, name="new_component"),
    path(
        "settings/products/<int:pk>/components/<int:part>/", products.component, name="component"
    ),
    path("settings/products/<int:pk>/releases/new/", products.release, name="new_release"),
    path("settings/products/<int:pk>/releases/<int:part>/", products.release, name="release"),
    path("settings/policies/", policies.policies, name="policies"),
    path("settings/policies/new/", policies.edit, name="new_policy"),
    path("settings/policies/<int:pk>/", policies.policy, name="policy"),
    path(
        "settings/policies/<int:pk>/versions/<int:number>/", policies.policy, name="policy_version"
    ),
    path("settings/policies/<int:pk>/edit/", policies.edit, name="edit_policy"),
    path("settings/policies/<int:pk>/move/", policies.move, name="move_policy"),
    path("settings/agreements/", agreement_list.agreements, name="agreements"),
    path("settings/agreements/new/", agreements.edit, name="new_agreement"),
    path("settings/agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("settings/agreements/<int:pk>/edit/", agreements.edit, name="edit_agreement"),
    path("settings/agreements/<int:pk>/end/", agreements.end, name="end_agreement"),
    path("settings/fields/", fields.fields, name="fields"),
    path("settings/fields/new/", fields.field, name="new_field"),
    path("settings/fields/<int:pk>/", fields.field, name="field"),
    path("settings/calendars/", calendars.calendars, name="calendars"),
    path("settings/calendars/new/", calendar_editing.edit_calendar, name="new_calendar"),
    path("settings/calendars/<int:pk>/", calendars.calendar, name="calendar"),
    path(
        "settings/calendars/<int:pk>/edit/", calendar_editing.edit_calendar, name="edit_calendar"
    ),
    path("settings/calendars/<int:pk>/delete/", calendars.delete, name="delete_calendar"),
    path("settings/rollouts/", rollouts.rollouts, name="rollouts"),
    path("settings/rollouts/progress/", rollouts.progress, name="rollout_progress"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/new/", tokens.new_token, name="new_token"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("settings/system/", system.system, name="system"),
    path("settings/system/audit/", system.audit, name="audit"),
    path("settings/system/audit/begin/", system.begin_audit, name="begin_audit"),
    path("settings/outgoing-mail/", outgoing_mail.outgoing_mail, name="outgoing_mail"),
    path("settings/outgoing-mail/<int:pk>/", outgoing_mail.mail, name="mail"),
    path("settings/outgoing-mail/<int:pk>/retry/", outgoing_mail.retry, name="retry_mail"),
]
