"""The kinds of message, one a module. ``screener.mail.kinds`` lists them."""
