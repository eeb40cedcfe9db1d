from agenda.models.event import Event, FormerSlug, Room, Speaker, Track
from agenda.models.notice import Notice
from agenda.models.session import Appearance, Material, Session, SessionRevision
from agenda.models.star import Star, StarLog

__all__ = [
    "Appearance",
    "Event",
    "FormerSlug",
    "Material",
    "Notice",
    "Room",
    "Session",
    "SessionRevision",
    "Speaker",
    "Star",
    "StarLog",
    "Track",
]
