"""The programme's, the stars' and the calendars' addresses; an event's own come last, its slug being any other word."""

app_name = "agenda"
urlpatterns: list[object] = []
