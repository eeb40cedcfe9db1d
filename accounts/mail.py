"""Mail that cannot be sent."""

from __future__ import annotations

from smtplib import SMTPException

REFUSED = (SMTPException, OSError, ValueError)  # ValueError: an address or a subject that cannot be written


class MailNotSent(Exception):
    """The mail server refused the mail, or did not answer in time; the site answers 503 in words."""
