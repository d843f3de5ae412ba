"""The screens of the packet: every screen that a participant can see, in order, and when it is shown.

``tests/packet/test_screens`` compares the list with the URL map and with the pages that the tests walk: a new page that
is not here fails the build.
"""

from collections.abc import Callable
from dataclasses import dataclass

from screener.packet import sample_answers as person
from screener.packet.renderer import PageRenderer
from screener.packet.renderer import list_unreadable_fields

INVENTED_ANSWERS = "The answers in it are invented."


@dataclass(frozen=True)
class PacketScreen:
    """One screen: its names, its address, when it is shown, and how it is rendered."""

    name: str
    title: str
    #: After the locale; empty where any address can lead to it.
    address: str
    when: str
    render: Callable[[PageRenderer], str]


SCREENS = (
    PacketScreen("start", "Start page", "/", "First, when a person opens the form.", lambda r: r.render_start(r.open)),
    PacketScreen(
        "about",
        "About the study",
        "/about",
        "When a person asks to read about the study first.",
        lambda r: r.render_text_page("about"),
    ),
    PacketScreen(
        "questions",
        "Step 1: questions",
        "/interest",
        "The first step, before anything is typed.",
        lambda r: r.render_blank_step("questions", r.open),
    ),
    PacketScreen(
        "questions to change",
        "Step 1: an answer is changed",
        "/interest",
        f"When a person presses Change on the check page. {INVENTED_ANSWERS}",
        lambda r: r.render_step("questions", person.all_answers(r.study), then="check"),
    ),
    PacketScreen(
        "questions with errors",
        "Step 1: answers cannot be read",
        "/check",
        "When answers cannot be read. The form does not say that an answer was a wrong one.",
        lambda r: r.render_refused_step("questions", person.wrong_answers(r.study)),
    ),
    PacketScreen(
        "questions that came spoilt",
        "Step 1: the page was spoilt on its way",
        "/check",
        "When a page was spoilt on its way: letters that cannot be read, or answers that came more than once.",
        lambda r: r.render_refused_step("questions", person.twice_answered(r.study), list_unreadable_fields(r)),
    ),
    PacketScreen(
        "contact",
        "Step 2: how to reach the person",
        "/contact",
        "The second step, before anything is typed.",
        lambda r: r.render_blank_step("contact", r.open),
    ),
    PacketScreen(
        "contact filled in",
        "Step 2: filled in",
        "/contact",
        f"The same, when a person comes back to it. {INVENTED_ANSWERS}",
        lambda r: r.render_step("contact", person.all_answers(r.study)),
    ),
    PacketScreen(
        "contact to change",
        "Step 2: something is changed",
        "/contact",
        f"When a person presses Change on the check page. {INVENTED_ANSWERS}",
        lambda r: r.render_step("contact", person.all_answers(r.study), then="check"),
    ),
    PacketScreen(
        "contact with errors",
        "Step 2: something is missing or cannot be read",
        "/check",
        "When a name is missing, or a number, an email or a choice cannot be read.",
        lambda r: r.render_refused_step("contact", person.wrong_contact(r.study)),
    ),
    PacketScreen(
        "contact with nobody to reach",
        "Step 2: no way to reach the person",
        "/check",
        "When neither a telephone number nor an email was given.",
        lambda r: r.render_refused_step("contact", person.NO_CONTACT_ROUTE),
    ),
    PacketScreen(
        "contact with too much text",
        "Step 2: too much text",
        "/check",
        "When a text is longer than the form has room for.",
        lambda r: r.render_refused_step("contact", person.long_contact(r.study)),
    ),
    PacketScreen(
        "permission",
        "Step 3: the OK",
        "/permission",
        "The third step, before a box is ticked.",
        lambda r: r.render_blank_step("permission", r.open),
    ),
    PacketScreen(
        "permission to change",
        "Step 3: the OK is changed",
        "/permission",
        "When a person presses Change on the check page; the box is ticked as they left it.",
        lambda r: r.render_step("permission", person.all_answers(r.study), then="check"),
    ),
    PacketScreen(
        "permission with errors",
        "Step 3: the OK is missing",
        "/check",
        "When the first box is not ticked.",
        lambda r: r.render_refused_step(
            "permission", person.form_pairs({**person.contact_answers(r.study), "adult_self": "0"})
        ),
    ),
    PacketScreen(
        "check",
        "Step 4: check the answers",
        "/check",
        f"The fourth step: everything once more, before it is sent. {INVENTED_ANSWERS}",
        lambda r: r.render_check(person.all_answers(r.study)),
    ),
    PacketScreen(
        "check, nothing answered",
        "Step 4: hardly anything answered",
        "/check",
        "The same for a person who gave only what is needed.",
        lambda r: r.render_check(person.least_answers(r.study)),
    ),
    PacketScreen(
        "check with a spoilt token",
        "Step 4: the page has to be sent again",
        "/received",
        "When a page can no longer be known as one of ours; it is sent by pressing the button again.",
        lambda r: r.render_check(person.least_answers(r.study), r.wording.errors.token),
    ),
    PacketScreen(
        "check while the inbox is away",
        "Step 4: the form could not be kept",
        "/received",
        "When the form could not be kept; nothing that was typed is lost.",
        lambda r: r.render_check(person.all_answers(r.study), *r.wording.error_pages.unavailable.body),
    ),
    PacketScreen(
        "received",
        "Received",
        "/received",
        "After the form was sent and kept. The reference is an example; each form has its own.",
        lambda r: r.render_received(),
    ),
    PacketScreen(
        "privacy",
        "Privacy",
        "/privacy",
        "When a person follows the link at the foot of a page.",
        lambda r: r.render_text_page("privacy"),
    ),
    PacketScreen(
        "accessibility",
        "Accessibility",
        "/accessibility",
        "When a person follows the link at the foot of a page.",
        lambda r: r.render_text_page("accessibility"),
    ),
    PacketScreen(
        "waitlist start",
        "Waiting list: start page",
        "/",
        "First, while the study has a waiting list and the form stays open. The day is an example.",
        lambda r: r.render_start(r.waitlist_availability()),
    ),
    PacketScreen(
        "waitlist",
        "Waiting list: step 1",
        "/interest",
        "The first step, while the study has a waiting list and the form stays open. The day is an example.",
        lambda r: r.render_blank_step("questions", r.waitlist_availability()),
    ),
    PacketScreen(
        "paused",
        "Closed for a time",
        "/",
        "While the site has closed the form for a time.",
        lambda r: r.render_notice("paused"),
    ),
    PacketScreen(
        "closed",
        "Closed",
        "/interest",
        "When the site has closed the form.",
        lambda r: r.render_notice("closed", "/interest"),
    ),
    PacketScreen(
        "not ready",
        "Not open",
        "/",
        "While something that the form needs is missing, such as an approval by the IRB that holds today.",
        lambda r: r.render_notice("not_ready"),
    ),
    PacketScreen(
        "sent while it was paused",
        "Received after the form was closed",
        "/received",
        "After a form was sent that had been opened before the site closed it. The reference is an example.",
        lambda r: r.render_received(late=True),
    ),
    PacketScreen(
        "sent long after it was paused",
        "Sent too long after it was closed for a time",
        "/received",
        "When the form was closed for longer than two hours. What was typed goes back to the person.",
        lambda r: r.render_kept("paused", person.all_answers(r.study)),
    ),
    PacketScreen(
        "sent long after it was closed",
        "Sent too long after it was closed",
        "/received",
        "The same, when the form was closed for good.",
        lambda r: r.render_kept("closed", person.all_answers(r.study)),
    ),
    PacketScreen(
        "unknown address",
        "Error page: no such page",
        "",
        "When there is no page at an address.",
        lambda r: r.render_error("not_found"),
    ),
    PacketScreen(
        "wrong method",
        "Error page: a page asked for in a wrong way",
        "",
        "When a page is asked for in a way that it does not know.",
        lambda r: r.render_error("method"),
    ),
    PacketScreen(
        "too much",
        "Error page: too much was sent",
        "/check",
        "When more is sent than the form can hold.",
        lambda r: r.render_error("too_large"),
    ),
    PacketScreen(
        "too long a header",
        "Error page: the browser sent too much beside the page",
        "",
        "When cookies or other headers of a browser are longer than the server reads.",
        lambda r: r.render_error("header"),
    ),
    PacketScreen(
        "the server is away",
        "Error page: the form does not answer",
        "",
        "When the proxy in front of the form gets no answer from it.",
        lambda r: r.render_error("unreachable"),
    ),
    PacketScreen(
        "another kind of content",
        "Error page: not a page of this form",
        "/check",
        "When what was sent is not a page of this form.",
        lambda r: r.render_error("wrong_type"),
    ),
    PacketScreen(
        "too often",
        "Error page: too many forms at once",
        "/received",
        "When very many forms come from one network. What was typed stays in the page.",
        lambda r: r.render_kept("busy", person.all_answers(r.study)),
    ),
    PacketScreen(
        "a defect of ours",
        "Error page: our program failed",
        "/received",
        "When our program failed. What was typed stays in the page.",
        lambda r: r.render_kept("failed", person.all_answers(r.study)),
    ),
    PacketScreen(
        "sent without keys",
        "Error page: the form cannot be taken",
        "/check",
        "When the form cannot be sealed. What was typed stays in the page.",
        lambda r: r.render_kept("unavailable", person.all_answers(r.study), "check"),
    ),
)
