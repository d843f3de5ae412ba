"""The form itself: fields, the POST body, the page token; no page and no storage."""
