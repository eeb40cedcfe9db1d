"""CalDAV (RFC 4791) for the same calendars as the feeds: reading, synchronising, and removing stars."""
