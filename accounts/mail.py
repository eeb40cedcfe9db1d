"""Mail that cannot be sent."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

REFUSED = (SMTPException, OSError, ValueError)  # ValueError: an address or a subject that cannot be written

NO_MAILBOX = 550


class MailNotSent(Exception):
    """The mail server refused the mail, or did not answer in time; the site answers 503 in words."""


def is_refused_for_good(error: BaseException) -> bool:
    """True if the mail server says that it will never deliver mail to the address (55z: RFC 5321 section 4.2.1).

    An answer with 5.7 (RFC 3463 section 3.8) says nothing of the address: a server that we may not use gives it to all.
    """
    answers: list[tuple[int, bytes]] = []
    if isinstance(error, SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    elif isinstance(error, SMTPDataError) and error.smtp_code == NO_MAILBOX:
        answers = [(error.smtp_code, error.smtp_error)]
    return bool(answers) and all(550 <= code < 560 and not text.startswith(b"5.7.") for code, text in answers)
