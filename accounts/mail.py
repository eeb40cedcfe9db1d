"""Mail that cannot be sent."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

REFUSED = (SMTPException, OSError, ValueError)  # ValueError: an address or a subject that cannot be written

NO_MAILBOX = 550  # after the whole mail, other codes are about the mail


class MailNotSent(Exception):
    """The mail server refused the mail, or did not answer in time; the site answers 503 in words."""


def is_refused_for_good(error: BaseException) -> bool:
    """True if the mail server says that it will never deliver mail to the address (55z: RFC 5321 section 4.2.1).

    An answer with 5.7 (RFC 3463 section 3.8) says nothing of the address: a server that we may not use gives it to all.
    """
    answers: list[tuple[int, bytes | str]] = []
    if isinstance(error, SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    elif isinstance(error, SMTPDataError) and error.smtp_code == NO_MAILBOX:
        answers = [(error.smtp_code, error.smtp_error)]
    return bool(answers) and all(_is_about_the_address(*answer) for answer in answers)


def _is_about_the_address(code: int, text: bytes | str) -> bool:
    words = text if isinstance(text, str) else text.decode(errors="replace")
    return 550 <= code < 560 and not words.startswith("5.7.")
