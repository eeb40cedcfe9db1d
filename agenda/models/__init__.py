from agenda.models.notices import Notice
from agenda.models.program import Appearance, Event, Material, Room, Session, Speaker, Track
from agenda.models.revisions import SessionRevision
from agenda.models.stars import Star, StarLog

__all__ = [
    "Appearance",
    "Event",
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
