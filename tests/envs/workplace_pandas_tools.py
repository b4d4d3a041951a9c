"""The public tools of the workplace in pandas, written from the rules alone.

It knows nothing of the package. Every method works on data frames as the rules say, and nothing is optimised.
"""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager

import pandas as pd


@contextmanager
def old_strings():
    """Columns of text are columns of objects, as in pandas 2, and nothing is warned of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pd.option_context("future.infer_string", False):
            yield


NOW = "2023-11-30 23:59:00"
EVENT_FIELDS = ["event_id", "event_name", "participant_email", "event_start", "duration"]
LISTS = ["Backlog", "In Progress", "In Review", "Completed"]
BOARDS = ["Back end", "Front end", "Design"]
ASSIGNEE = "Assignee email not valid. Please choose from the list of team members."
BAD_LIST = "List not valid. Please choose from: 'Backlog', 'In Progress', 'In Review', 'Completed'."
BAD_BOARD = "Board not valid. Please choose from: 'Back end', 'Front end', 'Design'."
HELPERS = ("is_id", "bad_start", "bad_duration", "between")
STATUSES = ["Qualified", "Won", "Lost", "Lead", "Proposal"]
PRODUCTS = ["Software", "Hardware", "Services", "Consulting", "Training"]


def read(text):
    frame = pd.read_csv(io.StringIO(text), dtype=str)
    return frame.astype(object)


def pages(found, kind, page, page_size):
    total_pages = (len(found) + page_size - 1) // page_size
    page = max(1, min(page, total_pages))
    start = (page - 1) * page_size
    told = {f"total_{kind}": len(found), "page": page, "page_size": page_size, "total_pages": total_pages}
    return {kind: found[start : start + page_size], "pagination": told}


class CompanyDirectoryTool:
    def __init__(self, text):
        self.frame = pd.DataFrame({"address": text.splitlines()}, dtype=object)

    def find_email_address(self, name=""):
        if name == "":
            return "Name not provided."
        return list(self.frame["address"][self.frame["address"].str.contains(name, case=False)])


class EmailTool:
    def __init__(self, text):
        self.frame = read(text)

    def get_email_information_by_id(self, email_id=None, field=None):
        if not email_id:
            return "Email ID not provided."
        if not field:
            return "Field not provided."
        found = self.frame[self.frame["email_id"] == email_id].to_dict(orient="records")
        if not found:
            return "Email not found."
        if field in found[0]:
            return {field: found[0][field]}
        return f"Field '{field}' not found. Available fields: {', '.join(found[0])}"

    def search_emails(self, query="", date_min=None, date_max=None, page=1, page_size=5):
        try:
            words = query.lower().split()

            def matches(row):
                text = f"{row['subject']} {row['body']} {row['sender/recipient']}".lower()
                return all(word in text for word in words)

            mask = [matches(row) for row in self.frame.to_dict(orient="records")]
            found = self.frame[pd.Series(mask, index=self.frame.index, dtype=bool)]
            found = found.sort_values("sent_datetime", ascending=False).to_dict(orient="records")
            for bound, keep in ((date_min, lambda a, b: a >= b), (date_max, lambda a, b: a <= b)):
                if bound:
                    day = pd.Timestamp(bound).date()
                    found = [mail for mail in found if keep(pd.Timestamp(mail["sent_datetime"]).date(), day)]
            return pages(found, "emails", page, page_size) if found else "No emails found."
        except Exception as error:
            return f"Error searching emails: {error}"

    def send_email(self, recipient=None, subject=None, body=None):
        if not recipient or not subject or not body:
            return "Recipient, subject, or body not provided."
        if "@" not in recipient or "." not in recipient:
            return "Invalid recipient email address."
        recipient = recipient.lower()
        new = {
            "email_id": [str(int(self.frame["email_id"].max()) + 1)],
            "inbox/outbox": ["outbox"],
            "sender/recipient": [recipient],
            "subject": [subject],
            "sent_datetime": [NOW],
            "body": [body],
        }
        self.frame = pd.concat([self.frame, pd.DataFrame(new)], ignore_index=True)
        return "Email sent successfully."

    def delete_email(self, email_id=None):
        if not email_id:
            return "Email ID not provided."
        if email_id not in self.frame["email_id"].values:
            return "Email not found."
        self.frame = self.frame[self.frame["email_id"] != email_id]
        return "Email deleted successfully."

    def forward_email(self, email_id=None, recipient=None):
        if not email_id or not recipient:
            return "Email ID or recipient not provided."
        if "@" not in recipient or "." not in recipient:
            return "Invalid recipient email address."
        found = self.frame[self.frame["email_id"] == email_id].to_dict(orient="records")
        if not found:
            return "Email not found."
        result = self.send_email(recipient, f"FW: {found[0]['subject']}", found[0]["body"])
        return result if "Error" in result or "Invalid" in result else "Email forwarded successfully."

    def reply_email(self, email_id=None, body=None):
        if not email_id or not body:
            return "Email ID or body not provided."
        found = self.frame[self.frame["email_id"] == email_id].to_dict(orient="records")
        if not found:
            return "Email not found."
        result = self.send_email(found[0]["sender/recipient"], f"RE: {found[0]['subject']}", body)
        return result if "Error" in result or "Invalid" in result else "Email replied successfully."


class CalendarTool:
    def __init__(self, text):
        self.frame = read(text)

    @staticmethod
    def is_id(event_id):
        return isinstance(event_id, str) and len(event_id) == 8 and event_id.isdigit()

    @staticmethod
    def bad_start(value):
        try:
            pd.Timestamp(value)
        except ValueError:
            return True
        return False

    @staticmethod
    def bad_duration(value):
        try:
            if int(value) <= 0:
                return "Duration must be a positive number of minutes."
        except ValueError:
            return "Invalid duration format. Expected a number of minutes."
        return None

    def get_event_information_by_id(self, event_id=None, field=None):
        if not event_id:
            return "Event ID not provided."
        if not field:
            return "Field not provided."
        if not self.is_id(event_id):
            return "Invalid event ID format. Expected 8-digit ID."
        if field not in EVENT_FIELDS:
            return f"Invalid field. Available fields are: {', '.join(EVENT_FIELDS)}"
        found = self.frame[self.frame["event_id"] == event_id].to_dict(orient="records")
        return {field: found[0][field]} if found else "Event not found."

    def search_events(self, query="", time_min=None, time_max=None, page=1, page_size=5):
        for name, bound in (("time_min", time_min), ("time_max", time_max)):
            if bound and self.bad_start(bound):
                return f"Invalid {name} format. Expected YYYY-MM-DD HH:MM:SS."
        by_name = self.frame["event_name"].str.contains(query, case=False)
        found = self.frame[by_name | self.frame["participant_email"].str.contains(query, case=False)]
        found = found.to_dict(orient="records")
        if time_min:
            found = [event for event in found if pd.Timestamp(event["event_start"]) >= pd.Timestamp(time_min)]
        if time_max:
            found = [event for event in found if pd.Timestamp(event["event_start"]) <= pd.Timestamp(time_max)]
        if not found:
            return "No events found."
        found = sorted(found, key=lambda event: pd.Timestamp(event["event_start"]), reverse=True)
        return pages(found, "events", page, page_size)

    def create_event(self, event_name=None, participant_email=None, event_start=None, duration=None):
        if not event_name:
            return "Event name not provided."
        if not participant_email:
            return "Participant email not provided."
        if not event_start:
            return "Event start not provided."
        if not duration:
            return "Event duration not provided."
        if self.bad_start(event_start):
            return "Invalid event_start format. Expected YYYY-MM-DD HH:MM:SS."
        if self.bad_duration(duration):
            return self.bad_duration(duration)
        event_id = str(int(self.frame["event_id"].max()) + 1).zfill(8)
        new = {
            "event_id": [event_id],
            "event_name": [event_name],
            "participant_email": [participant_email.lower()],
            "event_start": [event_start],
            "duration": [duration],
        }
        self.frame = pd.concat([self.frame, pd.DataFrame(new)])
        return event_id

    def delete_event(self, event_id=None):
        if not event_id:
            return "Event ID not provided."
        if not self.is_id(event_id):
            return "Invalid event ID format. Expected 8-digit ID."
        if event_id not in self.frame["event_id"].values:
            return "Event not found."
        self.frame = self.frame[self.frame["event_id"] != event_id]
        return "Event deleted successfully."

    def update_event(self, event_id=None, field=None, new_value=None):
        if not event_id or not field or not new_value:
            return "Event ID, field, or new value not provided."
        if not self.is_id(event_id):
            return "Invalid event ID format. Expected 8-digit ID."
        if field not in EVENT_FIELDS[1:]:
            return f"Invalid field. Available fields are: {', '.join(EVENT_FIELDS[1:])}"
        if field == "event_start" and self.bad_start(new_value):
            return "Invalid event_start format. Expected YYYY-MM-DD HH:MM:SS."
        if field == "duration" and self.bad_duration(new_value):
            return self.bad_duration(new_value)
        if field == "participant_email":
            new_value = new_value.lower()
        if event_id not in self.frame["event_id"].values:
            return "Event not found."
        self.frame = self.frame.copy()
        self.frame.loc[self.frame["event_id"] == event_id, field] = new_value
        return "Event updated successfully."


class AnalyticsTool:
    VALUES = [
        "total_visits",
        "session_duration_seconds",
        "user_engaged",
        "visits_direct",
        "visits_referral",
        "visits_search_engine",
        "visits_social_media",
    ]

    def __init__(self, text):
        self.frame = read(text)
        self.frame["user_engaged"] = self.frame["user_engaged"] == "True"
        self.plots = pd.DataFrame(columns=["file_path"])

    def between(self, time_min, time_max):
        data = self.frame
        if time_min:
            data = data[data["date_of_visit"] >= time_min]
        if time_max:
            data = data[data["date_of_visit"] <= time_max]
        return data

    def get_visitor_information_by_id(self, visitor_id=None):
        if not visitor_id:
            return "Visitor ID not provided."
        found = self.frame[self.frame["visitor_id"] == visitor_id].to_dict(orient="records")
        return found or "Visitor not found."

    def create_plot(self, time_min=None, time_max=None, value_to_plot=None, plot_type=None):
        if not time_min:
            return "Start date not provided."
        if not time_max:
            return "End date not provided."
        if value_to_plot not in self.VALUES:
            return "Value to plot must be one of " + ", ".join(f"'{value}'" for value in self.VALUES)
        if plot_type not in ["bar", "line", "scatter", "histogram"]:
            return "Plot type must be one of 'bar', 'line', 'scatter', or 'histogram'"
        path = f"plots/{time_min}_{time_max}_{value_to_plot}_{plot_type}.png"
        self.plots.loc[len(self.plots)] = [path]
        return path

    def total_visits_count(self, time_min=None, time_max=None):
        return self.between(time_min, time_max).groupby("date_of_visit").size().to_dict()

    def engaged_users_count(self, time_min=None, time_max=None):
        data = self.between(time_min, time_max).copy()
        data["user_engaged"] = data["user_engaged"].astype(int)
        return data.groupby("date_of_visit")["user_engaged"].sum().to_dict()

    def traffic_source_count(self, time_min=None, time_max=None, traffic_source=None):
        data = self.between(time_min, time_max).copy()
        if not traffic_source:
            return data.groupby("date_of_visit").size().to_dict()
        data["from_source"] = (data["traffic_source"] == traffic_source).astype(int)
        return data.groupby("date_of_visit")["from_source"].sum().to_dict()

    def get_average_session_duration(self, time_min=None, time_max=None):
        data = self.between(time_min, time_max)
        data["session_duration_seconds"] = data["session_duration_seconds"].astype(float)
        return data.groupby("date_of_visit")["session_duration_seconds"].mean().to_dict()


class ProjectManagementTool:
    def __init__(self, text):
        self.frame = read(text)

    def get_task_information_by_id(self, task_id=None, field=None):
        if not task_id:
            return "Task ID not provided."
        if not field:
            return "Field not provided."
        found = self.frame[self.frame["task_id"] == task_id].to_dict(orient="records")
        if not found:
            return "Task not found."
        return {field: found[0][field]} if field in found[0] else "Field not found."

    def search_tasks(self, task_name=None, assigned_to_email=None, list_name=None, due_date=None, board=None):
        if not any([task_name, assigned_to_email, list_name, due_date, board]):
            return "No search parameters provided."
        if assigned_to_email and not re.match(
            r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$", assigned_to_email
        ):
            return "Invalid email format for assigned_to_email."
        found = self.frame.copy()
        if task_name:
            found = found[found["task_name"].str.contains(task_name, case=False)]
        if assigned_to_email:
            found = found[found["assigned_to_email"].str.lower() == assigned_to_email.lower()]
        for name, text in (("list_name", list_name), ("due_date", due_date), ("board", board)):
            if text:
                found = found[found[name].str.contains(text, case=False)]
        return found.to_dict(orient="records")

    def create_task(self, task_name=None, assigned_to_email=None, list_name=None, due_date=None, board=None):
        if not all([task_name, assigned_to_email, list_name, due_date, board]):
            return "Missing task details."
        assigned_to_email = assigned_to_email.lower()
        if assigned_to_email not in self.frame["assigned_to_email"].str.lower().values:
            return ASSIGNEE
        if list_name not in LISTS:
            return BAD_LIST
        if board not in BOARDS:
            return BAD_BOARD
        task_id = str(int(self.frame["task_id"].max()) + 1).zfill(8)
        new = {
            "task_id": [task_id],
            "task_name": [task_name],
            "assigned_to_email": [assigned_to_email],
            "list_name": [list_name],
            "due_date": [due_date],
            "board": [board],
        }
        self.frame = pd.concat([self.frame, pd.DataFrame(new)], ignore_index=True)
        return task_id

    def delete_task(self, task_id=None):
        if not task_id:
            return "Task ID not provided."
        if task_id not in self.frame["task_id"].values:
            return "Task not found."
        self.frame = self.frame[self.frame["task_id"] != task_id]
        return "Task deleted successfully."

    def update_task(self, task_id=None, field=None, new_value=None):
        if not task_id or not field or not new_value:
            return "Task ID, field, or new value not provided."
        if field == "assigned_to_email":
            new_value = new_value.lower()
            if new_value not in self.frame["assigned_to_email"].str.lower().values:
                return ASSIGNEE
        if field == "list_name" and new_value not in LISTS:
            return BAD_LIST
        if field == "board" and new_value not in BOARDS:
            return BAD_BOARD
        if task_id not in self.frame["task_id"].values:
            return "Task not found."
        if field not in self.frame.columns:
            return "Field not valid."
        self.frame = self.frame.copy()
        self.frame.loc[self.frame["task_id"] == task_id, field] = new_value
        return "Task updated successfully."


class CustomerRelationshipManagerTool:
    def __init__(self, text):
        self.frame = read(text)

    def search_customers(
        self,
        customer_name=None,
        customer_email=None,
        product_interest=None,
        status=None,
        assigned_to_email=None,
        last_contact_date_min=None,
        last_contact_date_max=None,
        follow_up_by_min=None,
        follow_up_by_max=None,
        page=1,
        page_size=5,
    ):
        texts = {
            "customer_name": customer_name,
            "customer_email": customer_email,
            "product_interest": product_interest,
            "status": status,
            "assigned_to_email": assigned_to_email,
        }
        bounds = [last_contact_date_min, last_contact_date_max, follow_up_by_min, follow_up_by_max]
        if not any([*texts.values(), *bounds]):
            return "No search parameters provided. Please provide at least one parameter."
        found = self.frame.copy()
        for name, text in texts.items():
            if text:
                found = found[found[name].str.contains(text, case=False)]
        if last_contact_date_min:
            found = found[found["last_contact_date"] >= last_contact_date_min]
        if last_contact_date_max:
            found = found[found["last_contact_date"] <= last_contact_date_max]
        if follow_up_by_min:
            found = found[found["follow_up_by"] >= follow_up_by_min]
        if follow_up_by_max:
            found = found[found["follow_up_by"] <= follow_up_by_max]
        found = found.to_dict(orient="records")
        return pages(found, "customers", page, page_size) if found else "No customers found."

    def update_customer(self, customer_id=None, field=None, new_value=None):
        if not customer_id or not field or not new_value:
            return "Customer ID, field, or new value not provided."
        if field == "status" and new_value not in STATUSES:
            return "Status not valid. Please choose from: " + ", ".join(f"'{name}'" for name in STATUSES)
        if field == "product_interest" and new_value not in PRODUCTS:
            return "Product interest not valid. Please choose from: " + ", ".join(
                f"'{name}'" for name in PRODUCTS
            )
        if field == "customer_email" or field == "assigned_to_email":
            new_value = new_value.lower()
        if customer_id not in self.frame["customer_id"].values:
            return "Customer not found."
        if field not in self.frame.columns:
            return (
                "Field not valid. Please choose from: 'customer_name', 'assigned_to_email', 'customer_email', "
                "'customer_phone', 'last_contact_date', 'product_interest', 'status', 'notes', 'follow_up_by'"
            )
        self.frame = self.frame.copy()
        self.frame.loc[self.frame["customer_id"] == customer_id, field] = new_value
        return "Customer updated successfully."

    def add_customer(
        self,
        customer_name=None,
        assigned_to_email=None,
        status=None,
        customer_email=None,
        customer_phone=None,
        last_contact_date=None,
        product_interest=None,
        notes="",
        follow_up_by=None,
    ):
        if not all([customer_name, assigned_to_email, status]):
            return "Please provide all required fields: customer_name, assigned_to_email, status."
        assigned_to_email = assigned_to_email.lower()
        if customer_email:
            customer_email = customer_email.lower()
        customer_id = str(int(self.frame["customer_id"].max()) + 1).zfill(8)
        new = {
            "customer_id": [customer_id],
            "assigned_to_email": [assigned_to_email],
            "customer_name": [customer_name],
            "customer_email": [customer_email],
            "customer_phone": [customer_phone],
            "last_contact_date": [last_contact_date],
            "product_interest": [product_interest],
            "status": [status],
            "follow_up_by": [follow_up_by],
            "notes": [notes],
        }
        self.frame = pd.concat([self.frame, pd.DataFrame(new)], ignore_index=True)
        return customer_id

    def delete_customer(self, customer_id=None):
        if not customer_id:
            return "Customer ID not provided."
        if customer_id not in self.frame["customer_id"].values:
            return "Customer not found."
        self.frame = self.frame[self.frame["customer_id"] != customer_id]
        return "Customer deleted successfully."
