"""How actions over the tiny company are graded, a case for each rule."""

from __future__ import annotations

from envs.workplace_tiny import call, raw

NAN = float("nan")


def send(recipient="ana.sol@w.example", subject="S", body="B"):
    return call("email_send_email", recipient=recipient, subject=subject, body=body)


def delete_mail(number):
    return call("email_delete_email", email_id=number)


def event(name="Talk", person="ana.sol@w.example", start="2023-12-07 10:00:00", duration="30"):
    return call(
        "calendar_create_event",
        event_name=name,
        participant_email=person,
        event_start=start,
        duration=duration,
    )


def change_event(number, field, value):
    return call("calendar_update_event", event_id=number, field=field, new_value=value)


def delete_event(number):
    return call("calendar_delete_event", event_id=number)


def plot(first="2023-11-01", last="2023-11-03", value="total_visits", kind="bar"):
    return call("analytics_create_plot", time_min=first, time_max=last, value_to_plot=value, plot_type=kind)


def task(name="New", person="ana.sol@w.example", where="Backlog", due="2023-12-09", board="Design"):
    return call(
        "project_management_create_task",
        task_name=name,
        assigned_to_email=person,
        list_name=where,
        due_date=due,
        board=board,
    )


def change_task(number, field, value):
    return call("project_management_update_task", task_id=number, field=field, new_value=value)


def delete_task(number):
    return call("project_management_delete_task", task_id=number)


def customer(name="Mia Vale", person="chi.anand@w.example", status="Lead", **more):
    return call(
        "customer_relationship_manager_add_customer",
        customer_name=name,
        assigned_to_email=person,
        status=status,
        **more,
    )


def change_customer(number, field, value):
    return call(
        "customer_relationship_manager_update_customer", customer_id=number, field=field, new_value=value
    )


def delete_customer(number):
    return call("customer_relationship_manager_delete_customer", customer_id=number)


A, B, C, D = "00000000", "00000001", "00000002", "00000003"
NEW = "00000004"
ALL_EVENTS = [delete_event(number) for number in (A, B, C, D)]

# Rule, calls of the model, ground truth, reward; None where the public verifier fails.
# fmt: off
CASES = [
    ("no calls, nothing to do", [], [], 1.0),
    ("the same calls", [send()], [send()], 1.0),
    ("a call is missing", [], [send()], 0.0),
    ("a call too many", [send(), send()], [send()], 0.0),
    ("reading changes nothing", [call("email_search_emails", query="lunch")], [], 1.0),
    ("a search that raises changes nothing", [call("calendar_search_events", query="(")], [], 1.0),
    ("averages without dates change a table that is not compared", [call("analytics_get_average_session_duration")], [], 1.0),
    ("an unknown tool is passed over", [call("email_burn"), send()], [send()], 1.0),
    ("arguments that are no JSON are passed over", [raw("email_send_email", "{"), send()], [send()], 1.0),
    ("empty arguments are passed over", [raw("email_delete_email", ""), send()], [send()], 1.0),
    ("null arguments are passed over", [raw("email_delete_email", "null")], [], 1.0),
    ("a list of arguments is passed over", [raw("email_delete_email", '["00000000"]')], [], 1.0),
    ("an unknown argument makes the call fail", [call("email_delete_email", email_id=A, cc="x")], [], 1.0),
    ("in the replay a null for an unknown argument fails too, although it succeeds live", [raw("email_delete_email", '{"email_id": "00000000", "cc": null}')], [delete_mail(A)], 0.0),
    ("a null for a known argument is its default", [raw("email_search_emails", '{"query": null}'), send()], [send()], 1.0),
    ("the last of repeated keys counts", [raw("email_delete_email", '{"email_id":"x","email_id":"00000000"}')], [delete_mail(A)], 1.0),
    ("a ground truth that is a text is no action", [], "[]", 1.0),
    ("a ground truth that is a text with names in it is no action", [delete_mail(A)], "email_delete_email", 0.0),
    ("actions that are no objects are passed over", [send()], [send(), 5, None, "x", {"name": "x"}], 1.0),
    ("text is lower-cased", [send(subject="HELLO", body="Bye")], [send(subject="hello", body="BYE")], 1.0),
    ("white space is kept", [send(body="B ")], [send(body="B")], 0.0),
    ("lower-casing is not case folding", [send(body="straße")], [send(body="STRASSE")], 0.0),
    ("the recipient is lower-cased", [send("ANA.SOL@w.example")], [send()], 1.0),
    ("an invalid recipient sends nothing", [send("nobody")], [], 1.0),
    ("an empty body sends nothing", [send(body="")], [], 1.0),
    ("0 is an empty subject", [send(subject=0)], [], 1.0),
    ("two mails in another order differ", [send(body="1"), send(body="2")], [send(body="2"), send(body="1")], 0.0),
    ("two deletions in another order do not", [delete_mail(A), delete_mail(B)], [delete_mail(B), delete_mail(A)], 1.0),
    ("deleting and sending renumbers the index", [delete_mail(A), send()], [delete_mail(A), send()], 1.0),
    ("sending before deleting leaves a gap in the index", [send(), delete_mail(A)], [delete_mail(A), send()], 0.0),
    ("deleting the last and sending takes its number again", [delete_mail(D), send()], [delete_mail(D), send()], 1.0),
    ("a mail that is sent and deleted leaves nothing", [send(), delete_mail("4")], [], 1.0),
    ("the number of a sent mail is not padded", [send(), delete_mail(NEW)], [send()], 1.0),
    ("deleting what is not there changes nothing", [delete_mail("9")], [], 1.0),
    ("an integer is not the number of a mail", [delete_mail(0)], [], 1.0),
    ("forwarding is sending", [call("email_forward_email", email_id=C, recipient="ben.oak@w.example")], [send("ben.oak@w.example", "FW: Re: lunch", "yes")], 1.0),
    ("replying is sending to the other side", [call("email_reply_email", email_id=C, body="ok")], [send("ana.sol@w.example", "re: re: LUNCH", "OK")], 1.0),
    ("a reply to an invalid address sends nothing", [call("email_reply_email", email_id=D, body="ok")], [], 1.0),
    ("forwarding an empty body sends an empty cell", [call("email_forward_email", email_id=D, recipient="ben.oak@w.example")], [send("ben.oak@w.example", "FW: Broken", 7)], 1.0),
    ("events: the same", [event()], [event()], 1.0),
    ("events: text is lower-cased", [event("TALK")], [event("talk")], 1.0),
    ("events: the start is stored as written", [event(start="2023-12-07 10:00")], [event()], 0.0),
    ("events: a start that cannot be read creates nothing", [event(start="soon"), event()], [event()], 1.0),
    ("events: a start in another notation does create", [event(start="Dec 7, 2023 10am"), event()], [event()], 0.0),
    ("events: the number 30 is not the text 30", [event(duration=30)], [event(duration="30")], 0.0),
    ("events: the numbers 30 and 60 are the same empty cell", [event(duration=30)], [event(duration=60)], 1.0),
    ("events: a number is kept as it is, so 30.5 is the same empty cell", [event(duration=30.5)], [event(duration=60)], 1.0),
    ("events: true is a duration of one minute, and no text", [event(duration=True)], [event(duration=60)], 1.0),
    ("events: no duration creates nothing", [event(duration="0"), event(duration="-5"), event(duration=0)], [], 1.0),
    ("events: a duration in words creates nothing", [event(duration="an hour"), event(duration="30.5")], [], 1.0),
    ("events: a list as duration raises", [event(duration=["30"])], [], 1.0),
    ("events: blanks around a duration are kept", [event(duration=" 30 ")], [event()], 0.0),
    ("events: deleting and creating in either order is the same", [event(), delete_event(A)], [delete_event(A), event()], 1.0),
    ("events: unless the number changes", [event(), delete_event(D)], [delete_event(D), event()], 0.0),
    ("events: two creations in another order differ", [event("x"), event("y")], [event("y"), event("x")], 0.0),
    ("events: created and deleted leaves nothing", [event(), delete_event(NEW)], [], 1.0),
    ("events: a number that is not eight digits is refused", [delete_event("0"), delete_event(0)], [], 1.0),
    ("events: the last change counts", [change_event(A, "event_name", "x"), change_event(A, "event_name", "y")], [change_event(A, "event_name", "y")], 1.0),
    ("events: a change to what it was is none", [change_event(B, "event_name", "REVIEW")], [], 1.0),
    ("events: the number of an event cannot be changed", [change_event(A, "event_id", D)], [], 1.0),
    ("events: a duration that becomes a number", [change_event(A, "duration", 45)], [change_event(A, "duration", "45")], 0.0),
    ("events: a list of one stands for its item", [change_event(A, "event_name", ["x"])], [change_event(A, "event_name", "x")], 1.0),
    ("events: a list of two does not fit", [change_event(A, "event_name", ["x", "y"])], [], 1.0),
    ("events: an object empties the cell", [change_event(A, "event_name", {"a": "x"})], [change_event(A, "event_name", 5)], 1.0),
    ("events: not even a renamed object fits the index", [change_event(A, "event_name", {"0": "x"})], [change_event(A, "event_name", "x")], 0.0),
    ("events: without any event none can be created", [*ALL_EVENTS, event()], ALL_EVENTS, 1.0),
    ("events: numbers alone in a column make the verifier fail", [*ALL_EVENTS[1:], change_event(A, "duration", 30)], [*ALL_EVENTS[1:], change_event(A, "duration", 30)], None),
    ("events: truth values alone too", [*ALL_EVENTS[1:], change_event(A, "duration", True)], [], None),
    ("events: a number beside a truth value does not", [*ALL_EVENTS[2:], change_event(A, "duration", 30), change_event(B, "duration", True)], [*ALL_EVENTS[2:], change_event(A, "duration", True), change_event(B, "duration", 30)], 1.0),
    ("events: an empty column is of another type than one of objects", [*ALL_EVENTS[1:], change_event(A, "event_name", [["x"]])], [*ALL_EVENTS[1:], change_event(A, "event_name", {})], 0.0),
    ("plots: the same path", [plot()], [plot()], 1.0),
    ("plots: paths are compared as text", [plot("2023-11-1")], [plot()], 0.0),
    ("plots: even the case of a date does not count", [plot("Nov 1")], [plot("nov 1")], 1.0),
    ("plots: the order counts", [plot(kind="bar"), plot(kind="line")], [plot(kind="line"), plot(kind="bar")], 0.0),
    ("plots: twice is not once", [plot(), plot()], [plot()], 0.0),
    ("plots: an unknown value makes none", [plot(value="visits")], [], 1.0),
    ("plots: an unknown kind makes none", [plot(kind="pie")], [], 1.0),
    ("plots: no date makes none", [plot(first="")], [], 1.0),
    ("plots: a number is written into the path", [plot(first=2023)], [plot(first="2023")], 1.0),
    ("tasks: the same", [task()], [task()], 1.0),
    ("tasks: the name is lower-cased", [task("NEW")], [task("new")], 1.0),
    ("tasks: the list is not", [change_task(A, "list_name", "backlog")], [], 1.0),
    ("tasks: an unknown board creates nothing", [task(board="design")], [], 1.0),
    ("tasks: an assignee without a task creates nothing", [task(person="chi.anand@w.example")], [], 1.0),
    ("tasks: an assignee may be written in capitals", [task(person="ANA.SOL@W.EXAMPLE")], [task()], 1.0),
    ("tasks: whoever lost their last task is no assignee", [delete_task(B), delete_task(D), task(person="ben.oak@w.example")], [delete_task(D), delete_task(B)], 1.0),
    ("tasks: lists differ", [change_task(A, "list_name", "Completed")], [change_task(A, "list_name", "In Review")], 0.0),
    ("tasks: deleting and creating renumbers", [task(), delete_task(A)], [delete_task(A), task()], 0.0),
    ("tasks: the number of a task can be changed", [change_task(A, "task_id", "00000009"), delete_task("00000009")], [delete_task(A)], 1.0),
    ("tasks: a number that is no number stops creation", [change_task(A, "task_id", "x"), task()], [change_task(A, "task_id", "X")], 1.0),
    ("tasks: one number for two tasks deletes both", [change_task(A, "task_id", B), delete_task(B)], [delete_task(B), delete_task(A)], 1.0),
    ("tasks: a list of two fits two rows", [change_task(A, "task_id", B), change_task(B, "task_name", ["p", "q"])], [change_task(A, "task_id", B), change_task(B, "task_name", ["P", "Q"])], 1.0),
    ("tasks: an unknown field changes nothing", [change_task(A, "owner", "x")], [], 1.0),
    ("tasks: a field that is a list raises", [change_task(A, ["task_name"], "x")], [], 1.0),
    ("tasks: a number as id makes ids incomparable", [change_task(A, "task_id", 5), task()], [change_task(A, "task_id", 6)], 1.0),
    ("customers: the same", [customer()], [customer()], 1.0),
    ("customers: the status counts as written", [customer(status="lead")], [customer(status="Lead")], 0.0),
    ("customers: the status is not checked", [customer(status="Friend")], [customer(status="Friend")], 1.0),
    ("customers: a status that is a number equals one that is true", [customer(status=1)], [customer(status=True)], 1.0),
    ("customers: a status that is a list", [customer(status=["Won"])], [customer(status=["Won"])], 1.0),
    ("customers: two lists of different items", [customer(status=["Won"])], [customer(status=["won"])], 0.0),
    ("customers: an unknown number counts as the same status", [customer(status=NAN)], [customer(status=NAN)], 1.0),
    ("customers: no notes is not an empty note", [customer(notes=None)], [customer()], 0.0),
    ("customers: no phone is not an empty phone", [customer(customer_phone="")], [customer()], 0.0),
    ("customers: a phone that is a number is an empty cell", [customer(customer_phone=5551)], [customer()], 1.0),
    ("customers: an integer in an empty cell is no change", [change_customer(A, "customer_phone", 7)], [], 1.0),
    ("customers: an integer in a full cell is one", [change_customer(B, "customer_phone", 7)], [], 0.0),
    ("customers: the order of changes does not count", [change_customer(A, "status", "Won"), change_customer(B, "status", "Lost")], [change_customer(B, "status", "Lost"), change_customer(A, "status", "Won")], 1.0),
    ("customers: an unknown status changes nothing", [change_customer(A, "status", "won")], [], 1.0),
    ("customers: an unknown product changes nothing", [change_customer(A, "product_interest", "software")], [], 1.0),
    ("customers: an address is lower-cased", [change_customer(A, "customer_email", "X@Y")], [change_customer(A, "customer_email", "x@y")], 1.0),
    ("customers: an address that is a number raises", [change_customer(A, "customer_email", 5)], [], 1.0),
    ("customers: deleting the newest again", [customer(), delete_customer(NEW)], [], 1.0),
    ("customers: deleting leaves the others' labels", [delete_customer(D), customer()], [delete_customer(D), customer()], 1.0),
    ("customers: adding before deleting differs", [customer(), delete_customer(A)], [delete_customer(A), customer()], 0.0),
    ("customers: missing fields add nothing", [customer(status="")], [], 1.0),
    ("customers: a list with as many ids as rows is compared row by row", [delete_customer([A, "x", "x", "x"])], [delete_customer(A)], 1.0),
    ("customers: a shorter list raises", [delete_customer([A])], [], 1.0),
    ("every table counts", [send(), task()], [send()], 0.0),
    ("tables are independent of each other's order", [task(), send(), event()], [event(), send(), task()], 1.0),
]
# fmt: on
