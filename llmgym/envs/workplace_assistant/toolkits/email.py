"""E-mail: search, send, delete, forward, reply."""

from __future__ import annotations

from typing import Any

from llmgym.envs.workplace_assistant.timestamps import NOW, timestamp
from llmgym.envs.workplace_assistant.toolkits.paging import page_of
from llmgym.verifiers.tables import Table, is_missing

__all__ = ["EmailTool"]

_SENT = f"{NOW:%Y-%m-%d %H:%M:%S}"


class EmailTool:
    """The mailbox.

    Args:
        emails: Its table.
    """

    def __init__(self, emails: Table):
        self.emails = emails

    def get_email_information_by_id(self, email_id: Any = None, field: Any = None) -> Any:
        """Return a field of a mail."""
        if not email_id:
            return "Email ID not provided."
        if not field:
            return "Field not provided."
        found = self.emails.records(self.emails.equal("email_id", email_id))
        if not found:
            return "Email not found."
        if field in found[0]:
            return {field: found[0][field]}
        return f"Field '{field}' not found. Available fields: {', '.join(found[0])}"

    def search_emails(
        self, query: Any = "", date_min: Any = None, date_max: Any = None, page: Any = 1, page_size: Any = 5
    ) -> Any:
        """Return a page of the mails that hold all words of a query, the latest first."""
        try:
            return self._search(query, date_min, date_max, page, page_size)
        except Exception as error:
            # The public rule: whatever goes wrong here is told in these words.
            return f"Error searching emails: {error}"

    def _search(self, query: Any, date_min: Any, date_max: Any, page: Any, page_size: Any) -> Any:
        words = query.lower().split()
        place = {name: self.emails.columns.index(name) for name in ("subject", "body", "sender/recipient")}
        subject, body, person = place["subject"], place["body"], place["sender/recipient"]
        mask = []
        for row in self.emails.rows:
            text = f"{row[subject]} {row[body]} {row[person]}".lower()
            mask.append(all(word in text for word in words))
        found = _latest_first(self.emails.records(mask))
        if date_min:
            first = _date(date_min)
            found = [email for email in found if _date(email["sent_datetime"]) >= first]
        if date_max:
            last = _date(date_max)
            found = [email for email in found if _date(email["sent_datetime"]) <= last]
        return page_of(found, "emails", page, page_size) if found else "No emails found."

    def send_email(self, recipient: Any = None, subject: Any = None, body: Any = None) -> str:
        """Put a mail into the outbox."""
        if not recipient or not subject or not body:
            return "Recipient, subject, or body not provided."
        if "@" not in recipient or "." not in recipient:
            return "Invalid recipient email address."
        recipient = recipient.lower()
        self.emails = self.emails.appended(
            {
                # The public server does not pad this number with zeros, unlike those of the other tables.
                "email_id": str(self.emails.following("email_id")),
                "inbox/outbox": "outbox",
                "sender/recipient": recipient,
                "subject": subject,
                "sent_datetime": _SENT,
                "body": body,
            }
        )
        return "Email sent successfully."

    def delete_email(self, email_id: Any = None) -> str:
        """Delete a mail."""
        if not email_id:
            return "Email ID not provided."
        if not self.emails.holds("email_id", email_id):
            return "Email not found."
        self.emails = self.emails.kept([not same for same in self.emails.equal("email_id", email_id)])
        return "Email deleted successfully."

    def forward_email(self, email_id: Any = None, recipient: Any = None) -> str:
        """Send a mail on to somebody else."""
        if not email_id or not recipient:
            return "Email ID or recipient not provided."
        if "@" not in recipient or "." not in recipient:
            return "Invalid recipient email address."
        found = self.emails.records(self.emails.equal("email_id", email_id))
        if not found:
            return "Email not found."
        result = self.send_email(recipient, f"FW: {found[0]['subject']}", found[0]["body"])
        return _passed_through(result) or "Email forwarded successfully."

    def reply_email(self, email_id: Any = None, body: Any = None) -> str:
        """Answer a mail."""
        if not email_id or not body:
            return "Email ID or body not provided."
        found = self.emails.records(self.emails.equal("email_id", email_id))
        if not found:
            return "Email not found."
        result = self.send_email(found[0]["sender/recipient"], f"RE: {found[0]['subject']}", body)
        return _passed_through(result) or "Email replied successfully."


def _passed_through(result: str) -> str | None:
    return result if "Error" in result or "Invalid" in result else None


def _date(value: Any) -> Any:
    moment = timestamp(value)
    if moment is None:
        raise ValueError("NaTType does not support date")
    return moment.date()


def _latest_first(emails: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort as ``sort_values("sent_datetime", ascending=False)`` does, which leaves ties to numpy's quicksort."""
    import numpy as np

    dated = [email for email in reversed(emails) if not is_missing(email["sent_datetime"])]
    keys = np.empty(len(dated), dtype=object)
    keys[:] = [email["sent_datetime"] for email in dated]
    order = keys.argsort(kind="quicksort")[::-1]
    return [dated[int(position)] for position in order] + [
        e for e in emails if is_missing(e["sent_datetime"])
    ]
