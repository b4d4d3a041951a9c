"""A company of a few rows, small enough to know by heart, as the texts of the public files."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from llmgym.envs.workplace_assistant import read_company

FILES = {
    "email_addresses.csv": "ana.sol@w.example\nben.oak@w.example\nchi.anand@w.example\nDora.Elm@w.example\n",
    "emails.csv": (
        "email_id,inbox/outbox,sender/recipient,subject,sent_datetime,body\n"
        '00000000,inbox,ana.sol@w.example,Lunch plan,2023-11-01 09:00:00,"Hi,\nlunch at noon? Ana"\n'
        "00000001,inbox,ben.oak@w.example,Budget 50% (draft),2023-11-02 10:00:00,See the BUDGET file\n"
        "00000002,outbox,ana.sol@w.example,Re: lunch,2023-11-02 11:00:00,Yes\n"
        "00000003,inbox,nobody,Broken,2023-11-03 08:00:00,\n"
    ),
    "calendar_events.csv": (
        "event_id,event_name,participant_email,event_start,duration\n"
        "00000000,Sync (weekly),ana.sol@w.example,2023-12-01 09:00:00,30\n"
        "00000001,Review,ben.oak@w.example,2023-12-01 14:00:00,60\n"
        "00000002,sync,chi.anand@w.example,2023-12-04 09:00:00,90\n"
        "00000003,Planning,ana.sol@w.example,2023-12-05 11:00:00,60\n"
    ),
    "analytics_data.csv": (
        "date_of_visit,visitor_id,page_views,session_duration_seconds,traffic_source,user_engaged\n"
        "2023-11-02,0007,3,10,direct,True\n"
        "2023-11-01,0008,1,4,referral,False\n"
        "2023-11-01,0007,2,7,direct,True\n"
        "2023-11-03,0009,9,30,social media,False\n"
    ),
    "project_tasks.csv": (
        "task_id,task_name,assigned_to_email,list_name,due_date,board\n"
        "00000000,Fix login,ana.sol@w.example,Backlog,2023-12-01,Back end\n"
        "00000001,Fix logout,ben.oak@w.example,In Progress,2023-12-02,Back end\n"
        "00000002,Draw icon,ana.sol@w.example,In Review,2023-11-29,Design\n"
        "00000003,Style form,ben.oak@w.example,Completed,2023-11-28,Front end\n"
    ),
    "customer_relationship_manager_data.csv": (
        "customer_id,assigned_to_email,customer_name,customer_email,customer_phone,last_contact_date,product_interest,"
        "status,follow_up_by,notes\n"
        "00000000,chi.anand@w.example,Ida Moss,ida.moss@mossworks,,2023-11-30 23:59:00,Software,Lead,2023-12-20 23:59:00,\n"
        "00000001,chi.anand@w.example,Jon Fern,jon.fern@fernlabs,555-111-2222,2023-11-09 23:59:00,Hardware,Proposal,"
        "2023-12-10 23:59:00,Called.\n"
        "00000002,dora.elm@w.example,Kim Reed,kim.reed@reedcare,,2023-11-08 23:59:00,Software,Proposal,"
        "2023-12-01 23:59:00,\n"
        "00000003,dora.elm@w.example,Leo Rush,leo.rush@rushfoods,555-333-4444,2023-10-08 23:59:00,Services,Won,"
        "2023-11-01 23:59:00,Met.\n"
    ),
}


@cache
def tiny_company():
    with TemporaryDirectory() as folder:
        for name, text in FILES.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        return read_company(folder)


def call(name, **arguments):
    """A call as ground truths and models write it; a short name is completed."""
    return {"name": name, "arguments": json.dumps(arguments)}


def raw(name, arguments):
    return {"name": name, "arguments": arguments}
