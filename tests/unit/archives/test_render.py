from __future__ import annotations

from datetime import datetime

from thywill_reconstruct.archives import render
from thywill_reconstruct.times import human_minute

MINUTE = human_minute("June 16 2025", "06:41") or 0

PRAYER = """\
Prayer 0f3a9c1e5b7d4c2288aa10b2c3d4e5f6 by Mary Johnson
Submitted June 16 2025 at 06:41
Project: health
Audience: all

Please pray for my mother: her surgery is Tuesday.

Thank you all.

Generated Prayer:
Lord, be near to Mary's mother.

Amen.

Activity:
June 16 2025 at 07:02 - Max prayed this prayer
June 20 2025 at 18:45 - Mary Johnson added testimony: She is home.
Praise God!
"""


def test_prayer_file() -> None:
    text = render.prayer_file(
        "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6",
        "Mary Johnson",
        MINUTE,
        "Please pray for my mother: her surgery is Tuesday.\n\nThank you all.",
        "Lord, be near to Mary's mother.\n\nAmen.",
        "health",
        "all",
    )
    text += render.activity_line(MINUTE + 21, "Max", render.PRAYED)
    later = human_minute("June 20 2025", "18:45") or 0
    text += render.activity_line(later, "Mary Johnson", render.testimony("She is home.\nPraise God!"))
    assert text == PRAYER


def test_categorized_header() -> None:
    values = ("0.9", '["medical"]', "health", "specific", "ai_full", "0.8")
    pairs = list(zip(render.CATEGORIZATION_KEYS, values, strict=True))
    text = render.prayer_file("9b1d", "ilyag", MINUTE, "x", None, categorization=pairs)
    assert text.split("\n\n")[0].split("\n")[2:] == [
        "Safety Score: 0.9",
        'Safety Flags: ["medical"]',
        "Category: health",
        "Specificity: specific",
        "Categorization Method: ai_full",
        "Categorization Confidence: 0.8",
    ]


def test_predicates() -> None:
    assert render.attribute_set("answered", "true") == "set answered to 'true'"
    assert render.attribute_set("answered", "true", "None") == "set answered from 'None' to 'true'"
    assert render.attribute_removed("archived", "true") == "removed archived (was 'true')"


def test_monthly_files() -> None:
    assert render.users_header(2025, 6) == "User Registrations for June 2025\n\n"
    assert render.registration_line(MINUTE, "ilyag", None) == "June 16 2025 at 06:41 - ilyag joined directly\n"
    invited = render.registration_line(MINUTE, "Max", "ilyag")
    assert invited == "June 16 2025 at 06:41 - Max joined on invitation from ilyag\n"
    log = (
        render.activity_header(2025, 6)
        + render.date_header(MINUTE)
        + render.log_line(MINUTE, "Max", "registered directly")
    )
    assert log == "Activity for June 2025\n\n\nJune 16 2025\n06:41 - Max registered directly\n"


def test_invite_usage() -> None:
    moment = datetime(2025, 7, 16, 9, 40, 10, 200000)
    assert render.invite_usage_header(2025, 7) + render.invite_usage_line(moment, "ab12", "", "Max") == (
        "Invite Token Usage for July 2025\nFormat: timestamp|token|used_by_user|created_by_user|action\n\n"
        "2025-07-16T09:40:10.200000|ab12||Max|token_used\n"
    )


def test_file_names() -> None:
    assert render.prayer_file_stem(MINUTE) == "2025_06_16_prayer_at_0641"
