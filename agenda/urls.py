"""The addresses of the programme, stars and calendars. An event's own come last: its slug may be any other word."""

from django.urls import path

from agenda.caldav import views as caldav
from agenda.views import agenda, calendars, data, feeds, notices, programme, stars, time_zone

app_name = "agenda"
urlpatterns = [
    # First, as calendars ask day and night: what stands before it is compared each time.
    path("calendar/<str:key>.ics", feeds.personal, name="feed"),
    path("", programme.home, name="home"),
    path("events/", programme.events, name="events"),
    path("agenda/", agenda.agenda, name="agenda"),
    path("agenda/rank/<uuid:first>/<uuid:other>", agenda.rank, name="rank"),
    path("agenda/unrank/<uuid:guid>", agenda.unrank, name="unrank"),
    path("agenda/keep-in-case/<uuid:guid>", agenda.keep_in_case, name="keep-in-case"),
    path("agenda/calendars/", calendars.calendars, name="calendars"),
    path("agenda/calendars/add", calendars.add, name="calendar-add"),
    path("agenda/calendars/add/here/", calendars.here, name="calendar-here"),
    path("agenda/calendars/add/<slug:place_slug>/", calendars.place, name="calendar-place"),
    path("agenda/calendars/tidy", calendars.tidy, name="calendars-tidy"),
    path("agenda/calendars/<uuid:key_id>/rename", calendars.rename, name="calendar-rename"),
    path("agenda/calendars/<uuid:key_id>/choose", calendars.choose, name="calendar-choose"),
    path("agenda/calendars/<uuid:key_id>/renew", calendars.renew, name="calendar-renew"),
    path("agenda/calendars/<uuid:key_id>/revoke", calendars.revoke, name="calendar-revoke"),
    path("agenda/calendars/<uuid:key_id>/reopen", calendars.reopen, name="calendar-reopen"),
    path("agenda/notices/", notices.notices, name="notices"),
    path("agenda/notices/stop", notices.stop, name="notices-stop"),
    path("agenda/time-zone/", time_zone.time_zone, name="time-zone"),
    path("accounts/data/download", data.download, name="data-download"),
    path("accounts/data/delete", data.delete, name="data-delete"),
    path(".well-known/caldav", caldav.well_known, name="caldav-well-known"),
    path(".well-known/caldav/", caldav.well_known),
    path("dav", caldav.dav),
    path("dav/", caldav.dav, name="caldav"),
    path("dav/<path:path>", caldav.dav),
    path("<slug:event_slug>/", programme.programme, name="programme"),
    path("<slug:event_slug>/now/", programme.now, name="now"),
    path("<slug:event_slug>/schedule.ics", feeds.schedule, name="schedule-ics"),
    path("<slug:event_slug>/speakers/", programme.speakers, name="speakers"),
    path("<slug:event_slug>/speakers/<slug:slug>/", programme.speaker, name="speaker"),
    path("<slug:event_slug>/sessions/<slug:slug>/", programme.session, name="session"),
    path("<slug:event_slug>/sessions/<slug:slug>/star", stars.star, name="star"),
    path("<slug:event_slug>/sessions/<slug:slug>/unstar", stars.unstar, name="unstar"),
    path("<slug:event_slug>/sessions/<slug:slug>.ics", feeds.session, name="session-ics"),
]
