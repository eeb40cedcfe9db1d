from agenda.models.announcement import Announcement
from agenda.models.event import Event, FormerSlug, Room, Speaker, Track, Walk
from agenda.models.event_editor import EventEditor
from agenda.models.gone_event import GoneEvent
from agenda.models.notice import Notice
from agenda.models.row_revision import RowRevision
from agenda.models.session import Appearance, Material, Session, SessionRevision
from agenda.models.source import Batch, LeftFinding, Origin, Plan, Source
from agenda.models.star import Star, StarLog

__all__ = [
    "Announcement",
    "Appearance",
    "Batch",
    "Event",
    "EventEditor",
    "FormerSlug",
    "GoneEvent",
    "LeftFinding",
    "Material",
    "Notice",
    "Origin",
    "Plan",
    "Room",
    "RowRevision",
    "Session",
    "SessionRevision",
    "Source",
    "Speaker",
    "Star",
    "StarLog",
    "Track",
    "Walk",
]
