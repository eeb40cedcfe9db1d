"""The addresses of the programme, stars and calendars. An event's own come last: its slug may be any other word."""

from django.urls import include, path

from agenda.caldav import views as caldav
from agenda.programme import exports
from agenda.views import (
    agenda,
    apps,
    calendars,
    data,
    editing,
    feeds,
    history,
    importing,
    morning,
    notices,
    plans,
    programme,
    sessions,
    stars,
    time_zone,
)

app_name = "agenda"
own = [
    path("", agenda.agenda, name="agenda"),
    path("rank/<uuid:first>/<uuid:other>", agenda.rank, name="rank"),
    path("unrank/<uuid:guid>", agenda.unrank, name="unrank"),
    path("keep-in-case/<uuid:guid>", agenda.keep_in_case, name="keep-in-case"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/add", calendars.add, name="calendar-add"),
    path("calendars/add/here/", calendars.here, name="calendar-here"),
    path("calendars/add/<slug:place_slug>/", calendars.place, name="calendar-place"),
    path("calendars/tidy", calendars.tidy, name="calendars-tidy"),
    path("calendars/<uuid:key_id>/rename", calendars.rename, name="calendar-rename"),
    path("calendars/<uuid:key_id>/choose", calendars.choose, name="calendar-choose"),
    path("calendars/<uuid:key_id>/renew", calendars.renew, name="calendar-renew"),
    path("calendars/<uuid:key_id>/revoke", calendars.revoke, name="calendar-revoke"),
    path("calendars/<uuid:key_id>/reopen", calendars.reopen, name="calendar-reopen"),
    path("apps/", apps.apps, name="star-apps"),
    path("apps/read", apps.read, name="stars-read"),
    path("apps/star", apps.star, name="stars-take"),
    path("stars.csv", apps.table, name="stars-csv"),
    path("notices/", notices.notices, name="notices"),
    path("notices/stop", notices.stop, name="notices-stop"),
    path("time-zone/", time_zone.time_zone, name="time-zone"),
]
edit = [
    path("", editing.edit, name="edit"),
    path("import/", importing.import_, name="import"),
    path("plans/<uuid:plan_id>/", plans.plan, name="plan"),
    path("plans/<uuid:plan_id>/reading/", importing.reading, name="import-reading"),
    path("batches/<int:batch_id>/", plans.batch, name="batch"),
    path("batches/<int:batch_id>/put-back/", plans.put_back, name="put-back"),
    path("morning/", morning.day, name="morning"),
    path("morning/talks/<slug:slug>/", morning.talk, name="edit-talk"),
    path("morning/rooms/<slug:slug>/", morning.room, name="edit-room"),
    path("move", morning.move, name="move"),
    path("sessions/", sessions.sessions, name="edit-sessions"),
    path("history/", history.history, name="history"),
    path("history/<int:revision_id>/put-back", history.put_back, name="put-back-change"),
    path("history/rows/<int:revision_id>/put-back", history.put_row_back, name="put-back-row"),
    path("findings/leave", editing.findings_leave, name="findings-leave"),
    path("findings/ask-again", editing.findings_ask, name="findings-ask"),
    path("findings/mend", editing.finding_mend, name="finding-mend"),
    path("sources/<int:source_id>/policy", editing.source_policy, name="source-policy"),
    path("sources/<int:source_id>/fetch", editing.source_fetch, name="source-fetch"),
    path("sources/<int:source_id>/stop", editing.source_stop, name="source-stop"),
    path("sources/<int:source_id>/follow", editing.source_follow, name="source-follow"),
]
urlpatterns = [
    # First, as calendars ask day and night: what stands before it is compared each time.
    path("calendar/<str:key>.ics", feeds.personal, name="feed"),
    path("calendar/<str:key>.json", feeds.personal_guids, name="feed-json"),
    path("dav/<path:path>", caldav.dav),
    path("dav/", caldav.dav, name="caldav"),
    path("dav", caldav.dav),
    path("", programme.home, name="home"),
    path("events/", programme.events, name="events"),
    path("agenda/", include(own)),
    path("edit/import/", importing.import_new, name="import-new"),
    path("accounts/data/download", data.download, name="data-download"),
    path("accounts/data/delete", data.delete, name="data-delete"),
    path(".well-known/caldav", caldav.well_known, name="caldav-well-known"),
    path(".well-known/caldav/", caldav.well_known),
    path("<slug:event_slug>/", programme.programme, name="programme"),
    path("<slug:event_slug>/apps/", programme.apps, name="apps"),
    path("<slug:event_slug>/edit/", include(edit)),
    path("<slug:event_slug>/now/", programme.now, name="now"),
    path("<slug:event_slug>/changes/", programme.changes, name="changes"),
    path("<slug:event_slug>/changes.atom", feeds.changes, name="changes-atom"),
    path("<slug:event_slug>/schedule.ics", feeds.schedule, name="schedule-ics"),
    *(
        path(f"<slug:event_slug>/schedule.{kind}", feeds.exported, {"kind": kind}, name=f"schedule-{kind}")
        for kind in exports.KINDS
    ),
    path("<slug:event_slug>/speakers/", programme.speakers, name="speakers"),
    path("<slug:event_slug>/speakers/<slug:slug>/", programme.speaker, name="speaker"),
    path("<slug:event_slug>/sessions/<slug:slug>/", programme.session, name="session"),
    path("<slug:event_slug>/sessions/<slug:slug>/star", stars.star, name="star"),
    path("<slug:event_slug>/sessions/<slug:slug>/unstar", stars.unstar, name="unstar"),
    path("<slug:event_slug>/sessions/<slug:slug>.ics", feeds.session, name="session-ics"),
]
