"""CalDAV (RFC 4791) over the same calendars as the feed: reading, synchronising, and taking stars away."""
