"""Each rule that every page keeps is broken once: a page that keeps them all has no fault, and each other its own."""

from tests.support.page_rules import faults_of
from tests.support.page_rules import faults_of_desk

PAGE = """<!doctype html>
<html lang="en" dir="ltr"><head><title>A page</title><link rel="stylesheet" href="/static/page.css"></head><body>
<aside class="crisis"><p>Call 988 or 911.</p></aside>
<main id="main"><h1>A heading</h1><!-- a remark -->
<form method="post" action="/en/check"><input type="hidden" name="token" value="x">
<label for="age">Age</label><input id="age" name="age" aria-describedby="main">
<fieldset><legend>Told</legend><label><input type="radio" name="told" value="1"> Yes</label></fieldset>
<p><a href="#main">Up</a></p><button>Go on</button></form></main></body></html>
"""
#: What stands there instead, and what is then found.
PLANTED = (
    ("<p>Call", "<b><p>Call", "is not HTML"),
    (' dir="ltr"', "", "language and direction"),
    ("A page", " ", "no title"),
    ("<main", "<main></main><main", "one main part"),
    ("<button", "<button accesskey=g", "accesskey"),
    ("</h1>", "</h1><h1>Another</h1>", "2 h1"),
    ("</h1>", "</h1><h2> </h2>", "a heading is empty"),
    ("988", "", "the crisis block is missing"),
    ("</h1>", "</h1><script>x()</script>", "a script or style of its own"),
    ("<button", "<button onclick='x()'", "<button> carries"),
    ("<button", "<button style='x: y'", "<button> carries"),
    ('href="/static', 'href="//elsewhere.example', "<link> goes to another place"),
    ('action="/en', 'action="https://elsewhere.example/en', "<form> goes to another place"),
    ("#main", "javascript:x()", "a link is a script"),
    ('id="age"', 'id="main"', "the id main stands 2 times"),
    ("#main", "#nowhere", "names the id nowhere"),
    ('for="age"', "", "the field age has no label"),
    ("<legend>Told</legend>", "", "the choice told has no legend"),
    ('method="post"', "", "a form is not posted"),
    ("<button>Go on</button>", "", "a form has no button"),
)


def test_a_page_that_keeps_the_rules_has_no_fault() -> None:
    assert faults_of(PAGE) == []


def test_each_fault_is_found_alone() -> None:
    for right, wrong, fault in PLANTED:
        found = faults_of(PAGE.replace(right, wrong, 1))

        assert any(fault in each for each in found), (wrong, found)


def test_pages_of_the_desk_need_no_number_for_a_crisis() -> None:
    assert faults_of_desk(PAGE.replace("988", "")) == []
