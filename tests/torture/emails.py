"""Emails as their recipients get them."""

import email
import email.policy
import re
from dataclasses import dataclass


@dataclass
class Email:
    """One email that has arrived."""

    id: str
    to: str
    subject: str
    code: str | None


def parse(raw):
    """An email from the bytes of its message."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text = message.get_body(("plain",)).get_content()
    code = re.search(r"#(?:invite|verify|reset)=(\S+)", text)
    return Email(message["Message-ID"], message["To"], message["Subject"], code and code.group(1))


def in_folder(folder):
    """All emails in a mail folder."""
    return [parse(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]
